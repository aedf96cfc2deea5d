"""What stewards are told of persons: why two are one or are asked about, and how one came about."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.queries.sides import Side

TOLD: Final = {
    "addresses": "They have one name and one employer, and different addresses of one domain: two people, or one with"
    " two addresses.",
    "either": "They have one name and one employer, and so has somebody else: it could be either.",
    "moved": "Hardly anybody bears this name; one has left an employer, the other works for another one: perhaps they"
    " moved.",
    "mailbox": "They are given with one address, and their names have nothing in common: a mailbox of two, or one"
    " person by another name.",
    "registry": "They share an identifier, and have different numbers in a register in which one has one number.",
    "size": "They are one now, of so many records that it may be several.",
}
"""Why two persons are asked about, in a sentence."""
JOINED: Final = {
    "founding": "the first record of this person",
    "key:email": "has an address in common with another one",
    "key:name": "has the name of another one, at one place",
    "key:registry": "has a number in common with another one",
    "key:crm_id": "has a reference in common with another one",
    "merged_into": "was merged at its source",
    "decision": "somebody said so",
    "kept": "is gone, and stays where it was",
}
"""How a record came to its person."""


def what_joins(connection: Connection, one: Side, other: Side) -> str:
    """Why two records are one person: how the one that came later came."""
    from warehouse.queries.identity import links_at

    named = {side.record for side in (one, other)}
    links = [each for each in links_at(connection, str(one.id), entity="person") if each.record in named]
    how = {JOINED.get(each.method, each.method) for each in links if each.method != "founding"}
    return (
        f"{'; '.join(sorted(how))}.".capitalize()
        if how
        else "They are one through other records of this person."
    )


def what_parts(connection: Connection, one: Side, other: Side) -> str:
    """Why two are not one person: what the rules ask about, or that nothing speaks for it."""
    from warehouse.queries.identity import doubts_between

    asked = [TOLD[each] for each in doubts_between(connection, one.records, other.records) if each in TOLD]
    return " ".join(asked) or "They share no address, and no name at one place; a name alone joins nobody."


def history(connection: Connection, meant: Side) -> dict[str, Any]:
    """How the records of a person came together: links in order, verdicts, ids that answer by this one, events."""
    from warehouse.queries.identity import events_of, former_ids, links_at, verdicts_on
    from warehouse.queries.naming import names_of

    person_id, names = str(meant.id), names_of(connection, meant.records)
    links = sorted(
        links_at(connection, person_id, entity="person"), key=lambda each: (each.started_at, each.record)
    )
    return {
        "person": {"person_id": person_id, "name": meant.name},
        "links": [{**asdict(each), "called": names.get(each.record, each.record)} for each in links],
        "verdicts": [asdict(each) for each in verdicts_on(connection, person_id, entity="person")],
        "former_ids": former_ids(connection, person_id),
        "events": events_of(connection, person_id),
    }
