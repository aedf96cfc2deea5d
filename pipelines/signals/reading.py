"""Facts of some partners for the rules, read from golden and staged rows by a handful of queries a chunk."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mappings.clean.web import registrable_domain
from pipelines.golden.attach import is_own
from pipelines.signals.bounces import read_bounces
from pipelines.signals.facts import (
    Agreement,
    Bounce,
    Colleague,
    Contact,
    Deal,
    Partner,
    Promise,
    SourceRecord,
)
from pipelines.signals.touches import MOST_TEXT, SOME, Side, read_touches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from partnerhub.config.signals import Thresholds
    from warehouse.database import Connection

CHUNK: Final = 200
"""Partners at a time: memory stays flat however many there are."""
HISTORY: Final = timedelta(days=730)
"""How far back touchpoints are read: a rhythm shows in a year, and silence after two more is no news."""
DONE: Final = frozenset(
    {
        "done", "closed", "complete", "completed", "resolved", "canceled", "cancelled", "fulfilled", "won't do",
        "rejected", "declined", "finished", "kept", "erledigt", "geschlossen", "terminé", "hecho", "deferred",
    }
)  # fmt: skip
"""States in which nothing is left to do, where the source gives no day on which it was done."""
FIELD_OF_LABEL: Final = {"annual_value": "annual_value_minor"}
"""What a document's labelled value is called there → the field it fills."""
VALUES: Final = ("tier", "status", "annual_value_minor", "currency", "renews_on", "name")
ON_TIMELINE: Final = (
    "t.organization_id = p.organization_id AND t.entity = '{entity}' AND f.fact_id = t.fact_id"
    " AND f.deleted_at IS NULL"
)

Row = tuple[Any, ...]


class Span(NamedTuple):
    """A run of organization ids, both ends included."""

    first: str
    last: str


@dataclass(slots=True)
class Hub:
    """What is the same for every partner. titles: source → what it is called."""

    today: date
    limits: Thresholds
    side: Side
    titles: Mapping[str, str]
    colleagues: Mapping[str, Colleague]
    by_address: Mapping[str, Colleague]
    bounces: Sequence[Bounce] = field(default_factory=tuple)

    def called(self, record: str) -> str:
        """What the source of a record is called."""
        source = record.partition("/")[0]
        return self.titles.get(source, source)

    def since(self) -> str:
        """From when touchpoints are read."""
        return f"{self.today - HISTORY}T00:00:00.000000Z"


def read_hub(
    connection: Connection,
    today: date,
    limits: Thresholds,
    own_domains: frozenset[str] = frozenset(),
    own_addresses: frozenset[str] = frozenset(),
) -> Hub:
    """Look up once per run what every chunk needs."""
    colleagues = {
        record: Colleague(record, name or email or record, email, bool(active) and deleted_at is None)
        for record, name, email, active, deleted_at in connection.query(
            "SELECT record, name, email, active, deleted_at FROM staged_colleague ORDER BY record"
        )
    }
    by_address: dict[str, Colleague] = {}
    for each in colleagues.values():
        if each.email and (each.email not in by_address or each.active):
            by_address[each.email] = each

    def ours(address: str) -> bool:
        return address in by_address or is_own(address, own_domains, own_addresses)

    side = Side(ours)
    titles = {
        str(source): str(title) for source, title in connection.query("SELECT source, title FROM source")
    }
    bounces = read_bounces(connection, today - timedelta(days=limits.left_days), side)
    return Hub(today, limits, side, titles, colleagues, by_address, bounces)


def read_partners(connection: Connection, hub: Hub) -> Iterator[Partner]:
    """Every partner with its facts, in id order, a chunk at a time."""
    after = ""
    while ids := [
        row[0]
        for row in connection.query(
            "SELECT DISTINCT organization_id FROM partnership WHERE organization_id > ?"
            f" ORDER BY organization_id LIMIT {CHUNK}",
            (after,),
        )
    ]:
        after = ids[-1]
        yield from read_chunk(connection, Span(ids[0], after), hub)


