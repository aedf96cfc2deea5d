from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerhub.identity.survivorship import ADDRESS_FIELDS, Survivorship, survive
from pipelines.golden.doubtful import best_spelling, is_doubtful

OLD, NEW = "2026-01-01T00:00:00.000000Z", "2026-05-01T00:00:00.000000Z"
CRM_FIRST = Survivorship({"crm": 20, "sheet": 10})


def record(key, **values):
    blank = {"modified_at": None, "deleted_at": None, "raw_id": 1, "name": "Acme", "custom_json": None}
    return {**blank, "record": key, "source": key.split("/")[0], **values}


def test_the_source_with_the_higher_priority_wins_even_when_older():
    chosen = survive(
        [record("crm/1", tier="Gold", modified_at=OLD), record("sheet/1", tier="Silver", modified_at=NEW)],
        {},
        CRM_FIRST,
    )["tier"]
    assert (chosen.value, chosen.record, chosen.rule, chosen.others) == (
        "Gold", "crm/1", "priority", (("sheet/1", "Silver"),),
    )  # fmt: skip


def test_among_equal_sources_the_newest_wins_and_the_smaller_key_breaks_a_tie():
    newer = survive(
        [record("crm/1", tier="A", modified_at=OLD), record("crm/2", tier="B", modified_at=NEW)],
        {},
        CRM_FIRST,
    )
    tied = survive([record("crm/2", tier="B"), record("crm/1", tier="A")], {}, CRM_FIRST)
    assert (newer["tier"].value, newer["tier"].rule, tied["tier"].value) == ("B", "recency", "A")


def test_a_gap_is_filled_by_the_next_record():
    chosen = survive([record("crm/1"), record("sheet/1", tier="Silver")], {}, CRM_FIRST)["tier"]
    assert (chosen.value, chosen.rule) == ("Silver", "only")


def test_one_field_may_trust_another_source_first():
    rules = Survivorship({"crm": 20}, {"tier": ["sheet"]})
    chosen = survive(
        [record("crm/1", tier="Gold", name="A"), record("sheet/1", tier="Silver", name="B")], {}, rules
    )
    assert (chosen["tier"].value, chosen["name"].value) == ("Silver", "A")


def test_what_people_enter_comes_before_every_source():
    chosen = survive([record("crm/1", tier="Gold"), record("hub/1", tier="Platinum")], {}, CRM_FIRST)
    assert chosen["tier"].value == "Platinum"


def test_an_amount_and_its_currency_come_from_one_record():
    chosen = survive(
        [
            record("crm/1", currency="EUR"),
            record("sheet/1", annual_value_minor=31_000_000, currency="USD", modified_at=OLD),
            record("sheet/2", annual_value_minor=48_000_000, currency="USD"),
        ],
        {},
        CRM_FIRST,
    )
    assert (chosen["annual_value_minor"].value, chosen["currency"].value) == (31_000_000, "USD")
    assert chosen["annual_value_minor"].others == (("sheet/2", "48000000"),)


def test_the_annual_value_may_trust_another_source_first():
    rules = Survivorship({"crm": 20}, {"annual_value": ["sheet"]})
    said = [
        record(f"{source}/1", annual_value_minor=amount, currency=currency)
        for source, amount, currency in (("crm", 100, "EUR"), ("sheet", 200, "GBP"))
    ]
    chosen = survive(said, {}, rules)
    assert (chosen["annual_value_minor"].value, chosen["currency"].value) == (200, "GBP")


def test_an_address_is_never_put_together_from_two_records():
    chosen = survive(
        [record("crm/1", country="AT", postcode="1010"), record("sheet/1", street="Main St 1", city="Graz")],
        {},
        CRM_FIRST,
    )
    assert {name: chosen[name].value for name in ADDRESS_FIELDS if name in chosen} == {
        "street": "Main St 1",
        "city": "Graz",
    }


def test_a_newer_address_without_a_street_yields_to_a_full_one_of_the_same_town():
    chosen = survive(
        [
            record("crm/1", street="Mill Lane 3", city="Leeds", country="GB", modified_at=OLD),
            record("crm/2", city="LEEDS", country="GB", modified_at=NEW),
            record("crm/3", street="High Street 1", city="York", country="GB", modified_at=OLD),
        ],
        {},
        CRM_FIRST,
    )
    assert (chosen["street"].value, chosen["city"].value) == ("Mill Lane 3", "Leeds")


def test_while_one_record_lives_deleted_ones_have_no_say():
    chosen = survive(
        [record("crm/1", name="Gone", tier="Gold", deleted_at=NEW), record("sheet/1", name="Here")],
        {},
        CRM_FIRST,
    )
    assert chosen["name"].value == "Here"
    assert "tier" not in chosen


