"""What a rebuild begins with: the raw layer as far as the hub has worked it in, the ledger, and the journals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from pipelines.golden.publish import rules_changed
from pipelines.rebuild.tables import FORGOTTEN_STATE, kept_tables
from pipelines.resolve.retraining import RULES as MATCH_RULES
from pipelines.resolve.retraining import rules_now
from pipelines.scratch.copying import copy_tables
from pipelines.settings import policy_of, publish_settings, signal_settings, stage_settings
from pipelines.signals.evaluate import STATE_NAME, state_of
from pipelines.stage.engine import plain_stage
from pipelines.stage.gone import find_gone
from pipelines.stage.rules import stream_rules
from pipelines.stage.shapes import shapes_of
from pipelines.stage.transform import Place
from pipelines.stage.waiting import streams_landed
from warehouse.errors import WarehouseError
from warehouse.hub_state import remembered
from warehouse.marts.views import STANDING, wanted

if TYPE_CHECKING:
    from partnerhub.config import HubConfig
    from pipelines.stage.rules import StageSettings
    from warehouse.database import Connection, Database

TO_BE_STAGED: Final = "SELECT 1 FROM raw_current WHERE staged_raw_id = -1 LIMIT 1"
TO_BE_PUBLISHED: Final = "SELECT 1 FROM pending LIMIT 1"
NOT_STAGED: Final = "DELETE FROM raw_current WHERE source = ? AND stream = ? AND staged_raw_id = 0"
"""Landed since the last staging, or while it was copied."""
NEWER: Final = (
    "DELETE FROM raw_record WHERE raw_id IN (SELECT r.raw_id FROM raw_current c CROSS JOIN raw_record r"
    " WHERE c.staged_raw_id <> c.raw_id AND c.staged_raw_id > 0 AND r.source = c.source AND r.stream = c.stream"
    " AND r.source_id = c.source_id AND r.raw_id > c.staged_raw_id)"
)
"""Versions that wait, some of them for a person (`partnerhub approve`): what stands was made without them."""
LANDED: Final = (
    "UPDATE raw_current SET (raw_id, op, content_hash, version, quarantine) ="
    " (SELECT r.raw_id, r.op, r.content_hash, r.version, r.quarantine FROM raw_record r WHERE r.raw_id = {current})"
)
AS_STAGED: Final = (
    LANDED.format(current="raw_current.staged_raw_id")
    + " WHERE staged_raw_id <> raw_id AND staged_raw_id > 0"
)
AS_NEVER_STAGED: Final = LANDED.format(current="raw_current.raw_id").replace(
    "SET (", "SET staged_raw_id = 0, staged_rules = '', ("
)
FORGET: Final = f"DELETE FROM hub_state WHERE name IN ({', '.join('?' * len(FORGOTTEN_STATE))})"


STAGED_BY: Final = "SELECT source, stream, rules FROM stage_rules ORDER BY source, stream"


class NotSettled(WarehouseError):
    """What landed, what people did or what the configuration says is not worked in yet, so no rebuild can equal it."""


def require_published(connection: Connection) -> None:
    """Raise NotSettled while something that was staged, or is to be staged again, is not published."""
    if connection.one(TO_BE_PUBLISHED) or connection.one(TO_BE_STAGED):
        raise NotSettled(
            "Some records are staged and not published yet.", "Run `partnerhub sync`, then this again."
        )


def require_settled(config: HubConfig, connection: Connection) -> None:
    """Raise NotSettled unless what stands is what these rules made of all that was staged."""
    require_published(connection)
    moved = rules_moved(config, connection)
    if moved:
        raise NotSettled(
            f"{moved} are others than those the hub was last derived by.",
            "`partnerhub preview` shows what they change, `partnerhub sync` applies them; then run this again.",
        )
    if remembered(connection, STANDING) != wanted(connection):
        raise NotSettled(
            "The published views are those of another version of the program.",
            "Run `partnerhub sync`, which makes them, then this again.",
        )
    day = last_day(connection)
    if day is None or remembered(connection, STATE_NAME) != state_of(
        connection, signal_settings(config), day
    ):
        raise NotSettled(
            "Signals were not looked at since the hub last published.",
            "Run `partnerhub sync`, then this again.",
        )


def rules_moved(config: HubConfig, connection: Connection) -> str:
    """Which rules are not those that what stands was made by, in words; empty when all are."""
    settings = stage_settings(config)
    for source, stream, stands in connection.query(STAGED_BY):
        if stands != fingerprint(connection, settings, source, stream):
            return f"The rules of {source}/{stream}"
    if rules_changed(connection, publish_settings(config)):
        return "The rules of partners, priorities and matching"
    if remembered(connection, MATCH_RULES) not in {None, rules_now(policy_of(config))}:
        return "The weights of matching"
    return ""


def fingerprint(connection: Connection, settings: StageSettings, source: str, stream: str) -> str | None:
    """What the next staging would know the rules of a stream by; None for one that stays raw. Reads only."""
    rules = stream_rules(settings, source, stream)
    if rules is None:
        return None
    names, run = (source, stream), ("", "")
    gone = find_gone(
        connection, names, rules.mapping, plain_stage(Place(source, stream, rules, settings), run)
    )
    shapes = shapes_of(connection, names, rules.mapping, "", learning=False)
    return shapes.fingerprint(gone.fingerprint(rules.fingerprint))


def last_day(connection: Connection) -> str | None:
    """The day signals were last looked at, ISO; None where they never were."""
    known = remembered(connection, STATE_NAME)
    return str(json.loads(known)[0]) if known else None


def fill(config: HubConfig, live: Connection, target: Database) -> None:
    """Copy what a rebuild begins with, and nothing of what it makes. live: inside a `snapshot`."""
    copy_tables(live, target, kept_tables())
    with target.session() as connection, connection.transaction():
        cut_to_staged(stage_settings(config), connection)
        connection.execute(AS_NEVER_STAGED)
        connection.execute(FORGET, FORGOTTEN_STATE)


def cut_to_staged(settings: StageSettings, connection: Connection) -> None:
    """Leave in a second warehouse the versions that were staged, and of streams that stay raw all."""
    for source, stream in streams_landed(connection):
        if stream_rules(settings, source, stream) is not None:
            connection.execute(NOT_STAGED, (source, stream))
    connection.execute(NEWER)
    connection.execute(AS_STAGED)
