"""Cron expressions of five fields, checked before anything runs."""

from __future__ import annotations

import re
from typing import Final

from partnerhub.config.expect import Place

FIELDS: Final = 5
MINUTES: Final = range(1, 60)
HOURS: Final = range(1, 24)
EXAMPLE: Final = 'Write five fields in quotes, for example `"*/15 * * * *"` for every 15 minutes.'
INTERVAL: Final = re.compile(r"(?:every\s*)?(\d+)\s*(m|min|minutes?|h|hours?)", re.IGNORECASE)
NEVER: Final = "never"
NIGHTLY: Final = "17 3 * * *"
"""When sources and hub are compared: at an hour few work, at a minute few jobs begin."""
WORDS: Final = {"hourly": "0 * * * *", "daily": "0 6 * * *", "weekly": "0 6 * * 1", "nightly": "0 2 * * *"}


def read_schedule(place: Place | None, usual: str | None = None) -> str | None:
    """A valid cron expression; what is usual where none is given; None for `never`, or reported with what to write."""
    if place is None or place.item.value is None:
        return usual
    if place.item.value == NEVER:
        return None
    cron = " ".join(str(place.item.plain()).split())
    if len(cron.split()) == FIELDS and is_cron(cron):
        return cron
    place.note("This is not a cron expression of five fields.", suggestion(cron))
    return None


def is_cron(cron: str) -> bool:
    """Whether the expression can be scheduled."""
    from croniter import croniter

    return bool(croniter.is_valid(cron))


def suggestion(written: str) -> str:
    """The cron expression somebody seems to have meant."""
    words = written.lower().strip("@ ")
    if words in WORDS:
        return f'Write `"{WORDS[words]}"`.'
    interval = INTERVAL.fullmatch(words)
    if not interval:
        return EXAMPLE
    number, minutes = int(interval.group(1)), interval.group(2).startswith("m")
    if minutes and number in MINUTES:
        return f'Write `"*/{number} * * * *"`.'
    if not minutes and number in HOURS:
        return f'Write `"0 */{number} * * *"`.'
    return EXAMPLE
