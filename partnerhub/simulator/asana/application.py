"""Asana's routes over a store, as a Starlette application."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from partnerhub.simulator.asana.objects import Json, SimTask
from partnerhub.simulator.asana.shapes import Shapes, shaped

if TYPE_CHECKING:
    from partnerhub.simulator.asana.simulator import AsanaSimulator

Endpoint = Callable[[Request], Awaitable[Response]]

ROOT: Final = "/api/1.0"
LARGEST_PAGE: Final = 100
USUAL_PAGE: Final = 20
SCOPE_OF: Final = {
    "users": "users:read",
    "workspaces": "workspaces:read",
    "projects": "projects:read",
    "tasks": "tasks:read",
    "stories": "stories:read",
    "events": "tasks:read",
}
LOST: Final = (
    "Sync token invalid or too old. If you are attempting to keep resources in sync, you must fetch the full dataset"
    " for this query now and use the new sync token for the next sync."
)


@dataclass(slots=True)
class Offset:
    """A place in one list: whose list, and how many records are behind it. asked: requests served when it was given."""

    of: str
    start: int
    asked: int


class RefusedError(Exception):
    """The endpoint refuses; becomes the vendor's error body."""

    def __init__(self, status: int, message: str = "", **beside: Any) -> None:
        """As Asana words it; `beside` stands next to the errors."""
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.beside = beside


