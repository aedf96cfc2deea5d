"""What happened in one project since the last sync, from Asana's event stream.

Looped here, token by token: each answer's token asks for the next hundred events. A 412 is never swallowed: it says
that events may be lost, and the project has to be read whole.
Source: Asana's API reference, "Events" (tokens live 24 hours at most, delivery at most once).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from connectors.asana.client import OF_ONE_PROJECT, AsanaClient, EventsLost, MissingScopes
from connectors.asana.records import gid_of, version_of
from connectors.errors import SkipStream
from connectors.transport import PageGuard, no_progress

FIELDS: Final = "action,created_at,type,resource,parent"
GONE: Final = "deleted"


@dataclass(slots=True)
class Changes:
    """What the events of one project say.

    sync: the token to ask with the next time. lost: whether events are missing, so that only a whole reading will do.
    tasks: task → what happened to it last. gone_at: deleted task or story → when (UTC text). stories: deleted ones.
    """

    sync: str = ""
    lost: bool = False
    tasks: dict[str, str] = field(default_factory=dict)
    stories: list[str] = field(default_factory=list)
    gone_at: dict[str, str | None] = field(default_factory=dict)

    def note(self, event: Any) -> None:
        """Add one event."""
        resource = event.get("resource") if isinstance(event, dict) else None
        gid = gid_of(resource)
        if not gid or not isinstance(resource, dict):
            return
        kind, action = str(resource.get("resource_type") or event.get("type")), str(event.get("action"))
        if action == GONE:
            self.gone_at[gid] = version_of(event.get("created_at"))
        if kind == "task":
            self.tasks.pop(gid, None)  # the last event decides, and order is kept
            self.tasks[gid] = action
        elif kind == "story":
            if action == GONE:
                self.stories.append(gid)
            self._note_parent(event)

    def _note_parent(self, event: dict[str, Any]) -> None:
        """A story changes the task it stands on, which may be a subtask that no list by time would show."""
        parent = event.get("parent")
        if isinstance(parent, dict) and parent.get("resource_type") == "task" and (gid := gid_of(parent)):
            self.tasks.setdefault(gid, "changed")


def changes_since(client: AsanaClient, project: str, sync: str) -> Changes:
    """Every event of a project since `sync`; without a token, and after a 412, none and a fresh token.

    A project whose events may not be read has no token, and is read whole each time.
    """
    changes, guard = Changes(sync), PageGuard()
    while True:
        query = {"resource": project, "opt_fields": FIELDS} | ({"sync": changes.sync} if changes.sync else {})
        try:
            answer = client.get("/events", query, must_list="data").json
        except EventsLost as lost:
            return Changes(lost.sync, lost=True)
        except MissingScopes:
            raise
        except SkipStream as refused:
            if refused.code not in OF_ONE_PROJECT:
                raise
            return Changes(lost=True)
        for event in answer["data"]:
            changes.note(event)
        following = str(answer.get("sync") or "")
        if not following:
            raise no_progress("no_sync_token", "Asana sent events without the token for the next ones.")
        changes.sync = following
        if not answer.get("has_more"):
            return changes
        guard.watch(following, records=len(answer["data"]))
