"""One measure: partners, sources and figures at one moment, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pipelines.measure.fields import COUNTED, of_partners
from pipelines.measure.figures import measure_figures
from pipelines.measure.sources import measure_sources
from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.database import Connection, Database

SEEN: Final = "measured_partner"
SAME: Final = " AND ".join(f"n.{name} IS NOT DISTINCT FROM partner_quality.{name}" for name in COUNTED)
END: Final = (
    "UPDATE partner_quality SET measured_to_at = ? WHERE measured_to_at IS NULL AND NOT EXISTS"
    f" (SELECT 1 FROM {SEEN} n WHERE n.organization_id = partner_quality.organization_id AND {SAME})"
)
BEGIN: Final = (
    f"INSERT INTO partner_quality (organization_id, measured_from_at, {', '.join(COUNTED)})"
    f" SELECT n.organization_id, {{now}}, {', '.join(f'n.{name}' for name in COUNTED)} FROM {SEEN} n"
    " WHERE NOT EXISTS (SELECT 1 FROM partner_quality q WHERE q.organization_id = n.organization_id"
    " AND q.measured_to_at IS NULL)"
)
NOW: Final = {"sqlite": "?", "postgresql": "CAST(? AS timestamptz)"}


class Measured(NamedTuple):
    """partners: on the list. changed: those of which something was new. figures: values kept."""

    partners: int
    changed: int
    sources: int
    figures: int


def measure(database: Database, now: str, due: Mapping[str, str], owner: str) -> Measured:
    """Measure and keep it, in one transaction. Whatever did not change since the last measure is not written again.

    now: UTC text. due: source with a schedule → since when it must have come through (`config.intervals.due_of`).
    owner: who answers for the figures. Safe to call twice: a second measure of a moment adds nothing.
    """
    with database.session() as connection, connection.transaction():
        if connection.one("SELECT 1 FROM measurement WHERE measured_at >= ?", (now,)):
            return Measured(0, 0, 0, 0)
        partners, changed = measure_partners(connection, now)
        columns = ("measured_at", "partners", "changed")
        bulk.insert(connection, "measurement", columns, [(now, partners, changed)])
        return Measured(
            partners, changed, measure_sources(connection, now, due), measure_figures(connection, now, owner)
        )


def measure_partners(connection: Connection, now: str) -> tuple[int, int]:
    """Count every partner, end what is different now and begin it anew; how many there are, and were different."""
    connection.execute(f"DROP TABLE IF EXISTS {SEEN}")
    connection.execute(f"CREATE TEMPORARY TABLE {SEEN} AS {of_partners(connection.dialect)}")
    connection.execute(f"CREATE INDEX {SEEN}_key ON {SEEN} (organization_id)")
    connection.execute(END, (now,))
    changed = connection.execute(BEGIN.format(now=NOW[connection.dialect]), (now,))
    found = connection.one(f"SELECT count(*) FROM {SEEN}")
    connection.execute(f"DROP TABLE {SEEN}")
    return (int(found[0]) if found else 0), changed
