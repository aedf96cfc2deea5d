"""Rows of a spreadsheet, cleaned, as columns: what a record says by itself, however common it is elsewhere.

One portion of rows gives one record batch, wherever it is made; portions are handed to other processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships none

from partnerhub.identity.words import known_words
from pipelines.resolve.sheet_rows import sheet_features, staged_cells
from pipelines.resolve.value_ids import Ids, ids_of, ids_of_kind

if TYPE_CHECKING:
    from partnerhub.identity.features import Features

Cells: TypeAlias = Sequence[Any]
TEXTS, NUMBERS = pa.list_(pa.string()), pa.list_(pa.int64())
SHOWN = ("name", "website", "email", "phone", "street", "city", "country")
"""What an explanation quotes, as columns `shown_<field>`."""
TEXT_COLUMNS = (
    "compact", "host", "mail_host", "domain", "phone", "street", "city", "country", "said_country",
)  # fmt: skip
FLAG_COLUMNS = ("latin_name", "latin_city", "only_a_name")
LIST_COLUMNS = ("names", "acronyms", "initials", "labels")
COUNTED = ("host", "mail_host", "domain", "phone", "street")
"""Columns of one value each, whose numbers stand in `<column>_id`."""
COUNTED_AS = {"mail_host": "host"}
IN_TABLE, LONG = 1, 2
"""What is known of a word whatever the rest of the table says: it is in the table of words; it has two letters."""
LETTER_BITS = 8


class Portion(NamedTuple):
    """Rows in order, each the cells of COLUMNS, source and source_id. first: the number of the first one, from 1."""

    first: int
    rows: Sequence[Cells]
    default_source: str
    region: str | None


def columns_of(portion: Portion) -> pa.RecordBatch:
    """A row per readable row of the portion, in order."""
    known: list[Features] = []
    places: list[tuple[str, str]] = []
    for number, cells in enumerate(portion.rows, portion.first):
        row = staged_cells(cells, (portion.default_source, str(number)), portion.region)
        if row is not None:
            known.append(sheet_features(row))
            places.append((row["source"], row["source_id"]))
    columns = {
        "source": texts(source for source, _ in places),
        "source_id": texts(source_id for _, source_id in places),
    }
    return pa.RecordBatch.from_pydict(columns | feature_columns(known))


def feature_columns(known: Sequence[Features]) -> dict[str, pa.Array]:
    """What records say by themselves, in order."""
    columns: dict[str, pa.Array] = {"record": texts(f.record for f in known)}
    columns |= {name: texts(getattr(f, name) for f in known) for name in TEXT_COLUMNS}
    columns |= {name: pa.array([getattr(f, name) for f in known], pa.bool_()) for name in FLAG_COLUMNS}
    columns |= {name: lists([getattr(f, name) for f in known], text_array) for name in LIST_COLUMNS}
    columns |= {f"shown_{name}": texts(f.shown[name] for f in known) for name in SHOWN}
    columns |= id_columns(known) | word_columns(known)
    columns["trigrams"] = trigrams(known)
    return columns


def id_columns(known: Sequence[Features]) -> dict[str, pa.Array]:
    """The numbers of everything whose being common matters."""
    columns = {
        f"{name}_id": pa.array(ids_of_kind(COUNTED_AS.get(name, name), [getattr(f, name) for f in known]))
        for name in COUNTED
    }
    return columns | {
        "values": lists([f.blocking_values() for f in known], lambda values: pa.array(ids_of(values))),
        "name_ids": lists([f.names for f in known], kind_array("name")),
        "short_ids": lists([f.acronyms + f.initials for f in known], kind_array("initials")),
        "label_ids": lists([f.labels for f in known], kind_array("label")),
    }


def word_columns(known: Sequence[Features]) -> dict[str, pa.Array]:
    """The words of each name, their numbers, and what is known of them by themselves."""
    table, words = known_words(), [sorted(f.words) for f in known]
    spelled = [f.spelled for f in known]

    def marks(flat: Sequence[str]) -> pa.Array:
        return pa.array(
            [(word in table.concept_of) * IN_TABLE | (len(word) > 1) * LONG for word in flat], pa.int8()
        )

    return {
        "words": lists(words, text_array),
        "word_ids": lists(words, kind_array("word")),
        "word_marks": lists(words, marks),
        "spelled_ids": lists(spelled, kind_array("word")),
        "spelled_marks": lists(spelled, marks),
        "kinds": lists([[word for word in each if word in table.kinds] for each in words], text_array),
        "numbers": lists([[word for word in each if word.isdigit()] for each in words], text_array),
    }


def trigrams(known: Sequence[Features]) -> pa.Array:
    """Three letters in a row as one number, each once a name; names are compared in ASCII."""
    lengths = np.fromiter((len(f.compact) for f in known), np.int64, len(known))
    letters = np.frombuffer("".join(f.compact for f in known).encode("ascii"), np.uint8).astype(np.int64)
    owners = np.repeat(np.arange(len(known)), lengths)
    begin = np.flatnonzero(owners[2:] == owners[:-2])
    three = letters[begin] << 2 * LETTER_BITS | letters[begin + 1] << LETTER_BITS | letters[begin + 2]
    each = np.unique(owners[begin] << 3 * LETTER_BITS | three)
    ends = np.searchsorted(each, np.arange(len(known) + 1) << 3 * LETTER_BITS)
    found = (each & (1 << 3 * LETTER_BITS) - 1).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends.astype(np.int32)), pa.array(found))


def texts(values: Iterable[str | None]) -> pa.Array:
    """A column of texts."""
    return pa.array(list(values), pa.string())


def text_array(flat: Sequence[str]) -> pa.Array:
    """Texts in a row."""
    return pa.array(flat, pa.string())


def kind_array(kind: str) -> Callable[[Sequence[str]], pa.Array]:
    """Texts in a row as the numbers of values of a kind."""
    return lambda flat: pa.array(ids_of_kind(kind, flat))


def lists(values: Sequence[Iterable[Any]], column: Callable[[list[Any]], pa.Array]) -> pa.Array:
    """A column of lists. column: makes the array of all their items in a row."""
    flat: list[Any] = []
    ends = [0]
    for items in values:
        flat.extend(items)
        ends.append(len(flat))
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), column(flat))


def flat_and_owner(column: pa.ListArray) -> tuple[Ids, Ids]:
    """The items of a column of numbers in a row, and the row each stands in."""
    ends = np.asarray(column.offsets)
    return np.asarray(column.flatten()), np.repeat(np.arange(len(column)), np.diff(ends))
