"""One client's conversation with the simulated mail server: IMAP4rev1 commands in, answers out (RFC 3501)."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from partnerhub.simulator.imap import utf7
from partnerhub.simulator.imap.sections import body_structure, section
from partnerhub.simulator.imap.store import SPECIAL_USE, Folder, Mailbox, StoredMessage

if TYPE_CHECKING:
    from partnerhub.simulator.imap.faults import FaultPlan

CAPABILITIES = b"IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SPECIAL-USE LITERAL+"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\((?:[^()"]|"[^"]*"|\([^()]*\))*\))|([^\s"()]+)')
ITEM = re.compile(rb"BODY(?:\.PEEK)?\[[^\]]*\](?:<\d+\.\d+>)?|[A-Z0-9.]+", re.IGNORECASE)
BODY_ITEM = re.compile(rb"BODY(\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?", re.IGNORECASE)
LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r?\n$")
MAX_COMMAND = 64 * 1024 * 1024
PIECE = 64 * 1024
"""Octets of an answer written at once: a literal of 50 MB is streamed."""


@dataclass(slots=True)
class Traffic:
    """Octets sent to clients so far."""

    sent: int = 0


class Session:
    """Speaks with one client until it leaves or a fault ends the talk."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        mailboxes: dict[str, Mailbox],
        faults: FaultPlan,
        log: list[str],
        traffic: Traffic,
    ) -> None:
        """Bind the connection to the store. `log` collects the commands received, secrets left out."""
        self.traffic = traffic
        self.reader, self.writer = reader, writer
        self.mailboxes, self.faults, self.log = mailboxes, faults, log
        self.mailbox: Mailbox | None = None
        self.selected: Folder | None = None
        self.read_only = True
        self.dead = False

    async def run(self) -> None:
        """Greet, then answer commands one by one."""
        await self.send(b"* OK [CAPABILITY " + CAPABILITIES + b"] simulated mail server ready\r\n")
        while not self.dead:
            line = await self.read_command()
            if not line:
                return
            tag, _, rest = line.partition(b" ")
            await self.dispatch(tag, rest)

    async def read_command(self) -> bytes:
        """One whole command with its literals made into quoted strings; empty at end of connection."""
        whole = b""
        while True:
            line = await self.reader.readline()
            literal = LITERAL.search(line)
            if not literal or len(whole) > MAX_COMMAND:
                return (whole + line).rstrip(b"\r\n") if line else b""
            if not literal.group(2):
                await self.send(b"+ go on\r\n")
            data = await self.reader.readexactly(int(literal.group(1)))
            escaped = data.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            whole += line[: literal.start()] + b'"' + escaped + b'"'

    async def dispatch(self, tag: bytes, rest: bytes) -> None:
        """Find the command's method; apply planned faults first."""
        words = [*rest.split(b" ", 2), b"", b""]
        name = words[0].upper().decode("latin-1")
        arguments = rest[len(words[0]) :].strip()
        if name == "UID":
            name = f"UID {words[1].upper().decode('latin-1')}"
            arguments = words[2]
        self.log.append(
            name if name in {"LOGIN", "AUTHENTICATE"} else f"{name} {arguments.decode('latin-1')}".strip()
        )
        if self.faults.latency_seconds:
            await asyncio.sleep(self.faults.latency_seconds)
        handler: Callable[[bytes, bytes], Awaitable[bytes]] | None = HANDLERS.get(name, lambda *_: None)(self)
        if await self.misbehave(tag, name, arguments):
            return
        if handler is None:
            await self.send(tag + b" BAD unknown command\r\n")
            return
        status = await handler(tag, arguments)
        await self.send(tag + b" " + status + b"\r\n")

    async def misbehave(self, tag: bytes, name: str, arguments: bytes) -> bool:
        """Carry out the planned fault for this command; true when it has been answered that way."""
        asked = (
            frozenset(m.uid for m in self.by_uid(arguments.split(b" ")[0]))
            if name == "UID FETCH"
            else frozenset()
        )
        fault = self.faults.strike(name, asked)
        if fault is None:
            return False
        text = fault.text.encode()
        if fault.kind in {"no", "bad"}:
            await self.send(tag + b" " + fault.kind.upper().encode() + b" " + (text or b"refused") + b"\r\n")
            return True
        if fault.kind == "bye":
            await self.send(b"* BYE " + (text or b"shutting down") + b"\r\n")
        elif name == "UID FETCH":
            answer = b"".join(self.fetch_answers(arguments))
            await self.send(answer[: fault.after_bytes or 0])
        self.dead = True
        self.writer.close()
        return True

    async def send(self, data: bytes) -> None:
        """Write piece by piece, as fast as the client reads."""
        for start in range(0, len(data), PIECE):
            self.writer.write(data[start : start + PIECE])
            await self.writer.drain()
        self.traffic.sent += len(data)

    # ---- any state

    async def capability(self, tag: bytes, arguments: bytes) -> bytes:
        """CAPABILITY."""
        del tag, arguments
        await self.send(b"* CAPABILITY " + CAPABILITIES + b"\r\n")
        return b"OK done"

    async def noop(self, tag: bytes, arguments: bytes) -> bytes:
        """NOOP, and other commands without effect here."""
        del tag, arguments
        return b"OK done"

    async def logout(self, tag: bytes, arguments: bytes) -> bytes:
        """LOGOUT."""
        del tag, arguments
        await self.send(b"* BYE logging out\r\n")
        self.dead = True
        return b"OK done"

    # ---- signing in

    async def login(self, tag: bytes, arguments: bytes) -> bytes:
        """LOGIN user password."""
        del tag
        user, password = [*strings(arguments), "", ""][:2]
        return self.enter(user, password=password)

    async def authenticate(self, tag: bytes, arguments: bytes) -> bytes:
        """AUTHENTICATE PLAIN or XOAUTH2, with the answer on a line of its own."""
        del tag
        mechanism, _, initial = arguments.partition(b" ")
        if not initial:
            await self.send(b"+ \r\n")
            initial = (await self.reader.readline()).strip()
        answer = base64.b64decode(initial).decode("utf-8", "replace")
        if mechanism.upper() == b"XOAUTH2":
            found = re.fullmatch(r"user=(.*?)\x01auth=Bearer (.*?)\x01\x01", answer, re.DOTALL)
            if found and self.enter(found.group(1), token=found.group(2)).startswith(b"OK"):
                return b"OK signed in"
            await self.send(b"+ " + base64.b64encode(b'{"status":"400","schemes":"Bearer"}') + b"\r\n")
            await self.reader.readline()
            return b"NO [AUTHENTICATIONFAILED] token not accepted"
        _, user, password = [*answer.split("\x00"), "", "", ""][:3]
        return self.enter(user, password=password)

    def enter(self, user: str, *, password: str | None = None, token: str | None = None) -> bytes:
        """Open the mailbox when the secret fits."""
        mailbox = self.mailboxes.get(user)
        if mailbox is None or (password != mailbox.password if token is None else token != mailbox.token):
            return b"NO [AUTHENTICATIONFAILED] Invalid credentials"
        self.mailbox = mailbox
        return b"OK [CAPABILITY " + CAPABILITIES + b"] signed in"

    # ---- folders

    async def list_folders(self, tag: bytes, arguments: bytes) -> bytes:
        """LIST with special-use attributes."""
        del tag
        if self.mailbox is None:
            return b"BAD sign in first"
        pattern = re.escape([*strings(arguments), "", "*"][1]).replace(r"\*", ".*").replace("%", "[^/]*")
        for name in self.mailbox.folders:
            if re.fullmatch(pattern, name):
                flags = ["\\HasNoChildren", *([SPECIAL_USE[name]] if name in SPECIAL_USE else [])]
                await self.send(
                    b"* LIST (" + " ".join(flags).encode() + b') "/" ' + wire_name(name) + b"\r\n"
                )
        return b"OK done"

    async def status(self, tag: bytes, arguments: bytes) -> bytes:
        """STATUS folder (items)."""
        del tag
        folder = self.named(arguments)
        if folder is None:
            return b"NO [NONEXISTENT] no such folder"
        facts = {
            "MESSAGES": len(folder.messages),
            "UIDNEXT": folder.uidnext,
            "UIDVALIDITY": folder.uidvalidity,
        }
        asked = [
            name
            for name in re.findall(r"[A-Z]+", arguments.decode("latin-1").rpartition("(")[2])
            if name in facts
        ]
        inner = " ".join(f"{name} {facts[name]}" for name in asked)
        await self.send(b"* STATUS " + wire_name(folder.name) + b" (" + inner.encode() + b")\r\n")
        return b"OK done"

    async def examine(self, tag: bytes, arguments: bytes) -> bytes:
        """EXAMINE: select for reading only."""
        return await self.open(tag, arguments, read_only=True)

    async def select(self, tag: bytes, arguments: bytes) -> bytes:
        """SELECT: for reading and writing."""
        return await self.open(tag, arguments, read_only=False)

    async def open(self, tag: bytes, arguments: bytes, *, read_only: bool) -> bytes:
        """Select a folder and tell its numbers."""
        del tag
        folder = self.named(arguments)
        self.selected, self.read_only = folder, read_only
        if folder is None:
            return b"NO [NONEXISTENT] no such folder"
        uidnext = b"" if self.faults.hides_uidnext else b"* OK [UIDNEXT %d] next\r\n" % folder.uidnext
        await self.send(
            b"* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft)\r\n* %d EXISTS\r\n* 0 RECENT\r\n"
            b"* OK [UIDVALIDITY %d] valid\r\n" % (len(folder.messages), folder.uidvalidity) + uidnext
        )
        return b"OK [READ-ONLY] opened" if read_only else b"OK [READ-WRITE] opened"

    def named(self, arguments: bytes) -> Folder | None:
        """The folder named by the first argument."""
        names = strings(arguments)
        if self.mailbox is None or not names:
            return None
        name = utf7.decode(names[0].encode("utf-8", "surrogateescape"))
        return self.mailbox.folders.get("INBOX" if name.upper() == "INBOX" else name)

    # ---- messages

    async def uid_search(self, tag: bytes, arguments: bytes) -> bytes:
        """UID SEARCH by UID range, header or everything."""
        del tag
        if self.selected is None:
            return b"BAD select a folder first"
        found = list(self.selected.messages)
        by_range = re.search(rb"UID (\S+)", arguments, re.IGNORECASE)
        if by_range:
            found = self.by_uid(by_range.group(1))
        by_header = re.search(rb"HEADER (.*)", arguments, re.IGNORECASE)
        if by_header:
            name, value = strings(by_header.group(1))[:2]
            field = f"HEADER.FIELDS ({name})"
            found = [m for m in found if value.lower().encode() in (section(m.raw, field) or b"").lower()]
        await self.send(b"* SEARCH" + b"".join(b" %d" % message.uid for message in found) + b"\r\n")
        return b"OK done"

    def by_uid(self, ranges: bytes) -> list[StoredMessage]:
        """Messages in a UID set. `n:*` always includes the last message, as the standard demands."""
        messages = self.selected.messages if self.selected else []
        last = messages[-1].uid if messages else 0
        spans = []
        for span in ranges.split(b","):
            ends = [
                last if end == b"*" else int(end) for end in span.split(b":") if end == b"*" or end.isdigit()
            ]
            if ends:
                spans.append((min(ends), max(ends)))
        return [message for message in messages if any(low <= message.uid <= high for low, high in spans)]

    async def uid_fetch(self, tag: bytes, arguments: bytes) -> bytes:
        """UID FETCH: one answer a message."""
        del tag
        if self.selected is None:
            return b"BAD select a folder first"
        for answer in self.fetch_answers(arguments):
            await self.send(answer)
        return b"OK done"

    def fetch_answers(self, arguments: bytes) -> list[bytes]:
        """The untagged answers to a FETCH."""
        ranges, _, wanted = arguments.partition(b" ")
        items = ITEM.findall(wanted)
        order = {
            id(message): at
            for at, message in enumerate(self.selected.messages if self.selected else [], start=1)
        }
        answers = []
        for message in self.by_uid(ranges):
            parts = [
                b"UID %d" % message.uid,
                *(self.item(message, item) for item in items if item.upper() != b"UID"),
            ]
            answers.append(b"* %d FETCH (" % order[id(message)] + b" ".join(parts) + b")\r\n")
        return answers

    def item(self, message: StoredMessage, item: bytes) -> bytes:
        """One data item of one message. A body read without PEEK marks the message as seen."""
        name = item.upper()
        if name == b"FLAGS":
            return b"FLAGS (" + " ".join(sorted(message.flags)).encode() + b")"
        if name == b"RFC822.SIZE":
            return b"RFC822.SIZE %d" % len(message.raw)
        if name == b"INTERNALDATE":
            return b'INTERNALDATE "' + internal_date(message.internaldate) + b'"'
        if name == b"BODYSTRUCTURE":
            return b"BODYSTRUCTURE " + body_structure(message.raw)
        body = BODY_ITEM.fullmatch(item)
        if body is None:
            return name + b" NIL"
        if not body.group(1) and not self.read_only:
            message.flags.add("\\Seen")
        return body_answer(message.raw, body)


