"""Slide decks in a shared folder: quarterly reviews of partners, kick-offs, and some that concern nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(slots=True)
class Slide:
    """One slide. Lines are its bullets; grouped, nested_table and notes show up in shapes of their own.

    chart: (title, categories, values) of a column chart. smart_art: texts of a diagram.
    """

    title: str
    lines: list[str] = field(default_factory=list)
    table: list[list[str]] = field(default_factory=list)
    grouped: list[str] = field(default_factory=list)
    chart: tuple[str, list[str], list[float]] | None = None
    smart_art: list[str] = field(default_factory=list)
    notes: str | None = None


@dataclass(slots=True)
class Deck:
    """One file. path: relative to the folder. damage: how the file is broken on purpose, if it is.

    org_id is the truth: the partner it reviews, or None. values: label → value as the deck states them, for truth.
    """

    id: str
    path: str
    org_id: str | None
    title: str
    author_id: str
    saved_at: datetime
    slides: list[Slide]
    values: dict[str, str] = field(default_factory=dict)
    damage: Literal["truncated", "empty", "encrypted"] | None = None
