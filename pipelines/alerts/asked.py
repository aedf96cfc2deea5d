"""Questions about values told to whom they are put: once by each channel, without a word of a record.

A mail goes to the colleague who is asked and to nobody outside; the other channels are told that somebody is. What they
get names the field, who asks and the page; value, partner and the asker's words stand on the page, for who may read it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from connectors.record import utc_text
from pipelines.alerts.channels import send_mail, senders
from pipelines.alerts.deliver import note, tried

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from partnerhub.config import HubConfig
    from pipelines.alerts.message import Telling
    from warehouse.database import Connection

ASKED: Final = "asked"
EMAIL: Final = "email"
TOLD_WITHIN: Final = timedelta(days=2)
"""A question that waits longer untold is found on its page: nobody is told of old ones after an upgrade."""
KEPT: Final = timedelta(days=30)
WAITING: Final = """
SELECT q.number, q.field, q.wrong, q.to_name, q.to_email, q.asked_by, q.asked_at,
EXISTS (SELECT 1 FROM colleague c WHERE c.email = q.to_email) AS is_colleague
FROM value_question q WHERE q.closed_at IS NULL AND q.asked_at >= ? AND NOT EXISTS (
  SELECT 1 FROM incident_alert a WHERE a.incident_id = 'question:' || CAST(q.number AS TEXT) AND a.channel = ?
  AND a.about = 'asked' AND a.delivered_at IS NOT NULL) ORDER BY q.number
"""
FORGET: Final = "DELETE FROM incident_alert WHERE about = 'asked' AND tried_at < ?"
WRONG: Final = {
    "outdated": "it is out of date", "wrong": "it was never right", "disputed": "sources disagree about it",
    "unclear": "it is not clear whether it is right",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class QuestionMessage:
    """One question as channels tell it. base: where others reach the pages; empty: this machine only."""

    number: int
    field: str
    wrong: str
    asked_by: str
    asked_at: str
    base: str = ""
    about: str = ASKED

    @property
    def message_id(self) -> str:
        """Equal for every try."""
        return f"{question_id(self.number)}/{ASKED}"

    @property
    def title(self) -> str:
        """One line."""
        return f"Partner Hub: somebody is asked about a value (question {self.number})"

    @property
    def text(self) -> str:
        """Who asks what, and where it is answered."""
        said = WRONG.get(self.wrong, "something is wrong with it")
        where = (
            f"{self.base}/asked/{self.number}" if self.base else f"the page /asked/{self.number} of the hub"
        )
        return (
            f"{self.asked_by} asks about a partner's {self.field.replace('_', ' ')}: {said}.\n"
            f"Value, partner and words stand on {where}; it is over when the value changes, or is closed there.\n"
            "Answers to this message are not read."
        )

    @property
    def facts(self) -> dict[str, Any]:
        """The body of the signed webhook."""
        data = {"question": self.number, "field": self.field, "wrong": self.wrong, "asked_by": self.asked_by}
        return {"type": "question.asked", "timestamp": self.asked_at, "data": data}


def question_id(number: int) -> str:
    """Under which a question stands among what was told."""
    return f"question:{number}"


def tell_questions(connection: Connection, config: HubConfig, now: datetime) -> int:
    """Tell of open questions by each channel that was not told yet; returns how many messages arrived.

    config: as written now. A channel that fails once is left until the next pass.
    """
    if not config.alerts.questions:
        return 0
    arrived, at = 0, utc_text(now)
    for channel, send in senders(config.alerts).items():
        for row in connection.records(WAITING, (utc_text(now - TOLD_WITHIN), channel)):
            by = mail_to(config, row) if channel == EMAIL else send
            if by is None:
                continue
            failure = tried(channel, by, message_of(row, config.web.public_url))
            with connection.transaction():
                note(connection, (question_id(row["number"]), channel, ASKED), failure, at)
            if failure:
                break
            arrived += 1
    with connection.transaction():
        connection.execute(FORGET, (utc_text(now - KEPT),))
    return arrived


def mail_to(config: HubConfig, row: Mapping[str, Any]) -> Callable[[Telling], None] | None:
    """How the colleague who is asked gets a mail; None for nobody, and for an address that is none of ours."""
    address, email = str(row["to_email"] or ""), config.alerts.email
    ours = row["is_colleague"] or address.rpartition("@")[2] in config.own_domains
    if email is None or not address or not ours:
        return None
    to_them = replace(email, recipients=(address,))
    return lambda message: send_mail(to_them, message)


def message_of(row: Mapping[str, Any], base: str) -> QuestionMessage:
    """The message about a row."""
    return QuestionMessage(
        row["number"], row["field"], row["wrong"], row["asked_by"], row["asked_at"], base.rstrip("/")
    )
