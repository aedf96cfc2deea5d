"""One entry under `sources:`: which connector, its settings, and what the hub does with it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from connectors.errors import SyncError
from connectors.record import Connector
from connectors.registry import connector_class, connector_names
from partnerhub.config import expect, settings
from partnerhub.config.document import Marked
from partnerhub.config.expect import Findings
from partnerhub.config.model import ORGANIZATIONS, SourceConfig
from partnerhub.config.problems import closest
from partnerhub.config.references import resolve
from partnerhub.config.schedules import schedule

NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
RESERVED: Final = frozenset({"hub"})


def read_sources(
    item: Marked, folder: Path, findings: Findings, *, with_settings: bool
) -> dict[str, SourceConfig]:
    """Every source of the file, by name."""
    found: dict[str, SourceConfig] = {}
    for name, entry in expect.mapping(item, "sources", findings, "hubspot: {connector: hubspot, …}").items():
        check_name(name, entry, findings)
        source = read_source(name, entry, folder, findings, with_settings=with_settings)
        if source:
            found[name] = source
    return found


def check_name(name: str, item: Marked, findings: Findings) -> None:
    """A source's name is part of every record's key, so it is plain and lasts."""
    if name in RESERVED:
        findings.note(
            item.line,
            f"sources.{name}",
            f"`{name}` is kept for what people enter here.",
            "Choose another name.",
        )
    elif not NAME.fullmatch(name):
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        do = f"Write `{plain}`." if NAME.fullmatch(plain) else "Begin with a letter."
        findings.note(
            item.line, f"sources.{name}", "A source's name has lower-case letters, digits and _ only.", do
        )


def read_source(
    name: str, item: Marked, folder: Path, findings: Findings, *, with_settings: bool
) -> SourceConfig | None:
    """One source, or None when not even its connector is known."""
    where = f"sources.{name}"
    written = expect.mapping(item, where, findings, "connector: hubspot")
    connector = read_connector_name(written, item.line, where, findings)
    if connector is None:
        return None
    own = {key: value for key, value in written.items() if key not in settings.SOURCE_KEYS}
    values = {
        key: resolve_setting(value, f"{where}.{key}", folder, findings, with_settings)
        for key, value in own.items()
    }
    streams = read_streams(written, where, findings)
    fields = read_fields(written, where, findings)
    if with_settings:
        values, offered = checked_settings(connector, values, own, folder, item.line, where, findings)
        check_streams(written, streams, fields, offered, where, findings)
    return SourceConfig(
        name=name,
        connector=connector,
        settings=values,
        schedule=schedule(written["schedule"], f"{where}.schedule", findings)
        if "schedule" in written
        else None,
        priority=read_priority(written, where, findings),
        fields=fields,
        streams=streams,
    )


def read_connector_name(written: dict[str, Marked], line: int, where: str, findings: Findings) -> str | None:
    """Which connector; reported when missing or unknown."""
    known = connector_names()
    item = written.get("connector")
    if item is None:
        findings.note(
            line,
            where,
            "It is not said which system this is.",
            f"Add `connector:` with one of: {', '.join(known)}.",
        )
        return None
    if item.value not in known:
        findings.note(
            item.line, f"{where}.connector", "There is no such connector.", closest(str(item.value), known)
        )
        return None
    return str(item.value)


def resolve_setting(item: Marked, where: str, folder: Path, findings: Findings, needed: bool) -> Any:
    """The plain value with references replaced; unresolved ones matter only when the settings are used."""

    def report(happened: str, do: str) -> None:
        if needed:
            findings.note(item.line, where, happened, do)

    return resolve(item.plain(), folder, report)


def checked_settings(
    connector: str,
    values: dict[str, Any],
    written: dict[str, Marked],
    folder: Path,
    line: int,
    where: str,
    findings: Findings,
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The settings with absolute paths, and the streams the connector offers (none when they are not known)."""
    try:
        kind = connector_class(connector)
    except SyncError as error:
        findings.note(line, f"{where}.connector", error.happened, error.do)
        return values, ()
    values = settings.absolute_paths(kind, values, folder)
    built = settings.build(kind, values, written, line, where, findings)
    return values, stream_names(built) if built else ()


