"""Fills the blanks of a text: who is spoken of, where, how many. One scene fills all texts of one thing alike."""

from __future__ import annotations

from random import Random

from partnerhub.simulator.world import sales_texts
from partnerhub.simulator.world.model import Org, Staff
from partnerhub.simulator.world.organizations import Population

COUNTS = (4, 6, 8, 9, 12, 14, 15, 18, 21, 25, 30, 36, 45, 60)
AMOUNTS = ("1,200", "2,500", "3,800", "5,000", "7,400", "12,000", "18,000")


def scene_of(rng: Random, population: Population, org: Org | None) -> dict[str, str]:
    """What stands in the blanks: names of the organization and of people, a product, figures, days."""
    people = population.people_of(org.id) if org else []
    person = rng.choice(people) if people else None
    us: Staff = rng.choice(list(population.staff.values()))
    return {
        "partner": population.cores.get(org.id, org.name) if org else "the partner",
        "city": org.city if org else "the office",
        "person": f"{person.given_name} {person.family_name}" if person else "their office",
        "us": us.name.split(maxsplit=1)[0],
        "product": rng.choice(sales_texts.PRODUCTS),
        "count": str(rng.choice(COUNTS)),
        "amount": rng.choice(AMOUNTS),
        "day": rng.choice(sales_texts.DAYS),
        "month": rng.choice(sales_texts.MONTHS),
    }


def sentence(text: str, scene: dict[str, str]) -> str:
    """The text with its blanks filled; it begins with a capital letter."""
    filled = text.format(**scene)
    return filled[:1].upper() + filled[1:]
