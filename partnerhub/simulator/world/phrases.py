"""What people write in mails and notes, by language. Only data."""

from __future__ import annotations

from typing import NamedTuple


class Phrases(NamedTuple):
    """Building blocks of mails in one language. `{topic}` and `{name}` are filled in."""

    subjects: tuple[str, ...]
    greetings: tuple[str, ...]
    sentences: tuple[str, ...]
    replies: tuple[str, ...]
    closings: tuple[str, ...]
    quote_line: str
    reply_prefix: str
    away: str


TOPICS = (
    "the joint workshop",
    "the onboarding plan",
    "the support contract",
    "the spring campaign",
    "the API integration",
    "the training materials",
    "the referral agreement",
    "the pilot in two schools",
    "the data export",
    "the price list",
    "the service catalogue",
    "the renewal",
    "the case study",
    "the intake form",
    "the regional meetup",
    "the licence count",
)
THEMEN = (
    "dem gemeinsamen Workshop",
    "der Einführung",
    "dem Wartungsvertrag",
    "der Schnittstelle",
    "den Schulungsunterlagen",
    "dem Pilotprojekt",
    "der Preisliste",
    "der Verlängerung",
    "dem Datenexport",
    "der Fachtagung",
    "dem Leistungskatalog",
)
SUJETS = (
    "l'atelier commun",
    "le contrat de maintenance",
    "l'intégration",
    "la formation",
    "le renouvellement",
    "le projet pilote",
    "la liste de prix",
    "l'export des données",
)
TEMAS = (
    "el taller conjunto",
    "el contrato de soporte",
    "la integración",
    "la formación",
    "la renovación",
    "el proyecto piloto",
    "la lista de precios",
    "la exportación de datos",
)

