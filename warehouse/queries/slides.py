"""One slide of a document as its record landed: what stands where, what it says, and what was quoted of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.queries.holdings import unpacked
from warehouse.queries.mail_sight import Level, levels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

DOCUMENT: Final = (
    "SELECT d.record, d.title, d.custom_json, r.payload FROM timeline t JOIN fact f ON f.fact_id = t.fact_id"
    " JOIN staged_document d ON d.record = f.record JOIN raw_record r ON r.raw_id = d.raw_id"
    " WHERE t.organization_id = ? AND t.entity <> 'touchpoint' AND t.entity = 'document' AND t.fact_id = ?"
)
USUAL_SIZE: Final = (1_000, 750)
STEP: Final = " / "


class Said(NamedTuple):
    """One text of a slide. place: the path of shapes that leads to it; row, column: of a table's cell, from 1."""

    place: str
    kind: str
    text: str
    row: int = 0
    column: int = 0


class Shape(NamedTuple):
    """One shape. box: left, top, width, height in thousandths of the slide's width. columns: widths of a table."""

    kind: str
    place: str
    box: tuple[int, int, int, int]
    columns: tuple[int, ...] = ()

    def holds(self, place: str) -> bool:
        """Whether a text stands in this shape."""
        return place == self.place or place.startswith(self.place + STEP)


class Quoted(NamedTuple):
    """A value that was read off this slide, and the place of the text it stands in."""

    field: str
    value: str
    place: str


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide. size: in thousandths of its width. shapes: empty where the record says nothing of positions."""

    document: str
    record: str
    number: int
    slides: int
    title: str
    size: tuple[int, int]
    shapes: tuple[Shape, ...]
    texts: tuple[Said, ...]
    quoted: tuple[Quoted, ...]


def slide_of(
    viewer: Viewer, connection: Connection, organization_id: str, fact_id: str, number: int
) -> Slide | None:
    """A slide of a document of an organization; None where there is none, or the viewer may not see what it says."""
    rows = connection.query(DOCUMENT, (viewer.only(organization_id), fact_id))
    if not rows or levels(viewer, connection, [fact_id])[fact_id] < Level.EVERYTHING:
        return None
    record, title, custom, payload = rows[0]
    deck = deck_in(payload)
    slides = [each for each in deck.get("slides") or [] if isinstance(each, dict)]
    slide = next((each for each in slides if each.get("number") == number), None)
    if slide is None:
        return None
    said = (unpacked(custom).get("said") or {}).items()
    quoted = tuple(
        Quoted(each.get("label") or field, str(each["value"]), place_in(str(each["passage"])))
        for field, each in sorted(said)
        if each.get("slide") == number
    )
    size = deck.get("size") or []
    return Slide(
        str(title), record, number, len(slides), str(slide.get("title") or ""),
        (int(size[0]), int(size[1])) if is_numbers(size, 2) else USUAL_SIZE,
        tuple(shapes_of(slide.get("drawn") or [])), tuple(texts_of(slide.get("passages") or [])), quoted,
    )  # fmt: skip


def deck_in(payload: bytes | str | None) -> Mapping[str, Any]:
    """The deck of a landed record: of a folder's it is the record, of a mail's it is a part; empty when redacted."""
    if payload is None:
        return {}
    found = json.loads(payload if isinstance(payload, str) else bytes(payload))
    deck = found.get("deck", found) if isinstance(found, dict) else None
    return deck if isinstance(deck, dict) else {}


def shapes_of(drawn: Sequence[Any]) -> list[Shape]:
    """The shapes that say where they stand."""
    return [
        Shape(
            str(each.get("kind")), str(each.get("place")), tuple(each["box"]),
            tuple(each["columns"]) if is_numbers(each.get("columns")) else (),
        )
        for each in drawn
        if isinstance(each, dict) and is_numbers(each.get("box"), 4)
    ]  # fmt: skip


def texts_of(passages: Sequence[Any]) -> list[Said]:
    """Every text of a slide."""
    return [
        Said(
            str(each["place"]), str(each.get("kind")), str(each["text"]), int(each.get("row") or 0),
            int(each.get("column") or 0),
        )
        for each in passages
        if isinstance(each, dict) and each.get("place") and each.get("text")
    ]  # fmt: skip


def is_numbers(found: object, count: int | None = None) -> bool:
    """Whether it is a list of whole numbers, of so many."""
    is_list = isinstance(found, list) and all(type(each) is int for each in found)
    return is_list and count in (None, len(found))  # type: ignore[arg-type]  # a list by now


def place_in(passage: str) -> str:
    """The place in the key of a passage."""
    return passage.partition("#")[2].rpartition("~")[0]
