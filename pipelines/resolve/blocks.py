"""Blocking values in the warehouse: `key` rows of kind `block`, by which a change finds whom to be compared with.

Staging removes them with the other keys of a record it restages; proposing writes them again, since the record waits.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from mappings.clean.places import country_of
from mappings.keys import domains_among, hosts_among
from partnerhub.identity.features import Features, features_of
from partnerhub.identity.policy import Policy
from pipelines.resolve.feature_table import COMMON_FROM, GENERAL_FROM, UNUSUAL_FROM
from pipelines.resolve.frequency import (
    Count,
    Frequencies,
    counted_up_to,
    frequencies_of,
    is_too_common,
    many,
)
from pipelines.resolve.neighborhood import load_reached
from warehouse import bulk
from warehouse.database import Connection, RowTuple

KEY_COLUMNS = ("record", "kind", "scheme", "normalized", "original", "entity", "source")
ORGANIZATIONS = """
SELECT s.record, s.source, s.name, s.website, s.host, s.email, s.phone, s.street, s.city, s.postcode, s.country
FROM reached CROSS JOIN staged_organization s WHERE s.record = reached.record ORDER BY s.record
"""
NAMES_AND_HOSTS = """
SELECT k.record, k.kind, k.scheme, k.normalized FROM reached CROSS JOIN key k
WHERE k.record = reached.record AND k.kind IN ('name', 'host', 'domain')
ORDER BY k.record, k.normalized, k.kind, k.scheme
"""
BLOCKS = """
SELECT k.record, k.normalized FROM reached CROSS JOIN key k WHERE k.record = reached.record AND k.kind = 'block'
"""
HELD = """
SELECT wanted_value.value,
(SELECT count(*) FROM (SELECT 1 FROM key b WHERE b.kind = 'block' AND b.normalized = wanted_value.value LIMIT {most})
AS held)
FROM wanted_value
"""
"""How many records hold each value, counted no further than says something: most values of a name are held by many."""
WITHIN = """
SELECT wanted_value.value, count(DISTINCT n.normalized)
FROM wanted_value CROSS JOIN key b CROSS JOIN key n WHERE b.kind = 'block' AND b.normalized = wanted_value.value
AND n.record = b.record AND n.kind = 'block' AND n.scheme = '' AND n.normalized >= '{of}:' AND n.normalized < '{of};'
GROUP BY wanted_value.value
"""
"""How many different names or domains the records have that hold a value."""


class Borders(NamedTuple):
    """Between which counts of a kind of value pairs weigh differently: each is the last of its class."""

    records: tuple[int, ...] = ()
    names: tuple[int, ...] = ()
    domains: tuple[int, ...] = ()

    def classes(self, count: Count) -> tuple[int, ...]:
        """Between which borders a value lies: as long as these stay, no pair weighs differently."""
        return tuple(bisect_left(borders, held) for borders, held in zip(self, count, strict=True))


WEIGHING = {
    "name": Borders(records=(2, 4, 8, 16), domains=(0, 1, 2, 4)),
    "host": Borders(names=(1, 2, 3, 4, 6, 10)),
    "domain": Borders(names=(3, 6, 20)),
    "initials": Borders(names=(1, 2, 3, 6)),
    "label": Borders(domains=(1,)),
    "phone": Borders(names=(2, 4)),
    "street": Borders(names=(1, 2, 4)),
    "word": Borders(records=(GENERAL_FROM - 1,), names=(UNUSUAL_FROM - 1, COMMON_FROM - 1)),
}
"""Kinds of values whose counts weigh in a score: as the scorecard and the weights of words have them."""
SHARING = """
SELECT DISTINCT b.record FROM wanted_value CROSS JOIN key b WHERE b.kind = 'block' AND b.normalized = wanted_value.value
"""


NOTHING: frozenset[str] = frozenset()


def read_features(connection: Connection, records: Collection[str]) -> list[Features]:
    """The features of staged organizations; records without a staged row are left out."""
    load_reached(connection, records)
    keys: dict[str, list[tuple[str, str, str]]] = {}
    for record, *key in connection.query(NAMES_AND_HOSTS):
        keys.setdefault(record, []).append(tuple(key))
    return [record_features(row, keys.get(row["record"], [])) for row in connection.records(ORGANIZATIONS)]


def record_features(row: dict[str, Any], keys: list[tuple[str, str, str]]) -> Features:
    """The features of one staged row and its (kind, scheme, normalized) keys."""
    names = [value for kind, _, value in keys if kind == "name"]
    return features_of(row, names, hosts_among(keys), domains_among(keys), country_of)


def write_blocks(connection: Connection, features: Iterable[Features], sources: dict[str, str]) -> None:
    """Make the stored blocking values of these records what they should be; writes only what differs.

    Expects an open transaction, and the records to be in the temporary table `reached`.
    """
    stored: dict[str, set[str]] = {}
    for record, value in connection.query(BLOCKS):
        stored.setdefault(record, set()).add(value)
    rows: list[RowTuple] = []
    for f in sorted(features, key=lambda f: f.record):
        values, held = f.blocking_values(), stored.pop(f.record, NOTHING)
        source = sources[f.record]
        rows += [(f.record, "block", "", v, v, "organization", source) for v in sorted(values - held)]
        if held:
            stored[f.record] = {*held} - values
    gone = [(record, "block", value) for record, held in sorted(stored.items()) for value in sorted(held)]
    bulk.delete(connection, "key", ("record", "kind", "normalized"), gone)
    bulk.insert(connection, "key", KEY_COLUMNS, rows)


def read_frequencies(
    connection: Connection,
    features: Iterable[Features],
    fresh: Collection[str],
    policy: Policy,
    known: dict[str, Count] | None = None,
) -> Frequencies:
    """How common the values of these records are in the whole warehouse.

    fresh: whose values lead to others; of anybody else's only those are counted that weigh in a score.
    """
    values = {v for f in features for v in f.blocking_values() if f.record in fresh or weighs(v)}
    return frequencies_of(value_counts(connection, values, policy, known), policy)


def value_counts(
    connection: Connection, values: Iterable[str], policy: Policy, known: dict[str, Count] | None = None
) -> dict[str, Count]:
    """How common stored blocking values are, counted up to a bound. Writes temporary tables only.

    Names and domains are counted for the kinds where that says something. known: what was counted before, as long as
    no blocking value has been written since; what is counted now is added.
    """
    counted = {} if known is None else known
    values = set(values)
    missing = sorted(values - counted.keys())
    if missing:
        counted |= count_values(connection, missing, policy)
    return {value: counted[value] for value in values}


def count_values(connection: Connection, values: list[str], policy: Policy) -> dict[str, Count]:
    """Ask the warehouse how common values are."""
    most = counted_up_to(policy)
    bulk.load_keys(connection, "wanted_value", ("value",), ((value,) for value in values))
    held: dict[str, int] = dict(connection.query(HELD.format(most=most + 1)))
    few = [value for value, records in held.items() if records <= most and not is_general(value, records)]
    names = counted_within(connection, filter(names_weigh, few), "name")
    domains = counted_within(connection, filter(domains_weigh, few), "domain")
    return {
        value: Count(records, names.get(value, 0), domains.get(value, 0)) if records <= most else many(policy)
        for value, records in held.items()
    }


def is_general(value: str, records: int) -> bool:
    """Whether a word is held by so many records that it does not matter how many names they have."""
    return records >= GENERAL_FROM and value.startswith("word:")


def counted_within(connection: Connection, values: Iterable[str], of: str) -> dict[str, int]:
    """Value → how many different names or domains its records have; absent where none has one."""
    if not bulk.load_keys(connection, "wanted_value", ("value",), ((value,) for value in values)):
        return {}
    return dict(connection.query(WITHIN.format(of=of)))


def borders_of(value: str) -> Borders | None:
    """The borders of a value's kind; None where its counts do not weigh."""
    return WEIGHING.get(value.partition(":")[0])


