"""What the hub concluded about the simulated world, read from the warehouse so that it can be scored."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from partnerhub.simulator.truth import Predicted, Score
    from partnerhub.simulator.world.model import World
    from warehouse.database import Connection


def score_warehouse(
    connection: Connection,
    world: World,
    sheet_source: str,
    crm_source: str,
    others: Mapping[str, str] | None = None,
) -> Score:
    """How well the warehouse agrees with the world it was filled from. others: as `truth_of` takes them."""
    from partnerhub.simulator.truth import score, truth_of

    return score(truth_of(world, crm_source, others or {}), predicted(connection, sheet_source))


def predicted(connection: Connection, sheet_source: str) -> Predicted:
    """Records, rows, partners and facts as the hub has them."""
    from partnerhub.simulator.truth import Predicted

    links = connection.query(
        "SELECT l.record, l.organization_id FROM organization_link l JOIN staged_organization s ON s.record = l.record"
        " WHERE l.ended_at IS NULL AND s.deleted_at IS NULL"
    )
    listed = connection.query("SELECT DISTINCT organization_id FROM partnership")
    decks = deck_keys(connection)
    return Predicted(
        records={place_of(record, decks): organization for record, organization in links},
        rows=sheet_rows(connection, sheet_source),
        partners={organization for (organization,) in listed},
        facts=attached_facts(connection, decks),
        fact_ids=fact_ids(connection, decks),
        candidates={domain for (domain,) in connection.query("SELECT domain FROM candidate")},
        people=people(connection),
        colleagues=dict(connection.query("SELECT record, colleague_id FROM colleague_record")),
    )


def people(connection: Connection) -> dict[str, str]:
    """Record key of every person's live record → the hub's person."""
    return dict(
        connection.query(
            "SELECT l.record, l.person_id FROM person_link l JOIN staged_person s ON s.record = l.record"
            " WHERE l.ended_at IS NULL AND s.deleted_at IS NULL"
        )
    )


def sheet_rows(connection: Connection, source: str) -> dict[str, dict[str, object]]:
    """Record key of every row of the spreadsheet → the row as it landed."""
    rows = connection.query(
        "SELECT s.record, r.payload FROM staged_organization s JOIN raw_record r ON r.raw_id = s.raw_id"
        " WHERE s.source = ? AND s.deleted_at IS NULL AND r.payload IS NOT NULL",
        (source,),
    )
    return {record: json.loads(payload) for record, payload in rows}


def attached_facts(connection: Connection, decks: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """Fact key → organizations on whose timeline it is. A mail goes by its Message-ID, all else by its record."""
    rows = connection.query(
        "SELECT s.record, m.same_as, t.organization_id FROM fact_source s"
        " LEFT JOIN staged_touchpoint m ON m.record = s.record"
        " LEFT JOIN timeline t ON t.fact_id = s.fact_id"
    )
    found: dict[str, set[str]] = defaultdict(set)
    for record, same_as, organization in rows:
        for key in decks.get(record) or fact_keys(record, same_as):
            found[key] |= {organization} if organization else set()
    return found


def fact_ids(connection: Connection, decks: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """Fact key → the facts that hold it: one, unless copies were taken for different things."""
    rows = connection.query(
        "SELECT s.record, m.same_as, s.fact_id FROM fact_source s LEFT JOIN staged_touchpoint m ON m.record = s.record"
    )
    found: dict[str, set[str]] = defaultdict(set)
    for record, same_as, fact_id in rows:
        for key in decks.get(record) or fact_keys(record, same_as):
            found[key].add(fact_id)
    return found


def deck_keys(connection: Connection) -> dict[str, set[str]]:
    """Record of a document with places in a folder → the fact keys by which the world knows it: source and place."""
    rows = connection.query(
        "SELECT record, source, custom_json FROM staged_document WHERE custom_json IS NOT NULL"
    )
    paths = {record: (source, json.loads(custom).get("paths") or []) for record, source, custom in rows}
    return {
        record: {f"{source}:{path}" for path in found} for record, (source, found) in paths.items() if found
    }


def place_of(record: str, decks: Mapping[str, Collection[str]]) -> str:
    """The key by which the world knows an organization record: what a deck says goes by the deck's place."""
    deck, _, said = record.partition("#")
    return f"{min(decks[deck])}#{said}" if said and deck in decks else record


def fact_keys(record: str, same_as: str | None) -> set[str]:
    """The keys under which the world knows a staged record: its own, and that of the mail it is a copy of."""
    return {record, same_as.rpartition(":")[0]} if same_as and same_as.startswith("mail:") else {record}
