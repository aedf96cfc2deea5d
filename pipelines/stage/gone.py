"""Fields that went away at their source: what they filled, which new field took their place, whose values stay.

A record that comes without such a field keeps the value it had in the last version that landed before, until a person
maps another field or lets it go. One that had no version before (it is new, others were merged into it, or it is known
by its content) takes the value of the new field that holds the same values, where there is one. So no value leaves the
golden record because somebody renamed a column.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from mappings.places import filled_fields, filled_from, put_back, relabeled
from pipelines.land.content import decode
from pipelines.stage.lost import Lost, LostField, Search

if TYPE_CHECKING:
    from mappings.rows import StreamMapping
    from pipelines.stage.lost import Stage
    from warehouse.database import Connection


@dataclass(frozen=True, slots=True)
class Gone:
    """What staging has to know of one stream's lost fields.

    since: field whose last values stay → start of the first reading without it. labels: field that goes on being read
    by its former name → that name. twins: field → the new one that holds the same values, and the label of
    the old one.
    told: everything a person has to know.
    """

    mapping: StreamMapping | None = None
    since: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    twins: dict[str, tuple[str, str]] = field(default_factory=dict)
    told: tuple[Lost, ...] = ()

    def fingerprint(self, rules: str) -> str:
        """The fingerprint of rules that also hold these values; that of the rules alone when there are none."""
        if not self.since and not self.labels:
            return rules
        parts = (sorted(each.items()) for each in (self.since, self.labels, self.twins))
        facts = json.dumps([rules, *parts])
        return hashlib.blake2b(facts.encode(), digest_size=8).hexdigest()

    def completed(
        self, connection: Connection, place: tuple[str, str], source_id: str, payload: dict[str, Any]
    ) -> dict[str, Any]:
        """A record's payload with the values and names that stay."""
        if self.mapping is None:
            return payload
        if self.labels:
            payload = relabeled(self.mapping, payload, self.labels)
        here = filled_fields(self.mapping, payload) if self.since else {}
        for name in (name for name in self.since if name not in here):
            earlier = connection.one(
                "SELECT payload FROM raw_record WHERE source = ? AND stream = ? AND source_id = ? AND landed_at < ?"
                " AND payload IS NOT NULL AND quarantine IS NULL ORDER BY raw_id DESC LIMIT 1",
                (*place, source_id, self.since[name]),
            )
            if earlier:
                payload = put_back(self.mapping, payload, decode(earlier[0]), (name,))
            elif name in self.twins and (twin := self.twins[name])[0] in here:
                payload = filled_from(self.mapping, payload, name, *twin)
        return payload


NOTHING: Final = Gone()


def find_gone(connection: Connection, place: tuple[str, str], mapping: StreamMapping, stage: Stage) -> Gone:
    """The fields of a stream that went away or are called otherwise, and still fill something. Reads only."""
    rows = connection.query(
        "SELECT field, label, former_label, gone_since_at FROM stream_field WHERE source = ? AND stream = ?"
        " AND let_go_at IS NULL AND (gone_since_at IS NOT NULL OR former_label IS NOT NULL) ORDER BY field",
        place,
    )
    if not rows:
        return NOTHING
    search = Search(connection, place, mapping, stage)
    told = tuple(lost for row in rows if (lost := search.lost(LostField(*row))) is not None)
    fields = [lost.field for lost in told if lost.held]
    return Gone(
        mapping,
        {one.name: one.gone_since_at for one in fields if one.gone_since_at},
        {one.name: one.former_label for one in fields if one.former_label and not one.gone_since_at},
        {lost.field.name: (lost.twin, lost.field.label) for lost in told if lost.held and lost.twin},
        told,
    )
