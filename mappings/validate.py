"""Fast strict validation of staged rows against the canonical models, without building a model object per row."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import SchemaValidator

from connectors.errors import SkipRecord
from mappings.canonical import STAGED_KINDS, Staged
from mappings.clean.text import border_text
from mappings.rows import Context, Finding

KINDS: dict[str, type[Staged]] = {kind.kind_name: kind for kind in STAGED_KINDS}
"""Staged types by kind name."""
LONGEST_SAMPLE = 80


class RowValidator(NamedTuple):
    """The fields of a kind, and the validator of their values in that order."""

    fields: tuple[str, ...]
    values: Callable[[dict[str, Any]], tuple[Any, ...]]
    validator: SchemaValidator


@cache
def row_validator(kind: str) -> RowValidator:
    """The validator of whole rows of a kind: every field present, exact types, patterns kept.

    Built from the model's own core schema over a tuple of the values: 1.4 µs a row, instead of 3 for a dict and 7 for a
    model object.
    """
    schema: Any = KINDS[kind].__pydantic_core_schema__
    while schema["type"] != "model-fields":
        schema = schema["schema"]
    fields = {name: _bare(field["schema"]) for name, field in schema["fields"].items()}
    return RowValidator(
        tuple(fields),
        itemgetter(*fields),
        SchemaValidator({"type": "tuple", "items_schema": list(fields.values())}),
    )


def _bare(schema: Any) -> Any:
    """The schema without its default: every field has to be said."""
    return schema["schema"] if schema["type"] == "default" else schema


@cache
def blank_row(kind: str) -> dict[str, Any]:
    """Every field of a kind with its default or None. Shared: copy before writing."""
    fields = KINDS[kind].model_fields
    return {name: None if field.is_required() else field.default for name, field in fields.items()}


@cache
def optional_fields(kind: str) -> frozenset[str]:
    """The fields of a kind that may be left at their default."""
    return frozenset(name for name, field in KINDS[kind].model_fields.items() if not field.is_required())


def validate_row(
    kind: str, row: dict[str, Any], context: Context, findings: list[Finding]
) -> tuple[Any, ...]:
    """Check a staged row in place: an invalid optional field falls back to its default with a finding.

    Returns the row's values in the order of the kind's fields.

    Raises `SkipRecord` (`missing_<field>`, `invalid_<field>`) when a field the record cannot do without is wrong.
    """
    fields, values, validator = row_validator(kind)
    try:
        if len(row) != len(fields):
            raise KeyError
        found = values(row)
        validator.validate_python(found, strict=True)
    except KeyError:
        for name in sorted(row.keys() ^ set(fields)):
            _repair(kind, row, name, context, findings)
        return validate_row(kind, row, context, findings)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_context=False):
            _repair(kind, row, fields[int(problem["loc"][0])], context, findings)
        found = values(row)
        if not validator.isinstance_python(found, strict=True):
            raise skip(context, f"invalid_{kind}") from None
    return found


def _repair(kind: str, row: dict[str, Any], name: str, context: Context, findings: list[Finding]) -> None:
    value = row.get(name)
    if name not in KINDS[kind].model_fields:
        del row[name]
    elif name in optional_fields(kind):
        row[name] = blank_row(kind)[name]
    else:
        raise skip(context, f"missing_{name}" if value in (None, "") else f"invalid_{name}")
    findings.append(Finding("invalid_value", name, sample_of(value)))


def skip(context: Context, code: str) -> SkipRecord:
    """The error that quarantines the record of this context under `code`."""
    return SkipRecord(
        code=code,
        do="Mend the record at the source, or map another field in partnerhub.yaml, then sync again.",
        happened="The record cannot be staged.",
        source=context.source,
        stream=context.stream,
        record_id=context.source_id,
    )


def sample_of(value: object) -> str:
    """A value as a short text that both databases can hold."""
    return border_text(str(value)[:LONGEST_SAMPLE])
