"""Which tables a rebuild begins with, which it makes, and what of them cannot be made again; each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mappings.canonical import STAGED_KINDS
from pipelines.scratch.shapes import of_mart, of_table
from warehouse.marts import MARTS
from warehouse.marts.streams import stream_marts
from warehouse.tables import layer_of, metadata

if TYPE_CHECKING:
    from pipelines.scratch.compare import Shape
    from warehouse.database import Connection

DERIVED_LAYERS: Final = frozenset({"staged", "golden"})
"""All in them is made from raw and ledger, but for JOURNALS."""
DERIVED: Final = frozenset({"match_edge", "stage_rules"})
"""Made from raw and ledger as well, though they stand in other layers."""

JOURNALS: Final = {
    "organization_version": "what the hub published, and from when until when",
    "deal_version": "what the hub published of a deal, and from when until when",
    "deal_stage_version": "which stages a deal was said to have entered, and from when until when",
    **dict.fromkeys(
        ("fact_past", "fact_source_past", "timeline_past"), "how facts and their ties were published before"
    ),
    **dict.fromkeys(
        ("colleague_past", "colleague_record_past", "person_past", "person_organization_past"),
        "how our own people, persons, and who works where, were published before",
    ),
    "staged_past": "what staged records said before they changed, and when they did",
    "change_log": "when the hub published which change",
    "partnership": "who stood on the list, by which the log tells who came and left",
    "signal": "when the hub opened and closed a signal",
    "signal_opening": "when it had been open before",
}
"""Tables of golden and staged that say when the hub did something, which neither raw nor ledger holds. A rebuild begins
with them and must leave every row as it is: staging and publishing it all anew adds, ends and changes nothing."""

LEFT_BEHIND: Final = frozenset({"lease", "heartbeat", "job", "pending", "sync_error", "mass_change"})
"""Tables of ops that say who is at work and what waits for whom: a rebuild begins without them, as without `access`.
All others of ops are begun with: runs and measures are published, and which columns streams ever had is kept in
`stream_column` alone."""

FORGOTTEN_STATE: Final = (
    "publish_rules",
    "search",
    "questions",
    "signals",
    "stream_columns_seen",
    "marts",
    "views",
)
"""Names in `hub_state` under which the hub remembers what it derived: in a rebuild nothing is yet."""


class LeftOut(NamedTuple):
    """What of a table is not compared: some columns, and rows that do not meet a condition."""

    columns: tuple[str, ...]
    why: str
    where: str = ""


DIGEST_LEFT_OUT: Final = LeftOut(
    ("digest",), "rows staged before migration 0041 have none; what it is made of is compared"
)
STAGED_ONES: Final = "SELECT record FROM staged_organization"
LEFT_OUT: Final = {
    "match_edge": LeftOut(
        ("run_id", "recorded_at"),
        "says which run scored a pair last; pairs that share nothing any more, or hold a redacted record, are left out",
        f"band <> 'no' AND left_record IN ({STAGED_ONES}) AND right_record IN ({STAGED_ONES})",
    ),
    **dict.fromkeys((f"staged_{kind.kind_name}" for kind in STAGED_KINDS), DIGEST_LEFT_OUT),
    "search_entry": LeftOut(("entry_id",), "numbers things in the order in which they were found first"),
}
"""The whole list of what may differ, with reasons."""
KEYS: Final = {"search_entry": ("kind", "id", "organization_id")}
"""Tables whose rows are told apart by other columns than their number."""

STAGED_POINTER: Final = ("source", "stream", "source_id", "quarantine", "staged_raw_id", "staged_rules")
"""What of `raw_current` is derived: which version was staged, by which rules, and whether it could be."""
STAGED: Final = "staged_raw_id > 0"


def is_derived(name: str) -> bool:
    """Whether a rebuild begins with an empty table of this name."""
    return name in DERIVED or (layer_of(name) in DERIVED_LAYERS and name not in JOURNALS)


def is_kept(name: str) -> bool:
    """Whether a rebuild begins with the rows of this table."""
    if name in DERIVED or name in LEFT_BEHIND:
        return False
    return name in JOURNALS or layer_of(name) not in {*DERIVED_LAYERS, "access"}


def derived_tables() -> list[str]:
    """What a rebuild makes, sorted."""
    return sorted(name for name in metadata.tables if is_derived(name))


def kept_tables() -> list[str]:
    """What a rebuild begins with, sorted."""
    return sorted(name for name in metadata.tables if is_kept(name))


def must_stand() -> list[str]:
    """What a rebuild begins with and writes to, and must find nothing to write: journals and the ledger of identity."""
    return sorted(name for name in kept_tables() if name in JOURNALS or layer_of(name) not in {"raw", "ops"})


def table_shapes() -> list[Shape]:
    """Every table that is compared: what is derived, then what must stand as it was."""
    found = [shape_of(name) for name in (*derived_tables(), *must_stand(), "stream_column")]
    pointer = of_table("raw_current", where=STAGED)
    return [*found, pointer._replace(columns=STAGED_POINTER)]


def shape_of(name: str) -> Shape:
    """How one table is compared."""
    left = LEFT_OUT.get(name, LeftOut((), ""))
    return of_table(name, key=KEYS.get(name, ()), leave_out=left.columns, where=left.where)


def mart_shapes(connection: Connection) -> list[Shape]:
    """Every published view that stands."""
    return [of_mart(mart, connection.dialect) for mart in (*MARTS, *stream_marts(connection))]
