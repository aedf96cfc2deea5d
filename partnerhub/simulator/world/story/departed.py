"""A partner manager who left: fourteen partners without an owner (one is Brightwater), most held by one person."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from partnerhub.simulator.world.decks import Deck, Slide
from partnerhub.simulator.world.delivery import next_key
from partnerhub.simulator.world.model import Human, Org, Staff
from partnerhub.simulator.world.naming import slug
from partnerhub.simulator.world.projects import Comment, Issue
from partnerhub.simulator.world.sales import SalesContract
from partnerhub.simulator.world.sales_ids import sales_id
from partnerhub.simulator.world.story.stage import Stage

MANAGER, LEFT_DAYS = "Dana Whitlock", 41


class Held(NamedTuple):
    """One of the manager's partners. people: name and title; days: since the last word. ends: days until renewal."""

    name: str
    domain: str
    place: tuple[str, ...]
    tier: str
    people: tuple[tuple[str, str], ...]
    days: int
    ends: int
    value: int
    note: str
    word: str


HELD: tuple[Held, ...] = (
    Held("Alder & Finch Advisory", "alderfinch.com",
         ("77 Congress Street", "02109", "Boston", "MA", "US", "+1 617 555 0121"),
         "Gold", (("Rebecca Alder", "Managing Partner"),), 63, 150, 120_000,
         "Rebecca decides alone and dislikes forms. Agreed by phone: two joint bids this half-year.",
         "Dana, the county has shortlisted us for the second bid. I need your reference sheet by the 15th. Rebecca"),
    Held("Nordlys Velferd AB", "nordlysvelferd.se",
         ("Storgatan 40", "411 38", "Göteborg", "Västra Götaland", "SE", "+46 31 711 20 44"),
         "Silver", (("Karin Sjögren", "Head of Delivery"),), 71, 88, 64_000,
         "Karin runs delivery for all four towns. Holiday cover is nobody. Asked her twice for a second name.",
         "Hej Dana, the four towns are live. Our new colleague starts next month, I will introduce her then. Karin"),
    Held("Cassia Health Partners", "cassiahealth.org",
         ("210 Baronne Street", "70112", "New Orleans", "LA", "US", "+1 504 555 0162"),
         "Silver", (("Denise Baptiste", "Program Director"),), 49, 12, 58_000,
         "Denise wants the renewal with a price cap. Dana promised to ask finance; no answer noted.",
         "Hi Dana, before we renew I need the price cap in writing, as we said on the phone. Denise"),
    Held("Werkbank Bildung gGmbH", "werkbank-bildung.de",
         ("Karl-Heine-Straße 93", "04229", "Leipzig", "Sachsen", "DE", "+49 341 2518840"),
         "Bronze", (("Holger Jahnke", "Projektleitung"),), 95, 210, 18_000,
         "Holger is the only one with a login. Workshop in Leipzig was full, wants a second date.",
         "Hallo Dana, der zweite Termin wäre in vier Wochen möglich. Wer kommt von eurer Seite? Holger"),
    Held("Tideline Housing Trust", "tidelinehousing.org.uk",
         ("12 Marine Parade", "BN2 1TL", "Brighton", "East Sussex", "GB", "+44 1273 555210"),
         "Gold", (("Sunita Rao", "Director of Services"), ("Mark Ellery", "Data Lead")), 44, 61, 95_000,
         "Sunita for contracts, Mark for data. Both came to the spring review; the only account with two people.",
         "Dana, Mark has finished the mapping. We are ready for the second estate whenever you are. Sunita"),
    Held("Bureau Oudegracht", "bureau-oudegracht.nl",
         ("Oudegracht 211", "3511 NH", "Utrecht", "Utrecht", "NL", "+31 30 231 6650"),
         "Bronze", (("Femke Hoekstra", "Advisor"),), 120, 300, 12_000,
         "Femke works three days a week. Translates our one-pagers without being asked.",
         "Hoi Dana, the Dutch one-pager is done. Do you want the source file too? Femke"),
    Held("Pólya Adatműhely", "polya-adat.eu",
         ("Dorotheergasse 6", "1010", "Wien", "Wien", "AT", "+43 1 5123907"),
         "Silver", (("Gábor Szalai", "CTO"),), 58, 120, 40_000,
         "Gábor built the connector himself and maintains it at night. Asked for an engineer to talk to.",
         "Dana, the connector breaks when your field names change. Please tell me before, not after. Gábor"),
    Held("Casa Amparo Servicios", "casaamparo.es",
         ("Calle de la Paz 30", "46003", "Valencia", "Comunidad Valenciana", "ES", "+34 963 52 18 40"),
         "Bronze", (("Begoña Peña", "Directora"),), 83, 175, 22_000,
         "Begoña signs, pays and answers. Her board meets in Valencia every second month.",
         "Hola Dana, la junta aprobó la ampliación. Necesito el contrato en español. Begoña"),
    Held("Greywether Systems", "greywether.io",
         ("5 Lister Lane", "BD1 3AH", "Bradford", "West Yorkshire", "GB", "+44 1274 555019"),
         "Gold", (("Owen Pryce", "Founder"),), 52, 45, 180_000,
         "Owen registers deals by mail because the form times out for him. Three of them are not in the system.",
         "Hi Dana, three registrations attached to this thread since spring. Are they in? Owen"),
    Held("Lumen Rivage Conseil", "lumen-rivage.fr",
         ("18 quai de la Fosse", "44000", "Nantes", "Pays de la Loire", "FR", "+33 2 61 91 27 30"),
         "Silver", (("Thierry Gauthier", "Associé"), ("Noémie Perrin", "Chef de projet")), 66, 140, 52_000,
         "Thierry sells, Noémie delivers. They want the training in French or not at all.",
         "Bonjour Dana, Noémie a certifié deux personnes. À quand le support en français ? Thierry"),
    Held("Sable Point Analytics", "sablepoint.com",
         ("640 Howard Street", "94105", "San Francisco", "CA", "US", "+1 415 555 0177"),
         "Silver", (("Grace Whitfield", "VP Partnerships"),), 47, 10, 75_000,
         "Grace is new since spring and has no history with us. Old agreement names her predecessor.",
         "Dana, who signs on your side now? Our legal wants one name before the renewal date. Grace"),
    Held("Kuvert Digital AG", "kuvert-digital.ch",
         ("Zentralstrasse 55", "8003", "Zürich", "ZH", "CH", "+41 44 451 22 70"),
         "Gold", (("Reto Ammann", "Partner Manager"),), 77, 95, 110_000,
         "Reto shares his pipeline openly and expects the same. Quarterly call was cancelled by us twice.",
         "Hallo Dana, der Quartalstermin ist zum zweiten Mal ausgefallen. Bitte ein neuer Vorschlag. Reto"),
    Held("Ridgeline Volunteer Network", "ridgelinevolunteers.org",
         ("1401 Larimer Street", "80202", "Denver", "CO", "US", "+1 303 555 0119"),
         "Bronze", (("Alicia Reyes", "Coordinator"),), 54, 200, 15_000,
         "Alicia coordinates 300 volunteers from one spreadsheet. Import was promised before the season.",
         "Hi Dana, is the import still planned? Our volunteers start again in two weeks. Alicia"),
)  # fmt: skip


