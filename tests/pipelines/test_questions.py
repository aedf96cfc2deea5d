"""The stewards' queue is kept up with every publication, and is what making it anew would give."""

from __future__ import annotations

import pytest

from pipelines.golden.questions import publish_questions
from tests.pipelines.engine import Engine
from tests.pipelines.scripted import THINGS, ScriptedConnector, page, pages, record
from tests.pipelines.test_decisions import carried
from tests.pipelines.test_promises import engine_at
from warehouse.commands.acts import Said
from warehouse.commands.judge import judge_same, judge_unsure
from warehouse.commands.undo import act_to_undo, undo_act
from warehouse.database import Connection
from warehouse.errors import WarehouseError
from warehouse.queries.review import count_questions, question_named, questions

NOW = "2026-12-01T00:00:00.000000Z"
FIRMS = {"1": "Kestrel Energy", "2": "Merlin Foods", "3": "Osprey Legal"}


def listed(called: str, **names: str) -> ScriptedConnector:
    """A list of firms with a site each; namesakes in two towns are alike, but not enough to be one."""
    place = {"country": "DE", "city": "Bonn" if called == "crm" else "Ulm"}
    rows = [
        record(number, name=names.get(f"n{number}", name), website=f"{called}{number}.example", **place)
        for number, name in FIRMS.items()
        if names.get(f"n{number}") != "gone"
    ]
    return ScriptedConnector(source=called).plays(THINGS, pages(page(*rows)))


@pytest.fixture
def engine(database_url: str) -> Engine:
    engine = engine_at(database_url)
    engine.sync([listed("crm"), listed("list")])
    return engine


def waiting(engine: Engine, *, unsure: bool = False) -> list[tuple[str, str]]:
    with engine.database.session() as connection:
        return [each.pair for each in questions(connection, unsure=unsure)]


def is_as_made_anew(engine: Engine) -> bool:
    """Whether the queue that was kept is the queue made whole; only the score's last bits may differ in writing."""
    kept = engine.rows("question")
    with engine.database.session() as connection, connection.transaction():
        publish_questions(connection, NOW, everything=True)
    return kept == engine.rows("question")


def test_each_doubtful_pair_waits_once_and_the_page_is_no_longer_than_asked_for(engine: Engine) -> None:
    assert waiting(engine) == [(f"crm/things/{n}", f"list/things/{n}") for n in FIRMS]
    with engine.database.session() as connection:
        assert count_questions(connection) == len(FIRMS)
        assert len(questions(connection, limit=2)) == 2


def test_an_answer_leaves_the_others_as_making_it_anew_would(engine: Engine) -> None:
    first, second, third = waiting(engine)
    act = carried(engine, judge_same, [first[0]], [first[1]], "Kestrel")
    carried(engine, judge_unsure, *second, "Merlin")
    assert waiting(engine) == [third]
    assert waiting(engine, unsure=True) == [third, second]
    assert is_as_made_anew(engine)

    def take_back(connection: Connection, said: Said) -> int:
        return undo_act(connection, act_to_undo(connection, act), said)

    carried(engine, take_back)
    assert waiting(engine) == [first, third]
    assert is_as_made_anew(engine)


def test_what_changes_at_the_source_changes_the_queue_and_no_more(engine: Engine) -> None:
    engine.sync([listed("list", n1="Something Else", n2="gone")], full=True)
    assert ("crm/things/3", "list/things/3") in waiting(engine)
    assert ("crm/things/1", "list/things/1") not in waiting(engine)
    assert is_as_made_anew(engine)


def test_a_question_is_named_by_the_beginning_of_its_id(engine: Engine) -> None:
    with engine.database.session() as connection, connection.transaction():
        one, other, _ = questions(connection)
        assert question_named(connection, one.id[:5]).pair == one.pair  # type: ignore[union-attr]
        assert question_named(connection, "ffff") is None
        assert question_named(connection, "no question") is None
        taken = "UPDATE question SET question_id = ? WHERE left_record = ?"
        connection.execute(taken, (f"{one.id[:6]}ff", other.pair[0]))
        with pytest.raises(WarehouseError, match="several questions"):
            question_named(connection, one.id[:6])
