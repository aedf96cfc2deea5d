"""The org's routes over a store, as a Starlette application."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from partnerhub.simulator.salesforce.fields import described, summary
from partnerhub.simulator.salesforce.queries import LARGEST_PAGE, RefusedError, attributes
from partnerhub.simulator.salesforce.store import BIN_DAYS, stamp

if TYPE_CHECKING:
    from partnerhub.simulator.salesforce.simulator import SalesforceSimulator

Endpoint = Callable[[Request, str], Awaitable[Any]]

DATA: Final = "/services/data/v{version}"
LONGEST_TARGET: Final = 16_384
"""Bytes of address and headers beyond which Salesforce answers 414 or 431."""
UPDATED_DAYS: Final = 30
BATCH: Final = re.compile(r"batchSize=(\d+)")


class Routes:
    """The endpoints. Every one below the data path checks the session, counts the call and answers the limit."""

    def __init__(self, simulator: SalesforceSimulator) -> None:
        """Serves `simulator.store`."""
        self.simulator = simulator

    def application(self) -> Starlette:
        """The routing table."""
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", f"{DATA}/limits", self.limits),
            ("GET", f"{DATA}/sobjects", self.everything),
            ("GET", f"{DATA}/sobjects/{{name}}/describe", self.describe),
            ("GET", f"{DATA}/sobjects/{{name}}/deleted", self.deleted),
            ("GET", f"{DATA}/sobjects/{{name}}/updated", self.updated),
            ("GET", f"{DATA}/query", self.query),
            ("GET", f"{DATA}/queryAll", self.query_all),
            ("GET", f"{DATA}/query/{{locator}}", self.more),
            ("POST", f"{DATA}/composite/sobjects/{{name}}", self.retrieve),
        ]
        routes = [
            Route(path + slash, self._guarded(serve), methods=[method])
            for method, path, serve in table
            for slash in ("", "/")
        ]
        door = Route("/services/oauth2/token", self._door, methods=["POST"])
        who = Route("/services/oauth2/userinfo", self._guarded(self.user_info), methods=["GET"])
        versions = Route("/services/data", self._versions, methods=["GET"])
        return Starlette(routes=[*routes, door, who, versions])

    def _guarded(self, serve: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """Session, quota, length of the address; then the endpoint; refusals in Salesforce's words."""

        async def guarded(request: Request) -> Response:
            simulator = self.simulator
            session = request.headers.get("authorization", "").removeprefix("Bearer ")
            try:
                if session not in simulator.sessions:
                    raise RefusedError(401, "INVALID_SESSION_ID", "Session expired or invalid")
                simulator.calls += 1
                if simulator.calls > simulator.daily_limit:
                    raise RefusedError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
                if (
                    len(str(request.url)) + sum(len(k) + len(v) for k, v in request.headers.raw)
                    > LONGEST_TARGET
                ):
                    raise RefusedError(414, "URI_TOO_LONG", "URI Too Long")
                return self.send(orjson.dumps(await serve(request, session)))
            except RefusedError as refusal:
                return self.send(simulator.error_words(refusal.code, refusal.message), refusal.status)

        return guarded

    def send(self, body: bytes, status: int = 200) -> Response:
        """An answer with the org's own clock, and its usage."""
        simulator = self.simulator
        headers = {
            "date": format_datetime(simulator.store.now.astimezone(UTC), usegmt=True),
            "sforce-limit-info": f"api-usage={simulator.calls}/{simulator.daily_limit}",
        }
        return Response(body, status, headers=headers, media_type="application/json;charset=UTF-8")

    # ---- signing in

    async def _door(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        basic = request.headers.get("authorization", "")
        status, answer = self.simulator.door.open(form, basic)
        return self.send(orjson.dumps(answer), status)

    async def _versions(self, request: Request) -> Response:
        del request
        listed = [{"label": "Summer '24", "url": "/services/data/v61.0", "version": "61.0"}]
        return self.send(orjson.dumps(listed))

    async def user_info(self, request: Request, session: str) -> dict[str, str]:
        """Whose session it is."""
        del request, session
        door = self.simulator.door
        return {
            "user_id": door.user_id,
            "organization_id": door.organization_id,
            "preferred_username": door.username,
        }

    # ---- what there is

    async def limits(self, request: Request, session: str) -> dict[str, Any]:
        """The org's limits."""
        del request, session
        simulator = self.simulator
        left = max(0, simulator.daily_limit - simulator.calls)
        return {"DailyApiRequests": {"Max": simulator.daily_limit, "Remaining": left}}

    async def everything(self, request: Request, session: str) -> dict[str, Any]:
        """The global describe: every object the user sees."""
        del request, session
        store = self.simulator.store
        seen = [summary(name) for name in store.fields if store.visible(name) is not None]
        return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": seen}

    async def describe(self, request: Request, session: str) -> dict[str, Any]:
        """One object's fields and child relationships."""
        del session
        name = request.path_params["name"]
        return described(name, self._visible(name))

    def _visible(self, name: str) -> list[str]:
        found = self.simulator.store.visible(name)
        if found is None:
            raise RefusedError(404, "NOT_FOUND", "The requested resource does not exist")
        return found

    # ---- records

    async def query(self, request: Request, session: str) -> dict[str, Any]:
        """Live records."""
        return self._first(request, session, deleted=False)

    async def query_all(self, request: Request, session: str) -> dict[str, Any]:
        """Deleted, merged and archived records, too."""
        return self._first(request, session, deleted=True)

    def _first(self, request: Request, session: str, *, deleted: bool) -> dict[str, Any]:
        asked = BATCH.search(request.headers.get("sforce-query-options", ""))
        return self.simulator.queries.first(
            request.query_params.get("q", ""),
            session,
            request.path_params["version"],
            deleted=deleted,
            size=int(asked[1]) if asked else LARGEST_PAGE,
        )

    async def more(self, request: Request, session: str) -> dict[str, Any]:
        """The rest of a result."""
        places = request.path_params
        return self.simulator.queries.more(places["locator"], session, places["version"])

    async def retrieve(self, request: Request, session: str) -> list[dict[str, Any] | None]:
        """Live records by id, null for those that are not there."""
        del session
        name, asked = request.path_params["name"], orjson.loads(await request.body())
        visible, rows = self._visible(name), self.simulator.store.rows[name]
        if strange := [one for one in asked["fields"] if one not in visible]:
            raise RefusedError(
                400, "INVALID_FIELD", f"No such column '{strange[0]}' on sobject of type {name}"
            )
        if len(asked["ids"]) > LARGEST_PAGE:
            raise RefusedError(400, "EXCEEDED_ID_LIMIT", "at most 2000 ids")
        version = request.path_params["version"]
        found = [rows.get(one) for one in asked["ids"]]
        return [
            {
                "attributes": attributes(name, row, version),
                **{field: row.get(field) for field in asked["fields"]},
            }
            if row and not row["IsDeleted"]
            else None
            for row in found
        ]

    async def deleted(self, request: Request, session: str) -> dict[str, Any]:
        """The delete log of an object: bin and purged, at most 15 days back."""
        del session
        name, (start, end) = request.path_params["name"], self._span(request, BIN_DAYS)
        self._visible(name)
        store = self.simulator.store
        binned = [
            (row["Id"], datetime.fromisoformat(row["SystemModstamp"]))
            for row in store.rows[name].values()
            if row["IsDeleted"]
        ]
        listed = [*binned, *store.purged.get(name, [])]
        return {
            "deletedRecords": [
                {"id": one, "deletedDate": stamp(when)}
                for one, when in sorted(listed)
                if start <= when <= end
            ],
            "earliestDateAvailable": stamp(store.now - timedelta(days=BIN_DAYS)),
            "latestDateCovered": stamp(end),
        }

    async def updated(self, request: Request, session: str) -> dict[str, Any]:
        """Ids of what was added or changed in a span, at most 30 days back."""
        del session
        name, (start, end) = request.path_params["name"], self._span(request, UPDATED_DAYS)
        self._visible(name)
        rows = self.simulator.store.rows[name].values()
        live = {
            row["Id"]: datetime.fromisoformat(row["SystemModstamp"]) for row in rows if not row["IsDeleted"]
        }
        ids = [one for one, when in sorted(live.items()) if start <= when <= end]
        return {"ids": ids, "latestDateCovered": stamp(end)}

    def _span(self, request: Request, days: int) -> tuple[datetime, datetime]:
        """Start and end of a log request; as at Salesforce their seconds are ignored."""
        try:
            start, end = (
                datetime.fromisoformat(request.query_params[name].replace(" ", "+")).replace(
                    second=0, microsecond=0
                )
                for name in ("start", "end")
            )
        except (KeyError, ValueError) as bad:
            raise RefusedError(400, "INVALID_REPLICATION_DATE", "start and end must be given") from bad
        if start < self.simulator.store.now - timedelta(days=days) or end <= start:
            raise RefusedError(
                400, "INVALID_REPLICATION_DATE", f"start must be within {days} days and before end"
            )
        return start, end
