"""Which source records are one human, and which users are one colleague.

The vendors are imported where they are asked for: an evaluation of a hub that does not read them needs none of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from partnerhub.simulator.hubspot.projection import FIRST_CONTACT, FIRST_OWNER, numeric
from partnerhub.simulator.world.model import World


def people_of(world: World, crm_source: str, others: Mapping[str, str]) -> dict[str, str]:
    """Record key of every contact, lead and outside account → the human it is."""
    people = {
        f"{crm_source}/contacts/{numeric(human.id, FIRST_CONTACT)}": human.id
        for human in world.humans.values()
        if human.in_crm
    }
    if sales := others.get("salesforce"):
        for contact in world.sales.contacts.values():
            people[f"{sales}/{'Lead' if contact.is_lead else 'Contact'}/{contact.id}"] = contact.human_id
    if jira := others.get("jira"):
        people |= {key: one for key, one in jira_users(world, jira).items() if one in world.humans}
    return people


def namesakes_among(world: World, people: Mapping[str, str]) -> dict[str, str]:
    """Record key → name at an organization, for people who share both with somebody else."""
    names = {
        human.id: f"{human.given_name} {human.family_name} of {human.org_id}"
        for human in world.humans.values()
    }
    shared = {name for name, count in Counter(names.values()).items() if count > 1}
    return {key: names[human_id] for key, human_id in people.items() if names[human_id] in shared}


def colleagues_of(world: World, crm_source: str, others: Mapping[str, str]) -> dict[str, str]:
    """Record key of every user who is one of us → the colleague. Asana lists nobody who has left."""
    users = {f"{crm_source}/owners/{numeric(one, FIRST_OWNER)}": one for one in world.staff}
    if sales := others.get("salesforce"):
        from partnerhub.simulator.salesforce.identifiers import made_id

        users |= {f"{sales}/User/{made_id('User', one)}": one for one in world.staff}
    if jira := others.get("jira"):
        users |= {key: one for key, one in jira_users(world, jira).items() if one in world.staff}
    if asana := others.get("asana"):
        from partnerhub.simulator.asana.objects import gid_for

        present = [one for one, staff in world.staff.items() if staff.left_at is None]
        users |= {f"{asana}/users/{gid_for(one)}": one for one in present}
    return users


def jira_users(world: World, source: str) -> dict[str, str]:
    """Record key of every account of the site → colleague or human: all of us, and outsiders who write there."""
    from partnerhub.simulator.jira.store import account_id_of

    found = set(world.staff)
    for issue in world.projects.issues.values():
        found |= {issue.reporter_id, *(comment.author_id for comment in issue.comments)}
    return {f"{source}/users/{account_id_of(one)}": one for one in sorted(found)}
