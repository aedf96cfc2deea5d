"""Blocking values in the warehouse: `key` rows of kind `block`, by which a change finds whom to be compared with.

Staging leaves those of a record it restages to proposing, for which the record waits; of one that is staged no more it
removes them with its other keys.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType
from typing import Any, NamedTuple

from mappings.clean.places import country_of
from mappings.keys import domains_among, hosts_among
from partnerhub.identity.features import Features, features_of
from partnerhub.identity.policy import Policy
from partnerhub.identity.words import known_words
from pipelines.resolve.feature_table import COMMON_FROM, GENERAL_FROM, UNUSUAL_FROM
from pipelines.resolve.frequency import (
    IDENTIFYING,
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
SELECT wanted_value.value, (SELECT count(*) FROM (SELECT DISTINCT n.normalized FROM key b CROSS JOIN key n
WHERE b.kind = 'block' AND b.normalized = wanted_value.value AND n.record = b.record AND n.kind = 'block'
AND n.scheme = '' AND n.normalized >= '{of}:' AND n.normalized < '{of};' LIMIT {most}) AS found)
FROM wanted_value
"""
"""How many different names or domains the records have that hold a value, counted no further than says something."""
BEYOND = 10
"""So much further: what a batch has more of than this may have weighed otherwise before, whatever it had then."""


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
NO_COUNTS: Mapping[str, Count] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Known:
    """What a batch has found out of values, as long as no blocking value is written.

    counts: how common they are. alone: how common a value is if no record but the one that told of it holds it.
    """

    counts: dict[str, Count] = field(default_factory=dict)
    alone: dict[str, Count] = field(default_factory=dict)

    def told(self, stored: Iterable[frozenset[str]]) -> None:
        """Note what records say of their values. stored: the blocking values of each, all that the warehouse has."""
        for values in stored:
            if values <= self.alone.keys():
                continue
            names, domains = (sum(v.startswith(of) for v in values) for of in ("name:", "domain:"))
            self.alone.update(dict.fromkeys(values, Count(1, names, domains)))


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
    stored = blocks_held(connection)
    rows: list[RowTuple] = []
    for f in sorted(features, key=lambda f: f.record):
        values, held = f.blocking_values, stored.pop(f.record, NOTHING)
        source = sources[f.record]
        rows += [(f.record, "block", "", v, v, "organization", source) for v in sorted(values - held)]
        if held:
            stored[f.record] = {*held} - values
    gone = [(record, "block", value) for record, held in sorted(stored.items()) for value in sorted(held)]
    bulk.delete(connection, "key", ("record", "kind", "normalized"), gone)
    bulk.insert(connection, "key", KEY_COLUMNS, rows)


def blocks_held(connection: Connection) -> dict[str, set[str]]:
    """Record → its stored blocking values, of the records in the temporary table `reached`."""
    stored: dict[str, set[str]] = {}
    for record, value in connection.query(BLOCKS):
        stored.setdefault(record, set()).add(value)
    return stored


def read_frequencies(
    connection: Connection,
    features: Collection[Features],
    fresh: Collection[str],
    policy: Policy,
    known: Known | None = None,
) -> Frequencies:
    """How common the values of these records are in the whole warehouse.

    fresh: whose values lead to others; of anybody else's only those are counted that can weigh beside them. known: of
    a batch; then all of these records are stored.
    """
    if known is not None:
        known.told(f.blocking_values for f in features)
    beside = Beside.of(f for f in features if f.record in fresh)
    values = beside.values.union(*(beside.weighing(f) for f in features if f.record not in fresh))
    return frequencies_of(value_counts(connection, values, policy, known), policy)


@dataclass(frozen=True, slots=True)
class Beside:
    """What the fresh records of a batch hold. labels: what their sites are called; said: that, and what they are."""

    values: frozenset[str]
    labels: frozenset[str]
    said: frozenset[str]

    @classmethod
    def of(cls, fresh: Iterable[Features]) -> Beside:
        """Everything that these hold."""
        values, labels, said = set[str](), set[str](), set[str]()
        for f in fresh:
            values |= f.blocking_values
            labels.update(f.labels)
            said |= said_of(f)
        return cls(frozenset(values), frozenset(labels), frozenset(said))

    def weighing(self, f: Features) -> set[str]:
        """The values of another record whose counts can weigh in a pair with one of these.

        Any two names may be alike, a word weighs by itself, and a site, phone or street of too many counts as unknown.
        How common its initials and what its site is called are matters where a fresh record says the same. Everything
        else weighs where both hold it, and is counted for the fresh one.
        """
        table = known_words().concept_of
        found = {f"word:{word}" for word in (*f.words, *f.spelled) if word not in table}
        found.update(f"name:{name}" for name in f.names)
        found.update(f"host:{host}" for host in (f.host, f.mail_host))
        found |= {f"phone:{f.phone}", f"street:{f.street}"}
        short = {f"initials:{letters}" for letters in f.acronyms + f.initials}
        if not short.isdisjoint(self.values):
            found |= short
        if not (self.labels.isdisjoint(said_of(f)) and self.said.isdisjoint(f.labels)):
            found.update(f"label:{label}" for label in f.labels)
        return found & f.blocking_values


