"""The Asana simulator as tests, demo and benchmarks use it: start, stop, settings, edits by world id or gid."""

from __future__ import annotations

from datetime import date, timedelta
from email.utils import format_datetime
from typing import Any, Final

import orjson

from partnerhub.simulator.asana.application import Routes
from partnerhub.simulator.asana.objects import (
    PARTNER_FIELD,
    WORKSPACE_GID,
    Json,
    SimTask,
    add_project,
    add_task,
    gid_for,
    iso,
    partner_field,
)
from partnerhub.simulator.asana.store import TOKEN_LIFE, Store
from partnerhub.simulator.faults import Fault, FaultPlan
from partnerhub.simulator.http import App, HttpSimulator
from partnerhub.simulator.world.model import World
from partnerhub.simulator.world.projects import Task, TaskProject

TOKEN: Final = "2/1199000000000009/simulated:5f1c0e2a"  # the simulator's published password
OAUTH_FORM: Final = {
    "grant_type": "refresh_token",
    "refresh_token": "simulated-refresh-token",
    "client_id": "1199000000000010",
    "client_secret": "simulated-client-secret",
}
MESSAGES: Final = {
    400: "Invalid Request",
    401: "Not Authorized",
    402: "Payment Required: this feature is available to premium workspaces only",
    403: "Forbidden",
    404: "Not a recognized ID",
    429: "You have made too many requests recently. Please, be chill.",
    500: "Server Error",
}


