"""A person's value for one field of one organization; it outranks every source until it is lifted."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from warehouse import bulk
from warehouse.commands.acts import Act, Said, remember_act
from warehouse.commands.pending import answering_id, mark, records_of
from warehouse.errors import WarehouseError
from warehouse.queries.pins import heard_of, said_otherwise
from warehouse.tables.golden import OrganizationValues

if TYPE_CHECKING:
    from warehouse.database import Connection

COMPUTED = frozenset({"record_count", "deleted_at"})
PINNABLE = frozenset(
    name for name in OrganizationValues.model_fields if name not in COMPUTED and not name.endswith("_json")
)
NUMBERS = frozenset({"employees", "annual_value_minor"})
DAYS = frozenset({"renews_on", "reviewed_on"})
COLUMNS: Final = ("organization_id", "field", "pinned_at", "value", "actor", "lifted_at", "heard_json")
CURRENCY = re.compile(r"[A-Z]{3}")


def pin_value(
    connection: Connection,
    organization_id: str,
    field: str,
    value: str | None,
    *,
    actor: str,
    now: str,
    reason: str | None = None,
) -> bool:
    """Pin a field to a value; None keeps it empty. Says whether that is news; the same again writes nothing.

    What sources say otherwise now is kept with the pin: once one of them says something else still, that is a conflict,
    until the field is pinned again, which settles it. The act is remembered and can be undone.
    Raises WarehouseError for a field nobody can pin or a value that does not fit, NotFound for an unknown organization.
    """
    wanted = answering_id(connection, organization_id)
    detail = put_pin(connection, wanted, field, value, actor=actor, now=now)
    if detail is None:
        return False
    subject = f"{field} of {name_of(connection, wanted)} is {value or 'empty'}"
    remember_act(connection, Act("pin", subject, detail=detail), Said(actor, now, reason))
    return True


def put_pin(
    connection: Connection, wanted: str, field: str, value: str | None, *, actor: str, now: str
) -> dict[str, Any] | None:
    """Pin a field of an organization that answers by its own id; what an undo needs, None where it is no news.

    Remembers no act. Raises as `pin_value` does.
    """
    check(field, value)
    records = records_of(connection, wanted)
    former, heard = standing(connection, wanted, field), said_otherwise(connection, wanted, field, value)
    if former and former["value"] == value and not heard.items() - heard_of(former["heard"], heard).items():
        return None
    lift(connection, wanted, field, now)
    written = json.dumps(heard, ensure_ascii=False, sort_keys=True)
    bulk.upsert(connection, "pin", COLUMNS, [(wanted, field, now, value, actor, None, written)])
    mark(connection, "organization", records)
    return {"organization_id": wanted, "field": field, "value": value, "pinned_at": now, "former": former}


def unpin_value(
    connection: Connection,
    organization_id: str,
    field: str,
    *,
    now: str,
    actor: str = "unknown",
    reason: str | None = None,
) -> bool:
    """Let the sources decide a field again, remembered as an act. Says whether there was a pin."""
    wanted = answering_id(connection, organization_id)
    records = records_of(connection, wanted)
    former = standing(connection, wanted, field)
    merged = [
        row[0]
        for row in connection.query(
            "SELECT from_id FROM redirect WHERE to_id = ? AND ended_at IS NULL", (wanted,)
        )
    ]
    lifted = [each for each in (wanted, *merged) if lift(connection, each, field, now)]
    if not lifted:
        return False
    mark(connection, "organization", records)
    detail = {"organization_id": wanted, "field": field, "former": former}
    subject = f"{field} of {name_of(connection, wanted)} is up to the sources"
    remember_act(connection, Act("unpin", subject, detail=detail), Said(actor, now, reason))
    return True


def standing(connection: Connection, organization_id: str, field: str) -> dict[str, Any] | None:
    """The pin in force, as an act remembers it."""
    found = connection.records(
        "SELECT value, actor, heard_json AS heard FROM pin"
        " WHERE organization_id = ? AND field = ? AND lifted_at IS NULL",
        (organization_id, field),
    )
    return found[0] if found else None


def name_of(connection: Connection, organization_id: str) -> str:
    """What an organization is called."""
    found = connection.one("SELECT name FROM organization WHERE organization_id = ?", (organization_id,))
    return str(found[0]) if found else organization_id


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
