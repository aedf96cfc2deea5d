"""Whether a group hangs by one thread: without one record, or one pair, it would fall apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

Near: TypeAlias = Mapping[int, Mapping[int, int]]
"""Unit → unit → how many strong pairs there are between the two. A unit is what was one before scores were asked."""


def hangs_by_a_thread(units: Iterable[int], near: Near, size: Callable[[int], int], least: int) -> bool:
    """Whether `least` records or more would be cut off the rest if one record, or one pair, were not there.

    size: how many records a unit has; only a unit of one record can be missing. Units are expected to be connected.
    """
    walk = Walk(set(units), near, size)
    start = min(walk.units)
    walk.visit(start, None)
    return walk.cut_by_a_pair >= least or walk.cut_by_a_record >= least


class Walk:
    """One walk through the units, depth first, that notes where they come apart (Tarjan's low links)."""

    def __init__(self, units: set[int], near: Near, size: Callable[[int], int]) -> None:
        """Nothing visited yet. At most `Policy.largest_group` units, which bounds the recursion."""
        self.units, self.near, self.size = units, near, size
        self.total = sum(size(unit) for unit in units)
        self.order: dict[int, int] = {}
        self.cut_by_a_pair = 0
        self.cut_by_a_record = 0

    def visit(self, unit: int, above: int | None) -> tuple[int, int]:
        """Visit what lies below a unit; returns the earliest unit it leads back to, and how many records it holds."""
        low = self.order[unit] = len(self.order)
        below, pieces = self.size(unit), []
        for other in sorted(self.near.get(unit, ())):
            if other not in self.units or (other == above and self.near[unit][other] == 1):
                continue
            if other in self.order:
                low = min(low, self.order[other])
                continue
            back, held = self.visit(other, unit)
            low, below = min(low, back), below + held
            if back > self.order[unit]:
                self.cut_by_a_pair = max(self.cut_by_a_pair, min(held, self.total - held))
            if back >= self.order[unit]:
                pieces.append(held)
        self.note(unit, pieces)
        return low, below

    def note(self, unit: int, pieces: list[int]) -> None:
        """Without this unit these pieces come off, and perhaps a rest: all but the largest are cut off."""
        if self.size(unit) != 1:
            return
        rest = self.total - 1 - sum(pieces)
        self.cut_by_a_record = max(self.cut_by_a_record, self.total - 1 - max([rest, *pieces]))
