"""A steward's act with what follows from it: command, publication and a look at the outcome, all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pipelines import leases
from pipelines.golden.publish import LEASE, compared_alone, publish_within

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.golden.publish import PublishCounts
    from pipelines.golden.settings import PublishSettings
    from warehouse.database import Connection, Database

Before = TypeVar("Before")
After = TypeVar("After")


class DryRun(Exception):  # raised to leave the transaction, never shown
    """Ends a transaction that was only tried."""


def act(
    database: Database,
    settings: PublishSettings,
    run_id: str,
    now: str,
    command: Callable[[Connection], Before],
    outcome: Callable[[Connection, Before], After],
    *,
    dry_run: bool = False,
) -> tuple[After, PublishCounts]:
    """Run a command, publish what it touched, and look at the outcome in the same transaction.

    outcome: gets what the command returned and says what became of it; what it raises takes everything back. With
    `dry_run` the outcome is the true one, and nothing stays. Raises AlreadyRunning.
    """
    found: list[tuple[After, PublishCounts]] = []
    with leases.held(database, LEASE) as lease, database.session() as connection:
        try:
            with connection.transaction():
                leases.renew(connection, lease)
                with compared_alone(connection):
                    before = command(connection)
                    counts = publish_within(connection, settings, run_id, now)
                found.append((outcome(connection, before), counts))
                if dry_run:
                    raise DryRun
        except DryRun:
            pass
    return found[0]
