"""What the application is put together with: pages know the warehouse, and get everything else handed in here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar
from urllib.parse import urlsplit

from partnerhub.identity.policy import DEFAULT

if TYPE_CHECKING:
    from partnerhub.identity.policy import Policy
    from warehouse.commands.enter import Entry
    from warehouse.contracts.terms import Terms
    from warehouse.database import Connection
    from warehouse.queries.held_then import Recollection

Outcome = TypeVar("Outcome")
Before = TypeVar("Before")
After = TypeVar("After")

PAGES_WAIT: Final = timedelta(seconds=5)
"""How long a page waits for whoever writes or derives tables: people are told who, and keep what they typed."""

DueNow = Callable[[], Mapping[str, str]]
"""Source with a schedule → UTC text since when it must have come through, asked at each request."""


class Meant(Protocol):
    """An organization that may be meant by what somebody says."""

    @property
    def organization_id(self) -> str:
        """Its id."""
        ...

    @property
    def bits(self) -> float:
        """How alike."""
        ...

    @property
    def probability(self) -> float:
        """How probable it is that it is meant."""
        ...

    @property
    def certain(self) -> bool:
        """Whether it alone is alike enough to join by itself."""
        ...


Taker = Callable[["Connection"], str | None]
"""The process that takes what people ask to be run; None while nobody does."""

Likely = Callable[["Connection", Mapping[str, str]], "Sequence[Meant]"]
"""Which organizations a name with a site or a place may mean, the likeliest first."""


class Acts(Protocol):
    """What carries out people's acts: their command and the publication of what it touched, in one transaction."""

    def carry_out(self, now: str, command: Callable[[Connection], Outcome]) -> Outcome:
        """Run a command and publish what it touched. Raises what the command raises, and then nothing is written."""
        ...

    def act(
        self,
        now: str,
        command: Callable[[Connection], Before],
        outcome: Callable[[Connection, Before], After],
        *,
        dry_run: bool = False,
    ) -> After:
        """The same with a look at what became of it, inside the transaction: what `outcome` raises takes all back.

        dry_run: the outcome is the true one, and nothing stays. Raises AlreadyRunning while a sync publishes.
        """
        ...


class Entries(Protocol):
    """What lands what people enter by hand."""

    def enter(self, now: str, entry: Entry, actor: str) -> str:
        """Land an entry and publish it, so that the next page shows it; returns the key of its record.

        Raises what `warehouse.commands.enter.enter` raises, and then nothing is written.
        """
        ...

    def enter_all(self, now: str, entries: Sequence[Entry], actor: str) -> list[str]:
        """The same for several as one act: all of them or none."""
        ...


class ListRow(Protocol):
    """A row of a list that was checked: its number from 1, and certain, likely, none or unreadable."""

    @property
    def number(self) -> int:
        """From 1."""
        ...

    @property
    def state(self) -> str:
        """What became of it."""
        ...

    @property
    def matches(self) -> Sequence[Any]:
        """Organizations it may mean: organization_id, bits, probability, certain, reasons."""
        ...

    @property
    def twins(self) -> Sequence[Any]:
        """Other rows that may mean the same: number, probability, certain."""
        ...


class ListChecks(Protocol):
    """What reads a list somebody has, and checks it against the hub; nothing of it is kept."""

    def read(self, name: str, content: bytes) -> tuple[list[str], list[list[str]]]:
        """Headings and rows of a CSV or XLSX file. Raises a SyncError that says what to mend."""
        ...

    def guess(self, headings: Sequence[str]) -> dict[str, str]:
        """Our field → the heading that stands for it."""
        ...

    def check(self, connection: Connection, rows: Sequence[Mapping[str, str]]) -> Sequence[ListRow]:
        """Each row, in order, by our fields. Writes temporary tables only."""
        ...


class Settings(Protocol):
    """What pages show of the hub's settings: never a secret."""

    def sources(self) -> Sequence[str]:
        """Every source that is configured."""
        ...

    def streams(self, source: str) -> Sequence[str]:
        """The streams a sync of a source reads; none where its settings cannot tell. Loads its connector."""
        ...

    def next_runs(self) -> Mapping[str, str]:
        """Source with a schedule → UTC text when it is read next."""
        ...

    def rules(self) -> Sequence[str]:
        """Who is a partner: each rule in the words that stand beside the partnerships it declares."""
        ...

    def fields(self) -> Sequence[Mapping[str, Any]]:
        """Every mapping row: source, stream, path, kind, target, cleaner, required, owner (whose word counts)."""
        ...

    def terms(self) -> Terms:
        """What the hub promises of its published tables."""
        ...

    def quotas(self, connection: Connection) -> Sequence[Mapping[str, Any]]:
        """Quotas against a day of the schedules: account, name, requests, used, share, state, advice, sources."""
        ...


@dataclass(frozen=True, slots=True)
class Wiring:
    """One hub as its pages see it. public_url: https address under which others reach it; empty: this machine only.

    acts: None leaves every form out: the pages can only be read. entries: None leaves out logging by hand, lists:
    checking lists. sites: source → address of its own web pages, for systems whose records do not tell it. mail_levels:
    source → how much of its mail others than the mailbox's owner see, where the settings say so. settings: None shows
    only what the warehouse itself knows. recall: what reads former versions back; None: a past day shows no people,
    deals and work. policy: by which guards and thresholds this hub matches. taker: who takes
    what is asked to be run; None: nobody ever.
    """

    database_url: str
    due: DueNow = dict
    public_url: str = ""
    acts: Acts | None = None
    likely: Likely | None = field(default=None, kw_only=True)
    sites: Mapping[str, str] = field(default_factory=dict)
    mail_levels: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    entries: Entries | None = field(default=None, kw_only=True)
    lists: ListChecks | None = field(default=None, kw_only=True)
    settings: Settings | None = None
    recall: Recollection | None = field(default=None, kw_only=True)
    policy: Policy = field(default=DEFAULT, kw_only=True)
    taker: Taker | None = field(default=None, kw_only=True)

    @property
    def over_https(self) -> bool:
        """Whether browsers reach it over https."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def hosts(self) -> list[str]:
        """Names it answers to: a foreign page whose own name was pointed at this machine must not read it."""
        public = urlsplit(self.public_url).hostname
        return ["127.0.0.1", "localhost", *([public] if public else [])]
