"""A spreadsheet of organizations by seed, as several systems hold them: for speed, never for quality.

What the real development set has is here in like shares: three records to an organization (one to twelve), a quarter of
them nothing but a name, acronyms, other scripts, spelling slips, legal forms now and then, sites of a parent or of a
hosting company, free mail, countries as codes and as names. Words are as unequally common as words are, and there are
the more of them the more organizations there are.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

COLUMNS = (
    "source", "source_id", "name", "website", "email_domain", "phone", "street", "city", "postcode", "country"
)  # fmt: skip
SIZES = (29, 21, 18, 13, 8, 5, 1, 3, 0.3, 2, 0.1, 0.1)
"""How often an organization has one record, two, …."""
SOURCES: tuple[tuple[str, int, dict[str, float]], ...] = (
    ("salesforce", 28, {"website": 0.8, "email_domain": 0.35, "city": 0.75, "country": 0.85, "phone": 0.3}),
    ("hubspot", 22, {"website": 0.9, "email_domain": 0.55, "city": 0.4, "country": 0.5, "phone": 0.2}),
    ("email", 16, {"email_domain": 0.97}),
    ("jira", 12, {"website": 0.25}),
    ("deck", 12, {}),
    ("sheet", 10, {"website": 0.3, "city": 0.55, "country": 0.6, "street": 0.3}),
)
"""Systems, their share of records, and how often each fills what."""
KINDS = (
    "University of {place}", "{place} University", "{word} University", "{word} Institute of {field}",
    "Institute of {field} {place}", "{word} {field}", "{word} {field} {form}", "{word} {other} {form}",
    "{word} & {other} {form}", "{place} {field} Center", "{word} Foundation", "{word} Hospital",
    "{place} Hospital {word}", "Society for {field} {word}", "{word} {field} {trade} {form}", "{word} {trade} {form}",
    "{word}{other} {form}", "Centre for {field} and {second} {word}", "National {field} Agency of {place}",
    "Association of {place} {trade} {word}", "{word} Laboratory for {field}", "{word} {form}", "{trade} {word}",
)  # fmt: skip
FIELDS = (
    "Medicine", "Physics", "Chemistry", "Economics", "Health", "Agriculture", "Engineering", "Transport", "Energy",
    "Education", "Marine Research", "Genetics", "Finance", "Law", "Forestry", "Design", "Archaeology", "Robotics",
    "Nutrition", "Linguistics", "Public Policy", "Applied Sciences", "Biotechnology", "Materials", "Data Science",
)  # fmt: skip
TRADES = (
    "Logistics", "Consulting", "Software", "Foods", "Textiles", "Optics", "Paper", "Tools", "Systems", "Solutions",
    "Partners", "Group", "Holding", "Media", "Services", "Technologies", "Trading", "Capital", "Motors", "Networks",
)  # fmt: skip
SMALL = ("of", "for", "and", "&", "the")
COUNTRIES = (
    ("US", "United States", "com", "+1 312 55{:05d}", ("Inc.", "LLC", "Corp.", "Co.")),
    ("GB", "United Kingdom", "co.uk", "+44 20 7{:07d}", ("Ltd", "Limited", "plc", "LLP")),
    ("DE", "Germany", "de", "+49 30 {:07d}", ("GmbH", "AG", "GmbH & Co. KG", "e.V.")),
    ("FR", "France", "fr", "+33 1 4{:07d}", ("SA", "SAS", "SARL")),
    ("JP", "Japan", "co.jp", "+81 3 5{:07d}", ("K.K.", "Co., Ltd.")),
    ("ES", "Spain", "es", "+34 91{:07d}", ("S.A.", "S.L.")),
    ("NL", "Netherlands", "nl", "+31 20 {:07d}", ("B.V.", "N.V.")),
    ("SE", "Sweden", "se", "+46 8 {:07d}", ("AB",)),
    ("IT", "Italy", "it", "+39 06 {:07d}", ("S.p.A.", "S.r.l.")),
    ("PL", "Poland", "pl", "+48 22 {:07d}", ("Sp. z o.o.", "S.A.")),
    ("BR", "Brazil", "com.br", "+55 11 3{:07d}", ("Ltda", "S.A.")),
    ("RU", "Russia", "ru", "+7 495 {:07d}", ("OOO", "AO")),
)
CITIES = 4_000
FREE_MAIL = ("gmail.com", "outlook.com", "gmx.de", "yahoo.fr", "qq.com")
HOSTING = ("{}.wixsite.com", "{}.github.io", "sites.google.com", "{}.blogspot.com")
ONSETS = ("b", "br", "c", "ch", "d", "f", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "r", "s", "sch", "st", "t", "v",
          "w", "z")  # fmt: skip
VOWELS = ("a", "e", "i", "o", "u", "ei", "au", "ia")
CODAS = ("", "n", "r", "l", "s", "nd", "rt", "ck")
CYRILLIC = str.maketrans("abcdefghijklmnoprstuvwz", "абцдефгхийклмнопрстувшз")
CJK_FIRST, CJK_SIGNS = 0x5317, 900
FEWEST_WORDS = 1_500


class Organization(NamedTuple):
    """What is true of one organization; its records say parts of it, in their own way."""

    name: str
    acronym: str
    foreign: str | None
    host: str
    mail: str
    phone: str
    street: str
    city: str
    country: tuple[str, str, str, str, tuple[str, ...]]


def write_sheet(path: Path, records: int, seed: int) -> None:
    """Write a CSV of so many rows, in no order of organizations. The same for the same seed, on every machine."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(COLUMNS)
        lines.writerows(rows(records, seed))


