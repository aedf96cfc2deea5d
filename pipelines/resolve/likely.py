"""Which organizations a name, with a site or a place, may mean: candidates off the key index, weighed one by one.

For a person who enters one, and for a program that matches a list row by row: milliseconds, and no engine is started.
"""

from __future__ import annotations

from collections import Counter
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
    from collections.abc import Mapping

    from partnerhub.identity.features import Features
    from partnerhub.identity.policy import Policy
    from warehouse.database import Connection

WEIGHED: Final = 40
"""Records that share most with what is asked are weighed; no further ones."""
ASKED: Final = ("asked", "0")
SHARING: Final = (
    "SELECT b.record FROM wanted_value CROSS JOIN key b WHERE b.kind = 'block'"
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


def likely(
    connection: Connection, said: Mapping[str, Any], policy: Policy, region: str | None = None
) -> list[Likely]:
    """Organizations alike to what is said, the likeliest first; [] where nothing said can be compared.

    said: name, website, email_domain, phone, street, city, postcode, country, as a person writes them.
    Writes temporary tables only.
    """
    row = staged_row(said, {}, ASKED, region)
    if row is None:
        return []
    asked = sheet_features(row)
    found = read_features(connection, candidates(connection, asked, policy))
    frequencies = read_frequencies(connection, [asked, *found], {asked.record}, policy)
    mine = feature_row(asked, frequencies, policy)
    weights = policy.scorecard
    weighed = {
        each.record: weight_of(mine, feature_row(each, frequencies, policy), weights) for each in found
    }
    ids = ids_of(connection, "organization", weighed)
    best: dict[str, tuple[str, float]] = {}
    for record, bits in sorted(weighed.items(), key=lambda each: (-each[1], each[0])):
        if record in ids:
            best.setdefault(ids[record], (record, bits))
    alone = sum(bits >= policy.auto for _, bits in best.values()) == 1
    return [
        Likely(each, record, bits, probability_of(bits), alone and bits >= policy.auto)
        for each, (record, bits) in best.items()
    ]


def candidates(connection: Connection, asked: Features, policy: Policy) -> list[str]:
    """The records that share most of the telling values with what is asked."""
    counts = count_values(connection, sorted(asked.blocking_values), policy)
    common = frequencies_of(counts, policy).too_common
    useful = [value for value in counts if value not in common]
    bulk.load_keys(connection, "wanted_value", ("value",), ((value,) for value in sorted(useful)))
    shared = Counter(record for (record,) in connection.query(SHARING))
    return [record for record, _ in sorted(shared.items(), key=lambda each: (-each[1], each[0]))[:WEIGHED]]
