"""The IMAP connector: settings, streams and the way through the folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, PrivateAttr, SecretStr, model_validator

from connectors.credential import SignsIn
from connectors.errors import FixSetup, RetryLater, SkipStream
from connectors.imap.blocked import Blocked, blocked_by, left_out
from connectors.imap.fetching import Overview, Unfetchable, new_uids, overviews
from connectors.imap.metadata import Metadata
from connectors.imap.reader import Policy, Reader
from connectors.imap.session import Access, FolderChanged, MailSession, OpenFolder
from connectors.pptx_reader import DeckReaders
from connectors.record import CheckResult, CursorState, JsonObject, Page, SourceRecord, Stream
from connectors.transport import Patience

IMPLICIT_TLS_PORT = 993
STARTTLS_PORT = 143
EVERY_FOLDER = "*"
NOT_FOR_READING = frozenset(
    {"\\noselect", "\\nonexistent", "\\trash", "\\junk", "\\drafts", "\\all", "\\flagged"}
)
"""Folders `*` leaves out: those that cannot be opened, hold no correspondence or repeat what others hold."""

MOST_RENUMBERINGS = 3

STREAMS = (
    Stream(
        name="messages",
        mode="incremental",
        cursor_field="uid",
        volatile=("locations", "internaldate"),
        content_state="body_state",
        one_maker=False,
        counts_copies=True,
        deletes="never",
    ),
    Stream(
        name="attachments",
        mode="incremental",
        cursor_field="uid",
        volatile=("locations",),
        content_state="not_fetched",
        one_maker=False,
        deletes="never",
    ),
)

Knows = Callable[[set[str]], set[str]]


class ImapConnector(SignsIn):
    """One mailbox, read over IMAP4rev1. Never changes anything in it: folders are opened for reading only.

    A mail that is moved, or gone from every folder, stays what the hub knows of it (`deletes="never"`).
    """

    name: ClassVar[str] = "imap"
    title: ClassVar[str] = "Mailbox (IMAP)"

    host: str = Field(min_length=1, description="the mail server: imap.example.com")
    port: int = Field(default=0, ge=0, le=65535, description="0 takes 993, or 143 without implicit TLS")
    ssl: bool | Literal["starttls"] = Field(
        default=True, description="true, `starttls`, or false on trusted networks"
    )
    username: str = Field(default="", description="what to sign in with; the mailbox address when empty")
    password: SecretStr | None = Field(default=None, description="password or app password")
    token: SecretStr | None = Field(
        default=None, description="OAuth access token, for XOAUTH2 instead of a password"
    )
    mailbox: str = Field(min_length=1, description="the address of the mailbox's owner")
    folders: tuple[str, ...] = Field(
        default=(), description="INBOX and the folder for sent mail when empty; `*` for all"
    )
    bodies: Literal["attached", "all", "never"] = Field(
        default="attached",
        description="whose bodies and attachments leave the mailbox: mail with known organizations",
    )
    visibility: Literal["full", "metadata"] = Field(
        default="full",
        description="`metadata`: who, when and with whom only; no text or attachment ever leaves the mailbox",
    )
    blocked: tuple[str, ...] = Field(
        default=(),
        description="addresses and domains: of mail on which one stands nothing is fetched, not even a subject",
    )
    subjects: bool = Field(
        default=True, description="false: with `visibility: metadata`, subjects and file names stay out too"
    )
    max_part_bytes: int = Field(
        default=10 * 1024 * 1024, ge=0, description="larger attachments stay at the source"
    )
    max_message_bytes: int = Field(
        default=4 * 1024 * 1024, ge=0, description="larger mails are read part by part"
    )
    page_size: int = Field(default=100, ge=1, le=1000, description="messages a page")
    page_bytes: int = Field(default=4 * 1024 * 1024, ge=1, description="body octets a page, about")
    ca_bundle: Path | None = Field(
        default=None, description="certificate authorities of a server of your own"
    )
    timeout: float = Field(default=60.0, gt=0, description="seconds to wait for an answer")

    _patience: Patience = PrivateAttr(default_factory=Patience)
    _knows: Knows | None = PrivateAttr(default=None)
    _opened: dict[str, int] = PrivateAttr(default_factory=dict)
    _left_out: dict[str, int] = PrivateAttr(default_factory=dict)
    _readers: DeckReaders = PrivateAttr(default_factory=lambda: DeckReaders(children=1))

    @model_validator(mode="after")
    def _subjects_of_whole_mails(self) -> ImapConnector:
        if self.visibility == "full" and not self.subjects:
            raise ValueError("`subjects: false` goes with `visibility: metadata`")
        return self

    @model_validator(mode="after")
    def _known_rules(self) -> ImapConnector:
        if self._blocked.names(f"From: {self.mailbox}\r\n".encode()):
            raise ValueError("`blocked` covers the mailbox's own address: no mail would be left")
        return self

    @model_validator(mode="after")
    def _one_secret(self) -> ImapConnector:
        if (self.password is None) == (self.token is None):
            raise ValueError("set either password or token")
        return self

    def attach_policy(self, knows: Knows) -> None:
        """Tell which of the given addresses belong to known organizations; `bodies: attached` asks before each page."""
        self._knows = knows

    def use_patience(self, patience: Patience) -> None:
        """Replace how long lost connections are waited out (tests)."""
        self._patience = patience

    def streams(self) -> tuple[Stream, ...]:
        """Messages, then their attachments."""
        return STREAMS

    def check(self) -> CheckResult:
        """Sign in and open every folder. The account is the owner's address: IMAP itself has no other identity.

        `missing_scopes` names the folders that this account may not open.
        """
        closed: list[str] = []
        counts: dict[str, str] = {}
        with self._session() as session:
            names, missing = self._folders(session)
            _refuse_missing(missing)
            for name in names:
                try:
                    counts[name] = str(session.open(name).messages)
                except SkipStream:
                    closed.append(f"read the folder {name}")
        return CheckResult(self.mailbox.strip().lower(), {"host": self.host, **counts}, tuple(closed))

    def count(self, stream: str) -> int | None:
        """Messages in INBOX and the sent folder, or in the one folder chosen; None where many copies count twice.

        A mail to oneself lies in both and counts twice (`counts_copies`).

        After a pull, as many as there were when it opened the folders: what arrived since is no gap, and what `blocked`
        keeps out is none. None before a pull where anybody is blocked.
        """
        if stream != "messages" or len(self.folders) > 1 or EVERY_FOLDER in self.folders:
            return None
        if self._opened:
            return sum(self._opened.values()) - sum(self._left_out.values())
        if self.blocked:
            return None
        with self._session() as session:
            names, _ = self._folders(session)
            return sum(session.messages(name) for name in names)

    def pull(self, stream: str, cursor: CursorState | None, *, full: bool = False) -> Iterator[Page]:
        """Folder by folder, oldest UID first. The cursor is `{"folders": {name: {"uidvalidity", "uid"}}}`.

        `left_out` in a folder's place says how many mails `blocked` kept out up to there.
        A folder whose UIDVALIDITY changed is listed anew; ids are made of content, so nothing doubles and nothing is
        lost. Folders that were configured but do not exist raise `FixSetup` after the others were read.
        """
        if stream not in {known.name for known in STREAMS}:
            raise SkipStream(
                code="unknown_stream", do="Remove the stream.", happened=f"No stream {stream!r} here."
            )
        before = {} if full or not cursor else cursor.get("folders", {})
        state: dict[str, JsonObject] = {name: dict(place) for name, place in before.items()}
        reading: Literal["incremental", "full"] = "full" if full else "incremental"
        with self._session() as session, self._readers:
            names, missing = self._folders(session)
            held: Page | None = None
            for name in names:
                for records in self._read_folder(session, stream, name, state):
                    if held is not None:
                        yield held
                    held = Page(stream, records, _cursor(state), reading) if records else None
            if held is not None and missing:
                yield held
            _refuse_missing(missing)
            # The last page carries the state at the end, which may be past the last record of its stream.
            yield Page(stream, held.records if held else [], _cursor(state), reading, last=True)

    def fills_in(self) -> bool:
        """Whether texts of this mailbox may be fetched at all."""
        return self.visibility == "full" and self.bodies != "never"

    def declines(self, payload: JsonObject) -> bool:
        """Whether somebody blocked stands on a mail that landed before the rule."""
        return self._blocked.names(str(payload.get("header", "")).encode("latin-1", "replace"))

    def backfill(self, wanted: Iterable[JsonObject], stream: str = "messages") -> Iterator[Page]:
        """Fetch bodies (or attachments) of mails that policy had left; nothing where policy keeps them.

        wanted: `{"source_id", "locations", "message_id"}` of messages, as their payloads hold them. A mail that moved
        is looked for by Message-ID in the chosen folders; one that is gone is left out. Pages carry no cursor.
        """
        if not self.fills_in():
            return
        with self._session() as session, self._readers:
            reader = self._reader(session, everything=True)
            for item in wanted:
                found = self._find(session, reader, item)
                if found is not None:
                    folder, overview = found
                    for records in reader.pages(stream, folder, [overview]):
                        yield Page(stream, records)

    def _find(
        self, session: MailSession, reader: Reader, item: JsonObject
    ) -> tuple[OpenFolder, Overview | Unfetchable] | None:
        places: list[tuple[str, int | None, list[int]]] = [
            (place["folder"], place["uidvalidity"], [place["uid"]]) for place in item.get("locations") or []
        ]
        names, _ = self._folders(session)
        places += [(name, None, []) for name in dict.fromkeys([*names, *(place[0] for place in places)])]
        for name, uidvalidity, uids in places:
            try:
                folder = session.open(name)
            except FixSetup:
                continue
            if uidvalidity not in {None, folder.uidvalidity}:
                continue
            candidates = uids or _search_id(session, item.get("message_id"))
            found, _ = self._overviews(session, candidates)
            for overview in found:
                if isinstance(overview, Overview) and reader.keys([overview]) == [item["source_id"]]:
                    return folder, overview
        return None

    def _read_folder(
        self, session: MailSession, stream: str, name: str, state: dict[str, JsonObject]
    ) -> Iterator[list[SourceRecord]]:
        for _ in range(MOST_RENUMBERINGS):
            try:
                yield from self._read_once(session, stream, session.open(name), state)
            except FolderChanged:
                continue
            return
        raise RetryLater(
            code="folder_renumbered",
            do="Nothing to do now: the next sync reads the folder anew.",
            happened="The mail server gave a folder new numbers again and again while it was read.",
        )

    def _read_once(
        self, session: MailSession, stream: str, folder: OpenFolder, state: dict[str, JsonObject]
    ) -> Iterator[list[SourceRecord]]:
        self._opened[folder.name] = folder.messages
        place = state.get(folder.name, {})
        if place.get("uidvalidity") != folder.uidvalidity:
            place = {}
        after, without = int(place.get("uid", 0)), int(place.get("left_out", 0))
        reader = self._reader(session)
        for window in new_uids(session, folder, after):
            for at in range(0, len(window), self.page_size):
                uids = window[at : at + self.page_size]
                found, gone = self._overviews(session, uids)
                for records, last in reader.paged(stream, folder, found):
                    passed = sum(uid <= last for uid in gone)
                    state[folder.name] = _place(folder, last, without + passed)
                    yield records
                without += len(gone)
                state[folder.name] = _place(folder, uids[-1], without)
        if state.get(folder.name, {}).get("uidvalidity") != folder.uidvalidity:
            state[folder.name] = _place(folder, 0, 0)
        self._left_out[folder.name] = without

    def _overviews(
        self, session: MailSession, uids: Sequence[int]
    ) -> tuple[list[Overview | Unfetchable], set[int]]:
        """What is known of messages before their bodies, and the UIDs of those that `blocked` keeps out."""
        gone = left_out(session, uids, self._blocked, self._patience)
        found = overviews(session, [uid for uid in uids if uid not in gone], self._patience)
        # What could not be told by the few fields is told by the whole header, and stays here all the same.
        gone |= {
            each.uid for each in found if isinstance(each, Overview) and self._blocked.names(each.header)
        }
        return [each for each in found if each.uid not in gone], gone

    @cached_property
    def _blocked(self) -> Blocked:
        return blocked_by(self.blocked)

    def _folders(self, session: MailSession) -> tuple[list[str], list[str]]:
        """The folders to read that exist, and those configured that do not."""
        known = {name: flags for flags, name in session.folders()}
        if EVERY_FOLDER in self.folders:
            return [name for name, flags in known.items() if not flags & NOT_FOR_READING], []
        if not self.folders:
            sent = session.sent_folder()
            return ["INBOX", *([sent] if sent else [])], []
        chosen = ["INBOX" if name.upper() == "INBOX" else name for name in dict.fromkeys(self.folders)]
        return [name for name in chosen if name in known], [name for name in chosen if name not in known]

    def _reader(self, session: MailSession, *, everything: bool = False) -> Reader:
        policy = Policy(
            bodies="never" if not self.fills_in() else "all" if everything else self.bodies,
            metadata=None if self.visibility == "full" else Metadata(subjects=self.subjects),
            knows=self._knows,
            max_part_bytes=self.max_part_bytes,
            max_message_bytes=self.max_message_bytes,
            page_bytes=self.page_bytes,
        )
        return Reader(session, policy, self.mailbox.strip().lower(), self._patience, self._readers)

    def _session(self) -> MailSession:
        wire: Literal["tls", "starttls", "off"] = (
            "starttls" if self.ssl == "starttls" else "tls" if self.ssl else "off"
        )
        access = Access(
            host=self.host,
            port=self.port or (IMPLICIT_TLS_PORT if wire == "tls" else STARTTLS_PORT),
            ssl=wire,
            username=self.username or self.mailbox,
            password=self.password,
            token=self.token,
            ca_bundle=str(self.ca_bundle) if self.ca_bundle else None,
            timeout=self.timeout,
        )
        return MailSession(access, self._patience)


def _place(folder: OpenFolder, uid: int, left_out: int) -> JsonObject:
    """How far a folder was read, and how many of its mails were left out up to there."""
    return {
        "uidvalidity": folder.uidvalidity,
        "uid": uid,
        **({"left_out": left_out} if left_out else {}),
    }


def _cursor(state: dict[str, JsonObject]) -> CursorState:
    return {"folders": {name: dict(place) for name, place in state.items()}}


def _refuse_missing(missing: list[str]) -> None:
    if missing:
        raise FixSetup(
            code="folder_missing",
            do="Correct `folders` in the source's settings.",
            happened=f"The mailbox has no folder called {', '.join(repr(name) for name in missing)}.",
        )


def _search_id(session: MailSession, message_id: Any) -> list[int]:
    if not message_id:
        return []
    found: list[int] = session.run(
        lambda client: client.search(["HEADER", "Message-ID", message_id.strip("<>")])
    )
    return list(found)
