"""How common values are among a million rows: what `pipelines.resolve.frequency` counts, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships none

from pipelines.resolve.frequency import IDENTIFYING, counted_up_to
from pipelines.resolve.sheet_columns import flat_and_owner
from pipelines.resolve.value_ids import KIND, KIND_BITS, KIND_OF, KINDS, NOT_COUNTED, Ids

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    from partnerhub.identity.policy import Policy

Flags: TypeAlias = "NDArray[np.bool_]"

BEARING = ("word", "host", "domain", "initials", "phone", "street")
"""Kinds of values that matter by how many different names their holders have."""
SITED = ("name", "label")
"""Kinds that matter by how many different domains."""
NOBODYS = -1 << KIND_BITS
HELD = """
CREATE TEMP TABLE shared_value AS
SELECT value, count(*)::BIGINT AS records FROM held GROUP BY value HAVING count(*) > 1
"""
BORNE = """
SELECT h.value, count(DISTINCT other.value) AS others FROM held h
JOIN (SELECT value FROM shared_value WHERE records <= {most} AND value & {kind} IN ({kinds})) s ON s.value = h.value
JOIN (SELECT number, value FROM held WHERE value & {kind} = {other}) other ON other.number = h.number
GROUP BY h.value
"""


@dataclass(frozen=True)
class CommonValues:
    """Every value that more than one record holds, by number, sorted; how many records, names and domains hold it.

    Never empty: where no value is shared, NOBODYS stands there.
    """

    values: Ids
    records: Ids
    names: Ids
    domains: Ids

    def generic(self, policy: Policy) -> Flags:
        """Which are sites, phones or streets under so many names that they identify nobody."""
        kinds = [KIND_OF[prefix.removesuffix(":")] for prefix in IDENTIFYING]
        identifying: Flags = np.isin(self.values & KIND, kinds)
        return identifying & (self.names > policy.generic_names)

    def leading(self, policy: Policy) -> Flags:
        """Which ones candidates are found by."""
        most = np.array([policy.largest_blocks.get(kind, policy.largest_block) for kind in KINDS])
        few: Flags = self.records <= most[self.values & KIND]
        return few & ~self.generic(policy)

    def among(self, values: Ids, which: Flags) -> Flags:
        """Which of the given numbers are among the chosen values."""
        places, found = self.places(values)
        chosen: Flags = found & which[places]
        return chosen

    def places(self, values: Ids) -> tuple[Ids, Flags]:
        """Where each number stands among the common values, and whether it does."""
        places = np.minimum(np.searchsorted(self.values, values), len(self.values) - 1)
        return places, self.values[places] == values

    def counts(self, values: Ids, of: str, alone: Ids) -> Ids:
        """How many records, names or domains hold each value. alone: the answer where a single record does."""
        places, found = self.places(values)
        uncounted = np.where(values == NOT_COUNTED, int(of != "domains"), alone)
        counts: Ids = np.where(found, getattr(self, of)[places], uncounted)
        return counts


def common_values(
    connection: duckdb.DuckDBPyConnection, held: pa.ChunkedArray, policy: Policy
) -> CommonValues:
    """Count the values of all records. held: the list of values of each."""
    batches, first = [], 0
    for column in held.chunks:
        values, owners = flat_and_owner(column)
        batches.append(pa.record_batch({"number": pa.array(owners + first, pa.int32()), "value": values}))
        first += len(column)
    schema = pa.schema([("number", pa.int32()), ("value", pa.int64())])
    connection.register("held", pa.Table.from_batches(batches, schema))
    connection.execute(HELD).fetchall()
    counted = connection.execute("SELECT value, records FROM shared_value ORDER BY value").fetchnumpy()
    values = np.concatenate(([NOBODYS], np.asarray(counted["value"])))
    records = np.concatenate(([0], np.asarray(counted["records"])))
    most = counted_up_to(policy)
    found = CommonValues(
        values,
        np.minimum(records, most + 1),
        borne(connection, values, BEARING, "name", most),
        borne(connection, values, SITED, "domain", most),
    )
    connection.execute("DROP TABLE shared_value").fetchall()
    connection.unregister("held")
    found.names[records > most] = found.domains[records > most] = most + 1
    return found


def borne(
    connection: duckdb.DuckDBPyConnection, values: Ids, kinds: tuple[str, ...], other: str, most: int
) -> Ids:
    """How many different values of another kind the holders of each value have; 0 where it does not matter."""
    numbers = ", ".join(str(KIND_OF[kind]) for kind in kinds)
    query = BORNE.format(most=most, kind=KIND, kinds=numbers, other=KIND_OF[other])
    found = connection.execute(query).fetchnumpy()
    counts = np.zeros(len(values), np.int64)
    counts[np.searchsorted(values, np.asarray(found["value"]))] = found["others"]
    return counts


assert len(KINDS) <= 1 << KIND_BITS  # noqa: S101  # a kind must fit into its digit
