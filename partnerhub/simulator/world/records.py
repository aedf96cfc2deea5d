"""What people typed about the organizations: CRM companies and the rows of the partner list.

Whatever belongs together shares enough for a reader to see it: the first record of an organization is complete, later
ones are thinner or spelled more freely, and organizations that are easily confused are always typed with care.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from partnerhub.simulator.world import naming, words
from partnerhub.simulator.world.model import CrmCompany, Human, Org, SheetRow
from partnerhub.simulator.world.organizations import Population, city_of
from partnerhub.simulator.world.places import BY_CODE

PARTNER_PRESENCE = (("both", 0.45), ("crm", 0.38), ("sheet", 0.17))
CRM_SHARE = {"customer": 0.93, "prospect": 0.65, "supplier": 0.3, "newsletter": 0.05}
COMPANY_TYPE = {
    "partner": "PARTNER",
    "customer": "CUSTOMER",
    "supplier": "VENDOR",
    "prospect": "PROSPECT",
    "newsletter": "OTHER",
}
DUPLICATE_SHARE = {"partner": 0.09, "customer": 0.04}
MERGED_SHARE, ARCHIVED_SHARE, CONTACT_IN_CRM_SHARE = 0.012, 0.01, 0.75
STALE_SHARE, SHARED_CONTACT_SHARE = 0.07, 0.012
TRUNK_ZERO = frozenset({"DE", "AT", "CH", "FR", "NL", "GB", "SE", "JP", "UA"})
NO_TRUNK = frozenset({"ES", "IT", "PL", "PT", "GR", "US", "CA"})
STATUSES = ("active", "Active", "active", "aktiv", "dormant", "Dormant", "aspirational", "active ")
REFERRALS = ("yes", "no", "Yes", "x", "", "No")
NOTES = (
    "",
    "",
    "met at the spring fair",
    "contract renewal due; ask Nora",
    "NA",
    "prefers phone calls",
    "see e-mail from May",
    "invoices to head office",
    "None so far",
    "wants a joint webinar, maybe in autumn",
    "n/a",
)


@dataclass(slots=True)
class Records:
    """Everything that was typed."""

    companies: dict[str, CrmCompany] = field(default_factory=dict)
    sheet: list[SheetRow] = field(default_factory=list)


@dataclass(slots=True)
class Typed:
    """What one record says of an organization, before it takes the form of its system."""

    name: str
    domain: str | None
    phone: str | None
    city: str | None
    country: str | None


def draw_records(rng: Random, population: Population, now: datetime) -> Records:
    """CRM companies and sheet rows of the whole population; also decides who is a CRM contact."""
    records = Records()
    for org in population.orgs.values():
        in_crm, in_sheet = presence(rng, org)
        copies = 1 + (rng.random() < DUPLICATE_SHARE.get(org.role, 0.0)) if in_crm else 0
        typed = [type_record(rng, population, org, first=index == 0) for index in range(copies + in_sheet)]
        if in_sheet:
            add_row(rng, population, records, org, typed.pop(rng.randrange(len(typed))))
        for each in typed:
            add_company(rng, records, org, each, now)
        if copies:
            add_leftovers(rng, population, records, org, now)
        for human in population.people_of(org.id):
            human.in_crm = in_crm and rng.random() < CONTACT_IN_CRM_SHARE
        if in_crm and population.people_of(org.id):
            population.people_of(org.id)[0].in_crm = True
    share_contacts(rng, records)
    repeat_a_row(rng, records)
    return records


def presence(rng: Random, org: Org) -> tuple[bool, bool]:
    """Whether an organization is in the CRM and in the partner list."""
    if org.role != "partner":
        return rng.random() < CRM_SHARE[org.role], False
    where = rng.choices([w for w, _ in PARTNER_PRESENCE], [share for _, share in PARTNER_PRESENCE])[0]
    return where != "sheet", where != "crm"


def type_record(rng: Random, population: Population, org: Org, *, first: bool) -> Typed:
    """One record's content: complete when first or easily confused, else as thin as still leaves evidence."""
    country = BY_CODE[org.country]
    city = city_of(org)
    typed = Typed(
        name=rng.choice((org.name, org.name, org.aliases[0])),
        domain=org.domains[0] if org.domains else None,
        phone=org.phone,
        city=rng.choice((city.name, city.name, city.other_name or city.name)),
        country=rng.choice(country.written),
    )
    if org.id in population.careful:
        typed.name = org.name
        if not first:
            thin_out_with_care(rng, typed)
        return typed
    if not first:
        thin_out(rng, org, typed)
    elif rng.random() < 0.15:
        typed.name = org.name.upper()
    return typed


