"""The simulator writes the decks of a world as files that are read, or refused, for what they are."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from pptx import Presentation

from connectors.pptx_reader.deck import read_deck
from connectors.pptx_reader.limits import Refused
from partnerhub.simulator.decks import deck_bytes, write_decks
from partnerhub.simulator.world.decks import Deck, Slide
from partnerhub.simulator.world.generate import generate_world

if TYPE_CHECKING:
    from pathlib import Path

FULL = Slide(
    "Where we stand",
    lines=["Seattle"],
    table=[["Tier", "Gold"]],
    grouped=["outer", "inner"],
    chart=("Booked", ["Q1", "Q2"], [1.0, 2.5]),
    smart_art=["first & last", "second"],
    notes="remember",
)


def deck(**facts: Any) -> Deck:
    saved = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
    return Deck("deck-1", "a/b.pptx", None, "A title", "owner-1", saved, [FULL], **facts)


def test_everything_a_slide_says_is_found_in_the_file() -> None:
    found = read_deck(deck_bytes(deck(), "Ana Silva"))
    texts = {each["kind"]: each["text"] for each in found["slides"][0]["passages"]}
    assert found["properties"]["author"] == "Ana Silva"
    assert texts == {
        "title": "Where we stand",
        "text": "inner",
        "cell": "Gold",
        "chart": "Booked\nQ1: 1\nQ2: 2.5",
        "diagram": "second",
        "notes": "remember",
    }
    assert found["coverage"]["skipped"] == {}


def test_the_file_opens_in_a_library_of_somebody_else() -> None:
    slide = Presentation(io.BytesIO(deck_bytes(deck()))).slides[0]
    assert slide.shapes.title.text == "Where we stand"
    assert slide.notes_slide.notes_text_frame.text == "remember"


@pytest.mark.parametrize(
    ("damage", "reason"), [("empty", "empty"), ("truncated", "damaged"), ("encrypted", "encrypted")]
)
def test_a_damaged_deck_is_refused_for_its_damage(damage: Any, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        read_deck(deck_bytes(deck(damage=damage)))
    assert caught.value.reason == reason


def test_writing_the_same_world_again_changes_no_file_and_removes_what_is_gone(tmp_path: Path) -> None:
    world = generate_world(partners=20)
    write_decks(world, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.pptx")}
    gone = world.decks.pop()
    write_decks(world, tmp_path)
    after = {path: path.read_bytes() for path in tmp_path.rglob("*.pptx")}
    assert before == after | {tmp_path / gone.path: before[tmp_path / gone.path]}
    assert len(after) == len(world.decks)
