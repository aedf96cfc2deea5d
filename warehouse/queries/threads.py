"""The conversations with an organization: what about, since when, who wrote last, and whether an answer is owed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from warehouse.queries.mail_sight import Level, levels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

MOST_MAILS: Final = 5_000
"""The newest mails of an organization that are looked at."""
THREADS_SHOWN: Final = 30
WINDOW: Final = timedelta(days=30)
"""How long after a conversation's last mail an answer without references is still taken for its answer."""
REPLY_PREFIX: Final = re.compile(
    r"^(?:(?:re|aw|fw|fwd|wg|sv|vs|antw|tr|rif|r|odp)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE
)
TELLING_WORDS: Final = 2
TELLING_LETTERS: Final = 10
"""What a subject needs to say so that sharing it means something: `Re: Hello` joins nothing."""

MAILS: Final = (
    "SELECT f.fact_id, f.happened_at, f.title, f.direction, f.nature, f.record FROM timeline t"
    " JOIN fact f ON f.fact_id = t.fact_id WHERE t.organization_id = ? AND f.entity = 'touchpoint'"
    " AND f.kind = 'email' AND f.nature <> 'list' ORDER BY f.happened_at DESC, f.fact_id LIMIT ?"
)
OF_THESE: Final = f"WITH mails AS ({MAILS})"
COPIES: Final = (
    f"{OF_THESE} SELECT m.fact_id, s.thread, s.same_as FROM mails m JOIN fact_source c ON c.fact_id = m.fact_id"
    " JOIN staged_touchpoint s ON s.record = c.record AND s.deleted_at IS NULL"
)
PEOPLE: Final = (
    f"{OF_THESE} SELECT m.fact_id, p.role, p.address, p.name FROM mails m JOIN participant p ON p.record = m.record"
    " ORDER BY m.fact_id, p.position"
)


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation. Times are UTC; mails counts those on this organization's timeline, newsletters apart.

    subject and last_by are None where the viewer may not see them. last_by: name or address of who wrote last;
    last_direction: in (they), out (we) or internal. owed_since: when the first mail came that we have not answered;
    None where the last word is ours. Automatic answers and bounces count as mails but neither as a word of theirs nor
    of ours.
    """

    thread: str
    subject: str | None
    first_at: str
    last_at: str
    mails: int
    last_by: str | None
    last_direction: str | None
    owed_since: str | None

    @property
    def owes_answer(self) -> bool:
        """Whether they wrote last."""
        return self.owed_since is not None


@dataclass(slots=True)
class Mail:
    """One mail of the organization, with the conversations its copies name and the addresses on it."""

    fact_id: str
    at: str
    subject: str | None
    direction: str | None
    nature: str
    threads: set[str] = field(default_factory=set)
    answers: bool = False
    sender: str | None = None
    addresses: set[str] = field(default_factory=set)


def threads(
    viewer: Viewer, connection: Connection, organization_id: str, limit: int = THREADS_SHOWN
) -> list[Thread]:
    """The conversations of an organization, the one that moved last first."""
    groups = joined_by_subject(conversations(read_mails(connection, viewer.only(organization_id))))
    groups = sorted(groups, key=lambda mails: (mails[-1].at, mails[0].fact_id), reverse=True)[:limit]
    sights = levels(viewer, connection, [mail.fact_id for mails in groups for mail in mails])
    found = sorted((thread_of(as_seen(mails, sights)) for mails in groups), key=lambda each: each.thread)
    return sorted(found, key=lambda each: each.last_at, reverse=True)


def as_seen(mails: list[Mail], sights: Mapping[str, Level]) -> list[Mail]:
    """The mails of a conversation as somebody sees them: without the subjects and senders they may not see."""
    return [
        replace(
            mail,
            subject=mail.subject if sights[mail.fact_id] >= Level.SUBJECT else None,
            sender=mail.sender if sights[mail.fact_id] >= Level.METADATA else None,
        )
        for mail in mails
    ]


def read_mails(connection: Connection, organization_id: str) -> list[Mail]:
    """The newest mails of an organization, oldest first."""
    bound = (organization_id, MOST_MAILS)
    mails = {row[0]: Mail(*row[:5]) for row in connection.query(MAILS, bound)}
    for fact_id, thread, same_as in connection.query(COPIES, bound):
        if thread:
            mails[fact_id].threads.add(thread)
            mails[fact_id].answers |= not (same_as or "").startswith(f"{thread}:")
    for fact_id, role, address, name in connection.query(PEOPLE, bound):
        mail = mails[fact_id]
        mail.addresses |= {address} if address else set()
        if role == "from" and mail.sender is None:
            mail.sender = name or address
    return sorted(mails.values(), key=lambda mail: (mail.at, mail.fact_id))


def conversations(mails: Iterable[Mail]) -> list[list[Mail]]:
    """Mails that share a thread, in whichever system's words, are one conversation. Each list is in order of time."""
    group_of: dict[str, list[Mail]] = {}
    groups: dict[int, list[Mail]] = {}
    for mail in mails:
        keys = mail.threads or {mail.fact_id}
        met = {id(group): group for key in keys if (group := group_of.get(key)) is not None}
        merged = sorted([*(each for group in met.values() for each in group), mail], key=when)
        for old in met:
            del groups[old]
        groups[id(merged)] = merged
        for each in merged:
            group_of |= dict.fromkeys(each.threads or {each.fact_id}, merged)
    return sorted(groups.values(), key=lambda group: when(group[0]))


