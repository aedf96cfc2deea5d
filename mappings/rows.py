"""Mapping rows: staged field from source path by named cleaner. Data, not a language.

A mapping module defines `MAPPING: Mapping`. Anything a row cannot say is a plain Python function named in `extra`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple


class Row(NamedTuple):
    """One mapping row. `target` is a field of the stream's staged kind; `path` is dotted; `clean` names a cleaner.

    target: also `key.<kind>` or `key.<kind>.<scheme>` (a further identifier of the record; several in one value are
        split at `;`) and `custom.<name>`. Of several rows for one target the first with a value wins.
    path: below the stream's base; `$.path` starts at the payload itself.
    required: without a value the record is quarantined as `missing_<target>`.
    """

    target: str
    path: str
    clean: str = "text"
    required: bool = False


class Context(NamedTuple):
    """What a mapping may know beside the payload. Facts of the deployment, never of the moment."""

    source: str
    stream: str
    source_id: str
    raw_id: int
    rules: str
    version: str | None
    deleted_at: str | None
    default_region: str
    own_domains: frozenset[str]
    own_addresses: frozenset[str]
    settings: MappingABC[str, Any]


class Finding(NamedTuple):
    """Something a person may want to know about a record that was staged anyway.

    code: `unmapped_field`, `unknown_value`, `unreadable_value`, …; field: the source path; sample: the value, cut.
    """

    code: str
    field: str
    sample: str


@dataclass(slots=True)
class StagedOutput:
    """What one source record became: rows per staged kind (dicts of canonical field → value), keys, participants.

    values: the same rows once they are validated, as the values of the kind's fields in their order.
    """

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    values: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    keys: list[tuple[str, str, str, str, str, str, str]] = field(default_factory=list)
    participants: list[tuple[str, int, str, str | None, str | None, str | None]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


Extra = Callable[[dict[str, Any], Context, StagedOutput], None]


@dataclass(frozen=True, slots=True)
class StreamMapping:
    """How one stream is staged.

    kind: staged kind its rows fill (`organization`), or None when `extra` does everything.
    base: path under which fields live (`properties` at HubSpot); unmapped fields there go to `custom`.
    ignored: source fields left out on purpose (exact names, or a prefix ending in `*`); `$.name` beside the base.
    codes: code tables by name, used by the cleaner `code:<table>`; a value not in the table is kept and reported.
    extra: Python for what rows cannot say; called after the rows with the payload, context and output.
    names: where the payload itself says what its fields are called (field → label), as Jira does.
    listed: where it lists fields as objects with `gid`, `name` and `display_value`, as Asana does.
    variants, choose: for a stream that holds several things: what each is staged by, and which one a payload is.
    makes: further staged kinds that `extra` adds rows of, what people mean by the stream first.
    reads: which fields of those a record has `extra` reads, for a stream whose fields only the deployment knows.
    """

    kind: str | None
    rows: tuple[Row, ...] = ()
    base: str = ""
    ignored: frozenset[str] = frozenset()
    extra: Extra | None = None
    version: int = 1
    codes: MappingABC[str, MappingABC[str, str]] = field(default_factory=dict)
    names: str = ""
    listed: str = ""
    variants: MappingABC[str, StreamMapping] = field(default_factory=dict)
    choose: Callable[[dict[str, Any]], str] | None = None
    makes: tuple[str, ...] = ()
    reads: Callable[[tuple[str, ...], MappingABC[str, Any]], Iterable[str]] | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every staged kind this stream may have rows of, what people mean by the stream first."""
        own = [self.kind] if self.kind else []
        inner = [kind for variant in self.variants.values() for kind in variant.kinds]
        return tuple(dict.fromkeys((*own, *sorted(inner, key=lambda kind: kind == "relation"), *self.makes)))


@dataclass(frozen=True, slots=True)
class Mapping:
    """All stream mappings of one connector, plus a fallback for streams named by configuration (sheets).

    configured: the mappings of streams that a deployment's settings declare; they go before those of `streams`.
    """

    connector: str
    streams: MappingABC[str, StreamMapping]
    default: StreamMapping | None = None
    configured: Callable[[MappingABC[str, Any]], MappingABC[str, StreamMapping]] | None = None

    def with_settings(self, settings: MappingABC[str, Any]) -> Mapping:
        """This mapping with the streams that these settings declare."""
        found = self.configured(settings) if self.configured else {}
        return replace(self, streams={**self.streams, **found}) if found else self


Stager = Callable[[dict[str, Any], Context], StagedOutput]
"""A compiled stream mapping: payload and context in, staged output out. Raises `SkipRecord` to quarantine."""


def unique(values: Iterable[str]) -> list[str]:
    """The values in order, each once."""
    return list(dict.fromkeys(values))
