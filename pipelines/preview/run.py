"""Try a change on all that ever landed: the whole hub is copied, and the next sync's steps run there by other rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

from connectors.errors import FixSetup
from mappings.canonical import STAGED_KINDS
from mappings.discover import instead
from partnerhub.config.document import read_document
from partnerhub.config.problems import Problem
from pipelines.preview.changed import InvalidChange, changed_config, entries
from pipelines.preview.effects import Effects, read_effects
from pipelines.preview.mapping_file import load_mapping
from pipelines.preview.unfilled import unfilled
from pipelines.progress import silent
from pipelines.rebuild.prepare import cut_to_staged, last_day, require_published, rules_moved
from pipelines.scratch.compare import paired
from pipelines.scratch.copying import copy_all
from pipelines.scratch.derive import derive
from pipelines.scratch.place import scratch
from pipelines.scratch.shapes import of_table
from pipelines.settings import stage_settings
from pipelines.stage.rules import stream_rules
from pipelines.stage.waiting import streams_landed
from warehouse.database import Database
from warehouse.exports.reading import snapshot
from warehouse.tables import layer_of, metadata

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mappings.rows import Mapping
    from partnerhub.config import HubConfig
    from pipelines.progress import Progress
    from warehouse.database import Connection

Names = tuple[str, str]
"""Of a source and one of its streams."""
YAML: Final = frozenset({".yaml", ".yml"})
NOT_COPIED: Final = frozenset({"lease", "heartbeat", "job"})
"""What only says who is at work. Whatever is about signing in is left out as well."""
STAGE_AGAIN: Final = (
    "UPDATE stage_rules SET rules = '' WHERE source = ? AND stream = ?",
    "UPDATE raw_current SET staged_rules = '' WHERE source = ? AND stream = ?",
)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be tried. config: as it would be. mapping: a module's, used instead. rules: what differs, in words.

    file: where it was written, for errors.
    """

    config: HubConfig
    rules: list[str] = field(default_factory=list)
    mapping: Mapping | None = None
    file: Path | None = None


def read_change(config: HubConfig, file: Path | None, settings: Sequence[str]) -> Change:
    """A change from a file (YAML, or a mapping module) and `key=value` settings. Raises InvalidConfig."""
    if file is None or file.suffix in YAML:
        return Change(*changed_config(config, file, settings), file=file)
    changed, rules = changed_config(config, None, settings)
    connectors = {source.connector for source in config.sources.values()}
    mapping = load_mapping(file, connectors)
    return Change(changed, [*rules, f"the mapping of {mapping.connector}: {file}"], mapping, file)


def preview(config: HubConfig, change: Change, *, shown: int, progress: Progress = silent) -> Effects:
    """What the next sync would make of everything that landed. Nothing is written to the hub; syncs may go on.

    shown: examples of each sort. Raises InvalidConfig, NotSettled and WarehouseError.
    """
    database, began = Database(config.warehouse_url), monotonic()
    with database.session() as live, snapshot(live), scratch(database) as target:
        require_published(live)
        effects = Effects(change.rules, notes(config, live), shown)
        before = fingerprints(config, live, change.mapping)
        with instead(change.mapping):
            require_readable(change, live)
            copy_all(live, target, metadata.tables, left_out())
            again = stage_again(change, target, before)
            copied = monotonic()
            derive(change.config, target, last_day(live), progress)
        derived = monotonic()
        with target.session() as made, snapshot(made):
            read_effects(live, made, effects)
            unseen = otherwise_staged(live, made, again)
            effects.notes += unfilled(config, change.config, made)
        ended = monotonic()
    if unseen:
        effects.notes.append(
            f"Raise `version` of the mapping of {', '.join(unseen)}: its rows are as they were, so that the hub"
            " would not notice that its code is another one."
        )
    parts = {
        "copied": copied - began,
        "derived": derived - copied,
        "read": ended - derived,
        "whole": ended - began,
    }
    effects.seconds = {name: round(seconds, 2) for name, seconds in parts.items()}
    return effects


def left_out() -> list[str]:
    """Tables that a second warehouse has no rows of."""
    return sorted(name for name in metadata.tables if name in NOT_COPIED or layer_of(name) == "access")


def notes(config: HubConfig, live: Connection) -> list[str]:
    """What of partnerhub.yaml, or of the program, is not applied yet and so is part of what is shown."""
    moved = rules_moved(config, live)
    if not moved:
        return []
    return [f"{moved} are others than at the last sync already; what that changes is included."]


def require_readable(change: Change, live: Connection) -> None:
    """Raise InvalidChange where the rules of a stream that landed cannot be used."""
    settings = stage_settings(change.config)
    for source, stream in streams_landed(live):
        try:
            stream_rules(settings, source, stream)
        except FixSetup as error:
            file = change.file or change.config.path
            line = line_of(file, source, error.happened)
            problem = Problem(line, f"sources.{source}.fields", error.happened, error.do)
            raise InvalidChange(file, [problem]) from None


def line_of(file: Path, source: str, said: str) -> int:
    """The line of a source's field that a complaint names; 1 where the file has none."""
    if file.suffix not in YAML:
        return 1
    tree = entries(read_document(file))
    mine = entries(entries(tree.get("sources", None)).get(source)) or entries(tree.get(source))
    found = entries(mine.get("fields"))
    places = {**found, **{name: each for stream in found.values() for name, each in entries(stream).items()}}
    return next((each.line for name, each in places.items() if f"'{name}'" in said), 1)


def fingerprints(config: HubConfig, live: Connection, mapping: Mapping | None) -> dict[Names, str]:
    """Streams that landed and that a mapping is for → by what their rules are known."""
    settings, found = stage_settings(config), {}
    for names in streams_landed(live) if mapping else ():
        rules = stream_rules(settings, *names)
        if rules is not None and mapping is not None and rules.connector == mapping.connector:
            found[names] = rules.fingerprint
    return found


def stage_again(change: Change, target: Database, before: dict[Names, str]) -> list[Names]:
    """Leave in the second warehouse what the hub worked in; let the streams of a tried mapping be staged anew.

    before: their rules as they are. Returns those whose rules look as they did, though the code may be another.
    """
    with target.session() as connection, connection.transaction():
        cut_to_staged(stage_settings(change.config), connection)
        after = fingerprints(change.config, connection, change.mapping)
        for names in after:
            for statement in STAGE_AGAIN:
                connection.execute(statement, names)
    return [names for names, known in after.items() if before.get(names) == known]


def otherwise_staged(live: Connection, made: Connection, streams: Sequence[Names]) -> list[str]:
    """Those of the streams of which a record is staged otherwise than it was, as `source/stream`."""
    wanted, found = set(streams), set[Names]()
    for kind in STAGED_KINDS if wanted else ():
        shape = of_table(f"staged_{kind.kind_name}", leave_out=("rules", "digest"))
        at = [shape.columns.index(name) for name in ("source", "stream")]
        for here, there in paired(live, made, shape):
            if here != there:
                row = here or there or ()
                found.add((row[at[0]], row[at[1]]))
    return ["/".join(names) for names in sorted(found & wanted)]
