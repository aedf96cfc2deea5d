"""Fields that a change reads from a place where no record says anything, as a misspelled name does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.settings import stage_settings
from pipelines.stage.packed import TABLES, staged_columns
from pipelines.stage.rules import ORGANIZATION, stream_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnerhub.config import HubConfig
    from pipelines.stage.rules import StageSettings
    from warehouse.database import Connection


def unfilled(before: HubConfig, after: HubConfig, made: Connection) -> list[str]:
    """A note for each field that is mapped otherwise and that no staged record fills. made: staged by the new rules.

    Sources that nothing landed from are passed over, and keys and custom fields, which are no columns.
    """
    was, now = stage_settings(before), stage_settings(after)
    return [
        f"No record of {source} fills `{field}` from `{path}`: `partnerhub mappings {source}` lists the fields it has."
        for source, stream, field, path in mapped_otherwise(was, now)
        if is_empty(made, now, (source, stream), field)
    ]


def mapped_otherwise(was: StageSettings, now: StageSettings) -> Iterator[tuple[str, str, str, str]]:
    """Source, stream (empty: whatever holds organizations), field and path of each row the change brings."""
    for source, rules in now.sources.items():
        former = was.sources[source].fields if source in was.sources else {}
        for stream, fields in rules.fields.items():
            for field, path in fields.items():
                if former.get(stream, {}).get(field) != path:
                    yield source, stream, field, path


def is_empty(made: Connection, settings: StageSettings, names: tuple[str, str], field: str) -> bool:
    """Whether records were staged there and none of them has the field."""
    source, stream = names
    rules = stream_rules(settings, source, stream) if stream else None
    kind = (rules.mapping.kind if rules else None) or ORGANIZATION
    if field not in staged_columns(kind):
        return False
    place, values = ("source = ? AND stream = ?", names) if stream else ("source = ?", (source,))
    staged = f"SELECT 1 FROM {TABLES[kind]} WHERE {place}"
    return (
        made.one(f"{staged} LIMIT 1", values) is not None
        and made.one(f"{staged} AND {field} IS NOT NULL LIMIT 1", values) is None
    )
