"""One value for one field of several partners at once: pins, remembered and undone as a single act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from warehouse.commands.acts import Act, remember_act
from warehouse.commands.pending import answering_id
from warehouse.commands.pin import check, put_pin
from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.commands.acts import Said
    from warehouse.database import Connection
    from warehouse.viewer import Viewer

ASSIGNABLE: Final = ("owner", "tier", "status", "stage")
"""Fields in which many partners say the same."""
MOST: Final = 500
NAMED: Final = 12
"""Partners an outlook names one by one."""
NOW: Final = (
    "SELECT o.organization_id, o.name, o.{field}, p.value, p.actor FROM organization o"
    " LEFT JOIN pin p ON p.organization_id = o.organization_id AND p.field = ? AND p.lifted_at IS NULL"
    " WHERE o.organization_id IN ({marks}) AND o.deleted_at IS NULL ORDER BY lower(o.name), o.organization_id"
)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an assignment would do. partners: ids it is about; news: (name, value now) of those it changes, in part.

    same: how many have the value by a pin already; pinned: how many of those it changes a person pinned to another.
    """

    field: str
    value: str | None
    partners: tuple[str, ...]
    changed: int
    news: tuple[tuple[str, str], ...]
    same: int
    pinned: int


def outlook(
    viewer: Viewer, connection: Connection, field: str, value: str | None, partners: Sequence[str]
) -> Outlook:
    """What would change, without changing it. Raises WarehouseError for a field, a value or a number that cannot be."""
    require(field, value)
    wanted = sorted({answering_id(connection, each) for each in partners if viewer.may_see(each)})
    if not 0 < len(wanted) <= MOST:
        raise WarehouseError(
            "Nobody is chosen." if not wanted else f"{len(wanted)} partners are too many at once.",
            f"Tick 1 to {MOST} partners.",
        )
    statement = NOW.format(field=field, marks=", ".join("?" * len(wanted)))
    rows = connection.query(statement, (field, *wanted))
    news = [row for row in rows if row[4] is None or row[3] != value]
    return Outlook(
        field, value, tuple(row[0] for row in rows), len(news),
        tuple((str(row[1]), str(row[2] or "")) for row in news[:NAMED]), len(rows) - len(news),
        sum(row[4] is not None for row in news),
    )  # fmt: skip


def assign(
    connection: Connection, viewer: Viewer, field: str, value: str | None, partners: Sequence[str], said: Said
) -> int | None:
    """Pin a field of several partners; the act's number, None where all have that value so already.

    Expects to be inside a transaction: all of them or none. Raises as `outlook` does.
    """
    found = outlook(viewer, connection, field, value, partners)
    pins = [
        detail
        for each in found.partners
        if (detail := put_pin(connection, each, field, value, actor=said.actor, now=said.now))
    ]
    if not pins:
        return None
    subject = f"{field} of {len(pins)} partner{'' if len(pins) == 1 else 's'} is {value or 'empty'}"
    return remember_act(connection, Act("assign", subject, detail={"assigned": field, "pins": pins}), said)


def require(field: str, value: str | None) -> None:
    """Refuse what cannot be assigned."""
    if field not in ASSIGNABLE:
        raise WarehouseError(
            f"The field {field!r} cannot be assigned.", f"Choose one of: {', '.join(ASSIGNABLE)}."
        )
    check(field, value)
