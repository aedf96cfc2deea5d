"""Everything that bears on two sides being one, in words: who decided, what they share, what each field weighs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnerhub.stewardship import persons

if TYPE_CHECKING:
    from partnerhub.identity.policy import Policy
    from warehouse.database import Connection
    from warehouse.queries.pairs import Between, Edge, Tie, Word
    from warehouse.queries.sides import Side

SAID: Final = {"same": "are one", "different": "are different", "unsure": "may or may not be one"}
RELATIONS: Final = {
    "merged_into": "was merged into",
    "parent_of": "is the parent of",
    "branch_of": "is a branch of",
    "family": "is of one family with",
}


def explanation(connection: Connection, one: Side, other: Side, policy: Policy) -> dict[str, Any]:
    """Everything that bears on two sides being one, as data."""
    from warehouse.queries.pairs import between, path_between

    together = one.records == other.records or (one.id is not None and one.id == other.id)
    lefts, rights = asked_records(one, together=together), asked_records(other, together=together)
    found = between(connection, lefts, rights)
    names = record_names(connection, {*one.records, *other.records})
    chain: list[Edge] = []
    if together and one.record and other.record and not found.edges:
        inside = between(connection, one.records, one.records)
        chain = path_between([e for e in inside.edges if e.band != "veto"], one.record, other.record)
    strongest = found.edges[0] if found.edges else None
    return {
        "one": together,
        "called": "person" if one.entity == "person" else "partner",
        "left": {"name": one.name, "id": one.id, "record": one.record, "records": list(one.records)},
        "right": {"name": other.name, "id": other.id, "record": other.record, "records": list(other.records)},
        "verdict": binding(connection, found, policy, (one, other), together=together),
        "decisions": [{**word._asdict(), "words": word_words(word, names)} for word in found.words],
        "relations": [{**tie._asdict(), "words": relation_words(tie, names)} for tie in found.relations],
        "shared": [tie._asdict() for tie in found.shared],
        "strongest": edge_data(strongest, names),
        "chain": [edge_data(edge, names) for edge in chain],
        "next": next_command(one, other, strongest, together=together),
    }


def asked_records(side: Side, *, together: bool) -> tuple[str, ...]:
    """The record that was named, within one partner; else all of that side."""
    return (side.record,) if side.record and together else side.records


def record_names(connection: Connection, records: set[str]) -> dict[str, str]:
    """Record key → what people call it."""
    from warehouse.queries.naming import names_of

    return names_of(connection, sorted(records))


def edge_data(edge: Edge | None, names: dict[str, str]) -> dict[str, Any] | None:
    """A scored pair as data."""
    from partnerhub.identity.bands import probability_of

    if edge is None:
        return None
    called = {
        "left_called": names.get(edge.left, edge.left),
        "right_called": names.get(edge.right, edge.right),
    }
    return {**edge._asdict(), **called, "probability": round(probability_of(edge.score), 4)}


def binding(
    connection: Connection, found: Between, policy: Policy, sides: tuple[Side, Side], *, together: bool
) -> str:
    """The one sentence that answers: what, above all, makes them one or keeps them apart."""
    said = any(word.verdict == ("same" if together else "different") for word in found.words)
    if sides[0].entity == "person" and not said:
        return (persons.what_joins if together else persons.what_parts)(connection, *sides)
    return what_joins(found) if together else what_parts(found, policy)


def what_joins(found: Between) -> str:
    """Why the two are one, by what binds most."""
    said = [word for word in found.words if word.verdict == "same"]
    if said:
        last = max(said, key=lambda word: word.at)
        return f"{last.actor} said on {last.at[:10]} that they are one."
    if any(tie.kind == "merged_into" for tie in found.relations):
        return "Their source merged one into the other."
    strong = next((tie for tie in found.shared if tie.kind in {"registry", "crm_id", "email"}), None)
    if strong:
        return f"They share {strong.kind.replace('_', ' ')} {strong.value}."
    return "They are alike enough." if found.edges else "They are one through other records of this partner."


def what_parts(found: Between, policy: Policy) -> str:
    """Why the two are not one, by what binds most."""
    strongest = found.edges[0] if found.edges else None
    said = {word.verdict: word for word in sorted(found.words, key=lambda word: word.at)}
    if "different" in said:
        return f"{said['different'].actor} said on {said['different'].at[:10]} that they are different."
    if clash := clashing(found, policy):
        return f"They have different numbers in one register: {clash}."
    if any(tie.kind in {"parent_of", "branch_of", "family"} for tie in found.relations):
        return "One is part of the other; that is a relation, not the same organization."
    if strongest is None:
        return "Nothing they say is alike enough to compare them, so nothing speaks for it."
    return what_scores_say(strongest, policy)


def what_scores_say(strongest: Edge, policy: Policy) -> str:
    """Why a scored pair did not join."""
    from partnerhub.identity.bands import probability_of

    if strongest.band == "veto":
        return "One piece of evidence keeps them apart whatever else agrees."
    share, auto = told_apart(probability_of(strongest.score), probability_of(policy.auto))
    if strongest.score < policy.auto:
        return f"The evidence makes it {share} probable; from {auto} on they would join by themselves."
    return (
        f"Their strongest pair of records is {share} probable, but taken together with their other records,"
        " or by a guard, that is not enough."
    )


def told_apart(share: float, other: float) -> tuple[str, str]:
    """Two probabilities in whole percents, with as many digits more as tell them apart."""
    for digits in range(4):
        said = f"{share:.{digits}%}", f"{other:.{digits}%}"
        if said[0] != said[1] or share == other:
            break
    return said


def clashing(found: Between, policy: Policy) -> str:
    """Numbers of one exclusive register that differ: `lei 5299… / 3912…`."""
    mine, others = found.numbers
    for scheme in sorted({number.scheme for number in mine} & policy.exclusive_schemes):
        left = {number.value for number in mine if number.scheme == scheme}
        right = {number.value for number in others if number.scheme == scheme}
        if right and not left & right:
            return f"{scheme} {', '.join(sorted(left))} / {', '.join(sorted(right))}"
    return ""


def next_command(one: Side, other: Side, strongest: Edge | None, *, together: bool) -> str:
    """What to do about it."""
    if together:
        record = other.record or one.record
        if record and one.id:
            return f"If that is wrong: `partnerhub split {one.id} {record} --reason …`"
        return f"Record by record: `partnerhub how {one.id}`"
    left, right = (strongest.left, strongest.right) if strongest else (one.records[0], other.records[0])
    return f"If they are one: `partnerhub merge {left} {right} --reason …`"


def word_words(word: Word, names: dict[str, str]) -> str:
    """`ann said on 2026-10-01 that HubSpot company 1 and row 2 are different (two branches)`."""
    reason = f" ({word.reason})" if word.reason else ""
    pair = f"{names.get(word.left, word.left)} and {names.get(word.right, word.right)}"
    return f"{word.actor} said on {word.at[:10]} that {pair} {SAID[word.verdict]}{reason}"


def relation_words(tie: Tie, names: dict[str, str]) -> str:
    """`HubSpot company 2 was merged into HubSpot company 1`."""
    return f"{names.get(tie.left, tie.left)} {RELATIONS[tie.kind]} {names.get(tie.right, tie.right)}"
