"""Fetch things of many messages at once, and find the one message that spoils it for the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import structlog
from imapclient import IMAPClient

from connectors.errors import RetryLater
from connectors.imap.session import MailSession, OpenFolder
from connectors.record import utc_text
from connectors.transport import Patience, TryAgain

LOG = structlog.get_logger(__name__)

SEARCH_WINDOW = 50_000
"""UIDs in one answer to SEARCH at most: the mail library refuses answer lines of more than 1,000,000 bytes."""

LONGEST_HEADER = 256 * 1024
HEADER = f"BODY.PEEK[HEADER]<0.{LONGEST_HEADER}>"
HEADER_KEY = b"BODY[HEADER]<0>"
FACTS = ("RFC822.SIZE", "INTERNALDATE", HEADER)
POISON_TRIES = 2
"""Tries for a fetch that keeps failing before its messages are asked for in smaller groups."""

FAILS_FOR_ALL = frozenset({"too_many_connections", "server_unavailable", "mailbox_in_use"})
INTERRUPTED = "interrupted"


class Overview(NamedTuple):
    """What is known of a message before its body: header block, octets, arrival (UTC text), structure."""

    uid: int
    header: bytes
    size: int
    internaldate: str | None
    structure: Any


class Unfetchable(NamedTuple):
    """A message the server cannot give, although it gives others."""

    uid: int
    reason: str


Fetched = dict[int, dict[bytes, Any]]


def new_uids(session: MailSession, folder: OpenFolder, after: int) -> Iterator[list[int]]:
    """The UIDs above `after` in ascending order, in windows. `n:*` never lets an old message through."""
    if folder.uidnext is not None and folder.uidnext <= after + 1:
        return
    if folder.uidnext is None or folder.messages <= SEARCH_WINDOW:
        found = _search(session, f"{after + 1}:*")
        yield [uid for uid in found if uid > after]
        return
    for low in range(after + 1, folder.uidnext, SEARCH_WINDOW):
        high = min(low + SEARCH_WINDOW, folder.uidnext) - 1
        yield [uid for uid in _search(session, f"{low}:{high}") if low <= uid <= high]


def _search(session: MailSession, span: str) -> list[int]:
    found: Sequence[int] = session.run(lambda client: client.search(["UID", span]))
    return sorted(set(found))


def overviews(session: MailSession, uids: Sequence[int], patience: Patience) -> list[Overview | Unfetchable]:
    """Headers and structure of messages, in the order of `uids`; those that are gone by now are left out."""
    fetched, failed = fetch(session, uids, [*FACTS, "BODYSTRUCTURE"], patience)
    if failed:
        # Most often it is the structure that cannot be written or read; without it the mail may still come.
        again, failed = fetch(session, sorted(failed), FACTS, patience, alive=next(iter(fetched), None))
        fetched |= again
    return [found for uid in uids if (found := _overview(uid, fetched.get(uid), failed)) is not None]


def _overview(
    uid: int, facts: dict[bytes, Any] | None, failed: dict[int, str]
) -> Overview | Unfetchable | None:
    if facts is None:
        return Unfetchable(uid, failed[uid]) if uid in failed else None
    header = facts.get(HEADER_KEY, facts.get(b"BODY[HEADER]"))
    size = facts.get(b"RFC822.SIZE")
    if not isinstance(header, bytes) or not isinstance(size, int):
        return Unfetchable(uid, "incomplete_answer")
    return Overview(uid, header, size, _moment(facts.get(b"INTERNALDATE")), facts.get(b"BODYSTRUCTURE"))


def _moment(value: Any) -> str | None:
    if not isinstance(value, datetime):
        return None
    try:
        return utc_text(value if value.tzinfo else value.replace(tzinfo=UTC))
    except (OverflowError, ValueError):
        return None


def fetch_each(
    session: MailSession,
    wanted: Iterable[tuple[int, tuple[str, ...]]],
    patience: Patience,
    partial: int | None = None,
) -> dict[int, dict[str, bytes]]:
    """Body sections of messages: UID → section (`` for the whole) → bytes. What cannot be had is missing.

    Messages that want the same sections are asked for together. `partial` asks for so many first bytes only.
    """
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for uid, sections in wanted:
        groups[sections].append(uid)
    found: dict[int, dict[str, bytes]] = {}
    cut, mark = (f"<0.{partial}>", b"<0>") if partial else ("", b"")
    for sections, uids in groups.items():
        fetched, failed = fetch(
            session, uids, [f"BODY.PEEK[{section}]{cut}" for section in sections], patience
        )
        if failed:
            LOG.warning("bodies could not be fetched", messages=len(failed))
        for uid, facts in fetched.items():
            answers = {section: facts.get(b"BODY[" + section.encode() + b"]" + mark) for section in sections}
            found[uid] = {section: data for section, data in answers.items() if isinstance(data, bytes)}
    return found


def fetch(
    session: MailSession,
    uids: Sequence[int],
    items: Sequence[str],
    patience: Patience,
    *,
    alive: int | None = None,
) -> tuple[Fetched, dict[int, str]]:
    """Fetch items of messages: what came, and why the rest did not (UID → reason code).

    A group that fails is halved until the message that spoils it stands alone. Raises the errors of
    `connectors.errors` when the trouble is the server's rather than a message's; `alive` is a message that came before.
    """
    came: Fetched = {}
    failed: dict[int, str] = {}
    quick = replace(patience, tries=min(patience.tries, POISON_TRIES))
    groups = [list(uids)] if uids else []
    while groups:
        group = groups.pop(0)
        alone = len(group) == 1
        try:
            came |= session.run(_asking(group, items), patience=patience if alone else quick)
        except RetryLater as error:
            if error.code == INTERRUPTED or (alone and error.code in FAILS_FOR_ALL):
                raise
            if error.code in FAILS_FOR_ALL:
                came |= session.run(_asking(group, items), patience=patience)
                continue
            if not alone:
                groups[:0] = [group[: len(group) // 2], group[len(group) // 2 :]]
                continue
            _prove_alive(session, alive or _witness(group[0], uids, came, failed), error)
            failed[group[0]] = error.code
            LOG.warning("a message could not be fetched", uid=group[0], reason=error.code)
    return came, failed


def _asking(uids: list[int], items: Sequence[str]) -> Any:
    def ask(client: IMAPClient) -> Fetched:
        try:
            found: Fetched = client.fetch(uids, list(items))
        except (ValueError, RecursionError, IndexError, TypeError, KeyError, AttributeError) as error:
            raise TryAgain(
                "unreadable_answer", f"An answer could not be read ({type(error).__name__})."
            ) from None
        return found

    return ask


def _witness(suspect: int, uids: Sequence[int], came: Fetched, failed: dict[int, str]) -> int:
    """Another message to ask for, so that one the server cannot give is told from a server that gives nothing."""
    others = (uid for uid in uids if uid != suspect and uid not in failed)
    return next(iter(came), None) or next(others, suspect)


def _prove_alive(session: MailSession, uid: int, failure: RetryLater) -> None:
    """Raise the failure after all when the server cannot even say how large this message is."""
    try:
        session.run(_asking([uid], ["RFC822.SIZE"]), patience=Patience(tries=1))
    except RetryLater:
        raise failure from None
