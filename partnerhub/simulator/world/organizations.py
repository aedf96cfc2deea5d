"""Draws the organizations and people of a world, including those that are easily confused on purpose.

Confusions, each decidable by somebody who reads the fields: one name in two cities or two countries, two names that
begin alike in one city, branches under the parent's domain or on the parent's very host, a shared switchboard, a second
mail domain, no domain at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from partnerhub.simulator.world import naming, words
from partnerhub.simulator.world.model import Human, Org, OrgRole, Staff
from partnerhub.simulator.world.places import BY_CODE, COUNTRIES, City, Country

OTHERS_PER_PARTNER: tuple[tuple[OrgRole, float], ...] = (
    ("customer", 1.0),
    ("prospect", 0.55),
    ("supplier", 0.4),
    ("newsletter", 0.3),
)
CONFUSIONS: tuple[tuple[str, float], ...] = (
    ("same_name_other_city", 0.015),
    ("same_name_other_country", 0.01),
    ("branch_on_subdomain", 0.02),
    ("branch_on_same_host", 0.01),
    ("shared_switchboard", 0.015),
    ("similar_name_same_city", 0.015),
)
"""Kind of confusion and how many organizations of it per partner."""
NO_DOMAIN_SHARE, SECOND_DOMAIN_SHARE, FREE_MAIL_SHARE = 0.06, 0.05, 0.06
PARTNER_TYPES = ("reseller", "delivery", "community", "referral", "technology")
PEOPLE: dict[OrgRole, tuple[int, int]] = {
    "partner": (1, 4),
    "customer": (1, 3),
    "prospect": (1, 2),
    "supplier": (1, 2),
    "newsletter": (1, 1),
}
STAFF_NAMES = (
    "Nora Fields",
    "Jonas Weiher",
    "Marta Solano",
    "Peter Kuhn",
    "Aisha Bello",
    "Claire Dumas",
    "Ivo Petrov",
    "Lena Brück",
    "Sam Carter",
    "Rosa Lind",
)
OWN_DOMAIN = "brightharbor-hub.org"
MAILBOXES = 3


@dataclass(slots=True)
class Population:
    """Organizations, people and staff. `careful`: ids of organizations that only full, exact records tell apart."""

    orgs: dict[str, Org] = field(default_factory=dict)
    humans: dict[str, Human] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)
    careful: set[str] = field(default_factory=set)
    cores: dict[str, str] = field(default_factory=dict)
    """Organization id → name without legal form."""

    def people_of(self, org_id: str) -> list[Human]:
        """The people who work at an organization, in order of their ids."""
        return self.employees.setdefault(org_id, [])

    employees: dict[str, list[Human]] = field(default_factory=dict)


@dataclass(slots=True)
class Taken:
    """What is used up, so that nothing coincides by accident."""

    stems: set[str] = field(default_factory=set)
    domains: set[str] = field(default_factory=lambda: {OWN_DOMAIN})
    phones: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)


def draw_population(rng: Random, partners: int, now: datetime) -> Population:
    """Everybody in the world: `partners` partner organizations, about 2.2 times as many others, and our own staff."""
    population, taken = Population(), Taken()
    confusions = [kind for kind, share in CONFUSIONS for _ in range(round(share * partners))]
    confused_partners = (len(confusions) + 1) // 2
    counts: list[tuple[OrgRole, int]] = [("partner", partners - confused_partners)]
    counts += [(role, max(1, round(share * partners))) for role, share in OTHERS_PER_PARTNER]
    draw_staff(population)
    for role, count in counts:
        for _ in range(count):
            draw_organization(rng, population, taken, role, now)
    bases = [org for org in population.orgs.values() if org.role == "partner" and is_plain(org)]
    rng.shuffle(bases)
    for index, kind in enumerate(confusions):
        if bases:
            draw_confusion(
                rng, population, taken, kind, bases.pop(), "partner" if index % 2 == 0 else "customer", now
            )
    for org in list(population.orgs.values()):
        draw_people(rng, population, taken, org)
    return population


def is_plain(org: Org) -> bool:
    """Whether an organization can serve as the base of a confusion: a domain of its own, a country with branches."""
    return (
        len(org.domains) == 1
        and len(BY_CODE[org.country].cities) > 1
        and org.country not in {"JP", "GR", "UA"}
    )


def draw_staff(population: Population) -> None:
    """Our own colleagues; the first few have mailboxes the hub reads."""
    for number, name in enumerate(STAFF_NAMES, start=1):
        email = f"{naming.slug(name).replace('-', '.')}@{OWN_DOMAIN}"
        staff = Staff(
            f"owner-{number}", name, email, "Partnerships" if number <= 5 else "Sales", number <= MAILBOXES
        )
        population.staff[staff.id] = staff


def draw_organization(rng: Random, population: Population, taken: Taken, role: OrgRole, now: datetime) -> Org:
    """One organization with nothing in common with any other."""
    country = rng.choices(COUNTRIES, [c.weight for c in COUNTRIES])[0]
    core, stem = naming.draw_core_name(rng, country.language, taken.stems)
    if role == "newsletter":
        stem = f"{naming.latin(stem)} {rng.choice(words.NEWSLETTER_NAMES)}"
        core = stem
    elif role == "supplier" and rng.random() < 0.5:
        core = f"{core} {rng.choice(words.SUPPLIER_TRADES)}"
    domains = (
        []
        if role == "partner" and rng.random() < NO_DOMAIN_SHARE
        else [new_domain(rng, stem, country, taken)]
    )
    if domains and role in {"partner", "customer"} and rng.random() < SECOND_DOMAIN_SHARE:
        domains.append(new_domain(rng, f"{stem} mail", country, taken))
    form = "" if role == "newsletter" else rng.choice(country.legal_forms)
    return add_organization(
        rng, population, taken, role, country, rng.choice(country.cities), core, form, domains, now
    )


def new_domain(rng: Random, stem: str, country: Country, taken: Taken) -> str:
    """A registrable domain nobody has yet."""
    base = naming.slug(stem)
    for attempt in range(50):
        name = base if attempt < 3 else f"{base}-{attempt}"
        domain = f"{name}.{rng.choice(country.tlds)}"
        if domain not in taken.domains:
            taken.domains.add(domain)
            return domain
    raise AssertionError(f"no free domain for {base}")


def add_organization(
    rng: Random,
    population: Population,
    taken: Taken,
    role: OrgRole,
    country: Country,
    city: City,
    core: str,
    form: str,
    domains: list[str],
    now: datetime,
) -> Org:
    """Put an organization of these names and domains into the population, at a new address."""
    street, postcode, phone = new_place(rng, country, city, taken)
    org = Org(
        id=f"org-{len(population.orgs) + 1:05d}",
        role=role,
        name=naming.with_legal_form(core, form),
        aliases=spellings(rng, core),
        domains=domains,
        phone=phone,
        street=street,
        city=city.name,
        region=city.region,
        postcode=postcode,
        country=country.code,
        industry=rng.choice(words.INDUSTRIES),
        employees=rng.choice((3, 8, 15, 40, 120, 400, 1500)),
        tier=rng.choice(("Gold", "Silver", "Bronze", None)) if role == "partner" else None,
        partner_type=rng.choice(PARTNER_TYPES) if role == "partner" else None,
        owner_id=f"owner-{rng.randint(1, len(STAFF_NAMES))}",
        registry=("DE-HRB", f"HRB {rng.randint(1000, 99999)}")
        if country.code == "DE" and form == "GmbH"
        else None,
        created_at=now - timedelta(days=rng.randint(120, 2600), minutes=rng.randint(0, 1439)),
    )
    population.orgs[org.id] = org
    population.cores[org.id] = core
    return org


def new_place(rng: Random, country: Country, city: City, taken: Taken) -> tuple[str, str, str]:
    """Street, post code and a telephone number nobody has yet."""
    while True:
        street, postcode, phone = naming.draw_place(rng, country, city)
        if phone not in taken.phones:
            taken.phones.add(phone)
            return street, postcode, phone


def spellings(rng: Random, core: str) -> list[str]:
    """Other ways people write a name, mildest first: no legal form, unaccented, Latin, shortened, slipped, acronym."""
    found = [
        core,
        naming.unaccented(core),
        naming.latin(core),
        naming.abbreviated(core),
        naming.typo(rng, core),
    ]
    short = naming.acronym(core)
    return list(dict.fromkeys([*found, short] if short else found))


def draw_confusion(
    rng: Random, population: Population, taken: Taken, kind: str, base: Org, role: OrgRole, now: datetime
) -> None:
    """Add an organization that is easily taken for `base` and is another one."""
    country, core = BY_CODE[base.country], population.cores[base.id]
    form = form_of(base.name, core)
    city = rng.choice([c for c in country.cities if c.name != base.city])
    parent: str | None = base.id
    if kind == "same_name_other_city":
        domains, parent = [new_domain(rng, f"{core} {city.name}", country, taken)], None
    elif kind == "same_name_other_country":
        country = rng.choice([c for c in COUNTRIES if c.code not in {base.country, "JP", "GR", "UA"}])
        city, form = rng.choice(country.cities), rng.choice(country.legal_forms)
        domains, parent = [new_domain(rng, core, country, taken)], None
    elif kind == "branch_on_subdomain":
        core = f"{core} {city.name}"
        domains = [f"{naming.slug(city.name)}.{base.domains[0]}"]
    elif kind == "branch_on_same_host":
        core, domains = f"{core} {city.name}", [base.domains[0]]
    elif kind == "similar_name_same_city":
        city, parent, core = city_of(base), None, another_trade(rng, country, core)
        domains = [new_domain(rng, core, country, taken)]
    else:
        draw_neighbor(rng, population, taken, base, role, now)
        return
    org = add_organization(rng, population, taken, role, country, city, core, form, domains, now)
    org.parent_id = parent
    if kind == "branch_on_subdomain" and rng.random() < 0.5:
        org.phone = base.phone
    population.careful |= {org.id, base.id}


def form_of(name: str, core: str) -> str:
    """The legal form in a full name; one that stands in front ends in `_`."""
    return name.removeprefix(core).strip() if name.startswith(core) else name.removesuffix(core).strip() + "_"


def city_of(org: Org) -> City:
    """The city an organization is in."""
    return next(c for c in BY_CODE[org.country].cities if (c.name, c.region) == (org.city, org.region))


def another_trade(rng: Random, country: Country, core: str) -> str:
    """A name that begins like `core` and goes on differently."""
    trades = [trade for trade in words.TRADES[country.language] if trade not in core]
    return f"{core.split(maxsplit=1)[0]} {rng.choice(trades)}"


def draw_neighbor(
    rng: Random, population: Population, taken: Taken, base: Org, role: OrgRole, now: datetime
) -> None:
    """An unrelated organization in the same building, behind the same switchboard."""
    country = BY_CODE[base.country]
    city = city_of(base)
    core, stem = naming.draw_core_name(rng, country.language, taken.stems)
    domains = [new_domain(rng, stem, country, taken)]
    org = add_organization(
        rng, population, taken, role, country, city, core, country.legal_forms[0], domains, now
    )
    org.phone, org.street, org.postcode = base.phone, base.street, base.postcode
    population.careful |= {org.id, base.id}


def draw_people(rng: Random, population: Population, taken: Taken, org: Org) -> None:
    """The people of an organization, each with an address nobody else has."""
    country = BY_CODE[org.country]
    language = country.language
    for _ in range(rng.randint(*PEOPLE[org.role])):
        given, family = rng.choice(words.GIVEN_NAMES[language]), rng.choice(words.FAMILY_NAMES[language])
        host = mail_host(rng, population, org, language)
        human = Human(
            id=f"hum-{len(population.humans) + 1:05d}",
            org_id=org.id,
            given_name=given,
            family_name=family,
            emails=[new_address(rng, given, family, host, taken)],
            phone=org.phone if rng.random() < 0.4 else None,
            title=rng.choice(words.TITLES),
        )
        population.humans[human.id] = human
        population.employees.setdefault(org.id, []).append(human)


def mail_host(rng: Random, population: Population, org: Org, language: str) -> str:
    """Where a person of the organization has mail: its second domain, its parent's, its own, or free mail."""
    if not org.domains or (org.id not in population.careful and rng.random() < FREE_MAIL_SHARE):
        return rng.choice(words.FREE_MAIL.get(language, words.FREE_MAIL_ELSEWHERE))
    if len(org.domains) > 1 and rng.random() < 0.6:
        return org.domains[1]
    if org.parent_id and rng.random() < 0.5:
        return population.orgs[org.parent_id].domains[0]
    return org.domains[0]


def new_address(rng: Random, given: str, family: str, host: str, taken: Taken) -> str:
    """An e-mail address nobody has yet."""
    local = naming.draw_address_local(rng, given, family)
    address, number = f"{local}@{host}", 2
    while address in taken.addresses:
        address, number = f"{local}{number}@{host}", number + 1
    taken.addresses.add(address)
    return address
