"""What a deployment may tune about matching. Weights are bits: one more bit is twice the odds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from partnerhub.identity.weights import Weights, read_weights

MATCH_RULES = "5"
"""Raised whenever weights, comparisons or guards change; stored with every scored pair."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds and guards.

    auto: pairs at or above it may join by themselves. review: pairs from here to `auto` are shown to people.
    unscored: what a pair counts in an average when nothing was found to compare it by.
    strongest: no single pair counts more than this in an average.
    bare_names: records with nothing but a name are taken for each other from this average on.
    mention: a record with nothing but a name joins an organization from this value on.
    mention_lead: a record with nothing but a name joins an organization only when no other one comes this close.
    largest_group: scores join no more records than this; what grows beyond it by other means is shown to people.
    thread: scores form no group of which this many records would be cut off without one record or one pair.
    exclusive_schemes: registries in which one organization has one number; two numbers forbid an automatic join.
    generic_names: a host, phone or street held under more different names than this says nothing by itself.
    largest_block: values held by more records than this are not used to find candidates, nor counted any further.
    largest_blocks: the same for a kind of value, where it differs. What holds a block small keeps the number of pairs
    in line with the number of records, and what a change costs with the change: ends of names, initials, labels
    and single words lead to most neighbors and to hardly anybody who is the same.
    weights: those of a hub's own; None takes the shipped ones.
    """

    auto: float = -0.4
    review: float = -5.0
    unscored: float = -1.0
    strongest: float = 8.0
    bare_names: float = 1.0
    mention: float = 0.3
    mention_lead: float = 0.5
    largest_group: int = 100
    thread: int = 3
    exclusive_schemes: frozenset[str] = frozenset(
        """
        lei duns ein cik ror isni companies_house charity_commission oscr ccni siren handelsregister kvk kbo uid
        firmenbuch orgnr organisationsnummer cvr ytunnus abn jcn cnpj
        """.split()  # noqa: SIM905
    )
    generic_names: int = 25
    largest_block: int = 100
    largest_blocks: Mapping[str, int] = field(
        default_factory=lambda: {
            "name": 240,
            "host": 240,
            "pair": 60,
            "domain": 30,
            "word": 20,
            "label": 20,
            "initials": 20,
            "start": 10,
            "end": 10,
        }
    )
    weights: Weights | None = None

    @property
    def scorecard(self) -> Weights:
        """The weights in force."""
        return self.weights or read_weights()


DEFAULT = Policy()
