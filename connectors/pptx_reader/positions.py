"""Where shapes stand on their slide: boxes through groups, and those a placeholder has from its layout.

Units: thousandths of the slide's width, across and down alike, so that a box says its shape on any size of slide.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, Self

from connectors.pptx_reader.package import MissingPart, Package, Relationship, child, every, local

UNITS: Final = 1_000
USUAL_SIZE: Final = (12_192_000, 6_858_000)
"""A slide of 16 to 9, in EMU."""
FAR: Final = 4 * UNITS
"""A box that lies or reaches farther outside is none: nobody sees it."""
MOST_DRAWN: Final = 300
"""Shapes of one slide whose boxes are kept."""
HOLDERS: Final = frozenset({"spPr", "grpSpPr"})

Box = tuple[int, int, int, int]
"""Left, top, width and height."""


class Frame(NamedTuple):
    """How lengths inside a group become lengths of the slide."""

    x_scale: float
    y_scale: float
    x_shift: float
    y_shift: float

    def inside(self, transform: Any) -> Self:
        """The frame of what stands in a group. A group without a size of its own changes nothing."""
        outer, inner = lengths(transform, "off", "ext"), lengths(transform, "chOff", "chExt")
        if outer is None or inner is None or not inner[2] or not inner[3]:
            return self
        x_scale, y_scale = outer[2] / inner[2], outer[3] / inner[3]
        return type(self)(
            self.x_scale * x_scale,
            self.y_scale * y_scale,
            self.x_shift + self.x_scale * (outer[0] - inner[0] * x_scale),
            self.y_shift + self.y_scale * (outer[1] - inner[1] * y_scale),
        )

    def placed(self, found: Box | None) -> list[int] | None:
        """A box in EMU as it stands on the slide; None for one nobody sees."""
        if found is None:
            return None
        x, y, width, height = found
        box = [
            round(x * self.x_scale + self.x_shift),
            round(y * self.y_scale + self.y_shift),
            round(width * self.x_scale),
            round(height * self.y_scale),
        ]
        is_seen = all(abs(each) <= FAR for each in box) and box[2] >= 0 and box[3] >= 0
        return box if is_seen and (box[2] or box[3]) else None


class Size(NamedTuple):
    """A slide's width and height in EMU."""

    width: int
    height: int

    @property
    def frame(self) -> Frame:
        """From EMU to thousandths of the width."""
        scale = UNITS / self.width
        return Frame(scale, scale, 0.0, 0.0)

    @property
    def units(self) -> list[int]:
        """The size in thousandths of the width."""
        return [UNITS, round(UNITS * self.height / self.width)]


def slide_size(root: Any) -> Size:
    """What the presentation says, else the usual size."""
    found = child(root, "sldSz")
    width, height = (
        (whole_number(found, "cx"), whole_number(found, "cy")) if found is not None else (None, None)
    )
    return Size(width, height) if width and height and width > 0 < height else Size(*USUAL_SIZE)


def transform_of(element: Any) -> Any:
    """The element that says where a shape stands; None where it does not itself."""
    for each in element:
        if local(each) in HOLDERS:
            return child(each, "xfrm")
        if local(each) == "xfrm":
            return each
    return None


def box_of(element: Any) -> Box | None:
    """The box of one shape in EMU, as it is written."""
    transform = transform_of(element)
    return None if transform is None else lengths(transform, "off", "ext")


def lengths(transform: Any, offset: str, extent: str) -> Box | None:
    """Offset and extent of a transform; None where one of the four numbers is missing."""
    if transform is None:
        return None
    at, size = child(transform, offset), child(transform, extent)
    if at is None or size is None:
        return None
    found = (whole_number(at, "x"), whole_number(at, "y"), whole_number(size, "cx"), whole_number(size, "cy"))
    return None if None in found else found  # type: ignore[return-value]  # just seen


def whole_number(element: Any, name: str) -> int | None:
    """A whole number of an attribute, of a length that is possible."""
    text = str(element.get(name, ""))
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 12 else None  # noqa: PLR2004


class Inherited:
    """The boxes of placeholders that say none: of the slide's layout, and of its master. Read when first needed."""

    def __init__(self, package: Package, links: dict[str, Relationship]) -> None:
        """Prepare; reads nothing."""
        self.package = package
        self.links = links
        self._levels: list[dict[tuple[str, str], Box]] | None = None

    def box(self, kind: str, index: str) -> Box | None:
        """The box of a placeholder by its number in the layout, else by its kind."""
        if self._levels is None:
            self._levels = self._read()
        wanted = [("", index)] if index else []
        kinds = {"ctrTitle": "title", "subTitle": "body", "obj": "body"}
        wanted += [(each, "") for each in (kind, kinds.get(kind, kind))]
        return next(
            (level[each] for level in self._levels for each in wanted if each in level and any(each)), None
        )

    def _read(self) -> list[dict[tuple[str, str], Box]]:
        levels = []
        links = self.links
        for relation in ("slideLayout", "slideMaster"):
            target = next((each.target for each in links.values() if each.kind == relation), None)
            if target is None:
                break
            try:
                levels.append(placeholders(self.package.xml(target)))
                links = self.package.relationships(target)
            except MissingPart:
                break
        return levels


def placeholders(root: Any) -> dict[tuple[str, str], Box]:
    """(kind, "") and ("", number) → box of every placeholder of a layout or master that says one."""
    found: dict[tuple[str, str], Box] = {}
    for shape in every(root, "sp"):
        holder, box = child(shape, "nvSpPr", "nvPr", "ph"), box_of(shape)
        if holder is None or box is None:
            continue
        found.setdefault((str(holder.get("type", "obj")), ""), box)
        if holder.get("idx"):
            found.setdefault(("", str(holder.get("idx"))), box)
    return found