class Routes:
    """The endpoints. Every one checks the token, the rate limit and the token's scopes first."""

    def __init__(self, simulator: AsanaSimulator) -> None:
        """Serves `simulator.store`."""
        self.simulator = simulator
        self.store = simulator.store
        self.shapes = Shapes(self.store)
        self._offsets: dict[str, Offset] = {}
        self._serial = count(1)
        self._recent: deque[float] = deque()

    def application(self) -> Starlette:
        """The routing table."""
        table: list[tuple[str, Callable[[Request], Json]]] = [
            ("/users/me", self.me),
            ("/users", self.users),
            ("/workspaces", self.workspaces),
            ("/workspaces/{gid}", self.workspace),
            ("/workspaces/{gid}/custom_fields", self.custom_fields),
            ("/projects", self.projects),
            ("/projects/{gid}/project_memberships", self.memberships),
            ("/projects/{gid}/sections", self.sections),
            ("/tasks", self.tasks),
            ("/tasks/{gid}", self.task),
            ("/tasks/{gid}/subtasks", self.subtasks),
            ("/tasks/{gid}/stories", self.stories),
            ("/events", self.events),
        ]
        routes = [Route(f"{ROOT}{path}", self._guarded(serve), methods=["GET"]) for path, serve in table]
        return Starlette(routes=[*routes, Route("/-/oauth_token", self.exchange, methods=["POST"])])

    def expire_offsets(self) -> None:
        """Every offset handed out so far is dead."""
        self._offsets.clear()

    def _guarded(self, serve: Callable[[Request], Json]) -> Endpoint:
        async def guarded(request: Request) -> Response:
            try:
                self._admit(request)
                with self.store.lock:
                    return self.send(serve(request))
            except RefusedError as refusal:
                return self.refuse(refusal)

        return guarded

    def _admit(self, request: Request) -> None:
        """Token, rate limit, scope."""
        if request.headers.get("authorization") not in {f"Bearer {one}" for one in self.simulator.tokens}:
            raise RefusedError(401)
        limit, now = self.simulator.rate_limit, time.monotonic()
        while self._recent and self._recent[0] <= now - self.simulator.rate_window_seconds:
            self._recent.popleft()
        if limit and len(self._recent) >= limit:
            raise RefusedError(429)
        self._recent.append(now)
        parts = request.url.path.removeprefix(f"{ROOT}/").split("/")
        scope = SCOPE_OF["stories" if parts[-1] == "stories" else parts[0]]
        if scope in self.simulator.missing_scopes:
            raise RefusedError(403, f"This app needs the following scope to do this: {scope}")

    def send(self, body: Json, status: int = 200) -> Response:
        """An answer with Asana's own clock."""
        headers = {"date": format_datetime(self.store.now.astimezone(UTC), usegmt=True)}
        return Response(
            orjson.dumps(body), status, headers=headers, media_type="application/json; charset=UTF-8"
        )

    def refuse(self, refusal: RefusedError) -> Response:
        """An error in Asana's words; a 429 says how long to wait, a 412 with which token to go on."""
        words = orjson.loads(self.simulator.error_words(refusal.status, refusal.message))
        answer = self.send(words | refusal.beside, refusal.status)
        if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
            answer.headers["retry-after"] = str(self.simulator.retry_after_seconds)
        return answer

    def _page(self, request: Request, found: Iterable[Json]) -> Json:
        """One page of a list, cut to the fields asked for, with the offset of the next."""
        query, every = request.query_params, list(found)
        limit = int(query.get("limit", str(USUAL_PAGE)))
        if not 1 <= limit <= LARGEST_PAGE:
            raise RefusedError(400, "limit: Must be between 1 and 100")
        same = sorted((name, value) for name, value in query.items() if name not in {"offset", "limit"})
        of = f"{request.url.path}?{same}"
        start = self._start(query.get("offset"), of)
        page = [shaped(one, query.get("opt_fields", "")) for one in every[start : start + limit]]
        if start + limit >= len(every):
            return {"data": page, "next_page": None}
        name = f"eyJ0eXAiOiJKV1Qi{next(self._serial):012x}"
        self._offsets[name] = Offset(of, start + limit, len(self.simulator.requests))
        path = f"{request.url.path.removeprefix(ROOT)}?limit={limit}&offset={name}"
        uri = f"https://app.asana.com{ROOT}{path}"
        return {"data": page, "next_page": {"offset": name, "path": path, "uri": uri}}

    def _start(self, offset: str | None, of: str) -> int:
        """How many records an offset leaves behind; an unknown, foreign or old one is refused."""
        if offset is None:
            return 0
        known = self._offsets.get(offset)
        if known is None or known.of != of:
            raise RefusedError(400, "offset: Your pagination token is invalid.")
        life = self.simulator.offset_life_requests
        if life and len(self.simulator.requests) - known.asked > life:
            raise RefusedError(400, "offset: Your pagination token has expired.")
        return known.start

    def _visible(self, gid: str) -> str:
        """A project that may be read; 403 for one that may not, 404 for one there is none of."""
        if gid not in self.store.held.projects:
            raise RefusedError(404)
        if gid in self.store.hidden or gid in self.simulator.refused_projects:
            raise RefusedError(403)
        return gid

    def _task(self, request: Request) -> Any:
        """The task of the path, if it may be seen."""
        task = self.store.held.tasks.get(request.path_params["gid"])
        if task is None or task.gone or not self.store.can_see(task):
            raise RefusedError(404)
        return task

    # ---- endpoints

    def me(self, request: Request) -> Json:
        """Who the token belongs to."""
        workspaces = [self.store.held.workspace, *self.simulator.further_workspaces]
        found = {**(self.shapes.user(self.simulator.user_gid) or {}), "workspaces": workspaces}
        return {"data": shaped(found, request.query_params.get("opt_fields", ""), whole=True)}

    def users(self, request: Request) -> Json:
        """The users of the workspace, without those who have left."""
        self._of_workspace(request)
        held = self.store.held
        return self._page(request, [one for gid, one in held.users.items() if gid not in held.former])

    def workspaces(self, request: Request) -> Json:
        """Every workspace the person sees."""
        return self._page(request, [self.store.held.workspace, *self.simulator.further_workspaces])

    def workspace(self, request: Request) -> Json:
        """One workspace."""
        every = [self.store.held.workspace, *self.simulator.further_workspaces]
        found = next((one for one in every if one["gid"] == request.path_params["gid"]), None)
        if found is None:
            raise RefusedError(404)
        return {"data": shaped(found, request.query_params.get("opt_fields", ""), whole=True)}

    def custom_fields(self, request: Request) -> Json:
        """The custom fields of a workspace."""
        if request.path_params["gid"] != self.store.held.workspace["gid"]:
            raise RefusedError(404)
        return self._page(request, self.store.held.custom_fields.values())

    def _of_workspace(self, request: Request) -> bool:
        """Whether the workspace asked for is the one that holds anything."""
        asked = request.query_params.get("workspace")
        if asked is None:
            raise RefusedError(400, "workspace: Missing input")
        return bool(asked == self.store.held.workspace["gid"])

    def projects(self, request: Request) -> Json:
        """The projects that can be seen, archived ones too unless asked otherwise."""
        archived = request.query_params.get("archived")
        gids = self.store.visible() if self._of_workspace(request) else []
        every = [self.shapes.project(gid) for gid in gids]
        chosen = [one for one in every if archived is None or str(one["archived"]).lower() == archived]
        return self._page(request, chosen)

    def memberships(self, request: Request) -> Json:
        """Who is a member of a project."""
        gid = self._visible(request.path_params["gid"])
        return self._page(request, [self.shapes.membership(gid, one) for one in self.store.held.members[gid]])

    def sections(self, request: Request) -> Json:
        """The sections of a project."""
        gid = self._visible(request.path_params["gid"])
        return self._page(request, [self.shapes.section(one) for one in self.store.held.sections[gid]])

    def tasks(self, request: Request) -> Json:
        """The tasks of a project, without subtasks, or those of an assignee; by `modified_since` where asked."""
        query = request.query_params
        if "project" in query:
            found = self.store.tasks_of(self._visible(query["project"]))
        elif "assignee" in query:
            found = self._assigned(request)
        else:
            raise RefusedError(
                400, "You must specify one of project, tag, section, user task list, or assignee."
            )
        since = query.get("modified_since")
        lower = datetime.fromisoformat(since) if since else None
        return self._page(
            request, [self.shapes.task(one) for one in found if not lower or one.modified_at >= lower]
        )

    def _assigned(self, request: Request) -> list[SimTask]:
        """Everything assigned to a person that can be seen, subtasks included; 400 for somebody nobody knows."""
        self._of_workspace(request)
        who, held = request.query_params["assignee"], self.store.held
        wanted = self.simulator.user_gid if who == "me" else who
        gid = next((gid for gid, one in held.users.items() if wanted in (gid, one.get("email"))), None)
        if gid is None:
            raise RefusedError(400, f"assignee: Not a recognized ID: {who}")
        every = [task for task in held.tasks.values() if not task.gone and task.body["assignee"] == gid]
        return [task for task in every if self.store.can_see(task)]

    def task(self, request: Request) -> Json:
        """One task, with everything unless fields are asked for."""
        found = self.shapes.task(self._task(request))
        return {"data": shaped(found, request.query_params.get("opt_fields", ""), whole=True)}

    def subtasks(self, request: Request) -> Json:
        """The subtasks of a task."""
        found = self.store.subtasks_of(self._task(request).body["gid"])
        return self._page(request, [self.shapes.task(one) for one in found])

    def stories(self, request: Request) -> Json:
        """The history of a task, oldest first."""
        return self._page(request, [self.shapes.story(one) for one in self._task(request).stories])

    def events(self, request: Request) -> Json:
        """What happened in a project since a token; 412 with a fresh one when there is none or it is dead."""
        query = request.query_params
        project = self._visible(query.get("resource", ""))
        found = self.store.events_after(project, query.get("sync", ""))
        if found is None:
            raise RefusedError(412, LOST, sync=self.store.fresh_token(project))
        events, token, has_more = found
        fields = query.get("opt_fields", "")
        return {"data": [shaped(one, fields) for one in events], "sync": token, "has_more": has_more}

    async def exchange(self, request: Request) -> Response:
        """A refresh token for an access token."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        expected = self.simulator.oauth_form
        if {name: form.get(name) for name in expected} != expected:
            return self.send({"error": "invalid_grant"}, 400)
        token = self.simulator.issue_token()
        return self.send({"access_token": token, "token_type": "bearer", "expires_in": 3600})
