"""Rows of the three histories as changes, in their own order, as far as a viewer may know of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.changes.kinds import MOST_OF_A_VERSION, kind_of_change, kind_of_event, kinds_of_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

VERSION_FIELDS: Final = (
    "name", "amount_minor", "currency", "pipeline", "stage", "status", "close_date", "deal_type", "owner",
    "deleted_at",
)  # fmt: skip
PERSON_WITHIN: Final = (
    "EXISTS (SELECT 1 FROM person_organization o WHERE o.person_id IN (e.entity_id, e.other_id) AND {within})"
)
DEAL_WITHIN: Final = "EXISTS (SELECT 1 FROM timeline t WHERE t.fact_id = v.fact_id AND {within})"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was published. id: the same whenever it is told again. at: when, UTC text.

    entity: organization, person or deal. other_id, record: of identity. field, before, after: of values, as text.
    partner_ids: organizations it is about; of a deal those on whose timeline it stands now.
    """

    id: str
    kind: str
    at: str
    entity: str
    entity_id: str
    run_id: str
    position: int
    stream: str
    other_id: str | None = None
    record: str | None = None
    field: str | None = None
    before: str | None = None
    after: str | None = None
    partner_ids: tuple[str, ...] = ()


def read_identity(viewer: Viewer, connection: Connection, after: int, to: int) -> list[Change]:
    """Events of ids. Ids a viewer may not know of are left out of those they may."""
    organization, ids = viewer.within("e.entity_id")
    other, more = viewer.within("e.other_id")
    person, places = viewer.within("o.organization_id")
    rows = connection.query(
        "SELECT e.event_id, e.entity, e.kind, e.entity_id, e.other_id, e.record, e.run_id, e.recorded_at"
        f" FROM identity_event e WHERE e.event_id > ? AND e.event_id <= ? AND ((e.entity = 'organization'"
        f" AND ({organization} OR {other})) OR (e.entity = 'person'"
        f" AND {everywhere(viewer) or PERSON_WITHIN.format(within=person)})) ORDER BY e.event_id",
        (after, to, *ids, *more, *(() if everywhere(viewer) else places)),
    )
    return [identity_change(viewer, row) for row in rows]


def everywhere(viewer: Viewer) -> str:
    """A condition that always holds, for who may know of every organization."""
    return "1 = 1" if viewer.organizations is None else ""


def identity_change(viewer: Viewer, row: Sequence[Any]) -> Change:
    """One event; of an organization without the ids, and the record, that its reader may not know of."""
    number, entity, kind, entity_id, other_id, record, run_id, at = row
    of_organizations = entity == "organization"

    def seen(each: str | None) -> bool:
        return each is not None and (not of_organizations or viewer.may_see(each))

    return Change(
        f"i{number}",
        kind_of_event(kind),
        at,
        entity,
        entity_id if seen(entity_id) else "",
        run_id,
        int(number),
        "identity",
        other_id=other_id if seen(other_id) else None,
        record=record if seen(entity_id) else None,
        partner_ids=tuple(each for each in (entity_id, other_id) if of_organizations and seen(each)),
    )


def read_partners(viewer: Viewer, connection: Connection, after: int, to: int) -> list[Change]:
    """Changes of organizations and of their places on the partner list."""
    within, ids = viewer.within("organization_id")
    rows = connection.query(
        "SELECT change_id, organization_id, field, before, after, run_id, recorded_at FROM change_log"
        f" WHERE change_id > ? AND change_id <= ? AND {within} ORDER BY change_id",
        (after, to, *ids),
    )
    return [
        Change(
            f"p{number}",
            kind_of_change(field, before, now),
            at,
            "organization",
            organization_id,
            run_id,
            int(number),
            "partner",
            field=field,
            before=before,
            after=now,
            partner_ids=(organization_id,),
        )
        for number, organization_id, field, before, now, run_id, at in rows
    ]