def weighs(value: str) -> bool:
    """Whether it matters in a score how common the value is."""
    return borders_of(value) is not None


def names_weigh(value: str) -> bool:
    """Whether it matters how many names the records have that hold the value."""
    return bool((borders := borders_of(value)) and borders.names)


def domains_weigh(value: str) -> bool:
    """Whether it matters how many domains they have."""
    return bool((borders := borders_of(value)) and borders.domains)


def useful_values(
    connection: Connection, records: Collection[str], policy: Policy, known: dict[str, Count] | None = None
) -> set[str]:
    """The stored blocking values of records, without those too common to look anybody up by."""
    counts = value_counts(connection, stored_values(connection, records), policy, known)
    return {value for value, count in counts.items() if not is_too_common(value, count, policy)}


def reweighing_values(
    connection: Connection, batch: Collection[str], policy: Policy, known: dict[str, Count] | None = None
) -> set[str]:
    """Values that these records may have made so much more common that pairs of others weigh differently.

    Only those at a border between classes of counts: a batch of one record hardly ever has any.
    """
    held = stored_values(connection, batch)
    counts = value_counts(connection, held, policy, known)
    return {
        value
        for value, count in counts.items()
        if count.records <= counted_up_to(policy) and is_reclassified(value, count, held[value], policy)
    }


def is_reclassified(value: str, count: Count, added: int, policy: Policy) -> bool:
    """Whether a value may have been in another class before so many of its records held it."""
    before = count.without(added)
    if is_too_common(value, count, policy) != is_too_common(value, before, policy):
        return True
    borders = borders_of(value)
    return borders is not None and borders.classes(count) != borders.classes(before)


def stored_values(connection: Connection, records: Collection[str]) -> Counter[str]:
    """The stored blocking values of records, and how many of the records hold each."""
    load_reached(connection, records)
    return Counter(value for _, value in connection.query(BLOCKS))


def sharing_records(connection: Connection, values: Iterable[str]) -> set[str]:
    """Every record that holds one of the blocking values."""
    bulk.load_keys(connection, "wanted_value", ("value",), ((value,) for value in sorted(values)))
    return {row[0] for row in connection.query(SHARING)}
