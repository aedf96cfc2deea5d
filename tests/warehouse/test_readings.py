"""The four readings of a relationship, by examples computed by hand."""

from __future__ import annotations

import pytest

from tests.pipelines.golden_rig import Hub
from warehouse.database import Database
from warehouse.queries.readings import Touch, engagement, pipeline, risks, strength, touches_of
from warehouse.queries.record import Agreement, Commitment, Deal
from warehouse.viewer import OPERATOR, Viewer

NOW = "2026-10-01T00:00:00.000000Z"
ACME = "crm/companies/1"
ANN, BOB = frozenset({"ann"}), frozenset({"bob"})


def at(month: int, day: int) -> str:
    return f"2026-{month:02}-{day:02}T00:00:00.000000Z"


def deal(status: str, amount: int | None, currency: str | None) -> Deal:
    return Deal("f", "d", "stage", status, amount, currency, None)


def test_strength_adds_recency_frequency_both_ways_and_people():
    touches = [Touch(at(8, 1), "out", ANN), Touch(at(8, 20), "in", BOB), Touch(at(9, 1), "in", ANN)]
    found = strength(touches, NOW)
    # 30 days since the last: 30/2. 3 of 26: 30*3/26. 1 out, 2 in: 25*2*1/3. 2 people of 4: 15/2.
    points = [round(part.points, 2) for part in found.parts]
    assert points == [15.0, 3.46, 16.67, 7.5]
    assert (found.value, found.touches, found.word) == (43, 3, "fair")


def test_strength_is_compared_with_the_180_days_before():
    earlier = Touch("2026-04-04T00:00:00.000000Z", "in", ANN)  # 180 days before NOW: the last of that window
    found = strength([earlier], NOW)
    # That window ends the day of the mail: 30 + 30/26 + 0 + 15/4 = 34.9.
    assert (found.value, found.before, found.change, found.word) == (0, 35, -35, "no contact")


def test_a_relationship_with_everything_earns_a_hundred():
    days = [at(9, day) for day in range(1, 31)]
    people = [frozenset({name}) for name in "abcd"]
    touches = [Touch(day, ("in", "out")[place % 2], people[place % 4]) for place, day in enumerate(days)]
    assert strength([*touches, Touch(NOW, None)], NOW).value == 100


def test_engagement_counts_weeks_and_tells_where_it_goes():
    # Weeks end at NOW: 30 September is in the last, 1 September 4 weeks and 2 days back in the ninth.
    found = engagement([Touch(at(9, 30)), Touch(at(9, 29)), Touch(at(9, 1)), Touch(at(1, 1))], NOW)
    assert found.weeks == (0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2)
    assert (found.recent, found.before, found.momentum) == (0.5, 1 / 9, "rising")


@pytest.mark.parametrize(
    ("touches", "word"),
    [
        ([], "quiet"),
        ([at(9, 30)], "new"),
        ([at(8, 1), at(8, 9), at(8, 10)], "falling"),
        ([at(9, 20), at(9, 21), at(9, 22), at(9, 23), *[at(8, day) for day in range(1, 10)]], "steady"),
    ],
)
def test_momentum_in_a_word(touches, word):
    assert engagement([Touch(day) for day in touches], NOW).momentum == word


def test_open_deals_are_summed_by_currency_and_never_across():
    deals = [deal("open", 100, "EUR"), deal("open", 250, "EUR"), deal("open", 70, "JPY"), deal("won", 9, "EUR"),
             deal("open", None, None)]  # fmt: skip
    found = pipeline(deals)
    assert [tuple(amount) for amount in found.amounts] == [("EUR", 350, 2), ("JPY", 70, 1)]
    assert (found.deals, found.without_amount) == (4, 1)


def test_what_a_signal_tells_already_is_no_second_risk():
    late = Commitment("f", "crm/c/1", "Training", None, None, "2026-09-01", None)
    other = Commitment("f", "crm/c/2", "Slides", None, None, "2026-09-02", None)
    done = Commitment("f", "crm/c/3", "Call", "Done", None, "2026-09-02", None)
    near = Agreement("f", "crm/a/1", "Frame", None, None, None, "2026-10-31", None, None, None)
    signal = {"level": "urgent", "rule": "overdue", "sentence": "Late.", "evidence": [{"record": "crm/c/1"}]}
    found = risks([signal], ([late, other, done], [near]), [], NOW)
    assert [(risk.level, risk.sentence) for risk in found] == [
        ("urgent", "Late."),
        ("attention", "“Slides” was due on 2026-09-02."),
        ("attention", "“Frame” ends in 30 days, on 2026-10-31."),
    ]


def test_three_touchpoints_through_one_person_are_a_risk():
    touches = [Touch(at(9, day), "in", ANN) for day in (1, 2, 3)]
    assert [risk.kind for risk in risks([], ([], []), touches, NOW)] == ["single_threaded"]
    assert risks([], ([], []), [*touches, Touch(at(9, 4), "in", BOB)], NOW) == ()


@pytest.fixture
def hub(database_url):
    hub = Hub(Database(database_url))
    hub.stage("organization", ACME, ["domain:acme.example"], name="Acme", domain="acme.example")
    ann = hub.stage(
        "person", "crm/contacts/1", ["email:ann@private.example"], name="Ann", email="ann@private.example"
    )
    hub.stage("relation", "crm/contacts/1#works", kind="works_at", from_record=ann, to_record=ACME)
    hub.mail("mail/I/1", "ann@private.example", "me@hub.example", direction="in", happened_at=at(9, 1))
    hub.mail("mail/I/2", "me@hub.example", "new@acme.example", direction="out", happened_at=at(9, 2))
    hub.mail("mail/I/3", "new@acme.example", "me@hub.example", nature="auto_reply", happened_at=at(9, 3))
    hub.mail("mail/I/4", "new@acme.example", "me@hub.example", happened_at="2020-01-01T00:00:00.000000Z")
    hub.publish()
    return hub


def test_people_count_by_who_they_are_and_others_at_their_domain_by_address(hub):
    with hub.database.session() as connection:
        found = touches_of(OPERATOR, connection, hub.id_of(ACME), NOW)
        ((ann,),) = connection.query("SELECT person_id FROM person")
    assert [(touch.at, touch.direction, set(touch.people)) for touch in found] == [
        (at(9, 1), "in", {ann}),
        (at(9, 2), "out", {"email:new@acme.example"}),
    ]


def test_who_may_not_know_of_an_organization_reads_nothing_of_it(hub):
    with hub.database.session() as connection:
        assert touches_of(Viewer("x", frozenset({"other"})), connection, hub.id_of(ACME), NOW) == []
