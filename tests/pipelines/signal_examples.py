"""A partner as the signal rules see it, and what a rule finds in it: what the examples of the rules share."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from partnerhub.config.signals import Thresholds
from pipelines.signals.evaluate import rules
from pipelines.signals.facts import (
    Agreement,
    Colleague,
    Contact,
    Deal,
    Finding,
    Partner,
    SourceRecord,
    Touch,
)

TODAY = date(2026, 11, 1)
PRIYA = "priya@brightwater.example"
SAM = Colleague("crm/owners/1", "Sam Ortiz", "sam@ours.example")
BRIGHTWATER = Partner(
    "o1",
    "Brightwater Energy",
    contacts=(Contact("Priya Nair", frozenset({PRIYA})),),
    colleagues={SAM.email or "": SAM},
)


def ago(days: int) -> str:
    return f"{TODAY - timedelta(days=days)}T09:00:00.000000Z"


def ahead(days: int) -> date:
    return TODAY + timedelta(days=days)


def mail(days: int, direction: str = "in", text: str | None = "Can we talk?", **values: object) -> Touch:
    theirs, ours = frozenset({PRIYA}), frozenset({SAM.email or ""})
    touch = Touch(
        f"f{days}{direction}", f"mail/inbox/{days}{direction}", "email", ago(days), direction, thread="t1",
        title="Rollout", text=text if direction == "in" else None,
        sender=PRIYA if direction == "in" else SAM.email, theirs=theirs, ours=ours,
    )  # fmt: skip
    return replace(touch, **values)  # type: ignore[arg-type]


def found(rule: str, partner: Partner, today: date = TODAY, **limits: int) -> list[Finding]:
    return list(rules()[rule](partner, today, Thresholds(**limits)))


def one(rule: str, **facts: object) -> Finding:
    (finding,) = found(rule, replace(BRIGHTWATER, **facts))  # type: ignore[arg-type]
    return finding


def none(rule: str, **facts: object) -> None:
    assert found(rule, replace(BRIGHTWATER, **facts)) == []  # type: ignore[arg-type]


def says(record: str, called: str, places: dict[str, str] | None = None, **values: object) -> SourceRecord:
    return SourceRecord(record, called, ago(3), values, places=places or {})


RENEWAL = Deal("d1", "crm/deals/1", "HubSpot", "Renewal 2026", "Negotiation", "open", ago(97))
CONTRACT = Agreement("a", "sf/contracts/1", "Salesforce", "Frame contract", "Activated", ends_on=ahead(30))
CRM = says("crm/accounts/1", "Salesforce", tier="Silver", annual_value_minor=31_000_000, currency="USD")
