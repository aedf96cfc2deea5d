"""A steward's answer to a question, as pages and API give it: written, published, looked at, or taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from partnerhub.stewardship.pictures import change_data, picture
from partnerhub.stewardship.splitting import belonging, part
from partnerhub.stewardship.undoing import came_since, records_around
from partnerhub.stewardship.verdicts import (
    Answer,
    Standing,
    judge_sides,
    refuse_if_apart,
    relate_sides,
    standing_of,
)
from warehouse.commands.pin import PINNABLE, pin_value
from warehouse.commands.undo import CannotUndo, act_to_undo, undo_act
from warehouse.errors import NotFound
from warehouse.queries.record import organization
from warehouse.queries.review import question_named
from warehouse.queries.sides import side_of_id, side_of_record
from warehouse.viewer import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from partnerhub.stewardship.pictures import Picture
    from warehouse.commands.acts import Said
    from warehouse.database import Connection
    from warehouse.queries.review import Question
    from warehouse.queries.sides import Side

AGAIN: Final = "It may have been decided meanwhile, by somebody or by what a source said since."


class Gone(NotFound):
    """A question that waits no more."""

    def __init__(self, question: str) -> None:
        """Name it."""
        super().__init__(f"No question {question} waits.", AGAIN)


@dataclass(frozen=True, slots=True)
class Given:
    """What is answered to a question. how: what the left one is to the right one, guessed by their names without.

    kept: field → value the survivor shall have, whatever its sources say.
    """

    question: str
    verdict: Answer
    how: Standing | None = None
    kept: Mapping[str, str] = field(default_factory=dict)


def question_asked(connection: Connection, wanted: str) -> tuple[Question, Side, Side]:
    """An open question with its two sides. Raises Gone."""
    found = question_named(connection, wanted)
    sides = [side_of_record(connection, record) for record in found.pair] if found else []
    if found is None or sides[0] is None or sides[1] is None:
        raise Gone(wanted)
    return found, sides[0], sides[1]


def answer_question(
    carry: Callable[..., dict[str, Any]], given: Given, said: Said, *, dry_run: bool = False
) -> dict[str, Any]:
    """Answer a question and publish what follows; what became of it, as data. carry: `wiring.Acts.act`.

    Everything is read inside the transaction: what somebody else answered before raises Gone, and nothing is written.
    With dry_run nothing is written either, and `survivor` tells what the two would be. Raises as `judge_same` does.
    """

    def say(connection: Connection) -> tuple[int | None, Picture, Side, Side]:
        _, one, other = question_asked(connection, given.question)
        before = picture(connection, one.entity, (*one.records, *other.records))
        act_id = written(connection, one, other, given, said)
        return act_id, before, one, other

    def see(connection: Connection, told: tuple[int | None, Picture, Side, Side]) -> dict[str, Any]:
        act_id, before, one, other = told
        after = picture(connection, one.entity, (*one.records, *other.records))
        if given.verdict is Answer.SAME:
            refuse_if_apart(one, other, after)
        data = change_data(act_id, before, after, dry_run=dry_run)
        ids = sorted(set(after.ids.values()))
        if given.verdict is Answer.SAME and one.entity == "organization" and len(ids) == 1:
            data["survivor"] = organization(OPERATOR, connection, ids[0])
        return {"verdict": str(given.verdict), "names": [one.name, other.name], **data}

    return carry(said.now, say, see, dry_run=dry_run)


def written(connection: Connection, one: Side, other: Side, given: Given, said: Said) -> int | None:
    """The verdict in the tables, with the values somebody chose; the act's number, None where it was known."""
    if given.verdict is Answer.RELATED:
        stands = standing_of(connection, one, other, given.how)
        return relate_sides(connection, one, other, stands, said, certain=given.how is not None)
    act_id = judge_sides(connection, one, other, given.verdict, said)
    place = one.id or other.id
    if given.verdict is Answer.SAME and place:
        for name, value in sorted(given.kept.items()):
            if name in PINNABLE:
                pin_value(connection, place, name, value, actor=said.actor, now=said.now, reason=said.reason)
    return act_id


def split_partner(
    carry: Callable[..., dict[str, Any]],
    organization_id: str,
    records: list[str],
    said: Said,
    *,
    each: bool = False,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Take records out of a partner; what became of it. Raises WarehouseError unless they are some, not all."""

    def say(connection: Connection) -> tuple[int | None, Picture, tuple[str, ...]]:
        golden = organization(OPERATOR, connection, organization_id) or {}
        whole = side_of_id(connection, organization_id, str(golden.get("name", organization_id)))
        leaving = belonging(whole, records)
        staying = [record for record in whole.records if record not in leaving]
        before = picture(connection, whole.entity, whole.records)
        act_id = part(connection, whole, leaving, staying, said.actor, said.now, said.reason, each=each)
        return act_id, before, whole.records

    def see(connection: Connection, told: tuple[int | None, Picture, tuple[str, ...]]) -> dict[str, Any]:
        after = picture(connection, "organization", told[2])
        return change_data(told[0], told[1], after, dry_run=dry_run)

    return carry(said.now, say, see, dry_run=dry_run)


def since_act(connection: Connection, act_id: int | None) -> tuple[int, list[str]]:
    """The act that would be taken back, and what came after it. Raises NotFound, CannotUndo."""
    meant = act_to_undo(connection, act_id)
    return meant.act_id, came_since(connection, meant, records_around(connection, meant))


def take_back(
    carry: Callable[..., dict[str, Any]], act_id: int, said: Said, *, agreed: bool = False
) -> dict[str, Any]:
    """Take an act back; what became of it. agreed: in spite of what came since.

    Raises CannotUndo where something came since and nobody agreed, or a later act builds upon it; NotFound.
    """

    def say(connection: Connection) -> tuple[Picture, list[str], str, str]:
        meant = act_to_undo(connection, act_id)
        records = records_around(connection, meant)
        since = came_since(connection, meant, records)
        if since and not agreed:
            raise CannotUndo(f"Since act {act_id}: {'; '.join(since)}.", "Say that you want it all the same.")
        entity = meant.entity if meant.entity != "fact" else "organization"
        before = picture(connection, entity, records)
        undo_act(connection, meant, said)
        return before, records, entity, f"{meant.kind}: {meant.subject}"

    def see(connection: Connection, told: tuple[Picture, list[str], str, str]) -> dict[str, Any]:
        before, records, entity, words = told
        after = picture(connection, entity, records)
        return {**change_data(None, before, after, dry_run=False), "undone": {"act": act_id, "words": words}}

    return carry(said.now, say, see)
