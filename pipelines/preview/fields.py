"""Which values of organizations, persons and deals would change, and where they would come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pipelines.golden.deals import VALUES as DEAL_VALUES
from pipelines.golden.reading import VALUES
from pipelines.scratch.compare import Shape, paired

if TYPE_CHECKING:
    from warehouse.database import Connection

UNTOLD: Final = frozenset({"record_count"})
KINDS: Final = {
    "organization": ("organization_id", tuple(name for name in VALUES if name not in UNTOLD)),
    "person": ("person_id", ("name", "email", "phone", "title", "deleted_at")),
    "deal": ("fact_id", (*DEAL_VALUES, "deleted_at")),
}
"""Golden table → its key and the fields people know."""
WINNER: Final = (
    "SELECT record, rule FROM golden_value WHERE organization_id = ? AND field IN (?, '*')"
    " ORDER BY CASE field WHEN '*' THEN 1 ELSE 0 END LIMIT 1"
)


class ValueChange(NamedTuple):
    """One value before and after. record, rule: where an organization's new value would come from."""

    field: str
    before: Any
    after: Any
    record: str | None = None
    rule: str | None = None


class Changed(NamedTuple):
    """One thing of which values would change. partner: whether it is on the list of partners now."""

    kind: str
    id: str
    name: str
    partner: bool
    changes: list[ValueChange]


@dataclass(slots=True)
class FieldCounts:
    """How often one field would be filled that was empty, emptied, or hold another value."""

    kind: str
    field: str
    filled: int = 0
    emptied: int = 0
    changed: int = 0


@dataclass(slots=True)
class ValueEffects:
    """What would become of one kind. things: how many would change; appear, vanish: how many would come and go.

    examples: the first of each, those on the list of partners before all others.
    """

    kind: str
    things: int = 0
    partners: int = 0
    appear: int = 0
    vanish: int = 0
    fields: dict[str, FieldCounts] = field(default_factory=dict)
    examples: list[Changed] = field(default_factory=list)


def value_effects(
    live: Connection, made: Connection, kind: str, partners: frozenset[str], most: int
) -> ValueEffects:
    """Compare one golden table. partners: ids on the list now. Both connections stand inside a `snapshot`."""
    key, names = KINDS[kind]
    found, others = ValueEffects(kind), list[Changed]()
    shape = Shape(kind, (key,), (key, *names), (key,))
    for here, there in paired(live, made, shape):
        if here is None or there is None:
            found.appear += here is None
            found.vanish += there is None
            continue
        changes = changes_of(names, here[1:], there[1:])
        if not changes:
            continue
        found.things += 1
        count_fields(found, changes)
        known = here[0] in partners
        found.partners += known
        examples = found.examples if known else others
        if len(examples) < most:
            examples.append(Changed(kind, here[0], there[1] or here[1] or here[0], known, changes))
    found.examples += others[: most - len(found.examples)]
    if kind == "organization":
        found.examples = [with_winners(made, each) for each in found.examples]
    return found


def changes_of(names: tuple[str, ...], before: tuple[Any, ...], after: tuple[Any, ...]) -> list[ValueChange]:
    """The fields that differ."""
    if before == after:
        return []
    return [
        ValueChange(name.removesuffix("_json"), was, now)
        for name, was, now in zip(names, before, after, strict=True)
        if was != now
    ]


def count_fields(found: ValueEffects, changes: list[ValueChange]) -> None:
    """Add one thing's changes."""
    for each in changes:
        counts = found.fields.setdefault(each.field, FieldCounts(found.kind, each.field))
        if each.before is None:
            counts.filled += 1
        elif each.after is None:
            counts.emptied += 1
        else:
            counts.changed += 1


def with_winners(made: Connection, changed: Changed) -> Changed:
    """The same with the records the new values would come from."""
    changes = []
    for each in changed.changes:
        won = made.query(WINNER, (changed.id, each.field))
        record, rule = won[0] if won and each.after is not None else (None, None)
        changes.append(each._replace(record=record, rule=rule))
    return changed._replace(changes=changes)


def on_the_list(connection: Connection) -> frozenset[str]:
    """The organizations on the list of partners."""
    return frozenset(row[0] for row in connection.query("SELECT DISTINCT organization_id FROM partnership"))
