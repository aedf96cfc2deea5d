"""`partnerhub why`, `why-not` and `how`: the evidence behind a partner in words, per field and with numbers."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli import of_persons
from partnerhub.cli.acting import two_sides
from partnerhub.cli.invocation import AsJson, configuration, warehouse
from partnerhub.cli.output import answer, day, prose, table
from partnerhub.stewardship.evidence import edge_data, explanation, record_names
from partnerhub.stewardship.persons import history as history_of_person

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from warehouse.database import Connection
    from warehouse.queries.sides import Side

Sides = Annotated[str, typer.Argument(help="A partner (name, domain or id) or a record's key.")]
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
            told = history_of_person(connection, meant)
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
    console.print("→ `partnerhub undo --list` shows what people decided; `partnerhub show NAME` the rest.")


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
