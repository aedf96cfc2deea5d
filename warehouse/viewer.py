"""Who asks. Every query that answers a person or a program takes a Viewer first and shows no more than they may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence


NO_ORGANIZATION: Final = ""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who reads. organizations: the only ones they may know of; None: all.

    name: as the audit log has it. mailboxes: own ones, whose mail they see whole. all_mail: sees every mail whole, as
    an operator at the machine does. mail_levels: source → how much of its mail others may see, where the settings say
    so. reads_mail: may see what mails say, as far as their level allows; else no more than subjects. What all of this
    comes to for one mail, `warehouse.queries.mail_sight` tells.
    """

    name: str
    organizations: frozenset[str] | None = None
    mailboxes: frozenset[str] = frozenset()
    all_mail: bool = False
    mail_levels: Mapping[str, str] = field(default_factory=dict, hash=False)
    reads_mail: bool = True

    def may_see(self, organization_id: str) -> bool:
        """Whether this organization exists for them."""
        return self.organizations is None or organization_id in self.organizations

    def only(self, organization_id: str) -> str:
        """The id where they may know of it; else one that no organization has, so that a query finds nothing."""
        return organization_id if self.may_see(organization_id) else NO_ORGANIZATION

    def within(self, column: str) -> tuple[str, Sequence[Any]]:
        """A condition on a column of organization ids, with its parameters; always true for who may see all."""
        if self.organizations is None:
            return "1 = 1", ()
        if not self.organizations:
            return "1 = 0", ()
        marks = ", ".join("?" * len(self.organizations))
        return f"{column} IN ({marks})", sorted(self.organizations)


OPERATOR: Final = Viewer("operator", all_mail=True)
"""Whoever runs commands on the machine: the warehouse itself is open to them."""
