"""Make a stream mapping ready to run: its rows with a deployment's overrides, checked, paths split, cleaners found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from connectors.errors import FixSetup
from mappings.clean.registry import (
    CLEANERS,
    CONTEXT_CLEANERS,
    USUAL_CLEANERS,
    Cleaner,
    ContextCleaner,
    code_cleaner,
    context_cleaner,
    is_cleaner,
)
from mappings.clean.text import border_text
from mappings.keys import KEYS_OF
from mappings.rows import Row, StreamMapping
from mappings.validate import KINDS

Override: TypeAlias = str | Mapping[str, str]
Overrides: TypeAlias = Mapping[str, Override]
"""Staged field → source path, or `{path:, clean:}`, as `fields:` in partnerhub.yaml says it."""

NO_OVERRIDES: Overrides = {}
ROOT = "$."
BASE_FIELDS = frozenset(
    {"record", "source", "stream", "source_id", "raw_id", "rules", "deleted_at", "custom_json"}
)
"""Filled by the compiler; no row may name them."""
KEY_KINDS = frozenset({"email", "host", "domain", "phone", "name", "registry", "crm_id"})


@dataclass(frozen=True, slots=True)
class Step:
    """One row made ready; exactly one of `clean` and `clean_in` is set. `name` is the key at the top of its place."""

    target: str
    path: str
    name: str
    rest: tuple[str, ...]
    in_root: bool
    clean: Cleaner | None
    clean_in: ContextCleaner | None


QuickStep: TypeAlias = tuple[str, Cleaner | None, ContextCleaner | None, Step]
"""A step unpacked for the one hot loop."""


MOST_SHAPES = 512
"""Sets of field names whose readings a plan keeps. Most streams have one, a sheet or a tracker a few."""


class Reading(NamedTuple):
    """What of a plan there is to do for payloads whose base has just these field names.

    paths: of every field step, then of every key step, so that one call looks all of them up in the base. elsewhere:
    the positions of those that lie deeper, or beside the base. left: names of which something is left over, as they
    are called in `custom_json`, with the parts of them that are read.
    """

    paths: tuple[str, ...]
    fields: tuple[QuickStep, ...]
    elsewhere: tuple[tuple[int, Step], ...]
    keys: tuple[Step, ...]
    customs: tuple[Step, ...]
    left: tuple[tuple[str, str, dict[str, Any] | None], ...]


@dataclass(slots=True)
class Plan:
    """A stream mapping made ready. taken: what steps read, and names left out on purpose; readings: by field names."""

    kind: str
    base: tuple[str, ...]
    fields: list[Step] = field(default_factory=list)
    keys: list[Step] = field(default_factory=list)
    customs: list[Step] = field(default_factory=list)
    required: tuple[str, ...] = ()
    taken: dict[str, Any] = field(default_factory=dict)
    taken_in_root: frozenset[str] = frozenset()
    ignored_prefixes: tuple[str, ...] = ()
    readings: dict[tuple[str, ...], Reading] = field(default_factory=dict)


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


def variants_with(
    stream_mapping: StreamMapping, overrides: Overrides = NO_OVERRIDES
) -> dict[str, tuple[StreamMapping, Overrides]]:
    """The things a stream holds, each with the overrides that name a field of it. Raises `FixSetup` for one of none."""
    found: dict[str, tuple[StreamMapping, Overrides]] = {}
    known: set[str] = set()
    for name, variant in stream_mapping.variants.items():
        own = {target: said for target, said in overrides.items() if is_target(target, variant)}
        found[name] = (variant, own)
        known |= own.keys()
    for target in sorted(overrides.keys() - known):
        raise _unknown_target(target, *stream_mapping.variants.values())
    return found


def is_target(target: str, stream_mapping: StreamMapping) -> bool:
    """Whether a row of this stream may name the target."""
    kind = stream_mapping.kind or ""
    fields = KINDS[kind].model_fields if kind in KINDS else {}
    first, _, rest = target.partition(".")
    return (
        (target in fields and target not in BASE_FIELDS)
        or (first == "custom" and bool(rest))
        or (first == "key" and rest.partition(".")[0] in KEY_KINDS and kind in KEYS_OF)
    )


def _unknown_target(target: str, *streams: StreamMapping) -> FixSetup:
    kinds = list(dict.fromkeys(stream.kind for stream in streams if stream.kind))
    fields = sorted({name for kind in kinds for name in KINDS[kind].model_fields} - BASE_FIELDS)
    return FixSetup(
        code="unknown_target",
        do=f"Use a field of {' or '.join(kinds) or 'a staged kind'}, custom.<name> or key.<kind>: {', '.join(fields)}.",
        happened=f"A mapping names the target {target!r}, which does not exist.",
    )


def _check_row(row: Row, stream_mapping: StreamMapping) -> None:
    """Raise `FixSetup` for a target, path or cleaner that does not exist."""
    if not is_target(row.target, stream_mapping):
        raise _unknown_target(row.target, stream_mapping)
    if not row.path:
        raise FixSetup(
            code="missing_path",
            do="Name the source field.",
            happened=f"The mapping of {row.target!r} names no source field.",
        )
    _, _, table = row.clean.partition("code:")
    if not is_cleaner(row.clean) or (table and table not in stream_mapping.codes):
        raise FixSetup(
            code="unknown_cleaner",
            do=f"Use one of: {', '.join(sorted((*CLEANERS, *CONTEXT_CLEANERS)))}, record:<stream>, code:<table>.",
            happened=f"The mapping of {row.target!r} names the cleaner {row.clean!r}, which does not exist.",
        )


def ready_plan(stream_mapping: StreamMapping, rows: tuple[Row, ...]) -> Plan:
    """The plan of checked rows: cleaners looked up, what is read and what is left out on purpose noted."""
    plan = Plan(
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


def reading_of(plan: Plan, base: Mapping[str, Any]) -> Reading:
    """What there is to do for a payload with this base. Payloads of one stream mostly share their field names."""
    names = tuple(base)
    reading = plan.readings.get(names)
    if reading is None:
        if len(plan.readings) >= MOST_SHAPES:
            plan.readings.clear()
        reading = plan.readings[names] = _reading(plan, names)
    return reading


def _reading(plan: Plan, names: tuple[str, ...]) -> Reading:
    there = frozenset(names)
    fields, keys, customs = (
        tuple(step for step in steps if step.in_root or step.path in there or step.name in there)
        for steps in (plan.fields, plan.keys, plan.customs)
    )
    looked_up = (*fields, *keys)
    return Reading(
        tuple(step.path for step in looked_up),
        tuple((step.target, step.clean, step.clean_in, step) for step in fields),
        tuple((at, step) for at, step in enumerate(looked_up) if step.in_root or step.rest),
        keys,
        customs,
        tuple((name, border_text(name), plan.taken.get(name)) for name in names if leaves_over(plan, name)),
    )


def leaves_over(plan: Plan, name: str) -> bool:
    """Whether something of a field in the base goes to `custom_json`: nobody reads the whole of it or ignores it."""
    inner = plan.taken.get(name)
    if inner is True or (not plan.base and name in plan.taken_in_root):
        return False
    return inner is not None or not name.startswith(plan.ignored_prefixes)


def _step(row: Row, stream_mapping: StreamMapping) -> Step:
    in_root = row.path.startswith(ROOT)
    path = row.path.removeprefix(ROOT)
    name, *rest = path.split(".")
    if row.clean.startswith("code:"):
        clean: Cleaner | None = code_cleaner(stream_mapping.codes[row.clean.removeprefix("code:")])
    else:
        clean = CLEANERS.get(row.clean)
    in_context = None if clean else context_cleaner(row.clean)
    return Step(row.target, path, name, tuple(rest), in_root, clean, in_context)


def _take(taken: dict[str, Any], step: Step) -> None:
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
