"""How much of a mail somebody sees. Every query that shows mail, or what hangs on or was read out of it, asks here.

Four levels: EVERYTHING; SUBJECT (no text, no attachment's content); METADATA (when, and between whom); PRIVATE (only
that there is one). The owner of a mailbox sees own mail whole. For others, what somebody set for the conversation
decides, then for the mailbox, then the source's `mail_visibility`; else it is METADATA for mail with a partner and
PRIVATE for all other. Of a mail in several places the most open copy counts, as each of its owners may show theirs.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from warehouse.database import Connection
    from warehouse.viewer import Viewer


class Level(IntEnum):
    """How much somebody sees of a mail; each level shows what those below it show."""

    PRIVATE = 0
    METADATA = 1
    SUBJECT = 2
    EVERYTHING = 3


LEVELS: Final = {level.name.lower(): level for level in Level}
"""The words of settings and commands, from the least on."""
MAILBOX, THREAD = "mailbox", "thread"
AT_ONCE: Final = 400
ENTERED: Final = "hub"
IS_MAIL: Final = f"s.source <> '{ENTERED}' AND (s.kind = 'email' OR s.mailbox IS NOT NULL)"
"""What lies in a mailbox, invitations too, and mails that a CRM holds. What people enter names them as its mailbox."""
COPIES: Final = f"""
SELECT c.fact_id, c.fact_id, s.source, lower(s.mailbox), s.thread, s.deleted_at FROM fact_source c
JOIN staged_touchpoint s ON s.record = c.record WHERE c.fact_id IN ({{marks}}) AND {IS_MAIL}
UNION ALL
SELECT c.fact_id, p.fact_id, s.source, lower(s.mailbox), s.thread, s.deleted_at FROM fact_source c
JOIN staged_document d ON d.record = c.record JOIN fact_source p ON p.record = d.parent_record
JOIN fact_source o ON o.fact_id = p.fact_id JOIN staged_touchpoint s ON s.record = o.record
WHERE c.fact_id IN ({{marks}}) AND {IS_MAIL}
"""
"""The copies of mails, and of the mails that documents hang on."""
GONE: Final = "SELECT fact_id FROM fact WHERE fact_id IN ({marks}) AND kind = 'email'"
WITH_PARTNERS: Final = """
SELECT DISTINCT t.fact_id FROM timeline t JOIN partnership p ON p.organization_id = t.organization_id
WHERE t.fact_id IN ({marks})
"""
BY_HAND: Final = """
SELECT subject, level FROM mail_visibility WHERE scope = ? AND subject IN ({marks}) ORDER BY number
"""


class Copy(NamedTuple):
    """A mail as it lies in one place. mail: the fact it is a copy of, for a document that of the mail it hangs on."""

    mail: str
    source: str
    mailbox: str | None
    thread: str | None
    deleted_at: str | None


def levels(viewer: Viewer, connection: Connection, fact_ids: Iterable[str]) -> dict[str, Level]:
    """How much of each fact the viewer sees; what is no mail and hangs on none is theirs whole."""
    wanted = list(dict.fromkeys(fact_ids))
    found = dict.fromkeys(wanted, Level.EVERYTHING)
    if viewer.all_mail or not wanted:
        return found
    copies = copies_of(connection, wanted)
    if not copies:
        return found
    by_thread = set_by_hand(connection, THREAD, threads_of(copies))
    by_mailbox = set_by_hand(connection, MAILBOX, (copy.mailbox for some in copies.values() for copy in some))
    least = least_levels(connection, copies)
    most = Level.EVERYTHING if viewer.reads_mail else Level.SUBJECT
    for fact_id, some in copies.items():
        if any(copy.mailbox in viewer.mailboxes for copy in some):
            continue
        said = next((by_thread[key] for copy in some for key in keys_of(copy) if key in by_thread), None)
        if said is None:
            live = [copy for copy in some if copy.deleted_at is None]
            said = max(
                (level_of(viewer, copy, by_mailbox, least[fact_id]) for copy in live), default=Level.PRIVATE
            )
        found[fact_id] = min(said, most)
    return found


def level_of(viewer: Viewer, copy: Copy, by_mailbox: Mapping[str, Level], least: Level) -> Level:
    """What the owner of one copy shows of it."""
    if copy.mailbox is not None and copy.mailbox in by_mailbox:
        return by_mailbox[copy.mailbox]
    return LEVELS.get(viewer.mail_levels.get(copy.source, ""), least)


def keys_of(copy: Copy) -> tuple[str, ...]:
    """By what the conversation of a mail can be named: by its id, or by the mail itself where it has none."""
    return (copy.thread, copy.mail) if copy.thread else (copy.mail,)


def threads_of(copies: Mapping[str, Sequence[Copy]]) -> Iterator[str]:
    """By what all conversations of these can be named."""
    for some in copies.values():
        for copy in some:
            yield from keys_of(copy)


def copies_of(connection: Connection, fact_ids: Sequence[str]) -> dict[str, list[Copy]]:
    """The copies of those facts that are mails or hang on one. Of a mail that is gone everywhere, a deleted one."""
    found: dict[str, list[Copy]] = {}
    for some in portions(fact_ids):
        marks = ", ".join("?" * len(some))
        for fact_id, *copy in connection.query(COPIES.format(marks=marks), (*some, *some)):
            found.setdefault(fact_id, []).append(Copy(*copy))
        for (fact_id,) in connection.query(GONE.format(marks=marks), some):
            found.setdefault(fact_id, [Copy(fact_id, "", None, None, "")])
    return found


def least_levels(connection: Connection, fact_ids: Iterable[str]) -> dict[str, Level]:
    """How much of each mail others see where nobody says anything."""
    wanted = list(fact_ids)
    found = dict.fromkeys(wanted, Level.PRIVATE)
    for some in portions(wanted):
        marks = ", ".join("?" * len(some))
        rows = connection.query(WITH_PARTNERS.format(marks=marks), some)
        found |= dict.fromkeys((row[0] for row in rows), Level.METADATA)
    return found


def set_by_hand(connection: Connection, scope: str, subjects: Iterable[str | None]) -> dict[str, Level]:
    """What somebody set for these mailboxes or conversations and has not taken back."""
    wanted = sorted({each for each in subjects if each})
    newest: dict[str, str | None] = {}
    for some in portions(wanted):
        marks = ", ".join("?" * len(some))
        newest |= dict(connection.query(BY_HAND.format(marks=marks), (scope, *some)))
    return {subject: LEVELS[level] for subject, level in newest.items() if level is not None}


def portions(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """Keys a few hundred at a time: statements have a limit of parameters."""
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def as_shown(level: Level, title: str | None, text: str | None = None) -> str | None:
    """What a fact is called at a level: by its title, or where it has none by how its text begins."""
    if title:
        return title if level >= Level.SUBJECT else None
    return text if level >= Level.EVERYTHING else None


def with_subject(viewer: Viewer, connection: Connection, fact_ids: Iterable[str]) -> set[str]:
    """Those facts whose subject (of a document its name) the viewer may see, and by which they may find it."""
    return {fact for fact, level in levels(viewer, connection, fact_ids).items() if level >= Level.SUBJECT}


def title_for(
    viewer: Viewer, connection: Connection, titles: Mapping[str, str | None]
) -> dict[str, str | None]:
    """The titles of facts as the viewer sees them; None in place of one they may not see. titles: by fact id."""
    seen = with_subject(viewer, connection, titles)
    return {fact: title if fact in seen else None for fact, title in titles.items()}


def sources_with_mail(connection: Connection) -> list[tuple[str, str | None]]:
    """Sources that hold mail, each with the mailbox it is where it is one, by name."""
    rows = connection.query(
        "SELECT so.source, CASE WHEN so.account LIKE '%@%' THEN lower(so.account) END FROM source so"
        f" WHERE EXISTS (SELECT 1 FROM staged_touchpoint s WHERE s.record > so.source || '/'"
        f" AND s.record < so.source || '0' AND {IS_MAIL})"
        " ORDER BY so.source"
    )
    return [(str(source), address) for source, address in rows]