class Departed(NamedTuple):
    """The manager, the partners besides Brightwater, and the deck that is damaged."""

    manager: Staff
    partners: list[Org]
    people: dict[str, list[Human]]
    damaged: Deck


def hire(stage: Stage) -> Staff:
    """The manager, who has left since."""
    return stage.staff(MANAGER, left_days=LEFT_DAYS)


def tell(stage: Stage, manager: Staff) -> Departed:
    """Place the thirteen partners that are not Brightwater, and one damaged review."""
    partners: list[Org] = []
    people: dict[str, list[Human]] = {}
    for held in HELD:
        org = stage.org("partner", held.name, [held.domain], held.place, tier=held.tier, owner_id=manager.id)
        people[org.id] = [
            stage.human(org, name, address_at(name, held.domain), title) for name, title in held.people
        ]
        keep(stage, org, held, people[org.id], manager)
        partners.append(org)
    slow_form(stage, partners[8])
    return Departed(manager, partners, people, damaged_deck(stage, partners[4]))


def address_at(name: str, domain: str) -> str:
    """An address as these organizations write it."""
    return f"{slug(name).replace('-', '.')}@{domain}"


def keep(stage: Stage, org: Org, held: Held, people: list[Human], manager: Staff) -> None:
    """What the tools hold of one partner: company, account, agreement, a note, and the last mail, never answered."""
    stage.company(org, days=held.days + 20)
    currency = {"US": "USD", "GB": "GBP", "CH": "CHF", "SE": "SEK"}.get(org.country, "EUR")
    account = stage.account(org, days=held.days, annual_value_minor=100 * held.value, currency=currency)
    for human in people:
        stage.contact(human, account, days=held.days)
    ends = (stage.world.now + timedelta(days=held.ends)).date()
    contract = SalesContract(
        id=sales_id("contract", stage.number()),
        org_id=org.id,
        account_id=account.id,
        number=f"{90_100 + len(stage.world.sales.contracts):08d}",
        status="Activated",
        starts_on=ends - timedelta(days=364),
        ends_on=ends,
        term_months=12,
        owner_id=manager.id,
        special_terms=None,
        created_at=stage.ago(380 - held.ends),
        modified_at=stage.ago(380 - held.ends),
    )
    stage.world.sales.contracts[contract.id] = contract
    noted = max(held.days + 6, LEFT_DAYS + 5)
    stage.log(org, "note", "", held.note, stage.ago(noted, 15), people)
    stage.log(org, "call", f"Call with {people[0].given_name}", held.note, stage.ago(noted + 30, 11), people)
    nora = stage.world.staff["owner-1"]
    stage.mail(
        org,
        people[0],
        [manager],
        f"{org.name}: {subject_of(held)}",
        held.word,
        stage.ago(held.days, 10),
        cc=[nora, *people[1:]],
    )


