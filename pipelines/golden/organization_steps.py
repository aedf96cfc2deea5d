"""Which organizations a change touches, and publishing them in chunks of flat memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.golden import work
from pipelines.golden.copies import touch_selected
from pipelines.golden.differences import write_difference
from pipelines.golden.first import publish_plain
from pipelines.golden.history import History
from pipelines.golden.organizations import (
    GOLDEN_VALUE_COLUMNS,
    ORGANIZATION_COLUMNS,
    PARTNERSHIP_COLUMNS,
    Golden,
    changed_anchors,
    organization_row,
    recompute,
)
from pipelines.golden.reading import read_chunk, read_standing
from pipelines.golden.stated import connectors_by_source
from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.golden.reading import Before, Chunk
    from pipelines.golden.settings import PublishSettings
    from pipelines.golden.work import Span
    from warehouse.database import Connection

CHUNK = 1_000


def touch_organizations(connection: Connection) -> None:
    """Organizations of waiting records, now and before, and those whose owner is called otherwise now."""
    work.add(
        connection,
        "work_organization",
        "SELECT l.organization_id FROM work_record w CROSS JOIN organization_link l"
        " WHERE w.kind = 'organization' AND l.record = w.record",
    )
    if connection.one("SELECT 1 FROM work_colleague LIMIT 1"):
        work.add(
            connection,
            "work_organization",
            "SELECT l.organization_id FROM work_colleague w"
            " CROSS JOIN staged_organization s CROSS JOIN organization_link l"
            " WHERE s.owner_record = w.record AND l.record = s.record AND l.ended_at IS NULL",
        )
    work.settle(connection, "work_organization")


def publish_organizations(
    connection: Connection, settings: PublishSettings, run_id: str, now: str, *, everything: bool
) -> tuple[int, int]:
    """Recompute every touched organization; returns how many were looked at, and how many rows that changed.

    everything: all persons and facts are looked at anyway, so nothing needs to be handed on.
    """
    standing = read_standing(connection)
    history = History(connection, run_id, now)
    rules = settings.fingerprint()
    looked = written = 0
    if everything and not standing.versions and not standing.pins and not standing.partnerships:
        looked, written = publish_plain(connection, settings, history)
    for span in work.spans(connection, "work_organization", CHUNK):
        chunk = read_chunk(connection, span, standing)
        published = recompute(chunk, settings)
        written += write_organizations(connection, published, chunk, rules)
        written += write_provenance(connection, span, published, chunk)
        stands = (
            read_rows(connection, "partnership", PARTNERSHIP_COLUMNS, span) if standing.partnerships else []
        )
        written += write_partnerships(connection, stands, published, history)
        for each in published:
            history.note(each, chunk.before.get(each.organization_id))
        history.write()
        if not everything:
            hand_on(connection, published, chunk)
        looked += len(published)
    return looked, written


def write_organizations(connection: Connection, published: Sequence[Golden], chunk: Chunk, rules: str) -> int:
    """Write the rows that differ; remove organizations no record is left of."""
    gone, news, changed = [], [], []
    for each in published:
        before = chunk.before.get(each.organization_id)
        stands = before is not None and before.rules is not None
        if each.values is None:
            if stands:
                gone.append((each.organization_id,))
        elif not stands:
            news.append(organization_row(each, rules))
        elif differs(each, before, rules):
            changed.append(organization_row(each, rules))
    bulk.delete(connection, "organization", ("organization_id",), gone)
    bulk.insert(connection, "organization", ORGANIZATION_COLUMNS, news)
    bulk.upsert(connection, "organization", ORGANIZATION_COLUMNS, changed)
    return len(gone) + len(news) + len(changed)


def differs(published: Golden, before: Before | None, rules: str) -> bool:
    """Whether the row that stands says something else."""
    return before is None or (before.values, before.rules, before.anchors) != (
        published.values,
        rules,
        published.anchors,
    )


def write_provenance(connection: Connection, span: Span, published: Sequence[Golden], chunk: Chunk) -> int:
    """Bring `golden_value` to what the published organizations say."""
    stands = read_rows(connection, "golden_value", GOLDEN_VALUE_COLUMNS, span) if chunk.before else []
    wanted = [row for each in published for row in each.provenance]
    return write_difference(connection, "golden_value", GOLDEN_VALUE_COLUMNS, stands, wanted)


def write_partnerships(
    connection: Connection, stands: Sequence[tuple[Any, ...]], published: Sequence[Golden], history: History
) -> int:
    """Open and end partnerships as the records declare, and log that."""
    wanted: list[tuple[Any, ...]] = [
        (each.organization_id, *row) for each in published for row in each.partnerships
    ]
    before = {row[:2]: row[3] for row in stands}
    after = {row[:2]: row[3] for row in wanted}
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            history.change(key[0], f"partnership.{key[1]}", before.get(key), after.get(key))
    return write_difference(connection, "partnership", PARTNERSHIP_COLUMNS, stands, wanted)


def read_rows(connection: Connection, name: str, columns: Sequence[str], span: Span) -> list[tuple[Any, ...]]:
    """The rows a table holds of the touched organizations of a span."""
    listed = ", ".join(f"t.{column}" for column in columns)
    return connection.query(
        f"SELECT {listed} FROM work_organization w CROSS JOIN {name} t"
        " WHERE w.organization_id BETWEEN ? AND ? AND t.organization_id = w.organization_id",
        span,
    )


def hand_on(connection: Connection, published: Sequence[Golden], chunk: Chunk) -> None:
    """Facts at identifiers that changed hands, and all on the timelines of organizations that went, come next."""
    connectors = connectors_by_source(connection)
    anchors = {
        anchor
        for each in published
        for anchor in changed_anchors(each, chunk.before.get(each.organization_id), connectors)
    }
    work.add_keys(connection, "work_anchor", anchors)
    gone = [each.organization_id for each in published if each.values is None]
    for organization_id in gone:
        touch_selected(
            connection, "SELECT fact_id FROM timeline WHERE organization_id = ?", (organization_id,)
        )
