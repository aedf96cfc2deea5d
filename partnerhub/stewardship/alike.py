"""Questions with one and the same strong evidence: shown together, answered together, each by an act of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from connectors.record import utc_text
from partnerhub.identity.explain import START
from partnerhub.stewardship.answers import Given, answer_question
from warehouse import bulk
from warehouse.errors import WarehouseError
from warehouse.queries.stewarding import question_page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from partnerhub.identity.policy import Policy
    from partnerhub.stewardship.verdicts import Answer
    from warehouse.commands.acts import Said
    from warehouse.database import Connection
    from warehouse.queries.review import Question
    from warehouse.viewer import Viewer

LOOKED_AT: Final = 300
"""Questions of the queue, the first ones, that are compared with each other."""
MOST: Final = 25
"""Questions that are answered at once: each is published, and somebody waits for it."""
EXACT: Final = "same "
"""How the words of evidence begin that is equal on both sides."""
WHY: Final = (
    "SELECT e.left_record, e.right_record, e.why_json FROM asked_pair a CROSS JOIN match_edge e"
    " WHERE e.left_record = a.left_record AND e.right_record = a.right_record"
)


class Alike(NamedTuple):
    """Questions that are asked for the same reason and with the same evidence. words: that evidence, word for word."""

    words: tuple[str, ...]
    reason: str
    questions: list[Question]


def alike_questions(viewer: Viewer, connection: Connection, policy: Policy) -> list[Alike]:
    """Two and more questions with equal, strong evidence, most of them first, each group in the order of the queue.

    Strong is evidence that would join by itself, were it not held back, of which at least one piece is the very same
    on both sides and nothing speaks against it.
    """
    found, _ = question_page(viewer, connection, limit=LOOKED_AT)
    joins = [each for each in found if each.proposal == "join" and each.bits >= policy.auto]
    evidence = evidence_of(connection, joins)
    groups: dict[tuple[str, tuple[str, ...]], list[Question]] = {}
    for question in joins:
        words = evidence.get(question.id, ())
        if words:
            groups.setdefault((question.reason, words), []).append(question)
    alike = [Alike(words, reason, some) for (reason, words), some in groups.items() if len(some) > 1]
    return sorted(alike, key=lambda each: -len(each.questions))


def evidence_of(connection: Connection, questions: Sequence[Question]) -> dict[str, tuple[str, ...]]:
    """Question → what its strongest pair has in common, in words; what is not strong is left out."""
    pairs = {tuple(sorted(each.pair)): each.id for each in questions}
    if not pairs:
        return {}
    bulk.load_keys(connection, "asked_pair", ("left_record", "right_record"), pairs)
    return {
        pairs[left, right]: words
        for left, right, why in connection.query(WHY)
        if (words := strong_words(json.loads(why)))
    }


def strong_words(why: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """The words of evidence that is strong; nothing for any other."""
    pieces = [each for each in why if each["what"] != START and each["weight"]]
    words = tuple(sorted(str(each["words"]) for each in pieces))
    is_strong = all(each["weight"] > 0 for each in pieces) and any(each.startswith(EXACT) for each in words)
    return words if is_strong else ()


def answer_several(
    carry: Callable[..., dict[str, Any]],
    questions: Sequence[str],
    verdict: Answer,
    said: Said,
    *,
    dry_run: bool = False,
) -> list[dict[str, Any]]:
    """Answer each of some questions by a decision of its own; what became of each, in their order.

    What cannot be answered, as it was answered before or somebody said the opposite, has `error` and `do` and stops
    none of the others. Raises WarehouseError for more than `MOST`.
    """
    wanted = list(dict.fromkeys(questions))
    if len(wanted) > MOST:
        raise WarehouseError(f"{len(wanted)} questions are too many at once.", f"Choose at most {MOST}.")
    began = datetime.fromisoformat(said.now)
    told = []
    for place, question in enumerate(wanted):
        own = replace(said, now=utc_text(began + timedelta(microseconds=place)))
        try:
            data = answer_question(carry, Given(question, verdict), own, dry_run=dry_run)
        except WarehouseError as error:
            data = {"error": error.happened, "do": error.do}
        told.append({"question": question, **data})
    return told
