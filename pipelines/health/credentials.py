"""Noting when what sources sign in with ends, for those who see no secrets: status, pages, alerts, numbers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from connectors.errors import SyncError
from warehouse.queries.credentials import CREDENTIAL, CredentialLife, judged

if TYPE_CHECKING:
    from connectors.record import Connector, Credential
    from partnerhub.config import HubConfig
    from warehouse.database import Connection

NOTE: Final = """
INSERT INTO heartbeat (name, since_at, beat_at, said) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE
SET since_at = excluded.since_at, beat_at = excluded.beat_at, said = excluded.said WHERE heartbeat.said <> excluded.said
"""


def note_credential(connection: Connection, connector: Connector, now: str) -> None:
    """Note one source's. Expects a transaction. Writes nothing when it is the same as before."""
    name, credential = f"{CREDENTIAL}{connector.source}", connector.credential()
    if credential is None:
        connection.execute("DELETE FROM heartbeat WHERE name = ?", (name,))
    else:
        connection.execute(NOTE, (name, now, now, json.dumps(credential)))


def note_credentials(connection: Connection, config: HubConfig, now: str) -> None:
    """Note those of all sources, and forget those of sources that are configured no more. Expects a transaction."""
    for name in config.sources:
        connector = built(config, name)
        if connector is not None:
            note_credential(connection, connector, now)
    rows = connection.query("SELECT name FROM heartbeat WHERE name LIKE ?", (f"{CREDENTIAL}%",))
    gone = [(name,) for (name,) in rows if str(name).removeprefix(CREDENTIAL) not in config.sources]
    connection.execute_many("DELETE FROM heartbeat WHERE name = ?", gone)


def credentials_of(config: HubConfig, now: str) -> list[CredentialLife]:
    """Those of all sources as the settings have them at a moment (UTC text), noted or not."""
    found: dict[str, Credential | None] = {}
    for name in config.sources:
        connector = built(config, name)
        found[name] = connector.credential() if connector else None
    return [judged(name, *credential, now=now) for name, credential in sorted(found.items()) if credential]


def built(config: HubConfig, name: str) -> Connector | None:
    """The connector of a source, or None where its settings do not make one: that is told elsewhere."""
    try:
        return config.connector(name)
    except (ValidationError, SyncError):
        return None
