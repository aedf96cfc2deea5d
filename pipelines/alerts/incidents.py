"""Incidents: opened when a person must act, joined by streams with the same trouble, closed when all are well.

What the hub mends by itself opens none, and closes none: a stream leaves its incident when it is healthy or paused.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import uuid4

from warehouse.changes.endpoints import LINEAGE
from warehouse.queries.watching import ALERTS, open_incidents

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from warehouse.changes.endpoints import Standing
    from warehouse.database import Connection
    from warehouse.queries.credentials import CredentialLife
    from warehouse.queries.health import Health

CHANNEL_FAILS: Final = "channel_fails"
NEVER_RAN: Final = "never_ran"
CREDENTIAL_ENDS: Final = "credential_ends"
WEBHOOK_ENDED: Final = "webhook_ended"
LINEAGE_LOST: Final = "lineage_not_told"
CHANGES: Final = "changes"
"""The source of incidents of webhooks that are told of changes."""
ENDING: Final = frozenset({"soon", "over"})
AILING: Final = frozenset({"yellow", "red"})


class Trouble(NamedTuple):
    """Something a person must mend, of one stream (of the hub: of one channel or source; of one credential)."""

    source: str
    stream: str
    code: str
    happened: str
    to_do: str


class Seen(NamedTuple):
    """What a pass saw. ailing: (source, stream) of all troubles, and of streams that the hub itself goes on with."""

    troubles: list[Trouble]
    ailing: set[tuple[str, str]]


def seen(
    health: Iterable[Health],
    never_ran: Sequence[str],
    failing: Sequence[Mapping[str, Any]],
    credentials: Iterable[CredentialLife] = (),
    webhooks: Iterable[Standing] = (),
) -> Seen:
    """Streams, sources that never ran, channels, credentials and webhooks, as troubles and as what is well."""
    health = list(health)
    troubles = [
        Trouble(each.source, each.stream, each.code, each.happened, each.to_do)
        for each in health
        if each.who == "person"
    ]
    troubles += [
        Trouble(
            source,
            "",
            NEVER_RAN,
            "Its schedule passed twice, and nothing ever read it.",
            f"See that the scheduler runs (`partnerhub doctor`), or run `partnerhub sync {source}`.",
        )
        for source in never_ran
    ]
    troubles += [
        Trouble(
            ALERTS,
            row["channel"],
            CHANNEL_FAILS,
            f"Alerts do not arrive by {row['channel']}: {row['failure']}",
            "Mend the channel or its settings under `alerts:`, then `partnerhub alerts test`.",
        )
        for row in failing
    ]
    troubles += [
        Trouble(each.source, each.setting, CREDENTIAL_ENDS, each.happened, each.to_do)
        for each in credentials
        if each.state in ENDING
    ]
    troubles += of_webhooks(list(webhooks))
    ailing = {(each.source, each.stream) for each in health if each.color in AILING}
    return Seen(troubles, ailing | {(each.source, each.stream) for each in troubles})


def of_webhooks(webhooks: Sequence[Standing]) -> list[Trouble]:
    """Webhooks that are told of changes no more, and events of runs that do not arrive."""
    troubles = [
        Trouble(
            CHANGES,
            each.name,
            WEBHOOK_ENDED,
            f"The webhook {each.name} is told of changes no more: {each.failure}",
            f"Mend it, then `partnerhub changes resume {each.name}`.",
        )
        for each in webhooks
        if each.disabled_at is not None
    ]
    troubles += [
        Trouble(
            LINEAGE,
            "",
            LINEAGE_LOST,
            f"Events of runs do not arrive: {each.failure}",
            "Mend the place or its settings under `lineage:`; the next run tells again.",
        )
        for each in webhooks
        if each.name == LINEAGE and each.failures
    ]
    return troubles


def settle(connection: Connection, found: Seen, now: str) -> None:
    """Open, join, leave and close incidents as a pass saw things. Expects a transaction. Again: writes nothing."""
    standing = open_incidents(connection)
    inside: set[tuple[str, str]] = set()
    for incident in standing:
        source = incident["source"]
        left = [name for name in incident["streams"] if (source, name) in found.ailing]
        inside |= {(source, name) for name in left}
        if left != incident["streams"]:
            close_or_keep(connection, incident, left, now)
        incident["streams"] = left
    for trouble in found.troubles:
        if (trouble.source, trouble.stream) not in inside:
            join_or_open(connection, standing, trouble, now)


def close_or_keep(connection: Connection, incident: dict[str, Any], left: list[str], now: str) -> None:
    """Fewer streams suffer; with none left the incident is over, and keeps those it was about."""
    if left:
        suffer(connection, incident, left)
    else:
        connection.execute(
            "UPDATE incident SET closed_at = ? WHERE incident_id = ?", (now, incident["incident_id"])
        )


def suffer(connection: Connection, incident: dict[str, Any], streams: list[str]) -> None:
    """Write down the streams an incident is about now."""
    connection.execute(
        "UPDATE incident SET streams_json = ? WHERE incident_id = ?",
        (json.dumps(streams), incident["incident_id"]),
    )


def join_or_open(connection: Connection, standing: list[dict[str, Any]], trouble: Trouble, now: str) -> None:
    """One more stream with a trouble that is open already, or a new incident with its first error."""
    for incident in standing:
        if incident["streams"] and (incident["source"], incident["code"]) == (trouble.source, trouble.code):
            incident["streams"] = [*incident["streams"], trouble.stream]
            suffer(connection, incident, incident["streams"])
            return
    incident = {
        "incident_id": str(uuid4()),
        "source": trouble.source,
        "code": trouble.code,
        "streams": [trouble.stream],
    }
    connection.execute(
        "INSERT INTO incident (incident_id, source, code, streams_json, happened, to_do, opened_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            incident["incident_id"],
            trouble.source,
            trouble.code,
            json.dumps(incident["streams"]),
            trouble.happened,
            trouble.to_do,
            now,
        ),
    )
    standing.append(incident)
