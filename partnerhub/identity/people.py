"""When two records are one person: one address, unless many people sit behind it; or one name at one employer.

A name alone never joins anybody. At one employer (or behind one phone) it does, unless the two have different addresses
of one domain, or a third record makes it doubtful which of two is meant. Then, and where somebody of a rare name has
left an employer and works for another one, a person is asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

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
PHONE = "phone:"
RARE = 8
"""A name of more records tells nothing about a move; nobody looks for its bearers."""
FEW = 3
"""The same of persons, as far as they are known to be one."""


class Doubt(NamedTuple):
    """Two records that may be one person and are not joined: left < right.

    reason: addresses (one name at one place, different addresses of one domain), either (it could as well be another
    one of that name), moved (one name; left one employer, works for another) or mailbox (one address, two names).
    """

    left: str
    right: str
    reason: str


def is_role_address(address: str) -> bool:
    """Whether the address names a desk (`info@`, `sales.de@`) rather than a person."""
    local = address.partition("@")[0]
    return local in ROLES or SEPARATORS.split(local)[0] in ROLES


@dataclass(frozen=True, slots=True)
class Known:
    """One record of a person. name: for comparing, None where it says too little; addresses: their own, no desk's.

    places: organizations they work at or did, and phones (`PHONE` and the number). left: they work at none any more.
    """

    record: str
    name: str | None
    addresses: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    left: bool = False


def namesakes(people: Iterable[Known]) -> list[tuple[str, str]]:
    """Pairs of records that are one person by name and place. Expects everybody who shares these to be given."""
    return compared_by_name(people)[0]


def compared_by_name(
    people: Iterable[Known], common: Collection[str] = ()
) -> tuple[list[tuple[str, str]], list[Doubt]]:
    """The pairs of `namesakes`, and who of one name may be one person. common: names of which others bear more."""
    by_name: dict[str, list[Known]] = {}
    for person in sorted(people, key=lambda person: person.record):
        if person.name and " " in person.name:
            by_name.setdefault(person.name, []).append(person)
    joins: list[tuple[str, str]] = []
    doubts: list[Doubt] = []
    for name, known in by_name.items():
        if known[1:]:
            groups = by_address(known)
            met, doubtful = one_name(groups)
            joins += met
            doubts += doubtful
            if len(groups) <= FEW and name not in common:
                doubts += moved(groups)
    return joins, doubts


def one_name(groups: Sequence[Sequence[Known]]) -> tuple[list[tuple[str, str]], list[Doubt]]:
    """The pairs among records of one name; those with an address in common are one from the start."""
    met: dict[str, list[int]] = {}
    for at, group in enumerate(groups):
        for place in places(group):
            met.setdefault(place, []).append(at)
    near = sorted({pair for there in met.values() for pair in combinations(there, 2)})
    meets = {(one, other) for one, other in near if not contradict(groups[one], groups[other])}
    meeting: dict[int, set[int]] = {}
    for one, other in meets:
        meeting.setdefault(one, set()).add(other)
        meeting.setdefault(other, set()).add(one)
    doubtful = {
        at
        for at, others in meeting.items()
        if any(contradict(groups[one], groups[other]) for one, other in combinations(others, 2))
    }
    joins, doubts = [], []
    for one, other in near:
        pair = (groups[one][0].record, groups[other][0].record)
        if (one, other) not in meets:
            doubts.append(Doubt(*pair, "addresses"))
        elif one in doubtful or other in doubtful:
            doubts.append(Doubt(*pair, "either"))
        else:
            joins.append(pair)
    return joins, doubts


def moved(groups: Sequence[Sequence[Known]]) -> list[Doubt]:
    """Who left an employer, and somebody of that rare name who works for another one."""
    return [
        Doubt(one[0].record, other[0].record, "moved")
        for one, other in combinations(groups, 2)
        if employers(one) and employers(other) and not places(one) & places(other)
        if has_left(one) != has_left(other)
    ]


def has_left(group: Iterable[Known]) -> bool:
    """Whether nobody says any more that a person works somewhere."""
    return all(person.left for person in group if employers([person]))


def by_address(known: Sequence[Known]) -> list[list[Known]]:
    """Records joined by shared addresses, in order; one without any is alone."""
    groups: dict[str, list[Known]] = {}
    holders: dict[str, str] = {}
    for person in known:
        same = sorted({holders[address] for address in person.addresses if address in holders})
        joined = [person, *(one for first in same for one in groups.pop(first))]
        groups[person.record] = joined
        holders |= {address: person.record for one in joined for address in one.addresses}
    ordered = (sorted(group, key=lambda one: one.record) for group in groups.values())
    return sorted(ordered, key=lambda group: group[0].record)


def places(group: Iterable[Known]) -> set[str]:
    """Where the records of a group are to be found."""
    return {place for person in group for place in person.places}


def employers(group: Iterable[Known]) -> set[str]:
    """Where the records of a group work."""
    return {place for place in places(group) if not place.startswith(PHONE)}


def contradict(one: Iterable[Known], other: Iterable[Known]) -> bool:
    """Whether two groups have different addresses of one domain, as two people of one company do."""
    mine, others = (
        {address.rpartition("@")[2] for person in group for address in person.addresses}
        for group in (one, other)
    )
    return bool(mine & others)
