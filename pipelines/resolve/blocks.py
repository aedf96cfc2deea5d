"""Blocking values in the warehouse: `key` rows of kind `block`, by which a change finds whom to be compared with.

Staging removes them with the other keys of a record it restages; proposing writes them again, since the record waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from mappings.keys import domains_among, hosts_among
from partnerhub.identity.features import Features, features_of
from partnerhub.identity.policy import Policy
from pipelines.resolve.countries import country_of
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
from warehouse.database import Connection

KEY_COLUMNS = ("record", "kind", "scheme", "normalized", "original", "entity", "source")
ORGANIZATIONS = """
SELECT s.record, s.source, s.name, s.website, s.host, s.email, s.phone, s.street, s.city, s.postcode, s.country
FROM reached JOIN staged_organization s ON s.record = reached.record ORDER BY s.record
"""
NAMES_AND_HOSTS = """
SELECT k.record, k.kind, k.scheme, k.normalized FROM reached JOIN key k ON k.record = reached.record
WHERE k.kind IN ('name', 'host', 'domain') ORDER BY k.record, k.normalized, k.kind, k.scheme
"""
BLOCKS = "SELECT k.record, k.normalized FROM reached JOIN key k ON k.record = reached.record WHERE k.kind = 'block'"
HELD = """
SELECT wanted_value.value,
(SELECT count(*) FROM (SELECT 1 FROM key b WHERE b.kind = 'block' AND b.normalized = wanted_value.value LIMIT {most})
AS held)
FROM wanted_value
"""
"""How many records hold each value, counted no further than says something: most values of a name are held by many."""
NAMES_AND_DOMAINS = """
SELECT b.normalized,
count(DISTINCT CASE WHEN n.normalized LIKE 'name:%' THEN n.normalized END),
count(DISTINCT CASE WHEN n.normalized LIKE 'domain:%' THEN n.normalized END)
FROM wanted_value JOIN key b ON b.kind = 'block' AND b.normalized = wanted_value.value
JOIN key n ON n.record = b.record AND n.kind = 'block'
AND (n.normalized LIKE 'name:%' OR n.normalized LIKE 'domain:%')
GROUP BY b.normalized
"""
WEIGHING = ("name:", "host:", "domain:", "initials:", "label:", "phone:", "street:", "word:")
"""Kinds of values whose counts weigh in a score."""
SHARING = """
SELECT DISTINCT b.record FROM wanted_value JOIN key b ON b.kind = 'block' AND b.normalized = wanted_value.value
"""


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
    stored = {(record, value) for record, value in connection.query(BLOCKS)}
    wanted = {(f.record, value) for f in features for value in f.blocking_values()}
    gone = sorted(stored - wanted)
    bulk.delete(connection, "key", ("record", "kind", "normalized"), [(r, "block", v) for r, v in gone])
    rows = [(r, "block", "", v, v, "organization", sources[r]) for r, v in sorted(wanted - stored)]
    bulk.insert(connection, "key", KEY_COLUMNS, rows)


def read_frequencies(connection: Connection, features: Iterable[Features], policy: Policy) -> Frequencies:
    """How common the values of these records are in the whole warehouse."""
    values = {value for f in features for value in f.blocking_values()}
    return frequencies_of(value_counts(connection, values, policy), policy)


def value_counts(connection: Connection, values: Iterable[str], policy: Policy) -> dict[str, Count]:
    """How common stored blocking values are, counted up to a bound. Writes temporary tables only."""
    most = counted_up_to(policy)
    bulk.load_keys(connection, "wanted_value", ("value",), ((value,) for value in sorted(values)))
    held: dict[str, int] = dict(connection.query(HELD.format(most=most + 1)))
    few = sorted(value for value, records in held.items() if records <= most)
    bulk.load_keys(connection, "wanted_value", ("value",), ((value,) for value in few))
    found = {value: many(policy) for value, records in held.items() if records > most}
    found |= {value: Count(held[value], 0, 0) for value in few}
    for value, names, domains in connection.query(NAMES_AND_DOMAINS):
        found[value] = Count(held[value], names, domains)
    return found


def useful_values(connection: Connection, records: Collection[str], policy: Policy) -> set[str]:
    """The stored blocking values of records, without those too common to look anybody up by."""
    counts = value_counts(connection, stored_values(connection, records), policy)
    return {value for value, count in counts.items() if not is_too_common(value, count, policy)}


def reweighing_values(connection: Connection, batch: Collection[str], policy: Policy) -> set[str]:
    """Values that these records may have made so much more common that pairs of others weigh differently.

    Only those at a border between classes of counts: a batch of one record hardly ever has any.
    """
    held = stored_values(connection, batch)
    counts = value_counts(connection, held, policy)
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
    return value.startswith(WEIGHING) and before.classes != count.classes


def stored_values(connection: Connection, records: Collection[str]) -> Counter[str]:
    """The stored blocking values of records, and how many of the records hold each."""
    load_reached(connection, records)
    return Counter(value for _, value in connection.query(BLOCKS))


def sharing_records(connection: Connection, values: Iterable[str]) -> set[str]:
    """Every record that holds one of the blocking values."""
    bulk.load_keys(connection, "wanted_value", ("value",), ((value,) for value in sorted(values)))
    return {row[0] for row in connection.query(SHARING)}
