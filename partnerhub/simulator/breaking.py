"""Vendors break on request: one refuses its token, mailboxes their passwords, files are not where they were.

Without further words a vendor refuses whoever asks until it is mended. With `where`, `nth`, `kind` and `times` one
declared fault strikes: `hubspot where=POST*/search kind=503 nth=2 times=3`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar, get_args

from partnerhub.simulator import faults
from partnerhub.simulator.http import HttpSimulator

if TYPE_CHECKING:
    from partnerhub.simulator.runner import Simulator

Kind = TypeVar("Kind", bound=str)

FOR_EVER: Final = 10**9
MAIL, DECKS, SHEET = "imap", "decks", "sheets"
AWAY: Final = ".away"
"""Behind the name of files and folders that are not where they were."""
WORDS: Final = frozenset({"where", "nth", "kind", "times"})


class Breaking:
    """Breaks and mends the vendors of one running simulator; each method says in a sentence what it did."""

    def __init__(self, vendors: Simulator) -> None:
        """Everything works so far."""
        self.vendors = vendors

    def names(self) -> list[str]:
        """What can be broken."""
        return [*self.vendors.servers, *self.paths()]

    def paths(self) -> dict[str, Path]:
        """What is no server: the decks' folder and the partner list."""
        decks = {DECKS: self.vendors.decks_path} if DECKS in self.vendors.vendors else {}
        return {**decks, SHEET: self.vendors.sheet_path}

    def break_vendor(self, told: str) -> str:
        """Break a vendor, as the module says. Raises `ValueError` for one that is not there and for words unknown."""
        name, *words = told.split() or [""]
        if name not in self.names():
            raise ValueError(f"write one of {', '.join(self.names())}")
        details = details_of(words)
        path = self.paths().get(name)
        if path is not None:
            return self.put_away(name, path, details)
        if name == MAIL:
            return self.break_mail(details)
        server = self.vendors.servers[name]
        if not isinstance(server, HttpSimulator):
            raise TypeError(name)
        fault = faults.Fault(
            details.get("where", "*").replace("_", " ", 1),
            checked(details.get("kind", "401"), get_args(faults.HttpKind)),
            nth=number(details, "nth", 1),
            times=number(details, "times", 1 if details else FOR_EVER),
        )
        server.faults.add(fault)
        return f"{name} {said(fault.kind, details)}."

    def break_mail(self, details: dict[str, str]) -> str:
        """Let the mail server refuse passwords, or misbehave as declared: `where` is a command such as LOGIN."""
        kind = checked(details.get("kind", "no"), get_args(faults.MailKind))
        self.vendors.imap.faults.plan(
            kind,
            details.get("where", "LOGIN").replace("_", " "),
            text="[AUTHENTICATIONFAILED] Invalid credentials" if not details else "",
            nth=number(details, "nth", 1),
            times=number(details, "times", 1 if details else FOR_EVER),
        )
        return f"{MAIL} {said(kind, details) if details else 'refuses every password now'}."

    def put_away(self, name: str, path: Path, details: dict[str, str]) -> str:
        """Move a file or folder away, as a drive that is not mounted."""
        if details:
            raise ValueError(f"{name} has no requests to strike; write only `{name}`")
        if path.exists():
            path.rename(away(path))
        return f"{name}: {path.name} is not where it was."

    def mend(self, told: str = "") -> str:
        """Let one vendor work again, or all of them. Raises `ValueError` for one that is not there."""
        if told and told not in self.names():
            raise ValueError(f"write one of {', '.join(self.names())}")
        wanted = [told] if told else self.names()
        for name, path in self.paths().items():
            if name in wanted and away(path).exists():
                away(path).rename(path)
        for name, server in self.vendors.servers.items():
            if name in wanted and isinstance(server, HttpSimulator):
                server.faults.clear()
        if MAIL in wanted:
            latency = self.vendors.imap.faults.latency_seconds
            self.vendors.imap.faults.clear()
            self.vendors.imap.faults.latency_seconds = latency
        return f"{told} answers as it should." if told else "Every vendor answers as it should."


def details_of(words: list[str]) -> dict[str, str]:
    """`where=… nth=… kind=… times=…` as a dict; raises `ValueError` for anything else."""
    found = dict(word.split("=", 1) for word in words if "=" in word)
    if len(found) != len(words) or not found.keys() <= WORDS:
        raise ValueError("write where=, nth=, kind= and times= behind the vendor")
    return found


def number(details: dict[str, str], name: str, usual: int) -> int:
    """A whole number from 1; raises `ValueError` for anything else."""
    written = details.get(name, str(usual))
    if not written.isdecimal() or int(written) < 1:
        raise ValueError(f"{name} is a whole number from 1")
    return int(written)


def checked(kind: str, known: tuple[Kind, ...]) -> Kind:
    """The kind of fault; raises `ValueError` naming those there are."""
    found = next((one for one in known if one == kind), None)
    if found is None:
        raise ValueError(f"kind is one of {', '.join(known)}")
    return found


def said(kind: str, details: dict[str, str]) -> str:
    """What a vendor does from now on."""
    if not details:
        return "refuses its token now"
    return f"will answer {kind} to {details.get('where', 'what comes').replace('_', ' ', 1)}"


def away(path: Path) -> Path:
    """Where a file lies while it is not where it was."""
    return path.with_name(path.name + AWAY)
