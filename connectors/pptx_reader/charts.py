"""Charts as text: titles, axis titles, and each series with its categories and values, whatever the plot type.

Values come from the cache inside the chart part, which is what the slide shows; the embedded workbook is not opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from connectors.pptx_reader.package import child, every, local
from connectors.pptx_reader.text import body_text, tidy

CACHES: Final = ("strCache", "strLit", "numCache", "numLit", "multiLvlStrCache")
CATEGORIES: Final = ("cat", "xVal")
VALUES: Final = ("val", "yVal", "bubbleSize")


class Piece(NamedTuple):
    """One text of a chart and where in it: `title`, `axis title 1`, `series 2`, `label 3`."""

    where: str
    text: str


def chart_pieces(root: Any) -> list[Piece]:
    """Everything a chart part says, in reading order. Empty when it holds neither words nor values."""
    if child(root, "chartData") is not None:
        return list(_extended(root))
    return list(_classic(root))


def _classic(root: Any) -> Iterator[Piece]:
    """A chart of the 2007 kind (c:chartSpace)."""
    title = _title(child(root, "chart", "title"))
    if title:
        yield Piece("title", title)
    axes = [_title(child(axis, "title")) for axis in root.iter() if local(axis).endswith("Ax")]
    for number, said in enumerate(filter(None, axes), 1):
        yield Piece(f"axis title {number}", said)
    for number, series in enumerate(every(root, "ser"), 1):
        text = _series(series)
        if text:
            yield Piece(f"series {number}", text)
    labels = (body_text(child(label, "tx", "rich")) for label in every(root, "dLbl"))
    for number, said in enumerate(filter(None, labels), 1):
        yield Piece(f"label {number}", said)


def _title(title: Any) -> str:
    if title is None:
        return ""
    rich = child(title, "tx", "rich")
    if rich is not None:
        return body_text(rich)
    return " ".join(_points(child(title, "tx", "strRef")).values())


def _series(series: Any) -> str:
    """A series' name, then a line `category: value` per point."""
    name = _name(child(series, "tx"))
    categories = next((found for each in CATEGORIES if (found := _points(child(series, each)))), {})
    columns = [found for each in VALUES if (found := _points(child(series, each)))]
    if not columns:
        return name
    lines = []
    for position in sorted(set(columns[0]).union(*columns[1:])):
        values = ", ".join(plain_number(column[position]) for column in columns if position in column)
        label = categories.get(position, "")
        lines.append(f"{label}: {values}" if label else values)
    return tidy("\n".join([name, *lines]))


def _name(text: Any) -> str:
    if text is None:
        return ""
    literal = child(text, "v")
    if literal is not None:
        return (literal.text or "").strip()
    rich = child(text, "rich")
    return body_text(rich) if rich is not None else " ".join(_points(text).values())


def _points(holder: Any) -> dict[int, str]:
    """Position → cached value below a reference or literal; levels of a category are joined, the outermost first."""
    if holder is None:
        return {}
    cache = next((each for each in holder.iter() if local(each) in CACHES), None)
    if cache is None:
        return {}
    levels = list(every(cache, "lvl"))
    if not levels:
        return _level(cache)
    merged: dict[int, list[str]] = {}
    for level in reversed(levels):
        for position, value in _level(level).items():
            merged.setdefault(position, []).append(value)
    return {position: " ".join(values) for position, values in merged.items()}


def _level(holder: Any) -> dict[int, str]:
    found: dict[int, str] = {}
    for position, point in enumerate(each for each in holder if local(each) == "pt"):
        value = child(point, "v")
        text = (value.text if value is not None else point.text) or ""
        if text.strip():
            written = point.get("idx", "")
            found[int(written) if written.isdecimal() else position] = text.strip()
    return found


def _extended(root: Any) -> Iterator[Piece]:
    """A chart of the 2016 kind (cx:chartSpace): sunburst, waterfall, funnel and others."""
    title = child(root, "chart", "title")
    said = _extended_text(title)
    if said:
        yield Piece("title", said)
    names = [_extended_text(child(series, "tx")) for series in every(root, "series")]
    for number, data in enumerate(every(root, "data"), 1):
        words = [" ".join(found) for found in _dimension(data, "strDim") if found]
        values = [[plain_number(value) for value in found] for found in _dimension(data, "numDim")]
        name = names[number - 1] if number <= len(names) else ""
        text = tidy("\n".join([name, *_extended_lines(words, values)]))
        if text:
            yield Piece(f"series {number}", text)


def _extended_text(holder: Any) -> str:
    if holder is None:
        return ""
    value = next(every(holder, "v"), None)
    if value is not None and (value.text or "").strip():
        return str(value.text).strip()
    return body_text(next(every(holder, "rich"), None))


def _dimension(data: Any, kind: str) -> list[list[str]]:
    """The points of every dimension of a kind: per point its values on all levels, the outermost first."""
    found: dict[int, list[str]] = {}
    for dimension in (each for each in data if local(each) == kind):
        for level in reversed(list(every(dimension, "lvl"))):
            for position, value in _level(level).items():
                found.setdefault(position, []).append(value)
    return [found[position] for position in sorted(found)]


def _extended_lines(words: list[str], values: list[list[str]]) -> list[str]:
    lines = []
    for position in range(max(len(words), len(values))):
        label = words[position] if position < len(words) else ""
        value = ", ".join(values[position]) if position < len(values) else ""
        lines.append(f"{label}: {value}" if label and value else label or value)
    return lines


def plain_number(value: str) -> str:
    """A cached number as people write it: `0.30000000000000004` is 0.3."""
    try:
        return f"{float(value):.12g}"
    except ValueError:
        return value
