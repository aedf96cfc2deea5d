"""Texts that repeat, as one number a row while rows are joined and put in order: they take a tenth of the room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa  # type: ignore[import-untyped]  # ships none

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NUMBER: Final = pa.int32()
BETWEEN, NOTHING = "\x1f", "\x1d"
"""What stands between texts said as one, and for one that is null.

Cleaners take such characters out of a text. What reaches the hub past them may hold them in the last of the texts,
where it parts nothing; those before it are words and ids of the hub's own.
"""
SAID: Final = "said"
"""The column of a part that says all its texts that repeat."""


def as_one(*columns: str) -> str:
    """SQL of either engine: several texts as one. The last may hold anything."""
    told = (f"coalesce({column}, '{NOTHING}')" for column in columns)
    return f" || '{BETWEEN}' || ".join(told)


class Words:
    """What one part's texts say together, each with its number. names: of the columns."""

    def __init__(self, names: Sequence[str]) -> None:
        """Know none."""
        self.names, self.numbers = names, dict[str, int]()
        self.texts: list[pa.Array] = [pa.array([], pa.string()) for _ in names]

    def numbered(self, rows: pa.RecordBatchReader) -> pa.RecordBatchReader:
        """The rows, with numbers in place of what they say."""
        at = rows.schema.get_field_index(SAID)
        schema = rows.schema.set(at, pa.field(SAID, NUMBER))
        batches = (batch.set_column(at, schema.field(at), self.number(batch.column(at))) for batch in rows)
        return pa.RecordBatchReader.from_batches(schema, batches)

    def told(self, rows: pa.RecordBatchReader) -> pa.RecordBatchReader:
        """The rows, with a column for each text in place of what they say together."""
        others = [name for name in rows.schema.names if name != SAID]
        schema = pa.schema([*map(rows.schema.field, others), *((name, pa.string()) for name in self.names)])

        def batches() -> Iterator[pa.RecordBatch]:
            for batch in rows:
                said = self.of(self.number(batch.column(SAID)))
                arrays = [*map(batch.column, others), *said.values()]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)

        return pa.RecordBatchReader.from_batches(schema, batches())

    def number(self, column: pa.Array) -> pa.Array:
        """The numbers of texts."""
        found = column.dictionary_encode()
        known = [self.numbers.setdefault(text, len(self.numbers)) for text in found.dictionary.to_pylist()]
        return pa.array(known, NUMBER).take(found.indices)

    def of(self, numbers: pa.Array) -> Mapping[str, pa.Array]:
        """The texts of numbers, by column; null where there is no number."""
        if self.names and len(self.texts[0]) < len(self.numbers):
            apart = [said.split(BETWEEN, len(self.names) - 1) for said in self.numbers]
            known = zip(*apart, strict=True)
            self.texts = [
                pa.array([None if text == NOTHING else text for text in texts], pa.string())
                for texts in known
            ]
        return {name: texts.take(numbers) for name, texts in zip(self.names, self.texts, strict=True)}
