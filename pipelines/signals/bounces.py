"""Which addresses no longer work: what bounces say, else whom the returned mail was for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pipelines.signals.facts import Bounce

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from pipelines.signals.touches import Side
    from warehouse.database import Connection

ADDRESS: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
FOR_NOW: Final = re.compile(
    r"\b4\.\d\.\d\b|\baction:\s*delayed|will (?:be )?(?:retr|try|continue to)|mailbox (?:is )?full|over quota",
    re.IGNORECASE,
)
FOR_GOOD: Final = re.compile(
    r"\b5\.1\.\d+\b|\b550\b|user unknown|no such user|does(?:n't| not) exist", re.IGNORECASE
)
DAEMON: Final = re.compile(r"^(?:mailer[-_]daemon|postmaster|no-?reply)@", re.IGNORECASE)
FAILED: Final = "failed"
"""The role of a participant that a bounce names as the one who cannot be reached."""


def read_bounces(connection: Connection, since: date, side: Side) -> list[Bounce]:
    """Every address that bounced since a day, one row a bounce and address; a delay is no bounce."""
    rows = connection.query(
        "SELECT f.fact_id, f.record, f.happened_at, f.thread, f.title,"
        " CASE WHEN t.sensitivity = 'normal' THEN t.text END, t.text, t.quoted FROM fact f"
        " JOIN staged_touchpoint t ON t.record = f.record"
        " WHERE f.nature = 'bounce' AND f.happened_at >= ? AND f.deleted_at IS NULL ORDER BY f.fact_id",
        (f"{since}T00:00:00.000000Z",),
    )
    found = []
    for fact_id, record, at, thread, title, own_words, *texts in rows:
        text = "\n".join(filter(None, (title, *texts)))
        if FOR_NOW.search(text) and not FOR_GOOD.search(text):
            continue
        named = [
            address
            for (address,) in connection.query(
                "SELECT address FROM participant WHERE record = ? AND role = ? AND address IS NOT NULL",
                (record, FAILED),
            )
        ]
        addresses = named or outside(ADDRESS.findall(text), side) or sent_to(connection, thread, at, side)
        found += [
            Bounce(fact_id, record, at, address, said_of(address, own_words or ""))
            for address in sorted(set(addresses))
        ]
    return found


def said_of(address: str, text: str) -> str | None:
    """The line of a bounce that names the address, and the first that says why."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    named = [line for line in lines if address in line.lower()]
    why = [line for line in lines if FOR_GOOD.search(line)]
    return " … ".join(dict.fromkeys([*named[:1], *why[:1]])) or None


def outside(written: Iterable[str], side: Side) -> list[str]:
    """Addresses that are none of ours and no machine's."""
    lower = (address.lower().strip(".'") for address in written)
    return [address for address in lower if not DAEMON.match(address) and not side.is_ours(address)]


def sent_to(connection: Connection, thread: str | None, at: str, side: Side) -> list[str]:
    """The one outside receiver of our last mail in the bounce's thread; of several nobody can tell which."""
    if thread is None:
        return []
    sent = connection.one(
        "SELECT s.record FROM staged_touchpoint s WHERE s.thread = ? AND s.happened_at <= ? AND s.direction = 'out'"
        " AND s.nature <> 'bounce' ORDER BY s.happened_at DESC, s.record LIMIT 1",
        (thread, at),
    )
    if sent is None:
        return []
    receivers = connection.query(
        "SELECT DISTINCT address FROM participant WHERE record = ? AND role <> 'from' AND address IS NOT NULL",
        sent,
    )
    found = outside((address for (address,) in receivers), side)
    return found if len(found) == 1 else []
