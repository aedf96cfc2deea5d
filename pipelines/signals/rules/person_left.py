"""Somebody the relationship hangs on has gone: a contact whose mail bounces or who says farewell, an owner of ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from partnerhub.config.signals import Thresholds
from pipelines.signals.facts import (
    ATTENTION,
    URGENT,
    Colleague,
    Contact,
    Evidence,
    Finding,
    Partner,
    cite,
    cut,
    days_since,
)
from pipelines.signals.farewells import farewell, farewell_of_another

OPEN_DEAL = ("open", None)
ACCOUNT = "the account"


def find(partner: Partner, today: date, limits: Thresholds) -> Iterator[Finding]:
    """One finding per person. Over as soon as the sources no longer have them there, or somebody else owns it."""
    yield from contacts_gone(partner, today, limits)
    yield from owners_gone(partner)


def contacts_gone(partner: Partner, today: date, limits: Thresholds) -> Iterator[Finding]:
    """Contacts by what says that they are gone, farewells and bounces together."""
    said = farewells(partner, today, limits)
    returned = bounced(partner, today, limits)
    for address in sorted({*said, *returned}):
        if not is_there(partner, address):
            continue
        name, words = partner.called(address), []
        if address in said:
            words.append("is leaving or has left")
        if address in returned:
            words.append(f"mail to {address} comes back")
        evidence = (*said.get(address, ()), *returned.get(address, ()))
        sentence = f"{name}: {', and '.join(words)}."
        yield Finding(address, sentence, URGENT if len(words) > 1 else ATTENTION, evidence)


def is_there(partner: Partner, address: str) -> bool:
    """Whether the sources still have this contact there; somebody only mail knows counts as there."""
    known = contact_of(partner, address)
    return known is None or known.current


def contact_of(partner: Partner, address: str) -> Contact | None:
    """The contact behind an address; one that is current before one that was."""
    found = [contact for contact in partner.contacts if address in contact.addresses]
    return max(found, key=lambda contact: contact.current, default=None)


def farewells(partner: Partner, today: date, limits: Thresholds) -> dict[str, list[Evidence]]:
    """Address → the sentences in which somebody says goodbye, or is said to go. A later mail of theirs is no return."""
    found: dict[str, list[Evidence]] = {}
    for touch in partner.touches:
        if touch.direction != "in" or not touch.text or days_since(touch.at, today) > limits.left_days:
            continue
        if touch.sender and (words := farewell(touch.text, partner.name)):
            found.setdefault(touch.sender, []).append(cite(touch, words))
        for contact in partner.contacts:
            for address in sorted(contact.addresses)[:1]:
                if address != touch.sender and (words := farewell_of_another(touch.text, contact.name)):
                    found.setdefault(address, []).append(cite(touch, words))
    return found


def bounced(partner: Partner, today: date, limits: Thresholds) -> dict[str, list[Evidence]]:
    """Address → mail that came back, unless somebody wrote from there since."""
    heard = {touch.sender: touch.at for touch in partner.touches if touch.sender}
    found: dict[str, list[Evidence]] = {}
    for bounce in partner.bounces:
        recent = days_since(bounce.at, today) <= limits.left_days
        if recent and heard.get(bounce.address, "") < bounce.at:
            quote = cut(bounce.said) if bounce.said else f"Mail to {bounce.address} could not be delivered"
            found.setdefault(bounce.address, []).append(
                Evidence(bounce.record, quote, bounce.at, bounce.fact_id)
            )
    return found


def owners_gone(partner: Partner) -> Iterator[Finding]:
    """Colleagues who own the account or an open deal and are no longer active there; by name, whatever the system."""
    gone: dict[str, tuple[Colleague, list[Evidence], list[str]]] = {}
    for record in partner.records:
        if record.owner and not record.owner.active and partner.owner in (None, record.owner.name):
            note(
                gone, record.owner, Evidence(record.record, f"Owner: {record.owner.name}", record.at), ACCOUNT
            )
    for deal in partner.deals:
        if deal.owner and not deal.owner.active and deal.status in OPEN_DEAL:
            quote = f"{deal.name} – owner: {deal.owner.name}"
            note(gone, deal.owner, Evidence(deal.record, quote, deal.since, deal.fact_id), f"“{deal.name}”")
    for key, (colleague, evidence, owned) in sorted(gone.items()):
        whole = " and ".join(sorted(set(owned), key=lambda each: (each != ACCOUNT, each)))
        sentence = f"{colleague.name}, who owns {whole}, is no longer active."
        yield Finding(f"owner:{key}", sentence, ATTENTION, tuple(evidence))


def note(
    gone: dict[str, tuple[Colleague, list[Evidence], list[str]]],
    colleague: Colleague,
    evidence: Evidence,
    owned: str,
) -> None:
    """Add what a colleague who has gone still owns."""
    _, cited, things = gone.setdefault(colleague.name.casefold(), (colleague, [], []))
    cited.append(evidence)
    things.append(owned)
