"""Run every rule over every partner and bring table `signal` to what they found: opened, kept, closed.

Time passes, so all partners are looked at, once a day or whenever something was published; in between nothing can
have changed, and nothing is read.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import structlog

from partnerhub.config.signals import RULES, Thresholds, rule_names
from pipelines.golden.publish import LEASE
from pipelines.leases import held, renew
from pipelines.signals.reading import read_hub, read_partners
from warehouse import bulk
from warehouse.hub_state import remember, remembered
from warehouse.trouble import is_busy

if TYPE_CHECKING:
    from pipelines.signals.facts import Finding, Partner, Rule
    from warehouse.database import Connection, Database

log = structlog.get_logger()

VERSION: Final = 2
"""Raised whenever a rule here would find something else in the same facts."""
STATE_NAME: Final = "signals"
NAMESPACE: Final = uuid.UUID("3a0d7f7e-8c1d-5f52-9a2b-5d1a4c1f9e60")
COLUMNS: Final = (
    "signal_id", "organization_id", "rule", "subject", "sentence", "evidence_json", "level", "opened_at",
    "closed_at",
)  # fmt: skip

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class SignalSettings:
    """What a deployment decides about signals. own_domains, own_addresses: us, in lower case.

    clock: the moment that counts as now, UTC text, where a deployment states one.
    """

    thresholds: Thresholds = field(default_factory=Thresholds)
    own_domains: frozenset[str] = frozenset()
    own_addresses: frozenset[str] = frozenset()
    clock: str | None = None

    def facts(self) -> list[Any]:
        """What decides what is found, beside the facts themselves."""
        return [VERSION, asdict(self.thresholds), sorted(self.own_domains), sorted(self.own_addresses)]


@dataclass(frozen=True, slots=True)
class SignalCounts:
    """How many partners were looked at, and how many signals opened, changed, closed and stand open.

    failed: rules that broke on a partner; their signals stay as they were.
    """

    partners: int = 0
    opened: int = 0
    changed: int = 0
    closed: int = 0
    open: int = 0
    failed: int = 0


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its name."""
    return {name: import_module(f"{RULES}.{name}").find for name in rule_names()}


def evaluate(database: Database, settings: SignalSettings, now: str) -> SignalCounts:
    """Look at every partner and write what differs, in one transaction. Safe to call twice: the second reads nothing.

    now: UTC text; its day is today, and signals open and close at it, unless the settings state another moment.
    Waits while another run derives its tables.
    """
    moment = settings.clock or now
    with database.session() as connection:
        if not is_due(connection, settings, moment):
            return SignalCounts(open=count_open(connection))
        with held(database, LEASE) as lease:
            marker = state_of(connection, settings, moment)
            found = Found()
            today = datetime.fromisoformat(moment).date()
            collect(connection, settings, today, found)
            with connection.transaction():
                renew(connection, lease)
                counts = write(connection, found, moment)
                remember(connection, STATE_NAME, marker)
            return counts


def evaluate_after(database: Database, settings: SignalSettings, now: str) -> SignalCounts | None:
    """The same after something that is done already; None where somebody else derives tables and is not waited for.

    They, or the next sync, look at all partners then.
    """
    try:
        return evaluate(database, settings, now)
    except Exception as error:
        if database.waits is None or not is_busy(error):
            raise
        log.info("signals are looked at later", why=type(error).__name__)
        return None


def is_due(connection: Connection, settings: SignalSettings, moment: str) -> bool:
    """Whether anything the rules look at may have changed since they last ran."""
    return remembered(connection, STATE_NAME) != state_of(connection, settings, moment)


def state_of(connection: Connection, settings: SignalSettings, moment: str) -> str:
    """What the outcome depends on: the day, what landed, what was published, the settings."""
    marks = connection.query(
        "SELECT name, value FROM hub_state WHERE name IN ('published_at', 'raw_id') ORDER BY name"
    )
    return json.dumps([moment[:10], [list(mark) for mark in marks], settings.facts()])


@dataclass(slots=True)
class Found:
    """Rows of what was found, and the (organization, rule) pairs nothing can be said about."""

    rows: dict[str, Row] = field(default_factory=dict)
    unknown: set[tuple[str, str]] = field(default_factory=set)
    partners: int = 0


def collect(connection: Connection, settings: SignalSettings, today: date, found: Found) -> None:
    """Run the rules. One that breaks on a partner is logged by its class and leaves what stands."""
    limits = settings.thresholds
    hub = read_hub(connection, today, limits, settings.own_domains, settings.own_addresses)
    wanted = {name: rule for name, rule in rules().items() if name not in limits.off}
    for partner in read_partners(connection, hub):
        found.partners += 1
        for name, rule in wanted.items():
            findings, broken = run(rule, partner, today, limits)
            if broken:
                found.unknown.add((partner.organization_id, name))
                log.error("rule failed", rule=name, organization=partner.organization_id, kind=broken)
            for each in findings:
                row = row_of(partner, name, each)
                found.rows[row[0]] = row


def run(rule: Rule, partner: Partner, today: date, limits: Thresholds) -> tuple[list[Finding], str | None]:
    """What a rule finds, or the class of the error it breaks with: its message may hold what somebody wrote."""
    try:
        return list(rule(partner, today, limits)), None
    except Exception as error:  # noqa: BLE001  # one partner's odd facts must not silence the others
        return [], type(error).__name__


def row_of(partner: Partner, rule: str, finding: Finding) -> Row:
    """A finding as a row of `signal`, without its times."""
    evidence = json.dumps(
        [each.plain() for each in finding.evidence], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return (
        signal_id(partner.organization_id, rule, finding.subject), partner.organization_id, rule, finding.subject,
        finding.sentence, evidence, finding.level,
    )  # fmt: skip


def signal_id(organization_id: str, rule: str, subject: str) -> str:
    """UUIDv5 of rule, organization and subject."""
    return str(uuid.uuid5(NAMESPACE, json.dumps([rule, organization_id, subject])))


def write(connection: Connection, found: Found, now: str) -> SignalCounts:
    """Open what is new, refresh what changed its words, close what is over."""
    stands = {
        row[0]: row for row in connection.query(f"SELECT {', '.join(COLUMNS)} FROM signal ORDER BY signal_id")
    }
    counts: Counter[str] = Counter()
    rows, former = [], []
    for key, row in sorted(found.rows.items()):
        before = stands.get(key)
        if before is None or before[-1] is not None:
            counts["opened"] += 1
            rows.append((*row, now, None))
            former += [before] if before else []
        elif before[: len(row)] != row:
            counts["changed"] += 1
            rows.append((*row, before[-2], None))
    for key, before in stands.items():
        if before[-1] is None and key not in found.rows and (before[1], before[2]) not in found.unknown:
            counts["closed"] += 1
            rows.append((*before[:-1], now))
    bulk.upsert(connection, "signal_opening", COLUMNS, former)
    bulk.upsert(connection, "signal", COLUMNS, rows)
    return SignalCounts(
        found.partners,
        counts["opened"],
        counts["changed"],
        counts["closed"],
        count_open(connection),
        len(found.unknown),
    )


def count_open(connection: Connection) -> int:
    """How many signals stand open."""
    row = connection.one("SELECT count(*) FROM signal WHERE closed_at IS NULL")
    return int(row[0]) if row else 0
