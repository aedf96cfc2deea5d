"""What the simulated Asana holds: plain objects by gid, as Asana's JSON with every field there is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from partnerhub.simulator.world.model import World
from partnerhub.simulator.world.projects import Story, Task, TaskProject

WORKSPACE_GID: Final = "1199000000000001"
ORPHAN_AUTHOR: Final = "1199000000000002"
"""Who wrote what no colleague wrote."""
PARTNER_FIELD_GID: Final = "1199000000000003"
PARTNER_FIELD: Final = "Partner"
COMMENT: Final = "comment"

SUBTYPES: Final = {
    COMMENT: "comment_added",
    "completed": "marked_complete",
    "uncompleted": "marked_incomplete",
    "moved": "section_changed",
}
"""The world's kinds of story → Asana's subtypes, where they differ."""

Json = dict[str, Any]


def gid_for(world_id: str) -> str:
    """The gid of a thing of the world: its own id where that is a number, else 16 digits made of it."""
    if world_id.isdecimal():
        return world_id
    number = int.from_bytes(hashlib.blake2b(world_id.encode(), digest_size=6).digest())
    return f"12{number % 10**14:014d}"


def iso(moment: datetime) -> str:
    """UTC with milliseconds, as Asana writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@dataclass(slots=True)
class SimTask:
    """A task with what belongs to it. memberships: project gid → section gid. gone: whether it was deleted."""

    body: Json
    memberships: dict[str, str]
    parent: str | None
    modified_at: datetime
    stories: list[Json] = field(default_factory=list)
    gone: bool = False


@dataclass(slots=True)
class Holdings:
    """Everything by gid. `world_ids` is the truth: gid → the world's id.

    former: users who have left. As in Asana, they are no members of anything and in no list of users; what they made or
    are assigned to goes on naming them.
    """

    workspace: Json
    users: dict[str, Json] = field(default_factory=dict)
    former: set[str] = field(default_factory=set)
    custom_fields: dict[str, Json] = field(default_factory=dict)
    projects: dict[str, Json] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    sections: dict[str, list[Json]] = field(default_factory=dict)
    tasks: dict[str, SimTask] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    world_ids: dict[str, str] = field(default_factory=dict)

    def bodies(self) -> list[Json]:
        """Whatever has custom fields: projects and tasks."""
        return [*self.projects.values(), *(task.body for task in self.tasks.values())]

    def known(self, world_id: str) -> str:
        """The gid of a thing of the world, remembered as such."""
        gid = gid_for(world_id)
        self.world_ids[gid] = world_id
        return gid

    def author(self, staff_id: str | None) -> str | None:
        """The user behind a staff id; somebody else for ids of nobody."""
        if staff_id is None:
            return None
        gid = gid_for(staff_id)
        return gid if gid in self.users else ORPHAN_AUTHOR


def holdings_of(world: World) -> Holdings:
    """The world's staff, task projects and tasks as Asana would hold them."""
    workspace = {
        "gid": WORKSPACE_GID,
        "resource_type": "workspace",
        "name": world.own_domain.partition(".")[0].title(),
        "is_organization": True,
        "email_domains": [world.own_domain],
    }
    held = Holdings(workspace)
    definition = {key: value for key, value in partner_field(None).items() if not key.endswith("_value")}
    held.custom_fields[PARTNER_FIELD_GID] = definition
    for staff in world.staff.values():
        gid = held.known(staff.id)
        left = staff.left_at is not None
        held.users[gid] = user(gid, staff.name, None if left else staff.email)
        if left:
            held.former.add(gid)
    held.users[ORPHAN_AUTHOR] = user(ORPHAN_AUTHOR, "Former member", None)
    for project in world.projects.task_projects.values():
        add_project(held, project)
    for task in world.projects.tasks.values():
        add_task(held, task)
    return held


def user(gid: str, name: str, email: str | None) -> Json:
    """A user of the workspace; Asana shows no address of people who have left."""
    named = {"gid": gid, "resource_type": "user", "name": name, "photo": None}
    return named | ({"email": email} if email else {})


def add_project(held: Holdings, project: TaskProject) -> str:
    """Hold a project of the world with its sections and members; returns its gid."""
    gid = held.known(project.id)
    held.projects[gid] = {
        "gid": gid,
        "resource_type": "project",
        "name": project.name,
        "notes": project.notes,
        "archived": project.archived,
        "completed": False,
        "completed_at": None,
        "created_at": iso(project.created_at),
        "modified_at": iso(project.modified_at),
        "start_on": None,
        "due_on": project.due.isoformat() if project.due else None,
        "owner": held.author(project.owner_id),
        "public": True,
        "permalink_url": f"https://app.asana.com/0/{gid}",
        "custom_fields": [partner_field(project.partner)],
    }
    members = (held.author(member) for member in project.member_ids)
    held.members[gid] = [one for one in members if one and one not in held.former]
    held.sections[gid] = [
        {
            "gid": held.known(section_id),
            "resource_type": "section",
            "name": name,
            "created_at": iso(project.created_at),
            "project": gid,
        }
        for section_id, name in project.sections
    ]
    return gid


def add_task(held: Holdings, task: Task) -> str:
    """Hold a task of the world with its stories; returns its gid."""
    gid = held.known(task.id)
    project = gid_for(task.project_id)
    body = {
        "gid": gid,
        "resource_type": "task",
        "resource_subtype": "default_task",
        "name": task.name,
        "notes": task.notes,
        "completed": task.completed_at is not None,
        "completed_at": iso(task.completed_at) if task.completed_at else None,
        "created_at": iso(task.created_at),
        "created_by": None,
        "start_on": None,
        "due_on": task.due.isoformat() if task.due else None,
        "due_at": None,
        "assignee": held.author(task.assignee_id),
        "tags": [],
        "permalink_url": f"https://app.asana.com/0/{project}/{gid}",
        "custom_fields": [partner_field(task.partner)],
    }
    parent = gid_for(task.parent_id) if task.parent_id else None
    memberships = {} if parent else {project: gid_for(task.section_id)}
    held.tasks[gid] = SimTask(body, memberships, parent, task.modified_at)
    if parent:
        held.children.setdefault(parent, []).append(gid)
    held.tasks[gid].stories = [story(held, gid, one) for one in task.stories]
    return gid


def story(held: Holdings, task: str, said: Story) -> Json:
    """One entry of a task's history."""
    is_comment = said.kind == COMMENT
    return {
        "gid": held.known(said.id),
        "resource_type": "story",
        "resource_subtype": SUBTYPES.get(said.kind, said.kind),
        "type": "comment" if is_comment else "system",
        "created_at": iso(said.created_at),
        "created_by": held.author(said.author_id),
        "text": said.text,
        "is_edited": False,
        "is_pinned": False,
        "source": "web",
        "target": task,
    }


def partner_field(value: str | None) -> Json:
    """The custom field "Partner", filled or empty."""
    return {
        "gid": PARTNER_FIELD_GID,
        "resource_type": "custom_field",
        "resource_subtype": "text",
        "name": PARTNER_FIELD,
        "type": "text",
        "enabled": True,
        "text_value": value,
        "display_value": value,
    }
