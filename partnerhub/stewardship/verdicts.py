"""What a person may say about two sides, and how it is written: on the records of both."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from partnerhub.stewardship.pictures import whole_side
from warehouse.viewer import OPERATOR

if TYPE_CHECKING:
    from partnerhub.identity.families import Related
    from partnerhub.stewardship.pictures import Picture
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
SIDE_BY_SIDE: Final = (
    "name", "legal_name", "website", "domain", "email", "phone", "street", "city", "postcode", "country", "industry",
    "tier", "status", "owner",
)  # fmt: skip
OF_A_PERSON: Final = ("name", "email", "phone", "title")
SUGGESTED: Final = {
    "registry": "; different numbers in one register",
    "country": "; different countries",
    "owner": "; two people look after them in one system",
    "size": "; would become very large",
    "bridge": "; one weak pair would tie many",
    "family": "; one family, perhaps two organizations",
    "branch": "; perhaps a branch",
    "retrained": "; the new weights would change it",
    "addresses": "; one name and employer, different addresses",
    "either": "; could be either of two of that name",
    "moved": "; left one employer, a namesake works for another",
    "mailbox": "; one address, two names",
}
"""Why the rules ask and do not act by themselves."""


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
    lefts, rights = leading(one), leading(other)
    parting = one.id is not None and one.id == other.id and one.record and other.record
    if parting and one.record != other.record:
        return lefts[:1], rights[:1]
    if refuse:
        refuse_one_and_the_same(one, other)
    return lefts, rights


def leading(side: Side) -> list[str]:
    """A side's records, the one that was named in front: verdicts are tied to it."""
    return sorted(side.records, key=lambda record: record != side.record) if side.record else [*side.records]


def refuse_one_and_the_same(one: Side, other: Side) -> None:
    """Raise WarehouseError where both sides are one already."""
    from warehouse.errors import WarehouseError

    if (one.id is not None and one.id == other.id) or one.records == other.records:
        raise WarehouseError(
            f"{one.name} and {other.name} are one already ({one.id or one.records[0]}).",
            f"See why: `partnerhub how {one.id or one.records[0]}`.",
        )


def refuse_if_apart(one: Side, other: Side, after: Picture) -> None:
    """Raise WarehouseError where a guard kept the two sides apart in spite of the verdict."""
    from warehouse.errors import WarehouseError

    ends = {after.ids.get(each.record or each.records[0]) for each in (one, other)}
    if len(ends) > 1:
        raise WarehouseError(
            f"{one.name} and {other.name} stay apart; nothing was changed.",
            f"See what keeps them apart: `partnerhub why-not {one.records[0]} {other.records[0]}`.",
        )


def standing_of(connection: Connection, one: Side, other: Side, how: Standing | None) -> Related:
    """How two sides stand to each other, by their leading records: as somebody says, else as their names say."""
    from mappings.clean.places import country_of
    from partnerhub.identity.families import Related, Seen, related_by_evidence
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


def stated_between(connection: Connection, one: Side, other: Side, after: Picture) -> list[dict[str, str]]:
    """What the first side is to the other one by all that is stated, and who states it."""
    from warehouse.queries.relations import relations

    first, second = (after.ids.get(each.record or each.records[0], "") for each in (one, other))
    return [
        {"words": each.words, "source": each.records[0].partition("/")[0]}
        for each in relations(OPERATOR, connection, first)
        if each.organization_id == second
    ]
