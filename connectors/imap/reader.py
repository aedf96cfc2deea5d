"""Turn overviews of messages into pages of records: what each mail is called, and how much of it may be fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from connectors.imap.fetching import LONGEST_HEADER, Overview, Unfetchable, fetch_each
from connectors.imap.identity import OPENING_BYTES, addresses, needs_opening, source_id
from connectors.imap.inside import needs_packed_text, with_insides
from connectors.imap.metadata import Metadata
from connectors.imap.parts import Part, parts_from_structure, without_transfer_encoding
from connectors.imap.records import (
    attachment_record,
    body_from_bytes,
    body_from_parts,
    location,
    malformation,
    malformed_record,
    merged,
    message_record,
    unfetchable_record,
)
from connectors.imap.session import MailSession, OpenFolder
from connectors.pptx_reader import DeckReaders
from connectors.record import JsonObject, SourceRecord
from connectors.transport import Patience

HEAVY = 64 * 1024
"""Octets of attachments from which on only the text parts of a mail are fetched instead of the whole."""

WHOLE = ("",)


@dataclass(frozen=True, slots=True)
class Policy:
    """How much of a mail may leave the mailbox. Sizes are octets as sent. metadata: what else stays, besides texts."""

    bodies: Literal["attached", "all", "never"]
    knows: Callable[[set[str]], set[str]] | None
    max_part_bytes: int
    max_message_bytes: int
    page_bytes: int
    metadata: Metadata | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with one message: its key, its parts by the server's account, and which sections to fetch.

    state: why nothing is fetched (`left_by_policy`, `too_large`), or empty.
    """

    overview: Overview
    key: str
    parts: list[Part] | None
    sections: tuple[str, ...]
    state: str = ""

    @property
    def weight(self) -> int:
        """Octets that will be fetched, about."""
        if self.sections == WHOLE:
            return self.overview.size
        return sum(part.size for part in self.parts or [] if part.section in self.sections)


