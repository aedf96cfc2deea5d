"""Sources say different things about one partner: tier, annual value, status, owner, renewal day."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from partnerhub.amounts import money
from partnerhub.config.signals import Thresholds
from pipelines.signals.facts import ATTENTION, Evidence, Finding, Partner, SourceRecord

HEALTH: Final = {
    "well": "active, on track, green, healthy, good, live, ongoing, in good standing, aktiv, actif, activo",
    "at risk": "at risk, risk, red, amber, yellow, off track, paused, on hold, blocked, delayed, stalled, escalated, "
    "gefährdet, pausiert, à risque, en riesgo",
    "over": "inactive, dormant, churned, terminated, closed, ended, lost, canceled, cancelled, expired, former, "
    "inaktiv, beendet, inactif, inactivo",
    "to come": "aspirational, prospective, prospect, planned, onboarding, new, lead, target",
}
"""What a status comes to: each system has its own words, and only what they come to can contradict."""
MEANING: Final = {word.strip(): meaning for meaning, words in HEALTH.items() for word in words.split(",")}
SAYS_WHAT_IT_IS: Final = re.compile(r"\b(?:partner|tier|level|status|stufe|niveau)\b", re.IGNORECASE)


class Said(NamedTuple):
    """What one record says about a field. compared: equal values agree; None has no say."""

    record: SourceRecord
    shown: str
    compared: object


def find(partner: Partner, today: date, limits: Thresholds) -> Iterator[Finding]:
    """One finding per field about which two records disagree and no person has decided."""
    del today
    for field, (label, read) in FIELDS.items():
        if field in partner.pinned:
            continue
        said = [each for record in partner.records if (each := read(record)) and each.compared is not None]
        camps = agreeing(without_older_documents(said), limits)
        if len(camps) > 1:
            yield finding(field, label, camps)


def without_older_documents(said: Sequence[Said]) -> list[Said]:
    """Of each source's documents only the latest that speaks of it: last year's review is no contradiction."""
    latest: dict[str, str] = {}
    for each in said:
        if each.record.document:
            latest[each.record.called] = max(latest.get(each.record.called, ""), each.record.at or "")
    return [
        each
        for each in said
        if not each.record.document or (each.record.at or "") == latest[each.record.called]
    ]


def agreeing(said: Sequence[Said], limits: Thresholds) -> list[list[Said]]:
    """Records by what they say, the best known first; amounts agree within the tolerance."""
    camps: list[list[Said]] = []
    for each in sorted(said, key=lambda one: one.record.record):
        camp = next((camp for camp in camps if agree(camp[0].compared, each.compared, limits)), None)
        if camp is None:
            camps.append([each])
        else:
            camp.append(each)
    return camps


def agree(one: object, other: object, limits: Thresholds) -> bool:
    """Whether two values say the same. Amounts in different currencies cannot contradict."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        (amount, currency), (another, in_currency) = one, other
        if currency != in_currency:
            return True
        return bool(abs(amount - another) * 100 <= limits.tolerance_percent * max(abs(amount), abs(another)))
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return bool(one & other)
    return one == other


def finding(field: str, label: str, camps: Sequence[Sequence[Said]]) -> Finding:
    """Who says what, both cited."""
    names = Counter(name for camp in camps for name in {each.record.called for each in camp})
    words = [saying(camp, field, names) for camp in camps]
    sentence = f"{label}: {', '.join(words[:-1])}, but {words[-1]}."
    evidence = tuple(cited(each, field, label) for camp in camps for each in camp)
    return Finding(field, sentence, ATTENTION, evidence)


def saying(camp: Sequence[Said], field: str, names: Mapping[str, int]) -> str:
    """Who says one value: `HubSpot and Salesforce say Silver`."""
    who = list(
        dict.fromkeys(placed(each.record, field, alone=names[each.record.called] == 1) for each in camp)
    )
    if len(who) == 1:
        return f"{who[0]} says {camp[0].shown}"
    return f"{', '.join(who[:-1])} and {who[-1]} say {camp[0].shown}"


def cited(said: Said, field: str, label: str) -> Evidence:
    """One record as evidence, in its own words where it was read out of a document."""
    record = said.record
    quote = f"{label}: {record.written.get(field, said.shown)}"
    return Evidence(record.record, quote, record.at, place=record.places.get(field))


def placed(record: SourceRecord, field: str, *, alone: bool) -> str:
    """The source by name, a document by its title and place; the same source twice is told apart by its records."""
    if record.document:
        place = f", {record.places[field]}" if field in record.places else ""
        return f"“{record.document}”{place}"
    return record.called if alone else f"{record.called} ({record.record.rpartition('/')[2]})"


def tier(record: SourceRecord) -> Said | None:
    """The tier, without the words that only say that it is one."""
    value = str(record.values.get("tier") or "")
    return Said(record, value, " ".join(SAYS_WHAT_IT_IS.sub(" ", value).casefold().split()) or None)


def annual_value(record: SourceRecord) -> Said | None:
    """The amount with its currency."""
    amount, currency = record.values.get("annual_value_minor"), record.values.get("currency")
    if not isinstance(amount, int) or not isinstance(currency, str):
        return None
    return Said(record, money(amount, currency), (amount, currency))


def status(record: SourceRecord) -> Said | None:
    """What the status comes to; a word nobody knows has no say."""
    value = str(record.values.get("status") or "")
    return Said(record, value, MEANING.get(" ".join(value.casefold().replace("_", " ").split())))


def renewal(record: SourceRecord) -> Said | None:
    """The renewal day."""
    value = record.values.get("renews_on")
    return Said(record, str(value), value) if value else None


def owner(record: SourceRecord) -> Said | None:
    """The owner by address and name: one in common is the same person."""
    if record.owner is None:
        return None
    known = frozenset(
        " ".join(part.casefold().split()) for part in (record.owner.name, record.owner.email) if part
    )
    return Said(record, record.owner.name, known or None)


FIELDS: Final[dict[str, tuple[str, Callable[[SourceRecord], Said | None]]]] = {
    "tier": ("Tier", tier),
    "annual_value_minor": ("Annual value", annual_value),
    "status": ("Status", status),
    "owner": ("Owner", owner),
    "renews_on": ("Renewal", renewal),
}
"""Field → what it is called, how it is read."""
