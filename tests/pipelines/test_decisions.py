"""What a person decided outlives everything: third records, rebuilds, other rules; and an undo gives back what was."""

from __future__ import annotations

import pytest

from partnerhub.identity.policy import DEFAULT
from pipelines.golden.acting import act
from pipelines.resolve import propose
from pipelines.resolve.thresholds import EVERYBODY
from tests.pipelines.engine import Engine
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, pages, record
from tests.pipelines.test_promises import COMPANY, engine_at
from warehouse.commands.acts import Said
from warehouse.commands.judge import Contradicted, judge_different, judge_same
from warehouse.commands.undo import act_to_undo, undo_act
from warehouse.queries.review import questions

ONE, OTHER, THIRD = "crm/things/1", "list/things/1", "list/things/3"
KESTREL = {**COMPANY, "phone": "+49 228 123456"}


def source(called: str, *numbers: str, **changes: str) -> ScriptedConnector:
    rows = [record(number, **{**KESTREL, **changes}) for number in numbers]
    return ScriptedConnector(source=called).plays(THINGS, pages(page(*rows)))


@pytest.fixture
def engine(sqlite_url: str) -> Engine:
    engine = engine_at(sqlite_url)
    engine.sync([source("crm", "1"), source("list", "1")])
    return engine


def carried(engine: Engine, command, *arguments, **values):
    engine.runs += 1
    said = Said("ann", engine.now, "asked them")
    found, _ = act(
        engine.database,
        engine.publishing,
        engine.run_id,
        engine.now,
        lambda connection: command(connection, *arguments, said, **values),
        lambda _, outcome: outcome,
    )
    return found


def groups(engine: Engine) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for each, entity_id in engine.query(
        "SELECT record, organization_id FROM organization_link WHERE ended_at IS NULL"
    ):
        found.setdefault(entity_id, set()).add(each)
    return {frozenset(records) for records in found.values()}


def together(engine: Engine, *records: str) -> bool:
    return any(set(records) <= group for group in groups(engine))


def score_everything_anew(engine: Engine, **changes: float) -> None:
    """Other rules: every pair is scored and every group formed once more."""
    from dataclasses import replace

    engine.runs += 1
    policy = replace(DEFAULT, **changes)
    engine.publishing = replace(engine.publishing, identity=policy)
    with engine.database.session() as connection, connection.transaction():
        connection.execute("DELETE FROM match_edge")
        connection.execute(EVERYBODY)
    propose(engine.database, engine.run_id, engine.now, policy)
    engine.derive()


def test_two_that_are_different_stay_two_when_a_third_record_resembles_both(engine: Engine) -> None:
    assert together(engine, ONE, OTHER)
    carried(engine, judge_different, [ONE], [OTHER], "Kestrel twice")
    engine.sync([source("list", "1", "3")])
    assert not together(engine, ONE, OTHER)
    assert together(engine, ONE, THIRD) or together(engine, OTHER, THIRD)
    with engine.database.session() as connection:
        assert questions(connection) == []


def test_different_outlives_a_rebuild_and_rules_that_would_join_everything(engine: Engine) -> None:
    carried(engine, judge_different, [ONE], [OTHER], "Kestrel twice")
    engine.rebuild()
    assert not together(engine, ONE, OTHER)
    score_everything_anew(engine, auto=-20.0, review=-30.0)
    assert not together(engine, ONE, OTHER)


def test_same_outlives_a_rebuild_and_rules_that_would_join_nothing(engine: Engine) -> None:
    engine.sync(
        [source("list", "1", name="Merlin AG", website="merlin.example", phone="+49 30 99", city="Ulm")]
    )
    assert not together(engine, ONE, OTHER)
    carried(engine, judge_same, [ONE], [OTHER], "renamed")
    engine.rebuild()
    assert together(engine, ONE, OTHER)
    score_everything_anew(engine, auto=90.0, review=80.0)
    assert together(engine, ONE, OTHER)


def test_who_says_same_against_different_is_told_who_said_so(engine: Engine) -> None:
    number = carried(engine, judge_different, [ONE], [OTHER], "Kestrel twice")
    with pytest.raises(Contradicted, match=f"ann said on .* are different .*partnerhub undo {number}"):
        carried(engine, judge_same, [ONE], [OTHER], "Kestrel")
    assert engine.query("SELECT verdict FROM decision") == [("different",)]


@pytest.mark.fault("F57")
def test_an_undone_merge_gives_back_ids_history_and_where_facts_were(engine: Engine) -> None:
    engine.sync(
        [source("list", "1", name="Merlin AG", website="merlin.example", phone="+49 30 99", city="Ulm")]
    )
    before = engine.query(
        "SELECT record, organization_id FROM organization_link WHERE ended_at IS NULL ORDER BY 1"
    )
    golden = engine.rows("organization")
    merged = carried(engine, judge_same, [ONE], [OTHER], "renamed")
    assert together(engine, ONE, OTHER)
    with engine.database.session() as connection:
        meant = act_to_undo(connection, merged)
    carried(engine, lambda connection, said: undo_act(connection, meant, said))
    after = "SELECT record, organization_id FROM organization_link WHERE ended_at IS NULL ORDER BY 1"
    assert engine.query(after) == before
    assert engine.rows("organization") == golden
    kinds = {kind for (kind,) in engine.query("SELECT kind FROM identity_event")}
    assert {"minted", "merged", "revived"} <= kinds
    assert engine.query("SELECT verdict, withdrawn_by FROM decision_withdrawn") == [("same", "ann")]


def test_an_act_that_comes_to_nothing_writes_nothing(engine: Engine) -> None:
    carried(engine, judge_same, [ONE], [OTHER], "Kestrel")
    assert carried(engine, judge_same, [OTHER], [ONE], "Kestrel") is None
    assert len(engine.query("SELECT act_id FROM steward_act")) == 1
    assert len(engine.query("SELECT verdict FROM decision")) == 1