class Reader:
    """Reads messages of one mailbox under one policy. Holds no state of its own between calls."""

    def __init__(
        self, session: MailSession, policy: Policy, mailbox: str, patience: Patience, readers: DeckReaders
    ) -> None:
        """Bind to an open session. `readers` open decks that travel as attachments."""
        self._session, self._policy, self._mailbox, self._patience = session, policy, mailbox, patience
        self._readers = readers

    def pages(
        self, stream: str, folder: OpenFolder, found: Sequence[Overview | Unfetchable]
    ) -> Iterator[list[SourceRecord]]:
        """The records of these messages, a page at a time."""
        return (records for records, _ in self.paged(stream, folder, found))

    def paged(
        self, stream: str, folder: OpenFolder, found: Sequence[Overview | Unfetchable]
    ) -> Iterator[tuple[list[SourceRecord], int]]:
        """Pages of records with the UID up to which each is complete. Bodies of one page stay within `page_bytes`."""
        broken = {item.uid: self._malformed(folder, item) for item in found if self._is_broken(item)}
        whole = [item for item in found if isinstance(item, Overview) and item.uid not in broken]
        plans = {plan.overview.uid: plan for plan in self._plans(stream, whole)}
        page: list[int] = []
        weight = 0
        for item in found:
            plan = plans.get(item.uid)
            if page and weight + (plan.weight if plan else 0) > self._policy.page_bytes:
                yield self._records(stream, folder, page, plans, broken), page[-1]
                page, weight = [], 0
            page.append(item.uid)
            weight += plan.weight if plan else 0
        if page:
            yield self._records(stream, folder, page, plans, broken), page[-1]

    def keys(self, found: Sequence[Overview]) -> list[str]:
        """The source ids of messages. Fetches the opening of the few whose headers do not tell them apart.

        Not from a mailbox that gives metadata only: there, two such mails of one size and header count as one.
        """
        closed = self._policy.metadata is not None
        unsure = [] if closed else [item.uid for item in found if needs_opening(item.header)]
        opened = fetch_each(
            self._session, [(uid, ("TEXT",)) for uid in unsure], self._patience, partial=OPENING_BYTES
        )
        return [
            source_id(item.header, item.size, opened.get(item.uid, {}).get("TEXT", b"")) for item in found
        ]

    # ---- what to fetch

    def _plans(self, stream: str, found: Sequence[Overview]) -> list[Plan]:
        if stream == "attachments":
            found = [item for item in found if _may_carry_attachments(item)]
        allowed = self._allowed(found)
        choose = self._for_message if stream == "messages" else self._for_attachments
        plans = []
        for item, key in zip(found, self.keys(found), strict=True):
            parts = parts_from_structure(item.structure)
            sections, state = choose(item, parts) if item.uid in allowed else ((), "left_by_policy")
            plans.append(Plan(item, key, parts, sections, state))
        return plans

    def _allowed(self, found: Sequence[Overview]) -> set[int]:
        """UIDs whose contents the policy lets out of the mailbox."""
        if self._policy.bodies == "all":
            return {item.uid for item in found}
        if self._policy.bodies == "never" or self._policy.knows is None:
            return set()
        people = {item.uid: addresses(item.header) for item in found}
        known = self._policy.knows(set().union(*people.values()))
        return {uid for uid, named in people.items() if named & known}

    def _for_message(self, item: Overview, parts: list[Part] | None) -> tuple[tuple[str, ...], str]:
        attached = sum(part.size for part in parts or [] if not part.is_body)
        if item.size <= self._policy.max_message_bytes and (parts is None or attached <= HEAVY):
            return WHOLE, ""
        known = parts or []
        wanted = [part for part in known if part.is_body] + needs_packed_text(known)
        readable = [part for part in wanted if part.size <= self._policy.max_part_bytes]
        sections = tuple(part.section for part in readable)
        return sections, "" if sections else "too_large"

    def _for_attachments(self, item: Overview, parts: list[Part] | None) -> tuple[tuple[str, ...], str]:
        if parts is None:
            return (WHOLE, "") if item.size <= self._policy.max_message_bytes else ((), "too_large")
        small = [part for part in parts if not part.is_body and part.size <= self._policy.max_part_bytes]
        return tuple(part.section for part in small), ""

    # ---- what came

    def _records(
        self,
        stream: str,
        folder: OpenFolder,
        uids: Iterable[int],
        plans: dict[int, Plan],
        broken: dict[int, SourceRecord],
    ) -> list[SourceRecord]:
        chosen = [plans[uid] for uid in uids if uid in plans]
        wanted = [(plan.overview.uid, plan.sections) for plan in chosen if plan.sections]
        fetched = fetch_each(self._session, wanted, self._patience)
        records: list[SourceRecord] = []
        for uid in uids:
            if uid in plans and stream == "messages":
                records.append(self._message(folder, plans[uid], fetched.get(uid, {})))
            elif uid in plans:
                records.extend(self._attachments(folder, plans[uid], fetched.get(uid, {})))
            elif stream == "messages":
                records.append(broken[uid])
        return merged(records)

    def _message(self, folder: OpenFolder, plan: Plan, fetched: dict[str, bytes]) -> SourceRecord:
        parts = plan.parts or []
        if not fetched:
            body: JsonObject = {
                "body": None,
                "body_state": plan.state or ("unfetchable" if plan.sections else "fetched"),
            }
        elif plan.sections == WHOLE:
            body, parts = body_from_bytes(fetched[""], self._policy.max_part_bytes)
        else:
            parts = _with_contents(parts, fetched)
            body = body_from_parts(parts, self._policy.max_part_bytes)
        record = message_record(
            plan.key, folder, plan.overview, mailbox=self._mailbox, body=body, parts=parts
        )
        return self._policy.metadata.of(record) if self._policy.metadata else record

    def _attachments(
        self, folder: OpenFolder, plan: Plan, fetched: dict[str, bytes]
    ) -> Iterator[SourceRecord]:
        parts = plan.parts or []
        if plan.sections == WHOLE and fetched and plan.parts is None:
            _, parts = body_from_bytes(fetched[""], self._policy.max_part_bytes)
        else:
            parts = _with_contents(parts, fetched)
        places = [location(folder, plan.overview.uid)]
        for found in with_insides(parts, self._readers):
            record = attachment_record(plan.key, found, self._why_not(plan, found.part), places)
            yield self._policy.metadata.of(record) if self._policy.metadata else record

    def _why_not(self, plan: Plan, part: Part) -> str | None:
        """Why the bytes of an attachment stayed at the source; None when they came."""
        if plan.state:
            return plan.state
        if part.size > self._policy.max_part_bytes:
            return "too_large"
        return "unfetchable" if part.content is None else None

    # ---- what cannot be a record

    def _is_broken(self, item: Overview | Unfetchable) -> bool:
        return isinstance(item, Unfetchable) or malformation(item) is not None

    def _malformed(self, folder: OpenFolder, item: Overview | Unfetchable) -> SourceRecord:
        if isinstance(item, Unfetchable):
            return unfetchable_record(folder, item)
        code = malformation(item) or "unreadable_message"
        raw = b"" if self._policy.metadata else item.header
        if self._policy.bodies == "all" and len(raw) < item.size <= max(
            self._policy.max_message_bytes, LONGEST_HEADER
        ):
            fetched = fetch_each(self._session, [(item.uid, WHOLE)], self._patience)
            raw = fetched.get(item.uid, {}).get("", raw)
        return malformed_record(self.keys([item])[0], code, raw)


def _may_carry_attachments(item: Overview) -> bool:
    parts = parts_from_structure(item.structure)
    return parts is None or not all(part.is_body for part in parts)


def _with_contents(parts: list[Part], fetched: dict[str, bytes]) -> list[Part]:
    return [
        replace(part, content=without_transfer_encoding(fetched[part.section], part.encoding))
        if part.section in fetched
        else part
        for part in parts
    ]
