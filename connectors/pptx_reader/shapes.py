"""Walk the shapes of one slide: every text with the path of shapes that leads to it, every shape counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.pptx_reader.charts import chart_pieces
from connectors.pptx_reader.diagrams import diagram_texts, drawing_reference, drawn_texts, is_text_part
from connectors.pptx_reader.limits import Limits, Reason, Refused
from connectors.pptx_reader.package import (
    MissingPart,
    Package,
    Relationship,
    child,
    every,
    local,
    reference,
)
from connectors.pptx_reader.positions import MOST_DRAWN, Frame, Inherited, box_of, transform_of, whole_number
from connectors.pptx_reader.text import STEP, body_text, branches, loose_text, step_name, tidy

TITLES: Final = frozenset({"title", "ctrTitle"})
SLIDE_NUMBER: Final = "sldNum"
MEDIA: Final = frozenset({"videoFile", "audioFile", "quickTimeFile", "wavAudioFile", "audioCd"})
DEEPEST: Final = 60
"""Groups within groups beyond this are counted and left; people nest three."""
MERGED: Final = ("hMerge", "vMerge")
YES: Final = frozenset({"1", "true"})
KIND_NAMES: Final = {
    "sp": "Shape", "grpSp": "Group", "pic": "Picture", "cxnSp": "Connector", "graphicFrame": "Frame",
}  # fmt: skip
PROPERTIES: Final = "cNvPr"
WORDLESS: Final = {"cxnSp": "connector", "contentPart": "ink"}
"""Shapes that hold no text, and the reason they are counted under."""

DRAWN_AS: Final = {"sp": "text", "pic": "picture"}
"""Shapes whose place is kept, and what stands there; a frame tells by what is in it."""

MOST_COLUMNS: Final = 50
UNSEEN: Final = frozenset({"connector", "slide_number"})
"""Outcomes of shapes whose place is not kept."""

Passage = dict[str, Any]
Drawn = dict[str, Any]
"""`kind` (title, text, picture, media, table, chart, diagram, object), `place`, `box`; `columns` of a table."""
Relationships = dict[str, Relationship]


@dataclass(slots=True)
class Coverage:
    """What became of every shape: `shapes` = `read` + `empty` + all of `skipped`. Groups are counted beside them."""

    groups: int = 0
    shapes: int = 0
    read: int = 0
    empty: int = 0
    tables: int = 0
    charts: int = 0
    diagrams: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    def add(self, other: Coverage) -> None:
        """Count another's shapes too."""
        for name in ("groups", "shapes", "read", "empty", "tables", "charts", "diagrams"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.skipped.update(other.skipped)


@dataclass(slots=True)
class Amount:
    """How much a deck has said so far."""

    passages: int = 0
    characters: int = 0

    def add(self, passages: list[Passage], limits: Limits) -> None:
        """Count one more slide. Raises `Refused` once a deck says more than anyone has to read."""
        self.passages += len(passages)
        self.characters += sum(len(each["text"]) for each in passages)
        if self.passages > limits.passages or self.characters > limits.text_characters:
            raise Refused(Reason.TOO_LARGE, f"{self.passages} passages, {self.characters} characters")


class ShapeWalk:
    """Collects the passages and the coverage of one shape tree."""

    def __init__(
        self,
        package: Package,
        links: Relationships,
        place: str,
        left_out: frozenset[str],
        frame: Frame | None = None,
    ) -> None:
        """place: how paths begin (`slide 7`). left_out: placeholder types that are no content here.

        frame: how lengths become those of the slide; without one, where shapes stand is not kept.
        """
        self.package = package
        self.links = links
        self.place = place
        self.left_out = left_out
        self.passages: list[Passage] = []
        self.coverage = Coverage()
        self.drawn: list[Drawn] = []
        self.frame = frame
        self.inherited = Inherited(package, links)

    def walk(self, tree: Any, path: tuple[str, ...] = ()) -> None:
        """Read every shape below `tree`, in its order."""
        names: Counter[str] = Counter()
        for element in tree:
            self._shape(element, path, names)

    def say(self, path: tuple[str, ...], kind: str, text: str, **more: Any) -> bool:
        """Keep a text with its place; whether there was any."""
        text = tidy(text)
        if text:
            place = STEP.join((self.place, *path))
            self.passages.append({"place": place, "kind": kind, "text": text, **more})
        return bool(text)

    # One shape ---------------------------------------------------------------------------------------------------

    def _shape(self, element: Any, path: tuple[str, ...], names: Counter[str]) -> None:
        kind = local(element)
        if kind == "AlternateContent":
            self._alternate(element, path, names)
        elif kind in {"grpSp", "lockedCanvas"}:
            self._group(element, (*path, _unique(_name_of(element), names)))
        elif kind in {"sp", "graphicFrame", "pic", "cxnSp", "contentPart"}:
            self.coverage.shapes += 1
            own = (*path, _unique(_name_of(element), names))
            outcome = self._leaf(kind, element, own)
            self._count(outcome)
            if self.frame and outcome not in UNSEEN:
                self._draw(kind, element, own, outcome)
            self._alternative_text(element, own)

    def _leaf(self, kind: str, element: Any, path: tuple[str, ...]) -> str:
        """Read one shape that holds no others; returns `read`, `empty`, or why it was skipped."""
        if kind == "sp":
            return self._text_shape(element, path)
        if kind == "graphicFrame":
            return self._frame(element, path)
        if kind == "pic":
            return "media" if any(local(each) in MEDIA for each in element.iter()) else "picture"
        return WORDLESS[kind]

    def _draw(self, kind: str, element: Any, path: tuple[str, ...], outcome: str) -> None:
        """Keep where a shape stands and what it is."""
        named = DRAWN_AS.get(kind, "object")
        more: dict[str, Any] = {}
        if kind == "sp":
            if outcome == "empty":
                return
            named = "title" if _placeholder(element) in TITLES else "text"
        elif kind == "graphicFrame":
            named, more = _framed(element)
        elif outcome == "media":
            named = "media"
        holder = child(element, "nvSpPr", "nvPr", "ph")
        own = box_of(element)
        if own is None and holder is not None:
            own = self.inherited.box(_placeholder(element), holder.get("idx", ""))
        box = self.frame.placed(own) if self.frame else None
        if box and len(self.drawn) < MOST_DRAWN:
            self.drawn.append({"kind": named, "place": STEP.join((self.place, *path)), "box": box, **more})

    def _count(self, outcome: str) -> None:
        if outcome == "read":
            self.coverage.read += 1
        elif outcome == "empty":
            self.coverage.empty += 1
        else:
            self.coverage.skipped[outcome] += 1

    def _alternate(self, element: Any, path: tuple[str, ...], names: Counter[str]) -> None:
        """The first branch that says something; where none does, the first one with shapes is counted."""
        kept: ShapeWalk | None = None
        known = Counter(names)
        for branch in branches(element):
            attempt = ShapeWalk(self.package, self.links, self.place, self.left_out, self.frame)
            taken = Counter(known)
            for each in branch:
                attempt._shape(each, path, taken)
            if kept is None or attempt.passages or not kept.coverage.shapes:
                kept = attempt
                names.update(taken - names)
            if attempt.passages:
                break
        if kept is not None:
            self.passages += kept.passages
            self.coverage.add(kept.coverage)
            self.drawn += kept.drawn

    def _group(self, element: Any, path: tuple[str, ...]) -> None:
        self.coverage.groups += 1
        if len(path) > DEEPEST:
            inside = sum(1 for each in element.iter() if local(each) in KIND_NAMES and local(each) != "grpSp")
            self.coverage.shapes += inside
            self.coverage.skipped["nested_too_deep"] += inside
            return
        self._alternative_text(element, path)
        outer = self.frame
        if outer:
            self.frame = outer.inside(transform_of(element))
        self.walk(element, path)
        self.frame = outer

    def _alternative_text(self, element: Any, path: tuple[str, ...]) -> None:
        """What its author wrote for those who cannot see the shape."""
        found = _properties(element)
        if found is not None:
            described = (found.get("title", ""), found.get("descr", ""))
            self.say((*path, "alt text"), "alt", "\n".join(each for each in described if each.strip()))

    def _text_shape(self, element: Any, path: tuple[str, ...]) -> str:
        role = _placeholder(element)
        if role in self.left_out:
            return "slide_number" if role == SLIDE_NUMBER else f"placeholder_{role}"
        body = child(element, "txBody")
        if body is None:
            body = child(element, "txSp", "txBody")
        return "read" if self.say(path, "title" if role in TITLES else "text", body_text(body)) else "empty"

    # Frames ------------------------------------------------------------------------------------------------------

    def _frame(self, element: Any, path: tuple[str, ...]) -> str:
        data = child(element, "graphic", "graphicData")
        if data is None:
            return "empty"
        for each in data.iter():
            kind = local(each)
            if kind == "tbl":
                return self._table(each, path)
            if kind == "relIds":
                return self._diagram(each, path)
            if kind == "chart" and reference(each):
                return self._chart(each, path)
            if kind == "oleObj":
                return "embedded_object"
        return "read" if self.say(path, "text", loose_text(data)) else "unknown_graphic"

    def _table(self, table: Any, path: tuple[str, ...]) -> str:
        self.coverage.tables += 1
        spoke = False
        rows = (each for each in table if local(each) == "tr")
        for row_number, row in enumerate(rows, 1):
            cells = (each for each in row if local(each) == "tc")
            for column, cell in enumerate(cells, 1):
                merged = any(cell.get(name) in YES for name in MERGED)
                text = "" if merged else body_text(child(cell, "txBody"))
                step = f"r{row_number}c{column}"
                spoke |= self.say((*path, step), "cell", text, row=row_number, column=column)
        return "read" if spoke else "empty"

    def _chart(self, element: Any, path: tuple[str, ...]) -> str:
        self.coverage.charts += 1
        try:
            part = self._part(reference(element))
            root = self.package.xml(part)
        except MissingPart as missing:
            return missing.code
        pieces = chart_pieces(root)
        for piece in pieces:
            self.say((*path, piece.where), "chart", piece.text)
        drawn = self._drawn_on_chart(part, path)
        return "read" if pieces or drawn else "chart_without_values"

    def _drawn_on_chart(self, part: str, path: tuple[str, ...]) -> bool:
        """Text boxes that people put on top of a chart."""
        try:
            links = self.package.relationships(part).values()
            targets = [each.target for each in links if each.kind == "chartUserShapes" and each.target]
            texts = [
                text
                for target in targets
                for body in every(self.package.xml(target), "txBody")
                if (text := body_text(body))
            ]
        except MissingPart:
            return False
        for number, text in enumerate(texts, 1):
            self.say((*path, f"text box {number}"), "chart", text)
        return bool(texts)

    def _diagram(self, element: Any, path: tuple[str, ...]) -> str:
        self.coverage.diagrams += 1
        texts: list[str] = []
        drawing, failure = None, "empty"
        try:
            data = self.package.xml(self._part(reference(element, "dm")))
            texts = diagram_texts(data) if is_text_part(data) else []
            drawing = drawing_reference(data)
        except MissingPart as missing:
            failure = missing.code
        if not texts:
            texts = self._drawn_diagram(drawing)
        for number, text in enumerate(texts, 1):
            self.say((*path, f"node {number}"), "diagram", text)
        return "read" if texts else failure

    def _drawn_diagram(self, drawing: str | None) -> list[str]:
        """The texts as they were last drawn; only the drawing the data names is surely the one of this diagram."""
        known = [link for link in self.links.values() if link.kind == "diagramDrawing"]
        only = known[0].target if len(known) == 1 else None
        target = self.links[drawing].target if drawing in self.links else only
        try:
            return drawn_texts(self.package.xml(target)) if target else []
        except MissingPart:
            return []

    def _part(self, link: str | None) -> str:
        """The part a relationship id leads to. Raises `MissingPart`."""
        if link is None or link not in self.links:
            raise MissingPart("missing_part")
        target = self.links[link].target
        if target is None:
            raise MissingPart("external_part")
        return target


def _properties(element: Any) -> Any:
    """The element that names a shape: in its first child, the non-visual properties."""
    for holder in element:
        if local(holder).startswith("nv"):
            return child(holder, PROPERTIES)
    return None


def _name_of(element: Any) -> str:
    """What the slide calls a shape, else its kind and number."""
    found = _properties(element)
    written = step_name(found.get("name", "")) if found is not None else ""
    number = found.get("id", "") if found is not None else ""
    return written or f"{KIND_NAMES.get(local(element), 'Shape')} {number}".strip()


def _unique(name: str, names: Counter[str]) -> str:
    """The name, numbered from its second use among siblings on."""
    names[name] += 1
    return name if names[name] == 1 else f"{name} #{names[name]}"


def _framed(element: Any) -> tuple[str, dict[str, Any]]:
    """What stands in a frame; of a table how wide its columns are, to one another."""
    for each in element.iter():
        kind = local(each)
        if kind == "tbl":
            widths = [whole_number(column, "w") or 0 for column in every(each, "gridCol")]
            return "table", {"columns": widths[:MOST_COLUMNS]}
        if kind in {"chart", "relIds"}:
            return ("chart" if kind == "chart" else "diagram"), {}
    return "object", {}


def _placeholder(element: Any) -> str:
    found = child(element, "nvSpPr", "nvPr", "ph")
    return "" if found is None else str(found.get("type", "obj"))