def read_deals(viewer: Viewer, connection: Connection, after: int, to: int) -> list[Change]:
    """Changes of deals: what each version says that the one before did not."""
    within, ids = viewer.within("t.organization_id")
    condition = everywhere(viewer) or DEAL_WITHIN.format(within=within)
    listed = ", ".join(f"{table}.{name}" for table in ("v", "p") for name in VERSION_FIELDS)
    rows = connection.query(
        f"SELECT v.version_id, v.fact_id, v.recorded_from_at, v.run_id, p.version_id, {listed} FROM deal_version v"
        " LEFT JOIN deal_version p ON p.version_id = (SELECT max(f.version_id) FROM deal_version f"
        " WHERE f.fact_id = v.fact_id AND f.version_id < v.version_id)"
        f" WHERE v.version_id > ? AND v.version_id <= ? AND {condition} ORDER BY v.version_id",
        (
            (after - 1) // MOST_OF_A_VERSION,
            to // MOST_OF_A_VERSION,
            *(() if everywhere(viewer) else ids),
        ),
    )
    changes = [each for row in rows for each in deal_changes(row)]
    return [each for each in changes if each.position > after]


def deal_changes(row: Sequence[Any]) -> list[Change]:
    """The changes that one version tells, each with a position of its own."""
    number, fact_id, at, run_id, former_number, *values = row
    now = dict(zip(VERSION_FIELDS, values[: len(VERSION_FIELDS)], strict=True))
    former = dict(zip(VERSION_FIELDS, values[len(VERSION_FIELDS) :], strict=True))
    first = (int(number) - 1) * MOST_OF_A_VERSION + 1
    return [
        Change(
            f"d{number}.{each.kind.partition('.')[2]}.{each.field}",
            each.kind,
            at,
            "deal",
            fact_id,
            run_id,
            first + place,
            "deal",
            field=each.field,
            before=each.before,
            after=each.after,
        )
        for place, each in enumerate(kinds_of_version(former if former_number else None, now))
    ]


def partners_of_deals(viewer: Viewer, connection: Connection, changes: list[Change]) -> list[Change]:
    """The same changes, those of deals with the organizations on whose timeline they stand now."""
    deals = sorted({each.entity_id for each in changes if each.entity == "deal"})
    found: dict[str, list[str]] = {}
    for deal, organization_id in timelines_of(connection, deals):
        if viewer.may_see(organization_id):
            found.setdefault(deal, []).append(organization_id)
    return [
        replace(each, partner_ids=tuple(found.get(each.entity_id, ()))) if each.entity == "deal" else each
        for each in changes
    ]


AT_ONCE: Final = 500
"""Parameters of one statement."""


def timelines_of(connection: Connection, deals: Sequence[str]) -> Iterable[tuple[str, str]]:
    """(deal, organization) of these deals."""
    for start in range(0, len(deals), AT_ONCE):
        some = deals[start : start + AT_ONCE]
        for row in connection.query(
            "SELECT DISTINCT fact_id, organization_id FROM timeline"
            f" WHERE fact_id IN ({', '.join('?' * len(some))}) ORDER BY 1, 2",
            some,
        ):
            yield row[0], row[1]


def plain_end(number: int) -> int:
    """The position of a row that tells one change."""
    return max(number, 0)


def version_end(number: int) -> int:
    """The last position of a version, which may tell several."""
    return max(number, 0) * MOST_OF_A_VERSION


class History(NamedTuple):
    """How one history is read. end_of: the last position of its row of a number. width: positions of a row."""

    read: Callable[[Any, Any, int, int], list[Change]]
    end_of: Callable[[int], int]
    width: int = 1

    def last_of(self, after: int, rows: int, head: int) -> int:
        """The last position of so many rows behind a position, at most the head."""
        return min(head, self.end_of((after - 1) // self.width + 1 + rows))


READ: Final = {
    "identity": History(read_identity, plain_end),
    "partner": History(read_partners, plain_end),
    "deal": History(read_deals, version_end, MOST_OF_A_VERSION),
}