def joined_by_subject(groups: list[list[Mail]]) -> list[list[Mail]]:
    """Answers that refer to nothing join the one conversation they can belong to; where several can, none.

    Same telling subject, somebody in common beside the reply prefix, and not long after its last mail.
    """
    by_subject: dict[str, list[list[Mail]]] = {}
    kept: list[list[Mail]] = []
    for group in groups:
        first = group[0]
        said = telling_subject(first.subject)
        rivals = by_subject.setdefault(said, []) if said else []
        fits = [other for other in rivals if is_answer_to(first, other)] if is_bare_reply(first) else []
        if len(fits) == 1:
            fits[0].extend(group)
            fits[0].sort(key=when)
            continue
        kept.append(group)
        rivals.append(group)
    return kept


def is_bare_reply(mail: Mail) -> bool:
    """Whether a mail says `Re:` and refers to no other mail."""
    return not mail.answers and bool(REPLY_PREFIX.match((mail.subject or "").strip()))


def is_answer_to(mail: Mail, conversation: list[Mail]) -> bool:
    """Whether the mail came soon enough after some mail of the conversation that its people were on."""
    moment = datetime.fromisoformat(mail.at)
    return any(
        timedelta(0) <= moment - datetime.fromisoformat(each.at) <= WINDOW
        and len(each.addresses & mail.addresses) > 1
        for each in conversation
    )


def telling_subject(subject: str | None) -> str:
    """The subject without reply prefixes and case, or `` where it says too little to recognize a conversation by."""
    said = " ".join(REPLY_PREFIX.sub("", (subject or "").strip()).casefold().split())
    return said if len(said) >= TELLING_LETTERS and len(said.split()) >= TELLING_WORDS else ""


def thread_of(mails: list[Mail]) -> Thread:
    """One conversation in a row."""
    subject = next((mail.subject for mail in mails if mail.subject), None)
    spoken = [mail for mail in mails if mail.nature == "person" and mail.direction in {"in", "out"}]
    last = spoken[-1] if spoken else mails[-1]
    ours = max((at for at, mail in enumerate(spoken) if mail.direction == "out"), default=-1)
    waiting = spoken[ours + 1 :]
    return Thread(
        thread=min(mails[0].threads or {mails[0].fact_id}),
        subject=REPLY_PREFIX.sub("", subject.strip()) if subject else None,
        first_at=mails[0].at,
        last_at=mails[-1].at,
        mails=len(mails),
        last_by=last.sender,
        last_direction=last.direction,
        owed_since=waiting[0].at if waiting else None,
    )


def when(mail: Mail) -> tuple[str, str]:
    """The order of mails: by time, of equals by id."""
    return mail.at, mail.fact_id
