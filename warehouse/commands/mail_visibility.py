"""Setting by hand how much of a mailbox, or of one conversation, others may see. Each change is kept and audited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from warehouse.commands.audit import Deed, did
from warehouse.errors import NotFound, WarehouseError
from warehouse.queries.mail_sight import LEVELS, MAILBOX, THREAD, copies_of, keys_of

if TYPE_CHECKING:
    from warehouse.commands.accounts import By
    from warehouse.database import Connection

NEXT: Final = "SELECT coalesce(max(number), 0) + 1 FROM mail_visibility"
ADD: Final = (
    "INSERT INTO mail_visibility (number, scope, subject, level, actor, set_at) VALUES (?, ?, ?, ?, ?, ?)"
)
VERB: Final = "mail.visibility"


def set_mailbox(connection: Connection, mailbox: str, level: str | None, by: By) -> None:
    """Say how much others see of a mailbox; None: as the settings say. Expects a transaction.

    Raises NotFound for an address whose mail the hub does not read, and WarehouseError for an unknown level.
    """
    address = mailbox.strip().lower()
    known = connection.one(
        "SELECT 1 FROM source WHERE lower(account) = ? AND connector <> 'hub' LIMIT 1", (address,)
    )
    if known is None:
        raise NotFound(
            f"The hub reads no mailbox {address}.", "`partnerhub mail visibility` lists those it reads."
        )
    # The log counts under a lock, under which the rows are counted, too.
    did(connection, by.now, by.actor, Deed(VERB, f"mailbox:{address}", {"level": checked(level)}))
    put(connection, MAILBOX, [address], level, by)


def set_thread(connection: Connection, fact_id: str, level: str | None, by: By) -> None:
    """Say how much others see of the conversation a mail belongs to; None: as its mailboxes say. Expects a transaction.

    Raises NotFound for what is no mail, and WarehouseError for an unknown level.
    """
    copies = copies_of(connection, [fact_id]).get(fact_id, [])
    keys = sorted({keys_of(copy)[0] for copy in copies})
    if not keys:
        raise NotFound(
            "This is no mail.",
            "Only mail has a visibility of its own: `partnerhub show NAME --json` has the ids of mails.",
        )
    detail = {"level": checked(level), "threads": len(keys)}
    did(connection, by.now, by.actor, Deed(VERB, f"fact:{fact_id}", detail))
    put(connection, THREAD, keys, level, by)


def checked(level: str | None) -> str | None:
    """The level itself. Raises WarehouseError for one that does not exist."""
    if level is not None and level not in LEVELS:
        raise WarehouseError(f"There is no visibility “{level}”.", f"Use one of: {', '.join(LEVELS)}.")
    return level


def put(connection: Connection, scope: str, subjects: list[str], level: str | None, by: By) -> None:
    """Append a row for each."""
    number = int(connection.query(NEXT)[0][0])
    for place, subject in enumerate(subjects):
        connection.execute(ADD, (number + place, scope, subject, level, by.actor, by.now))
