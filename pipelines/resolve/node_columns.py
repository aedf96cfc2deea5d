"""The table of features (`pipelines.resolve.feature_table.COLUMNS`) of a million rows, made column by column.

What a row says by itself comes from `sheet_columns`, what others hold from `common_values`. Texts that are compared as
a whole only may be numbers here. `feature_row` says the same of one record; a test holds the two equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships none
import pyarrow.compute as pc  # type: ignore[import-untyped]  # ships none

from pipelines.resolve.feature_table import (
    COMMON,
    COMMON_FROM,
    GENERAL,
    GENERAL_FROM,
    RARE,
    UNUSUAL,
    UNUSUAL_FROM,
)
from pipelines.resolve.sheet_columns import IN_TABLE, LONG, chosen, flat_and_owner
from pipelines.resolve.value_ids import KIND_BITS, Ids

if TYPE_CHECKING:
    from partnerhub.identity.policy import Policy
    from pipelines.resolve.common_values import CommonValues

AS_THEY_ARE = (
    "names", "words", "acronyms", "initials", "labels", "kinds", "numbers", "trigrams", "compact", "street", "city",
    "said_country", "latin_name", "latin_city", "only_a_name",
)  # fmt: skip
WORD_BITS = 56
"""So that ten times the number of a word, and its weight, fit into 63 bits."""


def node_columns(rows: pa.Table, rank: Ids, common: CommonValues, policy: Policy) -> pa.Table:
    """A row per record, in the order of `rows`; `unique_id` is its rank."""
    columns: dict[str, pa.Array] = {name: one(rows[name]) for name in AS_THEY_ARE}
    columns["unique_id"] = pa.array(rank)
    columns["fresh"] = pa.array(np.ones(len(rows), np.bool_))
    columns["country"] = pc.coalesce(one(rows["country"]), one(rows["said_country"]))
    columns |= without_generic(rows, common, policy)
    columns |= word_columns(rows, common)
    columns |= count_columns(rows, common)
    columns["shared"] = shared(one(rows["values"]), common, policy)
    return pa.table(columns)


def one(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    whole = column.combine_chunks()
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole


def numbers(column: pa.ChunkedArray) -> Ids:
    """A column of numbers."""
    return np.asarray(one(column))


def without_generic(rows: pa.Table, common: CommonValues, policy: Policy) -> dict[str, pa.Array]:
    """Sites, phones and streets, without those that identify nobody."""
    generic, columns = common.generic(policy), {}
    for counted, names in (
        ("host", ("host", "domain")),
        ("mail_host", ("mail_host",)),
        ("phone", ("phone",)),
        ("street", ("street",)),
    ):
        gone = pa.array(common.among(numbers(rows[f"{counted}_id"]), generic))
        for name in names:
            columns[name] = pc.if_else(gone, pa.scalar(None, pa.string()), one(rows[name]))
    return columns


def word_columns(rows: pa.Table, common: CommonValues) -> dict[str, pa.Array]:
    """The words of a name by how telling they are."""
    names = np.diff(np.asarray(one(rows["names"]).offsets)).astype(np.int64)
    weighed, weights, total = weighed_words(rows, "word", common, names)
    spelled, _, spelled_total = weighed_words(rows, "spelled", common, names)
    marks = np.asarray(one(rows["word_marks"]).flatten())
    own = (weights > GENERAL) & (marks & LONG > 0)
    return {
        "weighed": weighed,
        "weight": total,
        "weighed_spelled": spelled,
        "spelled_weight": spelled_total,
        "own": chosen(one(rows["words"]), own),
        "rare": chosen(one(rows["words"]), own & (weights == RARE)),
    }


def weighed_words(
    rows: pa.Table, which: str, common: CommonValues, names: Ids
) -> tuple[pa.ListArray, Ids, pa.Array]:
    """Words with their weights, the weights alone, and the sum of the weights of each row."""
    column = one(rows[f"{which}_ids"])
    words, owners = flat_and_owner(column)
    records = common.counts(words, "records", np.ones(len(words), np.int64))
    borne = common.counts(words, "names", names[owners])
    marks = np.asarray(one(rows[f"{which}_marks"]).flatten())
    weights = np.select(
        [
            (marks & IN_TABLE > 0) | (records >= GENERAL_FROM),
            borne >= COMMON_FROM,
            borne >= UNUSUAL_FROM,
        ],
        [GENERAL, COMMON, UNUSUAL],
        RARE,
    )
    weighed = (words >> KIND_BITS & (1 << WORD_BITS) - 1) * 10 + weights
    total = np.bincount(owners, weights, len(column)).astype(np.int32)
    return pa.ListArray.from_arrays(column.offsets, pa.array(weighed)), weights, pa.array(total)


def count_columns(rows: pa.Table, common: CommonValues) -> dict[str, pa.Array]:
    """How common the site, the name and the rest of a record are; the most common of several."""
    names = np.diff(np.asarray(one(rows["names"]).offsets)).astype(np.int64)
    sited = np.asarray(one(rows["domain"]).is_valid()).astype(np.int64)

    def single(column: str) -> Ids:
        values = numbers(rows[f"{column}_id"])
        known = np.asarray(one(rows[column]).is_valid())
        return np.where(known, common.counts(values, "names", names), 0)

    def most(column: str, of: str, alone: Ids) -> Ids:
        values, owners = flat_and_owner(one(rows[column]))
        found = np.zeros(len(rows), np.int64)
        np.maximum.at(found, owners, common.counts(values, of, alone[owners]))
        return found

    columns = {
        "site_names": np.maximum(single("host"), single("mail_host")),
        "domain_names": single("domain"),
        "name_domains": most("name_ids", "domains", sited),
        "name_records": most("name_ids", "records", np.ones(len(rows), np.int64)),
        "short_names": most("short_ids", "names", names),
        "label_domains": most("label_ids", "domains", sited),
        "phone_names": single("phone"),
        "street_names": single("street"),
    }
    return {name: pa.array(column.astype(np.int32)) for name, column in columns.items()}


def shared(values: pa.ListArray, common: CommonValues, policy: Policy) -> pa.ListArray:
    """The values by which candidates are found: those that others hold, but not too many."""
    return chosen(values, common.among(np.asarray(values.flatten()), common.leading(policy)))
