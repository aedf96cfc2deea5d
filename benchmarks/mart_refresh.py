"""What it costs to keep the figures by month (`timeline_month`) after 1 % of the touchpoints changed.

    python -m benchmarks.mart_refresh URL [--sample spread|newest] [--rounds 2] [--seconds 180]

URL: a hub of `benchmarks.web_base`, which this changes. Half of the sample is moved by some days, half is turned round
(who wrote to whom), then published and taken back, in turns without keeping the figures and with it, each publication
in a process of its own. Then the whole table is made anew and must hold the same rows, and the
questions it is for are asked of the mart and of the views of touchpoints.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from benchmarks.mart_questions import asked
from benchmarks.parts import cpu
from benchmarks.web_touchpoints import FIRST_COPY, FIRST_RAW
from connectors.record import utc_text
from pipelines.golden import months
from pipelines.golden.past import RULES_NAME
from pipelines.golden.publish import publish
from pipelines.golden.settings import PublishSettings
from warehouse.database import Database
from warehouse.hub_state import remember
from warehouse.marts import mart

if TYPE_CHECKING:
    from collections.abc import Callable

    from warehouse.database import Connection

SETTINGS: Final = PublishSettings(own_domains=frozenset({"hub.example"}))
ONE_IN: Final = 100
NEWEST: Final = "newest"
SAMPLES: Final = {
    "spread": f"raw_id % {ONE_IN} = 7",
    NEWEST: f"raw_id > (SELECT max(raw_id) - count(*) / {ONE_IN} FROM staged_touchpoint WHERE raw_id < {FIRST_COPY})",
}
"""Which touchpoints change: any, or those that happened last. The base numbers them by time."""
DAYS: Final = {"spread": 40, NEWEST: 1}
TOUCHPOINT: Final = f"raw_id BETWEEN {FIRST_RAW} AND {FIRST_COPY - 1}"
MOVED: Final = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%S.000000Z', happened_at, '{days:+} days')",
    "postgresql": "happened_at + interval '{days} days'",
}
IS_MOVED: Final = f"raw_id / {ONE_IN} % 2 = 0"
CHANGE: Final = (
    f"UPDATE staged_touchpoint SET happened_at = CASE WHEN {IS_MOVED} THEN {{moved}} ELSE happened_at END,"
    f" direction = CASE WHEN {IS_MOVED} THEN direction WHEN direction = 'in' THEN 'out' WHEN direction = 'out'"
    " THEN 'in' ELSE direction END WHERE record IN (SELECT record FROM bench_sample)"
)
TALKED: Final = "f.nature = 'person' AND (f.direction IS NULL OR f.direction <> 'internal')"
TOUCHED: Final = "FROM bridge_touchpoint_partner b JOIN fct_touchpoint f ON f.touchpoint_id = b.touchpoint_id"
MONTH: Final = "substr(CAST(f.happened_date AS TEXT), 1, 7)"
MART: Final = mart("fct_partner_activity_monthly")
CONVERSATIONS: Final = (
    f"SELECT b.partner_id, {MONTH}, count(*), sum(CASE WHEN f.direction = 'in' THEN 1 ELSE 0 END) {TOUCHED}"
    f" WHERE {TALKED} GROUP BY 1, 2 ORDER BY 1, 2"
)
MEETINGS: Final = (
    f"SELECT {MONTH}, p.tier, count(*) {TOUCHED} JOIN dim_partner p ON p.partner_id = b.partner_id"
    " AND p.is_current WHERE f.kind = 'meeting' GROUP BY 1, 2 ORDER BY 1, 2"
)
LAST: Final = (
    "SELECT p.partner_id, p.name, a.last_month FROM dim_partner p LEFT JOIN"
    f" (SELECT b.partner_id, max({MONTH}) AS last_month {TOUCHED} WHERE {TALKED} GROUP BY b.partner_id) a"
    " ON a.partner_id = p.partner_id WHERE p.is_current AND p.is_partner AND p._hub_deleted_at IS NULL"
    " ORDER BY a.last_month IS NOT NULL, a.last_month, p.partner_id"
)
BY_KIND: Final = (
    f"SELECT d.year, d.month, f.kind, count(DISTINCT f.touchpoint_id) {TOUCHED} JOIN dim_date d"
    " ON d.date_day = f.happened_date WHERE f.nature = 'person' GROUP BY d.year, d.month, f.kind ORDER BY 1, 2, 3"
)
ASKED: Final = (*MART.questions, mart("fct_touchpoint").questions[0])
PAIRS: Final = tuple(zip(ASKED, (CONVERSATIONS, MEETINGS, LAST, BY_KIND), strict=True))
"""What is asked as the documentation writes it, and the same over the bridge of touchpoints and partners."""

Measured = dict[str, float]


def prepare(connection: Connection, sample: str) -> int:
    """Choose what changes, and leave the publication nothing else to do; returns how many touchpoints that is."""
    connection.execute("DROP TABLE IF EXISTS bench_sample")
    with connection.transaction():
        connection.execute(
            "CREATE TABLE bench_sample AS SELECT record FROM staged_touchpoint"
            f" WHERE {TOUCHPOINT} AND {SAMPLES[sample]}"
        )
        remember(connection, RULES_NAME, SETTINGS.fingerprint())
        if not connection.one("SELECT 1 FROM timeline_month LIMIT 1"):
            months.count_everything(connection)
    return count(connection, "bench_sample")


def count(connection: Connection, name: str) -> int:
    """Rows of a table."""
    return int(connection.query(f"SELECT count(*) FROM {name}")[0][0])


def changed(connection: Connection, days: int) -> None:
    """Change the sample and let it wait."""
    moved = MOVED[connection.dialect].format(days=days)
    with connection.transaction():
        if days:
            connection.execute(CHANGE.format(moved=moved))
        connection.execute("INSERT INTO pending (record, kind) SELECT record, 'touchpoint' FROM bench_sample")


def publication(url: str, days: int, *, kept: bool) -> Measured:
    """Publish the changed sample, in this process. months: seconds that keeping the figures took of it."""
    database, spent = Database(url), [0.0]
    for name in ("begin", "note", "keep"):
        work = getattr(months, name)
        setattr(months, name, timed(work, spent) if kept else lambda *_: None)
    with database.session() as connection:
        changed(connection, days)
    began, used = time.perf_counter(), cpu()
    counts = publish(database, SETTINGS, "bench", utc_text(datetime.now(UTC)))
    return {
        "seconds": time.perf_counter() - began,
        "cpu": cpu() - used,
        "months": spent[0],
        "facts": counts.facts,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def timed(work: Callable[..., None], spent: list[float]) -> Callable[..., None]:
    """The same work, its seconds added up."""

    def done(*arguments: Any) -> None:
        began = time.perf_counter()
        work(*arguments)
        spent[0] += time.perf_counter() - began

    return done


def whole(url: str) -> Measured:
    """Make the whole table anew, in this process. Raises SystemExit where it was not what comes out."""
    with Database(url).session() as connection:
        connection.execute(
            "PRAGMA temp_store = FILE" if connection.dialect == "sqlite" else "SET work_mem = '64MB'"
        )
        connection.execute("CREATE TEMPORARY TABLE bench_stood AS SELECT * FROM timeline_month")
        with connection.transaction():
            connection.execute("DELETE FROM timeline_month")
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            began, used = time.perf_counter(), cpu()
            months.count_everything(connection)
            took, used = time.perf_counter() - began, cpu() - used
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        for one, other in (("bench_stood", "timeline_month"), ("timeline_month", "bench_stood")):
            differ = count(connection, f"(SELECT * FROM {one} EXCEPT SELECT * FROM {other}) AS differing")
            if differ:
                raise SystemExit(f"{differ:,} rows of {one} are not in {other}")
        rows = count(connection, "timeline_month")
    return {"seconds": took, "cpu": used, "rows": rows, "peak": peak, "peak_before": before}


def child(url: str, part: str, days: int = 0) -> Measured:
    """One part in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.mart_refresh", url, "--child", part, "--days", str(days)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: Measured = json.loads(done.stdout.strip().splitlines()[-1])
    print(f"  {part}: " + ", ".join(f"{name} {value:,.2f}" for name, value in found.items()), flush=True)
    return found


