"""HubSpot's routes over a store, as a Starlette application."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from partnerhub.simulator.hubspot.properties import DEFAULTS, ENGAGEMENT_DEFAULTS, always_sent, described
from partnerhub.simulator.hubspot.search import BadSearchError

if TYPE_CHECKING:
    from partnerhub.simulator.hubspot.simulator import HubSpotSimulator

Endpoint = Callable[[Request], Awaitable[Response]]

LARGEST_LIST_PAGE: Final = 100
LARGEST_BATCH: Final = 100
LARGEST_ASSOCIATION_BATCH: Final = 1000
LARGEST_ASSOCIATION_PAGE: Final = 500
LONGEST_SEARCH: Final = 3000
LONGEST_TARGET: Final = 8000
"""Characters of path and query beyond which HubSpot's edge answers 414."""


class Routes:
    """The endpoints. Every one checks the token and the account's rate limit first."""

    def __init__(self, simulator: HubSpotSimulator) -> None:
        """Serves `simulator.store`."""
        self.simulator = simulator
        self._recent: deque[float] = deque()

    def application(self) -> Starlette:
        """The routing table."""
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/account-info/v3/details", self.account),
            ("GET", "/crm/v3/owners", self.owners),
            ("GET", "/crm/v3/properties/{kind}", self.properties),
            ("GET", "/crm/v3/objects/{kind}", self.list_page),
            ("POST", "/crm/v3/objects/{kind}/search", self.search),
            ("POST", "/crm/v3/objects/{kind}/batch/read", self.batch_read),
            ("GET", "/crm/v3/objects/{kind}/{number}", self.one),
            ("POST", "/crm/v4/associations/{from_kind}/{to_kind}/batch/read", self.associations),
        ]
        routes = [Route(path, self._guarded(serve), methods=[method]) for method, path, serve in table]
        return Starlette(routes=[*routes, Route("/oauth/v1/token", self.exchange, methods=["POST"])])

    def _guarded(self, serve: Endpoint) -> Endpoint:
        """Token, kind, rate limit, length of the address; then the endpoint."""

        async def guarded(request: Request) -> Response:
            kind = request.path_params.get("kind") or request.path_params.get("from_kind")
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            if token not in {self.simulator.token, *self.simulator.issued}:
                return self.refuse(401)
            if len(str(request.url)) > LONGEST_TARGET:
                return self.refuse(414)
            if not self._within_limit():
                return self.refuse(429)
            if kind and kind not in self.simulator.store.objects:
                return self.refuse(404)
            return await serve(request)

        return guarded

    async def exchange(self, request: Request) -> Response:
        """A refresh token for an access token, which lives half an hour."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if form != self.simulator.oauth_form:
            return self.send(
                b'{"status": "BAD_REFRESH_TOKEN", "message": "missing or invalid refresh token"}', 400
            )
        token = self.simulator.issue_token()
        if self.simulator.rotates_refresh_token:
            self.simulator.oauth_form["refresh_token"] += "+"
        answer = {
            "token_type": "bearer",
            "access_token": token,
            "refresh_token": self.simulator.oauth_form["refresh_token"],
            "expires_in": 1800,
        }
        return self.send(orjson.dumps(answer))

    def _within_limit(self) -> bool:
        """The account-wide rolling limit, shared by everybody who asks."""
        limit, window = self.simulator.rate_limit, self.simulator.rate_window_seconds
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - window:
            self._recent.popleft()
        if limit and len(self._recent) >= limit:
            return False
        self._recent.append(now)
        return True

    def send(self, body: bytes, status: int = 200) -> Response:
        """An answer with the account's own clock."""
        headers = {"date": format_datetime(self.simulator.store.now.astimezone(UTC), usegmt=True)}
        return Response(body, status, headers=headers, media_type="application/json")

    def refuse(self, status: int, message: str = "") -> Response:
        """An error in HubSpot's words."""
        return self.send(self.simulator.error_words(status, message), status)

    async def account(self, request: Request) -> Response:
        """Who the token belongs to."""
        del request
        details = {
            "portalId": self.simulator.portal_id,
            "accountType": "STANDARD",
            "timeZone": "Europe/Berlin",
            "companyCurrency": "EUR",
            "additionalCurrencies": [],
            "utcOffset": "+01:00",
            "utcOffsetMilliseconds": 3_600_000,
            "uiDomain": "app-eu1.hubspot.com",
            "dataHostingLocation": "eu1",
        }
        return self.send(orjson.dumps(details))

    async def owners(self, request: Request) -> Response:
        """Live or archived owners, by id."""
        query = request.query_params
        archived, limit = query.get("archived") == "true", int(query.get("limit", "100"))
        found = [
            one
            for one in self.simulator.store.owners
            if bool(one["archived"]) == archived and str(one["id"]) > query.get("after", "")
        ]
        found.sort(key=lambda one: str(one["id"]))
        page = found[:limit]
        answer: dict[str, Any] = {"results": page}
        if len(found) > limit:
            answer["paging"] = {
                "next": {"after": str(page[-1]["id"]), "link": "https://api.hubapi.com/crm/v3/owners"}
            }
        return self.send(orjson.dumps(answer))

    async def properties(self, request: Request) -> Response:
        """The property definitions of a kind."""
        kind = request.path_params["kind"]
        return self.send(orjson.dumps({"results": self._described(kind)}))

    async def list_page(self, request: Request) -> Response:
        """One page of live or archived records by id; pages are joined from records rendered before."""
        kind, query = request.path_params["kind"], request.query_params
        limit, after = int(query.get("limit", "10")), int(query.get("after", "0"))
        if not 0 < limit <= LARGEST_LIST_PAGE:
            return self.refuse(400, "limit must be at most 100")
        found = self.simulator.store.listed(kind, archived=query.get("archived") == "true")
        start = self._position(found, after)
        page = found[start : start + limit]
        names = self._names(
            kind, [name for one in query.getlist("properties") for name in one.split(",") if name]
        )
        results = b",".join(one.render(names) for one in page)
        # HubSpot's token is the last id of the page; the next page begins behind it.
        paging = (
            b',"paging":{"next":{"after":"%d","link":"%s"}}' % (page[-1].id, b"next")
            if start + limit < len(found)
            else b""
        )
        return self.send(b'{"results":[%s]%s}' % (results, paging))

    async def search(self, request: Request) -> Response:
        """A search over the lagging index."""
        kind = request.path_params["kind"]
        content = await request.body()
        if len(content) > LONGEST_SEARCH:
            return self.refuse(400, "a search has at most 3,000 characters")
        try:
            body = orjson.loads(content)
            return self.send(self.simulator.searcher.answer(kind, body, self._names(kind, [])))
        except BadSearchError as refusal:
            return self.refuse(400, str(refusal))

    async def batch_read(self, request: Request) -> Response:
        """Records by id; those that do not exist are reported in a 207."""
        kind, body = request.path_params["kind"], orjson.loads(await request.body())
        if len(body["inputs"]) > LARGEST_BATCH:
            return self.refuse(400, "at most 100 inputs")
        archived = request.query_params.get("archived") == "true"
        names = self._names(kind, body.get("properties") or [])
        found = {str(one["id"]): self.simulator.store.get(kind, int(one["id"])) for one in body["inputs"]}
        good = [
            one.render(names) for one in found.values() if one and (one.archived_at is not None) == archived
        ]
        missing = [n for n, one in found.items() if one is None or (one.archived_at is not None) != archived]
        errors = {"errors": [_not_found(missing)], "numErrors": 1} if missing else {}
        return self.send(self._batch(good, errors), 207 if missing else 200)

    async def one(self, request: Request) -> Response:
        """One record by id; the id of a merged record answers with the winner."""
        kind, query = request.path_params["kind"], request.query_params
        found = self.simulator.store.get(kind, int(request.path_params["number"]))
        if found is None or (found.archived_at is not None) != (query.get("archived") == "true"):
            return self.refuse(404)
        return self.send(
            found.render(self._names(kind, [name for name in query.get("properties", "").split(",") if name]))
        )

    async def associations(self, request: Request) -> Response:
        """The ends of up to 1,000 records; those without any are reported in a 207."""
        pair = (request.path_params["from_kind"], request.path_params["to_kind"])
        body = orjson.loads(await request.body())
        if len(body["inputs"]) > LARGEST_ASSOCIATION_BATCH:
            return self.refuse(400, "at most 1000 inputs")
        good, without = [], []
        for one in body["inputs"]:
            ends = list(self.simulator.store.ends(pair, int(one["id"])).items())
            start = int(one.get("after") or 0)
            (
                good.append(orjson.dumps(_ends(one["id"], ends, start)))
                if ends
                else without.append(str(one["id"]))
            )
        errors = {"errors": [_no_associations(without)], "numErrors": 1} if without else {}
        return self.send(self._batch(good, errors), 207 if without else 200)

    def _batch(self, results: list[bytes], errors: dict[str, Any]) -> bytes:
        """The envelope of batch answers."""
        rest = orjson.dumps(
            {
                "status": "COMPLETE",
                "startedAt": "2026-01-01T00:00:00.000Z",
                "completedAt": "2026-01-01T00:00:00.001Z",
                **errors,
            }
        )
        return b'{"results":[%s],%s' % (b",".join(results), rest[1:])

    def _names(self, kind: str, asked: list[str]) -> tuple[str, ...]:
        """Properties an answer holds; names nobody defined are left out."""
        known = {one["name"] for one in self._described(kind)} if asked else set()
        wanted = [name for name in asked if name in known] or DEFAULTS.get(kind, ENGAGEMENT_DEFAULTS)
        return tuple(dict.fromkeys((*wanted, *always_sent(kind))))

    def _described(self, kind: str) -> list[dict[str, Any]]:
        store = self.simulator.store
        extra = tuple(sorted(store.extra_properties.get(kind, ())))
        facts = (kind, extra, frozenset(store.removed_properties.get(kind, ())))
        kept: dict[tuple[str, tuple[str, ...], frozenset[str]], list[dict[str, Any]]] = (
            self.__dict__.setdefault("_definitions", {})
        )
        return kept.setdefault(facts, described(*facts))

    def _position(self, found: list[Any], after: int) -> int:
        """Index of the first record behind an id."""
        return bisect_right(found, after, key=lambda one: one.id)


def _ends(number: str, ends: list[tuple[int, set[int]]], start: int) -> dict[str, Any]:
    """One result of the association batch, paged beyond 500 ends."""
    page = ends[start : start + LARGEST_ASSOCIATION_PAGE]
    to = [
        {
            "toObjectId": other,
            "associationTypes": [
                {
                    "category": "HUBSPOT_DEFINED",
                    "typeId": one,
                    "label": "Primary" if one in (1, 5, 26) else None,
                }
                for one in sorted(types)
            ],
        }
        for other, types in page
    ]
    answer: dict[str, Any] = {"from": {"id": str(number)}, "to": to}
    if start + LARGEST_ASSOCIATION_PAGE < len(ends):
        answer["paging"] = {"next": {"after": str(start + LARGEST_ASSOCIATION_PAGE)}}
    return answer


def _not_found(ids: list[str]) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": "Could not get some objects, they may be deleted or not exist.",
        "context": {"ids": ids},
    }


def _no_associations(ids: list[str]) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": "Some records have no association of this kind.",
        "context": {"fromObjectId": ids},
    }
