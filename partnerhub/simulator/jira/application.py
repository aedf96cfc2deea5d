"""Jira's routes over a store, as a Starlette application."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from partnerhub.simulator.jira.jql import BadQueryError
from partnerhub.simulator.jira.projection import SITE

if TYPE_CHECKING:
    from partnerhub.simulator.jira.simulator import JiraSimulator
    from partnerhub.simulator.world.projects import Issue

Endpoint = Callable[[Request], Awaitable[Response]]

LARGEST_COMMENT_PAGE: Final = 100
LARGEST_PROJECT_PAGE: Final = 100
LARGEST_USER_PAGE: Final = 1000
LARGEST_CHANGELOG_PAGE: Final = 10_000
MOST_CHANGED_ISSUES: Final = 1000
MOST_FETCHED_ISSUES: Final = 100
HELD_BACK_MS: Final = 60_000
"""Worklogs changed within the last minute are not told."""

PERMISSION_NAMES: Final = {
    "BROWSE_PROJECTS": ("PROJECT", "Browse Projects"),
    "USER_PICKER": ("GLOBAL", "Browse Users"),
}


OF_USERS: Final = ("/myself", "/users/search")
"""Paths that need the scope for users; every other one needs the one for work."""


class Routes:
    """The endpoints. Every one checks the credentials first."""

    def __init__(self, simulator: JiraSimulator) -> None:
        """Serves `simulator.store`."""
        self.simulator = simulator
        pair = f"{simulator.email}:{simulator.token}"
        self._signed = f"Basic {b64encode(pair.encode()).decode()}"

    def application(self) -> Starlette:
        """The routing table."""
        root = "/rest/api/3"
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/serverInfo", self.server),
            ("GET", "/myself", self.myself),
            ("GET", "/mypermissions", self.permissions),
            ("GET", "/field", self.fields),
            ("GET", "/project/search", self.projects),
            ("GET", "/users/search", self.users),
            ("POST", "/search/jql", self.search),
            ("POST", "/search/approximate-count", self.count),
            ("POST", "/issue/bulkfetch", self.issues),
            ("GET", "/issue/{issue}/comment", self.comments),
            ("POST", "/changelog/bulkfetch", self.changelog),
            ("GET", "/worklog/updated", self.worklogs_updated),
            ("GET", "/worklog/deleted", self.worklogs_deleted),
            ("POST", "/worklog/list", self.worklogs),
        ]
        return Starlette(
            routes=[Route(root + path, self._guarded(serve), methods=[verb]) for verb, path, serve in table]
        )

    def _guarded(self, serve: Endpoint) -> Endpoint:
        """Credentials, then the endpoint. A refused query is a 400 in Jira's words."""

        async def guarded(request: Request) -> Response:
            if request.headers.get("authorization") != self._signed:
                if self.simulator.strangers_see_nothing:
                    return self.as_stranger()
                return self.refuse(401, "Client must be authenticated to access this resource.")
            scope = "read:jira-user" if request.url.path.endswith(OF_USERS) else "read:jira-work"
            if scope in self.simulator.lacking_scopes:
                return self.send({"code": 401, "message": "Unauthorized; scope does not match"}, 401)
            points = self.simulator.points
            if not points.take():
                answer = self.refuse(429, "Rate limit exceeded")
            else:
                try:
                    answer = await serve(request)
                except BadQueryError as refusal:
                    answer = self.refuse(400, str(refusal))
            answer.headers.update(points.headers(answer.status_code))
            return answer

        return guarded

    def send(self, content: Any, status: int = 200) -> Response:
        """An answer with the site's own clock."""
        date = format_datetime(self.simulator.store.now, usegmt=True)
        body = orjson.dumps(content)
        return Response(body, status, headers={"date": date}, media_type="application/json")

    def refuse(self, status: int, message: str) -> Response:
        """An error in Jira's words."""
        return self.send({"errorMessages": [message], "errors": {}}, status)

    def as_stranger(self) -> Response:
        """What Jira answers to wrong credentials where it lets strangers in: nothing, and a header that says why."""
        nothing = self.send({"issues": [], "values": [], "isLast": True})
        nothing.headers["x-seraph-loginreason"] = "AUTHENTICATED_FAILED"
        return nothing

    # ---- the account and the site

    async def server(self, request: Request) -> Response:
        """What the site is."""
        del request
        store = self.simulator.store
        return self.send(
            {
                "baseUrl": SITE,
                "version": "1001.0.0-SNAPSHOT",
                "versionNumbers": [1001, 0, 0],
                "deploymentType": "Cloud",
                "buildNumber": 100_299,
                "serverTime": self.simulator.projection.stamp(store.now),
                "serverTitle": "Jira",
            }
        )

    async def myself(self, request: Request) -> Response:
        """Who the token belongs to, and the time zone in which Jira reads that account's dates."""
        del request
        simulator = self.simulator
        me = {
            "self": f"{SITE}/rest/api/3/user?accountId={simulator.account_id}",
            "accountId": simulator.account_id,
            "accountType": "atlassian",
            "emailAddress": simulator.email,
            "displayName": "Partner Hub",
            "active": True,
            "timeZone": simulator.projection.zone.key,
            "locale": "en_US",
        }
        return self.send(me)

    async def permissions(self, request: Request) -> Response:
        """What the account may do."""
        wanted = [name for name in request.query_params.get("permissions", "").split(",") if name]
        if strange := [name for name in wanted if name not in PERMISSION_NAMES]:
            return self.refuse(400, f"Unrecognized permission: {strange[0]}")
        found = {}
        for number, name in enumerate(wanted):
            kind, shown = PERMISSION_NAMES[name]
            found[name] = {
                "id": str(10 + number),
                "key": name,
                "name": shown,
                "type": kind,
                "description": shown,
                "havePermission": name not in self.simulator.lacking,
            }
        return self.send({"permissions": found})

    async def fields(self, request: Request) -> Response:
        """Every field of issues, a bare list; those in the trash are left out."""
        del request
        projection = self.simulator.projection
        return self.send([projection.field(name, label) for name, label in projection.names().items()])

    async def projects(self, request: Request) -> Response:
        """Projects the account may browse, by key."""
        start, size = paging(request, LARGEST_PROJECT_PAGE)
        hidden = self.simulator.searcher.hidden
        seen = sorted(
            (one for one in self.simulator.store.projects.values() if one.key not in hidden),
            key=lambda one: one.key,
        )
        page = [self.simulator.projection.project(one) for one in seen[start : start + size]]
        return self.send(
            {
                "self": f"{SITE}/rest/api/3/project/search",
                "maxResults": size,
                "startAt": start,
                "total": len(seen),
                "isLast": start + size >= len(seen),
                "values": page,
            }
        )

    async def users(self, request: Request) -> Response:
        """Every account, a bare list; without the permission nobody's."""
        if "USER_PICKER" in self.simulator.lacking:
            return self.refuse(403, "You do not have permission to browse users.")
        start, size = paging(request, LARGEST_USER_PAGE)
        known = list(self.simulator.store.accounts.values())
        return self.send([self.simulator.projection.user(one) for one in known[start : start + size]])

    # ---- issues

    async def search(self, request: Request) -> Response:
        """One page of found issues."""
        return self.send(self.simulator.searcher.answer(orjson.loads(await request.body())))

    async def count(self, request: Request) -> Response:
        """How many issues a query finds, by the index."""
        body = orjson.loads(await request.body())
        return self.send({"count": len(self.simulator.searcher.found(body["jql"])[0])})

    async def issues(self, request: Request) -> Response:
        """Issues by id or key; those that cannot be seen are left out and named."""
        body = orjson.loads(await request.body())
        wanted = body["issueIdsOrKeys"]
        if len(wanted) > MOST_FETCHED_ISSUES:
            return self.refuse(400, "A maximum of 100 issues can be fetched at once.")
        seen = {one: self.visible(one) for one in wanted}
        fields = body.get("fields") or ["*all"]
        found = [self.simulator.projection.issue(one, fields) for one in seen.values() if one]
        errors = [
            {"id": one, "errorMessage": "Issue does not exist."} for one, issue in seen.items() if not issue
        ]
        return self.send({"issues": found, "issueErrors": errors})

    def visible(self, one: str) -> Issue | None:
        """An issue by id or key, a former key included; None when the account may not see it."""
        store, hidden = self.simulator.store, self.simulator.searcher.hidden
        for issue in store.issues.values():
            if one in {issue.id, issue.key, *issue.former_keys}:
                return None if store.projects[issue.project_id].key in hidden else issue
        return None

    async def comments(self, request: Request) -> Response:
        """Comments of one issue, oldest first."""
        issue = self.visible(request.path_params["issue"])
        if issue is None:
            return self.refuse(404, "Issue does not exist or you do not have permission to see it.")
        start, size = paging(request, LARGEST_COMMENT_PAGE)
        found = sorted(issue.comments, key=lambda one: (one.created_at, int(one.id)))[start : start + size]
        page = [self.simulator.projection.comment(issue, one) for one in found]
        total = len(issue.comments)
        return self.send({"startAt": start, "maxResults": size, "total": total, "comments": page})

    async def changelog(self, request: Request) -> Response:
        """Changes of several issues, oldest first."""
        body = orjson.loads(await request.body())
        wanted = body["issueIdsOrKeys"]
        if not wanted or len(wanted) > MOST_CHANGED_ISSUES:
            return self.refuse(400, "Between 1 and 1000 issues must be named.")
        seen = [issue for one in wanted if (issue := self.visible(one))]
        entries = [(one.created_at, int(issue.id), issue, one) for issue in seen for one in issue.changes]
        entries.sort(key=lambda entry: (entry[0], entry[1], int(entry[3].id)))
        start = int(body.get("nextPageToken") or 0)
        size = min(int(body.get("maxResults") or 1000), LARGEST_CHANGELOG_PAGE)
        page: dict[str, list[dict[str, Any]]] = {}
        for _, _, issue, change in entries[start : start + size]:
            page.setdefault(issue.id, []).append(self.simulator.projection.change(change))
        logs = [{"issueId": one, "changeHistories": changes} for one, changes in page.items()]
        following = {"nextPageToken": str(start + size)} if start + size < len(entries) else {}
        return self.send({"issueChangeLogs": logs, **following})

    # ---- worklogs

    async def worklogs_updated(self, request: Request) -> Response:
        """Ids of worklogs changed since."""
        projection = self.simulator.projection
        told = [(one.id, projection.worked(one)) for issue in self.seen_issues() for one in issue.worklogs]
        return self.told(request, "updated", [(number, milliseconds(at)) for number, at in told])

    async def worklogs_deleted(self, request: Request) -> Response:
        """Ids of worklogs deleted since."""
        gone = self.simulator.store.worklogs_deleted
        return self.told(request, "deleted", [(number, milliseconds(at)) for number, at in gone])

    def told(self, request: Request, what: str, entries: list[tuple[str, int]]) -> Response:
        """A page of ids with stamps, oldest first; the last minute is held back."""
        since = int(request.query_params.get("since", "0"))
        latest = milliseconds(self.simulator.store.now) - HELD_BACK_MS
        found = sorted((at, int(number)) for number, at in entries if since < at <= latest)
        size = self.simulator.worklog_page
        page = found[:size]
        until = page[-1][0] if page else since
        address = f"{SITE}/rest/api/3/worklog/{what}?since="
        last = len(found) <= size
        return self.send(
            {
                "values": [{"worklogId": one, "updatedTime": at, "properties": []} for at, one in page],
                "since": since,
                "until": until,
                "self": f"{address}{since}",
                "lastPage": last,
                **({} if last else {"nextPage": f"{address}{until}"}),
            }
        )

    async def worklogs(self, request: Request) -> Response:
        """Worklogs by id, a bare list; those that are gone are left out."""
        wanted = {str(one) for one in orjson.loads(await request.body())["ids"]}
        projection = self.simulator.projection
        found = [
            projection.worklog(issue, one)
            for issue in self.seen_issues()
            for one in issue.worklogs
            if one.id in wanted
        ]
        return self.send(found)

    def seen_issues(self) -> list[Issue]:
        """The issues the account may see, as they are now."""
        store, hidden = self.simulator.store, self.simulator.searcher.hidden
        return [one for one in store.issues.values() if store.projects[one.project_id].key not in hidden]


def paging(request: Request, largest: int) -> tuple[int, int]:
    """Start and size of an old-style page."""
    query = request.query_params
    return int(query.get("startAt", "0")), min(int(query.get("maxResults", "50")), largest)


def milliseconds(moment: datetime) -> int:
    """A moment in milliseconds since 1970."""
    return int(moment.timestamp() * 1000)
