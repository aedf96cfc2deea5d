"""A person there wrote last, days ago, and nobody of us answered in any channel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from partnerhub.config.signals import Thresholds
from pipelines.signals.facts import (
    ATTENTION,
    PERSON,
    URGENT,
    Finding,
    Partner,
    Touch,
    cite,
    counted,
    days_since,
)

THEIRS: Final = "in"
OURS: Final = frozenset({"out"})
SPOKEN: Final = frozenset({"call", "meeting", "visit"})
MAIL: Final = "email"
SHORT: Final = 160
CLOSING: Final = re.compile(
    r"^\W*(?:(?:hi|hello|hallo|dear|bonjour|hola)\b[^\n,]*,?\s*)?"
    r"(?:many thanks|thanks|thank you|thx|great|perfect|ok(?:ay)?|got it|will do|sounds good|received|understood|"
    r"danke|vielen dank|passt|perfekt|alles klar|merci|parfait|d'accord|gracias|perfecto|de acuerdo)\b",
    re.IGNORECASE,
)
"""How a mail begins that ends a conversation."""
ASKING: Final = re.compile(
    r"\b(?:please|need|could you|can you|let (?:me|us) know|waiting|urgent|asap|deadline|pause|paused|stop|cancel|"
    r"terminate|complain\w*|escalat\w*|bitte|brauchen?|benötigen?|dringend|warten?|kündig\w*|pausier\w*|merci de|"
    r"veuillez|besoin|attend\w*|urgente?|résili\w*|por favor|necesit\w*|espera\w*|cancel\w*)\b",
    re.IGNORECASE,
)
"""Words of a mail that wants something of us."""
ROBOT: Final = re.compile(
    r"^(?:no|do[-_.]?not)[-_.]?reply|^(?:noreply|notifications?|mailer-daemon|postmaster)\b"
)


def find(partner: Partner, today: date, limits: Thresholds) -> Iterator[Finding]:
    """One finding per thread whose last mail is theirs and waits."""
    for last in last_of_threads(partner.touches):
        waited = days_since(last.at, today)
        if not limits.unanswered_days <= waited <= limits.unanswered_until_days:
            continue
        if last.direction != THEIRS or last.nature != PERSON or not last.sender or ROBOT.match(last.sender):
            continue
        if closes(last) or is_answered(last, partner.touches):
            continue
        about = f" (“{last.title}”)" if last.title else ""
        sentence = f"{partner.called(last.sender)} wrote {counted(waited, 'day')} ago{about}, and nobody has answered."
        pressing = waited >= limits.unanswered_urgent_days and asks(last)
        level = URGENT if pressing else ATTENTION
        yield Finding(last.thread or last.fact_id, sentence, level, (cite(last),))


def last_of_threads(touches: Iterable[Touch]) -> list[Touch]:
    """The last mail between people of every thread; an automatic answer answers nothing and asks nothing."""
    found = {
        touch.thread or touch.fact_id: touch
        for touch in touches
        if touch.kind == MAIL and touch.nature == PERSON and touch.direction != "internal"
    }
    return list(found.values())


def asks(touch: Touch) -> bool:
    """Whether a mail asks for something, or tells what cannot wait; one that may not be read is taken to ask."""
    return touch.text is None or "?" in touch.text or bool(ASKING.search(touch.text))


def closes(touch: Touch) -> bool:
    """Whether a mail only says thanks."""
    text = touch.text or ""
    return len(text) <= SHORT and "?" not in text and bool(CLOSING.match(text))


def is_answered(mail: Touch, touches: Iterable[Touch]) -> bool:
    """Whether one of us wrote to the sender or spoke with them since; who took part may be unknown."""
    return any(
        touch.at > mail.at
        and (touch.direction in OURS or (touch.kind in SPOKEN and touch.direction != THEIRS))
        and (not touch.theirs or mail.sender in touch.theirs)
        for touch in touches
    )
