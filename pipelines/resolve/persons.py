"""What identity may know of persons: who shares an address or a number, who bears a name where, who is in doubt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from partnerhub.identity.grouping import Guarded, Must
from partnerhub.identity.mailboxes import mailbox
from partnerhub.identity.people import PHONE, Doubt, Known, compared_by_name, is_role_address
from partnerhub.identity.policy import DEFAULT
from pipelines.resolve.gone import Key
from pipelines.resolve.neighborhood import COMMON, Names
from warehouse.database import Connection

POLICY: Final = replace(DEFAULT, largest_group=25)
"""One human has some records in each system; what grows beyond that is looked at."""
STAGED: Final = (
    "SELECT s.record, s.name FROM reached CROSS JOIN staged_person s WHERE s.record = reached.record"
)
KEYS: Final = """
SELECT k.record, k.kind, k.scheme, k.normalized FROM reached CROSS JOIN key k
WHERE k.record = reached.record AND k.kind IN ('email', 'name', 'phone', 'registry', 'crm_id') AND k.entity = 'person'
"""
EMPLOYERS: Final = """
SELECT reached.record, l.organization_id, r.until FROM reached
CROSS JOIN staged_relation r CROSS JOIN organization_link l
WHERE r.from_record = reached.record AND r.kind = 'works_at' AND r.deleted_at IS NULL
AND l.record = r.to_record AND l.ended_at IS NULL
"""
NUMBERS: Final = ("registry", "crm_id")


class Persons(NamedTuple):
    """The staged persons of a neighborhood.

    keys: (record, kind, scheme, value). employers: (record, organization, day it ended). common: names that are not
    rare.
    """

    names: Mapping[str, str | None]
    keys: list[tuple[str, str, str, str]]
    employers: list[tuple[str, str, str | None]]
    common: frozenset[str]

    def guarded(self) -> dict[str, Guarded]:
        """What restrains each of them: numbers of which one person has one."""
        numbers: dict[str, set[tuple[str, str]]] = {}
        for record, kind, scheme, value in self.keys:
            if kind == "registry":
                numbers.setdefault(record, set()).add((scheme, value))
        return {record: Guarded(frozenset(numbers.get(record, ()))) for record in self.names}

    def shared(self, among: Collection[str]) -> tuple[list[tuple[Key, str]], list[Doubt]]:
        """What joins records that have it in common, per record; and who shares an address by two names."""
        holders: dict[str, dict[str, str | None]] = {}
        keyed: list[tuple[Key, str]] = []
        doubts: list[Doubt] = []
        for record, kind, scheme, value in self.keys:
            if record not in among:
                continue
            if kind == "email":
                holders.setdefault(value, {})[record] = self.names[record]
            elif kind in NUMBERS:
                keyed.append(((kind, (scheme, value)), record))
        for address, names in sorted(holders.items()):
            found = mailbox(address, names)
            keyed += [(("email", (address, owner)), record) for record, owner in found.owner.items()]
            doubts += found.doubts
        return keyed, doubts

    def by_name(self, among: Collection[str]) -> tuple[list[Must], list[Doubt]]:
        """Who is one by name and place, and who may be."""
        joins, doubts = compared_by_name(self.known(among), self.common)
        return [Must(*pair, "key:name") for pair in joins], doubts

    def known(self, among: Iterable[str]) -> list[Known]:
        """What these are told apart by: name, own addresses, employers and phones."""
        found: dict[str, dict[str, set[str]]] = {record: {} for record in among}
        for record, kind, _, value in self.keys:
            found.get(record, {}).setdefault(kind, set()).add(value)
        for record, organization_id, until in self.employers:
            said = found.get(record, {})
            said.setdefault("employer", set()).add(organization_id)
            said.setdefault("former" if until else "present", set()).add(organization_id)
        return [
            Known(
                record,
                min(said.get("name", ()), default=None),
                frozenset(address for address in said.get("email", ()) if not is_role_address(address)),
                frozenset(said.get("employer", ()))
                | {f"{PHONE}{number}" for number in said.get("phone", ())},
                left="former" in said and "present" not in said,
            )
            for record, said in found.items()
        ]


def read_persons(connection: Connection, names: Names) -> Persons:
    """The staged persons among the records in the temporary table `reached`."""
    people: dict[str, str | None] = dict(connection.query(STAGED))
    keys = [row for row in connection.query(KEYS) if row[0] in people]
    common = frozenset(row[0] for row in connection.query(names.spelled(COMMON)))
    return Persons(people, sorted(keys), connection.query(EMPLOYERS), common)
