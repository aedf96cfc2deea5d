"""Organizations that a work tool names in words: the domain, CRM id or name in a custom field "Partner".

A mapping stages such a value as a relation to `domain:<site>`, `crm_id:<scheme>:<id>` or `name:<text>`, since it cannot
know the record of another source. Here it becomes an anchor, spelled as organizations hold it. Pure but for
`streams_of` and `connectors_by_source`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mappings.clean.names import match_key
from mappings.clean.unreadable import Unreadable
from mappings.clean.web import clean_host, is_generic_host, registrable_domain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from warehouse.database import Connection

ANY_CRM = "crm"
"""The scheme of an id whose CRM the tool does not name."""

CASES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
SHORT_ID = re.compile(r"[0-9a-zA-Z]{15}")
SHORT_ID_CASES = 5
SALESFORCE = frozenset({"salesforce", "sfdc"})
NUMBERED = "00"
"""How ids of Salesforce's standard objects begin: an id of no named CRM is only taken for one when it does, too."""


def anchors_stated(target: str) -> list[tuple[str, str]]:
    """(method, anchor) a relation's end stands for; a record key stands for itself. Empty for what names nobody."""
    form, _, said = target.partition(":")
    match form:
        case "domain":
            return site_anchors(said)
        case "crm_id":
            scheme, _, number = said.partition(":")
            return [("crm_id", id_anchor(scheme, number))] if number.strip() else []
        case "name":
            key = match_key(said)
            return [("name", f"name:{key}")] if key else []
    return [("crm_id", f"record:{target}")]


def site_anchors(said: str) -> list[tuple[str, str]]:
    """The host and what was registered of it; nothing for free mail, platforms and what is no host."""
    try:
        host = clean_host(said.rpartition("@")[2])
    except Unreadable:
        return []
    if host is None or is_generic_host(host):
        return []
    domain = registrable_domain(host)
    found = [("host", f"host:{host}")] if host != domain else []
    return found + ([("domain", f"domain:{domain}")] if domain else [])


def id_anchor(scheme: str, number: str) -> str:
    """The anchor of a record id: `crm_id:<scheme in lower case>:<id>`, a Salesforce id in its 18 characters."""
    scheme, number = scheme.strip().casefold(), number.strip()
    is_short = SHORT_ID.fullmatch(number) and (
        scheme in SALESFORCE or (scheme == ANY_CRM and number.startswith(NUMBERED))
    )
    return f"crm_id:{scheme}:{long_id(number) if is_short else number}"


def long_id(number: str) -> str:
    """The 18 characters of a Salesforce id of 15: three more say which letters are capitals, five by five."""
    parts = (number[at : at + SHORT_ID_CASES] for at in range(0, len(number), SHORT_ID_CASES))
    return number + "".join(
        CASES[sum(1 << at for at, letter in enumerate(part) if letter.isupper())] for part in parts
    )


def anchors_of_record(record: str, connectors: Mapping[str, str]) -> list[str]:
    """The id anchors a source record answers to: by its source's connector, its source's name, and as any CRM's."""
    source, _, number = record.split("/", 2)
    schemes = {connectors.get(source, source), source, ANY_CRM}
    return [id_anchor(scheme, number.replace("%23", "#")) for scheme in sorted(schemes)]


def records_of(anchor: str, streams: Iterable[tuple[str, str]], connectors: Mapping[str, str]) -> list[str]:
    """The record keys that would answer to an id anchor, in the streams there are."""
    _, scheme, number = anchor.split(":", 2)
    number = number.replace("#", "%23")
    return [
        f"{source}/{stream}/{number}"
        for source, stream in streams
        if scheme in (ANY_CRM, source.casefold(), connectors.get(source))
    ]


def streams_of(connection: Connection, name: str) -> list[tuple[str, str]]:
    """The (source, stream) pairs a staged table holds: one step down the primary key each."""
    found: list[tuple[str, str]] = []
    after = ""
    while True:
        row = connection.one(f"SELECT min(record) FROM {name} WHERE record > ?", (after,))
        if row is None or row[0] is None:
            return found
        source, stream, _ = row[0].split("/", 2)
        found.append((source, stream))
        after = f"{source}/{stream}0"  # the character after the slash: past every record of the stream


def connectors_by_source(connection: Connection) -> dict[str, str]:
    """Which connector each source is read by."""
    return dict(connection.query("SELECT source, connector FROM source"))
