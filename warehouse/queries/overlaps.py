"""What one organization has in common with us and with others: customers it helps to win, who else is there, people.

All of it follows from deals and from people that hang on two organizations. An organization with a partnership counts
as a partner, every other one as a customer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.queries.partners import IS_PARTNER
from warehouse.queries.readings import Pipeline, pipeline
from warehouse.queries.record import Deal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

MOST_DEALS: Final = 2_000
MOST_CUSTOMERS: Final = 200
MOST_PEOPLE: Final = 200
DEAL: Final = "d.fact_id, d.name, d.stage, d.status, d.amount_minor, d.currency, d.close_date"
SHARED: Final = (
    f"SELECT {DEAL}, other.organization_id, o.name AS called, CASE WHEN {IS_PARTNER} THEN 1 ELSE 0 END AS is_partner"
    " FROM timeline t JOIN deal d ON d.fact_id = t.fact_id AND d.deleted_at IS NULL"
    " JOIN timeline other ON other.fact_id = t.fact_id AND other.organization_id <> t.organization_id"
    " JOIN organization o ON o.organization_id = other.organization_id AND o.deleted_at IS NULL"
    " WHERE t.organization_id = ? AND t.entity <> 'touchpoint' AND t.entity = 'deal'"
    " ORDER BY t.happened_at DESC, t.fact_id, other.organization_id LIMIT ?"
)
AT_CUSTOMERS: Final = (
    f"SELECT {DEAL}, t.organization_id AS customer_id, other.organization_id, o.name AS called FROM timeline t"
    " JOIN deal d ON d.fact_id = t.fact_id AND d.deleted_at IS NULL"
    " JOIN timeline other ON other.fact_id = t.fact_id AND other.organization_id <> t.organization_id"
    " JOIN organization o ON o.organization_id = other.organization_id AND o.deleted_at IS NULL"
    " WHERE t.organization_id IN ({marks}) AND t.entity <> 'touchpoint' AND t.entity = 'deal'"
    f" AND other.organization_id <> ? AND {IS_PARTNER}"
    " ORDER BY t.happened_at DESC, t.fact_id, other.organization_id LIMIT ?"
)
ROLES: Final = (
    "SELECT l.fact_id, l.role FROM fact_link l JOIN organization_link k ON k.record = substr(l.anchor, 8)"
    " AND k.ended_at IS NULL WHERE l.fact_id IN ({marks}) AND l.anchor LIKE 'record:%' AND k.organization_id = ?"
    " UNION SELECT l.fact_id, l.role FROM fact_link l JOIN person_link k ON k.record = substr(l.anchor, 8)"
    " AND k.ended_at IS NULL JOIN person_organization w ON w.person_id = k.person_id"
    " WHERE l.fact_id IN ({marks}) AND l.anchor LIKE 'record:%' AND w.organization_id = ?"
)
PEOPLE: Final = (
    "SELECT p.person_id, p.name, p.email, w.organization_id, o.name AS called, w.role, w.until, mine.until AS left_us"
    " FROM person_organization mine JOIN person_organization w ON w.person_id = mine.person_id"
    " AND w.organization_id <> mine.organization_id"
    " JOIN person p ON p.person_id = mine.person_id AND p.deleted_at IS NULL"
    " JOIN organization o ON o.organization_id = w.organization_id AND o.deleted_at IS NULL"
    " WHERE mine.organization_id = ?"
    " ORDER BY lower(coalesce(p.name, p.email, '')), p.person_id, lower(o.name), w.organization_id, w.role LIMIT ?"
)
PLAIN: Final = frozenset({"", "party", "about"})
"""What a source calls a relation that names no role."""
AT_ONCE: Final = 300


class Other(NamedTuple):
    """Another organization, by what it is called now."""

    organization_id: str
    name: str


@dataclass(frozen=True, slots=True)
class DealsWith:
    """The deals two organizations are in. roles: what the asked one is called in them, the commonest first.

    customers: whose deals these are, for another partner that is active at them.
    """

    other: Other
    deals: tuple[Deal, ...]
    roles: tuple[str, ...] = ()
    customers: tuple[Other, ...] = ()

    @property
    def pipeline(self) -> Pipeline:
        """The open ones of these deals, by currency."""
        return pipeline(self.deals)


@dataclass(frozen=True, slots=True)
class PersonInCommon:
    """Somebody who works, or worked, at both. until: of the other one; left_us: of the asked one."""

    person_id: str
    name: str
    other: Other
    role: str
    until: str | None
    left_us: str | None


@dataclass(frozen=True, slots=True)
class Overlaps:
    """All that is in common. deals: different ones with customers. cut: whether there is more than was looked at."""

    customers: tuple[DealsWith, ...] = ()
    partners: tuple[DealsWith, ...] = ()
    people: tuple[PersonInCommon, ...] = ()
    cut: bool = False

    @property
    def pipeline(self) -> Pipeline:
        """The open deals with customers, each counted once, by currency."""
        return pipeline({deal.fact_id: deal for each in self.customers for deal in each.deals}.values())


@dataclass(slots=True)
class Gathered:
    """What one other organization has in common so far."""

    name: str
    deals: dict[str, Deal] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)


def overlaps(viewer: Viewer, connection: Connection, organization_id: str) -> Overlaps:
    """What an organization has in common with others, as far as the viewer may know of them; most deals first.

    Looks at the newest 2,000 shared deals, and at 200 customers.
    """
    own = viewer.only(organization_id)
    shared = connection.records(SHARED, (own, MOST_DEALS))
    seen = [row for row in shared if viewer.may_see(row["organization_id"])]
    customers = gathered(row for row in seen if not row["is_partner"])
    partners = gathered(row for row in seen if row["is_partner"])
    asked = list(customers)[:MOST_CUSTOMERS]
    there = at_customers(viewer, connection, own, asked)
    for row in there:
        gather(partners, row, (row["customer_id"], customers[row["customer_id"]].name))
    roles = roles_in(connection, own, [row["fact_id"] for row in seen])
    people = connection.records(PEOPLE, (own, MOST_PEOPLE))
    cut = len(shared) >= MOST_DEALS or len(customers) > MOST_CUSTOMERS or len(there) >= MOST_DEALS
    return Overlaps(
        in_order(customers, roles), in_order(partners, {}),
        tuple(person_of(row) for row in people if viewer.may_see(row["organization_id"])),
        cut or len(people) >= MOST_PEOPLE,
    )  # fmt: skip


def at_customers(
    viewer: Viewer, connection: Connection, own: str, customers: Sequence[str]
) -> list[dict[str, Any]]:
    """Deals of these customers that another partner is in."""
    if not customers:
        return []
    statement = AT_CUSTOMERS.format(marks=", ".join("?" * len(customers)))
    rows = connection.records(statement, (*customers, own, MOST_DEALS))
    return [row for row in rows if viewer.may_see(row["organization_id"])]


def roles_in(connection: Connection, own: str, fact_ids: Sequence[str]) -> dict[str, list[str]]:
    """Deal → what the organization, or somebody of it, is called in it."""
    found: dict[str, list[str]] = {}
    wanted = list(dict.fromkeys(fact_ids))
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        statement = ROLES.format(marks=", ".join("?" * len(some)))
        for fact_id, role in sorted(connection.query(statement, (*some, own, *some, own))):
            if role not in PLAIN:
                found.setdefault(fact_id, []).append(role)
    return found


def gathered(rows: Iterable[dict[str, Any]]) -> dict[str, Gathered]:
    """Rows by the other organization."""
    found: dict[str, Gathered] = {}
    for row in rows:
        gather(found, row)
    return found


def gather(found: dict[str, Gathered], row: dict[str, Any], customer: tuple[str, str] | None = None) -> None:
    """Add one deal to what is in common with the other organization of its row."""
    with_it = found.setdefault(row["organization_id"], Gathered(row["called"]))
    with_it.deals[row["fact_id"]] = Deal(**{name: row[name] for name in Deal.__dataclass_fields__})
    if customer:
        with_it.customers[customer[0]] = customer[1]


def in_order(found: dict[str, Gathered], roles: dict[str, list[str]]) -> tuple[DealsWith, ...]:
    """With whom there are most open deals first, then most deals, then by name."""
    made = [
        DealsWith(
            Other(organization_id, each.name),
            tuple(sorted(each.deals.values(), key=lambda deal: deal.status != "open")),
            common_first(role for fact_id in each.deals for role in roles.get(fact_id, ())),
            tuple(Other(*one) for one in sorted(each.customers.items(), key=lambda one: one[1].casefold())),
        )
        for organization_id, each in found.items()
    ]
    return tuple(
        sorted(
            made,
            key=lambda each: (-each.pipeline.deals, -len(each.deals), each.other.name.casefold(), each.other),
        )
    )


def common_first(words: Iterable[str]) -> tuple[str, ...]:
    """Different words, the commonest first."""
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return tuple(sorted(counts, key=lambda word: (-counts[word], word)))


def person_of(row: dict[str, Any]) -> PersonInCommon:
    """A row as a person."""
    return PersonInCommon(
        row["person_id"], row["name"] or row["email"] or "Without a name",
        Other(row["organization_id"], row["called"]), row["role"] or "", row["until"], row["left_us"],
    )  # fmt: skip
