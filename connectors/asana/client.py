"""Asks one Asana workspace over HTTP: sign-in, pace, pages by offset, and Asana's own words for what went wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import orjson
import urllib3

from connectors.errors import RefreshAuth, RetryLater, SkipStream, SyncError, WaitForQuota
from connectors.oauth import SignIn
from connectors.record import JsonObject
from connectors.transport import (
    Answer,
    Pace,
    PageGuard,
    Patience,
    Transport,
    TryAgain,
    read_body,
    read_json,
    server_time,
)

SCOPE: Final = re.compile(r"\b[a-z_]{3,40}:(?:read|write|delete)\b")

MOST_RESTARTS: Final = 3
"""How often one list is begun again because its offset expired before it was asked for."""

OF_ONE_PROJECT: Final = frozenset({"forbidden", "not_found"})
"""Refusals that may concern one project alone; a missing scope or plan concerns them all."""


class Reading(NamedTuple):
    """One answer: its JSON object and Asana's clock when it gave it."""

    json: JsonObject
    at: datetime


class MissingScopes(SkipStream):
    """The app behind the token may not read this; `scopes` names what it lacks."""

    def __init__(self, scopes: tuple[str, ...]) -> None:
        """`scopes` as Asana names them."""
        super().__init__(
            code="missing_scope",
            do=f"Grant the app {', '.join(scopes)} and authorize it again, or leave the stream out.",
            happened="Asana says that the token lacks a scope.",
        )
        self.scopes = scopes


class OffsetExpired(RetryLater):
    """The offset of the next page is no longer known; the list has to be begun again."""


class EventsLost(SkipStream):
    """412: there is no event token yet, or it has expired. What happened before the fresh one is unknown."""

    def __init__(self, sync: str) -> None:
        """`sync`: the token Asana sent along, empty when it sent none."""
        super().__init__(
            code="events_lost",
            do="Nothing to do: the project is read again as a whole.",
            happened="Asana no longer knows the events since the last sync.",
        )
        self.sync = sync


class AsanaClient:
    """Reads one workspace; every request may be repeated. Threads may share it."""

    def __init__(
        self,
        *,
        base_url: str,
        sign_in: SignIn,
        ca_bundle: str | None,
        patience: Patience,
        pace: Pace,
        page_size: int,
        requests_per_run: int = 0,
    ) -> None:
        """Opens no connection. `requests_per_run` 0 is no limit; it holds from one project to the next."""
        self.page_size = page_size
        self._base_url = base_url
        self._sign_in = sign_in
        self._patience = patience
        self._pace = pace
        self._budget = requests_per_run
        self._asked = 0
        self._pool = urllib3.PoolManager(maxsize=2, retries=False, ca_certs=ca_bundle)

    def __repr__(self) -> str:
        """Where it points; never the token."""
        return f"AsanaClient({self._base_url})"

    def get(
        self, path: str, query: Mapping[str, str] | None = None, *, must_list: str | None = None
    ) -> Reading:
        """GET `path`; `must_list` names the key that must hold a list. Raises the errors of `connectors.errors`.

        Raises `EventsLost` for a 412 and `OffsetExpired` for an offset that is refused.
        """
        asked = dict(query or {})
        try:
            return self._ask(path, asked, must_list)
        except RefreshAuth:
            self._sign_in.renew()
            return self._ask(path, asked, must_list, refreshed=True)

    def pages(self, path: str, query: Mapping[str, str]) -> Iterator[Reading]:
        """Every page of a list, in Asana's order. An expired offset begins the list again: pages may come twice.

        Raises `OffsetExpired` when beginning again does not help.
        """
        for restart in range(MOST_RESTARTS + 1):
            try:
                yield from self._pages_once(path, query)
                return
            except OffsetExpired:
                if restart == MOST_RESTARTS:
                    raise

    def spend(self, *, first: bool) -> None:
        """Raise `WaitForQuota` when this run's requests are used up; `first` lets a stream begin all the same."""
        if self._budget and self._asked >= self._budget and not first:
            raise WaitForQuota(
                code="run_budget_used",
                do="Nothing to do: the next sync goes on with the next project. `requests_per_run` sets the limit.",
                happened=f"This run has asked Asana {self._asked} times, which is what it may.",
            )

    def _pages_once(self, path: str, query: Mapping[str, str]) -> Iterator[Reading]:
        guard, offset = PageGuard(), ""
        while True:
            asked = {**query, "limit": str(self.page_size)} | ({"offset": offset} if offset else {})
            answer = self.get(path, asked, must_list="data")
            offset = next_offset(answer.json)
            guard.watch(offset, records=len(answer.json["data"]))
            yield answer
            if not offset:
                return

    def _ask(
        self, path: str, query: dict[str, str], must_list: str | None, *, refreshed: bool = False
    ) -> Reading:
        def attempt() -> Answer:
            self._pace.take()
            self._asked += 1
            return self._once(path, query)

        def read(answer: Answer) -> Reading:
            found = read_json(answer, must_list=must_list)
            if "data" not in found:
                raise TryAgain("unexpected_shape", "A JSON body lacked the data it announced.")
            return Reading(found, server_time(answer))

        def refine(answer: Answer) -> Exception | None:
            return refusal(answer, by_offset="offset" in query)

        can_refresh = self._sign_in.renewable and not refreshed
        return Transport("Asana", self._patience, refine, can_refresh).ask(attempt, read)

    def _once(self, path: str, query: dict[str, str]) -> Answer:
        """One try, without urllib3's own retries and redirects."""
        address = f"{self._base_url}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Authorization": f"Bearer {self._sign_in.token()}", "Accept": "application/json"}
        timeout = self._patience.timeout
        said = self._pool.request(
            "GET", address, headers=headers, timeout=timeout, redirect=False, preload_content=False
        )
        body = read_body(said, self._patience.deadline, self._patience.clock)
        return Answer(said.status, {name.lower(): value for name, value in said.headers.items()}, body)


def refusal(answer: Answer, *, by_offset: bool) -> SyncError | None:
    """What Asana's error body adds to the status, where it adds anything."""
    if answer.status == HTTPStatus.PRECONDITION_FAILED:
        return EventsLost(str(_object(answer.body).get("sync") or ""))
    if answer.status == HTTPStatus.BAD_REQUEST and by_offset:
        return OffsetExpired(
            code="offset_expired",
            do="Nothing to do: the next sync reads the list again.",
            happened="Asana no longer accepts the offset of the next page.",
        )
    if answer.status == HTTPStatus.PAYMENT_REQUIRED:
        return SkipStream(
            code="payment_required",
            do="Upgrade the workspace's plan; or set `custom_fields: false`, or leave the stream out (`leave_out`).",
            happened="Asana says that this workspace's plan does not include what was asked for.",
        )
    if answer.status == HTTPStatus.FORBIDDEN:
        scopes = scopes_in(answer.body)
        return MissingScopes(scopes) if scopes else None
    return None


def scopes_in(body: bytes) -> tuple[str, ...]:
    """The scopes that a 403 body names."""
    errors = _object(body).get("errors")
    said = [error.get("message") for error in errors or [] if isinstance(error, dict)]
    return tuple(
        dict.fromkeys(name for text in said if isinstance(text, str) for name in SCOPE.findall(text))
    )


def next_offset(answer: JsonObject) -> str:
    """The offset of the next page, empty at the end."""
    following = answer.get("next_page")
    return str(following.get("offset") or "") if isinstance(following, dict) else ""


def _object(body: bytes) -> dict[str, Any]:
    """A JSON object, or an empty one when an error body is something else."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
