"""`partnerhub why`, `why-not` and `how`: the evidence behind a partner in words, per field and with numbers."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli import of_persons
from partnerhub.cli.acting import two_sides
from partnerhub.cli.invocation import AsJson, configuration, warehouse
from partnerhub.cli.output import answer, day, prose, table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from partnerhub.identity.policy import Policy
    from warehouse.database import Connection
    from warehouse.queries.pairs import Between, Edge, Tie, Word
    from warehouse.queries.sides import Side

Sides = Annotated[str, typer.Argument(help="A partner (name, domain or id) or a record's key.")]
SAID: Final = {"same": "are one", "different": "are different", "unsure": "may or may not be one"}
RELATIONS: Final = {
    "merged_into": "was merged into",
    "parent_of": "is the parent of",
    "branch_of": "is a branch of",
    "family": "is of one family with",
}
BANDS: Final = {
    "auto": "enough to join by itself",
    "review": "not enough to join by itself: a person is asked",
    "veto": "kept apart whatever else agrees",
}
WORDS_AT_MOST: Final = 8
"""Verdicts shown of one kind: a split of large partners leaves hundreds."""


def why(context: typer.Context, left: Sides, right: Sides, as_json: AsJson = False) -> None:
    """Say why two records or partners are one: who decided, what they share, how much each field weighs."""
    explain(context, left, right, as_json=as_json)


def why_not(context: typer.Context, left: Sides, right: Sides, as_json: AsJson = False) -> None:
    """Say why two records or partners are not one: who said so, what speaks against it, what is missing."""
    explain(context, left, right, as_json=as_json)


def explain(context: typer.Context, left: str, right: str, *, as_json: bool) -> None:
    """The same answer to both questions: whether they are one, and all that bears on it."""
    from pipelines.settings import policy_of

    policy = policy_of(configuration(context, with_settings=False))
    with warehouse(context).session() as connection:
        one, other = two_sides(connection, left, right, as_json=as_json)
        data = explanation(connection, one, other, policy)
    answer(data, lambda console: show_explanation(console, data), as_json=as_json)


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
        return (of_persons.what_joins if together else of_persons.what_parts)(connection, *sides)
    return what_joins(found) if together else what_parts(found, policy)


def what_joins(found: Between) -> str:
    """Why the two are one, by what binds most."""
    said = [word for word in found.words if word.verdict == "same"]
    if said:
        last = max(said, key=lambda word: word.at)
        return f"{last.actor} said on {day(last.at)} that they are one."
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
        return f"{said['different'].actor} said on {day(said['different'].at)} that they are different."
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
    return f"{word.actor} said on {day(word.at)} that {pair} {SAID[word.verdict]}{reason}"


def relation_words(tie: Tie, names: dict[str, str]) -> str:
    """`HubSpot company 2 was merged into HubSpot company 1`."""
    return f"{names.get(tie.left, tie.left)} {RELATIONS[tie.kind]} {names.get(tie.right, tie.right)}"


def show_explanation(console: Console, data: dict[str, Any]) -> None:
    """The answer first, then everything it rests on."""
    left, right = data["left"], data["right"]
    state = f"are one {data['called']}" if data["one"] else "are not one"
    prose(console, f"{left['name']} and {right['name']} {state}. {data['verdict']}", style="bold")
    for each in data["decisions"][:WORDS_AT_MOST]:
        prose(console, each["words"], indent=2)
    if len(data["decisions"]) > WORDS_AT_MOST:
        prose(console, f"and {len(data['decisions']) - WORDS_AT_MOST:,} verdicts more", indent=2)
    for each in data["relations"]:
        prose(console, f"{each['words']}, says its source", indent=2)
    shared = dict.fromkeys(f"{tie['kind'].replace('_', ' ')} {tie['value']}" for tie in data["shared"])
    if shared:
        prose(console, f"shared: {', '.join(shared)}", indent=2)
    for edge in [data["strongest"], *data["chain"]]:
        if edge:
            show_edge(console, edge)
    console.print(f"→ {data['next']}", markup=False, soft_wrap=True)


def show_edge(console: Console, edge: dict[str, Any]) -> None:
    """One scored pair: its sum, and what each field adds."""
    console.print()
    prose(
        console,
        f"{edge['left_called']} and {edge['right_called']}: {edge['probability']:.0%} probable"
        f" ({edge['score']:+.1f} bits), {BANDS.get(edge['band'], edge['band'])}.",
    )
    console.print(evidence_table(edge["why"]))


def evidence_table(why: list[dict[str, Any]]) -> Table:
    """What was compared, what both say, what that means, and how many bits it weighs."""
    rows = [
        (each["what"].replace("_", " "), each["left"], each["right"], each["words"], f"{each['weight']:+.1f}")
        for each in why
    ]
    return table(("compared", "one", "other", "what it says", "#bits"), rows)


def how(
    context: typer.Context,
    partner: Annotated[str, typer.Argument(help="Name, part of it, domain or id.")],
    as_json: AsJson = False,
) -> None:
    """Tell how a partner came about: record by record, value by value, with every number and who lost."""
    from partnerhub.cli.acting import side
    from partnerhub.cli.partners import whole

    with warehouse(context).session() as connection:
        meant = side(connection, partner, as_json=as_json)
        if meant.entity == "person":
            told = of_persons.history(connection, meant)
            answer(told, lambda console: of_persons.show_history(console, told), as_json=as_json)
            return
        data = {**whole(connection, str(meant.id)), **history(connection, meant)}
    answer(data, lambda console: show_how(console, data), as_json=as_json)


def history(connection: Connection, meant: Side) -> dict[str, Any]:
    """How the records came together: links in order, scored pairs, verdicts, ids that answer by this one, events."""
    from warehouse.queries.identity import events_of, former_ids, links_at, verdicts_on
    from warehouse.queries.pairs import between

    organization_id = str(meant.id)
    inside = between(connection, meant.records, meant.records)
    names = record_names(connection, set(meant.records))
    links = sorted(links_at(connection, organization_id), key=lambda each: (each.started_at, each.record))
    return {
        "links": [{**asdict(each), "called": names.get(each.record, each.record)} for each in links],
        "pairs": [edge_data(edge, names) for edge in inside.edges],
        "shared": [tie._asdict() for tie in inside.shared],
        "verdicts": [asdict(each) for each in verdicts_on(connection, organization_id)],
        "former_ids": former_ids(connection, organization_id),
        "events": events_of(connection, organization_id),
    }


def show_how(console: Console, data: dict[str, Any]) -> None:
    """Records in the order they came, the pairs that tie them with their numbers, the values and who lost."""
    from partnerhub.cli.record_page import provenance_table, show_records, spoken

    organization = data["organization"]
    prose(console, organization["name"], style="bold")
    prose(console, f"answers by {organization['organization_id']}", style="dim")
    for event in data["events"]:
        prose(console, event_words(event), indent=2)
    console.print()
    show_records(console, data["records"])
    for edge in data["pairs"][:WORDS_AT_MOST]:
        show_edge(console, edge)
    if len(data["pairs"]) > WORDS_AT_MOST:
        prose(console, f"{len(data['pairs']) - WORDS_AT_MOST:,} more pairs: `--json` has them all.")
    console.print(provenance_table(spoken(data["values"])))
    console.print("→ `partnerhub undo --list` shows what people decided; `partnerhub show` the rest.")


def event_words(event: dict[str, Any]) -> str:
    """`2026-10-01: 7c… came under this id (merged)`."""
    told = {
        "minted": "the id was given",
        "merged": f"{event['entity_id']} came under {event['other_id']}",
        "redirected": f"{event['entity_id']} came under {event['other_id']}",
        "revived": f"{event['entity_id']} stands for itself again",
        "split": f"{event['entity_id']} left {event['other_id']}",
        "moved": f"{event['record']} came from {event['other_id']}",
    }
    return f"{day(event['recorded_at'])}: {told.get(event['kind'], event['kind'])} ({event['cause']})"
