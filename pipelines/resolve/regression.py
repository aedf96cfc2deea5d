"""Logistic regression on levels: the weights under which labelled pairs are likeliest. numpy, no dependency more.

A pair is a row of column numbers, one per comparison; column 0 is for levels that say nothing. The penalized likelihood
has one maximum, so the outcome depends on nothing but the pairs. It is climbed by L-BFGS: the last few steps tell how
the slope bends, which a matrix of all columns by all columns would tell at a hundred times the cost.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Columns = NDArray[np.int64]

STEPS = 400
REMEMBERED = 20
PRECISE = 1e-5
"""Climbing ends when ten steps in a row gain less than this share of the loss."""
ENOUGH = 1e-4
"""The share of the expected gain that a step has to bring (Armijo's condition)."""


def fitted(
    columns: Columns,
    same: Floats,
    counts: Floats,
    width: int,
    penalty: float,
    start: Floats | None = None,
    toward: Floats | None = None,
) -> Floats:
    """Weights in natural logarithms; the first one is the prior, which is not penalized.

    columns: pairs by comparisons, numbers from 0 to width - 1. same: 1 where a pair is one organization. counts: how
    much each pair counts. penalty: what the square of a weight costs (half of it). start: weights of a similar set,
    to begin from. toward: weights that cost nothing, in place of zeros; the prior is held to them like the rest.
    """
    rows = np.ascontiguousarray(columns.T)
    cost = np.full(width, penalty)
    center = np.zeros(width) if toward is None else toward
    if toward is None:
        cost[0] = 0.0
    weights = center.copy() if start is None else start.copy()
    scale = 1 / (summed(rows, counts * 0.1, width) + penalty)

    def loss(at: Floats) -> tuple[float, Floats]:
        total = totals(rows, at)
        chance = 1 / (1 + np.exp(-total))
        wrong = np.logaddexp(0, total) - same * total
        slope = summed(rows, counts * (chance - same), width) + cost * (at - center)
        return float((counts * wrong).sum() + (cost * (at - center) ** 2).sum() / 2), slope

    steps: deque[tuple[Floats, Floats]] = deque(maxlen=REMEMBERED)
    height, slope = loss(weights)
    history = [height]
    for _ in range(STEPS):
        direction = -bent(slope, steps, scale)
        expected = float(slope @ direction)
        length = 1.0
        while True:
            there = weights + length * direction
            new_height, new_slope = loss(there)
            if new_height <= height + ENOUGH * length * expected or length < PRECISE:
                break
            length /= 2
        steps.append((there - weights, new_slope - slope))
        weights, height, slope = there, new_height, new_slope
        history.append(height)
        if len(history) > 10 and history[-11] - height < PRECISE * height:  # noqa: PLR2004
            break
    return weights


def bent(slope: Floats, steps: deque[tuple[Floats, Floats]], scale: Floats) -> Floats:
    """The slope divided by how it bends, as far as the last steps tell (the two loops of L-BFGS)."""
    result = slope.copy()
    used = []
    for moved, turned in reversed(steps):
        curve = float(moved @ turned)
        if curve <= 0:
            continue
        share = float(moved @ result) / curve
        result -= share * turned
        used.append((moved, turned, curve, share))
    result *= scale
    for moved, turned, curve, share in reversed(used):
        result += (share - float(turned @ result) / curve) * moved
    return result


def totals(rows: Columns, weights: Floats) -> Floats:
    """The sum of the prior and the weights of each pair. rows: comparisons by pairs."""
    telling = weights.copy()
    telling[0] = 0.0
    found = np.full(rows.shape[1], weights[0])
    for row in rows:
        found += telling[row]
    return found


def summed(rows: Columns, values: Floats, width: int) -> Floats:
    """Per column the sum of the values of its pairs; the first one is the sum of all."""
    total = np.zeros(width)
    for row in rows:
        total += np.bincount(row, values, width)
    total[0] = values.sum()
    return total