def read_chunk(connection: Connection, span: Span, hub: Hub) -> list[Partner]:
    """The partners of a span. One that is deleted everywhere needs nobody."""
    records = read_records(connection, span, hub)
    contacts = read_contacts(connection, span, hub.today)
    touches = read_touches(connection, span, hub.since(), hub.side)
    deals = read_deals(connection, span, hub)
    promises = read_promises(connection, span, hub)
    agreements = read_agreements(connection, span, hub)
    pinned = grouped(
        connection.query(
            f"SELECT p.organization_id, n.field FROM {SOME} CROSS JOIN pin n"
            " WHERE n.organization_id = p.organization_id AND n.lifted_at IS NULL",
            span,
        )
    )
    found = []
    for key, name, owner, renews_on, anchors in connection.query(
        "SELECT o.organization_id, o.name, o.owner, o.renews_on, o.anchors_json"
        f" FROM {SOME} CROSS JOIN organization o"
        " WHERE o.organization_id = p.organization_id AND o.deleted_at IS NULL ORDER BY o.organization_id",
        span,
    ):
        people = tuple(contacts.get(key, ()))
        found.append(
            Partner(
                organization_id=key,
                name=name,
                owner=owner,
                renews_on=as_day(renews_on),
                pinned=frozenset(row[0] for row in pinned.get(key, ())),
                records=tuple(records.get(key, ())),
                contacts=people,
                touches=tuple(touches.get(key, ())),
                bounces=tuple(bounces_of(hub.bounces, people, json.loads(anchors) if anchors else [])),
                deals=tuple(deals.get(key, ())),
                promises=tuple(promises.get(key, ())),
                agreements=tuple(agreements.get(key, ())),
                colleagues=hub.by_address,
            )
        )
    return found


def read_records(connection: Connection, span: Span, hub: Hub) -> dict[str, list[SourceRecord]]:
    """The live source records of each partner."""
    listed = ", ".join(f"s.{name}" for name in VALUES)
    found: dict[str, list[SourceRecord]] = defaultdict(list)
    for key, record, at, owner, *values in connection.query(
        f"SELECT p.organization_id, s.record, s.modified_at, s.owner_record, {listed}"
        f" FROM {SOME} CROSS JOIN organization_link l CROSS JOIN staged_organization s"
        " WHERE l.organization_id = p.organization_id AND s.record = l.record AND l.ended_at IS NULL"
        " AND s.deleted_at IS NULL ORDER BY s.record",
        span,
    ):
        said = {name: value for name, value in zip(VALUES, values, strict=True) if value is not None}
        document = read_out_of(connection, record)
        found[key].append(
            SourceRecord(
                record, hub.called(record), at, said, hub.colleagues.get(owner),
                document.title, document.places, document.written,
            )
        )  # fmt: skip
    return found


class Cited(NamedTuple):
    """The document a record was read out of: where its fields stand in it, and how they are written there."""

    title: str | None
    places: dict[str, str]
    written: dict[str, str]


def read_out_of(connection: Connection, record: str) -> Cited:
    """The document a part of which a record is, with what it keeps of its statements: `{field: {value, slide}}`."""
    whole, _, part = record.partition("#")
    query = "SELECT title, custom_json FROM staged_document WHERE record = ?"
    row = connection.one(query, (whole,)) if part else None
    if row is None:
        return Cited(None, {}, {})
    said: dict[str, Any] = (json.loads(row[1]) if row[1] else {}).get("said") or {}
    named = {FIELD_OF_LABEL.get(field, field): each for field, each in said.items()}
    places = {name: f"slide {each['slide']}" for name, each in named.items() if "slide" in each}
    return Cited(
        str(row[0]), places, {name: str(each["value"]) for name, each in named.items() if "value" in each}
    )


def read_contacts(connection: Connection, span: Span, today: date) -> dict[str, list[Contact]]:
    """The people of each partner, those who were there included."""
    found: dict[str, list[Contact]] = defaultdict(list)
    for key, name, email, anchors, until, deleted_at in connection.query(
        "SELECT p.organization_id, n.name, n.email, n.anchors_json, w.until, n.deleted_at"
        f" FROM {SOME} CROSS JOIN person_organization w CROSS JOIN person n"
        " WHERE w.organization_id = p.organization_id AND n.person_id = w.person_id ORDER BY n.person_id, w.role",
        span,
    ):
        anchored: list[str] = json.loads(anchors) if anchors else []
        addresses = {each.partition(":")[2] for each in anchored if each.startswith("email:")}
        addresses |= {email} if email else set()
        current = deleted_at is None and (until is None or date.fromisoformat(until) >= today)
        found[key].append(Contact(name or email or "Somebody", frozenset(addresses), current))
    return found


