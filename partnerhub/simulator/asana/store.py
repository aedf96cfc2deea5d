"""The simulated workspace as it changes: a clock, edits with what they cause, event logs and their tokens."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, Final

from partnerhub.simulator.asana.objects import SUBTYPES, Holdings, Json, SimTask, holdings_of, iso
from partnerhub.simulator.world.model import World

EVENTS_PER_ANSWER: Final = 100
TOKEN_LIFE: Final = timedelta(hours=24)
FIRST_NEW_GID: Final = 1_300_000_000_000_001


@dataclass(slots=True)
class Token:
    """An event token: whose events, from which one on, and when it was handed out."""

    project: str
    position: int
    issued_at: datetime


@dataclass(slots=True)
class Store:
    """Asana's state. Threads may share it: edits and answers take `lock`."""

    world: World
    token_life: timedelta = TOKEN_LIFE
    now: datetime = field(init=False)
    held: Holdings = field(init=False)
    hidden: set[str] = field(default_factory=set)
    lock: threading.RLock = field(default_factory=threading.RLock)
    events: dict[str, list[Json]] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    losing: int = 0
    _numbers: Any = field(default_factory=lambda: count(FIRST_NEW_GID))
    _serial: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        """Take over the world as it is now."""
        self.now = self.world.now
        self.held = holdings_of(self.world)

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        with self.lock:
            self.now += by

    # ---- event streams

    def fresh_token(self, project: str) -> str:
        """A token for what happens in a project from now on."""
        return self.token_at(project, len(self.events.get(project, [])))

    def token_at(self, project: str, position: int) -> str:
        """A token for what happens from one position of the log on."""
        name = f"{next(self._serial):08x}{position:024x}"
        self.tokens[name] = Token(project, position, self.now)
        return name

    def events_after(self, project: str, name: str) -> tuple[list[Json], str, bool] | None:
        """Events, the next token and whether there are more; None when the token is unknown or too old.

        Asking with a token withdraws those for earlier positions: one cannot go back.
        """
        token = self.tokens.get(name)
        if token is None or token.project != project or self.now - token.issued_at >= self.token_life:
            return None
        for other, older in list(self.tokens.items()):
            if older.project == project and older.position < token.position:
                del self.tokens[other]
        log = self.events.get(project, [])
        end = token.position + EVENTS_PER_ANSWER
        return log[token.position : end], self.token_at(project, min(end, len(log))), end < len(log)

    def expire_tokens(self) -> None:
        """Every event token handed out so far is dead."""
        with self.lock:
            self.tokens.clear()

    def lose_events(self, number: int) -> None:
        """The next `number` events are never delivered: delivery is at most once."""
        self.losing = number

    # ---- what there is

    def visible(self) -> list[str]:
        """Gids of the projects that can be seen, as Asana lists them: newest first."""
        return [gid for gid in reversed(self.held.projects) if gid not in self.hidden]

    def tasks_of(self, project: str) -> list[SimTask]:
        """The living tasks of a project, without subtasks."""
        return [task for task in self.held.tasks.values() if project in task.memberships and not task.gone]

    def subtasks_of(self, parent: str) -> list[SimTask]:
        """The living subtasks of a task."""
        below = (self.held.tasks[gid] for gid in self.held.children.get(parent, ()))
        return [task for task in below if not task.gone]

    def places(self, task: SimTask) -> list[str]:
        """The projects in which a change of this task is told: its own, or those of the task it belongs to."""
        while task.parent is not None:
            task = self.held.tasks[task.parent]
        return list(task.memberships)

    def can_see(self, task: SimTask) -> bool:
        """Whether a task is in no project, or in one that can be seen."""
        places = self.places(task)
        return not places or any(place not in self.hidden for place in places)

    # ---- changes

    def new_gid(self) -> str:
        """A gid nothing has."""
        return str(next(self._numbers))

    def touch(self, task: SimTask) -> None:
        """The task was changed now."""
        task.modified_at = self.now

    def tell(
        self, task: SimTask, action: str, *, parent: Json | None = None, places: list[str] | None = None
    ) -> None:
        """Add an event about a task to the log of every project it is in."""
        resource = {
            "gid": task.body["gid"],
            "resource_type": "task",
            "resource_subtype": task.body["resource_subtype"],
            "name": task.body["name"],
        }
        self._log(self.places(task) if places is None else places, resource, action, parent)

    def tell_story(self, task: SimTask, said: Json, action: str) -> None:
        """Add an event about a story, whose parent is its task."""
        resource = {name: said[name] for name in ("gid", "resource_type", "resource_subtype")}
        parent = {"gid": task.body["gid"], "resource_type": "task", "name": task.body["name"]}
        self._log(self.places(task), resource, action, parent)

    def add_story(self, task: SimTask, author: str | None, kind: str, text: str, **more: Any) -> Json:
        """Add an entry to a task's history, which changes the task."""
        said = {
            "gid": self.new_gid(),
            "resource_type": "story",
            "resource_subtype": SUBTYPES.get(kind, kind),
            "type": "comment" if kind == "comment" else "system",
            "created_at": iso(self.now),
            "created_by": author,
            "text": text,
            "is_edited": False,
            "is_pinned": False,
            "source": "web",
            "target": task.body["gid"],
            **more,
        }
        task.stories.append(said)
        self.touch(task)
        self.tell_story(task, said, "added")
        return said

    def set_due(self, task: SimTask, due: date | None) -> None:
        """Move the day a task is due."""
        task.body["due_on"] = due.isoformat() if due else None
        self.touch(task)
        self.tell(task, "changed")

    def _log(self, places: list[str], resource: Json, action: str, parent: Json | None) -> None:
        event = {
            "user": None,
            "created_at": iso(self.now),
            "type": resource["resource_type"],
            "action": action,
            "resource": resource,
            "parent": parent,
        }
        for place in places:
            if self.losing > 0:
                self.losing -= 1
                continue
            self.events.setdefault(place, []).append(event)
