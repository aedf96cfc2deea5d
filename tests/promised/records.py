"""Nothing lost, nothing twice, state never ahead of data, monotone."""

from __future__ import annotations

import json
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from tests.promised.landed import landed_in, some
from tests.promised.served import instant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.promised.served import Served, Truth
    from warehouse.database import Connection


def nothing_lost(connection: Connection, served: Truth) -> list[str]:
    """I1: after a complete sync the hub holds each record in the version its source holds, or in quarantine.

    What the source holds no more must not look alive in the hub, and the hub holds nothing the source never had.
    """
    return [
        f"{source}/{stream}: {words}"
        for (source, stream), truth in sorted(served.items())
        for words in lost_in(connection, source, stream, truth)
    ]


def lost_in(connection: Connection, source: str, stream: str, truth: Served) -> Iterator[str]:
    """What one stream lacks, holds in an old version, or holds although it is gone."""
    held = {key: rows[0] for key, rows in landed_in(connection, source, stream, truth).items()}
    missing = [key for key in truth.live if key not in held]
    if missing:
        yield f"{len(missing)} of {len(truth.live)} records are lost: {some(missing)}"
    dead = [key for key in truth.live if key in held and not held[key].is_live]
    if dead:
        yield f"records of the source count as gone: {some(dead)}"
    old = [
        f"{key} as of {held[key].mark}, the source's is of {mark}"
        for key, mark in truth.live.items()
        if key in held and held[key].is_live and mark and held[key].mark and held[key].mark != mark
    ]
    if old:
        yield f"another version than the source's is current: {some(old)}"
    living = [key for key in truth.gone if key in held and held[key].is_live]
    if living:
        yield f"records that are gone at the source look alive: {some(living)}"
    invented = [
        key for key, one in held.items() if one.is_live and not one.quarantine and key not in truth.live
    ]
    if set(invented) - set(living):
        yield f"the source never had or no longer has: {some(set(invented) - set(living))}"


def nothing_twice(connection: Connection, served: Truth) -> list[str]:
    """I2: one record per thing at its source, no version written a second time, one fact per record."""
    return [*doubled_records(connection, served), *repeated_versions(connection), *doubled_facts(connection)]


def doubled_records(connection: Connection, served: Truth) -> Iterator[str]:
    """Things of a source that the hub holds under two ids."""
    for (source, stream), truth in sorted(served.items()):
        held = landed_in(connection, source, stream, truth)
        twice = [key for key, rows in held.items() if sum(one.is_live for one in rows) > 1]
        if twice:
            yield f"{source}/{stream}: the hub holds the same thing under two ids: {some(twice)}"


def repeated_versions(connection: Connection) -> Iterator[str]:
    """Versions equal to the one that arrived just before, and versions no run answers for."""
    rows = connection.query(
        "SELECT source, stream, source_id, op, content_hash, version FROM raw_record ORDER BY 1, 2, 3, raw_id"
    )
    repeated = []
    for record, versions in groupby(rows, key=lambda row: row[:3]):
        contents = [(row[3], bytes(row[4]), row[5]) for row in versions]
        if any(one == other for one, other in pairwise(contents)):
            repeated.append("/".join(record))
    if repeated:
        yield f"the same version landed twice: {some(repeated)}"
    counted = connection.query(
        "SELECT s.run_id, s.source, s.stream, s.landed + s.removed, s.superseded, (SELECT count(*) FROM raw_record r"
        " WHERE r.run_id = s.run_id AND r.source = s.source AND r.stream = s.stream) FROM stream_run s"
    )
    for run_id, source, stream, told, superseded, there in counted:
        if not told <= there <= told + superseded:
            yield f"{source}/{stream}: run {run_id} says it landed {told} versions, raw holds {there} of it"


def doubled_facts(connection: Connection) -> Iterator[str]:
    """Records that are two facts, and facts told twice on one timeline."""
    facts = connection.query(
        "SELECT record FROM fact_source GROUP BY record HAVING count(DISTINCT fact_id) > 1"
    )
    if facts:
        yield f"one record became two facts: {some(row[0] for row in facts)}"
    told = connection.query(
        "SELECT organization_id, fact_id FROM timeline GROUP BY organization_id, fact_id HAVING count(*) > 1"
    )
    if told:
        yield f"a timeline tells one fact twice: {some('/'.join(row) for row in told)}"


def state_never_ahead(connection: Connection, served: Truth) -> list[str]:
    """I3: whatever a stored cursor has passed is in the hub. Holds at any instant, in the middle of a sync too."""
    wrong = []
    rows = connection.query(
        "SELECT c.source, c.stream, c.state_json, c.run_id, coalesce(s.pages, 0) FROM cursor c LEFT JOIN stream_run s"
        " ON s.run_id = c.run_id AND s.source = c.source AND s.stream = c.stream ORDER BY 1, 2"
    )
    for source, stream, state, run_id, pages in rows:
        if not pages:
            wrong.append(
                f"{source}/{stream}: a cursor of run {run_id} stands for a page that was not counted"
            )
        truth = served.get((source, stream))
        if truth is None:
            continue
        passed = set(passed_by(json.loads(state), truth))
        missing = passed - landed_in(connection, source, stream, truth).keys()
        if missing:
            wrong.append(f"{source}/{stream}: the cursor has passed what never landed: {some(missing)}")
    return wrong


def passed_by(state: dict[str, Any], truth: Served) -> Iterator[Any]:
    """The keys of what a cursor stands for, as far as its own words say."""
    since = instant(state.get("since"))
    if since:
        yield from (key for key, mark in truth.live.items() if mark and mark < since)
    if state.get("phase") == "list" and str(state.get("after", "")).isdecimal():
        last = int(state["after"])  # HubSpot lists by ascending id
        yield from (key for key in truth.live if str(key).isdecimal() and int(key) <= last)
    for folder, place in (state.get("folders") or {}).items():
        by_uid = truth.uids.get(folder, {})
        yield from (key for uid, key in by_uid.items() if uid <= int(place.get("uid", 0)))
    if "files" in state:
        hashes = {one[-1] for one in state["files"].values() if isinstance(one, list)}
        yield from (key for key in truth.live if key in hashes)


def never_backwards(connection: Connection) -> list[str]:
    """I4: the newest version that arrived is current, what is staged comes from it, and history runs forward."""
    wrong = []
    older = connection.query(
        "SELECT c.source, c.stream, c.source_id FROM raw_current c JOIN raw_record r ON r.source = c.source"
        " AND r.stream = c.stream AND r.source_id = c.source_id"
        " WHERE r.version > c.version AND r.op IN ('upsert', 'restore') AND c.op IN ('upsert', 'restore')"
    )
    if older:
        wrong.append(f"an older version replaced a newer one: {some('/'.join(row) for row in older)}")
    ahead = connection.query("SELECT source, stream, source_id FROM raw_current WHERE staged_raw_id > raw_id")
    if ahead:
        wrong.append(f"staged from a version that is not current: {some('/'.join(row) for row in ahead)}")
    for name, key in (("organization_version", "organization_id"), ("organization_link", "record")):
        start, end = HISTORY[name]
        crossed = connection.query(
            f"SELECT DISTINCT a.{key} FROM {name} a JOIN {name} b ON b.{key} = a.{key} AND b.{start} > a.{start}"
            f" WHERE a.{end} IS NULL OR a.{end} > b.{start}"
        )
        if crossed:
            wrong.append(f"{name}: intervals overlap: {some(row[0] for row in crossed)}")
    return wrong


HISTORY = {
    "organization_version": ("recorded_from_at", "recorded_to_at"),
    "organization_link": ("started_at", "ended_at"),
}
