"""A running sync on the screen."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from datetime import UTC, datetime, timedelta

import pytest

from connectors.transport import Wait
from partnerhub.cli.progress import Lines, PlainLines, line_of, wait_words
from pipelines.progress import ANSWERED, WAITING, ProgressEvent
from tests.conftest import REPOSITORY

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


def test_a_step_says_how_many_records_it_has_done_how_fast_and_how_long_it_takes():
    staging = ProgressEvent(
        "hubspot", "companies", "running", read=24_000, expected=48_000, seconds=8.0, step="stage"
    )
    assert line_of(staging) == (
        "· stage hubspot companies", "", "24,000 done", "", "", "3,000/s", "~8.0 s left"
    )  # fmt: skip


LOADING = """
import time
from partnerhub.cli.progress import watching
from pipelines.progress import ProgressEvent
with watching(as_json=False) as told:
    told(ProgressEvent("salesforce", "OpportunityContactRole", "running", 5_000, 500_000, 500_000, 0, 12, 10**6, 25.0))
    told(ProgressEvent("hubspot", "companies", "running", 5_000, 500_000, 500_000, 0, 0, 10**6, 50.0))
    time.sleep(0.3)
"""
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def shown_on_a_terminal(program: str, columns: int) -> list[str]:
    """The lines a program writes to a terminal so wide."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {
        name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR", "CI"}
    }
    environment |= {"PYTHONPATH": str(REPOSITORY), "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=its, stderr=its, env=environment
    ) as process:
        os.close(its)
        said = b""
        while process.poll() is None or not said:
            try:
                said += os.read(ours, 65_536)
            except OSError:  # the program closed the terminal
                break
    os.close(ours)
    return ESCAPES.sub("\n", said.decode()).splitlines()


@pytest.mark.fault("F86")
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_rate_and_time_left_stand_whole_on_a_terminal_of_any_usual_width(columns):
    lines = [line.rstrip() for line in shown_on_a_terminal(LOADING, columns)]
    of_companies = next(line for line in lines if "hubspot companies" in line)
    assert "500,000 read" in of_companies
    assert of_companies.endswith("10,000/s ~50 s left")
    assert "20,000/s ~25 s left" in "".join(lines)
    assert max(map(len, lines)) <= columns
    assert ("page 5,000" in of_companies) == (columns > 80)


ASKED_TO_WAIT = Wait(
    "HubSpot", datetime(2026, 10, 2, 14, 2, 10, tzinfo=UTC), "HubSpot answered with HTTP status 429.", 1
)
WAITS = ProgressEvent("hubspot", "companies", WAITING, wait=ASKED_TO_WAIT)


def test_a_wait_says_for_whom_until_when_and_why_then_since_when_no_answer_came():
    before, after = (ASKED_TO_WAIT.until + timedelta(seconds=each) for each in (-7, 3))
    said = "hubspot companies waits for HubSpot"
    assert wait_words(WAITS, before) == (
        f"{said} until 14:02:10 UTC (try 2): HubSpot answered with HTTP status 429."
    )
    assert wait_words(WAITS, after).startswith(f"{said}'s answer since 14:02:10 UTC (try 2): ")


def test_a_wait_stands_beneath_its_stream_while_pages_are_still_written_and_goes_with_the_answer():
    lines = Lines(120)
    for event in (RUNNING, WAITS, RUNNING._replace(pages=42)):
        lines.follow(event)
    assert len(lines.told_waits(ASKED_TO_WAIT.until)) == 1
    assert not lines.told_silence(lines.running["hubspot/companies"][1] + 60)
    lines.follow(WAITS._replace(state=ANSWERED, wait=None))
    assert not lines.waits
    assert lines.told_silence(lines.running["hubspot/companies"][1] + 60) == [
        "hubspot companies has brought nothing for 1 min 0 s"
    ]


def test_without_a_terminal_only_waits_that_last_get_a_line(capsys):
    lines, now = PlainLines(), datetime.now(UTC)
    for seconds in (0.5, 30):
        lines(WAITS._replace(wait=ASKED_TO_WAIT._replace(until=now + timedelta(seconds=seconds))))
    lines(WAITS._replace(state=ANSWERED, wait=None))
    assert capsys.readouterr().err.count("waits for HubSpot until") == 1
