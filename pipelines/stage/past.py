"""How staged rows stood before: images written with the chunk that replaces them, for readings as of a moment.

Only a record that was staged before leaves any, so a first load and a rebuild, which stage everything for the first
time, write none and ask nothing.

An image ends when its chunk is written, by the clock, and not with the publication that follows: views of streams show
what is staged, published or not, and what has landed by then is always older. Marts that show published and staged
values side by side read each by its own moment, as they did then; after a sync both have passed.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from connectors.record import utc_text
from mappings.canonical import record_key
from pipelines.stage.packed import staged_columns
from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from warehouse.database import Connection

Row = tuple[Any, ...]
Rows = dict[str, dict[str, Row]]
"""Kind → record → its row, in the order of `staged_columns`."""

NAME: Final = "staged_past"
COLUMNS: Final = ("kind", "record", "ended_at", "source", "stream", "row_json", "was_there")
UNTOLD: Final = frozenset({"raw_id", "rules"})
"""What changes with every version and every mapping, and says nothing by itself."""
OWN: Final = frozenset({"record", "source", "stream", "rules"})
"""Columns that have a place of their own in an image, or none."""
WORDS: Final = frozenset({"subject", "text", "quoted", "signature", "custom_json"})
ENTERED: Final = "hub"


def keep_past(
    connection: Connection, place: tuple[str, str], restaged: Sequence[str], before: Rows, after: Rows
) -> None:
    """Write how rows of records staged before stood that go, come or change now. Expects the chunk's transaction.

    place: source and stream. restaged: their ids. before: all rows they had; after: all rows of the chunk. Twice at one
    moment is harmless: the first counts.
    """
    if not restaged:
        return
    images = list(images_of(place, restaged, before, after))
    if not images:
        return
    ended_at = utc_text(datetime.now(UTC))
    rows = [(kind, record, ended_at, *place, said, was_there) for kind, record, said, was_there in images]
    bulk.insert_many(connection, bulk.insert_head(NAME, COLUMNS), "ON CONFLICT DO NOTHING", rows)


def images_of(
    place: tuple[str, str], restaged: Iterable[str], before: Rows, after: Rows
) -> Iterable[tuple[str, str, str, bool]]:
    """Kind, record, values and whether it was there, of every row that goes, comes or changes."""
    known = {record_key(*place, source_id) for source_id in restaged}
    for kind in sorted(before.keys() | after.keys()):
        said = told_by(kind)
        stood, wanted = before.get(kind, {}), after.get(kind, {})
        for record, row in stood.items():
            if record not in wanted or said(row) != said(wanted[record]):
                yield kind, record, written(kind, row), True
        for record in wanted.keys() - stood.keys():
            if record.partition("#")[0] in known:
                yield kind, record, "{}", False


@cache
def told_by(kind: str) -> Callable[[Row], Row]:
    """What a row of a kind says: all of it but UNTOLD."""
    return itemgetter(*[at for at, name in enumerate(staged_columns(kind)) if name not in UNTOLD])


def written(kind: str, row: Row) -> str:
    """A row as an image holds it."""
    values: Mapping[str, Any] = dict(zip(staged_columns(kind), row, strict=True))
    left_out = OWN | WORDS if is_mail(kind, values) else OWN
    return json.dumps(
        {name: value for name, value in values.items() if value is not None and name not in left_out},
        ensure_ascii=False,
        sort_keys=True,
    )


def is_mail(kind: str, values: Mapping[str, Any]) -> bool:
    """Whether a staged row is mail, whose words no view shows: as `warehouse.marts.stream_sql.is_mail`."""
    return (
        kind == "touchpoint"
        and values["source"] != ENTERED
        and (values["kind"] == "email" or values["mailbox"] is not None)
    )
