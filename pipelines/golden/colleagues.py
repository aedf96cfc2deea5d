"""Our own people: one golden row each, however many systems know them, and what follows when one of them changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from partnerhub.identity.colleagues import User, one_colleague
from partnerhub.identity.survivorship import ranked
from pipelines.golden import work
from pipelines.golden.copies import fact_id
from pipelines.golden.differences import write_difference
from warehouse.hub_state import remember, remembered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.golden.settings import PublishSettings
    from warehouse.database import Connection

ADDRESSES_NAME = "colleague_addresses"
COLUMNS = ("colleague_id", "name", "email", "active", "team", "record_count")
RECORD_COLUMNS = ("record", "colleague_id")
STAGED_FIELDS = ("record", "source", "modified_at", "deleted_at", "name", "email", "active", "team")

Row = tuple[Any, ...]


def publish_colleagues(connection: Connection, settings: PublishSettings) -> None:
    """Recompute all of our own people, who are few, where a record of one waits; note whose facts and names changed."""
    if not connection.one("SELECT 1 FROM work_record WHERE kind = 'colleague' LIMIT 1"):
        return
    records = read_records(connection)
    addresses, names = read_keys(connection, "email"), read_keys(connection, "name")
    touch_addresses(connection, {address for each in addresses.values() for address in each})
    users = (
        User(key, row["source"], min(names.get(key, ()), default=None), frozenset(addresses.get(key, ())))
        for key, row in records.items()
    )
    belongs = {record: fact_id(f"colleague:{known_by}") for record, known_by in one_colleague(users).items()}
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for record, colleague_id in sorted(belongs.items()):
        groups.setdefault(colleague_id, []).append(records[record])
    wanted = [colleague_row(key, rows, settings) for key, rows in sorted(groups.items())]
    write(connection, wanted, sorted(belongs.items()))


def read_records(connection: Connection) -> dict[str, dict[str, Any]]:
    """Every staged colleague by record key."""
    rows = connection.query(f"SELECT {', '.join(STAGED_FIELDS)} FROM staged_colleague")
    return {row[0]: dict(zip(STAGED_FIELDS, row, strict=True)) for row in rows}


def read_keys(connection: Connection, kind: str) -> dict[str, set[str]]:
    """The keys of one kind, by record of a colleague."""
    found: dict[str, set[str]] = {}
    for record, value in connection.query(
        "SELECT s.record, k.normalized FROM staged_colleague s CROSS JOIN key k"
        " WHERE k.record = s.record AND k.kind = ?",
        (kind,),
    ):
        found.setdefault(record, set()).add(value)
    return found


def colleague_row(colleague_id: str, records: Sequence[Mapping[str, Any]], settings: PublishSettings) -> Row:
    """The row of table `colleague`: each value from the best record that has one; an address is no name."""
    living = [record for record in records if record["deleted_at"] is None]
    order = ranked(living or records, settings.survivorship, "colleague")
    names = [record["name"] for record in order if record["name"]]
    return (
        colleague_id,
        next((name for name in names if "@" not in name), names[0] if names else None),
        next((record["email"] for record in order if record["email"]), None),
        any(record["active"] for record in living),
        next((record["team"] for record in order if record["team"]), None),
        len(living),
    )


def write(connection: Connection, wanted: Sequence[Row], records: Sequence[Row]) -> None:
    """Write what differs; records whose colleague is called otherwise now go to `work_colleague`."""
    stood = connection.query(f"SELECT {', '.join(COLUMNS)} FROM colleague")
    stood_records = connection.query(f"SELECT {', '.join(RECORD_COLUMNS)} FROM colleague_record")
    before, after = called(stood, stood_records), called(wanted, records)
    changed = (record for record in before.keys() | after.keys() if before.get(record) != after.get(record))
    work.add_keys(connection, "work_colleague", changed)
    write_difference(connection, "colleague", COLUMNS, stood, wanted)
    write_difference(connection, "colleague_record", RECORD_COLUMNS, stood_records, records)


def called(colleagues: Sequence[Row], records: Sequence[Row]) -> dict[str, str | None]:
    """What an owner is shown as, by record."""
    shown = {row[0]: row[1] or row[2] for row in colleagues}
    return {record: shown.get(colleague_id) for record, colleague_id in records}


def touch_addresses(connection: Connection, now: set[str]) -> None:
    """Facts in which an address takes part that became ours, or stopped being ours, are looked at again."""
    known = remembered(connection, ADDRESSES_NAME)
    before = set(json.loads(known)) if known else set()
    if now == before:
        return
    work.add_keys(connection, "work_anchor", {f"email:{address}" for address in now ^ before})
    remember(connection, ADDRESSES_NAME, json.dumps(sorted(now)))
