"""`partnerhub show NAME --threads`: the conversations with one partner, and which of them wait for us."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from partnerhub.cli.output import counted, moment, printable, table
from warehouse.viewer import OPERATOR

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.database import Connection

WHO: Final = {"in": "they", "out": "we", "internal": "we, among us"}


def conversations_of(connection: Connection, organization_id: str, name: str) -> dict[str, Any]:
    """The conversations as plain data, the one that moved last first."""
    from warehouse.queries.threads import threads

    found = [
        {**asdict(each), "owes_answer": each.owes_answer}
        for each in threads(OPERATOR, connection, organization_id)
    ]
    return {"organization_id": organization_id, "name": name, "threads": found}


def show_threads(console: Console, data: dict[str, Any], now: datetime) -> None:
    """A table of conversations, and how many of them wait for an answer of ours, as of `now`."""
    console.print(printable(data["name"]), style="bold", markup=False)
    if not data["threads"]:
        console.print("No mail with this partner is known.", markup=False)
        return
    columns = ("last mail (UTC)", "subject", "#mails", "since", "who wrote last", "answer owed")
    rows = (
        (
            moment(each["last_at"]),
            each["subject"],
            each["mails"],
            moment(each["first_at"])[:10],
            last_word(each),
            waiting(each["owed_since"], now),
        )
        for each in data["threads"]
    )
    console.print(table(columns, rows))
    owed = sum(each["owes_answer"] for each in data["threads"])
    console.print(f"{counted(owed, 'conversation')} of {len(data['threads']):,} wait for us.", markup=False)


def last_word(thread: dict[str, Any]) -> str:
    """`they: Ann Example`."""
    side = WHO.get(thread["last_direction"] or "", "")
    return ": ".join(part for part in (side, thread["last_by"]) if part)


def waiting(since: str | None, now: datetime) -> str:
    """`for 12 days`; nothing where no answer is owed."""
    if since is None:
        return ""
    days = (now - datetime.fromisoformat(since)).days
    return f"for {counted(max(days, 0), 'day')}"
