"""Scores what the hub concluded against what the world knows: pairs of records, attached facts, the partner list.

The truth of an evaluation is a map from source record to organization of the world. Records of CRMs and work tools are
found by record key, mails by Message-ID, rows of the partner list by what stands in them (their key is derived).
"""

from partnerhub.simulator.truth.model import Fact, Predicted, Sameness, Score, Truth, mail_key, row_content
from partnerhub.simulator.truth.of_world import truth_of
from partnerhub.simulator.truth.scoring import score

__all__ = [
    "Fact",
    "Predicted",
    "Sameness",
    "Score",
    "Truth",
    "mail_key",
    "row_content",
    "score",
    "truth_of",
]
