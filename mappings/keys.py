"""Keys: the identifying values of a staged organization, person or colleague, as rows of the one index.

A key tuple is (record, kind, scheme, normalized, original, entity, source), the order of `StagedOutput.keys`.
A host is one row of kind `host` and one of kind `domain` for what was registered. Where both are the same, which most
are, one row of kind `domain` and scheme `host` says both: `hosts_among` and `domains_among` read either.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from rigour.names import normalize_name

from mappings.clean.emails import email_domain
from mappings.clean.names import match_key
from mappings.clean.numbers import clean_registered
from mappings.clean.text import CACHED_VALUES, border_text
from mappings.clean.web import standing
from mappings.copy_keys import deal_keys, touchpoint_keys

KeyTuple: TypeAlias = tuple[str, str, str, str, str, str, str]
Written: TypeAlias = Mapping[str, object]

NOTHING_WRITTEN: Written = {}
HOST_ITSELF = "host"
"""The scheme of a `domain` key whose domain is the host, too."""
LONGEST_ORIGINAL = 500
TITLES = frozenset(
    "mr mrs ms miss mx dr prof professor herr frau hr fr ing dipl mag mme mlle sr sra dott".split()  # noqa: SIM905
)
"""What stands before a name and is no part of it."""
NUMBERED = frozenset({"crm_id", "registry"})
"""Kinds of numbers that need their scheme to mean anything."""


def organization_keys(row: Mapping[str, Any], written: Written = NOTHING_WRITTEN) -> list[KeyTuple]:
    """Keys of a staged organization: names, host, registrable domain, e-mail, phone; each once.

    A free-mail, hosting or platform host gives no host or domain key; its e-mail address still gives an e-mail key.
    written: what the source wrote, by target; the cleaned value stands in where it is not given.
    """
    keys: list[KeyTuple] = []
    place = (row["record"], "organization", row["source"])
    name, legal_name, others = row["name"], row.get("legal_name"), row.get("other_names_json")
    if normalized := match_key(name):
        _add(keys, place, "name", normalized, _original(written, "name", name))
    if legal_name and (normalized := match_key(legal_name)):
        _add(keys, place, "name", normalized, _original(written, "legal_name", legal_name))
    for other in json.loads(others) if others else ():
        if normalized := match_key(other):
            _add(keys, place, "name", normalized, other)
    if host := row.get("host"):
        add_host_keys(keys, place, host, _original(written, "website", host))
    if email := row.get("email"):
        original = _original(written, "email", email)
        _add(keys, place, "email", email, original)
        add_host_keys(keys, place, email_domain(email), original)
    _phone(keys, place, "phone", row, written)
    # One name, one host and one phone cannot repeat each other.
    return distinct_keys(keys) if legal_name or others or email else keys


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


KEYS_OF = {
    "organization": organization_keys,
    "person": person_keys,
    "colleague": colleague_keys,
    "deal": deal_keys,
    "touchpoint": touchpoint_keys,
}
"""The kinds that have keys, and the function that makes them."""


def further_keys(
    row: Mapping[str, Any], entity: str, key_kind: tuple[str, str], value: str, written: str
) -> list[KeyTuple]:
    """Keys of a cleaned value that a mapping row names as one; key_kind is (kind, scheme) of `key.registry.vat`.

    Raises Unreadable for a number that its register cannot have issued.
    """
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
    if kind == "registry":
        scheme, value = clean_registered(scheme, value, row.get("country"))
    keys.append(_key(place, kind, scheme, value, original))
    if kind == "email" and entity == "organization":
        add_host_keys(keys, place, email_domain(value), original)
    return keys


def distinct_keys(keys: Iterable[KeyTuple]) -> list[KeyTuple]:
    """The keys in order, each (record, kind, scheme, normalized) once: the first spelling stands as the original."""
    found: dict[tuple[str, ...], KeyTuple] = {}
    for key in keys:
        found.setdefault(key[:4], key)
    return list(found.values())


def hosts_among(keys: Iterable[tuple[str, str, str]]) -> list[str]:
    """The hosts among (kind, scheme, normalized) keys, each once."""
    return list(dict.fromkeys(value for kind, scheme, value in keys if "host" in (kind, scheme)))


def anchors_of(kind: str, scheme: str, normalized: str) -> tuple[str, ...]:
    """A key as `kind:value`, the form in which an organization holds it and a fact asks for it."""
    if kind in NUMBERED:
        return (f"crm_id:{scheme}:{normalized}",)
    anchor = f"{kind}:{normalized}"
    return (f"host:{normalized}", anchor) if scheme == HOST_ITSELF else (anchor,)


def domains_among(keys: Iterable[tuple[str, str, str]]) -> list[str]:
    """The registrable domains among (kind, scheme, normalized) keys, each once."""
    return list(dict.fromkeys(value for kind, _, value in keys if kind == "domain"))


@lru_cache(maxsize=CACHED_VALUES)
def person_name_key(name: str) -> str | None:
    """A person's name for comparing: words in lower case without punctuation and titles, sorted (`Miller, Ann`)."""
    words = (normalize_name(name) or "").split()
    return " ".join(sorted(word for word in words if word not in TITLES) or sorted(words)) or None


def add_host_keys(keys: list[KeyTuple], place: tuple[str, str, str], host: str, original: str) -> None:
    """Append host and domain keys of a cleaned host, unless it says nothing about an organization."""
    domain, generic = standing(host)
    if generic:
        return
    record, entity, source = place
    if domain == host:
        keys.append((record, "domain", HOST_ITSELF, host, original, entity, source))
        return
    keys.append((record, "host", "", host, original, entity, source))
    if domain:
        keys.append((record, "domain", "", domain, original, entity, source))


def _phone(
    keys: list[KeyTuple], place: tuple[str, str, str], target: str, row: Mapping[str, Any], written: Written
) -> None:
    if phone := row.get(target):
        # Compared without the extension: a switchboard is one number for everybody behind it.
        _add(keys, place, "phone", phone.partition(";")[0], _original(written, target, phone))


def _original(written: Written, target: str, cleaned: str) -> str:
    value = written.get(target)
    if value is cleaned or not isinstance(value, str):
        return cleaned
    return border_text(value)[:LONGEST_ORIGINAL].strip()


def _add(
    keys: list[KeyTuple], place: tuple[str, str, str], kind: str, normalized: str, original: str
) -> None:
    keys.append((place[0], kind, "", normalized, original, place[1], place[2]))


def _key(place: tuple[str, str, str], kind: str, scheme: str, normalized: str, original: str) -> KeyTuple:
    return (place[0], kind, scheme, normalized, original, place[1], place[2])