def bounces_of(
    bounces: Sequence[Bounce], people: Sequence[Contact], anchors: Sequence[str]
) -> Iterator[Bounce]:
    """Bounces of the partner's people, and of any address at a domain that is its own."""
    addresses = {address for contact in people for address in contact.addresses}
    domains = {anchor.partition(":")[2] for anchor in anchors if anchor.startswith(("domain:", "host:"))}
    for bounce in bounces:
        host = bounce.address.rpartition("@")[2]
        if bounce.address in addresses or host in domains or registrable_domain(host) in domains:
            yield bounce


def read_deals(connection: Connection, span: Span, hub: Hub) -> dict[str, list[Deal]]:
    """The deals of each partner; the day of the stage from its last change, else from when the deal came to be."""
    rows = connection.query(
        "SELECT p.organization_id, t.fact_id, d.record, d.name, d.stage, d.status,"
        " coalesce((SELECT max(c.changed_at) FROM staged_deal_stage_change c WHERE c.deal_record = d.record"
        " AND c.deleted_at IS NULL), d.created_at, d.modified_at), d.close_date, d.owner_record"
        f" FROM {SOME} CROSS JOIN timeline t CROSS JOIN fact f CROSS JOIN staged_deal d"
        f" WHERE {ON_TIMELINE.format(entity='deal')} AND d.record = f.record ORDER BY d.record",
        span,
    )
    found: dict[str, list[Deal]] = defaultdict(list)
    for key, fact_id, record, name, stage, status, since, closes_on, owner in rows:
        found[key].append(
            Deal(
                fact_id, record, hub.called(record), name, stage, status, since, as_day(closes_on),
                hub.colleagues.get(owner),
            )
        )  # fmt: skip
    return found


def read_promises(connection: Connection, span: Span, hub: Hub) -> dict[str, list[Promise]]:
    """Work items and commitments of each partner."""
    found: dict[str, list[Promise]] = defaultdict(list)
    for entity, columns in (
        ("work_item", "s.due_at, s.done_at, s.status, s.priority, s.kind"),
        ("commitment", "s.due_on, s.done_on, s.status, NULL, NULL"),
    ):
        for (
            key,
            fact_id,
            record,
            title,
            at,
            owner,
            text,
            due,
            done,
            status,
            priority,
            kind,
        ) in connection.query(
            "SELECT p.organization_id, t.fact_id, s.record, s.title, coalesce(s.modified_at, s.created_at),"
            f" s.owner_record, substr(s.text, 1, {MOST_TEXT}), {columns} FROM {SOME}"
            f" CROSS JOIN timeline t CROSS JOIN fact f CROSS JOIN staged_{entity} s"
            f" WHERE {ON_TIMELINE.format(entity=entity)} AND s.record = f.record ORDER BY s.record",
            span,
        ):
            over = done is not None or (status or "").casefold() in DONE
            whose = hub.colleagues.get(owner)
            found[key].append(
                Promise(
                    fact_id, record, hub.called(record), entity, title, as_day(due), over, status, priority, at,
                    whose.name if whose else None, text, kind,
                )
            )  # fmt: skip
    return found


def read_agreements(connection: Connection, span: Span, hub: Hub) -> dict[str, list[Agreement]]:
    """The agreements of each partner."""
    found: dict[str, list[Agreement]] = defaultdict(list)
    for key, fact_id, record, title, status, ends_on, renews_on, at in connection.query(
        "SELECT p.organization_id, t.fact_id, s.record, s.title, s.status, s.ends_on, s.renews_on, s.modified_at"
        f" FROM {SOME} CROSS JOIN timeline t CROSS JOIN fact f CROSS JOIN staged_agreement s"
        f" WHERE {ON_TIMELINE.format(entity='agreement')} AND s.record = f.record ORDER BY s.record",
        span,
    ):
        found[key].append(
            Agreement(
                fact_id, record, hub.called(record), title, status, as_day(ends_on), as_day(renews_on), at
            )
        )
    return found


def grouped(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows by their first column, without it."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row[1:])
    return found


def as_day(text: str | None) -> date | None:
    """A day from the hub's text of a day or a time."""
    return date.fromisoformat(text[:10]) if text else None
