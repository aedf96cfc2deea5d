"""A stream mapping made to run: rows, leftovers, findings, quarantine, overrides."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import FixSetup, SkipRecord
from mappings.canonical import Organization
from mappings.compile import compile_stream, staged_row
from mappings.fingerprint import rules_fingerprint
from mappings.keys import anchors_of, domains_among, hosts_among
from mappings.plan import MOST_SHAPES, Overrides, effective_rows, reading_of, ready_plan
from mappings.rows import Context, Finding, Row, StagedOutput, StreamMapping
from mappings.validate import validate_row

STREAM = StreamMapping(
    "organization",
    (
        Row("name", "name", "name", required=True),
        Row("name", "domain", "name"),
        Row("website", "website", "website"),
        Row("website", "domain", "website"),
        Row("email", "email", "email"),
        Row("phone", "phone", "phone"),
        Row("city", "address.city", "line"),
        Row("country", "country", "country"),
        Row("status", "status", "code:states"),
        Row("key.registry.vat", "vat", "id"),
        Row("key.phone", "phones", "phone"),
        Row("created_at", "$.createdAt", "time"),
    ),
    base="properties",
    ignored=frozenset({"hs_*", "counter", "$.id"}),
    codes={"states": {"A": "active", "I": "inactive"}},
)
CONTEXT = Context(
    source="crm",
    stream="companies",
    source_id="7",
    raw_id=1,
    rules="r",
    version="2026-01-02T00:00:00.000000Z",
    deleted_at=None,
    default_region="DE",
    own_domains=frozenset(),
    own_addresses=frozenset(),
    settings={"default_currency": "EUR"},
)


def staged(properties: dict[str, Any], overrides: Overrides | None = None, **around: Any) -> StagedOutput:
    return compile_stream(STREAM, overrides or {})({"properties": properties, **around}, CONTEXT)


def organization(output: StagedOutput) -> dict[str, Any]:
    return output.rows["organization"][0]


def keys(output: StagedOutput, kind: str) -> list[tuple[str, str]]:
    return [(key[2], key[3]) for key in output.keys if key[1] == kind]


def test_row_holds_every_canonical_field_and_its_place():
    row = organization(staged({"name": "Acme"}))
    assert row.keys() == Organization.model_fields.keys()
    assert (row["record"], row["raw_id"], row["modified_at"]) == ("crm/companies/7", 1, CONTEXT.version)


def test_first_row_of_a_target_with_a_value_wins():
    row = organization(staged({"website": "https://a.example/x", "domain": "b.example"}))
    assert (row["name"], row["website"], row["host"]) == ("b.example", "https://a.example/x", "a.example")


def test_unreadable_value_falls_through_to_the_next_row_with_a_finding():
    output = staged({"name": "Acme", "website": "n/a", "domain": "acme.example"})
    assert organization(output)["website"] == "https://acme.example"
    assert output.findings == [Finding("unreadable_website", "website", "n/a")]


def test_phone_is_read_in_the_country_of_its_record():
    assert (
        organization(staged({"name": "A", "phone": "020 7946 0958", "country": "UK"}))["phone"]
        == "+442079460958"
    )
    assert organization(staged({"name": "A", "phone": "030 1234567"}))["phone"] == "+49301234567"


def test_missing_required_field_quarantines_the_record():
    with pytest.raises(SkipRecord) as raised:
        staged({"phone": "030 1234567"})
    assert (raised.value.code, raised.value.record_id) == ("missing_name", "7")


def test_field_that_one_mapping_requires_quarantines_too():
    stream = StreamMapping(
        "organization", (Row("name", "n", "name"), Row("country", "c", "country", required=True))
    )
    with pytest.raises(SkipRecord) as raised:
        compile_stream(stream)({"n": "Acme", "c": "Freedonia"}, CONTEXT)
    assert raised.value.code == "missing_country"


def test_fields_that_only_some_records_have_are_read_in_those():
    stage = compile_stream(STREAM)
    said = ({"name": "A"}, {"name": "B", "city": "Rome", "address.city": "Bonn"}, {"name": "C", "new": 1})
    rows = [organization(stage({"properties": one}, CONTEXT)) for one in said]
    found = [(row["city"], row["custom_json"]) for row in rows]
    assert found == [(None, None), ("Bonn", '{"city":"Rome"}'), (None, '{"new":1}')]


def test_sets_of_field_names_are_remembered_up_to_a_limit():
    plan = ready_plan(STREAM, STREAM.rows)
    for number in range(MOST_SHAPES + 1):
        assert reading_of(plan, {"name": "A", str(number): 1}).left == ((str(number), str(number), None),)
    assert len(plan.readings) <= MOST_SHAPES


def test_a_validated_row_is_packed_in_the_order_of_its_fields():
    output = staged({"name": "Acme", "country": "Germany"})
    assert output.values["organization"] == [
        tuple(organization(output)[name] for name in Organization.model_fields)
    ]


def test_payload_without_its_base_is_quarantined():
    with pytest.raises(SkipRecord, match="unreadable_payload"):
        compile_stream(STREAM)({"properties": None}, CONTEXT)


def test_unmapped_field_is_carried_as_custom_in_a_fixed_order():
    output = staged(
        {"name": "A", "zeta": 1, "alpha": "x\x00y", "hs_x": 1, "counter": 2, "none": None, "empty": ""}
    )
    assert organization(output)["custom_json"] == '{"alpha":"xy","zeta":1}'
    assert output.findings == []


def test_unread_part_of_an_object_is_carried_too():
    row = organization(staged({"name": "A", "address": {"city": "Bonn", "floor": 3}}))
    assert (row["city"], row["custom_json"]) == ("Bonn", '{"address":{"floor":3}}')


def test_unknown_field_beside_the_base_is_a_finding():
    assert staged({"name": "A"}, id="7", surprise=[1]).findings == [
        Finding("unmapped_field", "surprise", "[1]")
    ]


def test_unknown_code_is_kept_and_reported():
    output = staged({"name": "A", "status": "X"})
    assert organization(output)["status"] == "X"
    assert output.findings == [Finding("unknown_value", "status", "X")]
    assert organization(staged({"name": "A", "status": "i"}))["status"] == "inactive"


def test_a_number_its_register_cannot_have_issued_is_reported_and_no_key():
    output = staged({"name": "A", "vat": "DE136695970"})
    assert keys(output, "registry") == []
    assert [finding.code for finding in output.findings] == ["unreadable_registry_number"]


def test_key_rows_add_identifiers():
    output = staged(
        {
            "name": "A",
            "vat": "DE136695976",
            "phones": "030 1234567; ; bad;030 1234567",
            "phone": "+49 30 1234567",
        }
    )
    assert keys(output, "registry") == [("vat", "DE136695976")]
    assert keys(output, "phone") == [("", "+49301234567")]
    assert [finding.code for finding in output.findings] == ["unreadable_phone"]


def test_extension_is_shown_but_not_compared():
    output = staged({"name": "A", "phone": "+49 30 1234567 ext. 5"})
    assert organization(output)["phone"] == "+49301234567;ext=5"
    assert keys(output, "phone") == [("", "+49301234567")]


def test_key_keeps_what_the_source_wrote():
    output = staged({"name": "ACME, Inc.", "website": "HTTP://www.Acme.example/"})
    assert [(key[1], key[3], key[4]) for key in output.keys] == [
        ("name", "acme", "ACME, Inc."),
        ("domain", "acme.example", "HTTP://www.Acme.example/"),
    ]


def test_host_that_is_its_own_domain_is_one_key_and_read_as_both():
    output = staged({"name": "A", "website": "acme.example"})
    assert keys(output, "domain") == [("host", "acme.example")]
    kinds = [key[1:4] for key in output.keys]
    assert (hosts_among(kinds), domains_among(kinds)) == (["acme.example"], ["acme.example"])
    assert anchors_of("domain", "host", "acme.example") == ("host:acme.example", "domain:acme.example")


def test_host_below_its_domain_is_two_keys():
    kinds = [key[1:4] for key in staged({"name": "A", "website": "shop.acme.example"}).keys]
    assert (hosts_among(kinds), domains_among(kinds)) == (["shop.acme.example"], ["acme.example"])
    assert anchors_of(*kinds[1]) == ("host:shop.acme.example",)


def test_free_mail_address_gives_no_host():
    output = staged({"name": "A", "email": "acme@gmail.com"})
    assert organization(output)["host"] is None
    assert (keys(output, "email"), keys(output, "host")) == ([("", "acme@gmail.com")], [])


def test_own_mail_domain_stands_in_for_a_missing_website():
    row = organization(staged({"name": "A", "email": "info@mail.acme.example"}))
    assert (row["website"], row["host"], row["domain"]) == (None, "mail.acme.example", "acme.example")


def test_platform_page_is_a_website_but_no_host():
    output = staged({"name": "A", "website": "facebook.com/acme"})
    assert (organization(output)["website"], organization(output)["host"]) == (
        "https://facebook.com/acme",
        None,
    )
    assert keys(output, "domain") == []


def test_override_replaces_and_adds_rows():
    overrides: Overrides = {
        "city": "Town__c",
        "tier": {"path": "Tier__c", "clean": "lower"},
        "custom.score": "points",
    }
    output = staged(
        {"name": "A", "Town__c": "Ulm", "Tier__c": "GOLD", "points": 5, "address": {"city": "Bonn"}},
        overrides,
    )
    row = organization(output)
    assert (row["city"], row["tier"]) == ("Ulm", "gold")
    assert json.loads(row["custom_json"]) == {"address": {"city": "Bonn"}, "score": "5"}


def test_override_keeps_the_cleaner_of_the_row_it_replaces():
    rows = effective_rows(STREAM, {"country": "Land__c"})
    assert [row for row in rows if row.target == "country"] == [Row("country", "Land__c", "country")]


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        ({"colour": "x"}, "unknown_target"),
        ({"record": "x"}, "unknown_target"),
        ({"key.shoe": "x"}, "unknown_target"),
        ({"tier": {"path": "x", "clean": "polish"}}, "unknown_cleaner"),
        ({"tier": {"path": "x", "clean": "code:none"}}, "unknown_cleaner"),
        ({"tier": ""}, "missing_path"),
    ],
)
def test_wrong_override_names_what_may_be_written(overrides, code):
    with pytest.raises(FixSetup) as raised:
        compile_stream(STREAM, overrides)
    assert raised.value.code == code


def test_column_with_a_dot_in_its_name_is_found():
    stream = StreamMapping("organization", (Row("name", "Co. name", "name"),))
    row = organization(compile_stream(stream)({"Co. name": "Acme"}, CONTEXT))
    assert (row["name"], row["custom_json"]) == ("Acme", None)


def test_invalid_optional_value_from_python_becomes_a_finding():
    row = staged_row("organization", CONTEXT, name="A", country="Germany", employees="many")
    findings: list[Finding] = []
    validate_row("organization", row, CONTEXT, findings)
    assert (row["country"], row["employees"]) == (None, None)
    assert [finding.field for finding in findings] == ["country", "employees"]


@pytest.mark.parametrize(
    ("values", "code"), [({"name": None}, "missing_name"), ({"name": 5}, "invalid_name")]
)
def test_invalid_canonical_row_never_passes(values, code):
    with pytest.raises(SkipRecord) as raised:
        validate_row("organization", staged_row("organization", CONTEXT, **values), CONTEXT, [])
    assert raised.value.code == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
STAGER = compile_stream(STREAM)
NAMED = st.dictionaries(
    st.sampled_from(
        ["website", "domain", "email", "phone", "address", "country", "status", "vat", "phones", "x"]
    ),
    JSON,
)


@given(NAMED)
def test_whatever_a_source_sends_is_staged_valid_and_alike_twice(properties):
    properties["name"] = "Acme"
    output = STAGER({"properties": properties}, CONTEXT)
    Organization.model_validate(organization(output))
    assert STAGER({"properties": properties}, CONTEXT) == output
    assert all("\x00" not in part for key in output.keys for part in key)


def test_fingerprint_moves_with_every_rule_and_with_nothing_else():
    plain = rules_fingerprint(STREAM, {}, {"default_region": "DE"})
    assert plain == rules_fingerprint(STREAM, {}, {"default_region": "DE"})
    others = {
        rules_fingerprint(STREAM, {"tier": "T"}, {"default_region": "DE"}),
        rules_fingerprint(STREAM, {}, {"default_region": "US"}),
        rules_fingerprint(
            StreamMapping("organization", STREAM.rows, "properties", codes=STREAM.codes, version=2)
        ),
    }
    assert len(others | {plain}) == 4
