"""Which organizations a name, with a site or a place, may mean: candidates off the key index, weighed one by one.

For a person who enters one, and for a list that is matched row by row: milliseconds, and no engine is started.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from partnerhub.identity.bands import probability_of
from partnerhub.identity.pairwise import weight_of
from pipelines.resolve.blocks import count_values, read_features, read_frequencies
from pipelines.resolve.feature_table import feature_row
from pipelines.resolve.frequency import frequencies_of
from pipelines.resolve.sheet_rows import sheet_features, staged_row
from warehouse import bulk
from warehouse.queries.sides import ids_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partnerhub.identity.features import Features
    from partnerhub.identity.policy import Policy
    from warehouse.database import Connection

WEIGHED: Final = 40
"""Records that share most with what is asked are weighed; no further ones."""
ASKED: Final = "asked"
SHARING: Final = (
    "SELECT b.normalized, b.record FROM wanted_value CROSS JOIN key b WHERE b.kind = 'block'"
    " AND b.normalized = wanted_value.value AND b.entity = 'organization'"
)


class Likely(NamedTuple):
    """An organization that may be meant. record: the one of its records that is most alike.

    certain: it alone is alike enough to join by itself.
    """

    organization_id: str
    record: str
    bits: float
    probability: float
    certain: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """What was asked and what may be meant by it, the likeliest first. mine, rows: as the scorecard sees them.

    theirs: record → its features, of those that were weighed.
    """

    asked: Features
    mine: Mapping[str, Any]
    likely: list[Likely]
    theirs: Mapping[str, Features]
    rows: Mapping[str, Mapping[str, Any]]


def likely(
    connection: Connection, said: Mapping[str, Any], policy: Policy, region: str | None = None
) -> list[Likely]:
    """Organizations alike to what is said, the likeliest first; [] where nothing said can be compared.

    said: name, website, email_domain, phone, street, city, postcode, country, as a person writes them.
    Writes temporary tables only.
    """
    (found,) = likely_each(connection, [said], policy, region)
    return found.likely if found else []


def likely_each(
    connection: Connection, said: Sequence[Mapping[str, Any]], policy: Policy, region: str | None = None
) -> list[Weighed | None]:
    """The same for several at once, each for itself, in order; None for one of which nothing can be compared.

    What they share is looked up once: a few hundred at a time are a hundred times cheaper than one by one.
    """
    staged = [staged_row(each, {}, (ASKED, str(number)), region) for number, each in enumerate(said)]
    asked = [sheet_features(row) if row else None for row in staged]
    given = [each for each in asked if each]
    if not given:
        return [None] * len(asked)
    chosen = candidates(connection, given, policy)
    known = {
        each.record: each
        for each in read_features(connection, sorted({record for each in chosen.values() for record in each}))
    }
    frequencies = read_frequencies(
        connection, [*given, *known.values()], {each.record for each in given}, policy
    )
    rows = {record: feature_row(each, frequencies, policy) for record, each in known.items()}
    ids = ids_of(connection, "organization", known)
    found: list[Weighed | None] = []
    for each in asked:
        if each is None:
            found.append(None)
            continue
        mine = feature_row(each, frequencies, policy)
        theirs = {record: known[record] for record in chosen[each.record] if record in known}
        weighed = {record: weight_of(mine, rows[record], policy.scorecard) for record in theirs}
        found.append(Weighed(each, mine, ranked(weighed, ids, policy), theirs, rows))
    return found


def ranked(weighed: Mapping[str, float], ids: Mapping[str, str], policy: Policy) -> list[Likely]:
    """The organizations of weighed records, each by its most alike one."""
    best: dict[str, tuple[str, float]] = {}
    for record, bits in sorted(weighed.items(), key=lambda each: (-each[1], each[0])):
        if record in ids:
            best.setdefault(ids[record], (record, bits))
    alone = sum(bits >= policy.auto for _, bits in best.values()) == 1
    return [
        Likely(each, record, bits, probability_of(bits), alone and bits >= policy.auto)
        for each, (record, bits) in best.items()
    ]


def candidates(connection: Connection, asked: Sequence[Features], policy: Policy) -> dict[str, list[str]]:
    """Asked → the records that share most of the telling values with it."""
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for each in asked:
        for value in each.blocking_values:
            holders[value].append(each.record)
    counts = count_values(connection, sorted(holders), policy)
    common = frequencies_of(counts, policy).too_common
    useful = [value for value in counts if value not in common]
    bulk.load_keys(connection, "wanted_value", ("value",), ((value,) for value in sorted(useful)))
    shared: dict[str, Counter[str]] = {each.record: Counter() for each in asked}
    for value, record in connection.query(SHARING):
        for holder in holders[value]:
            shared[holder][record] += 1
    return {
        holder: [
            record for record, _ in sorted(found.items(), key=lambda each: (-each[1], each[0]))[:WEIGHED]
        ]
        for holder, found in shared.items()
    }
