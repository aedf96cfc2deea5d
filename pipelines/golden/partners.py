"""Who is a partner is declared, never implied: rules over live staged organizations open and end partnerships."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

DEFAULT_PROGRAM = "default"
LISTS = {"roles": "roles_json", "labels": "labels_json"}


@dataclass(frozen=True)
class PartnerRule:
    """Records of a source (and stream) whose fields hold one of the given values are partners. Case does not matter.

    where: field → accepted values; all fields must agree; empty declares the whole stream. Fields are those of a staged
    organization, `roles` and `labels` (any item counts) and `custom.<name>`.
    """

    source: str
    stream: str | None = None
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    program: str = DEFAULT_PROGRAM

    def declares(self, record: Mapping[str, Any]) -> bool:
        """Whether this live record makes its organization a partner."""
        if record["source"] != self.source or (self.stream is not None and record["stream"] != self.stream):
            return False
        return all(not wanted.isdisjoint(said_in(record, name)) for name, wanted in self.accepted.items())

    @cached_property
    def accepted(self) -> Mapping[str, frozenset[str]]:
        """`where`, folded for comparing."""
        return {
            name: frozenset(str(value).casefold().strip() for value in wanted)
            for name, wanted in self.where.items()
        }

    def facts(self) -> tuple[Any, ...]:
        """The rule as plain data: equal for equal rules only, which words joined by "or" are not."""
        where = {name: sorted(map(str, wanted)) for name, wanted in sorted(self.where.items())}
        return (self.source, self.stream, where, self.program)

    def described(self) -> str:
        """The rule in words, as it is stored beside a partnership."""
        place = f"{self.source}/{self.stream}" if self.stream else self.source
        tests = [f"{name} is {' or '.join(map(str, wanted))}" for name, wanted in sorted(self.where.items())]
        return f"{place}: {' and '.join(tests) or 'every record'}" + (
            f" ({self.program})" if self.program != DEFAULT_PROGRAM else ""
        )


class Declared(NamedTuple):
    """One partnership as the records declare it now: everything of a `partnership` row but the organization."""

    program: str
    record: str
    rule: str
    since_at: str | None


def said_in(record: Mapping[str, Any], name: str) -> set[str]:
    """What a record says in a field, folded for comparing: items of a list, one value, or nothing."""
    if name in LISTS:
        value: Any = json.loads(record[LISTS[name]] or "[]")
    elif name.startswith("custom."):
        value = json.loads(record["custom_json"] or "{}").get(name.removeprefix("custom."))
    else:
        value = record.get(name)
        if isinstance(value, str):
            return {value.casefold().strip()}
    values = value if isinstance(value, list) else [value]
    return {str(item).casefold().strip() for item in values if item is not None}


def declared_by(records: Iterable[Mapping[str, Any]], rules: Sequence[PartnerRule]) -> list[Declared]:
    """The partnerships an organization's records declare, one per program, on the first declaring record by key."""
    found: dict[str, list[tuple[str, str, str | None]]] = {}
    for record in records:
        if record["deleted_at"] is not None:
            continue
        programs = set()
        for rule in rules:
            if rule.program not in programs and rule.declares(record):
                programs.add(rule.program)
                found.setdefault(rule.program, []).append(
                    (record["record"], rule.described(), record["created_at"])
                )
    return [declared(program, rows) for program, rows in sorted(found.items())]


def declared(program: str, rows: Sequence[tuple[str, str, str | None]]) -> Declared:
    """One program's partnership from its declaring records."""
    record, rule, _ = min(rows)
    times = [created for _, _, created in rows if created is not None]
    return Declared(program, record, rule, min(times, default=None))
