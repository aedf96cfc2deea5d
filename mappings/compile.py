"""Compile a stream mapping into one function: a payload in, staged rows with their keys out.

Paths are split and cleaners looked up once. What the rows leave over goes to `custom_json`; what nobody knows what to
do with becomes a finding; what makes the record useless quarantines it. Pure: the same payload gives the same output.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from mappings.canonical import record_key
from mappings.clean.money import currency_meant
from mappings.clean.registry import UnknownCode
from mappings.clean.scalars import split_list
from mappings.clean.text import as_text, border_text, clean_json
from mappings.clean.unreadable import Unreadable
from mappings.clean.web import host_of, standing
from mappings.keys import KEYS_OF, distinct_keys, further_keys
from mappings.plan import (
    NO_OVERRIDES,
    Overrides,
    Plan,
    Reading,
    Step,
    effective_rows,
    reading_of,
    ready_plan,
    variants_with,
)
from mappings.rows import Context, Finding, StagedOutput, Stager, StreamMapping
from mappings.validate import blank_row, sample_of, skip, validate_row

EMPTY: tuple[object, ...] = (None, "", [], {})
AMOUNTS = {"organization": "annual_value_minor", "deal": "amount_minor", "agreement": "amount_minor"}
"""Per kind, the amount that `currency` belongs to."""
JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def compile_stream(stream_mapping: StreamMapping, overrides: Overrides = NO_OVERRIDES) -> Stager:
    """The stager of one stream, with a deployment's `fields:` laid over the mapping's rows.

    Raises `FixSetup` for a row or override that names an unknown target or cleaner.
    """
    if stream_mapping.choose:
        return _variants(stream_mapping, overrides, stream_mapping.choose)
    rows = effective_rows(stream_mapping, overrides)
    plan = ready_plan(stream_mapping, rows) if stream_mapping.kind else None
    extra = stream_mapping.extra

    def stage(payload: dict[str, Any], context: Context) -> StagedOutput:
        output = StagedOutput()
        written: dict[str, object] = {}
        further = _stage_rows(plan, payload, context, output, written) if plan else []
        if extra:
            try:
                extra(payload, context, output)
            except Unreadable as unreadable:
                raise skip(context, unreadable.code) from unreadable
        _finish(plan.kind if plan else None, context, output, written)
        if plan and further:
            _add_further_keys(plan.kind, further, context, output)
        return output

    return stage


def _variants(
    stream_mapping: StreamMapping, overrides: Overrides, choose: Callable[[dict[str, Any]], str]
) -> Stager:
    """The stager of a stream that holds several things."""
    stagers = {
        name: compile_stream(variant, own)
        for name, (variant, own) in variants_with(stream_mapping, overrides).items()
    }
    return lambda payload, context: stagers[choose(payload)](payload, context)


def staged_row(kind: str, context: Context, part: str = "", /, **values: Any) -> dict[str, Any]:
    """A whole row of a kind for `extra` functions: defaults, base fields and the given values."""
    row = _row_of(kind, context, part)
    row.update(values)
    return row


def _row_of(kind: str, context: Context, part: str = "") -> dict[str, Any]:
    """A row that holds its base fields and every default."""
    row = blank_row(kind).copy()
    source, stream, source_id, raw_id, rules, _, deleted_at, *_ = context
    row["record"] = record_key(source, stream, source_id, part)
    row["source"], row["stream"], row["source_id"] = source, stream, source_id
    row["raw_id"], row["rules"], row["deleted_at"] = raw_id, rules, deleted_at
    return row


# Staging -------------------------------------------------------------------------------------------------------------

Further: TypeAlias = tuple[Step, object]


def _stage_rows(
    plan: Plan, payload: dict[str, Any], context: Context, output: StagedOutput, written: dict[str, object]
) -> list[Further]:
    """Fill the one main row; returns the values of `key.*` rows, whose keys are made once the row is finished."""
    base = _base_of(plan, payload, context)
    reading = reading_of(plan, base)
    row = _row_of(plan.kind, context)
    values = list(map(base.get, reading.paths))
    for at, step in reading.elsewhere:
        values[at] = _value(step, payload, base) if step.rest else payload.get(step.path)
    # The values of key rows come last and are no field's.
    for value, (target, clean, clean_in, step) in zip(values, reading.fields, strict=False):
        if value is None or target in written or value == "":
            continue
        try:
            cleaned = clean(value) if clean else clean_in(value, row, context)  # type: ignore[misc]
        except Unreadable as unreadable:
            cleaned = _reported(unreadable, step, value, output.findings)
        if cleaned is not None:
            row[target] = cleaned
            written[target] = value
    for target in plan.required:
        if row[target] is None:
            raise skip(context, f"missing_{target}")
    if (reading.left or reading.customs) and (
        custom := _custom(reading, base, row, context, output.findings)
    ):
        row["custom_json"] = JSON(custom)
    _report_unmapped(plan, payload, output.findings)
    output.rows[plan.kind] = [row]
    if not reading.keys:
        return []
    keyed = zip(reading.keys, values[len(reading.fields) :], strict=True)
    return [(step, value) for step, value in keyed if value not in EMPTY]


def _base_of(plan: Plan, payload: dict[str, Any], context: Context) -> dict[str, Any]:
    base: Any = payload
    for name in plan.base:
        base = base.get(name) if isinstance(base, dict) else None
    if not isinstance(base, dict):
        raise skip(context, "unreadable_payload")
    return base


def _value(step: Step, payload: dict[str, Any], base: dict[str, Any]) -> object:
    place = payload if step.in_root else base
    value = place.get(step.path)
    return _walk(place, step) if value is None and step.rest else value


def _walk(place: dict[str, Any], step: Step) -> object:
    value: object = place.get(step.name)
    for name in step.rest:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _cleaned(
    step: Step, value: object, row: dict[str, Any], context: Context, findings: list[Finding]
) -> Any:
    try:
        if step.clean:
            return step.clean(value)
        return step.clean_in(value, row, context) if step.clean_in else None
    except Unreadable as unreadable:
        return _reported(unreadable, step, value, findings)


def _reported(unreadable: Unreadable, step: Step, value: object, findings: list[Finding]) -> str | None:
    """What stays of a value its cleaner refused: an unknown code itself, of anything else nothing."""
    findings.append(Finding(unreadable.code, step.path, sample_of(value)))
    return unreadable.kept if isinstance(unreadable, UnknownCode) else None


def _custom(
    reading: Reading, base: dict[str, Any], row: dict[str, Any], context: Context, findings: list[Finding]
) -> dict[str, Any]:
    """What no row reads and nobody ignores, by its source name; explicit `custom.<name>` rows under theirs."""
    custom = {}
    for name, called, inner in reading.left:
        value = base[name]
        if value in EMPTY:
            continue
        left = value if inner is None else _untaken(value, inner)
        if left is not None:
            custom[called] = border_text(left) if isinstance(left, str) else clean_json(left)
    for step in reading.customs:
        value = _value(step, base, base)
        cleaned = _cleaned(step, value, row, context, findings) if value not in (None, "") else None
        if cleaned is not None:
            custom[step.target.removeprefix("custom.")] = cleaned
    return custom


def _untaken(value: object, taken: dict[str, Any]) -> object:
    """The parts of a nested object that no row reads; None when nothing is left."""
    if not isinstance(value, dict):
        return value
    left = {}
    for name, item in value.items():
        inner = taken.get(name)
        kept = None if inner is True else item if inner is None else _untaken(item, inner)
        if kept is not None and kept != "":
            left[name] = kept
    return left or None


def _report_unmapped(plan: Plan, payload: dict[str, Any], findings: list[Finding]) -> None:
    """Strict reading: a field beside the base that nobody knows is reported, because it goes nowhere else."""
    if plan.base and not plan.taken_in_root.issuperset(payload):
        for name in sorted(payload.keys() - plan.taken_in_root):
            if payload[name] not in EMPTY:
                found = Finding("unmapped_field", border_text(name), sample_of(payload[name]))
                findings.append(found)


# Finishing -----------------------------------------------------------------------------------------------------------


def _finish(main: str | None, context: Context, output: StagedOutput, written: dict[str, object]) -> None:
    """Complete, validate and key every row, those of `extra` included."""
    keyed, stated = 0, bool(output.keys)
    for kind, rows in output.rows.items():
        keys_of = KEYS_OF.get(kind)
        values = output.values[kind] = []
        for position, row in enumerate(rows):
            if len(row) < len(blank_row(kind)):
                rows[position] = row = {**_row_of(kind, context), **row}  # noqa: PLW2901
            if row["modified_at"] is None:
                row["modified_at"] = context.version
            if kind == "organization":
                derive_web(row)
            if (amount := AMOUNTS.get(kind)) and row[amount] is not None and row["currency"] is None:
                own = kind == main and position == 0
                said = written.get(amount) if own else None
                row["currency"] = currency_meant(said, context.settings.get("default_currency"))
            values.append(validate_row(kind, row, context, output.findings))
            if keys_of:
                keyed += 1
                own = kind == main and position == 0
                output.keys.extend(keys_of(row, written) if own else keys_of(row))
    if keyed > 1 or stated:  # a row may stand there twice, and `extra` may state what the row says
        output.keys = distinct_keys(output.keys)


def derive_web(row: dict[str, Any]) -> None:
    """Fill host and domain of an organization row from its website, else from an e-mail address that is its own.

    Platforms and free mail give neither: `facebook.com/acme` stays a website, but its host names nobody.
    """
    host = row["host"]
    if host is None and row["website"]:
        host = host_of(row["website"])
    if host is None and row["email"]:
        host = row["email"].rpartition("@")[2]
    if not host:
        return
    domain, generic = standing(host)
    if generic:
        row["host"] = row["domain"] = None
    else:
        row["host"], row["domain"] = host, row["domain"] or domain


def _add_further_keys(kind: str, further: list[Further], context: Context, output: StagedOutput) -> None:
    """Keys of `key.*` rows: every entry of a multi-valued field."""
    row = output.rows[kind][0]
    before = len(output.keys)
    for step, value in further:
        _, kind_of_key, scheme = (*step.target.split(".", 2), "")[:3]
        own_host = row.get("host") if kind_of_key == "host" else None
        # The row's own host has its keys already; most CRMs state a domain beside the website.
        if value == own_host:
            continue
        try:
            entries = split_list(value)
        except Unreadable as unreadable:
            _reported(unreadable, step, value, output.findings)
            continue
        for entry in entries:
            cleaned = _cleaned(step, entry, row, context, output.findings)
            if cleaned is None or cleaned == own_host:
                continue
            try:
                output.keys.extend(further_keys(row, kind, (kind_of_key, scheme), as_text(cleaned), entry))
            except Unreadable as unreadable:
                _reported(unreadable, step, entry, output.findings)
    if len(output.keys) > before:
        output.keys = distinct_keys(output.keys)
