"""How long the marts' own example questions take on a large hub.

    python -m benchmarks.mart_questions URL [--seconds 60]

URL: a hub such as `benchmarks.web_base` makes. Each question of each mart is asked as the documentation writes it, and
three more that dashboards begin with. Whoever takes longer than the limit is broken off. Nothing is written.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Final

from warehouse.database import Database
from warehouse.marts import MARTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection

MORE: Final = (
    (
        "fct_touchpoint",
        "How many touchpoints of each kind by month?",
        "SELECT substr(CAST(happened_date AS TEXT), 1, 7) AS month, kind, count(*) FROM fct_touchpoint GROUP BY 1, 2",
    ),
    (
        "fct_touchpoint",
        "How many touchpoints since September 2026?",
        "SELECT count(*) FROM fct_touchpoint WHERE happened_at >= '2026-09-01T00:00:00.000000Z'",
    ),
    (
        "bridge_touchpoint_partner",
        "The newest touchpoint of each partner",
        "SELECT partner_id, max(happened_at) FROM bridge_touchpoint_partner GROUP BY partner_id",
    ),
)


def questions() -> Iterator[tuple[str, str, str]]:
    """Mart, what is asked, SQL."""
    for mart in MARTS:
        yield from ((mart.name, question.asks, question.sql) for question in mart.questions)
    yield from MORE


def asked(connection: Connection, sql: str, seconds: float) -> str:
    """How long one question took, or that it was broken off."""
    began = time.perf_counter()
    if connection.dialect == "sqlite":
        connection.raw.set_progress_handler(lambda: int(time.perf_counter() - began > seconds), 100_000)
    else:
        connection.execute(f"SET statement_timeout = {seconds * 1_000:.0f}")
    try:
        rows = len(connection.raw.execute(sql).fetchall())
    except Exception as error:  # noqa: BLE001  # each driver has its own class for a statement broken off
        return (
            f"broken off ({type(error).__name__})" if time.perf_counter() - began >= seconds else f"{error}"
        )
    return f"{time.perf_counter() - began:.2f} s, {rows:,} rows"


def main() -> None:
    """Ask them all and print a table."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("url")
    given.add_argument("--seconds", type=float, default=60)
    settings = given.parse_args()
    print("| mart | asked | took |\n|---|---|---|")
    with Database(settings.url).session() as connection:
        for name, asks, sql in questions():
            print(f"| `{name}` | {asks} | {asked(connection, sql, settings.seconds)} |", flush=True)


if __name__ == "__main__":
    main()