def body_answer(raw: bytes, body: re.Match[bytes]) -> bytes:
    """`BODY[…]` with its literal, cut where a partial was asked for."""
    content = section(raw, body.group(2).decode("latin-1").upper())
    label = b"BODY[" + body.group(2) + b"]"
    if content is None:
        return label + b" NIL"
    if body.group(3) is not None:
        start, length = int(body.group(3)), int(body.group(4))
        content, label = content[start : start + length], label + b"<%d>" % start
    return label + b" {%d}\r\n" % len(content) + content


def strings(arguments: bytes) -> list[str]:
    """The arguments of a command as text: quoted strings unescaped, atoms as they are."""
    found = []
    for quoted, group, atom in TOKEN.findall(arguments):
        value = re.sub(rb"\\(.)", rb"\1", quoted) if not (group or atom) else group or atom
        found.append(value.decode("utf-8", "surrogateescape"))
    return found


def wire_name(name: str) -> bytes:
    """A folder name on the wire: quoted, in modified UTF-7."""
    encoded = utf7.encode(name)
    return b'"' + encoded.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def internal_date(moment: datetime) -> bytes:
    """INTERNALDATE in UTC."""
    utc = moment.astimezone(UTC)
    return f"{utc.day:2d}-{MONTHS[utc.month - 1]}-{utc.year:04d} {utc:%H:%M:%S} +0000".encode()


HANDLERS: dict[str, Callable[[Session], Callable[[bytes, bytes], Awaitable[bytes]]]] = {
    "CAPABILITY": lambda s: s.capability,
    "NOOP": lambda s: s.noop,
    "ID": lambda s: s.noop,
    "LOGOUT": lambda s: s.logout,
    "LOGIN": lambda s: s.login,
    "AUTHENTICATE": lambda s: s.authenticate,
    "LIST": lambda s: s.list_folders,
    "STATUS": lambda s: s.status,
    "EXAMINE": lambda s: s.examine,
    "SELECT": lambda s: s.select,
    "UID SEARCH": lambda s: s.uid_search,
    "UID FETCH": lambda s: s.uid_fetch,
}
