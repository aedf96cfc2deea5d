"""What happens to the running vendors: time passes, records are merged and deleted, mail comes, a vendor breaks.

Only the vendors are edited. They forget it when they are started anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from partnerhub.simulator.breaking import Breaking
from partnerhub.simulator.imap.world_mail import deliver
from partnerhub.simulator.world.model import CrmCompany, Mail, Org, World
from partnerhub.simulator.world.story import tomorrow
from partnerhub.simulator.world.story.stage import quoted

if TYPE_CHECKING:
    from partnerhub.simulator.runner import Simulator

LONGEST_PERIOD: Final = 365
PAUSED: Final = "Pausing the rollout"


class Clock(Protocol):
    """A vendor's store."""

    def advance(self, by: timedelta) -> None:
        """Let time pass."""


class Happenings:
    """Steers one running `Simulator`. Each method says in sentences what it did."""

    def __init__(self, vendors: Simulator) -> None:
        """`vendors` must hold a world with the story in it."""
        self.vendors = vendors
        self.world: World = vendors.world
        self.days = timedelta(0)
        self.breaking = Breaking(vendors)
        self._happened = False

    def advance(self, by: timedelta) -> list[str]:
        """Let time pass. The first time: a merge, a deletion, a renamed field, new mail; later only mail."""
        self.days += by
        for store in self._stores():
            store.advance(by)
        self.vendors.tell_time(self.world.now + self.days)
        happened = [later(by)]
        if not self._happened:
            self._happened = True
            happened += [self.merge(), self.delete(), self.rename(), self.answer()]
        return [*happened, self.write()]

    def _stores(self) -> Iterator[Clock]:
        """Whatever has a clock."""
        yield self.vendors.hubspot.store
        if "salesforce" in self.vendors.vendors:
            yield self.vendors.salesforce.store
        if "jira" in self.vendors.vendors:
            yield self.vendors.jira.store
        if "asana" in self.vendors.vendors:
            yield self.vendors.asana.store

    def merge(self) -> str:
        """Merge two partners' companies in HubSpot, which gives both a new id there."""
        winner, loser = (self._company(name) for name in (tomorrow.ABSORBING, tomorrow.ABSORBED))
        number = self.vendors.hubspot.merge_companies(winner.id, loser.id)
        return f"HubSpot: “{loser.name}” was merged into “{winner.name}”, which is company {number} now."

    def delete(self) -> str:
        """Delete a customer's company in HubSpot."""
        company = self._company(tomorrow.DELETED)
        self.vendors.hubspot.archive_company(company.id)
        return f"HubSpot: “{company.name}” was deleted."

    def rename(self) -> str:
        """Give a property of HubSpot's companies another name."""
        before, after = tomorrow.RENAMED
        count = self.vendors.hubspot.store.rename_property("companies", before, after)
        return f"HubSpot: the property {before} is called {after} now, on {count} companies."

    def answer(self) -> str:
        """Answer the mail that waits the longest in the story."""
        waiting = next(mail for mail in self.world.mails if mail.subject == PAUSED)
        tom = next(human for human in self.world.humans.values() if human.emails[0].startswith("tom.okafor@"))
        text = (
            "Hi Maya, hi Tom,\n\nI should have answered sooner. The rollout rests until your review has passed; Ivo"
            " has a fix that needs no cookie and can show it on your test system this week. Tom, I send you the renewal"
            " paper with a later date.\n\nNora"
        )
        mail = self._mail(
            waiting.to[0], [waiting.sender, named(tom.given_name, tom.family_name, tom.emails[0])], text
        )
        mail.subject, mail.org_id = f"Re: {PAUSED}", waiting.org_id
        mail.in_reply_to, mail.references = waiting.message_id, [waiting.message_id or ""]
        mail.quoted = quoted(waiting)
        deliver(mail, self.vendors.imap.mailboxes)
        return f"Mail: {mail.sender[0]} answered “{PAUSED}”."

    def write(self) -> str:
        """A mail from a partner that waits for an answer."""
        org = self._org(tomorrow.ABSORBING)
        human = next(human for human in self.world.humans.values() if human.org_id == org.id)
        nora = self.world.staff["owner-1"]
        text = (
            "Hi Nora,\n\nPaul's four clinics are moving in. Whom do I ask about their open cases?\n\nDenise"
        )
        mail = self._mail(
            named(human.given_name, human.family_name, human.emails[0]), [(nora.name, nora.email)], text
        )
        mail.subject, mail.org_id = "Open cases of the four clinics", org.id
        deliver(mail, self.vendors.imap.mailboxes)
        return f"Mail: {mail.sender[0]} wrote “{mail.subject}”."

    def _org(self, name: str) -> Org:
        return next(org for org in self.world.orgs.values() if org.name == name)

    def _company(self, name: str) -> CrmCompany:
        org = self._org(name)
        return next(company for company in self.world.companies.values() if company.org_id == org.id)

    def _mail(self, sender: tuple[str, str], to: list[tuple[str, str]], text: str) -> Mail:
        """A mail of this moment."""
        number = len(self.world.mails) + 1
        mail = Mail(
            id=f"mail-{990_000 + number}",
            kind="person",
            org_id=None,
            message_id=f"<story.later.{number}@{sender[1].rpartition('@')[2]}>",
            in_reply_to=None,
            references=[],
            sent_at=self.world.now + self.days,
            sender=sender,
            to=to,
            cc=[],
            subject="",
            text=text,
        )
        self.world.mails.append(mail)
        return mail


def named(given: str, family: str, address: str) -> tuple[str, str]:
    """Display name and address."""
    return f"{given} {family}", address


def later(by: timedelta) -> str:
    """How much time has passed."""
    if by.days == 1:
        return "It is a day later."
    hours, days = by // timedelta(hours=1), by.days
    return f"It is {days} days later." if days else f"It is {hours} hour{'' if hours == 1 else 's'} later."


Steering = Mapping[str, Callable[[str], list[str]]]


def steering(happenings: Happenings) -> Steering:
    """Action → what it does with its argument; each answers with sentences. Raises `ValueError` for a bad argument."""
    return {
        "advance": lambda what: happenings.advance(period(what)),
        "break": lambda what: [happenings.breaking.break_vendor(what)],
        "mend": lambda what: [happenings.breaking.mend(what)],
    }


def period(text: str) -> timedelta:
    """`1d`, `3d`, `12h` as a period; raises `ValueError` for anything else."""
    number, unit = text[:-1], text[-1:]
    if not number.isdecimal() or unit not in {"d", "h"} or not 0 < int(number) <= LONGEST_PERIOD:
        raise ValueError("write a period such as 1d, 3d or 12h")
    return timedelta(days=int(number)) if unit == "d" else timedelta(hours=int(number))
