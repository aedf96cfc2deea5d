"""The end of the demo: the numbers in one sentence, and cards that fit a terminal of 100 columns."""

import io

from rich.console import Console

from partnerhub.cli.demo_cards import Card, Headline, in_order, show_cards, weight


def signal(rule, level="attention", **more):
    evidence = [
        {"record": "jira/issues/90019", "quote": "Blocker: " + "very long words " * 20, "at": "2026-10-01T"}
    ]
    return {
        "rule": rule,
        "level": level,
        "sentence": "It is 9 days overdue. " * 6,
        "evidence": evidence,
        **more,
    }


def shown(card, titles):
    out = io.StringIO()
    show_cards(Console(file=out, width=160, highlight=False), [card], titles)
    return out.getvalue()


def test_the_headline_says_what_came_together():
    line = Headline(1804, 7, 418, 760, 35).sentence()
    assert (
        line
        == "1,804 organization records in 7 systems → 418 partners, 760 duplicates found, 35 need you today"
    )
    assert Headline(2, 1, 1, 1, 1).sentence().endswith("→ 1 partner, 1 duplicate found, 1 needs you today")


def test_a_card_tells_each_kind_of_finding_once_before_it_repeats_one():
    findings = [
        signal("overdue", "urgent"),
        signal("overdue"),
        signal("contradiction"),
        signal("stale_stage"),
    ]
    told = [(each["rule"], each["level"]) for each in in_order(findings)]
    assert told[0] == ("overdue", "urgent")
    assert [rule for rule, _ in told] == ["overdue", "stale_stage", "contradiction", "overdue"]


def test_more_kinds_of_urgent_findings_weigh_more_than_many_of_one_kind():
    one = [signal("overdue", "urgent") for _ in range(9)]
    two = [signal("overdue", "urgent"), signal("unanswered", "urgent")]
    assert weight(two) > weight(one)


def test_a_card_fits_100_columns_and_names_tool_record_and_day():
    text = shown(Card("id", "Brightwater", [signal("overdue", "urgent")]), {"jira": "Jira"})
    assert max(len(line.rstrip()) for line in text.split("\n")) <= 100
    assert "Jira: “Blocker:" in text
    assert "2026-10-01 jira/issues/90019" in text


def test_a_name_of_a_partner_cannot_steer_the_terminal():
    text = shown(Card("id", "Bright\x1b[31mwater [bold]x[/bold]", [signal("overdue")]), {})
    assert "\x1b" not in text
    assert "[bold]x[/bold]" in text


def test_what_does_not_fit_is_counted():
    text = shown(Card("id", "Bright", [signal(f"rule {number}") for number in range(10)]), {})
    assert "… and 2 more findings" in text