def said_of(f: Features) -> set[str]:
    """Everything that the label of a site may be compared with."""
    return {f.compact, *f.acronyms, *f.initials, *f.words, *f.labels}


def value_counts(
    connection: Connection, values: Iterable[str], policy: Policy, known: Known | None = None
) -> dict[str, Count]:
    """How common stored blocking values are, counted up to a bound. Writes temporary tables only.

    Names and domains are counted for the kinds where that says something. What is counted is added to what is known.
    """
    known, values = known or Known(), set(values)
    missing = sorted(values - known.counts.keys())
    if missing:
        known.counts.update(count_values(connection, missing, policy, known.alone))
    return {value: known.counts[value] for value in values}


def count_values(
    connection: Connection, values: list[str], policy: Policy, alone: Mapping[str, Count] = NO_COUNTS
) -> dict[str, Count]:
    """Ask the warehouse how common values are. alone: the counts of those that no other record holds."""
    most = counted_up_to(policy)
    bulk.load_keys(connection, "wanted_value", ("value",), ((value,) for value in values))
    held: dict[str, int] = dict(connection.query(HELD.format(most=most + 1)))
    found = {
        value: many(policy) if records > most else alone[value]
        for value, records in held.items()
        if records > most or (records == 1 and value in alone)
    }
    few = [value for value, records in held.items() if value not in found and not is_general(value, records)]
    names, domains = (counted_within(connection, few, of, policy) for of in ("name", "domain"))
    return found | {
        value: Count(records, names.get(value, 0), domains.get(value, 0))
        for value, records in held.items()
        if value not in found
    }


def is_general(value: str, records: int) -> bool:
    """Whether a word is held by so many records that it does not matter how many names they have."""
    return records >= GENERAL_FROM and value.startswith("word:")


def counted_within(connection: Connection, values: Iterable[str], of: str, policy: Policy) -> dict[str, int]:
    """Value → how many different names or domains its records have, where that weighs; absent where it does not."""
    by_bound = defaultdict(list)
    for value in values:
        if bound := last_border(value, of, policy):
            by_bound[bound + BEYOND].append((value,))
    found: dict[str, int] = {}
    for bound, some in sorted(by_bound.items()):
        bulk.load_keys(connection, "wanted_value", ("value",), some)
        found |= dict(connection.query(WITHIN.format(of=of, most=bound)))
    return found


def last_border(value: str, of: str, policy: Policy) -> int:
    """Up to how many names or domains behind a value weigh differently; 0 where none do."""
    borders = borders_of(value)
    if borders is None:
        return 0
    if of == "domain":
        return max(borders.domains, default=0)
    generic = policy.generic_names if value.startswith(IDENTIFYING) else 0
    return max(*borders.names, generic) if borders.names else 0


def borders_of(value: str) -> Borders | None:
    """The borders of a value's kind; None where its counts do not weigh."""
    return WEIGHING.get(value.partition(":")[0])


def useful_values(
    connection: Connection, held: Iterable[Collection[str]], policy: Policy, known: Known | None = None
) -> set[str]:
    """The stored blocking values that records hold, without those too common to look anybody up by. held: of each."""
    counts = value_counts(connection, chain.from_iterable(held), policy, known)
    return {value for value, count in counts.items() if not is_too_common(value, count, policy)}


def reweighing_values(
    connection: Connection, held: Collection[frozenset[str]], policy: Policy, known: Known | None = None
) -> set[str]:
    """Values that these records may have made so much more common that pairs of others weigh differently.

    Only those at a border between classes of counts: a batch of one record hardly ever has any. held: the blocking
    values of each, as stored.
    """
    known = known or Known()
    known.told(held)
    bearers = Counter(chain.from_iterable(held))
    counts = value_counts(connection, bearers, policy, known)
    return {
        value
        for value, count in counts.items()
        if bearers[value]
        < count.records
        <= counted_up_to(policy)  # else nobody bears it besides, or too many
        and is_reclassified(value, count, bearers[value], policy)
    }


def is_reclassified(value: str, count: Count, added: int, policy: Policy) -> bool:
    """Whether a value may have been in another class before so many of its records held it."""
    before = count.without(added)
    if is_too_common(value, count, policy) != is_too_common(value, before, policy):
        return True
    borders = borders_of(value)
    return borders is not None and borders.classes(count) != borders.classes(before)


def sharing_records(connection: Connection, values: Iterable[str]) -> set[str]:
    """Every record that holds one of the blocking values."""
    bulk.load_keys(connection, "wanted_value", ("value",), ((value,) for value in sorted(values)))
    return {row[0] for row in connection.query(SHARING)}
