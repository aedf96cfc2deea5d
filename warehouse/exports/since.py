"""Which rows of a table changed since a moment, as far as the table says when its rows were written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from warehouse.marts import Mart

WRITTEN: Final = ("_hub_loaded_at", "_hub_deleted_at", "valid_to", "merged_at")
"""Columns that say that a row was written, ended or deleted."""
WHOLE: Final = frozenset(
    {"dim_contact", "dim_owner", "bridge_contact_partner", "bridge_touchpoint_partner", "bridge_work_item_partner",
     "bridge_deal_partner", "fct_partner_activity_monthly", "xref_partner_alias", "quality_partner", "quality_source",
     "kpi"}
)  # fmt: skip
"""Tables whose rows change without a state of a record that arrives: what they say of loading is not when they were
written."""
INTERVAL: Final = ("valid_from", "valid_to")
OTHERWISE: Final = {
    "identity_events": ("happened_at",),
    "fct_sync_run": ("started_at", "finished_at"),
    "fct_partner_change": ("changed_at",),
    "fct_kpi": ("measured_at",),
    "fct_deal_history": INTERVAL,
    "xref_partner_alias_history": INTERVAL,
    "bridge_partner_program": INTERVAL,
}


def changed_since(mart: Mart, since: str) -> str:
    """A condition on a table's columns, for DuckDB; empty for a table that does not say, which goes whole."""
    if mart.name in WHOLE:
        return ""
    names = {column.name for column in mart.columns}
    times = OTHERWISE.get(mart.name) or tuple(each for each in WRITTEN if each in names)
    if not OTHERWISE.get(mart.name) and WRITTEN[0] not in names:
        return ""
    return " OR ".join(f"{each} >= TIMESTAMPTZ '{since}'" for each in times)
