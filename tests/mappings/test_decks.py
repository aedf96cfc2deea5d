"""What a deck becomes: a document with passages, and what it says of the partner it names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mappings.clean.unreadable import Unreadable
from mappings.compile import compile_stream
from mappings.decks import MAPPING
from mappings.decks.values import short_words, written_amount, written_date
from mappings.rows import Context, StagedOutput

STAGE = compile_stream(MAPPING.streams["decks"])
TITLE = "Brightwater Energy: quarterly review Q3 2026"


def said(text: str, place: str = "Box", kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"place": f"slide 1 / {place}", "kind": kind, "text": text, **more}


def table(*rows: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        said(text, f"Table 1 / r{row}c{column}", "cell", row=row, column=column)
        for row, cells in enumerate(rows, 1)
        for column, text in enumerate(cells, 1)
        if text
    ]


def staged(*passages: dict[str, Any], title: str | None = TITLE, **payload: Any) -> StagedOutput:
    first = [said(title, "Title 1", "title")] if title else []
    whole = {
        "sha256": "abc", "paths": ["Reviews/q3.pptx"], "size": 9, "modified": "2026-09-02T08:00:00.000000Z",
        "media_type": "application/x", "reader": "pptx-1", "bytes_kept": True, "properties": {},
        "slides": [{"number": 1, "title": title, "hidden": False, "passages": [*first, *passages]}],
        "coverage": {"skipped": {}},
    }  # fmt: skip
    own = frozenset({"northpeak.example"})
    context = Context("decks", "decks", "abc", 1, "r", None, None, "US", own, frozenset(), {})
    return STAGE(whole | payload, context)


def partner(*passages: dict[str, Any], **payload: Any) -> dict[str, Any] | None:
    rows = staged(*passages, **payload).rows.get("organization")
    return rows[0] if rows else None


def values(*passages: dict[str, Any]) -> dict[str, Any]:
    row = partner(*passages)
    names = ("tier", "status", "stage", "annual_value_minor", "currency", "renews_on")
    return {name: row[name] for name in names if row and row[name] is not None}


# ---------------------------------------------------------------- document and passages


def test_a_deck_is_a_document_with_its_passages_at_their_places() -> None:
    output = staged(said("on track"), properties={"modified": "2026-09-01T08:00:00Z", "author": "Ana"})
    document = output.rows["document"][0]
    assert (document["title"], document["sha256"], document["modified_at"]) == (
        TITLE,
        "abc",
        "2026-09-01T08:00:00.000000Z",
    )
    assert [(row["place"], row["text"], row["extractor"]) for row in output.rows["passage"]] == [
        ("slide 1 / Title 1", TITLE, "pptx-1"),
        ("slide 1 / Box", "on track", "pptx-1"),
    ]


@pytest.mark.fault("F102")
def test_a_passage_keeps_its_key_while_its_text_stays_and_loses_it_with_the_text() -> None:
    keys = [{row["record"] for row in staged(said(text)).rows["passage"]} for text in ("one", "one", "two")]
    assert keys[0] == keys[1]
    assert len(keys[0] & keys[2]) == 1  # the title


def test_a_deck_that_names_nobody_is_a_document_and_nothing_more() -> None:
    output = staged(said("Tier: Gold"), title="How we answer tickets")
    assert set(output.rows) == {"document", "passage"}


def test_a_document_is_about_the_partner_it_names() -> None:
    output = staged()
    relation, row = output.rows["relation"][0], output.rows["organization"][0]
    assert (relation["kind"], relation["from_record"]) == ("about", output.rows["document"][0]["record"])
    assert relation["to_record"] == row["record"]


def test_shapes_that_could_not_be_read_are_findings_and_pictures_are_not() -> None:
    output = staged(coverage={"skipped": {"picture": 3, "damaged_part": 1}})
    assert [(each.code, each.field) for each in output.findings] == [("shapes_not_read", "damaged_part")]


# ---------------------------------------------------------------- whose deck it is


@pytest.mark.parametrize(
    ("title", "name"),
    [
        (TITLE, "Brightwater Energy"),
        ("Quarterly business review – Müller Logistik GmbH", "Müller Logistik GmbH"),
        ("QBR | Acme Corp | Q3 2026", "Acme Corp"),
        ("Partner review with Acme Corp, Q3 2026", "Acme Corp"),
        ("Quartalsgespräch: 株式会社緑橋システム", "株式会社緑橋システム"),
        ("Quarterly review Q3 2026", None),
        ("Partner review: All partners", None),
        ("Northpeak: annual review", None),
        ("Training: Connector Suite", None),
        ("Plan for October", None),
        ("Review: Acme: Globex", None),
    ],
)
def test_the_title_of_a_review_names_the_partner(title: str, name: str | None) -> None:
    row = partner(title=title)
    assert (row["name"] if row else None) == name


def test_a_partner_line_counts_more_than_the_title_and_a_path_rule_more_than_both() -> None:
    line = said("Partner: Acme Corp")
    by_line, by_path = partner(line), partner(line, partner_in_path="Globex")
    assert by_line
    assert by_path
    assert (by_line["name"], by_path["name"]) == ("Acme Corp", "Globex")


def test_a_deck_about_several_partners_states_nothing_of_any() -> None:
    output = staged(said("Partner: Acme\nTier: Gold"), said("Partner: Globex\nTier: Silver", "Box 2"))
    assert "organization" not in output.rows
    assert [each.code for each in output.findings] == ["several_partners"]


def test_the_address_on_the_first_slide_is_the_partners_and_never_our_own() -> None:
    row, ours = partner(said("Seattle\nbrightwater.example")), partner(said("www.northpeak.example"))
    assert row
    assert ours
    assert (row["host"], ours["host"]) == ("brightwater.example", None)


# ---------------------------------------------------------------- what it says


def test_labelled_values_are_read_from_lines() -> None:
    assert values(said("Tier: Gold\nStatus: on track | ARR $480k\nRenewal: 30 June 2027")) == {
        "tier": "Gold",
        "status": "on track",
        "annual_value_minor": 48_000_000,
        "currency": "USD",
        "renews_on": "2027-06-30",
    }


@pytest.mark.parametrize(
    "rows",
    [
        (("Field", "Value"), ("Tier", "Gold"), ("ARR", "€1.2m")),
        (("Tier", "ARR"), ("Gold", "€1.2m")),
        (("Partnerstufe", "Gold"), ("Jahreswert", "1,2 Mio €")),
    ],
)
def test_labelled_values_are_read_from_tables_either_way_round(rows: tuple[tuple[str, ...], ...]) -> None:
    assert values(*table(*rows)) == {"tier": "Gold", "annual_value_minor": 120_000_000, "currency": "EUR"}


def test_a_table_with_a_row_per_partner_says_nothing_about_one_of_them() -> None:
    rows = table(("Partner", "Tier"), ("Acme", "Gold"), ("Globex", "Silver"))
    row = partner(*rows)
    assert row
    assert (row["name"], row["tier"]) == ("Brightwater Energy", None)


@pytest.mark.fault("F104")
def test_every_value_is_cited_beside_it_with_its_slide_its_place_and_its_passage() -> None:
    output = staged(said("Tier: Gold"), said("Owner: Ana Silva", "Box 2"))
    cited = json.loads(output.rows["document"][0]["custom_json"])["said"]
    assert {field: (each["label"], each["value"], each["place"]) for field, each in cited.items()} == {
        "tier": ("Tier", "Gold", "slide 1 / Box"),
        "owner": ("Owner", "Ana Silva", "slide 1 / Box 2"),
    }
    assert {each["slide"] for each in cited.values()} == {1}
    assert {each["passage"] for each in cited.values()} < {row["record"] for row in output.rows["passage"]}


def test_a_label_without_a_field_is_a_field_of_its_own_with_the_plain_value() -> None:
    output = staged(said("Tier: Gold"), said("Owner: Ana Silva", "Box 2"))
    assert json.loads(output.rows["organization"][0]["custom_json"]) == {"Owner": "Ana Silva"}


def test_what_is_shown_counts_more_than_notes_and_a_disagreement_is_a_finding() -> None:
    output = staged(said("Tier: Silver", "notes", "notes"), said("Tier: Gold"))
    assert output.rows["organization"][0]["tier"] == "Gold"
    assert [(each.code, each.field) for each in output.findings] == [("conflicting_values", "tier")]


def test_what_a_comment_or_a_chart_says_is_no_statement() -> None:
    assert values(said("Tier: Gold", kind="comment"), said("ARR: 480", kind="chart")) == {}


def test_a_value_that_cannot_be_read_is_a_finding_and_the_others_stay() -> None:
    output = staged(said("Tier: Gold\nRenewal: sometime in Q3"))
    assert output.rows["organization"][0]["tier"] == "Gold"
    assert [each.code for each in output.findings] == ["unreadable_date"]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("$480k", (48_000_000, "USD")),
        ("480k EUR p.a.", (48_000_000, "EUR")),
        ("about 480 000 € a year", (48_000_000, "EUR")),
        ("PLN 1.2m", (120_000_000, "PLN")),
        ("£1.5 million (up 12%)", (150_000_000, "GBP")),
        ("1.234.567,89 €", (123_456_789, "EUR")),
        ("JPY 65k", (65_000, "JPY")),
        ("€400–480k", None),
        ("12%", None),
        ("480k", None),
        ("to be agreed", None),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, amount: tuple[int, str] | None) -> None:
    if amount is None:
        with pytest.raises(Unreadable):
            written_amount(text, None)
    else:
        assert written_amount(text, None) == amount


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("30 June 2027", "2027-06-30"),
        ("June 30th, 2027", "2027-06-30"),
        ("30. Juni 2027", "2027-06-30"),
        ("30 de junio de 2027", "2027-06-30"),
        ("30.06.2027", "2027-06-30"),
        ("2027-06-30 (auto)", "2027-06-30"),
        ("30/06/2027", "2027-06-30"),
        ("06/30/2027", "2027-06-30"),
        ("03/04/2027", None),
        ("31 June 2027", None),
        ("Q3 2027", None),
    ],
)
def test_days_are_read_as_people_write_them(text: str, day: str | None) -> None:
    if day is None:
        with pytest.raises(Unreadable):
            written_date(text)
    else:
        assert written_date(text) == day


def test_a_sentence_is_no_status_and_an_aside_is_cut_off() -> None:
    assert short_words("On track (since May)") == "On track"
    with pytest.raises(Unreadable):
        short_words("nobody has asked them since the spring")