def test_a_pin_outranks_all_and_names_who_disagrees():
    chosen = survive(
        [record("crm/1", tier="Gold", employees=5)], {"tier": "Bronze", "employees": "9"}, CRM_FIRST
    )
    assert (chosen["tier"].value, chosen["tier"].rule, chosen["tier"].others) == (
        "Bronze",
        "pin",
        (("crm/1", "Gold"),),
    )
    assert chosen["employees"].value == 9


def test_a_pin_on_what_the_winner_says_still_names_the_others():
    chosen = survive(
        [record("crm/1", tier="Gold"), record("sheet/1", tier="Silver")], {"tier": "Gold"}, CRM_FIRST
    )
    assert chosen["tier"].others == (("sheet/1", "Silver"),)


def test_the_system_of_record_of_a_field_wins_even_with_what_can_hardly_be_right():
    rules = Survivorship({"crm": 20}, {"email": ["sheet"]}, doubtful=lambda _, value: value.startswith("x"))
    chosen = survive(
        [record("crm/1", email="a@b.example"), record("sheet/1", email="x@b.example")], {}, rules
    )
    assert (chosen["email"].value, chosen["email"].rule) == ("x@b.example", "system_of_record")


def test_a_value_that_can_hardly_be_right_loses_even_where_its_source_has_priority():
    rules = Survivorship({"crm": 20}, doubtful=lambda _, value: value == "test")
    chosen = survive([record("crm/1", name="test"), record("sheet/1", name="Acme")], {}, rules)
    assert (chosen["name"].value, chosen["name"].rule) == ("Acme", "validity")
    assert survive([record("crm/1", name="test")], {}, rules)["name"].value == "test"


def test_among_records_of_one_rank_and_time_what_most_say_wins():
    chosen = survive(
        [
            record("crm/1", tier="A"),
            record("crm/2", tier="B"),
            record("crm/3", tier="B"),
            record("sheet/1", tier="A"),
        ],
        {},
        CRM_FIRST,
    )
    assert (chosen["tier"].value, chosen["tier"].rule, chosen["tier"].record) == ("B", "frequency", "crm/2")


@pytest.mark.parametrize(
    ("shouted", "other", "shown"),
    [
        ("ACME GMBH", "Acme GmbH", "Acme GmbH"),
        ("BELLAGO SRL", "Bellago S.r.l.", "Bellago S.r.l."),
        ("UNICEF", "Unicef", "UNICEF"),
        ("ACME GMBH", "Acme Holding", "ACME GMBH"),
        ("Acme Gmbh", "ACME GmbH", "Acme Gmbh"),
    ],
)
def test_a_name_all_in_capitals_is_shown_as_another_record_spells_it(shouted, other, shown):
    rules = Survivorship({"crm": 20}, best_spelling=best_spelling)
    chosen = survive([record("crm/1", name=shouted), record("sheet/1", name=other)], {}, rules)
    assert chosen["name"].value == shown
    assert chosen["name"].rule == ("spelling" if shown == other else "priority")


def test_a_name_as_its_system_of_record_writes_it_stays():
    rules = Survivorship({}, {"name": ["crm"]}, best_spelling=best_spelling)
    chosen = survive([record("crm/1", name="ACME GMBH"), record("sheet/1", name="Acme GmbH")], {}, rules)
    assert chosen["name"].value == "ACME GMBH"


@pytest.mark.parametrize(
    ("field", "value", "doubtful"),
    [
        ("name", "Test", True), ("name", "n/a", True), ("name", "acme.example", True), ("name", "Test Systems", False),
        ("website", "https://www.facebook.com/acme", True), ("website", "https://acme.example/x", False),
        ("website", "https://", True), ("email", "acme@gmail.com", True), ("email", "noreply@acme.example", True),
        ("email", "info@acme.example", False), ("tier", "test", False),
    ],
)  # fmt: skip
def test_what_can_hardly_be_right(field, value, doubtful):
    assert is_doubtful(field, value) is doubtful


def test_lists_are_united_and_other_names_collected():
    chosen = survive(
        [
            record("crm/1", labels_json='["b"]', legal_name="Acme GmbH"),
            record("sheet/1", name="ACME", labels_json='["a"]'),
        ],
        {},
        CRM_FIRST,
    )
    assert json.loads(chosen["labels_json"].value) == ["a", "b"]
    assert "other_names_json" not in chosen  # ACME is the published name in another case


def test_custom_fields_take_part():
    chosen = survive(
        [
            record("crm/1", custom_json='{"color": "red"}'),
            record("sheet/1", custom_json='{"color": "blue", "size": 3}'),
        ],
        {},
        CRM_FIRST,
    )
    assert (chosen["custom.color"].value, chosen["custom.size"].value) == ("red", 3)


