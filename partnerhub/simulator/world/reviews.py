"""Draws the shared folder of slide decks: quarterly reviews of partners, general decks, and one damaged each way."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Literal

from partnerhub.simulator.world import naming, review_texts
from partnerhub.simulator.world.accounts import live_accounts
from partnerhub.simulator.world.decks import Deck, Slide
from partnerhub.simulator.world.field_values import Named
from partnerhub.simulator.world.model import Org
from partnerhub.simulator.world.organizations import Population
from partnerhub.simulator.world.sales import Sales, SalesAccount
from partnerhub.simulator.world.scenes import scene_of, sentence

DECKS_PER_PARTNER, GENERAL_SHARE = 0.1, 0.15
DAMAGES: tuple[Literal["truncated", "empty", "encrypted"], ...] = ("truncated", "empty", "encrypted")
OUTDATED_SHARE = 0.1
"""Decks that state another tier than the CRM."""
SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
TIERS = ("Gold", "Silver", "Bronze")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def draw_decks(rng: Random, population: Population, sales: Sales, named: Named, now: datetime) -> list[Deck]:
    """A deck for every tenth partner, some about nobody, and one damaged in each way. Oldest first."""
    partners = [o for o in population.orgs.values() if o.role == "partner" and o.id in named.names]
    wanted = max(2, round(DECKS_PER_PARTNER * sum(o.role == "partner" for o in population.orgs.values())))
    general = max(1, round(GENERAL_SHARE * wanted))
    chosen = rng.sample(partners, min(len(partners), wanted - general))
    accounts = live_accounts(sales)
    decks: list[Deck] = []
    for org in chosen:
        decks.append(review(rng, population, org, accounts.get(org.id, [None])[0], now, len(decks)))
    for _ in range(general):
        decks.append(general_deck(rng, population, now, len(decks)))
    for damage in DAMAGES:
        broken = general_deck(rng, population, now, len(decks))
        broken.damage, broken.path = damage, f"Old/{damage}-{broken.saved_at:%Y%m%d}.pptx"
        decks.append(broken)
    return sorted(decks, key=lambda deck: (deck.saved_at, deck.id))


def review(
    rng: Random, population: Population, org: Org, account: SalesAccount | None, now: datetime, number: int
) -> Deck:
    """The review of one partner: state, highlights, figures, next steps."""
    saved = (now - timedelta(days=rng.randint(5, 300), seconds=rng.randint(0, 86399))).replace(microsecond=0)
    quarter = f"Q{(saved.month - 1) // 3 + 1} {saved.year}"
    scene = scene_of(rng, population, org)
    values = stated(rng, population, org, account)
    title = f"{org.name}: quarterly review {quarter}"
    lines = rng.sample(review_texts.HIGHLIGHTS, 3)
    slides = [
        Slide(title, [f"{org.city}, {saved:%B %Y}", *([org.domains[0]] if org.domains else [])]),
        state_slide(rng, values),
        Slide("Highlights", [sentence(line, scene) for line in lines], notes=note(rng, scene)),
        figures(rng, org),
        Slide("Risks", grouped=[sentence(line, scene) for line in rng.sample(review_texts.RISKS, 2)]),
        Slide(
            "Next steps", smart_art=[sentence(line, scene) for line in rng.sample(review_texts.NEXT_STEPS, 3)]
        ),
    ]
    return Deck(
        id=f"deck-{number + 1:04d}",
        path=f"Reviews/{saved.year}/{naming.slug(org.name)}-{quarter.replace(' ', '-').lower()}.pptx",
        org_id=org.id,
        title=title,
        author_id=org.owner_id,
        saved_at=saved,
        slides=slides,
        values=values,
    )


def stated(rng: Random, population: Population, org: Org, account: SalesAccount | None) -> dict[str, str]:
    """Label → value: what the deck says of the partner; a tenth of the decks are behind the CRM."""
    tier = (account.tier if account else None) or org.tier
    if tier and rng.random() < OUTDATED_SHARE:
        tier = rng.choice([each for each in TIERS if each != tier])
    found = {"Tier": tier} if tier else {}
    found["Status"] = rng.choice(review_texts.STATUSES)
    if account and account.annual_value_minor is not None:
        found["ARR"] = money(account.annual_value_minor, account.currency)
    return found | {"Owner": population.staff[org.owner_id].name}


def money(minor: int, currency: str) -> str:
    """As it stands on a slide: `$480k`, or `PLN 1.2m`."""
    thousands = minor // 100_000
    amount = f"{thousands}k" if minor % 100_000 == 0 and thousands else f"{minor // 100:,}"
    return f"{SIGNS[currency]}{amount}" if currency in SIGNS else f"{currency} {amount}"


def state_slide(rng: Random, values: dict[str, str]) -> Slide:
    """The labelled values, as a table or as bullets."""
    if rng.random() < 0.5:
        return Slide(
            "Where we stand", table=[["Field", "Value"], *([label, value] for label, value in values.items())]
        )
    return Slide("Where we stand", [f"{label}: {value}" for label, value in values.items()])


def figures(rng: Random, org: Org) -> Slide:
    """A chart of half a year."""
    first = rng.randint(0, 6)
    title = "Referrals" if org.partner_type in {"community", "referral"} else "Booked, thousands"
    values = [float(rng.randint(4, 90)) for _ in range(6)]
    return Slide("Figures", chart=(title, list(MONTHS[first : first + 6]), values))


def note(rng: Random, scene: dict[str, str]) -> str | None:
    """What the speaker should remember."""
    return sentence(rng.choice(review_texts.NOTES), scene) if rng.random() < 0.6 else None


def general_deck(rng: Random, population: Population, now: datetime, number: int) -> Deck:
    """A deck that concerns no organization."""
    saved = (now - timedelta(days=rng.randint(20, 500), seconds=rng.randint(0, 86399))).replace(microsecond=0)
    scene = scene_of(rng, population, None)
    title, lines = rng.choice(review_texts.GENERAL)
    title = sentence(title, scene)
    return Deck(
        id=f"deck-{number + 1:04d}",
        path=f"General/{naming.slug(title)}-{number + 1}.pptx",
        org_id=None,
        title=title,
        author_id=f"owner-{rng.randint(1, 10)}",
        saved_at=saved,
        slides=[
            Slide(title),
            Slide("In short", [sentence(line, scene) for line in lines]),
        ],
    )
