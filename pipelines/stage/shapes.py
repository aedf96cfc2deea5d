"""What kinds of values the fields of a stream hold, and what becomes of one that turns into another kind.

A kind that came after the field itself is strange until a person accepts it. A strange value is read where the rules
can read it; where they would lose what the field filled, the record keeps the last value of a kind it had, and
everything else in it is as it arrived.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from mappings.places import EMPTY, own_fields, with_fields
from pipelines.land.content import decode
from pipelines.stage.lost import CANNOT_READ, CUSTOM_FIELD, staged_fields
from pipelines.stage.waiting import earlier_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mappings.rows import StagedOutput, StreamMapping
    from pipelines.stage.waiting import Waiting
    from warehouse.database import Connection

SHAPES: Final[dict[type, str]] = {
    str: "text",
    int: "number",
    float: "number",
    bool: "yes or no",
    list: "list",
    dict: "object",
}
USUAL, STRANGE, ACCEPTED = ("usual", "strange", "accepted")
MOST_FORMS: Final = 4_096
"""Forms of records that are remembered; of a stream with more than that they are learned anew."""
MOST_LOOKED_BACK: Final = 50
"""Earlier versions of a record among which its last good value is looked for."""


@dataclass(slots=True)
class Shapes:
    """What is known of one stream's fields, and learned while it is staged.

    learning: the stream was never staged to its end, so that whatever it holds is usual. moment: of this staging; kinds
    that came with the field itself are usual, in whatever order. known: (field, Python type) of values that are read.
    met: fields of which a strange value was staged this time. forms: names and types of whole records of which every
    pair is known, and so stays: a record like one before it is asked one question instead of one for each field.
    """

    mapping: StreamMapping | None = None
    learning: bool = False
    moment: str = ""
    known: set[tuple[str, type]] = field(default_factory=set)
    strange: set[tuple[str, str]] = field(default_factory=set)
    accepted: set[tuple[str, str]] = field(default_factory=set)
    since: dict[str, str] = field(default_factory=dict)
    learned: list[tuple[str, str, str]] = field(default_factory=list)
    met: set[str] = field(default_factory=set)
    forms: set[tuple[object, ...]] = field(default_factory=set)

    def fingerprint(self, rules: str) -> str:
        """The fingerprint of rules under which these kinds count; that of the rules alone when none was accepted."""
        if not self.accepted:
            return rules
        facts = json.dumps([rules, *sorted(self.accepted)])
        return hashlib.blake2b(facts.encode(), digest_size=8).hexdigest()

    def odd(self, payload: dict[str, Any]) -> list[str]:
        """The fields of a record whose value is of a strange kind, by name; remembers kinds that are new."""
        if self.mapping is None:
            return []
        held = own_fields(self.mapping, payload)
        form = (*held, *map(type, held.values()))
        if form in self.forms:
            return []
        news = {*zip(held, map(type, held.values()), strict=True)} - self.known
        if news:
            return sorted(name for name, kind in news if self.is_odd(name, kind, held[name]))
        if len(self.forms) >= MOST_FORMS:
            self.forms.clear()
        self.forms.add(form)
        return []

    def is_odd(self, name: str, kind: type, value: object) -> bool:
        """Whether a value of a kind that is not known is strange; a kind that came with its field is not."""
        if value is None:
            self.known.add((name, kind))  # nothing is of every kind
        shape = SHAPES.get(kind)
        if shape is None or value in EMPTY:
            return False
        if (name, shape) in self.strange:
            self.met.add(name)
            return True
        fresh = self.since.setdefault(name, self.moment) == self.moment
        if self.learning or fresh:
            self.know(name, shape)
            self.learned.append((name, shape, USUAL))
            return False
        self.strange.add((name, shape))
        self.met.add(name)
        self.learned.append((name, shape, STRANGE))
        return True

    def know(self, name: str, shape: str) -> None:
        """Values of this kind are read from now on."""
        self.known |= {(name, kind) for kind, called in SHAPES.items() if called == shape}

    def remember(self, connection: Connection, place: tuple[str, str]) -> None:
        """Write down what was learned since the last time. Expects a transaction."""
        learned, self.learned = self.learned, []
        connection.execute_many(
            "INSERT INTO field_shape (source, stream, field, shape, standing, first_seen_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (source, stream, field, shape) DO NOTHING",
            [(*place, *each, self.moment) for each in learned],
        )


def shapes_of(
    connection: Connection, place: tuple[str, str], mapping: StreamMapping, moment: str, *, learning: bool
) -> Shapes:
    """What is known of a stream's fields. A stream that Python code alone reads is not looked at: the hub made it."""
    if not (mapping.kind or mapping.variants):
        return Shapes()
    found = Shapes(mapping, learning, moment)
    for name, shape, standing, first_seen_at in connection.query(
        "SELECT field, shape, standing, first_seen_at FROM field_shape WHERE source = ? AND stream = ?", place
    ):
        found.since[name] = min(first_seen_at, found.since.get(name, first_seen_at))
        if standing == STRANGE:
            found.strange.add((name, shape))
        else:
            found.know(name, shape)
        if standing == ACCEPTED:
            found.accepted.add((name, shape))
    return found


def read_with_last(
    connection: Connection,
    place: tuple[str, str],
    shapes: Shapes,
    waiting: Waiting,
    payload: dict[str, Any],
    stage: Callable[[dict[str, Any]], StagedOutput],
) -> StagedOutput:
    """What a record with odd fields becomes: as it arrived, but that what these filled before stays filled.

    Raises what the rules raise where even a record without these fields cannot be staged.
    """
    odd = shapes.odd(payload)
    if not odd or shapes.mapping is None:
        return stage(payload)
    last = last_good(connection, place, shapes, waiting, odd)
    output = staged_or_none(stage, payload)
    if output is None:
        return stage(with_fields(shapes.mapping, payload, last))
    for name in (name for name, value in last.items() if value is not None):
        kept = with_fields(shapes.mapping, payload, {name: last[name]})
        instead = staged_or_none(stage, kept)
        if instead and left_empty(instead, output):
            payload, output = kept, instead
    return output


def left_empty(before: StagedOutput, now: StagedOutput) -> tuple[str, ...]:
    """The staged fields that the first output fills and the second leaves empty, custom ones aside."""
    left = staged_fields(now)
    filled = (name for name, value in staged_fields(before).items() if value and not left.get(name))
    return tuple(sorted(name for name in filled if not name.startswith(CUSTOM_FIELD)))


def last_good(
    connection: Connection, place: tuple[str, str], shapes: Shapes, waiting: Waiting, names: Iterable[str]
) -> dict[str, Any]:
    """Field → the last value of a known kind that earlier versions of the record held in it; None for none."""
    found: dict[str, Any] = dict.fromkeys(names)
    missing = set(found)
    for _, content, _ in islice(earlier_versions(connection, *place, waiting), MOST_LOOKED_BACK):
        held = own_fields(shapes.mapping, decode(content)) if shapes.mapping else {}
        for name in [name for name in missing if held.get(name) not in EMPTY]:
            if (name, type(held[name])) in shapes.known:
                found[name] = held[name]
                missing.discard(name)
        if not missing:
            break
    return found


def staged_or_none(
    stage: Callable[[dict[str, Any]], StagedOutput], payload: dict[str, Any]
) -> StagedOutput | None:
    """What a payload becomes, None where the rules cannot read it."""
    try:
        return stage(payload)
    except CANNOT_READ:
        return None
