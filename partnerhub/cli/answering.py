"""`partnerhub review same`, `different`, `related` and `unsure`: a steward's answer, and what became of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli.acting import acted, change_data, picture, show_change, two_sides, whole_side
from partnerhub.cli.invocation import AsJson, warehouse
from partnerhub.cli.output import answer, prose
from partnerhub.cli.stewardship import Actor, Reason, now_text
from warehouse.viewer import OPERATOR

if TYPE_CHECKING:
    from rich.console import Console

    from partnerhub.cli.acting import Picture
    from partnerhub.identity.families import Related
    from warehouse.commands.acts import Said
    from warehouse.database import Connection
    from warehouse.queries.review import Question
    from warehouse.queries.sides import Side


class Answer(StrEnum):
    """What a person may say about two organizations (or persons, but for `related`)."""

    SAME = "same"
    DIFFERENT = "different"
    RELATED = "related"
    UNSURE = "unsure"


class Standing(StrEnum):
    """What the first one is to the other one."""

    PARENT_OF = "parent-of"
    CHILD_OF = "child-of"
    HEAD_OF = "head-of"
    BRANCH_OF = "branch-of"
    FAMILY = "family"


STANDINGS: Final = {"p": Standing.PARENT_OF, "c": Standing.CHILD_OF, "h": Standing.HEAD_OF,
                    "b": Standing.BRANCH_OF, "f": Standing.FAMILY}  # fmt: skip
"""Key on the terminal → what the one is to the other."""
LOWER_FIRST: Final = frozenset({Standing.CHILD_OF, Standing.BRANCH_OF})
CLAUSES: Final = {
    "parent_of": "is the parent of",
    "branch_of": "is a branch of",
    "family": "is of one family with",
}
ARTICLES: Final = {
    "parent of": "the parent of",
    "subsidiary of": "a subsidiary of",
    "branch of": "a branch of",
    "head office of": "the head office of",
    "one family with": "of one family with",
}
WORDS: Final = {
    Answer.SAME: "are one",
    Answer.DIFFERENT: "are two, for ever",
    Answer.RELATED: "are two of one family",
    Answer.UNSURE: "may or may not be one",
}

First = Annotated[str, typer.Argument(help="Id of a question, or a partner or record.")]
Second = Annotated[
    str | None, typer.Argument(help="The other partner or record, unless a question is named.")
]


def same(
    context: typer.Context,
    first: First,
    actor: Actor,
    second: Second = None,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """They are one organization: all that hangs on the two comes together."""
    decided(context, first, second, Answer.SAME, actor, reason, as_json=as_json)


def different(
    context: typer.Context,
    first: First,
    actor: Actor,
    second: Second = None,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """They are two, for ever: never asked about, and never joined again on any path."""
    decided(context, first, second, Answer.DIFFERENT, actor, reason, as_json=as_json)


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


def not_sure(
    context: typer.Context,
    first: First,
    actor: Actor,
    second: Second = None,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Nobody can tell yet: not asked about again, unless by `--unsure`."""
    decided(context, first, second, Answer.UNSURE, actor, reason, as_json=as_json)


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
        from partnerhub.cli.judging import refuse_if_apart

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


def stated_between(connection: Connection, one: Side, other: Side, after: Picture) -> list[dict[str, str]]:
    """What the first side is to the other one by all that is stated, and who states it."""
    from warehouse.queries.relations import relations

    first, second = (after.ids.get(each.record or each.records[0], "") for each in (one, other))
    return [
        {"words": each.words, "source": each.records[0].partition("/")[0]}
        for each in relations(OPERATOR, connection, first)
        if each.organization_id == second
    ]


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


def judge_sides(connection: Connection, one: Side, other: Side, verdict: Answer, said: Said) -> int | None:
    """Write the verdict on the records of both sides; "unsure" only on the pair that was asked about."""
    from warehouse.commands.judge import judge_different, judge_same, judge_unsure

    subject = f"{whole_side(one)} and {whole_side(other)}"
    lefts, rights = asked_records(one, other, refuse=verdict is not Answer.UNSURE)
    if verdict is Answer.UNSURE:
        return judge_unsure(connection, lefts[0], rights[0], subject, said, entity=one.entity)
    judge = judge_same if verdict is Answer.SAME else judge_different
    return judge(connection, lefts, rights, subject, said, entity=one.entity)


def relate_sides(
    connection: Connection, one: Side, other: Side, stands: Related, said: Said, *, certain: bool
) -> int | None:
    """Write that both sides are two of one family, and how they stand to each other."""
    from warehouse.commands.relate import judge_related

    subject = f"{whole_side(one)} and {whole_side(other)}"
    lefts, rights = asked_records(one, other, refuse=True)
    return judge_related(connection, lefts, rights, stands, subject, said, certain=certain)


def asked_records(one: Side, other: Side, *, refuse: bool) -> tuple[list[str], list[str]]:
    """The records a verdict is about. Whether one should be two is asked of the two records that were named.

    refuse: raise WarehouseError where both sides are one and no two records were named.
    """
    from partnerhub.cli.judging import leading, refuse_one_and_the_same

    lefts, rights = leading(one), leading(other)
    parting = one.id is not None and one.id == other.id and one.record and other.record
    if parting and one.record != other.record:
        return lefts[:1], rights[:1]
    if refuse:
        refuse_one_and_the_same(one, other)
    return lefts, rights


def standing_of(connection: Connection, one: Side, other: Side, how: Standing | None) -> Related:
    """How two sides stand to each other, by their leading records: as somebody says, else as their names say."""
    from partnerhub.identity.families import Related, Seen, related_by_evidence
    from pipelines.resolve.countries import country_of
    from warehouse.errors import WarehouseError
    from warehouse.queries.review import fields_of

    if one.entity != "organization":
        raise WarehouseError(
            f"{one.name} and {other.name} are persons.", "Relations of a family are between organizations."
        )
    first, second = (each.record or each.records[0] for each in (one, other))
    if how is Standing.FAMILY:
        return Related("family", first, second)
    if how is not None:
        upper, lower = (second, first) if how in LOWER_FIRST else (first, second)
        owned = how in {Standing.PARENT_OF, Standing.CHILD_OF}
        return Related("parent_of" if owned else "branch_of", upper, lower)
    places = fields_of(connection, (one.id or first, other.id or second), ("name", "city", "country"))
    seen = [
        Seen(record, each.name, place.get("city"), place.get("country"))
        for each, record in ((one, first), (other, second))
        for place in [places.get(each.id or record, {})]
    ]
    return related_by_evidence(seen[0], seen[1], country_of)


def relation_words(stands: Related, names: dict[str, str]) -> str:
    """`Acme Nord is a branch of Acme`."""
    upper, lower = names.get(stands.upper, stands.upper), names.get(stands.lower, stands.lower)
    first, last = (lower, upper) if stands.kind == "branch_of" else (upper, lower)
    return f"{first} {CLAUSES[stands.kind]} {last}"


def guessed(connection: Connection, question: Question) -> str | None:
    """How the two of a question seem to stand to each other, in words; None where their names do not tell."""
    from warehouse.queries.sides import side_of_record

    one, other = (side_of_record(connection, record) for record in question.pair)
    if one is None or other is None:
        return None
    stands = standing_of(connection, one, other, None)
    return None if stands.kind == "family" else relation_words(stands, {
        str(one.record): one.name, str(other.record): other.name
    })  # fmt: skip
