"""Texts that repeat, as numbers while rows are joined and put in order: they take a third of the room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa  # type: ignore[import-untyped]  # ships none

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

NUMBER: Final = pa.int32()


class Words:
    """The texts seen so far, each with its number."""

    def __init__(self) -> None:
        """Know none."""
        self.numbers: dict[str, int] = {}
        self.texts = pa.array([], pa.string())

    def numbered(self, rows: pa.RecordBatchReader, columns: Collection[str]) -> pa.RecordBatchReader:
        """The rows, with numbers in these columns."""
        fields = [field.with_type(NUMBER) if field.name in columns else field for field in rows.schema]
        schema = pa.schema(fields)
        return pa.RecordBatchReader.from_batches(schema, self.encoded(rows, schema))

    def encoded(self, rows: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Each batch by another schema."""
        for batch in rows:
            told = zip(batch.columns, schema.types, strict=True)
            yield pa.RecordBatch.from_arrays(
                [self.number(column) if stored == NUMBER else column for column, stored in told],
                schema=schema,
            )

    def number(self, column: pa.Array) -> pa.Array:
        """The numbers of texts."""
        found = column.dictionary_encode()
        known = [self.numbers.setdefault(text, len(self.numbers)) for text in found.dictionary.to_pylist()]
        return pa.array(known, NUMBER).take(found.indices)

    def text(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The texts again, in every column of numbers."""
        columns = [self.said(column) if column.type == NUMBER else column for column in batch.columns]
        return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)

    def said(self, column: pa.Array) -> pa.Array:
        """The texts of numbers."""
        if len(self.texts) < len(self.numbers):
            self.texts = pa.array(list(self.numbers), pa.string())
        return pa.DictionaryArray.from_arrays(column, self.texts).dictionary_decode()
