"""Rows of a spreadsheet, cleaned, as columns: what a record says by itself, however common it is elsewhere.

One portion of rows gives one record batch, wherever it is made; portions are handed to other processes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships none
import pyarrow.compute as pc  # type: ignore[import-untyped]  # ships none

from partnerhub.identity.features import BLOCKED_BY, bounded
from partnerhub.identity.words import known_words
from pipelines.resolve.sheet_rows import sheet_features, staged_cells
from pipelines.resolve.value_ids import Ids, ids_of_kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from partnerhub.identity.features import Features

Cells: TypeAlias = Sequence[Any]
Flags: TypeAlias = "NDArray[np.bool_]"
Scalar = TypeVar("Scalar", bound=np.generic)
TEXTS = pa.list_(pa.string())
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
    columns = {name: texts(map(attrgetter(name), known)) for name in ("record", *TEXT_COLUMNS)}
    columns |= {name: pa.array(list(map(attrgetter(name), known)), pa.bool_()) for name in FLAG_COLUMNS}
    columns |= {name: lists(map(attrgetter(name), known)) for name in LIST_COLUMNS}
    columns |= {f"shown_{name}": texts(f.shown[name] for f in known) for name in SHOWN}
    columns["words"] = lists(sorted(f.words) for f in known)
    spelled, short = lists(f.spelled for f in known), lists(f.acronyms + f.initials for f in known)
    columns |= {
        f"{name}_id": pa.array(ids_of_kind(COUNTED_AS.get(name, name), columns[name])) for name in COUNTED
    }
    columns |= {
        "values": blocking_ids(known),
        "name_ids": of_items(columns["names"], partial(ids_of_kind, "name")),
        "short_ids": of_items(short, partial(ids_of_kind, "initials")),
        "label_ids": of_items(columns["labels"], partial(ids_of_kind, "label")),
    }
    columns |= word_columns(columns["words"], spelled)
    columns["trigrams"] = trigrams(columns["compact"])
    return columns


def blocking_ids(known: Sequence[Features]) -> pa.ListArray:
    """The numbers of the blocking values of each record."""
    ids, owners = [], []
    for kind, values in BLOCKED_BY.items():
        column = lists(map(values, known))
        ids.append(ids_of_kind(kind, column.values, bounded))
        owners.append(owners_of(column))
    owner = np.concatenate(owners)
    ends = np.bincount(owner + 1, minlength=len(known) + 1).cumsum().astype(np.int32)
    # Kind after kind the owners ascend: what belongs to one record moves together and keeps its order.
    together = np.concatenate(ids)[np.argsort(owner, kind="stable")]
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(together))


def word_columns(words: pa.ListArray, spelled: pa.ListArray) -> dict[str, pa.Array]:
    """The numbers of the words of each name, and what is known of the words by themselves."""
    table, ids = known_words(), partial(ids_of_kind, "word")
    return {
        "word_ids": of_items(words, ids),
        "word_marks": of_items(words, word_marks),
        "spelled_ids": of_items(spelled, ids),
        "spelled_marks": of_items(spelled, word_marks),
        "kinds": chosen(words, of_each(words.values, table.kinds.__contains__, np.bool_)),
        "numbers": chosen(words, of_each(words.values, str.isdigit, np.bool_)),
    }


def word_marks(words: pa.StringArray) -> NDArray[np.int8]:
    """What is known of each word by itself."""
    concept_of = known_words().concept_of
    return of_each(words, lambda word: (word in concept_of) * IN_TABLE | (len(word) > 1) * LONG, np.int8)


def trigrams(names: pa.StringArray) -> pa.ListArray:
    """Three letters in a row as one number, each once a name; names are compared in ASCII."""
    lengths = np.asarray(pc.binary_length(names))
    letters = np.frombuffer("".join(names.to_pylist()).encode("ascii"), np.uint8).astype(np.int64)
    owners = np.repeat(np.arange(len(names)), lengths)
    begin = np.flatnonzero(owners[2:] == owners[:-2])
    three = letters[begin] << 2 * LETTER_BITS | letters[begin + 1] << LETTER_BITS | letters[begin + 2]
    # Sorting and looking at neighbors takes a tenth of the time of `unique`.
    each = np.sort(owners[begin] << 3 * LETTER_BITS | three)
    each = each[np.append(True, each[1:] != each[:-1])[: len(each)]]
    ends = np.searchsorted(each, np.arange(len(names) + 1) << 3 * LETTER_BITS)
    found = (each & (1 << 3 * LETTER_BITS) - 1).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends.astype(np.int32)), pa.array(found))


def texts(values: Iterable[str | None]) -> pa.StringArray:
    """A column of texts."""
    return pa.array(list(values), pa.string())


def lists(values: Iterable[Collection[str]]) -> pa.ListArray:
    """A column of lists of texts."""
    return pa.array(list(values), TEXTS)


def of_items(column: pa.ListArray, found: Callable[[pa.Array], NDArray[Any]]) -> pa.ListArray:
    """Lists of what is found for the items of a column, all of them at once."""
    return pa.ListArray.from_arrays(column.offsets, pa.array(found(column.values)))


def of_each(column: pa.StringArray, fact: Callable[[str], Any], kind: type[Scalar]) -> NDArray[Scalar]:
    """A fact about every text of a column, asked once for each different one."""
    coded = column.dictionary_encode()
    facts = np.array([fact(text) for text in coded.dictionary.to_pylist()], kind)
    found: NDArray[Scalar] = facts[np.asarray(coded.indices)]
    return found


def chosen(column: pa.ListArray, kept: Flags) -> pa.ListArray:
    """The lists with those items only that are kept."""
    ends = np.concatenate(([0], np.cumsum(kept)))[np.asarray(column.offsets)]
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), column.flatten().filter(pa.array(kept)))


def owners_of(column: pa.ListArray) -> Ids:
    """The row in which each item of a column of lists stands."""
    return np.repeat(np.arange(len(column)), np.diff(np.asarray(column.offsets)))


def flat_and_owner(column: pa.ListArray) -> tuple[Ids, Ids]:
    """The items of a column of numbers in a row, and the row each stands in."""
    return np.asarray(column.flatten()), owners_of(column)
