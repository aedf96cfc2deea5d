"""One entry under `sources:`: which connector, its settings, and what the hub does with it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from connectors.errors import SyncError
from connectors.record import Connector
from connectors.registry import connector_class, connector_names
from partnerhub.config import settings
from partnerhub.config.expect import Place
from partnerhub.config.fields import all_fields, organization_fields, require_field, stored_name
from partnerhub.config.model import ORGANIZATIONS, SourceConfig
from partnerhub.config.problems import closest
from partnerhub.config.references import resolve
from partnerhub.config.schedules import read_schedule

NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
MAIL_VISIBILITIES: Final = ("everything", "subject", "metadata", "private")
RESERVED: Final = frozenset({"hub"})


def read_sources(place: Place, folder: Path, *, with_settings: bool) -> dict[str, SourceConfig]:
    """Every source of the file, by name."""
    found: dict[str, SourceConfig] = {}
    for name, entry in place.entries("hubspot: {connector: hubspot, …}").items():
        check_name(name, entry)
        source = read_source(name, entry, folder, with_settings=with_settings)
        if source:
            found[name] = source
    return found


def check_name(name: str, place: Place) -> None:
    """A source's name is part of every record's key, so it is plain and lasts."""
    if name in RESERVED:
        place.note(f"`{name}` is kept for what people enter here.", "Choose another name.")
    elif not NAME.fullmatch(name):
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        do = f"Write `{plain}`." if NAME.fullmatch(plain) else "Begin with a letter."
        place.note("A source's name has lower-case letters, digits and _ only.", do)


def read_source(name: str, place: Place, folder: Path, *, with_settings: bool) -> SourceConfig | None:
    """One source, or None when not even its connector is known."""
    written = place.entries("connector: hubspot")
    connector = written.get("connector", place.child("connector")).one_of(connector_names(), "connector")
    if connector is None:
        return None
    own = {key: entry for key, entry in written.items() if key not in settings.SOURCE_KEYS}
    values = {key: resolved(entry, folder, needed=with_settings) for key, entry in own.items()}
    streams = written["streams"].texts("[companies, contacts]") if "streams" in written else None
    fields = read_fields(written["fields"]) if "fields" in written else {}
    if with_settings:
        values, offered = checked_settings(connector, values, name, folder, place)
        check_streams(written, streams or (), offered)
    return SourceConfig(
        name=name,
        connector=connector,
        settings=values,
        schedule=read_schedule(written.get("schedule")),
        priority=(written["priority"].whole_number(10) or 0) if "priority" in written else 0,
        fields=fields,
        streams=streams,
        quota=written["quota"].whole_number(250_000) if "quota" in written else None,
        mail_visibility=read_visibility(written.get("mail_visibility")),
    )


def read_visibility(place: Place | None) -> str | None:
    """How much of a source's mail others may see; None for what is not said."""
    return None if place is None else place.one_of(MAIL_VISIBILITIES, "visibility")


def resolved(place: Place, folder: Path, *, needed: bool) -> Any:
    """The plain value with references replaced; unresolved ones matter only when the settings are used."""
    return resolve(place.item.plain(), folder, place.note if needed else ignore)


def ignore(happened: str, do: str) -> None:
    """Say nothing about a reference nobody needs now."""
    del happened, do


def checked_settings(
    connector: str, values: dict[str, Any], source: str, folder: Path, place: Place
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The settings with absolute paths, and the streams the connector offers (none when they are not known)."""
    try:
        kind = connector_class(connector)
    except (SyncError, ImportError) as error:
        missing = f" ({error.name} is not installed)" if isinstance(error, ImportError) and error.name else ""
        place.note(
            f"The connector {connector} cannot be loaded{missing}.",
            "Install Partner Hub's requirements again.",
        )
        return values, ()
    values = settings.absolute_paths(kind, values, folder)
    built = settings.build(kind, values, source, place)
    return values, stream_names(built) if built else ()


def stream_names(connector: Connector) -> tuple[str, ...]:
    """The names of the streams a connector offers; none when it cannot say now (a file is not there yet)."""
    try:
        return tuple(stream.name for stream in connector.streams())
    except SyncError:
        return ()


def read_fields(place: Place) -> dict[str, dict[str, str]]:
    """Field overrides by stream; texts at the top belong to the stream of organizations."""
    found: dict[str, dict[str, str]] = {}
    for key, entry in place.entries("tier: partner_tier").items():
        if isinstance(entry.item.value, dict):
            found[key] = read_rows(entry.entries("title: jobtitle"), all_fields())
        else:
            found.setdefault(ORGANIZATIONS, {}).update(read_rows({key: entry}, organization_fields()))
    return found


def read_rows(entries: dict[str, Place], allowed: frozenset[str]) -> dict[str, str]:
    """Staged field ← source path, for fields that exist."""
    rows = {}
    for target, entry in entries.items():
        require_field(entry, target, allowed)
        path = entry.text("Its_Name_There")
        if path is not None:
            rows[stored_name(target)] = path
    return rows


def check_streams(written: dict[str, Place], streams: tuple[str, ...], offered: tuple[str, ...]) -> None:
    """Streams named under `streams` or `fields` must be offered (unless the connector cannot say)."""
    if not offered:
        return
    for name in streams:
        if name not in offered:
            written["streams"].note(f"There is no stream `{name}`.", closest(name, offered))
    if "fields" in written:
        for name, entry in written["fields"].entries("").items():
            if isinstance(entry.item.value, dict) and name not in offered:
                entry.note(f"There is no stream `{name}`.", closest(name, offered))
