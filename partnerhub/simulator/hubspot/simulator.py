"""The HubSpot simulator as tests, demo and benchmarks use it: start, stop, settings, edits by world id."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

import orjson

from partnerhub.simulator.faults import Fault, FaultPlan
from partnerhub.simulator.http import App, HttpSimulator
from partnerhub.simulator.hubspot.application import Routes
from partnerhub.simulator.hubspot.projection import Projection
from partnerhub.simulator.hubspot.properties import SCOPES
from partnerhub.simulator.hubspot.search import Searcher
from partnerhub.simulator.hubspot.store import Properties, Store
from partnerhub.simulator.world.model import World

OAUTH_FORM = {
    "grant_type": "refresh_token",
    "refresh_token": "simulated-refresh-token",
    "client_id": "simulated-app",
    "client_secret": "simulated-client-secret",
}
"""What the OAuth token endpoint wants to see."""
TOKEN = "pat-eu1-simulated-5f1c0e2a"  # the simulator's published password
PORTAL_ID = 48_000_001


class HubSpotSimulator(HttpSimulator):
    """One HubSpot account over a world.

    with HubSpotSimulator(world) as hubspot: settings are `base_url=hubspot.url, token=hubspot.token`. The clock is
    `store.now`, the world's present until `store.advance(...)`. Edits work while serving; they change what HubSpot
    holds, not the world. `projection.world_ids["companies"]["9000007919"]` is the truth behind a record.
    """

    def __init__(
        self,
        world: World,
        port: int = 0,
        *,
        token: str = TOKEN,
        portal_id: int = PORTAL_ID,
        latency_seconds: float = 0.0,
        index_lag: timedelta = timedelta(0),
        rate_limit: int = 0,
        rate_window_seconds: float = 10.0,
        faults: FaultPlan | None = None,
    ) -> None:
        """`rate_limit` requests per rolling window, account-wide; 0 is no limit. `index_lag` holds for search only."""
        super().__init__(port=port, latency_seconds=latency_seconds, faults=faults)
        self.world = world
        self.token = token
        self.issued: set[str] = set()
        self.oauth_form = dict(OAUTH_FORM)
        self.rotates_refresh_token = False  # as HubSpot: the same one every time
        self.portal_id = portal_id
        self.rate_limit = rate_limit
        self.rate_window_seconds = rate_window_seconds
        self.store = Store(world.now)
        self.projection = Projection(world, self.store)
        self.searcher = Searcher(self.store, index_lag)

    def application(self) -> App:
        """HubSpot's routes."""
        return Routes(self).application()

    def issue_token(self) -> str:
        """A further access token, as the OAuth exchange hands out; `issued.clear()` lets all of them expire."""
        token = f"oauth-{self.token}-{self.requests.count('POST /oauth/v1/token')}"
        self.issued.add(token)
        return token

    def error_body(self, status: int, fault: Fault) -> bytes:
        """HubSpot's words for a declared fault."""
        return self.error_words(status, daily=fault.kind == "429_daily", where=fault.where)

    def error_headers(self, fault: Fault) -> list[tuple[bytes, bytes]]:
        """The usual headers, and the account's clock."""
        date = format_datetime(self.store.now, usegmt=True).encode()
        return [*super().error_headers(fault), (b"date", date)]

    def error_words(self, status: int, message: str = "", *, daily: bool = False, where: str = "") -> bytes:
        """An error body as HubSpot writes it."""
        words: dict[str, Any] = {
            "status": "error",
            "message": message or f"HTTP {status}",
            "correlationId": "c0ffee00-0000-4000-8000-000000000000",
        }
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            policy = "DAILY" if daily else "TEN_SECONDLY_ROLLING"
            words |= {
                "message": f"You have reached your {policy.lower()} limit.",
                "errorType": "RATE_LIMIT",
                "policyName": policy,
            }
        if status == HTTPStatus.FORBIDDEN:
            kind = next((kind for kind in SCOPES if f"/{kind}" in where), "contacts")
            context = {"requiredGranularScopes": [SCOPES[kind]]}
            words |= {
                "category": "MISSING_SCOPES",
                "errors": [{"message": "One or more scopes are required.", "context": context}],
            }
        if status == HTTPStatus.UNAUTHORIZED:
            words |= {
                "category": "INVALID_AUTHENTICATION",
                "message": "Authentication credentials not found.",
            }
        if status in (400, 404):
            words |= {
                "category": "VALIDATION_ERROR" if status == HTTPStatus.BAD_REQUEST else "OBJECT_NOT_FOUND"
            }
        return orjson.dumps(words)

    # ---- edits by world id (or record id)

    def record_id(self, world_id: str) -> int:
        """The record that shows a thing of the world; raises `KeyError`."""
        return self.projection.record_ids[world_id]

    def update_company(self, world_id: str, **changes: str | None) -> str:
        """Change properties of a company; returns its record id."""
        number = self.record_id(world_id)
        self.store.update("companies", number, **changes)
        return str(number)

    def archive_company(self, world_id: str) -> str:
        """Archive a company; returns its record id."""
        number = self.record_id(world_id)
        self.store.archive("companies", number)
        return str(number)

    def merge_companies(self, winner: str, loser: str) -> str:
        """Merge two companies into a record with a new id, which is returned; the winner's world id now means it."""
        number = self.store.merge("companies", self.record_id(winner), self.record_id(loser))
        self.projection.record_ids[winner] = self.projection.record_ids[loser] = number
        self.projection.world_ids["companies"][str(number)] = winner
        return str(number)

    def add_company(self, properties: Properties, world_id: str | None = None) -> str:
        """A company typed in now; returns its record id."""
        number = self.store.add("companies", properties)
        if world_id is not None:
            self.projection.record_ids[world_id] = number
            self.projection.world_ids.setdefault("companies", {})[str(number)] = world_id
        return str(number)

    def associate(self, pair: tuple[str, str], one: str | int, other: str | int) -> None:
        """Associate two records by record id; neither record's modification time moves."""
        self.store.associate(pair, int(one), int(other))

    def dissociate(self, pair: tuple[str, str], one: str | int, other: str | int) -> None:
        """Take an association away by record id."""
        self.store.dissociate(pair, int(one), int(other))
