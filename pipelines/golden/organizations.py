"""Golden organizations, recomputed whole from their staged records: the row, where each value is from, partnerships.

What comes out is compared with what stands; only differences are written. Every identifier an organization gains or
loses is handed on, because facts anchored there may belong elsewhere now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from partnerhub.identity.survivorship import Choice, names_of, sorted_list, survive
from pipelines.golden.partners import Declared, declared_by
from pipelines.golden.reading import GONE, KEY_FIELDS, RECORD_FIELDS, VALUES, Before, Chunk, as_record
from pipelines.golden.stated import anchors_of_record

if TYPE_CHECKING:
    from pipelines.golden.settings import PublishSettings

FIRST_VALUE = len(KEY_FIELDS)
EVERY_FIELD = "*"
ORGANIZATION_COLUMNS = ("organization_id", *VALUES, "rules", "anchors_json")
GOLDEN_VALUE_COLUMNS = ("organization_id", "field", "value", "record", "raw_id", "rule", "others_json")
PARTNERSHIP_COLUMNS = ("organization_id", "program", "record", "rule", "since_at")

Row = tuple[Any, ...]


@dataclass(slots=True)
class Golden:
    """One organization as it has to be published: None for `values` when no record is left."""

    organization_id: str
    values: Row | None
    records: list[str]
    anchors: list[str]
    provenance: list[Row] = field(default_factory=list)
    partnerships: list[Declared] = field(default_factory=list)


def recompute(chunk: Chunk, settings: PublishSettings) -> list[Golden]:
    """Every organization of a chunk as it has to be published, in id order."""
    return [golden(organization_id, chunk, settings) for organization_id in chunk.ids]


def golden(organization_id: str, chunk: Chunk, settings: PublishSettings) -> Golden:
    """One organization from all its staged records."""
    rows = chunk.records.get(organization_id)
    if not rows:
        return Golden(organization_id, None, [], [])
    pins = chunk.pins.get(organization_id, {})
    if len(rows) == 1 and not pins:
        values, provenance = copied(organization_id, rows[0])
    else:
        values, provenance = survived(organization_id, [as_record(row) for row in rows], pins, settings)
    keys = [row[0] for row in rows]
    return Golden(
        organization_id,
        values,
        keys,
        chunk.anchors.get(organization_id, []),
        provenance,
        partnerships(rows, settings),
    )


def partnerships(rows: Sequence[Row], settings: PublishSettings) -> list[Declared]:
    """What the records declare; records of sources without a rule are not even opened."""
    sources = settings.declaring
    records = [as_record(row) for row in rows if row[SOURCE] in sources]
    return declared_by(records, settings.partner_rules) if records else []


def copied(organization_id: str, row: Row) -> tuple[Row, list[Row]]:
    """The short way for an organization with one record, which is most of them: equal to what survivorship says."""
    values = row[FIRST_VALUE:]
    if any(row[place] is not None for place in TIDIED):
        record = as_record(row)
        tidied = {name: tidy(record) for name, tidy in TIDIERS.items()}
        values = tuple([tidied[name] if name in tidied else record[name] for name in VALUES])
    return values, [(organization_id, EVERY_FIELD, "", row[0], row[1], "only", None)]


def other_names(record: Mapping[str, Any]) -> str | None:
    """The further names of a single record."""
    if record["other_names_json"] is None:
        return None
    published = {str(name).casefold() for name in (record["name"], record["legal_name"]) if name}
    found = {name.casefold(): name for name in reversed(names_of(record)) if name.casefold() not in published}
    return sorted_list(found.values()) if found else None


def as_set(name: str, record: Mapping[str, Any]) -> str | None:
    """A JSON list, sorted and each item once; null for an empty one."""
    items = set(map(str, orjson.loads(record[name]))) if record[name] else set()
    return sorted_list(items) if items else None


def custom(record: Mapping[str, Any]) -> str | None:
    """Custom fields without those that say nothing."""
    fields = orjson.loads(record["custom_json"]) if record["custom_json"] else {}
    found = {name: value for name, value in fields.items() if value is not None}
    return json_text(found) if found else None


TIDIERS: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
    "other_names_json": other_names,
    "roles_json": partial(as_set, "roles_json"),
    "labels_json": partial(as_set, "labels_json"),
    "custom_json": custom,
}
"""Fields of a single record that are not published as they stand."""

TIDIED = tuple(RECORD_FIELDS.index(name) for name in TIDIERS)
SOURCE = RECORD_FIELDS.index("source")


def survived(
    organization_id: str,
    records: Sequence[Mapping[str, Any]],
    pins: Mapping[str, str | None],
    settings: PublishSettings,
) -> tuple[Row, list[Row]]:
    """Values and provenance by the survivorship rules."""
    chosen = survive(records, pins, settings.survivorship)
    found: dict[str, Any] = {name: choice.value for name, choice in chosen.items()}
    fields = {name.removeprefix("custom."): found[name] for name in chosen if name.startswith("custom.")}
    fields = {name: value for name, value in fields.items() if value is not None}
    living = [record for record in records if record["deleted_at"] is None]
    found["custom_json"] = json_text(fields) if fields else None
    found["record_count"] = len(living)
    found["deleted_at"] = None if living else max(record["deleted_at"] for record in records)
    provenance = [provenance_row(organization_id, name, chosen[name]) for name in sorted(chosen)]
    return tuple([found.get(name) for name in VALUES]), provenance


def provenance_row(organization_id: str, name: str, choice: Choice) -> Row:
    """One row of `golden_value`."""
    value = (
        ""
        if choice.value is None
        else choice.value
        if isinstance(choice.value, str)
        else json_text(choice.value)
    )
    others = [{"record": record, "value": said} for record, said in choice.others]
    return (
        organization_id, name, value, choice.record, choice.raw_id, choice.rule, json_text(others) if others else None,
    )  # fmt: skip


def organization_row(published: Golden, rules: str) -> Row:
    """The row of table `organization`."""
    assert published.values is not None  # noqa: S101  # callers leave out what has no record
    anchors = json_text(published.anchors) if published.anchors else None
    return (published.organization_id, *published.values, rules, anchors)


def changed_anchors(published: Golden, before: Before | None, connectors: Mapping[str, str]) -> Iterable[str]:
    """The identifiers that came to or left an organization, or whose last living holder changed.

    A fact whose host is its own registrable domain is linked by the domain alone, so a host stands for both.
    connectors: by source.
    """
    former = before or Before()
    keys = {key.removeprefix(GONE) for key in set(former.anchors) ^ set(published.anchors)}
    hosts = {f"domain:{key.removeprefix('host:')}" for key in keys if key.startswith("host:")}
    records = set(former.records) ^ set(published.records)
    if any(key.startswith("domain:") for key in keys):
        # Another domain changes what can be a copy of a touchpoint that only names the record.
        records |= set(published.records)
    numbers = {number for record in records for number in anchors_of_record(record, connectors)}
    return keys | hosts | numbers | {f"record:{record}" for record in records}


def json_text(value: Any) -> str:
    """JSON with sorted keys, as the warehouse stores it."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
