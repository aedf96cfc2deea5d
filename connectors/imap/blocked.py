"""Mails nobody wants in the hub: known by who stands on them, and nothing else of them is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from connectors.imap.fetching import fetch
from connectors.imap.identity import header_fields
from connectors.imap.session import MailSession
from connectors.transport import Patience

PEOPLE: Final = ("FROM", "SENDER", "REPLY-TO", "RETURN-PATH", "TO", "CC", "BCC")
ASKED: Final = f"BODY.PEEK[HEADER.FIELDS ({' '.join(PEOPLE)})]"
ANSWERED: Final = b"BODY[HEADER.FIELDS"
FIELDS: Final = frozenset(name.lower().encode() for name in PEOPLE)
SPOKEN: Final = re.compile(r"(?:\"([^\"]*)\"|([^\s<>,;:\"()\[\]]*))\s*@\s*([^\s<>,;:\"'()\[\]]+)")
"""An address as headers write it, also with its first part in quotes or with blanks around the @."""
ENTRY: Final = re.compile(r"(?:([^\s@*]+|\*)@)?([^\s@*.]+(?:\.[^\s@*.]+)+)")


class NotARule(ValueError):
    """An entry of the list says neither an address nor a domain."""

    def __init__(self, entry: str) -> None:
        """Quote the entry."""
        super().__init__(
            f"{entry!r} is no address and no domain; write ann@x.example, x.example or '*@x.example'"
        )


class Blocked(NamedTuple):
    """Who must not stand on a mail. hosts: domains of themselves; domains: with everything below them."""

    addresses: frozenset[str]
    hosts: frozenset[str]
    domains: frozenset[str]

    def __bool__(self) -> bool:
        """Whether anybody is blocked."""
        return any(self[:])

    def names(self, header: bytes) -> bool:
        """Whether one of them is named as sender or recipient in a header block."""
        return any(self.covers(*spoken) for spoken in people(header))

    def covers(self, local: str, host: str) -> bool:
        """Whether an address, in two parts, is one of theirs."""
        if f"{local}@{host}" in self.addresses or host in self.hosts:
            return True
        labels = host.split(".")
        return any(".".join(labels[at:]) in self.domains for at in range(len(labels)))


def blocked_by(entries: Iterable[str]) -> Blocked:
    """The rules of a list: `ann@x.example`; `x.example` with all below it; `*@x.example` alone. Raises NotARule."""
    addresses, hosts, domains = set(), set(), set()
    for entry in entries:
        found = ENTRY.fullmatch(entry.strip())
        if found is None:
            raise NotARule(entry)
        local, host = found[1], plain_host(found[2])
        if local is None:
            domains.add(host)
        elif local == "*":
            hosts.add(host)
        else:
            addresses.add(f"{local.lower()}@{host}")
    return Blocked(frozenset(addresses), frozenset(hosts), frozenset(domains))


def people(header: bytes) -> Iterable[tuple[str, str]]:
    """First part and domain of every address among senders and recipients of a header block."""
    for name, value in header_fields(header):
        if name in FIELDS:
            for quoted, plain, host in SPOKEN.findall(as_text(value)):
                yield (quoted or plain).strip("'").lower(), plain_host(host)


def plain_host(host: str) -> str:
    """A domain in lower case, as the network writes it."""
    host = host.lower().strip(".")
    try:
        return host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        return host


def as_text(value: bytes) -> str:
    """A header's value: UTF-8 where it is, else letter by letter."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def left_out(session: MailSession, uids: Sequence[int], blocked: Blocked, patience: Patience) -> set[int]:
    """Those of the messages that are blocked. Asks for the fields with senders and recipients, and nothing else."""
    if not blocked or not uids:
        return set()
    came, _ = fetch(session, uids, [ASKED], patience)
    return {uid for uid, facts in came.items() if blocked.names(block_of(facts))}


def block_of(facts: dict[bytes, object]) -> bytes:
    """The fields that came of one message; servers repeat the question in letters of their own."""
    return b"".join(
        value for key, value in facts.items() if key.upper().startswith(ANSWERED) and isinstance(value, bytes)
    )
