"""`show --threads` in words and as JSON: who wrote last, and what waits for us."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Console

from partnerhub.cli.threads import show_threads, waiting

THREAD = {
    "thread": "mail:1@x",
    "subject": "Rollout [bold]now[/bold]\x1b[31m",
    "first_at": "2026-09-01T08:00:00.000000Z",
    "last_at": "2026-09-03T08:00:00.000000Z",
    "mails": 3,
    "last_by": "Ann Example",
    "last_direction": "in",
    "owed_since": "2026-09-02T08:00:00.000000Z",
    "owes_answer": True,
}
NOW = datetime(2026, 9, 14, 9, tzinfo=UTC)


def said(*threads):
    console = Console(width=160)
    with console.capture() as captured:
        show_threads(console, {"name": "Acme", "threads": list(threads)}, NOW)
    return captured.get()


def test_a_conversation_that_waits_says_for_how_long_and_steers_no_terminal():
    text = said(THREAD, {**THREAD, "owed_since": None, "owes_answer": False, "last_direction": "out"})
    assert "they: Ann Example" in text
    assert "for 12 days" in text
    assert "Rollout [bold]now[/bold]" in text
    assert "\x1b[31m" not in text
    assert "1 conversation of 2 wait" in text


def test_a_partner_without_mail_is_said_to_have_none():
    assert "No mail with this partner is known." in said()


def test_a_mail_of_today_waits_for_no_days_yet():
    assert waiting("2026-09-14T08:00:00.000000Z", NOW) == "for 0 days"


def test_show_answers_threads_as_json(ask):
    found = ask("show", "acme", "--threads", "--json")
    assert found.code == 0, found.out
    assert found.json["threads"] == []