def rows(records: int, seed: int) -> list[tuple[str, ...]]:
    """The rows, shuffled."""
    draw = Random(seed)
    found: list[tuple[str, ...]] = []
    parent: Organization | None = None
    for organization in organizations(draw, records):
        # Branches and institutes stand under the site of whom they belong to.
        truth = organization
        if parent is not None and draw.random() < 0.08:
            truth = organization._replace(host=parent.host, mail=parent.mail, country=parent.country)
        else:
            parent = organization
        for _ in range(draw.choices(range(1, len(SIZES) + 1), SIZES)[0]):
            found.append(as_held(draw, truth, len(found)))
        if len(found) >= records:
            break
    del found[records:]
    draw.shuffle(found)
    return found


def organizations(draw: Random, records: int) -> Iterator[Organization]:
    """Organizations without end."""
    words = max(FEWEST_WORDS, records // 4)
    places = [word(n * 7 + 3).capitalize() for n in range(CITIES)]
    while True:
        country = draw.choices(COUNTRIES, range(len(COUNTRIES), 0, -1))[0]
        city = places[common(draw, CITIES)]
        own, other = word(common(draw, words)), word(common(draw, words))
        filled = draw.choice(KINDS).format(
            place=city,
            word=own.capitalize(),
            other=other.capitalize(),
            field=draw.choice(FIELDS),
            second=draw.choice(FIELDS),
            trade=draw.choice(TRADES),
            form="{form}",
        )
        plain = filled.replace("{form}", "").strip(" &")
        name = filled.replace("{form}", draw.choice(country[4]))
        acronym = "".join(part[0] for part in plain.split() if part not in SMALL).upper()
        host = site_of(draw, plain, acronym, country[2])
        mail = draw.choice(FREE_MAIL) if draw.random() < 0.04 else host
        foreign = other_script(draw, plain) if draw.random() < 0.08 else None
        phone = phone_number(draw, country[3])
        street = f"{draw.randrange(1, 300)} {word(common(draw, words)).capitalize()} Street"
        yield Organization(name, acronym, foreign, host, mail, phone, street, city, country)


def phone_number(draw: Random, pattern: str) -> str:
    """A number of a country, written as `+1 312 55{:05d}` says."""
    return pattern.format(draw.randrange(10**7 if "55{" not in pattern else 10**5))


def common(draw: Random, most: int) -> int:
    """A number below `most`, the small ones by far the commonest, as the words of a language are."""
    return int(most ** draw.random() ** 0.55) - 1


def word(number: int) -> str:
    """Word `number` of a made-up language."""
    letters = ""
    number = number * 2_654_435_761 % (1 << 32) % 40_000_000
    for _ in range(3 if number % 3 else 2):
        number, onset = divmod(number, len(ONSETS))
        number, vowel = divmod(number, len(VOWELS))
        letters += ONSETS[onset] + VOWELS[vowel]
    return letters + CODAS[number % len(CODAS)]


def site_of(draw: Random, name: str, acronym: str, ending: str) -> str:
    """A host made of the name or its initials; now and then one under a hosting company's."""
    label = "".join(part for part in name.lower().split() if part not in SMALL)[:24]
    chance = draw.random()
    if chance < 0.03:
        return draw.choice(HOSTING).format(label)
    if chance < 0.25 and len(acronym) > 2:
        label = f"{acronym.lower()}{draw.choice(('', '-', 'x', 'online', 'web'))}{draw.randrange(100)}".strip(
            "-"
        )
    elif chance < 0.4:
        label = "-".join(name.lower().replace("&", "and").split())[:40].strip("-")
    return f"{label}.{ending if draw.random() < 0.7 else draw.choice(('org', 'com', 'net', 'edu'))}"


def other_script(draw: Random, name: str) -> str:
    """The same name as people elsewhere write it: in Cyrillic, or in signs."""
    if draw.random() < 0.5:
        return name.lower().translate(CYRILLIC).capitalize()
    signs = Random(name)
    return "".join(chr(CJK_FIRST + signs.randrange(CJK_SIGNS)) for _ in range(4)) + "大学"


def as_held(draw: Random, truth: Organization, number: int) -> tuple[str, ...]:
    """One record: what a system says of an organization."""
    source, _, filled = draw.choices(SOURCES, [share for _, share, _ in SOURCES])[0]
    known = {
        "name": as_written(draw, truth),
        "website": draw.choice(("https://www.{}", "{}", "http://{}/", "https://www.{}/en/about")).format(
            truth.host
        ),
        "email_domain": truth.mail,
        "phone": truth.phone,
        "street": truth.street,
        "city": truth.city,
        "country": truth.country[0] if draw.random() < 0.4 else truth.country[1],
    }
    given = {name: known[name] for name, often in filled.items() if draw.random() < often}
    given |= {"name": known["name"], "source": source, "source_id": f"{source[:2]}-{number:07d}"}
    return tuple(given.get(name, "") for name in COLUMNS)


def as_written(draw: Random, truth: Organization) -> str:
    """The name in one of its spellings."""
    chance, name = draw.random(), truth.name
    if truth.foreign and chance < 0.5:
        return truth.foreign
    if chance < 0.1 and len(truth.acronym) > 2:
        return truth.acronym
    if chance < 0.2:
        at = draw.randrange(1, max(2, len(name) - 2))
        name = name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :]
    elif chance < 0.27:
        name = name.upper()
    elif chance < 0.33:
        name = f"{name} ({truth.country[1]})"
    elif chance < 0.37:
        name = f"{name} ({truth.acronym})"
    if chance > 0.7:
        for form in truth.country[4]:
            name = name.removesuffix(f" {form}")
    return name
