"""Which organizations a fact belongs to, from its anchors and who holds them. Pure.

Order: a person's decision; what a source links (organization, then deal or parent, then person); what a source names
in words (a CRM's id, else a site, else a name); then the outside participants, each by their address, else their host,
else their registrable domain; last of all a free text that clearly names one (`mentions`). An identifier or name held
by several organizations attaches nothing by itself: that one of them is a partner does not tell which one was meant,
and a wrong timeline is worse than a line in a list to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from mappings.clean.web import is_generic_host, registrable_domain

AUTOMATIC = frozenset({"auto_reply", "bounce"})
LIST = "list"
SENDER = "from"
ATTACH, DETACH = "attach", "detach"
WORDS = (("crm_id",), ("host", "domain"), ("name",))
"""The methods by which words name an organization, the surest first."""


class Link(NamedTuple):
    """One anchor of one fact: a row of `fact_link` without the fact. quote: the words that name somebody."""

    anchor: str
    role: str
    method: str
    score: float = 1.0
    since: str | None = None
    until: str | None = None
    stated_by: str | None = None
    quote: str | None = None


class Facts(NamedTuple):
    """What decides where one fact belongs. day: when it happened, `YYYY-MM-DD`, to choose among employers."""

    links: Sequence[Link]
    nature: str
    day: str
    has_participants: bool


class Workplace(NamedTuple):
    """An organization a person works at, with the days known."""

    organization_id: str
    since: str | None
    until: str | None

    def covers(self, day: str) -> bool:
        """Whether the person worked there on a day (`YYYY-MM-DD`)."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(slots=True)
class Holders:
    """Who holds which anchor, for a batch of facts.

    organizations: of a record or identifier. workplaces: of the persons behind a record or address. facts: what the
    fact behind a record is attached to. own: addresses of colleagues.
    """

    organizations: dict[str, set[str]] = field(default_factory=dict)
    workplaces: dict[str, set[Workplace]] = field(default_factory=dict)
    facts: dict[str, set[str]] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)


class Attached(NamedTuple):
    """The fact is on this organization's timeline, because of that anchor."""

    organization_id: str
    method: str
    anchor: str


def attach(fact: Facts, holders: Holders) -> tuple[str, list[Attached]]:
    """Where a fact belongs: `attached` with the organizations, or the reason why nowhere."""
    found, reason = automatic(fact, holders)
    detached = decided(fact.links, DETACH, holders)
    chosen = {each.organization_id: each for each in found if each.organization_id not in detached}
    for organization_id, anchor in decided(fact.links, ATTACH, holders).items():
        chosen[organization_id] = Attached(organization_id, "decision", anchor)
    if chosen:
        return "attached", [chosen[key] for key in sorted(chosen)]
    return ("unknown" if found else reason), []


def decided(links: Iterable[Link], role: str, holders: Holders) -> dict[str, str]:
    """Organizations people attached or detached by hand, with the anchor."""
    return {
        organization_id: link.anchor
        for link in links
        if link.method == "decision" and link.role == role
        for organization_id in sorted(holders.organizations.get(link.anchor, ()))
    }


def automatic(fact: Facts, holders: Holders) -> tuple[list[Attached], str]:
    """What attaches without a person's word, and the reason should that be nothing."""
    stated = by_source(fact.links, fact.day, holders)
    if stated:
        return stated, ""
    named, ambiguous = by_words(fact.links, holders)
    if named:
        return named, ""
    if fact.nature == LIST:
        return [], "bulk"
    addresses = outside(fact.links, holders)
    if fact.nature in AUTOMATIC:
        addresses = [(address, role) for address, role in addresses if role == SENDER]
    found: dict[str, Attached] = {}
    for address in sorted({address for address, _ in addresses}):
        each, several = by_address(address, fact.day, holders)
        ambiguous = ambiguous or several
        if each:
            found.setdefault(each.organization_id, each)
    return list(found.values()), reason_of(fact, addresses, holders, ambiguous=ambiguous)


