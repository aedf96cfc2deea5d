"""What the page of a partner shows for a day in the past: all of it as it was known then, and what nobody kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from partnerhub.web import partner_words, wording
from partnerhub.web.next_steps import next_steps
from warehouse.queries import known_then, record
from warehouse.queries.belonging_then import programs_then, relations_then
from warehouse.queries.gone_since import touches_gone
from warehouse.queries.held_then import HeldThen, held_then
from warehouse.queries.hung_then import past_of, touches_then
from warehouse.queries.next_words import next_words
from warehouse.queries.person_strength import person_strength
from warehouse.queries.readings import Readings, readings
from warehouse.queries.signals import signals
from warehouse.queries.sources import faces, record_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.database import Connection
    from warehouse.queries.held_then import Recollection
    from warehouse.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Then:
    """A partner at the end of a day. as_of: the day (ISO); moment: its end, UTC text."""

    viewer: Viewer
    connection: Connection
    organization_id: str
    as_of: str
    moment: str
    recall: Recollection | None

    @property
    def of(self) -> tuple[Viewer, Connection, str]:
        """What every query takes first."""
        return self.viewer, self.connection, self.organization_id


def facts_then(then: Then, today: str) -> dict[str, Any]:
    """The partner as the hub knew it at the end of a day."""
    version = record.organization_as_of(*then.of, then.moment)
    records = known_then.records_then(*then.of, then.moment, then.recall)
    timeline = known_then.timeline_then(*then.of, then.moment, recall=then.recall)
    return {
        "organization": record.organization(*then.of) or version or {},
        "then": version,
        "groups": wording.grouped(values_then(version)) if version else [],
        "records": records,
        "names": record_names(then.connection, [each.record for each in records]),
        "months": partner_words.months_of(timeline.events, then.moment),
        "later": timeline.later,
        "gone": timeline.gone,
        "partnerships": programs_then(*then.of, then.moment),
        "first_at": known_then.first_known_at(*then.of),
        "as_of": then.as_of,
        "today": today,
        "faces": faces(then.connection),
        **(relationship_then(then) if version else {}),
    }


def relationship_then(then: Then) -> dict[str, Any]:
    """Readings, next action, people, deals and the rest; `held` is None where nothing reads versions back."""
    if then.recall is None:
        return {"held": None, "relations": []}
    past = past_of(*then.of, then.moment)
    held = held_then(then.viewer, then.connection, past, then.recall)
    found = signals(*then.of, moment=then.moment)
    touches = sorted(
        [*touches_then(then.viewer, then.connection, past), *touches_gone(then.connection, past)],
        key=lambda touch: touch.at,
    )
    computed = readings(touches, held.deals, found, (held.commitments, held.agreements), then.moment)
    return {
        "held": held,
        "readings": computed,
        "next": next_steps(found, computed.risks, next_words(*then.of, then.moment), then.as_of).first,
        "signals": found,
        "deals": held.deals,
        "people": by_contact(held, computed),
        "close": {
            each.person_id: person_strength(computed, each.person_id, then.moment) for each in held.people
        },
        "relations": relations_then(then.viewer, then.connection, past, then.recall),
    }


def by_contact(held: HeldThen, computed: Readings) -> Sequence[record.Person]:
    """People as the page of today has them: whom we met most first, who had left last."""
    return sorted(
        held.people, key=lambda each: (each.until is not None, -computed.met.get(each.person_id, 0))
    )


def values_then(then: dict[str, Any]) -> list[record.Value]:
    """The values of a former version, without where each was from: versions keep what was said, not by whom."""
    shown = (name for name in then if name not in record.BOOKKEEPING | {*record.HISTORY, "organization_id"})
    return [
        record.Value(name, ", ".join(map(str, value)) if isinstance(value := then[name], list) else str(value),
                     None, None, None, None, "")
        for name in shown
    ]  # fmt: skip
