"""The hub in numbers, for machines that watch machines: nothing of a record, a person or a mail is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from warehouse.queries.credentials import credentials
from warehouse.queries.health import COLORS, WHO, WORDS
from warehouse.queries.watching import health_of_streams, never_ran, watch
from warehouse.tables.raw import LIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection
    from warehouse.queries.health import Due, Health

OUTCOMES: Final = ("read", "landed", "quarantined")
RECORDS: Final = f"""
SELECT source, stream, {", ".join(f"sum({name}) AS {name}" for name in OUTCOMES)} FROM stream_run
GROUP BY source, stream ORDER BY source, stream
"""


class Metric(NamedTuple):
    """One number with its labels."""

    labels: tuple[tuple[str, str], ...]
    value: float


class Family(NamedTuple):
    """All numbers of one name. unit: the ending of the name, empty for plain counts."""

    name: str
    says: str
    metrics: list[Metric]
    unit: str = ""


def hub_in_numbers(connection: Connection, due: Due, now: str) -> Iterator[Family]:
    """Every number there is, at a moment (UTC text). All are gauges: runs that are pruned leave the sums."""
    health = health_of_streams(connection, due, now)
    yield from of_streams(health)
    rows = connection.records(RECORDS)
    yield Family(
        "partnerhub_records",
        "Records by what became of them, in the runs that are kept.",
        [
            Metric((*place(row["source"], row["stream"]), ("outcome", name)), int(row[name]))
            for row in rows
            for name in OUTCOMES
        ],
    )
    yield from of_the_hub(connection)
    yield from of_watching(connection, due, now, {each.source for each in health if each.is_late})


def of_streams(health: list[Health]) -> Iterator[Family]:
    """How well streams are."""
    yield Family(
        "partnerhub_streams",
        "Streams by health, and by who must act.",
        [
            Metric((("health", word), ("who", WHO[COLORS[word]])), sum(each.word == word for each in health))
            for word in WORDS
        ],
    )
    yield Family(
        "partnerhub_stream_needs_person",
        "1 where a person must act.",
        [Metric(place(each.source, each.stream), each.who == "person") for each in health],
    )
    for name, unit, says, attribute in (
        ("last_success_age_seconds", "seconds", "Since the stream was last read to its end.", "age"),
        ("error_ratio", "ratio", "Records set aside of those read in the last day.", "error_rate"),
        (
            "completeness_ratio",
            "ratio",
            "Records here of those there, at the last comparison.",
            "completeness",
        ),
    ):
        known = [(each, getattr(each, attribute)) for each in health]
        yield Family(
            f"partnerhub_stream_{name}",
            says,
            [Metric(place(each.source, each.stream), value) for each, value in known if value is not None],
            unit,
        )


def of_the_hub(connection: Connection) -> Iterator[Family]:
    """Problems, records set aside, incidents, leases."""
    problems = connection.query(
        "SELECT severity, count(*) FROM sync_error WHERE state = 'open' GROUP BY severity ORDER BY severity"
    )
    yield Family(
        "partnerhub_problems",
        "Open problems by severity.",
        [Metric((("severity", str(severity)),), count) for severity, count in problems],
    )
    for name, says, query in (
        ("quarantined_records", "Records set aside now.", QUARANTINED),
        (
            "incidents_open",
            "Incidents that are open.",
            "SELECT count(*) FROM incident WHERE closed_at IS NULL",
        ),
        (
            "leases_held",
            "Leases in somebody's hand, but for that of whoever takes asked runs.",
            "SELECT count(*) FROM lease WHERE holder <> '' AND name <> 'asked'",
        ),
        ("runs_at_work", "Runs at work.", "SELECT count(*) FROM sync_run WHERE state = 'running'"),
    ):
        yield Family(f"partnerhub_{name}", says, [Metric((), connection.query(query)[0][0])])


QUARANTINED: Final = f"SELECT count(*) FROM raw_current WHERE quarantine IS NOT NULL AND op IN {LIVE}"


def of_watching(connection: Connection, due: Due, now: str, late: set[str]) -> Iterator[Family]:
    """Whether anybody watches, whether schedules are alive, whether alerts arrive, how long credentials live."""
    found = watch(connection, due, now)
    dead = late | set(never_ran(connection, due))
    yield Family(
        "partnerhub_heartbeat_age_seconds",
        "Since the last pass that looked at health; absent before the first.",
        [] if found.age is None else [Metric((), found.age)],
        "seconds",
    )
    yield Family("partnerhub_watch_silent", "1 when two passes were left out.", [Metric((), found.is_silent)])
    yield Family(
        "partnerhub_schedule_late",
        "1 where a source did not come through within two intervals.",
        [Metric((("source", source),), source in dead) for source in sorted(due)],
    )
    yield Family(
        "partnerhub_alert_channel_failing",
        "1 where the last message did not arrive; absent otherwise.",
        [Metric((("channel", str(row["channel"])),), 1) for row in found.failing],
    )
    yield Family(
        "partnerhub_credential_left_days",
        "Whole days until a source's credential ends; absent where none ends or nobody knows.",
        [
            Metric((("source", each.source),), each.days_left)
            for each in credentials(connection, now)
            if each.days_left is not None
        ],
        "days",
    )


def place(source: str, stream: str) -> tuple[tuple[str, str], ...]:
    """The labels of a stream."""
    return ("source", source), ("stream", stream)
