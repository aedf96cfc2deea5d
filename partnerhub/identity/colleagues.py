"""Which users of our own systems are one colleague: by address, else by a name nobody else among us has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from partnerhub.identity.people import Known, namesakes

OURS = frozenset({"us"})


@dataclass(frozen=True, slots=True)
class User:
    """One user of one of our systems. name: for comparing; addresses: all the system knows."""

    record: str
    source: str
    name: str | None
    addresses: frozenset[str] = frozenset()


def one_colleague(users: Iterable[User]) -> dict[str, str]:
    """What each record is: the smallest address of its group, else the smallest record. Independent of order."""
    known = {user.record: user for user in sorted(users, key=lambda user: user.record)}
    groups = {record: [record] for record in known}
    by_address: dict[str, str] = {}
    pairs = [
        (first, record)
        for record, user in known.items()
        for address in sorted(user.addresses)
        if (first := by_address.setdefault(address, record)) != record
    ]
    for one, other in [*pairs, *namesakes(named(known.values()))]:
        if groups[one] is not groups[other]:
            merged = groups[one] + groups[other]
            groups.update(dict.fromkeys(merged, merged))
    return {record: identity([known[each] for each in group]) for record, group in groups.items()}


def named(users: Iterable[User]) -> list[Known]:
    """Users as the rule for namesakes takes them, without those whose system has the name twice."""
    listed = list(users)
    borne = Counter(
        (source, name)
        for source, name, _ in {(u.source, u.name, min(u.addresses, default=u.record)) for u in listed}
    )
    twice = {name for (_, name), count in borne.items() if count > 1}
    return [Known(u.record, u.name, u.addresses, OURS) for u in listed if u.name not in twice]


def identity(group: Iterable[User]) -> str:
    """What a group is known by."""
    users = list(group)
    addresses = [address for user in users for address in user.addresses]
    return min(addresses, default="") or min(user.record for user in users)
