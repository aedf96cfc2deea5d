"""The data extension of the W3C Entity Reconciliation API 0.2: values of organizations that are matched already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnerhub.amounts import AMOUNT, CURRENCY, IN_WORDS, money
from partnerhub.web.wording import label
from warehouse.queries import record
from warehouse.queries.partners import surviving_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

TYPE: Final = {"id": "organization", "name": "Organization"}
MOST_IDS: Final = 200
"""Organizations of one request; OpenRefine sends ten."""
OFFERED: Final = (
    "name", "legal_name", "other_names", "website", "domain", "email", "phone", "street", "postcode", "city", "region",
    "country", "industry", "employees", "tier", "status", "stage", "owner", IN_WORDS, "renews_on", "roles", "labels",
)  # fmt: skip
"""Fields a list can be completed by."""


def proposed(kind: str = TYPE["id"], limit: int = 0) -> dict[str, Any]:
    """What can be fetched of a thing of a type: nothing but of organizations. limit: at most so many; 0: all."""
    offered = [{"id": name, "name": label(name)} for name in OFFERED] if kind == TYPE["id"] else []
    told: dict[str, Any] = {"type": kind, "properties": offered[:limit] if limit else offered}
    return {**told, "limit": limit} if limit else told


def extended(viewer: Viewer, connection: Connection, asked: Any) -> dict[str, Any] | None:
    """Values by organization and property; None for what nobody can read.

    An id that was merged answers by its survivor, one the viewer cannot know of by no values.
    """
    ids, wanted = listed(asked, "ids"), listed(asked, "properties")
    if ids is None or wanted is None or len(ids) > MOST_IDS:
        return None
    names = [each["id"] for each in wanted if isinstance(each, dict) and each.get("id") in OFFERED]
    rows = {each: cells(viewer, connection, each, names) for each in ids if isinstance(each, str)}
    return {"meta": [{"id": name, "name": label(name)} for name in names], "rows": rows}


def listed(asked: Any, name: str) -> Sequence[Any] | None:
    """A list of what was asked."""
    found = asked.get(name) if isinstance(asked, dict) else None
    return found if isinstance(found, list) else None


def cells(
    viewer: Viewer, connection: Connection, organization_id: str, names: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """The values of one organization by property: several of a list, none of what is empty."""
    survivor = surviving_id(viewer, connection, organization_id) if organization_id.isascii() else None
    found = (record.organization(viewer, connection, survivor) if survivor else None) or {}
    if found.get(AMOUNT) is not None:
        found[IN_WORDS] = money(found[AMOUNT], found.get(CURRENCY))
    return {name: [cell(each) for each in several(found.get(name))] for name in names}


def several(value: Any) -> list[Any]:
    """A value as a list."""
    return [] if value is None else value if isinstance(value, list) else [value]


def cell(value: Any) -> dict[str, Any]:
    """One value as the specification has it: a number or a text."""
    return {"int": value} if isinstance(value, int) else {"str": str(value)}
