"""What a person logs by hand is on the record at once; what it lacks is told in the words of the command line."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def ask(run, hub, tmp_path):
    """Run a command against a hub of this test alone."""
    folder = tmp_path / "own"
    shutil.copytree(hub.folder, folder)
    return lambda *arguments: run("--config", folder / "partnerhub.yaml", *arguments)


def test_a_call_is_on_the_timeline_at_once_with_those_who_took_part(ask):
    said = ask("log", "call", "bellago", "--when", "2026-03-02T14:30Z", "--with", "Gina Rossi", "--with",
               "leo@bellago.example", "--text", "They renew in May.", "--json")  # fmt: skip
    assert (said.code, said.json["organization"]) == (0, "Bellago S.r.l.")
    (event,) = ask("show", "bellago", "--json").json["timeline"]
    assert (event["kind"], event["happened_at"], event["title"], event["source"]) == (
        "call", "2026-03-02T14:30:00.000000Z", "They renew in May.", "hub",
    )  # fmt: skip


def test_an_agreement_and_a_commitment_show_and_call_for_a_person_when_their_day_comes(ask):
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    frame = ("Frame 2026", "--start", "2026-01-01", "--end", tomorrow, "--amount", "480k EUR")
    assert ask("log", "agreement", "bellago", *frame).code == 0
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    assert ask("log", "commitment", "bellago", "Train 12 people", "--due", yesterday).code == 0
    shown = ask("show", "bellago", "--json").json
    (agreement,), (commitment,) = shown["agreements"], shown["commitments"]
    assert (agreement["title"], agreement["amount_minor"], agreement["currency"]) == (
        "Frame 2026",
        48_000_000,
        "EUR",
    )
    assert (commitment["title"], commitment["due_on"]) == ("Train 12 people", yesterday)
    assert [each["rule"] for each in shown["signals"]] == ["renewal_due", "overdue"]


def test_a_commitment_that_is_kept_is_a_new_version_and_its_signal_is_over(ask):
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    promised = ("log", "commitment", "bellago", "Train 12 people", "--due", yesterday, "--json")
    entry = ask(*promised).json["entry"]
    assert len(ask("signals", "bellago", "--json").json["signals"]) == 1
    assert ask("signals").out.startswith("0 partners need you today, 1 more this week.")
    assert ask(*promised, "--entry", entry, "--done", yesterday).json["entry"] == entry
    assert ask("signals", "bellago", "--json").json["signals"] == []
    (over,) = ask("signals", "bellago", "--all", "--json").json["signals"]
    assert over["closed_at"] is not None
    assert len(ask("show", "bellago", "--json").json["commitments"]) == 1


@pytest.mark.parametrize(
    ("arguments", "happened", "do"),
    [
        (("call",), "A call needs when it happened, with whom, what was said.", "--when, --with, --text"),
        (("meeting", "--when", "2026-01-01", "--text", "x"), "A meeting needs with whom.", "--with"),
        (("note",), "A note needs what was said.", "--text"),
        (("agreement", "Frame", "--start", "2026-01-01"), "its end or its renewal", "--end or --renews"),
        (("commitment", "Training"), "A commitment needs when it is due.", "--due"),
        (("commitment", "Training", "--due", "2026-02-30"), "not a day", "2026-09-01"),
    ],
)
def test_what_is_missing_is_told_at_once_with_the_options_that_mend_it(ask, arguments, happened, do):
    kind, *rest = arguments
    said = ask("log", kind, "bellago", *rest)
    assert said.code != 0
    assert happened in said.err
    assert do in said.err
    assert ask("show", "bellago", "--json").json["timeline"] == []


def test_a_time_that_is_none_is_a_mistake_of_usage(ask):
    said = ask("log", "note", "bellago", "--text", "x", "--when", "yesterday")
    assert said.code == 2
    assert "--when yesterday" in said.err


def test_errors_are_json_when_asked_for(ask):
    said = ask("log", "note", "bellago", "--json")
    assert "what was said" in said.json["error"]["happened"]


def test_signals_read_as_sentences_with_what_they_rest_on(ask):
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    ask("log", "commitment", "bellago", "Train 12 people", "--due", yesterday)
    said = ask("signals")
    assert "Bellago S.r.l." in said.out
    assert "Promised: “Train 12 people” in Entered in the hub is 1 day overdue." in said.out
    assert "hub/commitments/" in said.out
    assert "1 day overdue" in ask("show", "bellago").out


def test_without_signals_nothing_needs_anybody(ask):
    assert "Nothing needs you." in ask("signals").out