def refreshed(url: str, sample: str, rounds: int) -> None:
    """Measure the publications in turns, and the whole table."""
    child(url, "with")  # facts of the base get the ids publication gives them
    days = DAYS[sample]
    found: dict[str, list[Measured]] = {"without": [], "with": []}
    for _ in range(rounds):
        for part, turns in found.items():
            turns += [child(url, part, days), child(url, part, -days)]
    anew = child(url, "whole")
    without, kept = (
        {name: median(turn[name] for turn in turns) for name in turns[0]} for turns in found.values()
    )
    print(
        f"\n| | seconds | CPU | peak MB |\n|---|---|---|---|\n"
        f"| publication without | {without['seconds']:.1f} | {without['cpu']:.1f} | {without['peak']:.0f} |\n"
        f"| publication with | {kept['seconds']:.1f} | {kept['cpu']:.1f} | {kept['peak']:.0f} |\n"
        f"| of it, months | {kept['months']:.2f} | | |\n"
        f"| all {anew['rows']:,.0f} months anew | {anew['seconds']:.1f} | {anew['cpu']:.1f} | {anew['peak']:.0f} |\n\n"
        f"refresh / whole: {kept['months'] / anew['seconds']:.1%},"
        f" refresh / rest of the publication: {kept['months'] / (kept['seconds'] - kept['months']):.1%}\n"
    )


def main() -> None:
    """Measure and print; or one part of it, for `child`."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("url")
    given.add_argument("--sample", choices=SAMPLES, default="spread")
    given.add_argument("--rounds", type=int, default=2)
    given.add_argument("--seconds", type=float, default=180, help="after which a question is broken off")
    given.add_argument("--questions-only", action="store_true")
    given.add_argument("--child", help=argparse.SUPPRESS)
    given.add_argument("--days", type=int, default=0, help=argparse.SUPPRESS)
    settings = given.parse_args()
    if settings.child:
        parts = {"with": True, "without": False}
        found = (
            whole(settings.url)
            if settings.child == "whole"
            else publication(settings.url, settings.days, kept=parts[settings.child])
        )
        print(json.dumps(found))
        return
    with Database(settings.url).session() as connection:
        if not settings.questions_only:
            print(
                f"{prepare(connection, settings.sample):,} touchpoints change ({settings.sample})", flush=True
            )
            refreshed(settings.url, settings.sample, settings.rounds)
        print("| asked | as documented | over the bridge |\n|---|---|---|")
        for question, joined in PAIRS:
            took = [asked(connection, sql, settings.seconds) for sql in (question.sql, joined)]
            print(f"| {question.asks} | {' | '.join(took)} |", flush=True)


if __name__ == "__main__":
    main()
