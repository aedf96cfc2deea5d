"""Decks are read in children: one that hangs, dies or asks for too much costs one file and nothing else."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from connectors.pptx_reader import DeckReaders, Limits, Reason
from connectors.pptx_reader.limits import MEGABYTE
from tests.connectors.deck_files import deck, text_shape

if TYPE_CHECKING:
    from pathlib import Path

GOOD = deck(text_shape("good"))
LONG = deck("".join(text_shape(f"{number}") for number in range(60_000)))


def test_many_files_are_answered_in_their_order_by_few_children() -> None:
    files = [(number, deck(text_shape(str(number)))) for number in range(20)]
    with DeckReaders(children=2) as readers:
        found = [(number, answer.deck) for number, _, answer in readers.read_many(files) if answer]
    texts = [(number, one["slides"][0]["passages"][0]["text"]) for number, one in found if one]
    assert texts == [(number, str(number)) for number in range(20)]


@pytest.mark.fault("F99")
def test_a_file_that_takes_too_long_is_refused_and_the_next_one_is_read() -> None:
    with DeckReaders(Limits(seconds=0.3), children=1) as readers:
        readers.read(GOOD)
        assert readers.read(LONG).refused is Reason.TOO_SLOW
        assert readers.read(GOOD).refused is None


@pytest.mark.fault("F69", "F99")
def test_a_file_that_needs_too_much_memory_is_refused_and_the_next_one_is_read() -> None:
    with DeckReaders(Limits(memory=110 * MEGABYTE), children=1) as readers:
        assert readers.read(LONG).refused is Reason.TOO_LARGE
        assert readers.read(GOOD).refused is None


def test_a_child_that_died_of_something_else_costs_no_file() -> None:
    with DeckReaders(children=1) as readers:
        readers.read(GOOD)
        os.kill(readers._idle[0].process.pid, signal.SIGKILL)
        assert readers.read(GOOD).refused is None


def test_a_file_under_which_every_child_dies_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with DeckReaders(children=1) as readers:
        assert readers.read(GOOD).refused is Reason.READER_CRASHED


def test_a_child_knows_no_setting_of_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTNERHUB_DECKS_OPTIONS", "canary-17")
    with DeckReaders(children=1) as readers:
        readers.read(GOOD)
        with open(f"/proc/{readers._idle[0].process.pid}/environ", "rb") as environment:  # noqa: PTH123
            assert b"canary-17" not in environment.read()


def test_closing_ends_every_child() -> None:
    readers = DeckReaders(children=1)
    readers.read(GOOD)
    process = readers._idle[0].process
    readers.close()
    assert process.returncode is not None


@pytest.mark.shared
def test_every_real_deck_is_read_or_refused_for_a_reason_of_its_own(shared: Path) -> None:
    """The counts stand in docs/operate/decks.md."""
    folder = shared / "corpora" / "decks" / "dev"
    if not folder.is_dir():
        pytest.skip("../shared is absent: no decks in it")
    files = sorted(folder.iterdir())
    with DeckReaders() as readers:
        answers = list(readers.read_many((path.name, path.read_bytes()) for path in files))
    found = [answer for _, _, answer in answers if answer]
    refused = Counter(answer.refused.value for answer in found if answer.refused)
    assert len(found) == 303
    assert refused == {"damaged": 11, "old_format": 11, "encrypted": 5, "empty": 2, "not_a_deck": 1}
    lines = [answer.deck["coverage"] for answer in found if answer.deck and not answer.refused]
    assert len(lines) == 273
    assert all(
        line["shapes"] == line["read"] + line["empty"] + sum(line["skipped"].values()) for line in lines
    )
    assert max(answer.peak_kilobytes for answer in found) < 400 * 1024
