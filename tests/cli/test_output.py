"""What is printed fits the terminal: nothing is cut, and no command is broken over two lines."""

from __future__ import annotations

import io

import pytest

from partnerhub.cli.output import folded, prose, table
from partnerhub.cli.screen import Screen

COLUMNS = ("source", "stream", "health", "#at source", "#here", "#quarantined", "success (UTC)")
ROW = ("partner_list", "13 streams", "Action required", 28_503, 15_828, 1_204, "2026-11-22 15:49")


def printed(what, width):
    out = io.StringIO()
    screen = Screen(file=out, width=width, force_terminal=True, color_system=None)
    screen.print(what)
    return [line.rstrip() for line in out.getvalue().splitlines() if line.strip()]


@pytest.mark.parametrize("width", [40, 60, 72, 80, 100, 160])
def test_a_table_says_everything_on_a_terminal_of_any_width(width):
    lines = printed(table(COLUMNS, [ROW, ROW]), width)
    said = " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= width
    assert all(f"{count:,}" in said for count in ROW[3:6])
    assert all(word in said for word in ("health", "required", "quarantined", "15:49"))


def test_a_table_that_has_room_keeps_its_columns_apart():
    heads, _, line, *_ = printed(table(COLUMNS, [ROW]), 120)
    assert heads.startswith(" source         stream       health            at source")
    assert line.endswith("2026-11-22 15:49")


def test_where_no_table_fits_each_row_is_a_paragraph():
    first, *_ = printed(table(("source", "#read", "#landed"), [("a_source_with_a_name", 1, 2)]), 22)
    assert first == "a_source_with_a_name"


def test_text_is_broken_between_words_and_never_within_a_command():
    text = "! No scheduler has run here yet → `partnerhub --config /srv/hub/partnerhub.yaml up` starts it."
    assert folded(text, 40) == [
        "! No scheduler has run here yet",
        "→ `partnerhub --config /srv/hub/partnerhub.yaml up`",
        "starts it.",
    ]


def test_blanks_that_align_words_stay():
    assert folded("12:00:00  began        jira", 80) == ["12:00:00  began        jira"]


def test_a_long_line_on_a_terminal_is_indented_throughout(capsys):
    out = io.StringIO()
    prose(
        Screen(file=out, width=20, force_terminal=True, color_system=None),
        "one two three four five",
        indent=4,
    )
    assert out.getvalue().splitlines() == ["    one two three", "    four five"]


def test_a_command_in_a_line_printed_as_it_is_stays_in_one_piece_too():
    out = io.StringIO()
    screen = Screen(file=out, width=30, force_terminal=True, color_system=None)
    screen.print("✓ crm is paused. → `partnerhub unpause crm_of_the_company` ends it.", markup=False)
    assert out.getvalue().splitlines() == [
        "✓ crm is paused.",
        "→ `partnerhub unpause crm_of_the_company`",
        "ends it.",
    ]
