"""The orders of the list of partners, each down to the id, as the indexes have them."""

from __future__ import annotations

from typing import Final, NamedTuple

FROM: Final = (
    "organization o LEFT JOIN search_entry e ON e.kind = 'organization' AND e.id = o.organization_id"
    " AND e.organization_id = o.organization_id"
)


class Sort(NamedTuple):
    """An order of the list, down to the id, so that an index has it. Expressions are those of the indexes.

    by: an SQL expression that is never null. said: the same as text; given: that text as `by` again. source: the tables
    in the order in which they are walked.
    """

    by: str
    descending: bool = False
    said: str = ""
    given: str = "?"
    source: str = FROM

    @property
    def of_id(self) -> str:
        """The id, in the table whose index has the order."""
        return "o.organization_id" if self.source == FROM else "e.organization_id"

    @property
    def way(self) -> str:
        """Which way it goes."""
        return "DESC" if self.descending else "ASC"

    @property
    def beyond(self) -> str:
        """How what comes later compares."""
        return "<" if self.descending else ">"


BY_CONTACT: Final = {
    "sqlite": (
        "search_entry e INDEXED BY search_entry_contact CROSS JOIN organization o"
        " ON e.kind = 'organization' AND e.id = o.organization_id"
    ),
    "postgresql": (
        "search_entry e JOIN LATERAL (SELECT * FROM organization WHERE organization_id = e.id OFFSET 0) o"
        " ON e.kind = 'organization'"
    ),
}
"""Each organization has an entry, and the newest touchpoint stands there. Both engines are told to walk entries:
PostgreSQL guesses that hardly any has an organization, and would read all."""
SORTS: Final = {
    "name": Sort("lower(o.name)"),
    "-name": Sort("lower(o.name)", descending=True),
    "contact": Sort("contact", descending=True),
    "-contact": Sort("contact"),
    "tier": Sort("coalesce(o.tier, '~')"),
    "owner": Sort("coalesce(lower(o.owner), '~')"),
    "country": Sort("coalesce(o.country, '~')"),
    "records": Sort("o.record_count", descending=True, given="CAST(? AS INTEGER)"),
}
"""`contact`: the newest first; `-contact`: those nobody spoke with for longest first. What is unset sorts last."""
OF_CONTACT: Final = {
    "sqlite": Sort(
        "coalesce(e.happened_at, '')", source=BY_CONTACT["sqlite"],
    ),
    "postgresql": Sort(
        "coalesce(e.happened_at, '-infinity'::timestamptz)", said="coalesce(CAST(e.happened_at AS TEXT), '')",
        given="coalesce(CAST(nullif(CAST(? AS TEXT), '') AS timestamptz), '-infinity')",
        source=BY_CONTACT["postgresql"],
    ),
}  # fmt: skip
"""By time, in each engine's own words; nothing comes before everything."""


FEW_BY_CONTACT: Final = {
    name: each._replace(source=FROM.replace("LEFT JOIN", join))
    for (name, each), join in zip(OF_CONTACT.items(), ("CROSS JOIN", "JOIN"), strict=True)
}
"""The same orders of a few organizations, which are looked up first."""


def sort_of(name: str, dialect: str, *, is_few: bool = False) -> Sort:
    """The order of a list. is_few: its organizations are looked up by their ids."""
    sort = SORTS.get(name, SORTS["name"])
    if sort.by != "contact":
        return sort
    return (FEW_BY_CONTACT if is_few else OF_CONTACT)[dialect]._replace(descending=sort.descending)
