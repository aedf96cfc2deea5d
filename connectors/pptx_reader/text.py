"""Text out of DrawingML: paragraphs, runs, breaks, fields, formulas; each text once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from connectors.pptx_reader.package import local

OWN_NUMBER: Final = "slidenum"
MATH: Final = frozenset({"m", "oMath", "oMathPara"})
SPACE: Final = re.compile(r"[ \t\u00a0]+\n|\n{3,}")
LONGEST_NAME: Final = 80
STEP: Final = " / "


def body_text(body: Any) -> str:
    """The text of a text body: a line per paragraph, blank lines at its ends left out."""
    if body is None:
        return ""
    lines = ["".join(runs(paragraph)) for paragraph in paragraphs(body)]
    return tidy("\n".join(lines))


def paragraphs(body: Any) -> Iterator[Any]:
    """The paragraphs of a text body, those in the chosen branch of alternate content included."""
    for element in body:
        name = local(element)
        if name == "p":
            yield element
        elif name == "AlternateContent":
            for branch in branches(element)[:1]:
                yield from paragraphs(branch)


def runs(paragraph: Any) -> Iterator[str]:
    """The pieces of text of one paragraph. The slide's own number is not text."""
    for element in paragraph:
        name = local(element)
        if name == "r" or (name == "fld" and not element.get("type", "").startswith(OWN_NUMBER)):
            yield from (each.text or "" for each in element if local(each) == "t")
        elif name == "br":
            yield "\n"
        elif name in MATH:
            yield "".join(each.text or "" for each in element.iter("{*}t"))
        elif name == "AlternateContent":
            yield from _first_that_speaks(element)


def _first_that_speaks(element: Any) -> list[str]:
    for branch in branches(element):
        found = list(runs(branch))
        if any(found):
            return found
    return []


def branches(alternate: Any) -> list[Any]:
    """The branches of alternate content, the richest first; a reader takes the first that gives something."""
    chosen = [each for each in alternate if local(each) == "Choice"]
    return chosen + [each for each in alternate if local(each) == "Fallback"]


def loose_text(element: Any) -> str:
    """Every paragraph below an element of unknown shape."""
    lines = ["".join(runs(each)) for each in element.iter("{*}p")]
    return tidy("\n".join(line for line in lines if line.strip()))


def tidy(text: str) -> str:
    """Text without blanks at line ends and without more than one blank line in a row."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n").replace("_x000B_", "\n")
    return SPACE.sub(lambda found: "\n\n" if found[0].startswith("\n") else "\n", text).strip()


def step_name(name: str) -> str:
    """A shape's name as one step of a path."""
    plain = " ".join(name.split()).replace(STEP.strip(), "-")
    return plain[:LONGEST_NAME].strip()