def by_source(links: Sequence[Link], day: str, holders: Holders) -> list[Attached]:
    """What the sources' own links say: organizations, else deals and parents, else persons."""
    stated = sorted(
        {link.anchor for link in links if link.method == "crm_id" and link.anchor.startswith("record:")}
    )
    at_day = {anchor: employers(holders.workplaces.get(anchor, ()), day) for anchor in stated}
    for held in (holders.organizations, holders.facts, at_day):
        found: dict[str, Attached] = {}
        for anchor in stated:
            for organization_id in held.get(anchor, ()):
                found.setdefault(organization_id, Attached(organization_id, "crm_id", anchor))
        if found:
            return list(found.values())
    return []


def by_words(links: Sequence[Link], holders: Holders) -> tuple[list[Attached], bool]:
    """What a source names without linking it, and whether some name has several holders.

    Each word leads to the one organization that answers to it; a domain is asked only where its host led nowhere.
    """
    several = False
    for methods in WORDS:
        found: dict[str, Attached] = {}
        answered: set[str | None] = set()
        for method in methods:
            for anchor in sorted({link.anchor for link in links if is_words(link, method)}):
                held = holders.organizations.get(anchor, ())
                site = anchor.partition(":")[2]
                if len(held) == 1 and site not in answered:
                    organization_id = next(iter(held))
                    found.setdefault(organization_id, Attached(organization_id, method, anchor))
                    answered.add(registrable_domain(site) if method == "host" else None)
                several = several or len(held) > 1
        if found:
            return list(found.values()), several
    return [], several


def is_words(link: Link, method: str) -> bool:
    """Whether a relation names somebody in words of this method."""
    return link.method == method and link.stated_by is not None and not link.anchor.startswith("record:")


def employers(workplaces: Iterable[Workplace], day: str) -> set[str]:
    """The employers on a day; all there are where no interval covers it."""
    known = list(workplaces)
    return {each.organization_id for each in known if each.covers(day)} or {
        each.organization_id for each in known
    }


def outside(links: Iterable[Link], holders: Holders) -> list[tuple[str, str]]:
    """(address, role) of the participants who are none of ours."""
    pairs = (
        (link.anchor.removeprefix("email:"), link.role) for link in links if link.method == "person_address"
    )
    return [(address, role) for address, role in pairs if address not in holders.own]


def by_address(address: str, day: str, holders: Holders) -> tuple[Attached | None, bool]:
    """The one organization an address leads to, and whether some step found several."""
    several = False
    for method, anchor in identifiers(address):
        held = set(holders.organizations.get(anchor, ())) | employers(holders.workplaces.get(anchor, ()), day)
        if len(held) == 1:
            return Attached(held.pop(), method, anchor), several
        several = several or len(held) > 1
    return None, several


@lru_cache(maxsize=65_536)
def identifiers(address: str) -> tuple[tuple[str, str], ...]:
    """(method, anchor) an outside address can attach by, best first: address, host, registrable domain."""
    host = address.rpartition("@")[2]
    found = [("person_address", f"email:{address}")]
    if host and not is_generic_host(host):
        found.append(("host", f"host:{host}"))
        if domain := registrable_domain(host):
            found.append(("domain", f"domain:{domain}"))
    return tuple(found)


def reason_of(fact: Facts, addresses: Sequence[tuple[str, str]], holders: Holders, *, ambiguous: bool) -> str:
    """Why a fact that attaches nowhere does not."""
    if fact.has_participants and not outside(fact.links, holders):
        return "internal"
    if fact.nature in AUTOMATIC:
        return "bulk"
    if ambiguous:
        return "ambiguous"
    if addresses and all(len(identifiers(address)) == 1 for address, _ in addresses):
        return "generic"
    return "unknown"


def participant_links(address: str, role: str) -> list[Link]:
    """The links of an outside participant. A host that is its own registrable domain is told by the domain."""
    found = identifiers(address)
    domains = {anchor.partition(":")[2] for method, anchor in found if method == "domain"}
    return [
        Link(anchor, role, method)
        for method, anchor in found
        if method != "host" or anchor.partition(":")[2] not in domains
    ]


def is_own(address: str, own_domains: frozenset[str], own_addresses: frozenset[str]) -> bool:
    """Whether an address is ours by configuration."""
    host = address.rpartition("@")[2]
    return address in own_addresses or host in own_domains or (registrable_domain(host) or "") in own_domains
