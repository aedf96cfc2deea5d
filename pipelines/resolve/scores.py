"""Splink: from features to scored pairs. The only module that knows its API (5.x)."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # ships none

from partnerhub.identity.features import Features
from partnerhub.identity.scorecard import PRIOR, SCORECARD, VETO, Comparison, Level
from pipelines.resolve.frequency import Frequencies

COLUMNS = pa.schema(
    [
        ("unique_id", pa.string()),
        ("fresh", pa.bool_()),
        ("names", pa.list_(pa.string())),
        ("tokens", pa.list_(pa.string())),
        *(
            (name, pa.string())
            for name in (
                "name_key", "compact", "initials", "acronym", "host", "mail_host", "domain", "phone", "street",
                "postcode", "city", "country",
            )
        ),
        ("latin_name", pa.bool_()),
        ("latin_city", pa.bool_()),
        ("site_names", pa.int64()),
        ("initials_names", pa.int64()),
        ("tf_name_key", pa.float64()),
        ("shared", pa.list_(pa.string())),
    ]
)  # fmt: skip
BLOCKING = {"blocking_rule": "l.shared = r.shared AND (l.fresh OR r.fresh)", "arrays_to_explode": ["shared"]}
MEMORY_LIMIT = "2GB"
THREADS = 2


@dataclass(frozen=True, slots=True)
class Scored:
    """A pair that was compared: left < right, its weight in bits, and the level each comparison showed.

    levels: comparison name → number of the level in the scorecard; `rarity`: bits a common name lost.
    """

    left: str
    right: str
    weight: float
    levels: Mapping[str, int]
    rarity: float

    @property
    def vetoed(self) -> bool:
        """Whether a level forbids the join."""
        return any(c.levels[self.levels[c.name]].weight <= VETO / 2 for c in SCORECARD)


def score_pairs(
    features: Collection[Features],
    *,
    fresh: Collection[str] | None,
    frequencies: Frequencies,
    at_least: float,
) -> list[Scored]:
    """Compare every two records that share a blocking value, at least one of them fresh (None: all are).

    frequencies: how common their values are, in the warehouse or in the sheet. Pairs under `at_least` bits
    are left out, but for those a veto keeps apart. Sorted by pair. Deterministic.
    """
    if len(features) < 2:  # noqa: PLR2004
        return []
    from splink import DuckDBAPI, Linker  # takes half a second to import

    connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "threads": THREADS})
    try:
        api = DuckDBAPI(connection=connection)
        table = feature_table(features, fresh, frequencies)
        nodes = api.register(table, dataset_display_name="organizations")
        linker = Linker(nodes, splink_settings())
        logging.getLogger("splink").setLevel(logging.ERROR)  # it talks about timings on its own handler
        predicted = linker.inference.predict(warning_mode="never")
        return sorted(read_scored(predicted, at_least), key=lambda pair: (pair.left, pair.right))
    finally:
        connection.close()


def feature_table(
    features: Iterable[Features], fresh: Collection[str] | None, frequencies: Frequencies
) -> pa.Table:
    """The features as Splink takes them; values that are too common to mean anything are left out."""
    rows = [feature_row(f, frequencies) | {"fresh": fresh is None or f.record in fresh} for f in features]
    return pa.Table.from_pylist(rows, schema=COLUMNS)


def feature_row(f: Features, frequencies: Frequencies) -> dict[str, Any]:
    """One record as a row of that table."""
    common = frequencies.too_common
    row = {name: getattr(f, name, None) for name in COLUMNS.names}
    for kind, columns in (("host", ("host", "domain")), ("host", ("mail_host",)), ("phone", ("phone",))):
        if f"{kind}:{row[columns[0]]}" in common:
            row |= dict.fromkeys(columns)
    hosts = [f"host:{host}" for host in (row["host"], row["mail_host"]) if host]
    short = [f"initials:{letters}" for letters in (f.initials, f.acronym) if letters]
    unusual = SCORECARD[0].levels[1].others or 1.0
    bearers = max(1, frequencies.holders.get(f.names[0], 1)) if f.names else 1
    return row | {
        "unique_id": f.record,
        "names": list(f.names),
        "tokens": list(f.tokens),
        "name_key": f.names[0] if f.names else None,
        "tf_name_key": unusual * bearers,
        "site_names": max((frequencies.names.get(value, 1) for value in hosts), default=1),
        "initials_names": max((frequencies.names.get(value, 1) for value in short), default=1),
        "shared": sorted(f.blocking_values() - common),
    }


def splink_settings() -> dict[str, Any]:
    """The scorecard as Splink's settings."""
    return {
        "link_type": "dedupe_only",
        "probability_two_random_records_match": PRIOR,
        "blocking_rules_to_generate_predictions": [BLOCKING],
        "comparisons": [comparison_settings(comparison) for comparison in SCORECARD],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }


def comparison_settings(comparison: Comparison) -> dict[str, Any]:
    """One comparison as Splink's settings."""
    return {
        "output_column_name": comparison.name,
        "comparison_levels": [level_settings(level) for level in comparison.levels],
    }


def level_settings(level: Level) -> dict[str, Any]:
    """One level as Splink's settings; a level without numbers is a null level."""
    settings: dict[str, Any] = {"sql_condition": sided(level.when), "label_for_charts": level.words}
    if level.same is None:
        return {**settings, "is_null_level": True}
    settings |= {"m_probability": level.same, "u_probability": level.others}
    if level.rare:
        settings |= {"tf_adjustment_column": "name_key", "disable_tf_exact_match_detection": True}
    return settings


def sided(condition: str) -> str:
    """`l.host = r.host` as Splink spells it: `host_l = host_r`."""
    return re.sub(r"\b([lr])\.(\w+)", r"\2_\1", condition)


def read_scored(predicted: Any, at_least: float) -> Iterable[Scored]:
    """Splink's table as our pairs: those that weigh enough, and those a veto keeps apart."""
    numbered = {c.name: level_numbers(c) for c in SCORECARD}
    shown = ", ".join(f"gamma_{name}" for name in numbered)
    vetoes = " OR ".join(f"mw_{name} <= {VETO / 2}" for name in numbered)
    telling = f"match_weight >= {at_least} OR {vetoes}"
    wanted = f"unique_id_l, unique_id_r, match_weight, coalesce(mw_tf_adj_name, 0), {shown}"
    for a, b, weight, rarity, *gammas in (
        predicted.as_duckdbpyrelation().filter(telling).project(wanted).fetchall()
    ):
        left, right = min(a, b), max(a, b)
        levels = {name: numbered[name][gamma] for name, gamma in zip(numbered, gammas, strict=True)}
        yield Scored(left, right, round(weight, 3), levels, round(rarity, 3))


def level_numbers(comparison: Comparison) -> dict[int, int]:
    """Splink's number of a level (-1 for null ones, else counted from the last) → its place in the scorecard."""
    telling = [n for n, level in enumerate(comparison.levels) if level.same is not None]
    silent = [n for n, level in enumerate(comparison.levels) if level.same is None]
    numbers = {len(telling) - 1 - i: n for i, n in enumerate(telling)}
    return {-1: silent[0] if silent else len(comparison.levels) - 1, **numbers}
