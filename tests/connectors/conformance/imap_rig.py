"""The mailbox's rig: the mail simulator with one mailbox, one message a record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.imap import ImapConnector
from connectors.imap.identity import source_id
from connectors.transport import Patience
from partnerhub.simulator.imap import ImapSimulator
from tests.connectors.conformance.rig import PAGE_SIZE, FaultKind, Rig, Scene

OWNER = "desk@hub.example"
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
QUICK = Patience(tries=4, first_wait=0.001, backoff_cap=0.01)
FAULTS: dict[FaultKind, tuple[str, str, str]] = {
    "401": ("no", "LOGIN", "[AUTHENTICATIONFAILED] refused"),
    "403": ("no", "EXAMINE", "[NOPERM] not yours"),
    "429": ("no", "UID FETCH", "[LIMIT] slow down"),
    "500": ("no", "UID FETCH", "[SERVERBUG] sorry"),
    "truncate": ("drop", "UID FETCH", ""),
}


def raw_mail(number: int, **fields: str) -> bytes:
    """A small delivered mail; `fields` add or replace header fields, underscores standing for hyphens."""
    headers = {
        "Received": f"from mx.example by mx.hub.example; id {number}",
        "From": f"Ann <ann{number}@partner.example>",
        "To": f"Desk <{OWNER}>",
        "Subject": f"Number {number}",
        "Date": "Tue, 01 Sep 2026 10:00:00 +0000",
        "Message-ID": f"<{number}@partner.example>",
        **{name.replace("_", "-"): value for name, value in fields.items() if name != "text"},
    }
    block = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
    return f"{block}\r\n{fields.get('text', f'Text {number} 🌱')}\r\n".encode()


def header_of(raw: bytes) -> bytes:
    return raw[: raw.index(b"\r\n\r\n") + 4]


def connector_for(simulator: ImapSimulator, **others: object) -> ImapConnector:
    """The connector pointed at the simulator's mailbox: waits of milliseconds, every body."""
    place = {"host": simulator.host, "port": simulator.port, "ssl": False, "timeout": 5}
    access = {"bodies": "all", "mailbox": OWNER, "password": simulator.password(OWNER)}
    connector = ImapConnector(**{**place, **access, **others})
    connector.use_patience(QUICK)
    return connector


class ImapRig(Rig):
    name = "imap"
    skips = {"repeated_token": "IMAP has no page tokens: messages are asked for by ascending UID, each once."}

    @contextmanager
    def scene(self, folder: Path, *, records: int, equal_timestamps: bool = False) -> Iterator[Scene]:
        with ImapSimulator() as simulator:
            ids, blocks = set(), []
            for number in range(1, records + 1):
                raw = raw_mail(number, X_Brand_New="kept" if number == 3 else "")
                blocks.append(header_of(raw))
                ids.add(source_id(blocks[-1], len(raw), b""))
                simulator.append(
                    OWNER, "INBOX", raw, NOW + timedelta(seconds=0 if equal_timestamps else number)
                )

            def fault(kind: FaultKind, times: int) -> None:
                what, command, text = FAULTS[kind]
                simulator.faults.plan(what, command, text=text, times=times, after_bytes=120)

            unknown = ("header", blocks[2].decode("latin-1")) if len(blocks) > 2 else None
            yield Scene(
                connector_for(simulator, page_size=PAGE_SIZE),
                "messages",
                frozenset(ids),
                fault,
                secrets=(simulator.password(OWNER),),
                unknown_field=unknown,
            )


RIG = ImapRig()


def with_attachment(size: int) -> bytes:
    return raw_mail(
        20,
        Content_Type='multipart/mixed; boundary="b"',
        text="--b\r\nContent-Type: text/plain\r\n\r\nsee attached\r\n--b\r\nContent-Type: application/pdf\r\n"
        f'Content-Disposition: attachment; filename="a.pdf"\r\n\r\n{"x" * size}\r\n--b--',
    )
