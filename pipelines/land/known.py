"""Which addresses belong to organizations the hub knows: what a source asks before it fetches private content."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from warehouse import bulk
from warehouse.reconnecting import patiently

if TYPE_CHECKING:
    from warehouse.database import Connection, Database

Knows: TypeAlias = Callable[[set[str]], set[str]]

HELD = (
    "SELECT DISTINCT a.address FROM asked_addresses a JOIN key k"
    " ON (k.kind = 'email' AND k.normalized = a.address) OR (k.kind IN ('host', 'domain') AND k.normalized = a.host)"
    " WHERE k.entity IN ('organization', 'person')"
)


def known_addresses(database: Database, own_domains: frozenset[str]) -> Knows:
    """A function that keeps the addresses whose person, host or domain an organization holds. Threads may share it."""

    def knows(addresses: set[str]) -> set[str]:
        asked = [
            (address, host_of(address))
            for address in sorted(addresses)
            if host_of(address) not in own_domains
        ]
        if not asked:
            return set()
        return patiently(database, partial(known_among, asked=asked))

    return knows


def known_among(connection: Connection, asked: list[tuple[str, str]]) -> set[str]:
    """Those of the (address, host) asked for that are known."""
    with connection.transaction():
        bulk.load_keys(connection, "asked_addresses", ("address", "host"), asked)
        return {row[0] for row in connection.query(HELD)}


def host_of(address: str) -> str:
    """The part behind the @."""
    return address.rpartition("@")[2]
