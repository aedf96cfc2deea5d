"""A row of anybody's partner list becomes an organization and its contact."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.errors import FixSetup, SkipRecord
from mappings.compile import compile_stream
from mappings.rows import Context, StagedOutput
from mappings.sheets import ROWS, recognize


def stage(
    row: dict[str, str], columns: dict[str, str] | None = None, fields: dict[str, str] | None = None
) -> StagedOutput:
    context = Context(
        "list",
        "rows",
        "r1",
        1,
        "rules",
        None,
        None,
        "DE",
        frozenset(),
        frozenset(),
        {"columns": columns or {}},
    )
    return compile_stream(ROWS, fields or {})({**row, "_row": "7"}, context)  # type: ignore[arg-type]


def organization(row: dict[str, str], **settings: Any) -> dict[str, Any]:
    return stage(row, **settings).rows["organization"][0]


def keys(output: StagedOutput, kind: str) -> set[str]:
    return {key[3] for key in output.keys if key[1] == kind}


ROW = {
    "Company": "Lindenhuber GmbH", "Website": "www.lindenhuber.de", "Contact": "Anna Vogt",
    "E-Mail": "a.vogt@lindenhuber.de", "Phone": "0561 234567", "City": "Kassel", "Country": "Deutschland",
    "Status": "aktiv", "Tier": "Gold",
    "Account No": "007", "Notes": "NA",
}  # fmt: skip


def test_usual_headings_fill_the_organization() -> None:
    found = organization(ROW)
    expected = {
        "name": "Lindenhuber GmbH", "domain": "lindenhuber.de", "phone": "+49561234567", "country": "DE",
        "city": "Kassel", "status": "active", "tier": "Gold", "notes": "NA",
    }  # fmt: skip
    assert {field: found[field] for field in expected} == expected


def test_what_no_heading_stands_for_goes_to_custom_and_the_row_number_nowhere() -> None:
    assert json.loads(organization(ROW)["custom_json"]) == {"Account No": "007"}


def test_the_contact_becomes_a_person_who_works_there() -> None:
    output = stage(ROW)
    (person,), (relation,) = output.rows["person"], output.rows["relation"]
    assert (person["name"], person["email"]) == ("Anna Vogt", "a.vogt@lindenhuber.de")
    assert (relation["from_record"], relation["to_record"]) == (person["record"], "list/rows/r1")
    assert "a.vogt@lindenhuber.de" in keys(output, "email")


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("Firma", "name"), ("Organisation", "name"), ("Société", "name"), ("PLZ", "postcode"), ("Ort", "city"),
        ("Land", "country"), ("Tel.", "phone"), ("e-mail address", "contact.email"),
        ("Ansprechpartner", "contact.name"), ("URL", "website"), ("ZIP Code", "postcode"),
        ("Services offered", "services"),
    ],
)  # fmt: skip
def test_headings_are_recognized_in_several_languages(heading: str, target: str) -> None:
    assert recognize((heading,)) == {heading: target}


def test_name_beside_company_is_the_contact() -> None:
    assert recognize(("Name", "Company")) == {"Company": "name", "Name": "contact.name"}


def test_the_same_columns_mean_the_same_in_a_row_with_empty_cells() -> None:
    with pytest.raises(SkipRecord) as caught:
        stage({"Company": "", "Name": "Anna Vogt"})
    assert caught.value.code == "missing_name"


def test_a_row_without_a_name_goes_by_its_domain_and_says_so() -> None:
    output = stage({"Company": "", "Website": "https://www.kraft.de/start"})
    assert output.rows["organization"][0]["name"] == "kraft.de"
    assert [finding.code for finding in output.findings] == ["named_by_domain"]


def test_explicit_columns_win_over_recognized_ones() -> None:
    row = {"Company": "Group", "Who": "Lindenhuber"}
    found = organization(row, columns={"name": "Who", "legal_name": "Company"})
    assert (found["name"], found["legal_name"]) == ("Lindenhuber", "Group")


def test_a_deployments_fields_win_too() -> None:
    found = organization({"Company": "Lindenhuber", "Level": "A", "Class": "B"}, fields={"tier": "Class"})
    assert (found["tier"], json.loads(found["custom_json"] or "{}")) == ("B", {})


def test_an_unknown_target_names_the_known_ones() -> None:
    with pytest.raises(FixSetup) as caught:
        stage(ROW, columns={"nmae": "Company"})
    assert "legal_name" in caught.value.do


@pytest.mark.parametrize("address", ["kraft.bau@gmx.de", "someone@gmail.com"])
def test_free_mail_never_becomes_the_organizations_domain(address: str) -> None:
    output = stage({"Company": "Kraft", "E-Mail": address, "Contact": "A. Kraft"})
    found = output.rows["organization"][0]
    assert (found["host"], found["domain"]) == (None, None)
    assert not keys(output, "host") | keys(output, "domain")
    assert keys(output, "email") == {address}


def test_an_own_mail_domain_stands_in_for_a_missing_website_only() -> None:
    without = stage({"Company": "Kraft", "E-Mail": "a@mail.kraft.de", "Contact": "A"})
    beside = stage({"Company": "Kraft", "Website": "kassel.kraft.de", "E-Mail": "a@kraft.de", "Contact": "A"})
    assert without.rows["organization"][0]["domain"] == "kraft.de"
    assert keys(beside, "host") == {"kassel.kraft.de"}


def test_a_domain_stated_beside_its_own_website_is_one_key() -> None:
    output = stage({"Company": "Kraft", "Website": "kraft.de", "Email domain": "kraft.de"})
    assert [key[1:4] for key in output.keys if key[3] == "kraft.de"] == [("domain", "host", "kraft.de")]


def test_a_page_on_a_platform_is_nobodys_domain() -> None:
    output = stage({"Company": "Kraft", "Website": "https://www.facebook.com/kraft"})
    assert output.rows["organization"][0]["domain"] is None
    assert not keys(output, "domain")


def test_several_addresses_in_a_cell_are_several_people_and_info_is_none() -> None:
    output = stage({"Company": "Kraft", "E-Mail": "a@kraft.de; b@kraft.de, info@kraft.de"})
    assert [person["email"] for person in output.rows["person"]] == ["a@kraft.de", "b@kraft.de"]


def test_a_dash_is_an_empty_cell() -> None:
    output = stage({"Company": "Kraft", "Website": "-", "Phone": "n/a", "Tier": "–"})
    assert output.findings == []
    assert output.rows["organization"][0]["tier"] is None


def test_an_unreadable_cell_is_reported_and_the_row_staged() -> None:
    output = stage({"Company": "Kraft", "Phone": "ask Tom", "E-Mail": "not an address"})
    assert sorted((finding.code, finding.field) for finding in output.findings) == [
        ("unreadable_email", "E-Mail"), ("unreadable_phone", "Phone"),
    ]  # fmt: skip


def test_staging_a_row_twice_gives_the_same() -> None:
    assert stage(ROW) == stage(ROW)


@pytest.mark.parametrize(
    ("heading", "value", "field", "expected"),
    [
        ("Renewal date", "2026-12-31", "renews_on", "2026-12-31"),
        ("Vertragsverlängerung", "31.12.2026", "renews_on", "2026-12-31"),
        ("Last review", "2026-03-02", "reviewed_on", "2026-03-02"),
        ("Dernière revue", "2026-03-02", "reviewed_on", "2026-03-02"),
        ("ARR", "$480k", "annual_value_minor", 48_000_000),
        ("Valor anual", "1.200,50 EUR", "annual_value_minor", 120_050),
        ("Partner level", "Gold", "tier", "Gold"),
    ],
)
def test_terms_of_the_relationship_are_recognized(
    heading: str, value: str, field: str, expected: object
) -> None:
    assert organization({"Company": "Acme", heading: value})[field] == expected


def test_an_amount_has_the_currency_it_names_else_that_of_its_column() -> None:
    named = organization({"Company": "Acme", "ARR": "480k €"})
    beside = organization({"Company": "Acme", "Annual value": "1200", "Currency": "JPY"})
    assert (named["annual_value_minor"], named["currency"]) == (48_000_000, "EUR")
    assert (beside["annual_value_minor"], beside["currency"]) == (1_200, "JPY")


def test_contract_columns_become_an_agreement_of_the_organization() -> None:
    found = stage({"Company": "Acme", "Contract end": "2027-01-31", "Renewal": "2026-12-01"})
    (agreement,) = found.rows["agreement"]
    assert (agreement["title"], agreement["ends_on"], agreement["renews_on"]) == (
        "Contract", "2027-01-31", "2026-12-01",
    )  # fmt: skip
    assert agreement["organization_record"] == found.rows["organization"][0]["record"]


def test_commitments_in_a_cell_are_each_one_with_the_day_they_end_in() -> None:
    cell = "Train 12 people by 2026-03-31; Portal live (bis 1.5.2026)\nCo-marketing plan"
    found = stage({"Company": "Acme", "Commitments": cell}).rows["commitment"]
    assert [(each["title"], each["due_on"]) for each in found] == [
        ("Train 12 people", "2026-03-31"), ("Portal live", "2026-05-01"), ("Co-marketing plan", None),
    ]  # fmt: skip


def test_partner_manager_is_a_colleague_who_owns_the_organization() -> None:
    found = stage({"Company": "Acme", "Partner manager": "Ann Weber"})
    (colleague,) = found.rows["colleague"]
    assert colleague["name"] == "Ann Weber"
    assert found.rows["organization"][0]["owner_record"] == colleague["record"]


def test_an_owner_with_an_address_elsewhere_is_never_taken_for_one_of_ours() -> None:
    (colleague,) = stage({"Company": "Acme", "Owner": "boss@acme.example"}).rows["colleague"]
    assert (colleague["name"], colleague["email"]) == ("boss@acme.example", None)
