"""HubSpot's SDK as transport: its connection pool and authentication, none of its generated models.

The SDK's models cost ten times a plain JSON loop, and they turn a truncated page into an empty one; so requests go
through its raw path (`_preload_content=False`) and bodies are read by `connectors.transport.read_json`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from hubspot.crm.objects import ApiClient, ApiException, Configuration

from connectors.errors import RefreshAuth, SkipStream, WaitForQuota
from connectors.oauth import SignIn
from connectors.record import JsonObject
from connectors.transport import (
    Answer,
    Pace,
    Patience,
    Transport,
    read_body,
    read_json,
    retry_after,
    server_time,
)

SCOPE: Final = re.compile(r"[a-z0-9._-]{3,80}")


class Reading(NamedTuple):
    """One answer: its JSON object and HubSpot's clock when it gave it."""

    json: JsonObject
    at: datetime


class MissingScopes(SkipStream):
    """The token may not read this kind of record; `scopes` names what it lacks."""

    def __init__(self, scopes: tuple[str, ...]) -> None:
        """`scopes` as HubSpot names them."""
        super().__init__(
            code="missing_scope",
            do=f"Grant the private app {', '.join(scopes)}, or leave the stream out.",
            happened="HubSpot says that the token lacks a scope.",
        )
        self.scopes = scopes


class HubSpotClient:
    """Asks one HubSpot account. Every request is a read, so every request may be repeated. Threads may share it."""

    def __init__(
        self,
        *,
        base_url: str,
        sign_in: SignIn,
        ca_bundle: str | None,
        patience: Patience,
        pace: Pace,
        search_pace: Pace,
    ) -> None:
        """Opens no connection. `pace` holds for every request of the account, `search_pace` for searches besides."""
        configuration = Configuration(host=base_url, ssl_ca_cert=ca_bundle)
        configuration.retries = (
            False  # neither hidden retries nor redirects that would carry the token elsewhere
        )
        configuration.connection_pool_maxsize = 4
        self._sdk = ApiClient(configuration=configuration)
        self._base_url = base_url
        self._sign_in = sign_in
        self._patience = patience
        self._pace = pace
        self._search_pace = search_pace
        self.time_zone = "UTC"
        self._heard: datetime | None = None

    def __repr__(self) -> str:
        """Where it points; never the token."""
        return f"HubSpotClient({self._base_url})"

    def get(
        self, path: str, query: Mapping[str, str] | None = None, *, must_list: str | None = None
    ) -> Reading:
        """GET `path`; `must_list` names the key that must hold a list. Raises the errors of `connectors.errors`."""
        return self._ask("GET", path, query=dict(query or {}), must_list=must_list)

    def read(self, path: str, body: JsonObject, *, search: bool = False) -> Reading:
        """POST a body that only reads (search, batch read); the answer must hold a `results` list."""
        return self._ask("POST", path, body=body, must_list="results", search=search)

    def now(self) -> datetime:
        """HubSpot's clock as last heard in this session; asks for it when nothing was heard yet."""
        return self._heard or self.account().at

    def account(self) -> Reading:
        """The account behind the token; its time zone is kept for the daily limit."""
        reading = self.get("/account-info/v3/details")
        self.time_zone = str(reading.json.get("timeZone") or self.time_zone)
        return reading

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: JsonObject | None = None,
        must_list: str | None = None,
        search: bool = False,
    ) -> Reading:
        tried: list[str] = []

        def attempt() -> Answer:
            self._pace.take()
            if search:
                self._search_pace.take()
            tried.append(self._sign_in.token())
            return self._once(method, path, query, body, tried[-1])

        def read(answer: Answer) -> Reading:
            reading = Reading(read_json(answer, must_list=must_list), server_time(answer))
            self._heard = reading.at
            return reading

        def ask(*, can_refresh: bool) -> Reading:
            transport = Transport("HubSpot", self._patience, self._refine, can_refresh)
            return transport.ask(attempt, read)

        try:
            return ask(can_refresh=self._sign_in.renewable)
        except RefreshAuth:
            self._sign_in.renew(tried[-1])
            return ask(can_refresh=False)

    def _once(
        self, method: str, path: str, query: dict[str, str] | None, body: JsonObject | None, token: str
    ) -> Answer:
        """One try through the SDK's raw path; its exceptions for statuses become plain answers again."""
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "User-Agent": "partner-hub",
        }
        try:
            response = self._sdk.request(
                method,
                self._base_url + path,
                query_params=query,
                headers=headers,
                body=body,
                _preload_content=False,
                _request_timeout=self._patience.timeouts,
            )
            content = read_body(response, self._patience.deadline, self._patience.clock)
            status, found = response.status, response.headers
        except ApiException as failure:
            if not failure.status:
                raise
            status, found, content = failure.status, failure.headers or {}, failure.body or b""
        return Answer(status, {name.lower(): value for name, value in found.items()}, content)

    def _refine(self, answer: Answer) -> Exception | None:
        """What HubSpot's error body adds to the status: the scope that is missing, the quota that is used up."""
        if answer.status == HTTPStatus.FORBIDDEN:
            scopes = scopes_in(answer.body)
            return MissingScopes(scopes) if scopes else None
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS and "DAILY" in policy_in(answer.body):
            return WaitForQuota(
                code="daily_limit",
                do="Nothing to do: a sync after the reset resumes here. Fewer streams or a slower schedule help.",
                happened="HubSpot says that the account's daily number of API calls is used up.",
                resumes_at=self._daily_reset(answer),
            )
        return None

    def _daily_reset(self, answer: Answer) -> datetime:
        """When daily calls count from zero again: `Retry-After`, else midnight in the account's time zone."""
        now = server_time(answer) if "date" in answer.headers else datetime.now(UTC)
        wait = retry_after(answer)
        if wait is not None:
            return now + timedelta(seconds=wait)
        try:
            zone = ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo("UTC")
        tomorrow = now.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time.min, zone).astimezone(UTC)


def policy_in(body: bytes) -> str:
    """The `policyName` of a 429 body in capitals (SECONDLY, TEN_SECONDLY_ROLLING, DAILY), or empty."""
    return str(_object(body).get("policyName", "")).upper()


def scopes_in(body: bytes) -> tuple[str, ...]:
    """The scopes a 403 body says are required; only texts that look like scope names."""
    found: list[str] = []
    for error in _object(body).get("errors") or []:
        context = error.get("context") if isinstance(error, dict) else None
        for key in ("requiredGranularScopes", "requiredScopes"):
            names = context.get(key) if isinstance(context, dict) else None
            found += [name for name in names or [] if isinstance(name, str) and SCOPE.fullmatch(name)]
    return tuple(dict.fromkeys(found))


def _object(body: bytes) -> dict[str, Any]:
    """A JSON object, or an empty one when an error body is something else."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
