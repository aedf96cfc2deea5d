"""Which views and columns streams have, declared after every staging; what is declared once stays.

From the mappings, the configuration, what sources say their fields are, and what records were seen to hold.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import structlog

from connectors.errors import FixSetup
from mappings.catalog import CUSTOM, CustomField, custom_fields, field_catalog
from mappings.discover import mapping_for, stream_mapping_for
from mappings.rows import Mapping
from pipelines.stage.rules import HUB, SourceRules, holds_organizations, stream_rules
from warehouse.hub_state import remember, remembered
from warehouse.marts.streams import Declared, Further, declare
from warehouse.marts.views import make_views

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mappings.rows import StreamMapping
    from partnerhub.config import HubConfig
    from pipelines.stage.rules import StageSettings
    from warehouse.database import Connection, Database

    Keys = dict[tuple[str, str, str], set[str]]
    Place = tuple[str, str]

SEEN: Final = "stream_columns_seen"
"""Under which name the warehouse remembers up to which arrival, and by which rules, custom fields were looked for."""
LATEST: Final = "SELECT coalesce(max(raw_id), 0) FROM raw_record"
LABELS: Final = "SELECT source, stream, field, coalesce(former_label, label) FROM stream_field ORDER BY field"
KEYS: Final = {
    "sqlite": "json_each(s.custom_json) AS j",
    "postgresql": "json_object_keys(s.custom_json) AS j(key)",
}
ALL: Final = "SELECT DISTINCT s.source, s.stream, j.key FROM staged_{kind} s, {keys}"
RECORD: Final = "r.source || '/' || r.stream || '/' || replace(r.source_id, '#', '%23')"
SINCE: Final = f"""
SELECT DISTINCT s.source, s.stream, j.key FROM raw_record r JOIN staged_{{kind}} s ON s.record = {RECORD}, {{keys}}
WHERE r.raw_id > ?
UNION SELECT DISTINCT s.source, s.stream, j.key FROM raw_record r JOIN staged_{{kind}} s ON s.record > {RECORD} || '#'
AND s.record < {RECORD} || '$', {{keys}} WHERE r.raw_id > ?
"""
PATIENCE: Final = "10s"
LOCK_NOT_AVAILABLE: Final = "55P03"


def declare_columns(
    database: Database, config: HubConfig, settings: StageSettings, now: str, *, staged: int
) -> None:
    """Declare what streams have now and make the views that changed. Safe to call twice.

    staged: how many records this run staged. A view that somebody reads for long is made by a later sync.
    """
    with database.session() as connection:
        streams = list(streams_of(config, settings))
        kinds = {kind for each in streams for kind in each.mapping.kinds}
        custom = keys_since(connection, rules_told(streams), staged, kinds)
        found = list(declared(connection, settings, streams, custom.keys))
        with connection.transaction():
            declare(connection, found, now)
            if custom.seen != remembered(connection, SEEN):
                remember(connection, SEEN, custom.seen)
        try:
            make_views(connection, patience=PATIENCE)
        except Exception as error:
            if getattr(error, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            structlog.get_logger().warning("views_left_for_later", reason="somebody reads them")


class Stream(NamedTuple):
    """One stream this hub stages. rules: what tells them from others."""

    source: str
    name: str
    mapping: StreamMapping
    rules: str


def streams_of(config: HubConfig, settings: StageSettings) -> Iterator[Stream]:
    """Every stream this hub stages, but for those whose rules cannot be read: staging tells of them."""
    for source, name, mapping in mapped(config, settings):
        try:
            rules = stream_rules(settings, source, name)
        except FixSetup:
            continue
        if rules:
            yield Stream(source, name, mapping, rules.fingerprint)


def mapped(config: HubConfig, settings: StageSettings) -> Iterator[tuple[str, str, StreamMapping]]:
    """Every stream that has a mapping: its source, its name, its mapping."""
    for source, each in config.sources.items():
        mapping = mapping_of(settings.sources[source])
        for stream in config.connector(source).streams():
            found = stream_mapping_for(mapping, stream.name)
            if found and found.kinds and (each.streams is None or stream.name in each.streams):
                yield source, stream.name, found
    for stream_name, found in mapping_for(HUB).streams.items():
        yield HUB, stream_name, found


def mapping_of(rules: SourceRules) -> Mapping:
    """The mapping of a source as a deployment has it."""
    return mapping_for(rules.connector).with_settings(rules.settings)


# What records were seen to hold --------------------------------------------------------------------------------------


class Seen:
    """Names in `custom_json` by (source, stream, kind), and up to where they were looked for."""

    def __init__(self, keys: Keys, seen: str) -> None:
        """Take both."""
        self.keys, self.seen = keys, seen


def rules_told(streams: Iterable[Stream]) -> str:
    """What tells these rules from others: records staged anew by them may hold other fields."""
    said = "".join(each.rules for each in streams)
    return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()


def keys_since(connection: Connection, rules: str, staged: int, kinds: set[str]) -> Seen:
    """Look at what arrived since the last look; at everything once rules are others; at nothing if nothing came."""
    before = json.loads(remembered(connection, SEEN) or "{}")
    again = before.get("rules") != rules
    if not again and not staged:
        return Seen({}, json.dumps(before))
    latest = connection.query(LATEST)[0][0]
    found: Keys = {}
    for kind in sorted(kinds):
        for source, stream, key in keys_of(connection, kind, None if again else int(before["raw_id"])):
            found.setdefault((source, stream, kind), set()).add(key)
    return Seen(found, json.dumps({"raw_id": latest, "rules": rules}))


def keys_of(connection: Connection, kind: str, since: int | None) -> Sequence[tuple[Any, ...]]:
    """The names in `custom_json` of one kind: of all records, or of those that arrived since."""
    keys = KEYS[connection.dialect]
    if since is None:
        return connection.query(ALL.format(kind=kind, keys=keys))
    return connection.query(SINCE.format(kind=kind, keys=keys), (since, since))


# What is declared ----------------------------------------------------------------------------------------------------


def declared(
    connection: Connection,
    settings: StageSettings,
    streams: Iterable[Stream],
    keys: Keys,
) -> Iterator[Declared]:
    """A view for every kind of every stream."""
    labels: dict[Place, dict[str, str]] = {}
    for source, stream, name, label in connection.query(LABELS):
        labels.setdefault((source, stream), {})[name] = label
    for source, stream, mapping, _ in streams:
        rules = settings.sources.get(source) or SourceRules(HUB)
        overrides = {
            **(rules.fields.get("", {}) if holds_organizations(mapping) else {}),
            **rules.fields.get(stream, {}),
        }
        known = custom_fields(mapping, overrides, labels.get((source, stream), {}), rules.settings)
        alone = Mapping(rules.connector, {stream: mapping})
        rows = field_catalog(alone, {stream: overrides}, source)
        by_rows = {each.kind for each in (mapping, *mapping.variants.values())}
        for position, kind in enumerate(mapping.kinds):
            seen = sorted(keys.get((source, stream, kind), ()))
            paths: dict[str, list[tuple[str, str]]] = {}
            for row in rows:
                if row.kind == kind and row.target and not row.target.startswith((CUSTOM, "key.")):
                    paths.setdefault(row.target, []).append((row.path, row.cleaner))
            read_from = {target: joined(places) for target, places in paths.items()}
            own = known if kind in by_rows else []
            yield Declared(source, stream, kind, position == 0, furthers(own, seen), read_from)


def joined(places: list[tuple[str, str]]) -> tuple[str, str]:
    """The source fields of one target, the first with a value winning, and how they are cleaned."""
    return tuple(", ".join(dict.fromkeys(said)) for said in zip(*places, strict=True))  # type: ignore[return-value]


def furthers(known: list[CustomField], seen: list[str]) -> tuple[Further, ...]:
    """The custom fields of one view: those that are known of, then those that records hold besides."""
    names = {field.key for field in known}
    return (
        *(Further(field.key, field.label, field.path, field.cleaner) for field in known),
        *(Further(key) for key in seen if key not in names),
    )
