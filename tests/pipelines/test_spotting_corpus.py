"""Real affiliation lines against real organizations, most of which are not among the known ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.mentions import measure, read_base, read_mentions
from partnerhub.identity.spotting.card import shipped_card
from partnerhub.identity.spotting.spot import judged

if TYPE_CHECKING:
    from pathlib import Path

EVERY = 8
"""Of 9,793 texts."""


def test_attachments_are_right_and_half_of_the_known_are_attached(shared: Path) -> None:
    folder = shared / "corpora" / "er"
    base = read_base(folder)
    mentions = read_mentions(folder, base)[::EVERY]
    found = measure(
        mentions, [list(judged(m.text, base)) for m in mentions], [shipped_card()] * len(mentions)
    )
    assert found.known > len(mentions) / 5
    assert found.precision >= 0.95, found
    assert found.recall >= 0.5, found
