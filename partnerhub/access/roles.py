"""What people may do: permissions, and the roles that bundle them. Deny by default: what no role names, nobody may."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


class Permission(StrEnum):
    """One thing a page or an address of the API may ask for."""

    READ_PARTNERS = "partners:read"
    READ_MAIL_TEXT = "mail:read"
    WRITE_ENTRIES = "entries:write"
    CORRECT_VALUES = "values:write"
    DECIDE_IDENTITY = "identity:write"
    READ_SYNC = "sync:read"
    OPERATE_SYNC = "sync:write"
    READ_RAW = "raw:read"
    EXPORT = "export:read"
    READ_AUDIT = "audit:read"
    MANAGE_ACCESS = "access:write"


class Role(StrEnum):
    """What somebody is to this hub. One person may have several."""

    ADMIN = "admin"
    OPS = "ops"
    MANAGER = "manager"
    STEWARD = "steward"
    DATA = "data"
    AUDITOR = "auditor"


READING: Final = frozenset({Permission.READ_PARTNERS, Permission.READ_SYNC})
ALLOWED: Final[dict[Role, frozenset[Permission]]] = {
    Role.ADMIN: frozenset(Permission),
    Role.OPS: READING | {Permission.OPERATE_SYNC, Permission.READ_RAW},
    Role.MANAGER: READING
    | {Permission.READ_MAIL_TEXT, Permission.WRITE_ENTRIES, Permission.CORRECT_VALUES, Permission.EXPORT},
    Role.STEWARD: READING
    | {Permission.DECIDE_IDENTITY, Permission.CORRECT_VALUES, Permission.WRITE_ENTRIES, Permission.READ_RAW},
    Role.DATA: READING | {Permission.EXPORT},
    Role.AUDITOR: READING | {Permission.READ_AUDIT},
}
"""Mail: READ_MAIL_TEXT opens what its mailbox's visibility allows, never more."""
WHOLE_HUB: Final = frozenset(
    {Permission.DECIDE_IDENTITY, Permission.OPERATE_SYNC, Permission.READ_AUDIT, Permission.MANAGE_ACCESS}
)
"""What reaches across organizations: whoever may know of some of them only never has these, whatever their role."""


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """All that these roles allow together. A role this program does not know allows nothing."""
    known = [Role(role) for role in roles if role in set(Role)]
    return frozenset().union(*(ALLOWED[role] for role in known))
