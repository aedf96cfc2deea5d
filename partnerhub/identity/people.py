"""When two records are one person: one address, unless many people sit behind it; or one name at one employer.

A name alone never joins anybody. At one employer (or behind one phone) it does, unless the two have different addresses
of one domain, or a third record makes it doubtful which of two is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

ROLES = frozenset(
    """
    info sales office contact kontakt contacto contatto support admin hello hallo team mail post service help
    helpdesk billing accounting accounts invoice invoices rechnung buchhaltung finance marketing press presse media
    hr jobs karriere career careers partner partners partnership partnerships alliances channel enquiries enquiry
    inquiries reception empfang zentrale sekretariat secretary vertrieb einkauf purchasing orders order bestellung
    legal privacy datenschutz security it edv webmaster postmaster hostmaster noreply no-reply donotreply newsletter
    news events booking bookings shop store customerservice kundenservice ventas commercial direction accueil
    """.split()  # noqa: SIM905
)
SEPARATORS = re.compile(r"[._+-]")
WORDS = re.compile(r"\w+")


def is_role_address(address: str) -> bool:
    """Whether the address names a desk (`info@`, `sales.de@`) rather than a person."""
    local = address.partition("@")[0]
    return local in ROLES or SEPARATORS.split(local)[0] in ROLES


def person_key(address: str, name: str | None) -> tuple[str, str]:
    """What two records of one person share: the address; at a desk also the name, in any order of its words."""
    if not is_role_address(address):
        return address, ""
    return address, " ".join(sorted(WORDS.findall((name or "").casefold())))


@dataclass(frozen=True, slots=True)
class Known:
    """One record of a person. name: for comparing, None where it says too little; addresses: their own, no desk's.

    places: organizations they work at, and phones.
    """

    record: str
    name: str | None
    addresses: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()


def namesakes(people: Iterable[Known]) -> list[tuple[str, str]]:
    """Pairs of records that are one person by name and place. Expects everybody who shares these to be given."""
    by_name: dict[str, list[Known]] = {}
    for person in sorted(people, key=lambda person: person.record):
        if person.name and " " in person.name and person.places:
            by_name.setdefault(person.name, []).append(person)
    return [pair for known in by_name.values() if known[1:] for pair in one_name(known)]


def one_name(known: Sequence[Known]) -> list[tuple[str, str]]:
    """The pairs among records of one name: those with an address in common are taken as one from the start."""
    groups = by_address(known)
    meets = {
        (one, other)
        for one, other in combinations(range(len(groups)), 2)
        if places(groups[one]) & places(groups[other]) and not contradict(groups[one], groups[other])
    }
    doubtful = {
        at
        for at in range(len(groups))
        if any(contradict(groups[one], groups[other]) for one, other in combinations(neighbors(at, meets), 2))
    }
    return [
        (groups[one][0].record, groups[other][0].record)
        for one, other in sorted(meets)
        if one not in doubtful and other not in doubtful
    ]


def by_address(known: Sequence[Known]) -> list[list[Known]]:
    """Records joined by shared addresses, in order; one without any is alone."""
    groups: list[list[Known]] = []
    for person in known:
        same = [group for group in groups if any(person.addresses & one.addresses for one in group)]
        for group in same:
            groups.remove(group)
        groups.append(sorted([one for group in same for one in group] + [person], key=lambda one: one.record))
    return sorted(groups, key=lambda group: group[0].record)


def neighbors(at: int, meets: Iterable[tuple[int, int]]) -> list[int]:
    """The groups one group meets."""
    return sorted({other for pair in meets if at in pair for other in pair if other != at})


def places(group: Iterable[Known]) -> set[str]:
    """Where the records of a group are to be found."""
    return {place for person in group for place in person.places}


def contradict(one: Iterable[Known], other: Iterable[Known]) -> bool:
    """Whether two groups have different addresses of one domain, as two people of one company do."""
    mine, others = (
        {address.rpartition("@")[2] for person in group for address in person.addresses}
        for group in (one, other)
    )
    return bool(mine & others)
