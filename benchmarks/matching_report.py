"""How right matching is, as figures of the documentation: `make figures`.

Every table is judged out-of-fold, as `pipelines.resolve.learn` does it; tables under --unseen were never learned from
and are judged together, by the shipped weights. Written into FOLDER: a page of tables, and the curves of precision over
recall and of calibration as SVG.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.charts import Line, chart
from benchmarks.matching_errors import HELD, LOW, NEVER, Class, errors
from partnerhub.identity.comparisons import SCORECARD
from partnerhub.identity.policy import DEFAULT
from partnerhub.identity.weights import Weights, read_weights
from pipelines.resolve.learn import (
    TAUGHT_BY,
    Table,
    calibration,
    design,
    grouped,
    judged,
    learned,
    named,
    out_of_fold,
    read_table,
    stretched,
)
from pipelines.resolve.quality import Calibration, Quality
from pipelines.resolve.regression import Floats

THRESHOLDS = (-3.0, -2.0, -1.2, -0.8, DEFAULT.auto, 0.0, 0.5, 1.0, 2.0, 3.5)
FEW = 300
"""With fewer pairs in doubt than this, a calibration error says more about their number than about the scores."""
INTRODUCTION = """\
Written by `make figures`. Everything is out-of-fold: what is judged was never in the training of the weights that judge
it; `unseen` are thirty simulated companies nothing was learned from, by the shipped weights. What it means:
[how right matching is](identity.md#how-right-it-is)."""
BINS_AND_CHANCE = """\
Over the pairs scored .05 to .95, in ten bins of equal size. *By chance*: what nineteen of twenty sets of as many pairs
would stay under if every score were exactly right."""
PAGE = "identity-figures.md"
CURVE, CALIBRATION = "identity-curve.svg", "identity-calibration.svg"


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge the tables and write page and curves."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching_report", description=__doc__)
    parser.add_argument("tables", nargs="+", metavar="NAME=FOLDER[*TIMES]")
    parser.add_argument("--curves", default="", help="names of the tables whose curves are drawn, by commas")
    parser.add_argument(
        "--unseen", type=Path, help="a folder of labelled tables that nothing was learned from"
    )
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args(arguments)
    tables = [read_table(*named(text), TAUGHT_BY) for text in asked.tables]
    scores = calibrated_scores(tables)
    if asked.unseen:
        table = together(
            "unseen", [read_table(f.name, f, 1.0, TAUGHT_BY) for f in sorted(asked.unseen.iterdir())]
        )
        tables.append(table)
        scores[table.name] = weighed(table, read_weights())
    drawn = [t for t in tables if t.name in asked.curves.split(",")] or tables[:1]
    curves = {t.name: curve(t, scores[t.name]) for t in drawn}
    (asked.out / CURVE).write_text(curve_chart(curves), encoding="utf-8")
    right = {t.name: calibration(t, scores[t.name]) for t in tables}
    (asked.out / CALIBRATION).write_text(
        calibration_chart({t.name: right[t.name] for t in drawn}), encoding="utf-8"
    )
    (asked.out / PAGE).write_text(page(tables, scores, curves, right), encoding="utf-8")


def calibrated_scores(tables: Sequence[Table]) -> dict[str, Floats]:
    """Every pair's score by weights that know none of its organizations."""
    plan = design(tables)
    found = out_of_fold(tables, plan, learned(tables, plan))
    factor, shift = stretched(tables, found)
    return {table.name: score * factor + shift for table, score in zip(tables, found, strict=True)}


def together(name: str, tables: Sequence[Table]) -> Table:
    """Tables as one; records and organizations of different ones are different."""
    starts = np.cumsum([0, *(len(t.features) for t in tables)])
    return Table(
        name=name,
        times=1.0,
        features=[replace(f, record=f"{t.name}/{f.record}") for t in tables for f in t.features],
        truth=[one and f"{t.name}/{one}" for t in tables for one in t.truth],
        left=np.concatenate([t.left + at for t, at in zip(tables, starts, strict=False)]),
        right=np.concatenate([t.right + at for t, at in zip(tables, starts, strict=False)]),
        branch=np.concatenate([t.branch for t in tables]),
        levels=np.concatenate([t.levels for t in tables]),
        found=np.concatenate([t.found for t in tables]),
    )


def weighed(table: Table, weights: Weights) -> Floats:
    """The score of every pair by weights as they are."""
    columns = (np.array(weights.of(c))[table.levels[:, n]] for n, c in enumerate(SCORECARD))
    found: Floats = weights.prior + np.sum(list(columns), axis=0)
    return found


def curve(table: Table, scores: Floats) -> dict[float, Quality]:
    """Quality by threshold; that of bare names moves along."""
    lead = DEFAULT.mention - DEFAULT.auto
    return {
        auto: judged(table, scores, replace(DEFAULT, auto=auto, mention=auto + lead)) for auto in THRESHOLDS
    }


