"""Charts as SVG that read well on light and dark pages. No dependency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 44, 48
TICKS = 5
STYLE = """
text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:14px}
.grid{stroke:#d1d9e0;stroke-width:1}.even{stroke:#818b98;stroke-dasharray:4 4;fill:none}
.l0{stroke:#0550ae}.l1{stroke:#bc4c00}.l2{stroke:#1a7f37}
.line{fill:none;stroke-width:2}.d0{fill:#0550ae}.d1{fill:#bc4c00}.d2{fill:#1a7f37}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.grid{stroke:#3d444d}.even{stroke:#9198a1}
.l0{stroke:#79c0ff}.l1{stroke:#ffa657}.l2{stroke:#7ee787}.d0{fill:#79c0ff}.d1{fill:#ffa657}.d2{fill:#7ee787}}
""".replace("\n", "")
COLORS = 3

Point = tuple[float, float]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A named line through points (x, y); marked: one of them, drawn large."""

    name: str
    points: Sequence[Point]
    marked: Point | None = field(default=None)


def chart(
    title: str, across: str, up: str, lines: Sequence[Line], x: Span, y: Span, *, diagonal: bool = False
) -> str:
    """An SVG. x, y: what the axes show; points beyond are left out. diagonal: where both axes say the same."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"',
        f' aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<text class="title" x="{LEFT}" y="24">{escape(title)}</text>',
        *axes(across, up, x, y),
    ]
    if diagonal:
        parts.append(f'<path class="even" d="{path([(x[0], y[0]), (x[1], y[1])], x, y)}"/>')
    for number, line in enumerate(lines):
        parts += drawn(line, number, x, y)
    return "\n".join([*parts, "</svg>"]) + "\n"


def axes(across: str, up: str, x: Span, y: Span) -> list[str]:
    """Grid, numbers and names of the axes."""
    parts = []
    for step in range(TICKS + 1):
        at_x, at_y = x[0] + (x[1] - x[0]) * step / TICKS, y[0] + (y[1] - y[0]) * step / TICKS
        column, row = place((at_x, at_y), x, y)
        parts += [
            f'<path class="grid" d="M{column} {TOP}V{HEIGHT - BOTTOM}M{LEFT} {row}H{WIDTH - RIGHT}"/>',
            f'<text x="{column}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{at_x:.2f}</text>',
            f'<text x="{LEFT - 8}" y="{row + 4}" text-anchor="end">{at_y:.2f}</text>',
        ]
    middle = (LEFT + WIDTH - RIGHT) / 2
    return [
        *parts,
        f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(across)}</text>',
        f'<text x="4" y="{TOP - 8}">{escape(up)}</text>',
    ]


def drawn(line: Line, number: int, x: Span, y: Span) -> list[str]:
    """A line, its points, and its name at the right."""
    color = number % COLORS
    inside = [p for p in line.points if x[0] <= p[0] <= x[1] and y[0] <= p[1] <= y[1]]
    places = [place(p, x, y) for p in inside]
    row = TOP + 16 + 22 * number
    parts = [f'<path class="line l{color}" d="{path(inside, x, y)}"/>']
    parts += [f'<circle class="d{color}" cx="{column}" cy="{at}" r="3"/>' for column, at in places]
    if line.marked is not None:
        column, at = place(line.marked, x, y)
        parts.append(f'<circle class="d{color}" cx="{column}" cy="{at}" r="6"/>')
    return [
        *parts,
        f'<circle class="d{color}" cx="{WIDTH - RIGHT + 20}" cy="{row - 4}" r="5"/>',
        f'<text x="{WIDTH - RIGHT + 32}" y="{row}">{escape(line.name)}</text>',
    ]


def path(points: Sequence[Point], x: Span, y: Span) -> str:
    """A way through points."""
    return "".join(f"{'L' if n else 'M'}{c} {r}" for n, (c, r) in enumerate(place(p, x, y) for p in points))


def place(point: Point, x: Span, y: Span) -> tuple[float, float]:
    """Where a point stands on the page."""
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    column = LEFT + wide * (point[0] - x[0]) / (x[1] - x[0])
    row = TOP + high * (1 - (point[1] - y[0]) / (y[1] - y[0]))
    return round(column, 1), round(row, 1)
