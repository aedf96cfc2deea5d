"""Where a payload keeps its fields: read them, put one back, leave one out, call one by its former name.

For fields that went away at the source or are called otherwise there. Nothing here changes a payload it is given.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingABC
from typing import Any, Final

from mappings.rows import StreamMapping

EMPTY: Final[tuple[object, ...]] = (None, "", [], {})


def filled_fields(mapping: StreamMapping, payload: dict[str, Any]) -> dict[str, Any]:
    """The fields of a record that hold something, by their name in it."""
    found = {name: value for name, value in own_fields(mapping, payload).items() if value not in EMPTY}
    entries = ((str(one.get("gid")), one.get("display_value")) for one in _listed(mapping, payload))
    return found | {name: value for name, value in entries if value not in EMPTY}


def own_fields(mapping: StreamMapping, payload: dict[str, Any]) -> dict[str, Any]:
    """The fields of a record as they stand in it, empty ones included; without those it lists as objects."""
    base: Any = payload.get(mapping.base) if mapping.base else payload
    return base if isinstance(base, dict) else {}


def with_fields(mapping: StreamMapping, payload: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The payload with some of its own fields changed."""
    if not mapping.base:
        return {**payload, **changes}
    return {**payload, mapping.base: {**own_fields(mapping, payload), **changes}} if changes else payload


def put_back(
    mapping: StreamMapping, payload: dict[str, Any], earlier: dict[str, Any], names: Iterable[str]
) -> dict[str, Any]:
    """The payload with the values an earlier one had in the named fields, where it has none itself."""
    here, before = filled_fields(mapping, payload), filled_fields(mapping, earlier)
    missing = [name for name in names if name in before and name not in here]
    if not missing:
        return payload
    base = own_fields(mapping, earlier)
    whole = with_fields(mapping, payload, {name: base[name] for name in missing if name in base})
    if mapping.names:
        called = earlier.get(mapping.names) or {}
        known = {name: called[name] for name in missing if name in called}
        whole = {**whole, mapping.names: {**(whole.get(mapping.names) or {}), **known}}
    if mapping.listed:
        kept = [one for one in _listed(mapping, whole) if one.get("gid") not in missing]
        kept += [one for one in _listed(mapping, earlier) if one.get("gid") in missing]
        whole = {**whole, mapping.listed: kept}
    return whole


def filled_from(
    mapping: StreamMapping, payload: dict[str, Any], name: str, other: str, label: str
) -> dict[str, Any]:
    """The payload with a field, called `label`, that says what another one of its fields says."""
    base = own_fields(mapping, payload)
    if other not in base:
        entries = _listed(mapping, payload)
        copies = [{**one, "gid": name, "name": label} for one in entries if one.get("gid") == other]
        return {**payload, mapping.listed: entries + copies}
    whole = with_fields(mapping, payload, {name: base[other]})
    if mapping.names:
        whole = {**whole, mapping.names: {**(whole.get(mapping.names) or {}), name: label}}
    return whole


def without_field(mapping: StreamMapping, payload: dict[str, Any], name: str) -> dict[str, Any]:
    """The payload as it would be had it never had the field."""
    whole = with_fields(mapping, payload, {name: None}) if name in own_fields(mapping, payload) else payload
    if not mapping.listed:
        return whole
    return {**whole, mapping.listed: [one for one in _listed(mapping, whole) if one.get("gid") != name]}


def relabeled(
    mapping: StreamMapping, payload: dict[str, Any], labels: MappingABC[str, str]
) -> dict[str, Any]:
    """The payload with fields called as given: field → label. One that does not say labels stays as it is."""
    called = payload.get(mapping.names) if mapping.names else None
    if isinstance(called, dict):
        return {**payload, mapping.names: {name: labels.get(name, said) for name, said in called.items()}}
    if _listed(mapping, payload):
        entries = [
            {**one, "name": labels.get(str(one.get("gid")), one.get("name"))}
            for one in _listed(mapping, payload)
        ]
        return {**payload, mapping.listed: entries}
    return payload


def _listed(mapping: StreamMapping, payload: dict[str, Any]) -> list[dict[str, Any]]:
    found = payload.get(mapping.listed) if mapping.listed else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