records = st.lists(
    st.builds(
        lambda number, source, tier, city, at: record(f"{source}/{number}", tier=tier, city=city, modified_at=at),
        st.integers(1, 4), st.sampled_from(["crm", "sheet", "hub"]), st.sampled_from([None, "A", "B"]),
        st.sampled_from([None, "Graz"]), st.sampled_from([None, OLD, NEW]),
    ),
    min_size=1, max_size=5, unique_by=lambda each: each["record"],
)  # fmt: skip


@given(records, st.randoms())
def test_the_order_in_which_records_come_does_not_matter(some, random):
    shuffled = list(some)
    random.shuffle(shuffled)
    assert survive(some, {}, CRM_FIRST) == survive(shuffled, {}, CRM_FIRST)


@pytest.mark.parametrize("value", [None, "x"])
def test_a_pin_may_empty_a_field(value):
    assert survive([record("crm/1", notes="secret")], {"notes": value}, CRM_FIRST)["notes"].value == value


def fullest_or_most(**strategies):
    return Survivorship({"crm": 20, "sheet": 10}, strategies=strategies)


def test_the_fullest_address_wins_whole_over_the_one_of_a_source_with_priority():
    poor = record("crm/1", street="Main St 1", city="Berlin", modified_at=NEW)
    full = record("sheet/1", street="Side St 2", city="Bonn", postcode="53111", country="DE", modified_at=OLD)
    chosen = survive([poor, full], {}, fullest_or_most(address="complete"))
    assert {chosen[name].record for name in ADDRESS_FIELDS if name in chosen} == {"sheet/1"}
    assert {chosen[name].rule for name in ("street", "city", "postcode")} == {"completeness"}
    assert chosen["city"].others == (("crm/1", "Berlin"),)


def test_of_two_addresses_as_full_the_source_with_priority_says_which():
    said = [record(f"{source}/1", street=f"{source} St", city="Berlin") for source in ("sheet", "crm")]
    chosen = survive(said, {}, fullest_or_most(address="complete"))["street"]
    assert (chosen.value, chosen.rule) == ("crm St", "priority")


def test_an_amount_with_its_currency_is_fuller_than_one_without():
    bare = record("crm/1", annual_value_minor=900)
    whole = record("sheet/1", annual_value_minor=100, currency="EUR")
    chosen = survive([bare, whole], {}, fullest_or_most(annual_value="complete"))
    assert (chosen["annual_value_minor"].value, chosen["currency"].value) == (100, "EUR")
    assert chosen["currency"].rule == "completeness"


def test_what_most_sources_say_wins_over_priority_and_over_one_source_that_repeats_itself():
    said = [record(f"crm/{number}", industry="Retail", modified_at=NEW) for number in range(3)]
    said += [record("sheet/1", industry="Energy"), record("mail/1", industry=" energy")]
    chosen = survive(said, {}, fullest_or_most(industry="frequent"))["industry"]
    assert (chosen.value, chosen.record, chosen.rule) == ("Energy", "sheet/1", "frequency")


def test_where_as_many_say_one_as_the_other_the_order_of_sources_says_which():
    said = [record("sheet/1", tier="Silver", modified_at=NEW), record("crm/1", tier="Gold", modified_at=OLD)]
    chosen = survive(said, {}, fullest_or_most(tier="frequent"))["tier"]
    assert (chosen.value, chosen.rule) == ("Gold", "priority")


def test_an_address_most_sources_say_stays_whole():
    said = [record("crm/1", street="Main St 1", city="Berlin", country="DE")]
    said += [record(f"{name}/1", street="Side St 2", city="Bonn") for name in ("mail", "sheet")]
    chosen = survive(said, {}, fullest_or_most(address="frequent"))
    assert (chosen["street"].value, chosen["city"].value, "country" in chosen) == ("Side St 2", "Bonn", False)
    assert chosen["street"].rule == "frequency"


@pytest.mark.parametrize("strategy", ["complete", "frequent"])
def test_a_system_of_record_and_what_people_enter_outrank_the_strategy(strategy):
    rules = Survivorship({"crm": 20}, {"address": ["sheet"]}, {"address": strategy})
    said = [record(f"{name}/1", street="Side St 2", city="Bonn", country="DE") for name in ("crm", "mail")]
    chosen = survive([*said, record("sheet/1", street="Main St 1", city="Rome")], {}, rules)
    assert (chosen["street"].value, chosen["street"].rule) == ("Main St 1", "system_of_record")
    people = survive([*said, record("hub/1", street="Own St 3", city="Oslo")], {}, rules)
    assert people["street"].value == "Own St 3"


def test_what_can_hardly_be_right_gains_nothing_by_being_said_often():
    rules = Survivorship(strategies={"name": "frequent"}, doubtful=is_doubtful)
    said = [
        record("crm/1", name="test"),
        record("mail/1", name="test"),
        record("sheet/1", name="Acme Energy"),
    ]
    assert survive(said, {}, rules)["name"].value == "Acme Energy"
