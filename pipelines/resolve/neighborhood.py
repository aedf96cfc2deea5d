"""What a change can reach: the records whose grouping has to be decided again, and what is known about them.

A neighborhood is closed: everything linked to the same ids, every pair that may join, every strong identifier and
every verdict of its records lies inside. Grouping it alone therefore gives what grouping everything would give.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from partnerhub.identity.people import RARE
from partnerhub.identity.policy import DEFAULT, Policy
from warehouse import bulk
from warehouse.database import Connection

Entity = Literal["organization", "person"]

LINK_TABLE = {"organization": "organization_link", "person": "person_link"}
ID_COLUMN = {"organization": "organization_id", "person": "person_id"}
STAGED_TABLE = {"organization": "staged_organization", "person": "staged_person"}
STRONG_KEYS = {"organization": ("registry", "crm_id"), "person": ("email", "registry", "crm_id")}

# Everywhere `reached` comes first: left to itself, SQLite would read the whole of the other table for a single record.
LINKED = """
SELECT mate.record FROM reached CROSS JOIN {links} mine CROSS JOIN {links} mate
WHERE mine.record = reached.record AND mine.ended_at IS NULL AND mate.{id} = mine.{id} AND mate.ended_at IS NULL
"""
PAIRED = """
SELECT right_record FROM reached CROSS JOIN match_edge WHERE left_record = record AND {near} AND entity = '{entity}'
UNION
SELECT left_record FROM reached CROSS JOIN match_edge WHERE right_record = record AND {near} AND entity = '{entity}'
"""
NEAR = "(band = 'auto' OR band = 'review' AND score > {least})"
"""Pairs that may join, and those that come so close that a record with nothing but a name joins nobody."""

DECIDED = """
SELECT right_record FROM reached CROSS JOIN decision WHERE left_record = record AND entity = '{entity}'
UNION
SELECT left_record FROM reached CROSS JOIN decision WHERE right_record = record AND entity = '{entity}'
"""
STAYING = """
SELECT with_record FROM reached CROSS JOIN stays_with s WHERE s.record = reached.record AND entity = '{entity}'
UNION
SELECT s.record FROM reached CROSS JOIN stays_with s WHERE s.with_record = reached.record AND entity = '{entity}'
"""
MERGED = """
SELECT to_record FROM reached CROSS JOIN staged_relation r WHERE from_record = reached.record AND kind = 'merged_into'
UNION
SELECT from_record FROM reached CROSS JOIN staged_relation r WHERE to_record = reached.record AND kind = 'merged_into'
"""
SAME_KEY = """
SELECT other.record FROM reached CROSS JOIN key mine CROSS JOIN key other
WHERE mine.record = reached.record AND mine.kind IN ({kinds})
AND other.kind = mine.kind AND other.normalized = mine.normalized AND other.scheme = mine.scheme
AND other.entity = '{entity}'
"""
NAMESAKES = """
SELECT other.record FROM reached CROSS JOIN key mine CROSS JOIN staged_relation here
CROSS JOIN organization_link employer CROSS JOIN key other CROSS JOIN staged_relation there
CROSS JOIN organization_link too
WHERE mine.record = reached.record AND mine.kind = 'name'
AND here.from_record = mine.record AND here.kind = 'works_at' AND here.deleted_at IS NULL
AND employer.record = here.to_record AND employer.ended_at IS NULL
AND other.normalized = mine.normalized AND other.kind = 'name' AND other.entity = 'person'
AND other.record <> mine.record
AND there.from_record = other.record AND there.kind = 'works_at' AND there.deleted_at IS NULL
AND too.record = there.to_record AND too.ended_at IS NULL AND too.organization_id = employer.organization_id
UNION
SELECT other.record FROM reached CROSS JOIN key mine CROSS JOIN key phone CROSS JOIN key other CROSS JOIN key too
WHERE mine.record = reached.record AND mine.kind = 'name' AND phone.record = reached.record AND phone.kind = 'phone'
AND other.normalized = mine.normalized AND other.kind = 'name' AND other.entity = 'person'
AND other.record <> mine.record
AND too.record = other.record AND too.kind = 'phone' AND too.normalized = phone.normalized
"""
"""Persons of one name at one employer, or behind one phone."""
RARE_NAME = f"""
SELECT other.record FROM reached CROSS JOIN key mine CROSS JOIN key other
WHERE mine.record = reached.record AND mine.kind = 'name' AND mine.normalized LIKE '% %'
AND NOT EXISTS (SELECT 1 FROM key k WHERE k.kind = 'name' AND k.normalized = mine.normalized AND k.entity = 'person'
LIMIT 1 OFFSET {2 * RARE})
AND other.kind = 'name' AND other.normalized = mine.normalized AND other.entity = 'person'
"""
"""Persons of one name, unless it is far from rare: the questions about them stand or fall together."""
COMMON = f"""
SELECT DISTINCT mine.normalized FROM reached CROSS JOIN key mine
WHERE mine.record = reached.record AND mine.kind = 'name'
AND EXISTS (SELECT 1 FROM key k WHERE k.kind = 'name' AND k.normalized = mine.normalized AND k.entity = 'person'
LIMIT 1 OFFSET {RARE})
"""
"""Names of the records in the temporary table `reached` that are not rare."""

QUESTIONED = """
SELECT right_record FROM reached CROSS JOIN identity_review
WHERE left_record = record AND entity = '{entity}' AND reason = 'retrained' AND closed_at IS NULL
UNION
SELECT left_record FROM reached CROSS JOIN identity_review
WHERE right_record = record AND entity = '{entity}' AND reason = 'retrained' AND closed_at IS NULL
"""
"""What retraining left as a question stands or falls together."""

KNOWN = """
SELECT record FROM reached WHERE EXISTS (SELECT 1 FROM {staged} s WHERE s.record = reached.record)
OR EXISTS (SELECT 1 FROM {links} l WHERE l.record = reached.record AND l.ended_at IS NULL)
"""


@dataclass(frozen=True, slots=True)
class Names:
    """The tables and columns of one entity."""

    entity: Entity

    @property
    def links(self) -> str:
        """The ledger table of its links."""
        return LINK_TABLE[self.entity]

    @property
    def id(self) -> str:
        """The id column of that table."""
        return ID_COLUMN[self.entity]

    @property
    def staged(self) -> str:
        """Its staged table."""
        return STAGED_TABLE[self.entity]

    def spelled(self, template: str) -> str:
        """A query template with this entity's tables."""
        kinds = ", ".join(f"'{kind}'" for kind in STRONG_KEYS[self.entity])
        return template.format(
            entity=self.entity, links=self.links, id=self.id, staged=self.staged, kinds=kinds
        )