def thin_out(rng: Random, org: Org, typed: Typed) -> None:
    """Take fields away and spell more freely, keeping a domain, a telephone number, or the plain name with its city."""
    kind = rng.random()
    if kind < STALE_SHARE:
        make_stale(rng, org, typed)
    elif kind < 0.5:
        typed.name = rng.choice([org.name, *org.aliases])
        typed.phone = typed.phone if rng.random() < 0.7 or not org.domains else None
    elif kind < 0.66 and org.domains:
        typed.name = rng.choice([org.name, *org.aliases])
        typed.phone = None
        typed.city, typed.country = (typed.city, typed.country) if rng.random() < 0.5 else (None, None)
    elif kind < 0.86:
        typed.name = rng.choice([org.name, *org.aliases[:5]])
        typed.domain = None
    else:
        typed.name = rng.choice((org.name, org.aliases[0], naming.unaccented(org.aliases[0])))
        typed.domain = typed.phone = None


def thin_out_with_care(rng: Random, typed: Typed) -> None:
    """Leave one field of an easily confused organization empty; its exact name and its city stay."""
    kind = rng.random()
    if kind < 0.35:
        typed.phone = None
    elif kind < 0.5:
        typed.domain = None


def make_stale(rng: Random, org: Org, typed: Typed) -> None:
    """Something that was true once: the organization's other domain, or the city it moved away from."""
    if len(org.domains) > 1:
        typed.domain = org.domains[1]
    elif org.domains:
        former = rng.choice(BY_CODE[org.country].cities)
        typed.city, typed.phone = former.name, None


def share_contacts(rng: Random, records: Records) -> None:
    """A few pairs of partners name one outside bookkeeper, with a free-mail address, as their contact."""
    rows = rng.sample(records.sheet, 2 * round(SHARED_CONTACT_SHARE * len(records.sheet)))
    for number, (one, two) in enumerate(zip(rows[::2], rows[1::2], strict=True), start=1):
        shared = {"Contact": "Petra Beleg", "E-Mail": f"buchhaltung.beleg{number}@gmx.de"}
        if one.values["Website"] and two.values["Website"]:
            one.values.update(shared)
            two.values.update(shared)


def add_company(rng: Random, records: Records, org: Org, typed: Typed, now: datetime) -> CrmCompany:
    """File a company in the CRM."""
    created = org.created_at + timedelta(days=rng.randint(0, 60), seconds=rng.randint(0, 86399))
    modified = created + (now - timedelta(hours=3) - created) * rng.random() ** 0.5
    with_address = typed.city is not None and rng.random() < 0.8
    company = CrmCompany(
        id=str(9_000_000_000 + 7919 * (len(records.companies) + 1)),
        org_id=org.id,
        name=typed.name,
        domain=typed.domain if typed.domain is None or rng.random() < 0.95 else f"www.{typed.domain}",
        phone=written_phone(rng, org, typed),
        street=org.street if with_address else None,
        city=typed.city,
        region=org.region if with_address and rng.random() < 0.6 else None,
        postcode=org.postcode if with_address else None,
        country=typed.country,
        created_at=created.replace(microsecond=1000 * rng.randint(0, 999)),
        modified_at=modified.replace(microsecond=1000 * rng.randint(0, 999)),
        company_type=COMPANY_TYPE[org.role],
    )
    records.companies[company.id] = company
    return company


