"""The truth of a world in terms of source records: who is who, and whom every fact concerns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from partnerhub.simulator.truth.model import Fact, Truth, mail_key, row_content
from partnerhub.simulator.truth.of_people import colleagues_of, namesakes_among, people_of
from partnerhub.simulator.truth.of_systems import (
    copies_in_systems,
    deck_partners,
    facts_of_systems,
    live_accounts,
)
from partnerhub.simulator.world.model import Mail, World

STREAM_OF_KIND = {
    "note": "notes",
    "call": "calls",
    "meeting": "meetings",
    "email": "emails",
    "task": "tasks",
    "ticket": "tickets",
}
MAY_STAY_UNATTACHED = frozenset({"newsletter", "bounce", "auto_reply"})
NO_OTHERS: Mapping[str, str] = MappingProxyType({})


def truth_of(world: World, crm_source: str = "hubspot", others: Mapping[str, str] = NO_OTHERS) -> Truth:
    """The truth of a world as it is now, for a hub that reads HubSpot, the mailboxes and the partner list.

    crm_source: HubSpot's name in `partnerhub.yaml`. others: vendor (`salesforce`, `jira`, `asana`, `decks`) → name of
    its source, for those that are read too.
    """
    live = {
        f"{crm_source}/companies/{c.id}": c.org_id
        for c in world.companies.values()
        if not c.archived_at and not c.merged_into
    }
    rows = {row_content(row.values): row.org_id for row in world.sheet}
    live |= live_accounts(world, others)
    recorded = {*live.values(), *rows.values()}
    live |= deck_partners(world, others)
    facts = {f"{crm_source}/deals/{deal.id}": fact([deal.org_id], recorded) for deal in world.deals.values()}
    mails = {mail.id: mail for mail in world.mails}
    same: list[tuple[str, str]] = []
    for activity in world.activities.values():
        key = f"{crm_source}/{STREAM_OF_KIND[activity.kind]}/{activity.id}"
        facts[key] = fact([activity.org_id], recorded)
        mail = mails.get(activity.mail_id or "")
        if mail and mail.message_id:
            same.append((mail_key(mail.message_id), key))
    for mail in world.mails:
        if mail.message_id:
            concerned = [mail.org_id, *mail.other_org_ids] if mail.org_id else []
            facts[mail_key(mail.message_id)] = fact(
                concerned, recorded, optional=mail.kind in MAY_STAY_UNATTACHED
            )
    for key, concerned, optional in facts_of_systems(world, others):
        facts[key] = fact(concerned, recorded, optional=optional)
    same += copies_in_systems(world, crm_source, others)
    people = people_of(world, crm_source, others)
    roles = {org.id: org.role for org in world.orgs.values()}
    return Truth(
        records=live,
        rows=rows,
        roles=roles,
        facts=facts,
        same_facts=tuple(same),
        candidates=candidate_domains(world, recorded),
        people=people,
        namesakes=namesakes_among(world, people),
        colleagues=colleagues_of(world, crm_source, others),
    )


def fact(concerned: Iterable[str], recorded: Collection[str], *, optional: bool = False) -> Fact:
    """The truth about one fact: only organizations that some source has a record of can be expected."""
    return Fact(frozenset(org_id for org_id in concerned if org_id in recorded), optional)


def candidate_domains(world: World, recorded: Collection[str]) -> frozenset[str]:
    """Domains of organizations without any record that mail went to and came from."""
    wrote: set[str] = set()
    was_written_to: set[str] = set()
    for mail in world.mails:
        if mail.kind == "person" and mail.org_id and mail.org_id not in recorded:
            ours, domain = sides(mail, world)
            (was_written_to if ours else wrote).update(domain)
    return frozenset(wrote & was_written_to)


def sides(mail: Mail, world: World) -> tuple[bool, set[str]]:
    """Whether a mail is ours, and the domains of the organization it concerns that take part."""
    org = world.orgs[mail.org_id or ""]
    domains = {address.rpartition("@")[2] for _, address in [mail.sender, *mail.to]} & set(org.domains)
    return mail.sender[1].endswith(f"@{world.own_domain}"), domains
