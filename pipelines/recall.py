"""What source records said at a moment: their newest version that had landed by then, read by the rules of today.

Raw versions are kept for good, so this is no guess. What a person had redacted since is gone here, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pipelines.golden.deals import VALUES as DEAL_VALUES
from pipelines.golden.deals import survived
from pipelines.golden.persons import person_row
from pipelines.land.content import decode
from pipelines.land.versions import GONE
from pipelines.stage.gone import Gone
from pipelines.stage.lost import CANNOT_READ
from pipelines.stage.packed import staged_columns
from pipelines.stage.rules import stream_rules
from pipelines.stage.transform import Place, context_of
from pipelines.stage.waiting import Waiting
from warehouse.queries.completeness import raw_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipelines.golden.settings import PublishSettings
    from pipelines.stage.rules import StageSettings, StreamRules
    from warehouse.database import Connection

AT_ONCE: Final = 290
NEWEST: Final = """
WITH wanted (source, stream, source_id) AS (VALUES {rows})
SELECT r.source, r.stream, r.source_id, max(r.raw_id),
max(CASE WHEN r.payload IS NOT NULL AND r.quarantine IS NULL THEN r.raw_id END)
FROM wanted w CROSS JOIN raw_record r
WHERE r.source = w.source AND r.stream = w.stream AND r.source_id = w.source_id AND r.landed_at <= ?
GROUP BY r.source, r.stream, r.source_id
"""
VERSIONS: Final = (
    "SELECT raw_id, op, payload, version, winner_id, landed_at FROM raw_record WHERE raw_id IN ({marks})"
)
LOST: Final = (
    "SELECT field, former_label, gone_since_at FROM stream_field WHERE source = ? AND stream = ?"
    " AND (gone_since_at <= ? OR gone_since_at IS NULL AND former_label IS NOT NULL)"
    " AND (let_go_at IS NULL OR let_go_at > ?)"
)

Key = tuple[str, str, str]
Row = dict[str, Any]


class Version(NamedTuple):
    """One version of a raw record."""

    op: str
    payload: bytes | None
    version: str | None
    winner_id: str | None
    landed_at: str


@dataclass(frozen=True, slots=True)
class Recollection:
    """What records of a hub said at a moment. Safe to keep: rules are compiled once a stream."""

    stage: StageSettings
    publish: PublishSettings
    rules: dict[tuple[str, str], StreamRules | None] = field(default_factory=dict)

    def said(self, connection: Connection, records: Iterable[str], moment: str) -> dict[str, tuple[str, Row]]:
        """Record key → its kind and what it said at a moment (UTC text), with all that came of the same raw records.

        What had not landed by then, cannot be read, or is redacted since, is left out. `deleted_at` is set for what
        was deleted by then. Reads only.
        """
        keys = sorted({raw_key(record) for record in records if record.count("/") > 1})
        found: dict[str, tuple[str, Row]] = {}
        lost: dict[tuple[str, str], Gone | None] = {}
        for start in range(0, len(keys), AT_ONCE):
            for key, newest, readable, versions in newest_by(
                connection, keys[start : start + AT_ONCE], moment
            ):
                rules = self.rules_of(key[:2])
                if rules is None or readable is None:
                    continue
                if key[:2] not in lost:
                    lost[key[:2]] = lost_by(connection, key[:2], rules, moment)
                place = Place(key[0], key[1], rules, self.stage, lost[key[:2]] or Gone())
                found |= read(connection, place, key, (newest, versions[newest]), versions[readable])
        return found

    def rules_of(self, stream: tuple[str, str]) -> StreamRules | None:
        """The rules of a stream; None for one that stays raw."""
        if stream not in self.rules:
            self.rules[stream] = stream_rules(self.stage, *stream)
        return self.rules[stream]

    def deal(self, copies: Sequence[Mapping[str, Any]]) -> Row:
        """One deal of all its copies, as it would have been published."""
        copies = [{"owner": None, **copy} for copy in copies]
        return dict(zip(DEAL_VALUES, survived("", copies, self.publish)[0][1:], strict=False))

    def person(self, copies: Sequence[Mapping[str, Any]]) -> Row:
        """One person of all their records: name, email, phone and title, as they would have been published."""
        values = person_row("", copies, (), self.publish.survivorship)
        return dict(zip(("name", "email", "phone", "title"), values[1:], strict=False))


def newest_by(
    connection: Connection, keys: Sequence[Key], moment: str
) -> list[tuple[Key, int, int | None, dict[int, Version]]]:
    """Of each record that had landed by a moment: the newest version, the newest readable one, and what is in both."""
    statement = NEWEST.format(rows=", ".join(["(?, ?, ?)"] * len(keys)))
    rows = connection.query(statement, [*(part for key in keys for part in key), moment])
    ids = sorted({each for row in rows for each in row[3:] if each is not None})
    versions: dict[int, Version] = {}
    if ids:
        marks = ", ".join("?" * len(ids))
        versions = {row[0]: Version(*row[1:]) for row in connection.query(VERSIONS.format(marks=marks), ids)}
    return [((row[0], row[1], row[2]), row[3], row[4], versions) for row in rows]


def lost_by(connection: Connection, stream: tuple[str, str], rules: StreamRules, moment: str) -> Gone | None:
    """The fields that had gone away at their source by then, whose last values stayed."""
    rows = connection.query(LOST, (*stream, moment, moment))
    if not rows:
        return None
    since = {name: gone for name, _, gone in rows if gone}
    labels = {name: former for name, former, gone in rows if former and not gone}
    return Gone(rules.mapping, since, labels)


def read(
    connection: Connection, place: Place, key: Key, newest: tuple[int, Version], readable: Version
) -> dict[str, tuple[str, Row]]:
    """What one version says; a deletion says what stood before it, deleted."""
    raw_id, version = newest
    op = version.op if version.op in GONE else readable.op
    waiting = Waiting(
        key[2],
        raw_id,
        op,
        None,
        None,
        version.version,
        version.winner_id,
        version.landed_at,
        staged_before=True,
    )
    context = context_of(place, waiting, readable.version)
    try:
        payload = place.gone.completed(connection, key[:2], key[2], decode(readable.payload or b"{}"))
        output = place.rules.stager(payload, context)
    except CANNOT_READ:  # it was told when it was staged; here it says nothing
        return {}
    return {
        row[0]: (kind, dict(zip(staged_columns(kind), row, strict=True)))
        for kind, rows in output.values.items()
        for row in rows
    }
