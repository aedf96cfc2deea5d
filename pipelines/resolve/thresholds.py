"""When the configured thresholds move, every stored band is out of date: all organizations are scored once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.uncompared import note_uncompared

if TYPE_CHECKING:
    from partnerhub.identity.policy import Policy
    from warehouse.database import Database

NAME: Final = "matching_thresholds"
EVERYBODY: Final = (
    "INSERT INTO pending (record, kind) SELECT record, 'organization' FROM staged_organization WHERE true"
    " ON CONFLICT (record, kind) DO NOTHING"
)


def score_anew_if_thresholds_moved(database: Database, policy: Policy) -> bool:
    """Let every organization wait again when the thresholds are others than last time; says whether they were.

    A hub that never remembered any goes by them already. Safe to call twice.
    """
    said = f"{policy.auto:.4f} {policy.review:.4f}"
    with database.session() as connection:
        former = connection.one("SELECT value FROM hub_state WHERE name = ?", (NAME,))
        if former is not None and former[0] == said:
            return False
        with connection.transaction():
            connection.execute(
                "INSERT INTO hub_state (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (NAME, said),
            )
            if former is not None:
                connection.execute(EVERYBODY)
                note_uncompared(connection)
    return former is not None
