"""`partnerhub review`: what waits for a steward, the most valuable first; decided by key or by a question's id."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli.answering import ANSWERS, STANDINGS, decided
from partnerhub.cli.invocation import AsJson, Limit, warehouse
from partnerhub.cli.output import answer, counted, day, prose, table, with_dim
from partnerhub.cli.stewardship import by_command, now_text, user
from partnerhub.stewardship.persons import TOLD
from partnerhub.stewardship.verdicts import OF_A_PERSON, SIDE_BY_SIDE, SUGGESTED, Answer, Standing, guessed

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.database import Database
    from warehouse.queries.pins import PinConflict
    from warehouse.queries.review import Asked, Question

HANGING: Final = {"organization": ("records", "people", "facts", "deals"), "person": ("employer", "records")}
KEYS: Final = {"s": Answer.SAME, "d": Answer.DIFFERENT, "r": Answer.RELATED, "u": Answer.UNSURE}
Unsure = Annotated[bool, typer.Option("--unsure", help="Also what somebody could not tell.")]

review = typer.Typer(
    help="Decide what the hub does not decide by itself: the most valuable doubtful pairs first.",
    invoke_without_command=True,
)


@review.callback()
def start(context: typer.Context) -> None:
    """Decide what the hub does not decide by itself: the most valuable doubtful pairs first."""
    if context.invoked_subcommand is None:
        queue(context)


@review.command()
def queue(context: typer.Context, unsure: Unsure = False, limit: Limit = 20, as_json: AsJson = False) -> None:
    """List what waits, ordered by value times probability; and pins that a source contradicts."""
    from warehouse.queries.pins import pin_conflicts
    from warehouse.queries.review import count_questions, questions

    with queued(context).session() as connection:
        found, waiting = (
            questions(connection, unsure=unsure, limit=limit),
            count_questions(connection, unsure=unsure),
        )
        conflicts = pin_conflicts(connection)
    data = {
        "waiting": waiting,
        "questions": [question_data(each) for each in found],
        "pin_conflicts": [conflict_data(each) for each in conflicts],
    }

    def show(console: Console) -> None:
        for each in conflicts:
            for line in conflict_words(each):
                prose(console, line)
        if not found:
            console.print("No pair of partners or persons waits for a decision.", markup=False)
            return
        console.print(queue_table(found))
        more = f" {waiting - len(found):,} more wait." if waiting > len(found) else ""
        console.print(f"→ `partnerhub review next` puts the first one side by side.{more}", markup=False)

    answer(data, show, as_json=as_json)


def queued(context: typer.Context) -> Database:
    """The warehouse with its queue: made now where no publication has made it yet, as after an upgrade."""
    from pipelines.golden.questions import make_whole

    database = warehouse(context)
    make_whole(database, now_text())
    return database


@review.command("next")
def next_question(
    context: typer.Context,
    question: Annotated[
        str | None, typer.Argument(help="Id of a question; the first of the queue without.")
    ] = None,
    unsure: Unsure = False,
    as_json: AsJson = False,
) -> None:
    """Put the first question side by side with its evidence; on a terminal, decide by a key."""
    interactive = not as_json and sys.stdin.isatty() and sys.stdout.isatty()
    passed: set[str] = set()
    while True:
        shown = show_question(context, question, passed, unsure=unsure, as_json=as_json)
        if shown is None or not interactive:
            return
        verdict = asked_key()
        if verdict is None:
            passed.add(shown.id)
        else:
            how = asked_how() if verdict is Answer.RELATED else None
            reason = typer.prompt("because", default="", show_default=False).strip() or None
            decided(context, shown.id, None, verdict, by_command(user()), reason, how=how, as_json=False)
        if question is not None:
            return


def show_question(
    context: typer.Context, wanted: str | None, passed: set[str], *, unsure: bool, as_json: bool
) -> Question | None:
    """Show one question; None when nothing is left. Raises NotFound for an id nobody asks by."""
    from warehouse.errors import NotFound
    from warehouse.queries.naming import names_of
    from warehouse.queries.pairs import between
    from warehouse.queries.review import fields_of, question_named, questions

    with queued(context).session() as connection:
        if wanted:
            found = question_named(connection, wanted)
            if found is None:
                raise NotFound(f"No question {wanted} waits.", "`partnerhub review` lists what does.")
        else:
            waiting = questions(connection, unsure=unsure, limit=len(passed) + 1)
            found = next((each for each in waiting if each.id not in passed), None)
        if found is None:
            nothing: dict[str, Any] = {"question": None}
            answer(nothing, lambda console: console.print("Nothing is left to decide."), as_json=as_json)
            return None
        fields = SIDE_BY_SIDE if found.entity == "organization" else OF_A_PERSON
        values = fields_of(connection, (found.left.id, found.right.id), fields, found.entity)
        evidence = between(connection, *((each,) for each in found.pair))
        guess = guessed(connection, found) if found.proposal == "related" else None
        called = names_of(connection, found.pair)
    why = evidence.edges[0].why if evidence.edges else []
    data = {
        "question": {**question_data(found), "called": called, "why": why, "values": values, "guess": guess}
    }
    answer(data, lambda console: show_side_by_side(console, found, data["question"]), as_json=as_json)
    return found


def asked_key() -> Answer | None:
    """A key on the terminal; None for the next question."""
    while True:
        key = (
            str(typer.prompt("[s]ame, [d]ifferent, [r]elated, [u]nsure, [n]ext, [q]uit")).strip().lower()[:1]
        )
        if key == "q":
            raise typer.Exit
        if key == "n":
            return None
        if key in KEYS:
            return KEYS[key]


def asked_how() -> Standing | None:
    """How the two stand to each other; None for what their names say."""
    while True:
        told = (
            "the one is [p]arent, [c]hild, [h]ead office or [b]ranch of the other, [f]amily, Enter as guessed"
        )
        key = str(typer.prompt(told, default="", show_default=False)).strip().lower()[:1]
        if not key or key in STANDINGS:
            return STANDINGS.get(key)


for answering_function, answer_name in ANSWERS:
    review.command(answer_name)(answering_function)


def question_data(question: Question) -> dict[str, Any]:
    """A question as data."""
    from dataclasses import asdict

    return {
        **asdict(question),
        "entity": question.entity,
        "probability": round(question.probability, 4),
        "value": question.value,
        "rank": round(question.rank, 2),
    }


def conflict_data(conflict: PinConflict) -> dict[str, Any]:
    """A contradicted pin as data."""
    from dataclasses import asdict

    return asdict(conflict)


def conflict_words(conflict: PinConflict) -> list[str]:
    """A contradicted pin, and how to settle it."""
    was = f" (it said {conflict.heard} then)" if conflict.heard else ""
    happened = (
        f"{conflict.name}: {conflict.actor} pinned {conflict.field} to {conflict.pinned or 'nothing'} on"
        f" {day(conflict.pinned_at)}; {conflict.record} now says {conflict.says}{was}."
    )
    return [happened, f"  → {settled_by(conflict)}"]


def settled_by(conflict: PinConflict) -> str:
    """The commands that settle a contradicted pin."""
    place = f"{conflict.organization_id} {conflict.field}"
    kept = f'"{conflict.pinned}"' if conflict.pinned is not None else "--empty"
    return f"keep it: `partnerhub pin {place} {kept}`; let go: `partnerhub unpin {place}`"


def queue_table(found: list[Question]) -> Any:
    """The queue on the screen."""
    rows = (
        (
            each.id,
            with_dim(each.left.name, place_of(each.left)),
            with_dim(each.right.name, place_of(each.right)),
            f"{each.probability:.0%}" if each.entity == "organization" else "",
            f"{each.value:.1f}",
            "somebody was unsure" if each.unsure else f"{held(each)}{SUGGESTED.get(each.reason, '')}",
        )
        for each in found
    )
    return table(("id", "one", "other", "#probably", "#value", "what hangs on them"), rows)


def place_of(side: Asked) -> str:
    """Where an organization is, to tell it from a namesake: its site, and below it its town and country.

    Of a person the address, and the employer.
    """
    if side.entity == "person":
        return "\n".join(part for part in (side.email, side.employer) if part) or side.id
    town = ", ".join(part for part in (side.city, side.country) if part)
    return "\n".join(part for part in (side.domain, town) if part) or side.id


def held(question: Question) -> str:
    """`partner, 12 facts, 3 deals`; of persons `person, 3 records`."""
    if question.entity == "person":
        return f"person, {counted(question.left.records + question.right.records, 'record')}"
    sides = (question.left, question.right)
    words = ["partner"] if any(side.partner for side in sides) else []
    counts = ((sum(getattr(side, name) for side in sides), name[:-1]) for name in ("facts", "deals"))
    return ", ".join([*words, *(counted(count, noun) for count, noun in counts if count)]) or "nothing yet"


def show_side_by_side(console: Console, question: Question, data: dict[str, Any]) -> None:
    """The two sides field by field, then the evidence, then how to answer. data: as `next --json` has it."""
    from partnerhub.cli.explaining import evidence_table

    values, called, guess = data["values"], data["called"], data["guess"]
    left, right = values.get(question.left.id, {}), values.get(question.right.id, {})
    rows = [("record", *(called.get(record, record) for record in question.pair))]
    rows += [
        (name, left.get(name), right.get(name))
        for name in (SIDE_BY_SIDE if question.entity == "organization" else OF_A_PERSON)
        if left.get(name) is not None or right.get(name) is not None
    ]
    rows += [
        (name, getattr(question.left, name), getattr(question.right, name))
        for name in HANGING[question.entity]
    ]
    prose(console, f"Question {question.id}", style="bold")
    console.print(table(("field", "one", "other"), rows))
    if question.entity == "organization":
        console.print(evidence_table(data["why"]))
    else:
        prose(console, TOLD[question.reason])
    if question.entity == "organization":
        if question.proposal == "part":
            why = (
                "of very many records"
                if question.reason == "size"
                else "the rules as they are today would part them"
            )
            prose(console, f"They are one now; {why}.")
        prose(
            console,
            f"They are one with {question.probability:.0%} ({question.bits:+.1f} bits);"
            f" {counted(question.pairs, 'pair')} of records {'speaks' if question.pairs == 1 else 'speak'} for it.",
        )
    if guess:
        prose(console, f"They look like one family: {guess.removesuffix('.')}.")
    answers = (
        "same|different|related|unsure" if question.entity == "organization" else "same|different|unsure"
    )
    prose(console, f"→ `partnerhub review {answers} {question.id} --reason …`")
