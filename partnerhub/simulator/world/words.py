"""Word lists of the generated world, by language. Only data; everything invented or everyday vocabulary."""

from __future__ import annotations

# fmt: off
# The formatter would give every word a line of its own.

STEM_PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "de": (
        ("Linden", "Falken", "Birken", "Hasel", "Elster", "Mühl", "Grün", "Kron", "Eichen", "Rösl", "Wach", "Spär", "Kiebitz",
         "Ahorn", "Brumm", "Dachs", "Ginster", "Holunder", "Iller", "Jaspis", "Kloster", "Löwen", "Möwen", "Ulmen"),
        ("huber", "werk", "feld", "bach", "stern", "brück", "hain", "röder", "mark", "tal", "horst", "loh", "kamp", "winkel"),
    ),
    "fr": (
        ("Clair", "Beau", "Mont", "Val", "Roche", "Pré", "Lumi", "Béné", "Fleur", "Chêne", "Étoi", "Grand", "Mer", "Orval"),
        ("vigne", "lanc", "ronde", "sac", "mère", "tière", "fontaine", "garde", "clos", "rivage", "ligny", "mesnil"),
    ),
    "es": (
        ("Alta", "Monte", "Río", "Val", "Sol", "Nuño", "Cima", "Peña", "Oliva", "Brisa", "Luna", "Faro", "Sierra"),
        ("mira", "nueva", "blanca", "verde", "dor", "quero", "cañón", "tierra", "mayor", "lindo", "franco", "vela"),
    ),
    "it": (
        ("Monte", "Campo", "Bel", "Chiara", "Font", "Verd", "Oro", "Stella", "Riva", "Alba", "Torre", "Luce"),
        ("luce", "nuovo", "vento", "mare", "alta", "forte", "serra", "lago", "mondo", "bosco", "ponte", "fiore"),
    ),
    "nl": (
        ("Water", "Molen", "Veen", "Duin", "Zand", "Klaver", "Eem", "Linge", "Wilgen", "Beuken", "Horst", "Kraai"),
        ("veld", "stroom", "dijk", "huis", "bosch", "meer", "kwartier", "zicht", "hoek", "rijk", "mond", "gaard"),
    ),
    "pl": (
        ("Wiśnio", "Zielo", "Jasno", "Biało", "Kłos", "Dębo", "Sosno", "Brzo", "Księ", "Złoto", "Gwiaz", "Wierz"),
        ("wola", "pole", "grodzki", "mir", "dom", "brzeg", "tech", "lipa", "stok", "łąka", "krąg", "wita"),
    ),
    "en": (
        ("Ash", "Bright", "Copper", "Dunn", "Elder", "Fern", "Gran", "Hollow", "Iron", "Kestrel", "Lark", "Maple", "North",
         "Otter", "Pine", "Quill", "Raven", "Silver", "Thistle", "Umber", "Vale", "Wren", "Yarrow", "Harbor"),
        ("bridge", "field", "wick", "mere", "gate", "worth", "stone", "brook", "combe", "ridge", "haven", "marsh", "forge", "lea"),
    ),
    "sv": (
        ("Björk", "Sjö", "Nord", "Gran", "Älv", "Ek", "Sten", "Mård", "Lind", "Häll", "Tall", "Örn"),
        ("lund", "vik", "holm", "bäck", "ström", "åker", "näs", "torp", "berga", "fors", "dal", "hed"),
    ),
    "pt": (
        ("Mar", "Serra", "Alto", "Vila", "Campo", "Ponte", "Lume", "Areia", "Folha", "Vento"),
        ("azul", "claro", "nova", "verde", "ção", "douro", "branca", "mar", "forte", "velho"),
    ),
    "el": (
        ("Ανα", "Θαλα", "Φωτο", "Κυμα", "Ηλιο", "Νεφε", "Αστρο", "Δελτα"),
        ("τεχνη", "δομη", "λυση", "ροη", "πολις", "νησος", "μορφη", "κινηση"),
    ),
    "uk": (
        ("Зоре", "Калино", "Світло", "Дніпро", "Вишне", "Степо", "Полі", "Верхо"),
        ("град", "вир", "поле", "слав", "буд", "тех", "лан", "краса"),
    ),
    "ja": (
        ("青", "緑", "北", "西", "高", "白", "竹", "松", "梅", "朝"),
        ("野", "川", "山", "原", "島", "橋", "浜", "谷"),
    ),
}
JAPANESE_READINGS = {
    "青": "Ao", "緑": "Midori", "北": "Kita", "西": "Nishi", "高": "Taka", "白": "Shiro", "竹": "Take", "松": "Matsu",
    "梅": "Ume", "朝": "Asa", "野": "no", "川": "kawa", "山": "yama", "原": "hara", "島": "shima", "橋": "hashi",
    "浜": "hama", "谷": "tani", "システム": " System", "物流": " Logistics", "教育": " Education", "研究所": " Institute",
}
LINK_SYLLABLES = (
    "ver", "tan", "mor", "lis", "ken", "dar", "nov", "sel", "bor", "fin", "gul", "hem", "jor", "kal", "pex", "riv", "tus", "zan",
)
TRADES: dict[str, tuple[str, ...]] = {
    "de": ("Systemhaus", "Beratung", "Software", "Bildungswerk", "Logistik", "Medizintechnik", "IT-Dienste", "Sozialwerk",
           "Akademie", "Energietechnik", "Datenservice", "Gebäudetechnik", "Verlag", "Automation"),
    "fr": ("Conseil", "Informatique", "Formation", "Logiciels", "Ingénierie", "Services", "Santé", "Énergies", "Réseaux"),
    "es": ("Consultores", "Sistemas", "Formación", "Logística", "Ingeniería", "Soluciones", "Salud", "Energía"),
    "it": ("Consulenza", "Sistemi", "Formazione", "Logistica", "Ingegneria", "Servizi", "Salute", "Energia"),
    "nl": ("Advies", "Automatisering", "Opleidingen", "Logistiek", "Techniek", "Zorg", "Diensten", "Energie"),
    "pl": ("Doradztwo", "Systemy", "Szkolenia", "Logistyka", "Inżynieria", "Usługi", "Zdrowie", "Energia"),
    "en": ("Systems", "Consulting", "Community Trust", "Housing", "Health", "Analytics", "Logistics", "Learning", "Software",
           "Engineering", "Networks", "Advisory", "Care Services", "Robotics"),
    "sv": ("Konsult", "System", "Utbildning", "Logistik", "Teknik", "Vård", "Energi"),
    "pt": ("Consultoria", "Sistemas", "Formação", "Logística", "Engenharia", "Serviços", "Saúde"),
    "el": ("Συστηματα", "Συμβουλοι", "Λογισμικο"),
    "uk": ("Системи", "Логістика", "Консалтинг"),
    "ja": ("システム", "物流", "教育", "研究所"),
}
LONG_NAMES: dict[str, tuple[str, ...]] = {
    "de": ("Institut für {adj} Bildung {stem}", "Gesellschaft für {adj} Beratung {stem}", "Verband für {adj} Dienste {stem}"),
    "fr": ("Institut de Formation {adj} {stem}", "Centre de Recherche {adj} {stem}", "Association pour l'Action {adj} {stem}"),
    "es": ("Centro de Estudios {adj} {stem}", "Instituto de Formación {adj} {stem}"),
    "it": ("Istituto di Ricerca {adj} {stem}", "Centro di Studi {adj} {stem}"),
    "nl": ("Instituut voor {adj} Zorg {stem}", "Centrum voor {adj} Onderwijs {stem}"),
    "pl": ("Instytut Badań {adj} {stem}", "Centrum Rozwoju {adj} {stem}"),
    "en": ("{stem} Institute of {adj} Learning", "{stem} Centre for {adj} Health", "{stem} {adj} Services Alliance"),
    "sv": ("Institutet för {adj} Utveckling {stem}",),
    "pt": ("Instituto de Pesquisa {adj} {stem}",),
}
ADJECTIVES: dict[str, tuple[str, ...]] = {
    "de": ("Digitale", "Soziale", "Technische", "Berufliche", "Regionale"),
    "fr": ("Numérique", "Sociale", "Technique", "Régionale"),
    "es": ("Digitales", "Sociales", "Técnicos"),
    "it": ("Digitale", "Sociale", "Tecnica"),
    "nl": ("Digitale", "Sociale", "Regionale"),
    "pl": ("Cyfrowego", "Społecznych", "Technicznych"),
    "en": ("Digital", "Applied", "Rural", "Urban", "Technical"),
    "sv": ("Digital", "Social", "Regional"),
    "pt": ("Digital", "Social", "Aplicada"),
}
ABBREVIATIONS = {
    "Gesellschaft": "Ges.", "Institut": "Inst.", "Institute": "Inst.", "Association": "Assoc.", "Community": "Comm.",
    "Services": "Svcs", "Consulting": "Cons.", "Engineering": "Eng.", "Ingénierie": "Ing.", "Systemhaus": "Syst.-Haus",
    "Centre": "Ctr", "Centro": "Ctro.", "Logistics": "Log.", "Logistik": "Log.", "Beratung": "Berat.",
}
GIVEN_NAMES: dict[str, tuple[str, ...]] = {
    "de": ("Anna", "Jürgen", "Katharina", "Lukas", "Sabine", "Jörg", "Birgit", "Felix", "Heike", "Matthias", "Ute", "Björn"),
    "fr": ("Amélie", "Benoît", "Chloé", "François", "Hélène", "Luc", "Noémie", "Thierry", "Élodie", "Mathieu"),
    "es": ("Lucía", "Javier", "Sofía", "Andrés", "María José", "Íñigo", "Carmen", "Raúl", "Begoña"),
    "it": ("Giulia", "Marco", "Chiara", "Niccolò", "Elena", "Davide", "Francesca", "Andrea"),
    "nl": ("Sanne", "Daan", "Femke", "Pieter", "Lieke", "Joris", "Anouk", "Bram"),
    "pl": ("Małgorzata", "Paweł", "Agnieszka", "Łukasz", "Zofia", "Michał", "Ewa", "Krzysztof"),
    "en": ("Alice", "James", "Grace", "Oliver", "Hannah", "Liam", "Priya", "Samuel", "Chidi", "Megan", "Tom", "Wei"),
    "sv": ("Åsa", "Erik", "Linnéa", "Göran", "Elsa", "Nils", "Maja"),
    "pt": ("Inês", "João", "Beatriz", "Tiago", "Conceição", "Rui"),
    "el": ("Eleni", "Giorgos", "Sofia", "Nikos"),
    "uk": ("Olena", "Taras", "Iryna", "Andriy"),
    "ja": ("Yuki", "Haruto", "Aiko", "Kenji"),
}
FAMILY_NAMES: dict[str, tuple[str, ...]] = {
    "de": ("Schäfer", "Brandt", "Köhler", "Vogt", "Weiß", "Lindner", "Krüger", "Böhm", "Seidel", "Pfeiffer", "Hartwig", "Jahnke"),
    "fr": ("Lefèvre", "Moreau", "Girard", "Bonnet", "Chevalier", "Perrin", "Gauthier", "Rousseau", "Besançon"),
    "es": ("García Vela", "Núñez", "Ortega", "Ibáñez", "Castaño", "Molina", "Peña", "Zubizarreta"),
    "it": ("Ricci", "Fontana", "De Luca", "Moretti", "Galli", "Ferrara", "Rinaldi", "D'Amico"),
    "nl": ("de Vries", "van den Berg", "Bakker", "Smit", "Mulder", "Hoekstra", "ter Horst"),
    "pl": ("Wójcik", "Kowalczyk", "Zieliński", "Dąbrowska", "Król", "Wróbel", "Żak"),
    "en": ("Hughes", "O'Connor", "Patel", "Bennett", "Clarke", "Okafor", "Reyes", "Whitfield", "Lee", "Abrams", "McKay", "Stone"),
    "sv": ("Lindqvist", "Åkesson", "Bergström", "Nyström", "Sjögren", "Ek"),
    "pt": ("Gonçalves", "Ferreira", "Araújo", "Magalhães", "Leitão"),
    "el": ("Papadaki", "Nikolaidis", "Vlachou", "Economou"),
    "uk": ("Shevchuk", "Kovalenko", "Melnyk", "Bondar"),
    "ja": ("Tanaka", "Fujimoto", "Sasaki", "Okada"),
}
TITLES = (
    "Managing Director", "Partner Manager", "Head of Delivery", "Project Manager", "Office Manager", "CTO", "Sales Lead",
    "Geschäftsführung", "Vertrieb", "Directrice", "Responsable", "Coordinator",
)
INDUSTRIES = (
    "COMPUTER_SOFTWARE", "INFORMATION_TECHNOLOGY_AND_SERVICES", "MANAGEMENT_CONSULTING", "NON_PROFIT_ORGANIZATION_MANAGEMENT",
    "HOSPITAL_HEALTH_CARE", "EDUCATION_MANAGEMENT", "LOGISTICS_AND_SUPPLY_CHAIN", "RENEWABLES_ENVIRONMENT",
)
FREE_MAIL: dict[str, tuple[str, ...]] = {
    "de": ("gmx.de", "web.de", "gmail.com", "t-online.de", "outlook.com"),
    "fr": ("orange.fr", "gmail.com", "laposte.net"),
    "it": ("libero.it", "gmail.com"),
    "pl": ("wp.pl", "gmail.com"),
    "en": ("gmail.com", "outlook.com", "yahoo.com", "hotmail.com", "icloud.com"),
}
FREE_MAIL_ELSEWHERE = ("gmail.com", "outlook.com", "hotmail.com")
SERVICES = (
    "Implementation", "Training", "Support", "Integration", "Data migration", "Beratung", "Schulung", "Hosting", "Referrals",
    "Community outreach", "Translation", "Hardware",
)
NEWSLETTER_NAMES = (
    "Weekly", "Digest", "Dispatch", "Bulletin", "Brief", "Rundschau", "Courier", "Observer", "Insider", "Gazette", "Radar",
    "Monitor", "Kurier", "Review", "Update", "Signal",
)
SUPPLIER_TRADES = ("Office Supplies", "Cleaning", "Printing", "Catering", "Travel", "Hosting", "Bürobedarf", "Druckerei", "Papeterie")
