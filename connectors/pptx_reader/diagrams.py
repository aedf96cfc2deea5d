"""SmartArt as text: the points of its data part, in the order in which the diagram connects them."""

from __future__ import annotations

from typing import Any, Final

from connectors.pptx_reader.package import child, every, local
from connectors.pptx_reader.text import body_text

SAID: Final = frozenset({"", "node", "asst", "doc", "norm"})
"""Kinds of points a person wrote; the others hold how they are drawn or connected."""
WRITTEN_ON_ARROWS: Final = frozenset({"parTrans", "sibTrans"})
CHILD_OF: Final = frozenset({"", "parOf"})


def diagram_texts(root: Any) -> list[str]:
    """Texts of a data part (dgm:dataModel): nodes from the root down, then what stands on the connections."""
    nodes: dict[str, str] = {}
    arrows: list[str] = []
    for point in every(root, "pt"):
        text, kind = body_text(child(point, "t")), point.get("type", "")
        if kind in SAID:
            nodes[point.get("modelId", "")] = text
        elif kind in WRITTEN_ON_ARROWS and text:
            arrows.append(text)
    order = _connected_order(root, nodes)
    return [nodes[each] for each in order if nodes[each]] + arrows


def drawn_texts(root: Any) -> list[str]:
    """Texts of a drawing part (dsp:drawing), for a diagram whose data part is missing."""
    return [text for each in every(root, "txBody") if (text := body_text(each))]


def drawing_reference(data: Any) -> str | None:
    """The relationship id under which the slide holds the drawing of a diagram, where its data part says so."""
    found = next(every(data, "dataModelExt"), None)
    return found.get("relId") if found is not None else None


def _connected_order(root: Any, nodes: dict[str, str]) -> list[str]:
    """Node ids depth first along `parOf` connections; those nothing leads to come last, as they are written."""
    below: dict[str, list[tuple[int, str]]] = {}
    for connection in every(root, "cxn"):
        if connection.get("type", "") in CHILD_OF:
            position = connection.get("srcOrd", "0")
            entry = (int(position) if position.isdecimal() else 0, connection.get("destId", ""))
            below.setdefault(connection.get("srcId", ""), []).append(entry)
    targets = {target for entries in below.values() for _, target in entries}
    waiting = [each for each in reversed(nodes) if each not in targets]
    ordered: dict[str, None] = {}
    while waiting:
        node = waiting.pop()
        if node in nodes and node not in ordered:
            ordered[node] = None
            waiting.extend(target for _, target in sorted(below.get(node, []), reverse=True))
    return [*ordered, *(each for each in nodes if each not in ordered)]


def is_text_part(root: Any) -> bool:
    """Whether this is a diagram's data rather than its drawing."""
    return local(root) == "dataModel"
