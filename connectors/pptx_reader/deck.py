"""One deck from its bytes: slides in order, each with passages; notes, comments, properties, and what was not read."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from connectors.pptx_reader.container import open_container
from connectors.pptx_reader.limits import READER_VERSION, Limits, Reason, Refused
from connectors.pptx_reader.package import (
    MissingPart,
    Package,
    Relationship,
    child,
    every,
    local,
    main_root,
    reference,
)
from connectors.pptx_reader.positions import Size, slide_size
from connectors.pptx_reader.shapes import Amount, Coverage, Passage, ShapeWalk
from connectors.pptx_reader.text import body_text

LEFT_OUT_ON_SLIDES: Final = frozenset({"sldNum"})
LEFT_OUT_IN_NOTES: Final = frozenset({"sldNum", "sldImg", "hdr", "ftr", "dt"})
CORE_PROPERTIES: Final = {
    "title": "title", "subject": "subject", "creator": "author", "lastModifiedBy": "last_modified_by",
    "created": "created", "modified": "modified", "keywords": "keywords", "category": "category",
    "description": "description",
}  # fmt: skip
MORE_PROPERTIES: Final = {"Company": "company", "Manager": "manager"}
LONGEST_PROPERTY: Final = 2_000
NOT_SHOWN: Final = frozenset({"0", "false"})


def read_deck(content: bytes, limits: Limits | None = None) -> dict[str, Any]:
    """A deck as plain JSON: `properties`, `size`, `slides` (number, title, hidden, passages, drawn) and `coverage`.

    A deck some of whose slides are broken has `refused: damaged` beside what could be read; every other reason not to
    read a file raises `Refused`.
    """
    limits = limits or Limits()
    package = Package(open_container(content, limits), limits)
    part = package.main_part()
    root = main_root(package, part)
    try:
        links = package.relationships(part)
    except MissingPart:
        raise Refused(Reason.DAMAGED, "the presentation's relationships") from None
    coverage, lost = Coverage(), Counter[str]()
    slides: list[dict[str, Any]] = []
    amount, size = Amount(), slide_size(root)
    authors = _comment_authors(package, links)
    for number, link in enumerate(_slide_links(root), 1):
        slides.append(_slide(package, links.get(link or ""), number, coverage, lost, authors, size))
        amount.add(slides[-1]["passages"], limits)
    found: dict[str, Any] = {
        "reader": READER_VERSION,
        "properties": _document_properties(package),
        "size": size.units,
        "slides": slides,
        "coverage": _coverage_line(slides, coverage, lost),
    }
    if lost:
        found["refused"] = Reason.DAMAGED.value
        found["detail"] = ", ".join(f"{count} slides: {code}" for code, count in sorted(lost.items()))
    return found


def _slide_links(root: Any) -> list[str | None]:
    """Relationship ids of the slides, in their order."""
    listed = child(root, "sldIdLst")
    return [] if listed is None else [reference(each) for each in listed if local(each) == "sldId"]


def _slide(
    package: Package,
    link: Relationship | None,
    number: int,
    coverage: Coverage,
    lost: Counter[str],
    authors: dict[str, str],
    size: Size,
) -> dict[str, Any]:
    """One slide with its notes and comments; a broken one is empty and counted as lost."""
    place = f"slide {number}"
    slide: dict[str, Any] = {"number": number, "title": None, "hidden": False, "passages": [], "drawn": []}
    try:
        if link is None or link.target is None:
            raise MissingPart("missing_part")
        root = package.xml(link.target)
        links = package.relationships(link.target)
    except MissingPart as missing:
        lost[missing.code] += 1
        return slide
    walk = ShapeWalk(package, links, place, LEFT_OUT_ON_SLIDES, size.frame)
    tree = child(root, "cSld", "spTree")
    if tree is not None:
        walk.walk(tree)
    coverage.add(walk.coverage)
    titles = [each["text"] for each in walk.passages if each["kind"] == "title"]
    slide["title"] = " ".join(titles[0].split())[:LONGEST_PROPERTY] if titles else None
    slide["hidden"] = root.get("show") in NOT_SHOWN
    notes = _notes(package, links, place, coverage)
    slide["drawn"] = walk.drawn
    slide["passages"] = walk.passages + notes + _comments(package, links, place, coverage, authors)
    return slide


def _notes(package: Package, links: dict[str, Relationship], place: str, coverage: Coverage) -> list[Passage]:
    """What stands in the speaker's notes. Damaged notes are counted as skipped; the slide stays."""
    found: list[Passage] = []
    for link in links.values():
        if link.kind != "notesSlide" or link.target is None:
            continue
        try:
            root = package.xml(link.target)
            walk = ShapeWalk(
                package, package.relationships(link.target), f"{place} / notes", LEFT_OUT_IN_NOTES
            )
        except MissingPart as missing:
            coverage.shapes += 1
            coverage.skipped[f"notes_{missing.code}"] += 1
            continue
        tree = child(root, "cSld", "spTree")
        if tree is not None:
            walk.walk(tree)
        coverage.add(_without_frames(walk.coverage))
        found += [{**each, "kind": "notes"} for each in walk.passages if each["kind"] != "alt"]
    return found


