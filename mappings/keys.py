"""Keys: the identifying values of a staged organization, person or colleague, as rows of the one index.

A key tuple is (record, kind, scheme, normalized, original, entity, source), the order of `StagedOutput.keys`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from rigour.names import normalize_name

from mappings.clean.emails import email_domain
from mappings.clean.names import match_key
from mappings.clean.text import CACHED_VALUES, border_text
from mappings.clean.web import is_generic_host, registrable_domain

KeyTuple: TypeAlias = tuple[str, str, str, str, str, str, str]
Written: TypeAlias = Mapping[str, object]

NOTHING_WRITTEN: Written = {}
LONGEST_ORIGINAL = 500


def organization_keys(row: Mapping[str, Any], written: Written = NOTHING_WRITTEN) -> list[KeyTuple]:
    """Keys of a staged organization: names, host, registrable domain, e-mail, phone; each once.

    A free-mail, hosting or platform host gives no host or domain key; its e-mail address still gives an e-mail key.
    written: what the source wrote, by target; the cleaned value stands in where it is not given.
    """
    keys: list[KeyTuple] = []
    place = (row["record"], "organization", row["source"])
    _names(keys, place, row, written)
    if host := row.get("host"):
        add_host_keys(keys, place, host, _original(written, "website", host))
    if email := row.get("email"):
        original = _original(written, "email", email)
        _add(keys, place, "email", email, original)
        add_host_keys(keys, place, email_domain(email), original)
    _phone(keys, place, "phone", row, written)
    return distinct_keys(keys)


def person_keys(row: Mapping[str, Any], written: Written = NOTHING_WRITTEN) -> list[KeyTuple]:
    """Keys of a staged person: e-mail, phones, name. An employer's host is not a person's key."""
    keys: list[KeyTuple] = []
    place = (row["record"], "person", row["source"])
    if email := row.get("email"):
        _add(keys, place, "email", email, _original(written, "email", email))
    _phone(keys, place, "phone", row, written)
    _phone(keys, place, "mobile", row, written)
    if (name := row.get("name")) and (normalized := person_name_key(name)):
        _add(keys, place, "name", normalized, name)
    return distinct_keys(keys)


def colleague_keys(row: Mapping[str, Any], written: Written = NOTHING_WRITTEN) -> list[KeyTuple]:
    """Keys of one of our own people: e-mail and name."""
    keys: list[KeyTuple] = []
    place = (row["record"], "colleague", row["source"])
    if email := row.get("email"):
        _add(keys, place, "email", email, _original(written, "email", email))
    if (name := row.get("name")) and (normalized := person_name_key(name)):
        _add(keys, place, "name", normalized, name)
    return distinct_keys(keys)


KEYS_OF = {"organization": organization_keys, "person": person_keys, "colleague": colleague_keys}
"""The kinds that have keys, and the function that makes them."""


def further_keys(
    row: Mapping[str, Any], entity: str, key_kind: tuple[str, str], value: str, written: str
) -> list[KeyTuple]:
    """Keys of a cleaned value that a mapping row names as one; key_kind is (kind, scheme) of `key.registry.vat`."""
    kind, scheme = key_kind
    keys: list[KeyTuple] = []
    place = (row["record"], entity, row["source"])
    original = border_text(written)[:LONGEST_ORIGINAL]
    if kind in {"host", "domain"}:
        add_host_keys(keys, place, value, original)
        return keys
    if kind == "name":
        name = match_key(value) if entity == "organization" else person_name_key(value)
        return [_key(place, "name", "", name, original)] if name else []
    if kind == "phone":
        value = value.partition(";")[0]
    keys.append(_key(place, kind, scheme, value, original))
    if kind == "email" and entity == "organization":
        add_host_keys(keys, place, email_domain(value), original)
    return keys


def distinct_keys(keys: list[KeyTuple]) -> list[KeyTuple]:
    """The keys in order, each (record, kind, scheme, normalized) once: the first spelling stands as the original."""
    if len({key[:4] for key in keys}) == len(keys):
        return keys
    found: dict[tuple[str, ...], KeyTuple] = {}
    for key in keys:
        found.setdefault(key[:4], key)
    return list(found.values())


@lru_cache(maxsize=CACHED_VALUES)
def person_name_key(name: str) -> str | None:
    """A person's name for comparing: casefolded, without punctuation; word order as written."""
    return normalize_name(name)


def add_host_keys(keys: list[KeyTuple], place: tuple[str, str, str], host: str, original: str) -> None:
    """Append host and domain keys of a cleaned host, unless it says nothing about an organization."""
    if is_generic_host(host):
        return
    _add(keys, place, "host", host, original)
    if domain := registrable_domain(host):
        _add(keys, place, "domain", domain, original)


def _names(
    keys: list[KeyTuple], place: tuple[str, str, str], row: Mapping[str, Any], written: Written
) -> None:
    for target in ("name", "legal_name"):
        if (name := row.get(target)) and (normalized := match_key(name)):
            _add(keys, place, "name", normalized, _original(written, target, name))
    if others := row.get("other_names_json"):
        for name in json.loads(others):
            if normalized := match_key(name):
                _add(keys, place, "name", normalized, name)


def _phone(
    keys: list[KeyTuple], place: tuple[str, str, str], target: str, row: Mapping[str, Any], written: Written
) -> None:
    if phone := row.get(target):
        # Compared without the extension: a switchboard is one number for everybody behind it.
        _add(keys, place, "phone", phone.partition(";")[0], _original(written, target, phone))


def _original(written: Written, target: str, cleaned: str) -> str:
    value = written.get(target)
    return border_text(value)[:LONGEST_ORIGINAL].strip() if isinstance(value, str) else cleaned


def _add(
    keys: list[KeyTuple], place: tuple[str, str, str], kind: str, normalized: str, original: str
) -> None:
    keys.append((place[0], kind, "", normalized, original, place[1], place[2]))


def _key(place: tuple[str, str, str], kind: str, scheme: str, normalized: str, original: str) -> KeyTuple:
    return (place[0], kind, scheme, normalized, original, place[1], place[2])
