"""Answers as Asana shapes them: compact by default, and exactly the fields asked for by `opt_fields` otherwise."""

from __future__ import annotations

from typing import Any, Final

from partnerhub.simulator.asana.objects import Json, SimTask, iso
from partnerhub.simulator.asana.store import Store

ALWAYS: Final = ("gid", "resource_type")
COMPACT: Final = {
    "task": ("name", "resource_subtype"),
    "story": ("created_at", "created_by", "resource_subtype", "text", "type"),
    "project_membership": ("parent", "member", "access_level"),
    "event": ("user", "created_at", "type", "action", "resource", "parent"),
}
"""What a list shows unasked, besides id and type; elsewhere the name."""
USUAL_COMPACT: Final = ("name",)


class Shapes:
    """Makes the JSON of one store's objects."""

    def __init__(self, store: Store) -> None:
        """Reads the store as it is at the moment of asking."""
        self.store = store

    def user(self, gid: str | None) -> Json | None:
        """A user with everything there is, or None for nobody."""
        found = self.store.held.users.get(gid or "")
        return dict(found) if found else None

    def project(self, gid: str) -> Json:
        """A project with everything there is."""
        body = self.store.held.projects[gid]
        return {**body, "owner": self.user(body["owner"]), "workspace": self.store.held.workspace}

    def named(self, gid: str) -> Json:
        """A project by name alone."""
        return {"gid": gid, "resource_type": "project", "name": self.store.held.projects[gid]["name"]}

    def section(self, body: Json) -> Json:
        """A section with its project."""
        return {**body, "project": self.named(body["project"])}

    def membership(self, project: str, member: str) -> Json:
        """A person's membership in a project."""
        return {
            "gid": f"{int(project) % 10**12}{int(member) % 10**6:06d}",
            "resource_type": "project_membership",
            "parent": self.named(project),
            "member": self.user(member),
            "access_level": "admin" if self.store.held.projects[project]["owner"] == member else "editor",
        }

    def task(self, task: SimTask) -> Json:
        """A task with everything there is."""
        parent = self.store.held.tasks.get(task.parent or "")
        return {
            **task.body,
            "assignee": self.user(task.body["assignee"]),
            "created_by": self.user(task.body["created_by"]),
            "modified_at": iso(task.modified_at),
            "num_subtasks": len(self.store.subtasks_of(task.body["gid"])),
            "parent": {name: parent.body[name] for name in (*ALWAYS, *COMPACT["task"])} if parent else None,
            "memberships": [
                {"project": self.named(project), "section": self._section_name(project, section)}
                for project, section in task.memberships.items()
            ],
            "projects": [self.named(project) for project in task.memberships],
        }

    def story(self, said: Json) -> Json:
        """A story with its author and its task."""
        target = self.store.held.tasks[said["target"]].body
        return {
            **said,
            "created_by": self.user(said["created_by"]),
            "target": {name: target[name] for name in (*ALWAYS, *COMPACT["task"])},
        }

    def _section_name(self, project: str, section: str) -> Json:
        found = next((one for one in self.store.held.sections[project] if one["gid"] == section), None)
        return {name: found[name] for name in (*ALWAYS, "name")} if found else {"gid": section}


def shaped(found: Json, opt_fields: str, *, whole: bool = False) -> Json:
    """The object with id, type and the fields asked for; with none asked for, compact, or all of it when `whole`."""
    if not opt_fields:
        names = COMPACT.get(str(found.get("resource_type") or "event"), USUAL_COMPACT)
        kept = found if whole else {name: found[name] for name in (*ALWAYS, *names) if name in found}
        return {name: _compact(value) for name, value in kept.items()}
    wanted: dict[str, Any] = {}
    for path in filter(None, (one.strip() for one in opt_fields.split(","))):
        inner = wanted
        for name in path.split("."):
            inner = inner.setdefault(name, {})
    return _cut(found, wanted)


def _cut(found: Json, wanted: dict[str, Any]) -> Json:
    kept: Json = {name: found[name] for name in ALWAYS if name in found}
    for name, inner in wanted.items():
        if name in found:
            kept[name] = _cut_value(found[name], inner)
    return kept


def _cut_value(value: Any, inner: dict[str, Any]) -> Any:
    """A nested object asked for without its fields shows its id and type."""
    if isinstance(value, list):
        return [_cut_value(one, inner) for one in value]
    if isinstance(value, dict) and (inner or "gid" in value):
        return _cut(value, inner)
    return value


def _compact(value: Any) -> Any:
    """A nested object inside a compact one: id, type and name."""
    if isinstance(value, list):
        return [_compact(one) for one in value]
    if isinstance(value, dict) and "gid" in value:
        return {name: value[name] for name in (*ALWAYS, "name") if name in value}
    return value