def subject_of(held: Held) -> str:
    """The topic of the last mail."""
    return "renewal" if held.ends < 65 else "next steps"


def slow_form(stage: Stage, org: Org) -> None:
    """Why one of them registers deals by mail: a ticket everybody forgot."""
    number, last = stage.number(), stage.ago(33, 10)
    issue = Issue(
        id=str(number),
        key=next_key(stage.world.projects, "10002"),
        project_id="10002",
        org_id=org.id,
        partner=org.domains[0],
        issue_type="Bug",
        summary="Deal registration form times out",
        description="Owen's form ends in a blank page after 30 seconds. Three deals came by mail instead and wait.",
        status="To Do",
        status_category="new",
        priority="High",
        assignee_id="owner-8",
        reporter_id="owner-1",
        created_at=stage.ago(51, 9),
        updated_at=last,
        due=stage.ago(26).date(),
    )
    issue.comments = [
        Comment(f"{number}01", "owner-8", last, "Only with more than 40 attachments. Not started yet.")
    ]
    stage.world.projects.issues[issue.id] = issue


def damaged_deck(stage: Stage, org: Org) -> Deck:
    """A review whose upload broke off: the file is there and cannot be read."""
    at = stage.ago(75, 17)
    slides = [
        Slide(f"{org.name}: quarterly review", [org.domains[0]]),
        Slide("Where we stand", [f"Tier: {org.tier}", "Status: On track"]),
    ]
    path = f"Reviews/{at.year}/tideline-housing-trust (upload failed).pptx"
    return stage.deck(org, path, slides, {"Tier": org.tier or ""}, at, damage="truncated")