class AsanaSimulator(HttpSimulator):
    """One Asana workspace over a world.

    with AsanaSimulator(world) as asana: settings are `base_url=asana.url + "/api/1.0", token=asana.token`. The clock is
    `store.now`, the world's present until `store.advance(...)`. Edits work while serving; they change what Asana holds,
    not the world, and take a world id or a gid. `store.held.world_ids[gid]` is the truth behind a record.

    offset_life_requests: how many requests an offset survives, 0 for any number. refused_projects: gids that are listed
    but may not be read. missing_scopes: scopes the token lacks. rate_limit: requests per window, 0 is no limit.
    """

    def __init__(
        self,
        world: World,
        port: int = 0,
        latency_seconds: float = 0.0,
        *,
        token: str = TOKEN,
        token_life: timedelta = TOKEN_LIFE,
        rate_limit: int = 0,
        rate_window_seconds: float = 60.0,
        faults: FaultPlan | None = None,
    ) -> None:
        """`token_life` is how long an event token lives by the simulator's clock."""
        super().__init__(port=port, latency_seconds=latency_seconds, faults=faults)
        self.world = world
        self.token = token
        self.tokens = {token}
        self.oauth_form = dict(OAUTH_FORM)
        self.rate_limit = rate_limit
        self.rate_window_seconds = rate_window_seconds
        self.retry_after_seconds = 30
        self.offset_life_requests = 0
        self.refused_projects: set[str] = set()
        self.missing_scopes: set[str] = set()
        self.further_workspaces: list[Json] = []
        self.store = Store(world, token_life)
        self.routes = Routes(self)

    @property
    def api_url(self) -> str:
        """What the setting `base_url` takes."""
        return f"{self.url}/api/1.0"

    @property
    def workspace_gid(self) -> str:
        """The one workspace that holds anything."""
        return WORKSPACE_GID

    @property
    def user_gid(self) -> str:
        """The person behind the token: the first colleague there is."""
        return next(iter(self.store.held.users))

    def application(self) -> App:
        """Asana's routes."""
        return self.routes.application()

    def error_body(self, status: int, fault: Fault) -> bytes:
        """Asana's words for a declared fault."""
        del fault
        return self.error_words(status)

    def error_headers(self, fault: Fault) -> list[tuple[bytes, bytes]]:
        """The usual headers, and Asana's clock."""
        date_now = format_datetime(self.store.now, usegmt=True).encode()
        return [*super().error_headers(fault), (b"date", date_now)]

    def error_words(self, status: int, message: str = "") -> bytes:
        """An error body as Asana writes it."""
        said = {"message": message or MESSAGES.get(status, f"HTTP {status}")}
        if status >= 500:  # noqa: PLR2004 - server errors carry a phrase to quote to support
            said["phrase"] = "6 sad squid snuggle softly"
        else:
            said["help"] = (
                "For more information on API status codes and how to handle them, read the docs on errors"
            )
        return orjson.dumps({"errors": [said]})

    def issue_token(self) -> str:
        """A further access token, as the OAuth exchange hands out."""
        token = f"{self.token}-{len(self.tokens)}"
        self.tokens.add(token)
        return token

    def expire_offsets(self) -> None:
        """Every offset handed out so far is dead."""
        self.routes.expire_offsets()

    def expire_sync_tokens(self) -> None:
        """Every event token handed out so far is dead."""
        self.store.expire_tokens()

    # ---- edits

    def gid(self, one: str) -> str:
        """The gid of a thing of the world; a gid stays what it is."""
        return gid_for(one)

    def task(self, one: str) -> SimTask:
        """A task by world id or gid; raises `KeyError`."""
        return self.store.held.tasks[gid_for(one)]

    def add_project(self, project: TaskProject) -> str:
        """A project made now; returns its gid."""
        with self.store.lock:
            return add_project(self.store.held, project)

    def add_task(self, task: Task) -> str:
        """A task, or a subtask where it names a parent, made now; returns its gid."""
        with self.store.lock:
            gid = add_task(self.store.held, task)
            made = self.store.held.tasks[gid]
            self.store.touch(made)
            self.store.tell(made, "added")
            return gid

    def edit_task(self, one: str, **changes: Any) -> str:
        """Change fields of a task by Asana's names (`name`, `notes`); returns its gid."""
        with self.store.lock:
            task = self.task(one)
            task.body.update(changes)
            self.store.touch(task)
            self.store.tell(task, "changed")
            return str(task.body["gid"])

    def set_partner(self, one: str, value: str | None) -> None:
        """Write the custom field "Partner" of a task, or of a project."""
        with self.store.lock:
            gid = gid_for(one)
            if gid in self.store.held.projects:
                project = self.store.held.projects[gid]
                project.update(custom_fields=[partner_field(value)], modified_at=iso(self.store.now))
                return
        self.edit_task(one, custom_fields=[partner_field(value)])

    def rename_field(self, gid: str, name: str) -> None:
        """Call a custom field otherwise; its gid stays, and no task counts as changed."""
        with self.store.lock:
            self.store.held.custom_fields[gid]["name"] = name
            for body in self.store.held.bodies():
                for one in body["custom_fields"]:
                    if one["gid"] == gid:
                        one["name"] = name

    def remove_field(self, gid: str) -> None:
        """Delete a custom field with its values; no task counts as changed."""
        with self.store.lock:
            del self.store.held.custom_fields[gid]
            for body in self.store.held.bodies():
                body["custom_fields"] = [one for one in body["custom_fields"] if one["gid"] != gid]

    def complete_task(self, one: str, author: str | None = None) -> None:
        """Mark a task as done now; its history says so."""
        with self.store.lock:
            task = self.task(one)
            task.body.update(completed=True, completed_at=iso(self.store.now))
            self.store.tell(task, "changed")
            self.store.add_story(
                task, self.store.held.author(author), "completed", "marked this task complete"
            )

    def set_due(self, one: str, due: date | None, author: str | None = None) -> None:
        """Move the day a task is due; its history says so."""
        with self.store.lock:
            task = self.task(one)
            before = task.body["due_on"]
            self.store.set_due(task, due)
            after = task.body["due_on"]
            dates = {"old_dates": {"due_on": before}, "new_dates": {"due_on": after}}
            text = f"changed the due date to {after}"
            self.store.add_story(task, self.store.held.author(author), "due_date_changed", text, **dates)

    def comment(self, one: str, text: str, author: str | None = None) -> str:
        """Comment on a task; returns the story's gid."""
        with self.store.lock:
            writer = self.store.held.author(author) or self.user_gid
            return str(self.store.add_story(self.task(one), writer, "comment", text)["gid"])

    def delete_story(self, one: str, story: str) -> None:
        """Take a comment away; the task counts as changed."""
        with self.store.lock:
            task, gid = self.task(one), gid_for(story)
            said = next(entry for entry in task.stories if entry["gid"] == gid)
            task.stories.remove(said)
            self.store.touch(task)
            self.store.tell_story(task, said, "deleted")

    def delete_task(self, one: str) -> str:
        """Delete a task and, untold, its subtasks; returns its gid."""
        with self.store.lock:
            task = self.task(one)
            gid = str(task.body["gid"])
            task.gone = True
            self.store.touch(task)
            self.store.tell(task, "deleted")
            waiting = self.store.subtasks_of(gid)
            while waiting:
                below = waiting.pop()
                below.gone = True
                waiting += self.store.subtasks_of(below.body["gid"])
            return gid

    def undelete_task(self, one: str) -> None:
        """Bring a deleted task back."""
        with self.store.lock:
            task = self.task(one)
            task.gone = False
            self.store.touch(task)
            self.store.tell(task, "undeleted")

    def move_task(self, one: str, project: str, section: str, author: str | None = None) -> None:
        """Move a task to a section of a project. As in Asana, moving alone leaves the modification time as it was."""
        with self.store.lock:
            task, target = self.task(one), gid_for(project)
            left = [gid for gid in task.memberships if gid != target]
            task.memberships = {target: gid_for(section)}
            parent = {
                "gid": target,
                "resource_type": "project",
                "name": self.store.held.projects[target]["name"],
            }
            self.store.tell(task, "added", parent=parent)
            for gid in left:
                name = self.store.held.projects[gid]["name"]
                gone = {"gid": gid, "resource_type": "project", "name": name}
                self.store.tell(task, "removed", parent=gone, places=[gid])
            if not left:
                self.store.add_story(task, self.store.held.author(author), "moved", "moved this task")

    def hide_project(self, one: str) -> None:
        """The token's person can no longer see a project, nor what is in it."""
        self.store.hidden.add(gid_for(one))

    def show_project(self, one: str) -> None:
        """The person can see it again."""
        self.store.hidden.discard(gid_for(one))


__all__ = ["PARTNER_FIELD", "TOKEN", "AsanaSimulator"]
