"""What pages show of the settings of a hub: when sources are read next, its partner rules, where fields go, quotas."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partnerhub.config import HubConfig
    from warehouse.contracts.terms import Terms
    from warehouse.database import Connection


@dataclass(frozen=True, slots=True)
class SettingsShown:
    """The configuration as pages may show it: never a secret, never a setting's value."""

    config: HubConfig

    def next_runs(self) -> Mapping[str, str]:
        """Source with a schedule → UTC text when it is read next, by the machine's clock."""
        from croniter import croniter

        from connectors.record import utc_text

        now = datetime.now(UTC)
        return {
            name: utc_text(croniter(source.schedule, now).get_next(datetime))
            for name, source in self.config.sources.items()
            if source.schedule
        }

    def sources(self) -> Sequence[str]:
        """Every source that is configured."""
        return list(self.config.sources)

    def streams(self, source: str) -> Sequence[str]:
        """The streams a sync of a source reads; none where its settings are not here."""
        from pydantic import ValidationError

        from connectors.errors import SyncError

        with suppress(ValidationError, SyncError, KeyError):
            chosen = self.config.sources[source].streams
            found = [each.name for each in self.config.connector(source).streams()]
            return [name for name in found if chosen is None or name in chosen]
        return []

    def rules(self) -> Sequence[str]:
        """Who is a partner: each rule in the words that stand beside the partnerships it declares."""
        from pipelines.settings import publish_settings

        return [rule.described() for rule in publish_settings(self.config).partner_rules]

    def fields(self) -> Sequence[Mapping[str, Any]]:
        """Every mapping row of every source: source, stream, path, kind, target, cleaner, required."""
        from partnerhub.cli.inspect import catalog, recognized

        return [
            row
            for name in self.config.sources
            for row in (*catalog(self.config, name), *recognized(self.config, name))
        ]

    def terms(self) -> Terms:
        """What the hub promises of its published tables."""
        from partnerhub.config.contracts import terms_of

        return terms_of(self.config)

    def quotas(self, connection: Connection) -> Sequence[Mapping[str, Any]]:
        """What a day of the schedules would take of each vendor's quota; nothing where settings are not there."""
        from pydantic import ValidationError

        from connectors.errors import SyncError
        from pipelines.quotas import headrooms

        with suppress(ValidationError, SyncError, KeyError):
            return [
                {
                    "account": each.account,
                    "name": each.quota.name,
                    "requests": each.quota.requests,
                    "used": each.used,
                    "share": each.share,
                    "state": each.state,
                    "advice": each.advice,
                    "sources": [load.source for load in each.loads],
                }
                for each in headrooms(self.config, connection)
            ]
        return []