def stream_names(connector: Connector) -> tuple[str, ...]:
    """The names of the streams a connector offers; none when it cannot say without a connection."""
    try:
        return tuple(stream.name for stream in connector.streams())
    except SyncError:
        return ()


def read_priority(written: dict[str, Marked], where: str, findings: Findings) -> int:
    """The survivorship rank, 0 when not given."""
    item = written.get("priority")
    return (expect.whole_number(item, f"{where}.priority", findings, 10) or 0) if item else 0


def read_streams(written: dict[str, Marked], where: str, findings: Findings) -> tuple[str, ...] | None:
    """The chosen streams, or None for all."""
    item = written.get("streams")
    return expect.texts(item, f"{where}.streams", findings, "[companies, contacts]") if item else None


def read_fields(written: dict[str, Marked], where: str, findings: Findings) -> dict[str, dict[str, str]]:
    """Field overrides by stream; texts at the top belong to the stream of organizations."""
    if "fields" not in written:
        return {}
    place = f"{where}.fields"
    found: dict[str, dict[str, str]] = {}
    for key, item in expect.mapping(written["fields"], place, findings, "tier: partner_tier").items():
        if isinstance(item.value, dict):
            for target, path in item.value.items():
                add_field(found.setdefault(key, {}), target, path, f"{place}.{key}", findings)
        else:
            add_field(found.setdefault(ORGANIZATIONS, {}), key, item, place, findings)
    return found


def add_field(fields: dict[str, str], target: str, item: Marked, where: str, findings: Findings) -> None:
    """One override: staged field ← source path."""
    path = expect.text(item, f"{where}.{target}", findings, f"{target}: Its_Name_There")
    if path is not None:
        fields[target] = path


def check_streams(
    written: dict[str, Marked],
    streams: tuple[str, ...] | None,
    fields: dict[str, dict[str, str]],
    offered: tuple[str, ...],
    where: str,
    findings: Findings,
) -> None:
    """Streams that are named, under `streams` or `fields`, must be offered, and staged fields must exist."""
    if offered:
        for name in streams or ():
            if name not in offered:
                do = closest(name, offered)
                findings.note(
                    written["streams"].line, f"{where}.streams", f"There is no stream `{name}`.", do
                )
        for name in fields:
            if name != ORGANIZATIONS and name not in offered:
                line = written["fields"].line
                findings.note(
                    line, f"{where}.fields.{name}", f"There is no stream `{name}`.", closest(name, offered)
                )
    check_targets(written, fields, where, findings)


def check_targets(
    written: dict[str, Marked], fields: dict[str, dict[str, str]], where: str, findings: Findings
) -> None:
    """Staged fields that are filled must exist; new ones are called `custom.<name>`."""
    for stream, rows in fields.items():
        allowed = staged_fields(organizations=stream == ORGANIZATIONS)
        for target in rows:
            if target in allowed or target.startswith("custom."):
                continue
            line = field_line(written["fields"], stream, target)
            place = ".".join(part for part in (where, "fields", stream, target) if part)
            near = closest(target, allowed)
            do = (
                near
                if near.count(",") == 0
                else f"Write a field of `partnerhub mappings`, or `custom.{target}`."
            )
            findings.note(line, place, f"There is no field `{target}`.", do)


def field_line(item: Marked, stream: str, target: str) -> int:
    """The line on which an override stands."""
    rows = item.value if isinstance(item.value, dict) else {}
    inner = rows[stream].value if stream else rows
    return inner[target].line if isinstance(inner, dict) else item.line


def staged_fields(*, organizations: bool) -> frozenset[str]:
    """The canonical fields a row may fill: those of an organization, or of any kind."""
    from mappings.canonical import STAGED_KINDS, Organization, Staged

    kinds = (Organization,) if organizations else STAGED_KINDS
    own = {name for kind in kinds for name in kind.model_fields} - set(Staged.model_fields)
    return frozenset(own | {"created_at", "modified_at", "deleted_at"})