def closed_neighborhood(
    connection: Connection, entity: Entity, records: Iterable[str], policy: Policy = DEFAULT
) -> set[str]:
    """All records of an entity whose grouping could depend on the given ones. Writes a temporary table only."""
    names = Names(entity)
    paired = PAIRED.replace("{near}", NEAR.format(least=policy.auto - policy.mention_lead))
    steps = [
        names.spelled(template)
        for template in (LINKED, paired, DECIDED, MERGED, QUESTIONED, STAYING, SAME_KEY)
    ]
    if entity == "person":
        steps += [NAMESAKES, names.spelled(RARE_NAME)]
    reached, seen, frontier = set[str](), set[str](), set(records)
    while frontier:
        load_reached(connection, frontier)
        # Unknown ones (never staged, or of the other entity) belong to nothing and lead nowhere.
        known = {row[0] for row in connection.query(names.spelled(KNOWN))}
        load_reached(connection, known)
        reached |= known
        seen |= frontier
        frontier = {row[0] for step in steps for row in connection.query(step)} - seen
    return reached


def load_reached(connection: Connection, records: Iterable[str]) -> None:
    """Fill the temporary table `reached`, which the queries of this room join against."""
    bulk.load_keys(connection, "reached", ("record",), ((record,) for record in sorted(records)))
