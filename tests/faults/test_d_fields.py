"""F46, F48: fields that are new, or hold other kinds of values, are told and cost themselves at most."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.faults.companies import crm, made
from warehouse.commands.let_go import let_go
from warehouse.database import Database
from warehouse.queries.drift import list_drift


def test_f46_a_new_field_is_kept_and_disturbs_nothing(whole, hubspot):
    whole.whole(hubspot)
    before = whole.organizations()
    hubspot.simulator.store.advance(timedelta(hours=1))
    hubspot.simulator.store.update("companies", 1003, brand_new="x")
    whole.whole(hubspot)
    assert whole.organizations() == before
    ((payload,),) = whole.query(
        "SELECT payload FROM raw_current JOIN raw_record USING (raw_id) WHERE raw_current.source_id = '1003'"
    )
    assert b'"brand_new":"x"' in bytes(payload)


def test_f46_a_new_field_is_told_with_how_many_records_fill_it(whole, hubspot):
    whole.whole(hubspot)
    hubspot.simulator.store.advance(timedelta(hours=1))
    hubspot.simulator.store.update("companies", 1003, brand_new="x")
    whole.whole(hubspot)
    (told,) = whole.query("SELECT severity, happened FROM sync_error WHERE code = 'field_new'")
    assert told[0] == "finding"
    assert "brand_new of companies is new since" in told[1]
    assert "filled in 1 of 7 records (14 %). It goes to custom.brand_new." in told[1]


ODD = (17, 1.5, True, ["Kestrel", "x"], {"code": "DE"}, [], {}, "x" * 5_000)


def test_f48_a_value_of_another_type_costs_its_field_at_most(whole):
    whole.whole(crm(made(1, name="Kestrel", domain="kestrel.example", phone="+49 228 1234567")))
    others = [made(2 + n, name=f"Company {n}", phone=odd, country=odd) for n, odd in enumerate(ODD)]
    whole.whole(crm(made(1, name="Kestrel", domain="kestrel.example", phone=["x"]), *others))
    assert set(whole.organizations()) == {"Kestrel", *(f"Company {n}" for n in range(len(ODD)))}
    assert set(whole.query("SELECT quarantine FROM raw_current")) == {(None,)}


FORMER = [made(n, name=f"Company {n}", phone=f"+49 228 123456{n}", industry="Freight") for n in range(1, 4)]


def phones(whole):
    """Record → phone, as staged."""
    return dict(whole.query("SELECT source_id, phone FROM staged_organization"))


def told_of_types(whole):
    """(severity, field, words) of what is told about other kinds of values and is open."""
    return whole.query(
        "SELECT severity, field, happened FROM sync_error WHERE code = 'field_retyped' AND state = 'open'"
    )


@pytest.mark.parametrize("odd", [{"number": "+49 228 9"}, ["+49 228 9"], 17, True])
def test_f48_a_field_of_another_type_keeps_its_last_value_and_stops_nothing_else(whole, odd):
    whole.whole(crm(*FORMER))
    before = phones(whole)
    whole.whole(crm(FORMER[0], made(2, name="Renamed", phone=odd, industry="Freight"), FORMER[2]))
    assert (phones(whole), "Renamed" in whole.organizations()) == (before, True)
    ((severity, field, words),) = told_of_types(whole)
    assert (severity, field) == ("warning", "phone")
    assert "in 1 record: 2. The rules cannot read that: phone keeps the last value" in words
    assert "228" not in words


def test_f48_a_type_that_the_rules_can_read_is_read_and_told(whole):
    whole.whole(crm(*FORMER))
    whole.whole(crm(*FORMER[:2], made(3, name="Company 3", phone="+49 228 1234563", industry=17)))
    assert whole.query("SELECT industry FROM staged_organization WHERE source_id = '3'") == [("17",)]
    ((severity, field, words),) = told_of_types(whole)
    assert (severity, field) == ("finding", "industry")
    assert "held text and holds number now in 1 record: 3. It is read as before." in words


def test_f48_a_type_that_was_accepted_is_read_as_it_comes_and_never_told_again(whole):
    retyped = [made(n, name=f"Company {n}", phone=["x"], industry="Freight") for n in range(1, 4)]
    whole.whole(crm(*FORMER))
    whole.whole(crm(*retyped))
    with Database(whole.url).session() as connection:
        assert let_go(
            connection, ("crm", "companies", "phone"), actor="ann", now="2026-10-02T00:00:00.000000Z"
        )
    whole.whole(crm(*retyped))
    assert (set(phones(whole).values()), told_of_types(whole)) == ({None}, [])
    whole.whole(crm(*retyped, made(4, name="Company 4", phone=["y"])))
    assert told_of_types(whole) == []


def test_f48_a_list_of_what_drifted_says_what_waits_and_what_was_accepted(whole):
    whole.whole(crm(*FORMER))
    whole.whole(crm(*FORMER[:2], made(3, name="Company 3", phone=["x"])))
    with Database(whole.url).session() as connection:
        (waiting,) = list_drift(connection)
        let_go(connection, ("crm", "companies", "phone"), actor="ann", now="2026-10-02T00:00:00.000000Z")
        (accepted,) = list_drift(connection)
    assert (waiting["state"], waiting["field"], waiting["values"]) == ("stopped", "phone", "text → list")
    assert "partnerhub drift accept crm companies.phone" in waiting["to_do"]
    assert (accepted["state"], accepted["let_go_by"], accepted["to_do"]) == ("accepted", "ann", None)


def test_f48_what_is_mended_at_the_source_is_told_no_more(whole):
    whole.whole(crm(*FORMER))
    whole.whole(crm(*FORMER[:2], made(3, name="Company 3", phone=["x"])))
    whole.whole(crm(*FORMER[:2], made(3, name="Company 3", phone="+49 228 9999999")))
    assert (phones(whole)["3"], told_of_types(whole)) == ("+492289999999", [])


def test_f48_what_was_mended_and_happens_again_is_told_again(whole):
    whole.whole(crm(*FORMER))
    for odd in (["x"], "+49 228 9999999", ["y"]):
        whole.whole(crm(*FORMER[:2], made(3, name="Company 3", phone=odd)))
    assert (phones(whole)["3"], len(told_of_types(whole))) == ("+492289999999", 1)


def test_f48_the_kept_value_comes_back_when_all_that_is_derived_is_made_again(whole):
    whole.whole(crm(*FORMER))
    whole.whole(crm(*FORMER[:2], made(3, name="Company 3", phone=["x"])))
    before = phones(whole)
    whole.write("DELETE FROM stage_rules")
    whole.write("UPDATE raw_current SET staged_rules = ''")
    staged = whole.whole(crm(*FORMER[:2], made(3, name="Company 3", phone=["x"])))
    assert (staged.records, phones(whole), len(told_of_types(whole))) == (3, before, 1)


def test_f48_what_a_first_reading_holds_is_usual_however_mixed(whole):
    whole.whole(crm(*FORMER, made(4, name="Company 4", industry=17)))
    whole.whole(crm(*FORMER, made(4, name="Company 4", industry=18), made(5, name="Company 5", industry=1)))
    assert told_of_types(whole) == []
