"""A person's value for one field of one organization; it outranks every source until it is lifted."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from warehouse import bulk
from warehouse.commands.pending import answering_id, mark, records_of
from warehouse.errors import WarehouseError
from warehouse.tables.golden import OrganizationValues

if TYPE_CHECKING:
    from warehouse.database import Connection

COMPUTED = frozenset({"record_count", "deleted_at"})
PINNABLE = frozenset(
    name for name in OrganizationValues.model_fields if name not in COMPUTED and not name.endswith("_json")
)
NUMBERS = frozenset({"employees", "annual_value_minor"})
DAYS = frozenset({"renews_on", "reviewed_on"})
CURRENCY = re.compile(r"[A-Z]{3}")


def pin_value(
    connection: Connection, organization_id: str, field: str, value: str | None, *, actor: str, now: str
) -> bool:
    """Pin a field to a value; None keeps it empty. Says whether that is news; the same again writes nothing.

    Raises WarehouseError for a field nobody can pin or a value that does not fit, NotFound for an unknown organization.
    """
    check(field, value)
    wanted = answering_id(connection, organization_id)
    records = records_of(connection, wanted)
    stands = connection.one(
        "SELECT value FROM pin WHERE organization_id = ? AND field = ? AND lifted_at IS NULL", (wanted, field)
    )
    if stands is not None and stands[0] == value:
        return False
    lift(connection, wanted, field, now)
    columns = ("organization_id", "field", "pinned_at", "value", "actor", "lifted_at")
    bulk.upsert(connection, "pin", columns, [(wanted, field, now, value, actor, None)])
    mark(connection, "organization", records)
    return True


def unpin_value(connection: Connection, organization_id: str, field: str, *, now: str) -> bool:
    """Let the sources decide a field again. Says whether there was a pin."""
    wanted = answering_id(connection, organization_id)
    records = records_of(connection, wanted)
    lifted = lift(connection, wanted, field, now)
    if wanted != organization_id:
        lifted = lift(connection, organization_id, field, now) or lifted
    if lifted:
        mark(connection, "organization", records)
    return lifted


def lift(connection: Connection, organization_id: str, field: str, now: str) -> bool:
    """End the pin in force."""
    touched = connection.execute(
        "UPDATE pin SET lifted_at = ? WHERE organization_id = ? AND field = ? AND lifted_at IS NULL",
        (now, organization_id, field),
    )
    return touched > 0


def check(field: str, value: str | None) -> None:
    """Refuse what cannot be pinned."""
    if field not in PINNABLE and not (field.startswith("custom.") and field != "custom."):
        raise WarehouseError(
            f"The field {field!r} cannot be pinned.",
            f"Use custom.<name> or one of: {', '.join(sorted(PINNABLE))}.",
        )
    if field == "name" and not value:
        raise WarehouseError("An organization needs a name.", "Pin it to a name, or lift the pin.")
    if field in NUMBERS and value is not None and not value.isdecimal():
        raise WarehouseError(f"The field {field!r} holds a whole number.", "Give digits only.")
    if field in DAYS and value is not None and not is_day(value):
        raise WarehouseError(f"The field {field!r} holds a day.", "Write it as 2026-09-01.")
    if field == "currency" and value is not None and not CURRENCY.fullmatch(value):
        raise WarehouseError("A currency is three capital letters.", "Write it as ISO 4217 does: EUR, USD.")


def is_day(value: str) -> bool:
    """Whether a text is a day of the calendar as `YYYY-MM-DD`."""
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
