"""Golden organizations, recomputed whole from their staged records: the row, where each value is from, partnerships.

What comes out is compared with what stands; only differences are written. Every identifier an organization gains or
loses is handed on, because facts anchored there may belong elsewhere now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson

from partnerhub.identity.survivorship import Choice, names_of, sorted_list, survive
from pipelines.golden.partners import Declared, declared_by
from pipelines.golden.reading import GONE, VALUES, Before, Chunk

if TYPE_CHECKING:
    from pipelines.golden.settings import PublishSettings

DERIVED = frozenset({"custom_json", "record_count", "deleted_at"})
COPIED = tuple(name for name in VALUES if name not in DERIVED and name != "other_names_json")
EVERY_FIELD = "*"
ORGANIZATION_COLUMNS = ("organization_id", *VALUES, "content_hash", "rules", "anchors_json")
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
    content_hash: str = ""
    provenance: list[Row] = field(default_factory=list)
    partnerships: list[Declared] = field(default_factory=list)


def recompute(chunk: Chunk, settings: PublishSettings) -> list[Golden]:
    """Every organization of a chunk as it has to be published, in id order."""
    return [golden(organization_id, chunk, settings) for organization_id in chunk.ids]


def golden(organization_id: str, chunk: Chunk, settings: PublishSettings) -> Golden:
    """One organization from all its staged records."""
    records = chunk.records.get(organization_id, [])
    if not records:
        return Golden(organization_id, None, [], [])
    pins = chunk.pins.get(organization_id, {})
    if len(records) == 1 and not pins:
        values, provenance = copied(organization_id, records[0])
    else:
        values, provenance = survived(organization_id, records, pins, settings)
    keys = [str(record["record"]) for record in records]
    return Golden(
        organization_id,
        values,
        keys,
        chunk.anchors.get(organization_id, []),
        blake2b(orjson.dumps([values, keys]), digest_size=12).hexdigest(),
        provenance,
        declared_by(records, settings.partner_rules),
    )


def copied(organization_id: str, record: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    """The short way for an organization with one record, which is most of them: equal to what survivorship says."""
    found = {name: record[name] for name in COPIED}
    found["other_names_json"] = other_names(record)
    found["roles_json"] = as_set(record["roles_json"])
    found["labels_json"] = as_set(record["labels_json"])
    found["custom_json"] = tidy(record["custom_json"])
    found["deleted_at"] = record["deleted_at"]
    found["record_count"] = int(record["deleted_at"] is None)
    provenance = [(organization_id, EVERY_FIELD, "", record["record"], record["raw_id"], "only", None)]
    return tuple([found[name] for name in VALUES]), provenance


def other_names(record: Mapping[str, Any]) -> str | None:
    """The further names of a single record."""
    if record["other_names_json"] is None:
        return None
    published = {str(name).casefold() for name in (record["name"], record["legal_name"]) if name}
    found = {name.casefold(): name for name in reversed(names_of(record)) if name.casefold() not in published}
    return sorted_list(found.values()) if found else None


def as_set(listed: str | None) -> str | None:
    """A JSON list, sorted and each item once; null for an empty one."""
    items = set(map(str, orjson.loads(listed))) if listed else set()
    return sorted_list(items) if items else None


def tidy(custom: str | None) -> str | None:
    """Custom fields without those that say nothing."""
    found = {name: value for name, value in orjson.loads(custom).items() if value is not None} if custom else {}
    return json_text(found) if found else None


def survived(
    organization_id: str, records: Sequence[Mapping[str, Any]], pins: Mapping[str, str | None], settings: PublishSettings
) -> tuple[Row, list[Row]]:
    """Values and provenance by the survivorship rules."""
    chosen = survive(records, pins, settings.survivorship)
    found: dict[str, Any] = {name: choice.value for name, choice in chosen.items()}
    custom = {name.removeprefix("custom."): found[name] for name in chosen if name.startswith("custom.")}
    custom = {name: value for name, value in custom.items() if value is not None}
    living = [record for record in records if record["deleted_at"] is None]
    found["custom_json"] = json_text(custom) if custom else None
    found["record_count"] = len(living)
    found["deleted_at"] = None if living else max(record["deleted_at"] for record in records)
    provenance = [provenance_row(organization_id, name, chosen[name]) for name in sorted(chosen)]
    return tuple([found.get(name) for name in VALUES]), provenance


def provenance_row(organization_id: str, name: str, choice: Choice) -> Row:
    """One row of `golden_value`."""
    value = "" if choice.value is None else choice.value if isinstance(choice.value, str) else json_text(choice.value)
    others = [{"record": record, "value": said} for record, said in choice.others]
    return (
        organization_id, name, value, choice.record, choice.raw_id, choice.rule, json_text(others) if others else None,
    )  # fmt: skip


def organization_row(published: Golden, rules: str) -> Row:
    """The row of table `organization`."""
    assert published.values is not None  # noqa: S101  # callers leave out what has no record
    anchors = json_text(published.anchors) if published.anchors else None
    return (published.organization_id, *published.values, published.content_hash, rules, anchors)


def changed_anchors(published: Golden, before: Before | None) -> Iterable[str]:
    """The identifiers that came to or left an organization, or whose last living holder changed.

    A fact whose host is its own registrable domain is linked by the domain alone, so a host stands for both.
    """
    former = before or Before()
    keys = {key.removeprefix(GONE) for key in set(former.anchors) ^ set(published.anchors)}
    hosts = {f"domain:{key.removeprefix('host:')}" for key in keys if key.startswith("host:")}
    records = set(former.records) ^ set(published.records)
    return keys | hosts | {f"record:{record}" for record in records}


def json_text(value: Any) -> str:
    """JSON with sorted keys, as the warehouse stores it."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
