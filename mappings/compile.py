"""Compile a stream mapping into one function: a payload in, staged rows with their keys out.

Paths are split and cleaners looked up once. What the rows leave over goes to `custom_json`; what nobody knows what to
do with becomes a finding; what makes the record useless quarantines it. Pure: the same payload gives the same output.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from connectors.errors import FixSetup
from mappings.canonical import record_key
from mappings.clean.registry import (
    CLEANERS,
    USUAL_CLEANERS,
    Cleaner,
    ContextCleaner,
    UnknownCode,
    code_cleaner,
    context_cleaner,
    is_cleaner,
)
from mappings.clean.scalars import split_list
from mappings.clean.text import as_text, border_text, clean_json
from mappings.clean.unreadable import Unreadable
from mappings.clean.web import host_of, is_generic_host, registrable_domain
from mappings.keys import KEYS_OF, distinct_keys, further_keys
from mappings.rows import Context, Finding, Row, StagedOutput, Stager, StreamMapping
from mappings.validate import KINDS, blank_row, sample_of, skip, validate_row

Override: TypeAlias = str | Mapping[str, str]
Overrides: TypeAlias = Mapping[str, Override]

NO_OVERRIDES: Overrides = {}
ROOT = "$."
EMPTY: tuple[object, ...] = (None, "", [], {})
BASE_FIELDS = frozenset(
    {"record", "source", "stream", "source_id", "raw_id", "rules", "deleted_at", "custom_json"}
)
"""Filled by the compiler; no row may name them."""
KEY_KINDS = frozenset({"email", "host", "domain", "phone", "name", "registry", "crm_id"})
JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class _Step:
    """One row made ready; exactly one of `clean` and `clean_in` is set. `name` is the key at the top of its place."""

    target: str
    path: str
    name: str
    rest: tuple[str, ...]
    in_root: bool
    clean: Cleaner | None
    clean_in: ContextCleaner | None


_Quick: TypeAlias = tuple[_Step, str, str, bool, tuple[str, ...], Cleaner | None, ContextCleaner | None]
"""A step unpacked for the one hot loop."""


@dataclass(slots=True)
class _Plan:
    """A stream mapping made ready."""

    kind: str
    base: tuple[str, ...]
    fields: list[_Step] = field(default_factory=list)
    quick: list[_Quick] = field(default_factory=list)
    keys: list[_Step] = field(default_factory=list)
    customs: list[_Step] = field(default_factory=list)
    required: tuple[str, ...] = ()
    taken: dict[str, Any] = field(default_factory=dict)
    taken_in_root: frozenset[str] = frozenset()
    ignored_prefixes: tuple[str, ...] = ()


def compile_stream(stream_mapping: StreamMapping, overrides: Overrides = NO_OVERRIDES) -> Stager:
    """The stager of one stream, with a deployment's `fields:` laid over the mapping's rows.

    Raises `FixSetup` for a row or override that names an unknown target or cleaner.
    """
    rows = effective_rows(stream_mapping, overrides)
    plan = _plan(stream_mapping, rows) if stream_mapping.kind else None
    extra = stream_mapping.extra

    def stage(payload: dict[str, Any], context: Context) -> StagedOutput:
        output = StagedOutput()
        written: dict[str, object] = {}
        further = _stage_rows(plan, payload, context, output, written) if plan else []
        if extra:
            extra(payload, context, output)
        _finish(plan.kind if plan else None, context, output, written)
        if plan and further:
            _add_further_keys(plan.kind, further, context, output)
        if output.keys:
            output.keys = distinct_keys(output.keys)
        return output

    return stage


def effective_rows(stream_mapping: StreamMapping, overrides: Overrides = NO_OVERRIDES) -> tuple[Row, ...]:
    """The rows that apply: an override replaces every row of its target or adds one. Raises `FixSetup`."""
    laid_over = []
    for target, said in overrides.items():
        old = next((row for row in stream_mapping.rows if row.target == target), None)
        path = said if isinstance(said, str) else said.get("path", "")
        clean = None if isinstance(said, str) else said.get("clean")
        usual = old.clean if old else USUAL_CLEANERS.get(target, "text")
        laid_over.append(Row(target, path, clean or usual, old.required if old else False))
    rows = (*(row for row in stream_mapping.rows if row.target not in overrides), *laid_over)
    for row in rows:
        _check_row(row, stream_mapping)
    return rows


def staged_row(kind: str, context: Context, part: str = "", /, **values: Any) -> dict[str, Any]:
    """A whole row of a kind for `extra` functions: defaults, base fields and the given values."""
    row = dict(blank_row(kind))
    row.update(_base_fields(context, part))
    row.update(values)
    return row


def _base_fields(context: Context, part: str = "") -> dict[str, Any]:
    return {
        "record": record_key(context.source, context.stream, context.source_id, part),
        "source": context.source,
        "stream": context.stream,
        "source_id": context.source_id,
        "raw_id": context.raw_id,
        "rules": context.rules,
        "deleted_at": context.deleted_at,
    }


# Preparing -----------------------------------------------------------------------------------------------------------


def _check_row(row: Row, stream_mapping: StreamMapping) -> None:
    kind = stream_mapping.kind or ""
    fields = KINDS[kind].model_fields if kind in KINDS else {}
    first, _, rest = row.target.partition(".")
    known = (
        (row.target in fields and row.target not in BASE_FIELDS)
        or (first == "custom" and bool(rest))
        or (first == "key" and rest.partition(".")[0] in KEY_KINDS and kind in KEYS_OF)
    )
    if not known:
        raise FixSetup(
            code="unknown_target",
            do=f"Use a field of {kind or 'a staged kind'}, custom.<name> or key.<kind>: "
            f"{', '.join(sorted(set(fields) - BASE_FIELDS))}.",
            happened=f"A mapping names the target {row.target!r}, which does not exist.",
        )
    table = row.clean.removeprefix("code:") if row.clean.startswith("code:") else None
    if not is_cleaner(row.clean) or (table is not None and table not in stream_mapping.codes) or not row.path:
        raise FixSetup(
            code="unknown_cleaner" if row.path else "missing_path",
            do=f"Use one of: {', '.join(sorted(CLEANERS))}, phone, postcode, money, time, date."
            if row.path
            else "Name the source field.",
            happened=f"The mapping of {row.target!r} names the cleaner {row.clean!r} and the path {row.path!r}.",
        )


def _plan(stream_mapping: StreamMapping, rows: tuple[Row, ...]) -> _Plan:
    plan = _Plan(
        stream_mapping.kind or "", tuple(stream_mapping.base.split(".")) if stream_mapping.base else ()
    )
    for row in rows:
        step = _step(row, stream_mapping)
        first = row.target.partition(".")[0]
        {"key": plan.keys, "custom": plan.customs}.get(first, plan.fields).append(step)
        if not step.in_root:
            _take(plan.taken, step)
    # Cleaners in context come last: a phone waits for its country, an amount for its currency.
    plan.fields.sort(key=lambda step: step.clean_in is not None)
    plan.quick = [
        (step, step.target, step.path, step.in_root, step.rest, step.clean, step.clean_in)
        for step in plan.fields
    ]
    plan.required = tuple(row.target for row in rows if row.required)
    named = {name for name in stream_mapping.ignored if not name.endswith("*")}
    plan.taken.update(dict.fromkeys((name for name in named if not name.startswith(ROOT)), True))
    plan.taken_in_root = frozenset(
        {name.removeprefix(ROOT) for name in named if name.startswith(ROOT)}
        | {step.name for step in (*plan.fields, *plan.keys, *plan.customs) if step.in_root}
        | set(plan.base[:1])
    )
    plan.ignored_prefixes = tuple(name[:-1] for name in stream_mapping.ignored if name.endswith("*"))
    return plan


def _step(row: Row, stream_mapping: StreamMapping) -> _Step:
    in_root = row.path.startswith(ROOT)
    path = row.path.removeprefix(ROOT)
    name, *rest = path.split(".")
    if row.clean.startswith("code:"):
        clean: Cleaner | None = code_cleaner(stream_mapping.codes[row.clean.removeprefix("code:")])
    else:
        clean = CLEANERS.get(row.clean)
    in_context = None if clean else context_cleaner(row.clean)
    return _Step(row.target, path, name, tuple(rest), in_root, clean, in_context)


def _take(taken: dict[str, Any], step: _Step) -> None:
    """Note what a step reads: `True` for a whole field, a nested dict for a part of an object."""
    taken[step.path] = True
    if step.rest and taken.get(step.name) is not True:
        inner = taken.setdefault(step.name, {})
        for name in step.rest[:-1]:
            following = inner.setdefault(name, {})
            if following is True:
                return
            inner = following
        inner[step.rest[-1]] = True


# Staging -------------------------------------------------------------------------------------------------------------

Further: TypeAlias = tuple[_Step, object]


def _stage_rows(
    plan: _Plan, payload: dict[str, Any], context: Context, output: StagedOutput, written: dict[str, object]
) -> list[Further]:
    """Fill the one main row; returns the values of `key.*` rows, whose keys are made once the row is finished."""
    base = _base_of(plan, payload, context)
    row = dict(blank_row(plan.kind))
    findings = output.findings
    for step, target, path, in_root, rest, clean, clean_in in plan.quick:
        value = payload.get(path) if in_root else base.get(path)
        if value is None and rest:
            value = _walk(payload if in_root else base, step)
        if value is None or value == "" or target in written:
            continue
        try:
            cleaned = clean(value) if clean else clean_in(value, row, context)  # type: ignore[misc]
        except Unreadable as unreadable:
            cleaned = _reported(unreadable, step, value, findings)
        if cleaned is not None:
            row[target] = cleaned
            written[target] = value
    for target in plan.required:
        if row[target] is None:
            raise skip(context, f"missing_{target}")
    custom = _custom(plan, base, row, context, output.findings)
    row.update(_base_fields(context))
    row["custom_json"] = JSON(custom) if custom else None
    _report_unmapped(plan, payload, output.findings)
    output.rows[plan.kind] = [row]
    values = ((step, _value(step, payload, base)) for step in plan.keys)
    return [(step, value) for step, value in values if value not in (None, "", [])]


def _base_of(plan: _Plan, payload: dict[str, Any], context: Context) -> dict[str, Any]:
    base: Any = payload
    for name in plan.base:
        base = base.get(name) if isinstance(base, dict) else None
    if not isinstance(base, dict):
        raise skip(context, "unreadable_payload")
    return base


def _value(step: _Step, payload: dict[str, Any], base: dict[str, Any]) -> object:
    place = payload if step.in_root else base
    value = place.get(step.path)
    return _walk(place, step) if value is None and step.rest else value


def _walk(place: dict[str, Any], step: _Step) -> object:
    value: object = place.get(step.name)
    for name in step.rest:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _cleaned(
    step: _Step, value: object, row: dict[str, Any], context: Context, findings: list[Finding]
) -> Any:
    try:
        if step.clean:
            return step.clean(value)
        return step.clean_in(value, row, context) if step.clean_in else None
    except Unreadable as unreadable:
        return _reported(unreadable, step, value, findings)


def _reported(unreadable: Unreadable, step: _Step, value: object, findings: list[Finding]) -> str | None:
    """What stays of a value its cleaner refused: an unknown code itself, of anything else nothing."""
    findings.append(Finding(unreadable.code, step.path, sample_of(value)))
    return unreadable.kept if isinstance(unreadable, UnknownCode) else None


def _custom(
    plan: _Plan, base: dict[str, Any], row: dict[str, Any], context: Context, findings: list[Finding]
) -> dict[str, Any]:
    """What no row reads and nobody ignores, by its source name; explicit `custom.<name>` rows under theirs."""
    taken, prefixes = plan.taken, plan.ignored_prefixes
    custom = {}
    for name, value in base.items():
        if value in EMPTY:
            continue
        inner = taken.get(name)
        if inner is True or (inner is None and prefixes and name.startswith(prefixes)):
            continue
        if not plan.base and name in plan.taken_in_root:
            continue
        left = value if inner is None else _untaken(value, inner)
        if left is not None:
            custom[border_text(name)] = border_text(left) if isinstance(left, str) else clean_json(left)
    for step in plan.customs:
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


def _report_unmapped(plan: _Plan, payload: dict[str, Any], findings: list[Finding]) -> None:
    """Strict reading: a field beside the base that nobody knows is reported, because it goes nowhere else."""
    if plan.base and not plan.taken_in_root.issuperset(payload):
        for name in sorted(payload.keys() - plan.taken_in_root):
            if payload[name] not in EMPTY:
                found = Finding("unmapped_field", border_text(name), sample_of(payload[name]))
                findings.append(found)


# Finishing -----------------------------------------------------------------------------------------------------------


def _finish(main: str | None, context: Context, output: StagedOutput, written: dict[str, object]) -> None:
    """Complete, validate and key every row, those of `extra` included."""
    for kind, rows in output.rows.items():
        keys_of = KEYS_OF.get(kind)
        for position, row in enumerate(rows):
            if len(row) < len(KINDS[kind].model_fields):
                rows[position] = row = {**blank_row(kind), **_base_fields(context), **row}  # noqa: PLW2901
            if row["modified_at"] is None:
                row["modified_at"] = context.version
            if kind == "organization":
                derive_web(row)
            validate_row(kind, row, context, output.findings)
            if keys_of:
                own = kind == main and position == 0
                output.keys.extend(keys_of(row, written) if own else keys_of(row))


def derive_web(row: dict[str, Any]) -> None:
    """Fill host and domain of an organization row from its website, else from an e-mail address that is its own.

    Platforms and free mail give neither: `facebook.com/acme` stays a website, but its host names nobody.
    """
    if row["host"] is None and row["website"]:
        row["host"] = host_of(row["website"])
    if row["host"] is None and row["email"]:
        row["host"] = row["email"].rpartition("@")[2]
    if row["host"] and is_generic_host(row["host"]):
        row["host"] = row["domain"] = None
    if row["host"] and row["domain"] is None:
        row["domain"] = registrable_domain(row["host"])


def _add_further_keys(kind: str, further: list[Further], context: Context, output: StagedOutput) -> None:
    """Keys of `key.*` rows: every entry of a multi-valued field."""
    row = output.rows[kind][0]
    for step, value in further:
        _, kind_of_key, scheme = (*step.target.split(".", 2), "")[:3]
        for entry in split_list(value):
            cleaned = _cleaned(step, entry, row, context, output.findings)
            if cleaned is not None:
                output.keys.extend(further_keys(row, kind, (kind_of_key, scheme), as_text(cleaned), entry))
