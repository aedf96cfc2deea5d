"""Which addresses are told of changes, of which kinds, and how often: `changes:`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from partnerhub.config.alerts import Reader, Webhook, read_webhook
from partnerhub.config.schedules import read_schedule
from warehouse.changes.endpoints import LINEAGE
from warehouse.changes.kinds import GROUPS, KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from partnerhub.config.expect import Place

CHANGES_KEYS: Final = ("webhooks", "schedule")
WEBHOOK_KEYS: Final = ("url", "secret", "kinds", "values")
OFTEN: Final = "*/5 * * * *"
NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
EXAMPLE: Final = "webhooks: {crm: {url: ${CRM_URL}, secret: ${CRM_SECRET}}}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that is told. kinds: words of `warehouse.changes.kinds`; none: all. values: with what fields held."""

    name: str
    webhook: Webhook
    kinds: tuple[str, ...] = ()
    values: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """webhooks: by name. schedule: cron by which they are told, or None: by hand."""

    webhooks: Mapping[str, Endpoint] = field(default_factory=dict)
    schedule: str | None = OFTEN


def read_changes(place: Place, folder: Path, *, with_settings: bool) -> Changes:
    """What a configuration says of telling others. Without settings, references may lead nowhere."""
    if place.item.value is None:
        return Changes()
    found = place.known_entries(CHANGES_KEYS, EXAMPLE)
    reader = Reader(folder, needed=with_settings)
    listed = (
        found["webhooks"].entries("crm: {url: ${CRM_URL}, secret: ${CRM_SECRET}}")
        if "webhooks" in found
        else {}
    )
    return Changes(
        {name: read_endpoint(name, each, reader) for name, each in listed.items()},
        read_schedule(found.get("schedule"), usual=OFTEN),
    )


def read_endpoint(name: str, place: Place, reader: Reader) -> Endpoint:
    """One address with its secret, and what it is told of."""
    if not NAME.fullmatch(name) or name == LINEAGE:
        place.note(f"`{name}` is no name of a webhook.", "Use small letters, digits and underscores.")
    found = place.known_entries(WEBHOOK_KEYS, "url: ${CRM_URL}")
    kinds = tuple(
        word
        for word in (
            each.one_of((*GROUPS, *KINDS), "kind of change") for each in elements(found.get("kinds"))
        )
        if word
    )
    values = found["values"].item.value if "values" in found else False
    if not isinstance(values, bool):
        found["values"].note("This must be true or false.", "Write `values: true`.")
    address = {key: each for key, each in found.items() if key in {"url", "secret"}}
    return Endpoint(name, read_webhook(place, reader, address), kinds, values is True)


def elements(place: Place | None) -> list[Place]:
    """The items of a list that may be left out."""
    return place.elements() if place is not None else []
