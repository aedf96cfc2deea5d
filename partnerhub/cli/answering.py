"""`partnerhub review same`, `different`, `related` and `unsure`: a steward's answer, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli.acting import acted, show_change, two_sides
from partnerhub.cli.invocation import AsJson, warehouse
from partnerhub.cli.output import answer, prose
from partnerhub.cli.stewardship import Actor, Reason, now_text
from partnerhub.stewardship.pictures import change_data, picture
from partnerhub.stewardship.verdicts import (
    ARTICLES,
    WORDS,
    Answer,
    Standing,
    judge_sides,
    refuse_if_apart,
    relate_sides,
    standing_of,
    stated_between,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from partnerhub.stewardship.pictures import Picture
    from warehouse.database import Connection
    from warehouse.queries.sides import Side


STANDINGS: Final = {"p": Standing.PARENT_OF, "c": Standing.CHILD_OF, "h": Standing.HEAD_OF,
                    "b": Standing.BRANCH_OF, "f": Standing.FAMILY}  # fmt: skip
"""Key on the terminal → what the one is to the other."""
First = Annotated[str, typer.Argument(help="Id of a question, or a partner or record.")]
Second = Annotated[
    str | None, typer.Argument(help="The other partner or record, unless a question is named.")
]


def answering(verdict: Answer, means: str) -> Callable[..., None]:
    """The command of a verdict that takes no more than a reason. means: what `--help` says of it."""

    def command(
        context: typer.Context,
        first: First,
        actor: Actor,
        second: Second = None,
        reason: Reason = None,
        as_json: AsJson = False,
    ) -> None:
        decided(context, first, second, verdict, actor, reason, as_json=as_json)

    command.__doc__ = means
    return command


def related(
    context: typer.Context,
    first: First,
    actor: Actor,
    second: Second = None,
    how: Annotated[
        Standing | None,
        typer.Option(
            "--as", help="What the first (or left) one is to the other; guessed by the names without."
        ),
    ] = None,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """They are two of one family (parent, branch): for ever two, and each is shown on the other one's page."""
    decided(context, first, second, Answer.RELATED, actor, reason, how=how, as_json=as_json)


same = answering(Answer.SAME, "They are one organization: all that hangs on the two comes together.")
different = answering(
    Answer.DIFFERENT, "They are two, for ever: never asked about, and never joined again on any path."
)
not_sure = answering(Answer.UNSURE, "Nobody can tell yet: not asked about again, unless by `--unsure`.")

ANSWERS: Final = ((same, "same"), (different, "different"), (related, "related"), (not_sure, "unsure"))
"""Function and command name, in the order of the help."""


def decided(
    context: typer.Context,
    first: str,
    second: str | None,
    verdict: Answer,
    actor: str,
    reason: str | None,
    *,
    how: Standing | None = None,
    as_json: bool,
) -> None:
    """Keep a verdict on a question or on two partners, and show what became of it."""
    from warehouse.commands.acts import Said

    with warehouse(context).session() as connection:
        one, other = sides_of(connection, first, second, as_json=as_json)
        stands = standing_of(connection, one, other, how) if verdict is Answer.RELATED else None
    now = now_text()
    said, records = Said(actor, now, reason), (*one.records, *other.records)

    def say(connection: Connection) -> tuple[int | None, Picture]:
        before = picture(connection, one.entity, records)
        if stands is not None:
            return relate_sides(connection, one, other, stands, said, certain=how is not None), before
        return judge_sides(connection, one, other, verdict, said), before

    def see(connection: Connection, told: tuple[int | None, Picture]) -> dict[str, Any]:
        after = picture(connection, one.entity, records)
        if verdict is Answer.SAME:
            refuse_if_apart(one, other, after)
        changed = change_data(told[0], told[1], after, dry_run=False)
        related = {"relations": stated_between(connection, one, other, after)} if stands else {}
        return {"verdict": str(verdict), "news": told[0] is not None, **related, **changed}

    data = acted(context, now, say, see)

    def show(console: Console) -> None:
        already = "" if data["news"] else " That was known already."
        prose(console, f"{one.name} and {other.name} {WORDS[verdict]}, says {actor}.{already}")
        for each in data.get("relations", ()):
            says = f", says {each['source']}" if each["source"] != "hub" else ""
            prose(
                console,
                f"{one.name} is {ARTICLES.get(each['words'], each['words'])} {other.name}{says}",
                indent=2,
            )
        show_change(console, data)

    answer(data, show, as_json=as_json)


def sides_of(connection: Connection, first: str, second: str | None, *, as_json: bool) -> tuple[Side, Side]:
    """The two sides of a question, or the two that were named. Raises NotFound, WarehouseError."""
    from warehouse.errors import NotFound
    from warehouse.queries.review import question_named
    from warehouse.queries.sides import side_of_record

    if second is not None:
        return two_sides(connection, first, second, as_json=as_json)
    found = question_named(connection, first)
    sides = [side_of_record(connection, record) for record in found.pair] if found else []
    if len(sides) != 2 or sides[0] is None or sides[1] is None:  # noqa: PLR2004  # two sides to a question
        raise NotFound(
            f"No question {first} waits.",
            "`partnerhub review` lists what does; or name two partners or records.",
        )
    return sides[0], sides[1]
