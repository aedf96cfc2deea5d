"""Scoring everything anew on demand: nothing moves, what would come out otherwise is asked."""

from __future__ import annotations

from tests.cli.stewards.doubt import NOW


def ids(database):
    with database.session() as connection:
        return connection.query(
            "SELECT record, organization_id FROM organization_link WHERE ended_at IS NULL"
        )


def test_scoring_anew_by_the_same_rules_asks_nothing_and_moves_nobody(ask, database):
    before = ids(database)
    said = ask("rescore", "--json").json
    assert (said["pairs_changed"], said["joins_asked"], said["splits_asked"]) == (0, 0, 0)
    assert ids(database) == before
    assert "Nobody would become another partner" in ask("rescore").out


def test_a_try_counts_what_would_be_asked_and_keeps_nothing(ask, database, keys):
    pair = sorted((keys["Acme GmbH"], keys["Bellago S.r.l."]))
    with database.session() as connection, connection.transaction():
        connection.execute(
            "INSERT INTO match_edge (left_record, right_record, entity, score, band, why_json, rules, run_id,"
            " recorded_at) VALUES (?, ?, 'organization', 9.0, 'auto', '[]', 'former', 'r', ?)",
            (*pair, NOW),
        )
    tried = ask("rescore", "--dry-run", "--json").json
    assert tried["pairs_changed"] == 1
    assert "Only tried" in ask("rescore", "--dry-run").out
    assert ask("rescore", "--json").json["pairs_changed"] == 1
    assert ask("rescore", "--json").json["pairs_changed"] == 0
