"""The configuration of one hub, as the rest of the program sees it: typed, complete, immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partnerhub.config.alerts import Alerts
from partnerhub.config.changes import Changes
from partnerhub.config.contracts import Contracts
from partnerhub.config.export import Export
from partnerhub.config.guard import Guard
from partnerhub.config.lineage import Lineage
from partnerhub.config.matching import Matching
from partnerhub.config.signals import Thresholds
from partnerhub.config.web import Web

if TYPE_CHECKING:
    from connectors.record import Connector

ORGANIZATIONS = ""
"""Key of `SourceConfig.fields` for the stream that holds organizations (flat `fields:` in the file)."""

DEFAULT_PROGRAM = "default"


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One source system under its own name.

    settings: what the connector's settings class takes, references resolved; may hold secrets, so it is never shown.
    schedule: cron of five fields, or None for a source that is only synced by hand.
    priority: survivorship rank; the higher one wins. Equal ranks are broken by recency.
    fields: stream → {staged field: source path}; the stream `ORGANIZATIONS` ("") is the one that holds organizations.
    streams: the streams to pull, in the connector's order; None for all.
    quota: requests a day the vendor allows this account; None for what the connector knows.
    mail_visibility: how much of its mail others than the mailbox's owner see: everything, subject, metadata or private;
        None for the least. What leaves the mailbox at all is the connector's own setting.
    """

    name: str
    connector: str
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    schedule: str | None = None
    priority: int = 0
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    streams: tuple[str, ...] | None = None
    quota: int | None = None
    mail_visibility: str | None = None

    def fields_of(self, stream: str, *, organizations: bool) -> dict[str, str]:
        """The overrides for one stream: staged field → source path. `organizations`: whether it holds organizations."""
        flat = self.fields.get(ORGANIZATIONS, {}) if organizations else {}
        return {**flat, **self.fields.get(stream, {})}


@dataclass(frozen=True, slots=True)
class PartnerRule:
    """Organizations of one source that are partners: all of them, or those whose staged fields hold a listed value.

    where: staged field → accepted values; every field must match (one value of a list suffices), without
        regard to case. Lists go by their plain name (`labels`); custom fields are `custom.<name>`.
    """

    source: str
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    program: str = DEFAULT_PROGRAM


@dataclass(frozen=True, slots=True)
class HubConfig:
    """Everything `partnerhub.yaml` says.

    path: the file itself; relative paths in it are relative to its folder.
    warehouse_url: absolute; may hold a password, so it is never shown (see `warehouse_label`).
    own_domains: our own mail domains, lower case. own_addresses: further addresses of ours, lower case.
    default_region: ISO 3166-1 alpha-2, for phone numbers without a country code.
    survivorship: golden field → sources in the order in which they win, ahead of priority.
    strategies: golden field → `complete` or `frequent`: what settles it behind those sources, ahead of priority.
    matching: from when on records join by themselves, or a person is asked.
    signals: when a signal opens.
    guard: how much of a stream may go or change at once before a person is asked.
    reconcile: cron by which sources and hub are compared, or None: by hand.
    alerts: by which channels incidents are told.
    changes: which addresses are told of changes.
    export: where the marts are published as files, and when.
    contracts: what is promised of the published tables beside their columns.
    lineage: where events of runs go.
    web: where others reach the pages.
    clock: what counts as now, UTC text; None for the machine's clock. A simulated world states its own.
    """

    path: Path
    warehouse_url: str = field(repr=False)
    own_domains: frozenset[str] = frozenset()
    own_addresses: frozenset[str] = frozenset()
    default_region: str = "US"
    default_currency: str = "USD"
    sources: Mapping[str, SourceConfig] = field(default_factory=dict)
    partners: tuple[PartnerRule, ...] = ()
    survivorship: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    strategies: Mapping[str, str] = field(default_factory=dict)
    matching: Matching = field(default_factory=Matching)
    signals: Thresholds = field(default_factory=Thresholds)
    guard: Guard = field(default_factory=Guard)
    reconcile: str | None = None
    alerts: Alerts = field(default_factory=Alerts)
    changes: Changes = field(default_factory=Changes)
    export: Export = field(default_factory=Export)
    contracts: Contracts = field(default_factory=Contracts)
    lineage: Lineage = field(default_factory=Lineage)
    web: Web = field(default_factory=Web)
    clock: str | None = None

    @property
    def now(self) -> datetime:
        """The moment that counts as now, aware."""
        return datetime.fromisoformat(self.clock) if self.clock else datetime.now(UTC)

    @property
    def folder(self) -> Path:
        """The folder of the file, absolute."""
        return self.path.parent

    @property
    def warehouse_label(self) -> str:
        """Where the warehouse is, without user, password and parameters."""
        scheme, _, rest = self.warehouse_url.partition("://")
        if scheme == "sqlite":
            return self.warehouse_url
        return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"

    def connector(self, name: str) -> Connector:
        """The connector of the source called `name`, ready to check and pull; opens no connection.

        Raises KeyError for an unknown source and pydantic's ValidationError for settings `load_config` would refuse.
        """
        from connectors.registry import connector_class

        source = self.sources[name]
        return connector_class(source.connector)(source=name, **source.settings)
