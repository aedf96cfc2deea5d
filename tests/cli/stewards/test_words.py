"""What stewards read: figures that differ look different."""

from __future__ import annotations

import pytest

from partnerhub.stewardship.evidence import told_apart


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ((0.33, 0.43), ("33%", "43%")),
        ((0.4309, 0.4311), ("43.09%", "43.11%")),
        ((0.5, 0.5), ("50%", "50%")),
    ],
)
def test_two_probabilities_are_told_apart_by_their_digits(pair, said):
    assert told_apart(*pair) == said
