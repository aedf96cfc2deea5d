"""Records that are set aside: what they are, why, since when, and whether anybody said that they may stay so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.database import Connection


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which quarantined records are meant; what is empty narrows nothing.

    source, stream, record_id, rule (the reason's code). since, until: when the version landed, UTC text, until
    excluded. records: keys `source/stream/id`, of a partner for example; None for any.
    """

    source: str = ""
    stream: str = ""
    record_id: str = ""
    rule: str = ""
    since: str = ""
    until: str = ""
    records: frozenset[str] | None = None

    def condition(self) -> tuple[str, list[str]]:
        """The WHERE clause over `raw_current c` and `raw_record r`, and its values. `records` is tested in Python."""
        tests, values = ["c.quarantine IS NOT NULL"], []
        for test, value in (
            ("c.source = ?", self.source),
            ("c.stream = ?", self.stream),
            ("c.source_id = ?", self.record_id),
            ("c.quarantine = ?", self.rule),
            ("r.landed_at >= ?", self.since),
            ("r.landed_at < ?", self.until),
        ):
            if value:
                tests.append(test)
                values.append(value)
        return " AND ".join(tests), values


def quarantined(connection: Connection, chosen: Chosen) -> list[dict[str, Any]]:
    """The records set aside that are meant, by source, stream and id.

    A row: record, source, stream, source_id, raw_id, rule, arrived (whether it arrived unreadable: then only its source
    can mend it), landed_at, op, bytes, and of its problem happened, to_do, state, first_seen_at, count, fingerprint.
    """
    where, values = chosen.condition()
    rows = connection.records(
        "SELECT c.source, c.stream, c.source_id, c.raw_id, c.quarantine AS rule, r.quarantine IS NOT NULL AS arrived,"
        " r.landed_at, c.op, length(r.payload) AS bytes, e.happened, e.to_do, e.state, e.first_seen_at, e.count,"
        " e.fingerprint, e.decided_by, e.reason FROM raw_current c JOIN raw_record r ON r.raw_id = c.raw_id"
        " LEFT JOIN sync_error e ON e.source = c.source AND e.stream = c.stream AND e.source_id = c.source_id"
        f" AND e.code = c.quarantine WHERE {where} ORDER BY c.source, c.stream, c.source_id",
        values,
    )
    found = []
    for row in rows:
        row["record"] = f"{row['source']}/{row['stream']}/{row['source_id']}"
        row["arrived"] = bool(row["arrived"])
        if chosen.records is None or row["record"] in chosen.records:
            found.append(row)
    return found


def payload_of(connection: Connection, raw_id: int) -> bytes | None:
    """What arrived, to the byte; None when it was redacted or carried nothing."""
    found = connection.one("SELECT payload FROM raw_record WHERE raw_id = ?", (raw_id,))
    return None if found is None or found[0] is None else bytes(found[0])
