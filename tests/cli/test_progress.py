"""A running sync on the screen."""

from partnerhub.cli.progress import PlainLines, line_of
from pipelines.progress import ProgressEvent

RUNNING = ProgressEvent("hubspot", "companies", "running", 41, 8200, 317, 7883, 2, 16_400, 10.0)


def test_a_line_says_page_read_changed_quarantined_rate_and_time_left():
    assert line_of(RUNNING) == (
        "· hubspot companies",
        "page 41",
        "8,200 read",
        "317 changed",
        "2 quarantined",
        "820/s",
        "~10 s left",
    )


def test_no_time_left_is_guessed_where_the_source_cannot_say():
    assert line_of(RUNNING._replace(expected=None))[-1] == ""


def test_plain_lines_appear_on_a_change_of_state_and_not_for_every_page(capsys):
    lines = PlainLines()
    for page in range(1, 50):
        lines(RUNNING._replace(pages=page))
    lines(RUNNING._replace(state="complete"))
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_stream_name_cannot_steer_the_terminal():
    assert "\x1b" not in line_of(RUNNING._replace(stream="a\x1b[2J"))[0]
