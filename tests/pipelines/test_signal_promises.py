"""A promise in a mail of ours that no task knows: found, quoted, over once somebody has it, and no noise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.signals.facts import Promise
from pipelines.signals.promises import promises
from tests.pipelines.signal_examples import ago, mail, none, one

TRAIN = "We will train your six field planners on site in Seattle, two days, at no cost."
PROMISED = mail(425, "out")
PROMISED = replace(PROMISED, text=f"Hi Priya,\n\nthat is fair. {TRAIN} Shall I send the order form?\n\nSam")


def task(title: str, days: int = 300, **values: object) -> Promise:
    made = Promise("w", "asana/tasks/1", "Asana", "work_item", title, moved_at=ago(days))
    return replace(made, **values)  # type: ignore[arg-type]


def test_a_promise_in_a_mail_of_ours_that_is_in_no_task_is_quoted_with_its_mail():
    finding = one("promise_forgotten", touches=(PROMISED,), promises=(task("Create the tenant"),))
    assert finding.sentence == (
        "Sam Ortiz promised 425 days ago: “We will train your six field planners on site in Seattle, two days, …”"
        " No task, commitment or meeting since is about it."
    )
    assert (finding.level, finding.evidence[0].quote) == ("attention", TRAIN)
    assert (finding.evidence[0].record, finding.evidence[0].at) == (PROMISED.record, PROMISED.at)


@pytest.mark.parametrize(
    "kept",
    [
        {"promises": (task("Training in Seattle"),)},
        {"promises": (task("Visit", text="Two days with the field planners."),)},
        {"promises": (task("Train six planners", moved_at=None, entity="commitment", done=True),)},
        {
            "touches": (
                PROMISED,
                replace(mail(300), kind="meeting", direction=None, title="Workshop, day one"),
            )
        },
    ],
    ids=["task", "words-of-it", "commitment-done-or-declined", "meeting"],
)
def test_a_promise_is_over_once_a_task_a_commitment_or_a_meeting_is_about_it(kept):
    none("promise_forgotten", **{"touches": (PROMISED,), **kept})


def test_a_task_that_was_over_before_the_promise_does_not_keep_it():
    assert one("promise_forgotten", touches=(PROMISED,), promises=(task("Training for admins", 500),)).subject


@pytest.mark.parametrize(
    "touch",
    [
        replace(PROMISED, at=ago(59)), replace(PROMISED, direction="in"), replace(PROMISED, nature="list"),
        replace(PROMISED, at=ago(740)), replace(PROMISED, text=None),
    ],
    ids=["recent", "theirs", "newsletter", "history", "private"],
)  # fmt: skip
def test_what_is_no_old_promise_of_one_of_us_is_none(touch):
    none("promise_forgotten", touches=(touch,))


def test_a_promise_noted_of_a_meeting_is_about_them():
    said = "Agreed: we will train their six field planners in Seattle."
    meeting = replace(PROMISED, kind="meeting", direction=None, sender=None, text=said)
    assert one("promise_forgotten", touches=(meeting,)).sentence.startswith("One of us promised 425 days ago")
    none("promise_forgotten", touches=(replace(meeting, text=TRAIN),))
    none("promise_forgotten", touches=(replace(meeting, direction="internal"),))


@pytest.mark.parametrize(
    "text",
    [
        TRAIN, "I'll import your 1,200 client files from the old system.", "We promise to refund your second invoice.",
        "Wir werden Ihre sechs Planer vor Ort in Leipzig schulen.", "Nous allons former vos planificateurs à Nantes.",
        "Vamos a traducir vuestro contrato al español.",
    ],
)  # fmt: skip
def test_a_promise_is_understood(text):
    assert [each.sentence for each in promises(f"Hello.\n\n{text} Best, S.")] == [text]


@pytest.mark.parametrize(
    "text",
    [
        "I'll send you the training plan tomorrow.", "I will keep you posted on the import of your files.",
        "We will train your six planners if you sign in March.", "Will you train your six field planners in Seattle?",
        "We will train our new colleagues in Leeds next week.", "You will train your planners in Seattle.",
        "We will not pay your second invoice of March.", "We will train you.", "We could train your team in Seattle.",
        "Wir werden Ihre Planer nicht in Leipzig schulen.",
    ],
)  # fmt: skip
def test_what_only_sounds_like_a_promise_is_none(text):
    assert promises(text) == []