def _without_frames(coverage: Coverage) -> Coverage:
    """The coverage of a notes page without the frames every notes page has: picture of the slide, number, header."""
    for code in [code for code in coverage.skipped if code.startswith(("placeholder_", "slide_number"))]:
        coverage.shapes -= coverage.skipped.pop(code)
    return coverage


def _comments(
    package: Package,
    links: dict[str, Relationship],
    place: str,
    coverage: Coverage,
    authors: dict[str, str],
) -> list[Passage]:
    """Comments and their replies, with who wrote them."""
    found: list[Passage] = []
    for link in links.values():
        if link.kind not in {"comments", "comment"} or link.target is None:
            continue
        try:
            root = package.xml(link.target)
        except MissingPart as missing:
            coverage.shapes += 1
            coverage.skipped[f"comments_{missing.code}"] += 1
            continue
        for number, comment in enumerate(every(root, "cm"), len(found) + 1):
            author = authors.get(comment.get("authorId", ""))
            for reply, (said, who) in enumerate(_said(comment, author, authors)):
                step = f"comment {number}" + (f".{reply}" if reply else "")
                found.append({"place": f"{place} / {step}", "kind": "comment", "text": said, "author": who})
    return found


def _said(comment: Any, author: str | None, authors: dict[str, str]) -> list[tuple[str, str | None]]:
    """The comment's own text, then its replies."""
    own = child(comment, "text")
    text = (own.text or "").strip() if own is not None else body_text(child(comment, "txBody"))
    replies = [
        (body_text(child(reply, "txBody")), authors.get(reply.get("authorId", "")))
        for reply in every(comment, "reply")
    ]
    return [(said, who) for said, who in [(text, author), *replies] if said]


def _comment_authors(package: Package, links: dict[str, Relationship]) -> dict[str, str]:
    """Names of commenters by the id comments use."""
    found: dict[str, str] = {}
    for link in links.values():
        if link.kind in {"commentAuthors", "authors"} and link.target:
            try:
                root = package.xml(link.target)
            except MissingPart:
                continue
            found |= {each.get("id", ""): each.get("name", "") for each in root}
    return found


def _document_properties(package: Package) -> dict[str, str]:
    """Title, author, company, times: what the file says of itself. Empty where it cannot be read."""
    found: dict[str, str] = {}
    try:
        links = package.relationships("").values()
    except MissingPart:
        return found
    for link in links:
        if link.kind not in {"core-properties", "extended-properties"} or link.target is None:
            continue
        try:
            root = package.xml(link.target)
        except MissingPart:
            continue
        for each in root:
            name = CORE_PROPERTIES.get(local(each)) or MORE_PROPERTIES.get(local(each))
            text = " ".join((each.text or "").split())
            if name and text:
                found.setdefault(name, text[:LONGEST_PROPERTY])
    return found


def _coverage_line(slides: list[dict[str, Any]], coverage: Coverage, lost: Counter[str]) -> dict[str, Any]:
    """What was seen, read, and skipped and why. shapes = read + empty + the sum of skipped."""
    return {
        "slides": len(slides),
        "hidden": sum(1 for each in slides if each["hidden"]),
        "lost": dict(sorted(lost.items())),
        "groups": coverage.groups,
        "shapes": coverage.shapes,
        "read": coverage.read,
        "empty": coverage.empty,
        "skipped": dict(sorted(coverage.skipped.items())),
        "tables": coverage.tables,
        "charts": coverage.charts,
        "diagrams": coverage.diagrams,
        "notes": sum(1 for slide in slides if any(each["kind"] == "notes" for each in slide["passages"])),
        "passages": sum(len(each["passages"]) for each in slides),
    }
