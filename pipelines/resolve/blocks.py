"""Blocking values in the warehouse: `key` rows of kind `block`, by which a change finds whom to be compared with.

Staging removes them with the other keys of a record it restages; proposing writes them again, since the record waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from mappings.keys import domains_among, hosts_among
from partnerhub.identity.features import Features, features_of
from partnerhub.identity.policy import Policy
from pipelines.resolve.frequency import Frequencies, is_too_common
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
COUNTS = """
SELECT b.normalized, count(DISTINCT b.record), count(DISTINCT n.normalized) FROM wanted_value
JOIN key b ON b.kind = 'block' AND b.normalized = wanted_value.value
LEFT JOIN key n ON n.record = b.record AND n.kind = 'block' AND n.normalized LIKE 'name:%'
GROUP BY b.normalized
"""
HOLDERS = """
SELECT b.normalized, count(DISTINCT d.normalized) FROM wanted_value
JOIN key b ON b.kind = 'block' AND b.normalized = wanted_value.value
JOIN key d ON d.record = b.record AND d.kind = 'block' AND d.normalized LIKE 'domain:%'
WHERE b.normalized LIKE 'name:%' GROUP BY b.normalized
"""
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
    return features_of(row, names, hosts_among(keys), domains_among(keys))


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
    counts = value_counts(connection, {value for f in features for value in f.blocking_values()})
    common = {value for value, records, names in counts if is_too_common(value, records, names, policy)}
    holders = {value.removeprefix("name:"): n for value, n in connection.query(HOLDERS)}
    return Frequencies(holders, {value: names for value, _, names in counts}, frozenset(common))


def value_counts(connection: Connection, values: Iterable[str]) -> list[tuple[str, int, int]]:
    """Per blocking value how many records hold it, under how many names; leaves them in `wanted_value`."""
    bulk.load_keys(connection, "wanted_value", ("value",), ((value,) for value in sorted(values)))
    return [(value, records, names) for value, records, names in connection.query(COUNTS)]


def useful_values(connection: Connection, records: Collection[str], policy: Policy) -> set[str]:
    """The stored blocking values of records, without those too common to look anybody up by."""
    load_reached(connection, records)
    stored = {value for _, value in connection.query(BLOCKS)}
    counts = value_counts(connection, stored)
    return {value for value, held, names in counts if not is_too_common(value, held, names, policy)}


def sharing_records(connection: Connection, values: Iterable[str]) -> set[str]:
    """Every record that holds one of the blocking values."""
    bulk.load_keys(connection, "wanted_value", ("value",), ((value,) for value in sorted(values)))
    return {row[0] for row in connection.query(SHARING)}