def curve_chart(curves: Mapping[str, Mapping[float, Quality]]) -> str:
    """Precision over recall of the groups."""
    lines = [
        Line(
            name,
            [(q.recall, q.precision) for _, q in sorted(found.items())],
            marked=(found[DEFAULT.auto].recall, found[DEFAULT.auto].precision),
        )
        for name, found in curves.items()
    ]
    return chart(
        "Precision and recall of joined pairs, by threshold",
        "recall",
        "precision",
        lines,
        (0.6, 1.0),
        (0.8, 1.0),
    )


def calibration_chart(found: Mapping[str, Calibration]) -> str:
    """What is so over what the scores say."""
    lines = [Line(name, [(b.said, b.same) for b in one.bins]) for name, one in found.items()]
    return chart(
        "Of the pairs scored so, this many are the same",
        "score",
        "same",
        lines,
        (0.0, 1.0),
        (0.0, 1.0),
        diagonal=True,
    )


def page(
    tables: Sequence[Table],
    scores: Mapping[str, Floats],
    curves: Mapping[str, Mapping[float, Quality]],
    right: Mapping[str, Calibration],
) -> str:
    """The tables as Markdown."""
    first = tables[0]
    missed, wrong = errors_of(first, scores[first.name])
    parts = [
        "# How right matching is, in figures",
        INTRODUCTION,
        "## Quality",
        quality_table(tables, {t.name: judged(t, scores[t.name], DEFAULT) for t in tables}),
        "## By threshold",
        *(f"`{name}`\n\n{curve_table(found)}" for name, found in curves.items()),
        "## Calibration",
        BINS_AND_CHANCE,
        calibration_table(right),
        f"## Missed pairs of `{first.name}`",
        error_table(missed, (NEVER, LOW, HELD)),
        f"## Wrong pairs of `{first.name}`",
        error_table(wrong, ("compared", "by way of others")),
    ]
    return "\n\n".join(parts) + "\n"


def errors_of(table: Table, scores: Floats) -> tuple[dict[str, Class], dict[str, Class]]:
    """The errors of a table, classified."""
    records = table.records
    truth = {r: t for r, t in zip(records, table.truth, strict=True) if t is not None}
    by_pair = {
        (records[a], records[b]) if records[a] < records[b] else (records[b], records[a]): float(score)
        for a, b, score in zip(table.left.tolist(), table.right.tolist(), scores.tolist(), strict=True)
    }
    return errors(table.features, truth, grouped(table, scores, DEFAULT), by_pair, DEFAULT.auto)


def rows(head: Sequence[str], body: Iterable[Sequence[object]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def share(value: float) -> str:
    """`.951`."""
    return f"{value:.3f}".removeprefix("0")


def quality_table(tables: Sequence[Table], found: Mapping[str, Quality]) -> str:
    """A row per table."""
    head = ("set", "records", "pairs compared", "precision", "recall", "F1", "B-cubed F1", "largest group")
    return rows(
        head,
        (
            (
                t.name,
                f"{len(t.records):,}",
                f"{len(t.left):,}",
                *map(share, (q.precision, q.recall, q.f1, q.cubed_f1)),
                q.largest,
            )
            for t, q in ((t, found[t.name]) for t in tables)
        ),
    )


def curve_table(found: Mapping[float, Quality]) -> str:
    """A row per threshold."""
    return rows(
        ("bits", "precision", "recall", "F1", "B-cubed F1"),
        (
            (
                f"**{auto:+.1f}**" if auto == DEFAULT.auto else f"{auto:+.1f}",
                *map(share, (q.precision, q.recall, q.f1, q.cubed_f1)),
            )
            for auto, q in sorted(found.items())
        ),
    )


def calibration_table(found: Mapping[str, Calibration]) -> str:
    """A row per table; the bins where there are pairs enough."""
    return rows(
        ("set", "pairs in doubt", "error", "by chance up to", "said → same"),
        (
            (
                name,
                f"{one.pairs:,}",
                share(one.error),
                share(one.by_chance),
                ", ".join(f"{share(b.said)[:3]} → {share(b.same)[:3]}" for b in one.bins)
                if one.pairs >= FEW
                else "too few pairs",
            )
            for name, one in found.items()
        ),
    )


def error_table(classes: Mapping[str, Class], reasons: Sequence[str]) -> str:
    """A row per class."""
    total = rows(
        ("class", "pairs", *reasons, "for example"),
        (
            (name, f"{one.pairs:,}", *(f"{one.by_reason[r]:,}" for r in reasons), "; ".join(one.examples))
            for name, one in classes.items()
        ),
    )
    return f"{sum(one.pairs for one in classes.values()):,} pairs.\n\n{total}"


if __name__ == "__main__":
    main()
