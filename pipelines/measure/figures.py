"""The registry of figures and their series: what each counts stands in `warehouse.marts.kpis`, its values here."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from connectors.record import utc_text
from warehouse import bulk
from warehouse.marts.kpis import FIGURES, SINCE, WINDOW_DAYS

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.marts.kpis import Figure

TOLD: Final = ("title", "formula", "statement", "unit", "subject")
"""What makes a version; who owns it may change without another one."""
STANDING: Final = (
    f"SELECT name, version, owner, until_at, {', '.join(TOLD)} FROM kpi_definition d"
    " WHERE version = (SELECT max(n.version) FROM kpi_definition n WHERE n.name = d.name)"
)
COLUMNS: Final = ("name", "version", *TOLD, "owner", "since_at")
VALUES: Final = ("name", "version", "measured_at", "dimension", "ten_thousandths")
WHOLE: Final = 10_000


def measure_figures(connection: Connection, now: str, owner: str) -> int:
    """Register what is new or other than it was, then keep a value of every figure that has SQL; how many."""
    versions = register(connection, now, owner)
    rows = [
        (figure.name, versions[figure.name], now, dimension, value)
        for figure in FIGURES
        if figure.statement
        for dimension, value in counted(connection, figure, now)
    ]
    bulk.insert(connection, "kpi_value", VALUES, rows)
    return len(rows)


def register(connection: Connection, now: str, owner: str) -> dict[str, int]:
    """Write down the formulas as the program has them; name → version. A changed one ends its former version."""
    former = {row["name"]: row for row in connection.records(STANDING)}
    versions: dict[str, int] = {}
    for figure in FIGURES:
        stands, told = former.get(figure.name), tuple(getattr(figure, name) or None for name in TOLD)
        is_same = (
            stands is not None and not stands["until_at"] and tuple(stands[name] for name in TOLD) == told
        )
        versions[figure.name] = (
            stands["version"] if stands and is_same else (stands["version"] + 1 if stands else 1)
        )
        if is_same and stands and stands["owner"] != owner:
            change = "UPDATE kpi_definition SET owner = ? WHERE name = ? AND version = ?"
            connection.execute(change, (owner, figure.name, stands["version"]))
        if not is_same:
            end(connection, figure.name, now)
            row = (figure.name, versions[figure.name], *told, owner, now)
            bulk.insert(connection, "kpi_definition", COLUMNS, [row])
    for name in former.keys() - versions.keys():
        end(connection, name, now)
    return versions


def end(connection: Connection, name: str, now: str) -> None:
    """What stands of a figure's formula stands no more; its values stay."""
    connection.execute(
        "UPDATE kpi_definition SET until_at = ? WHERE name = ? AND until_at IS NULL", (now, name)
    )


def counted(connection: Connection, figure: Figure, now: str) -> list[tuple[str, int | None]]:
    """What a figure is at a moment, by dimension, in ten-thousandths."""
    since = utc_text(datetime.fromisoformat(now) - timedelta(days=WINDOW_DAYS))
    spelled = figure.statement.replace(":moment", "?").replace(SINCE, "?")
    marks = [now if name == ":moment" else since for name in figure.parameters]
    return [(str(dimension or ""), exact(value)) for dimension, value in connection.query(spelled, marks)]


def exact(value: Any) -> int | None:
    """A number in ten-thousandths, rounded half up; None where nothing counts."""
    return None if value is None else int((Decimal(str(value)) * WHOLE).to_integral_value("ROUND_HALF_UP"))
