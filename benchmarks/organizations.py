"""Organizations as several systems hold them, from a seed: each a handful of records that do not agree.

Nothing is remembered between records, so a million take no memory, and any one can be had by its number, to be changed
later: `benchmarks.partner_rows` is nearer to real data and can do neither. Speed is measured with them, never quality.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from benchmarks.partner_rows import phone_number

SOURCES = ("emea", "america", "apac", "finance", "events")
"""A record of an organization in each: the first ones are the commonest."""
RECORDS = (0.40, 0.28, 0.16, 0.10, 0.06)
"""Share of organizations with one record, two, and so on: 2.1 on average."""
ONSETS, VOWELS = (
    ("b", "br", "c", "d", "f", "g", "k", "kl", "l", "m", "n", "p", "r", "s", "st", "t", "v", "z"),
    "aeiou",
)
TRADES = (
    "Logistics", "Analytics", "Foods", "Robotics", "Textiles", "Energy", "Software", "Optics", "Paper", "Tools",
    "Consulting", "Marine", "Pharma", "Plastics", "Security", "Travel", "Media", "Motors", "Instruments", "Networks",
)  # fmt: skip
FORMS = ("GmbH", "Ltd", "Inc.", "S.A.", "B.V.", "LLC", "AG", "Oy", "AB", "SARL")
PLACES = (
    ("Germany", "+49 30 {:07d}", ("Berlin", "Hamburg", "Köln", "Leipzig", "Bremen", "Ulm", "Kiel", "Bonn")),
    (
        "United Kingdom",
        "+44 20 7{:07d}",
        ("London", "Leeds", "Bristol", "Glasgow", "Cardiff", "York", "Hull"),
    ),
    (
        "United States",
        "+1 312 55{:05d}",
        ("Chicago", "Boston", "Denver", "Austin", "Seattle", "Portland", "Dallas"),
    ),
    ("France", "+33 1 4{:07d}", ("Paris", "Lyon", "Lille", "Nantes", "Nice", "Rennes", "Metz", "Tours")),
    ("Spain", "+34 91{:07d}", ("Madrid", "Sevilla", "Bilbao", "Vigo", "Burgos", "Soria", "Toledo")),
)
ENDINGS = ("com", "net", "eu", "org", "io")
SMALLEST_VOCABULARY = 2_000


class Held(NamedTuple):
    """One record: the system that holds it, its id there, the organization it means, and what it says."""

    source: str
    source_id: str
    organization: int
    said: dict[str, str]


def held(seed: int, records: int) -> Iterator[Held]:
    """The first so many records, each the same at every call."""
    found, number = 0, 0
    while found < records:
        for one in records_of(seed, number, records):
            if found < records:
                yield one
            found += 1
        number += 1


def records_of(seed: int, number: int, records: int) -> list[Held]:
    """What the systems hold about organization `number` of a world of so many records."""
    draw = Random(f"{seed}/{number}")
    truth = organization(draw, number, records)
    count = draw.choices(range(1, len(RECORDS) + 1), RECORDS)[0]
    return [Held(SOURCES[n], f"{number}", number, as_written(draw, truth)) for n in range(count)]


def organization(draw: Random, number: int, records: int) -> dict[str, str]:
    """What is true of an organization. Its words are the commoner the earlier they stand in the vocabulary."""
    vocabulary = max(SMALLEST_VOCABULARY, records)
    words = [word(int(vocabulary * draw.random() ** 2)) for _ in range(draw.choice((1, 1, 2)))]
    trade, (country, phone, cities) = draw.choice(TRADES), draw.choice(PLACES)
    site = f"{''.join(words)}-{trade}{number if draw.random() < 0.5 else ''}.{draw.choice(ENDINGS)}".lower()
    return {
        "name": " ".join((*(each.capitalize() for each in words), trade)),
        "form": draw.choice(FORMS),
        "site": site,
        "phone": phone_number(draw, phone),
        "street": f"{draw.randrange(1, 300)} {word(draw.randrange(vocabulary)).capitalize()} Street",
        "city": draw.choice(cities),
        "country": country,
    }


def as_written(draw: Random, truth: dict[str, str]) -> dict[str, str]:
    """The same as somebody typed it: forms left off, letters swapped, fields left empty."""
    name, chance = truth["name"], draw.random()
    if chance < 0.15:
        at = draw.randrange(1, len(name) - 1)
        name = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    elif chance < 0.25:
        name = name.rpartition(" ")[0]
    if draw.random() < 0.6:
        name = f"{name} {truth['form']}"
    said = {"name": name, "country": truth["country"]}
    if draw.random() < 0.6:
        said["website"] = f"https://www.{truth['site']}/"
    if draw.random() < 0.5:
        said["phone"] = truth["phone"]
    if draw.random() < 0.6:
        said |= {"address": truth["street"], "city": truth["city"]}
    return {"name": name} if draw.random() < 0.1 else said


def word(number: int) -> str:
    """Word `number` of an endless made-up language."""
    letters = ""
    number += len(ONSETS) * len(VOWELS)
    while number:
        number, syllable = divmod(number, len(ONSETS) * len(VOWELS))
        letters += ONSETS[syllable // len(VOWELS)] + VOWELS[syllable % len(VOWELS)]
    return letters


def company(said: dict[str, str]) -> dict[str, Any]:
    """A record in the shape of a HubSpot company."""
    return {"properties": {"domain": said.get("website"), **said}}