def add_leftovers(rng: Random, population: Population, records: Records, org: Org, now: datetime) -> None:
    """Now and then a company that somebody merged into the live one, or archived."""
    live = next((c for c in reversed(records.companies.values()) if c.org_id == org.id), None)
    if live is None:
        return
    if rng.random() < MERGED_SHARE:
        add_company(
            rng, records, org, type_record(rng, population, org, first=False), now
        ).merged_into = live.id
    if rng.random() < ARCHIVED_SHARE:
        old = add_company(rng, records, org, type_record(rng, population, org, first=False), now)
        old.archived_at = old.modified_at


def written_phone(rng: Random, org: Org, typed: Typed) -> str | None:
    """The telephone number as somebody types it; in national form only beside a country."""
    if typed.phone is None:
        return None
    code, _, rest = typed.phone.partition(" ")
    area, _, local = rest.partition(" ")
    styles = [
        typed.phone,
        typed.phone.replace(" ", ""),
        f"{code} ({area}) {local}",
        f"00{code[1:]} {area} {local}",
    ]
    if typed.country and org.country in TRUNK_ZERO:
        styles += [
            f"0{area} {local}",
            f"0{area}/{local.replace(' ', '')}",
            f"(0{area}) {local}",
            f"{code} (0){area} {local}",
        ]
    elif typed.country and org.country in NO_TRUNK:
        styles += [f"{area} {local}", f"({area}) {local.replace(' ', '-')}"]
    return rng.choice(styles)


def add_row(rng: Random, population: Population, records: Records, org: Org, typed: Typed) -> None:
    """Write a row of the partner list."""
    contact = contact_of(rng, population, org)
    values = {
        "Company": typed.name if rng.random() < 0.95 else f" {typed.name} ",
        "Website": written_website(rng, org, typed),
        "Contact": f"{contact.given_name} {contact.family_name}" if contact else "",
        "E-Mail": contact.emails[0] if contact else "",
        "Phone": written_phone(rng, org, typed) or "",
        "City": typed.city or "",
        "Country": typed.country or "",
        "Services": ", ".join(rng.sample(words.SERVICES, rng.randint(0, 3))),
        "Status": rng.choice(STATUSES),
        "Tier": org.tier or rng.choice(("", "", "-")),
        "Involves referrals": rng.choice(REFERRALS),
        "Partner since": written_since(rng, org.created_at),
        "Account No": f"{7 * (len(records.sheet) + 1):03d}" if rng.random() < 0.8 else "",
        "Notes": rng.choice(NOTES),
    }
    records.sheet.append(SheetRow(f"row-{len(records.sheet) + 1:05d}", org.id, values))


def contact_of(rng: Random, population: Population, org: Org) -> Human | None:
    """The person named in the partner list, where one is."""
    people = population.people_of(org.id)
    return rng.choice(people) if people and (not org.domains or rng.random() < 0.8) else None


def written_website(rng: Random, org: Org, typed: Typed) -> str:
    """The website as somebody pastes it; a page on a social network where there is no domain."""
    if typed.domain is None:
        return (
            f"https://www.facebook.com/{naming.slug(org.aliases[0])}"
            if not org.domains and rng.random() < 0.4
            else ""
        )
    return rng.choice(
        (
            typed.domain,
            f"www.{typed.domain}",
            f"https://www.{typed.domain}/",
            f"http://{typed.domain}",
            f"https://{typed.domain}/start",
        )
    )


def written_since(rng: Random, since: datetime) -> str:
    """A date as somebody types it."""
    return rng.choice(
        (f"{since:%Y}", f"{since:%Y-%m-%d}", f"{since:%d.%m.%Y}", f"{since:%m/%Y}", "", f"{since:%B %Y}")
    )


def repeat_a_row(rng: Random, records: Records) -> None:
    """One row stands in the list twice, letter for letter."""
    if len(records.sheet) > 20:
        twice = records.sheet[rng.randrange(len(records.sheet))]
        records.sheet.append(SheetRow(f"row-{len(records.sheet) + 1:05d}", twice.org_id, dict(twice.values)))