ENGLISH = Phrases(
    subjects=(
        "About {topic}",
        "Question on {topic}",
        "Next steps: {topic}",
        "{topic}: draft for review",
        "Quick call on {topic}?",
        "Dates for {topic}",
        "Update on {topic}",
    ),
    greetings=("Hi {name},", "Hello {name},", "Dear {name},", "Good morning {name},"),
    sentences=(
        "I have looked at {topic} again and have two open points.",
        "Could you send me the latest numbers on {topic} by Friday?",
        "We would like to start in the second week of next month.",
        "Our team can take over the first part, if you cover the rest.",
        "The budget was approved this morning, so nothing stands in the way.",
        "There is still a question about who signs for your side.",
        "Twelve people have registered so far, three more than last year.",
        "I attach nothing this time; everything is in the shared folder.",
        "Please keep the delivery date in mind, our customer will not move it.",
        "We had a good talk with the region and they want to join.",
        "The first results look better than we expected.",
        "One of the two servers was down over the weekend, but no data was lost.",
        "Would Tuesday at ten work for a short call?",
        "It would help us to know which services you want to list.",
    ),
    replies=(
        "Thanks for the quick answer.",
        "That works for us.",
        "Let me check with my colleagues and come back to you.",
        "Good point, I had missed that.",
        "Tuesday is fine.",
        "I am afraid we need one more week.",
        "Agreed, please go ahead.",
    ),
    closings=("Best regards", "Kind regards", "Best", "Many thanks"),
    quote_line="On {date}, {sender} wrote:",
    reply_prefix="Re: ",
    away="I am out of the office until {date} and will read your message when I am back.",
)
GERMAN = Phrases(
    subjects=(
        "Frage zu {topic}",
        "Nächste Schritte bei {topic}",
        "Termin zu {topic}",
        "Entwurf zu {topic}",
        "Kurze Rückmeldung zu {topic}",
        "Unterlagen zu {topic}",
    ),
    greetings=("Hallo {name},", "Guten Tag {name},", "Liebe/r {name},", "Guten Morgen {name},"),
    sentences=(
        "ich habe mir den Stand noch einmal angesehen und zwei offene Punkte gefunden.",
        "könnten Sie mir bis Freitag die aktuellen Zahlen zu {topic} schicken?",
        "Wir würden gern in der zweiten Woche des nächsten Monats beginnen.",
        "Unser Team übernimmt den ersten Teil, wenn Sie den Rest abdecken.",
        "Das Budget ist seit heute früh bewilligt.",
        "Offen ist noch, wer auf Ihrer Seite unterschreibt.",
        "Bisher haben sich zwölf Personen angemeldet, drei mehr als im Vorjahr.",
        "Bitte behalten Sie den Liefertermin im Auge, der Kunde verschiebt ihn nicht.",
        "Die ersten Ergebnisse sehen besser aus als erwartet.",
        "Würde Ihnen Dienstag um zehn Uhr für ein kurzes Gespräch passen?",
        "Für den Katalog müssten wir wissen, welche Leistungen Sie anbieten möchten.",
        "Am Wochenende war ein Server ausgefallen, Daten sind aber keine verloren gegangen.",
    ),
    replies=(
        "Danke für die schnelle Antwort.",
        "Das passt für uns.",
        "Ich stimme mich intern ab und melde mich.",
        "Guter Hinweis, das hatte ich übersehen.",
        "Dienstag ist in Ordnung.",
        "Wir brauchen leider eine Woche länger.",
        "Einverstanden, bitte legen Sie los.",
    ),
    closings=("Mit freundlichen Grüßen", "Viele Grüße", "Beste Grüße", "Herzliche Grüße"),
    quote_line="Am {date} schrieb {sender}:",
    reply_prefix="AW: ",
    away="Ich bin bis zum {date} nicht im Büro und lese Ihre Nachricht nach meiner Rückkehr.",
)
FRENCH = Phrases(
    subjects=(
        "Question sur {topic}",
        "Suite à donner : {topic}",
        "Rendez-vous pour {topic}",
        "Point sur {topic}",
    ),
    greetings=("Bonjour {name},", "Cher/Chère {name},"),
    sentences=(
        "j'ai relu le dossier et il reste deux points à régler.",
        "Pourriez-vous m'envoyer les chiffres sur {topic} avant vendredi ?",
        "Nous souhaitons commencer la deuxième semaine du mois prochain.",
        "Notre équipe peut prendre en charge la première partie.",
        "Le budget a été validé ce matin.",
        "Douze personnes se sont déjà inscrites, trois de plus que l'an dernier.",
        "Mardi à dix heures vous conviendrait-il pour un court appel ?",
        "Les premiers résultats sont meilleurs que prévu.",
        "Il nous faudrait la liste des services que vous proposez.",
    ),
    replies=(
        "Merci pour votre réponse rapide.",
        "Cela nous convient.",
        "Je vérifie en interne et je reviens vers vous.",
        "Il nous faut malheureusement une semaine de plus.",
        "D'accord, allez-y.",
    ),
    closings=("Cordialement", "Bien à vous", "Bien cordialement"),
    quote_line="Le {date}, {sender} a écrit :",
    reply_prefix="RE: ",
    away="Je suis absent(e) du bureau jusqu'au {date} et lirai votre message à mon retour.",
)
SPANISH = Phrases(
    subjects=("Consulta sobre {topic}", "Próximos pasos: {topic}", "Reunión sobre {topic}"),
    greetings=("Hola {name}:", "Buenos días, {name}:", "Estimado/a {name}:"),
    sentences=(
        "he revisado la propuesta y quedan dos puntos abiertos.",
        "¿Podría enviarme las cifras sobre {topic} antes del viernes?",
        "Nos gustaría empezar la segunda semana del mes que viene.",
        "Nuestro equipo puede encargarse de la primera parte.",
        "El presupuesto se aprobó esta mañana.",
        "Ya se han inscrito doce personas, tres más que el año pasado.",
        "¿Le viene bien el martes a las diez para una llamada corta?",
        "Los primeros resultados son mejores de lo esperado.",
    ),
    replies=(
        "Gracias por la respuesta tan rápida.",
        "Nos parece bien.",
        "Lo consulto con mis compañeros y le digo algo.",
        "Necesitamos una semana más.",
        "De acuerdo, adelante.",
    ),
    closings=("Un saludo", "Saludos cordiales", "Atentamente"),
    quote_line="El {date}, {sender} escribió:",
    reply_prefix="RE: ",
    away="Estaré fuera de la oficina hasta el {date} y leeré su mensaje a mi regreso.",
)
BY_LANGUAGE: dict[str, tuple[Phrases, tuple[str, ...]]] = {
    "en": (ENGLISH, TOPICS),
    "de": (GERMAN, THEMEN),
    "fr": (FRENCH, SUJETS),
    "es": (SPANISH, TEMAS),
}
INTERNAL_SUBJECTS = (
    "Team lunch on Thursday",
    "Holiday plan",
    "Printer on the second floor",
    "Minutes of the Monday round",
    "New coffee machine",
    "Quarter numbers, first look",
    "Who takes the front desk?",
    "Parking during the street works",
    "Welcome, new colleague",
)
INTERNAL_TEXTS = (
    "Please add your dates to the list by tomorrow evening.",
    "The room is booked from eleven, bring your own cup.",
    "I put the minutes into the folder, shout if I got something wrong.",
    "Does anybody know who has the key?",
    "We are slightly ahead of plan; details in the round on Monday.",
)
PRIVATE_SUBJECTS = (
    "Dinner on Saturday?",
    "Your flat viewing",
    "Fotos vom Wochenende",
    "Chess club",
    "Geburtstag",
    "Lost scarf",
)
PRIVATE_TEXTS = (
    "Are we still on for Saturday? I could bring the salad.",
    "Die Fotos sind fertig, ich schicke dir den Link später.",
    "The viewing is at six, please ring the bell twice.",
    "Did I leave my scarf at your place?",
)
NEWS_SUBJECTS = (
    "Issue {number}: what moved this week",
    "{number} things to know",
    "Your monthly overview, no. {number}",
    "Neues aus der Branche, Ausgabe {number}",
)
NEWS_TEXTS = (
    "This week: new funding rules, a look at three regional projects, and an interview about digital learning.",
    "In dieser Ausgabe: neue Förderlinien, drei Projekte aus den Regionen und ein Gespräch über digitale Bildung.",
    "Markets were calm, software prices were not. Read on for the table of the month.",
)
NOTE_TEXTS = (
    "Spoke at length about {topic}; they will send a list of names.",
    "Left a message, asked to call back after the holidays.",
    "Wants to be listed with two more services.",
    "New address from next quarter, see website.",
    "Good fit for the referral programme; budget decided in autumn.",
    "Not reachable, try again next week.",
    "Asked for a reference customer in the region.",
    "Contract draft went out today.",
)
TASK_SUBJECTS = ("Send price list", "Call back", "Prepare review", "Check contract dates", "Invite to meetup")
TICKET_SUBJECTS = (
    "Login fails after update",
    "Export is empty",
    "Wrong invoice address",
    "Training access for two people",
)
