"""Keys by which copies of one deal, mail or meeting in several systems find each other: rows of kind `copy`.

A key only says who is worth comparing. Whether two are one is decided where organizations and people are known
(`pipelines.golden.same_deals`, `pipelines.golden.same_touchpoints`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from mappings.clean.text import clean_line
from mappings.mail_identity import normalized_subject

Key: TypeAlias = tuple[str, str, str, str, str, str, str]
Written: TypeAlias = Mapping[str, object]

NOTHING_WRITTEN: Written = {}
COPY = "copy"
WORDS = re.compile(r"[^\W_]+")
YEAR = re.compile(r"(?:19|20)\d\d")
LOGGED_MARK = re.compile(r"^\[?(?:e-?mail|logged|external|ext)\b[^:\]]{0,12}[:\]]\s*", re.IGNORECASE)
"""What CRMs write before the subject of a mail they log (`Email: `, `[Email] `), and what gateways add."""
INVITATION = re.compile(
    r"^(?:updated invitation|invitation|accepted|tentatively accepted|declined|canceled event|cancelled event|canceled"
    r"|cancelled|einladung|aktualisierte einladung|angenommen|abgesagt|meeting|call)\s*:\s*",
    re.IGNORECASE,
)
PLACE_IN_TIME = re.compile(r"\s+@\s+.*\d.*$")
"""What calendars append to the subject of an invitation: ` @ Tue Oct 6, 2026 10am - 11am (CEST)`."""
NEAR_MIDNIGHT = timedelta(minutes=20)
OPPORTUNITY_ID = re.compile(r"006[0-9a-zA-Z]{12}(?:[0-9a-zA-Z]{3})?")
DIGITS = re.compile(r"\d{1,20}")


def deal_keys(row: Mapping[str, Any], written: Written = NOTHING_WRITTEN) -> list[Key]:
    """Keys of a staged deal: its words with amount and currency, and the ids of other systems in custom fields."""
    del written
    keys: list[Key] = []
    words = deal_words(row["name"])
    if words and row["amount_minor"] is not None and row["currency"]:
        keys.append(_key(row, COPY, "deal", f"{words}|{row['amount_minor']}|{row['currency']}", "deal"))
    fields = json.loads(row["custom_json"]) if row.get("custom_json") else {}
    keys += [
        _key(row, "crm_id", scheme, number, "deal")
        for name, value in fields.items()
        if (scheme := crm_meant(name)) and (number := id_said(scheme, value))
    ]
    return keys


def deal_words(name: str | None) -> str:
    """A deal's name for comparing: its words in lower case, without punctuation and years."""
    return " ".join(word for word in WORDS.findall((name or "").casefold()) if not YEAR.fullmatch(word))


def crm_meant(name: str) -> str | None:
    """The CRM whose deal id a custom field of this name holds: `Salesforce_Opportunity_ID__c`, `hubspot_deal_id`."""
    bare = re.sub(r"[^a-z]", "", name.casefold())
    if not bare.removesuffix("c").endswith("id"):
        return None
    if "hubspot" in bare:
        return "hubspot"
    return "salesforce" if any(word in bare for word in ("opportunity", "salesforce", "sfdc")) else None


def id_said(scheme: str, value: object) -> str | None:
    """The value as an id of that CRM's deals; None for anything else."""
    said = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    pattern = OPPORTUNITY_ID if scheme == "salesforce" else DIGITS
    return said if pattern.fullmatch(said) else None


def touchpoint_keys(row: Mapping[str, Any], written: Written = NOTHING_WRITTEN) -> list[Key]:
    """Keys of a mail or meeting: what it is about, with its day; near midnight the day beside it as well."""
    del written
    if row["kind"] not in {"email", "meeting"} or not row["happened_at"]:
        return []
    topic = topic_of(row["kind"], row["subject"])
    if not topic:
        return []
    digest = hashlib.blake2b(topic.encode("utf-8", "replace"), digest_size=8).hexdigest()
    values = (f"{row['kind']}:{digest}:{day}" for day in days_of(row["happened_at"]))
    return [_key(row, COPY, "", value, "touchpoint") for value in values]


def topic_of(kind: str, subject: str | None) -> str:
    """A subject for comparing: without reply prefixes, what CRMs and calendars put around it, case and spacing."""
    topic = clean_line(subject) or ""
    while (shorter := LOGGED_MARK.sub("", topic)) != topic:
        topic = shorter
    if kind == "meeting" and (bare := INVITATION.sub("", topic)) != topic:
        topic = PLACE_IN_TIME.sub("", bare)
    return normalized_subject(topic)


def days_of(happened_at: str) -> list[str]:
    """The UTC days a copy may be dated by; a time without hours may mean the day before or after, elsewhere."""
    at = datetime.fromisoformat(happened_at).astimezone(UTC)
    near = timedelta(days=1) if is_day_only(happened_at) else NEAR_MIDNIGHT
    return sorted({f"{at - near:%Y-%m-%d}", f"{at:%Y-%m-%d}", f"{at + near:%Y-%m-%d}"})


def is_day_only(happened_at: str) -> bool:
    """Whether a time is a mere date: midnight sharp."""
    return happened_at[10:] == "T00:00:00.000000Z"


def _key(row: Mapping[str, Any], kind: str, scheme: str, value: str, entity: str) -> Key:
    return (row["record"], kind, scheme, value, "", entity, row["source"])
