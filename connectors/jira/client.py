"""Asking one Jira Cloud site: plain HTTPS by urllib3, signed with an account's address and API token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import orjson
import structlog
import urllib3

from connectors.errors import SkipStream
from connectors.jira.limits import nearly_used_up, refused_by_limit
from connectors.record import JsonObject
from connectors.transport import Answer, Pace, Patience, Transport, read_body, read_json, server_time

LOG = structlog.get_logger(__name__)

NOT_SIGNED_IN: Final = ("AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED")
"""What `X-Seraph-LoginReason` holds when Jira refused the credentials and answers as to a stranger, with status 200."""


SCOPE_MISSING: Final = b"scope does not match"
"""In the body of a 401 for a token with scopes that lacks the one it would need."""
SCOPES: Final = ("read:jira-work", "read:jira-user")
"""What a token with scopes needs: issues and what hangs on them; users, and the account itself."""


class Reading(NamedTuple):
    """One answer: its JSON object and Jira's clock when it gave it. A JSON list stands under `values`."""

    json: JsonObject
    at: datetime


class Refused(SkipStream):
    """Jira calls the request itself wrong (400): a page token that died, a project or issue it no longer knows."""


class JiraClient:
    """Asks one site. Every request is a read, so every request may be repeated. Threads may share it."""

    def __init__(
        self, *, base_url: str, email: str, token: str, ca_bundle: str | None, patience: Patience, pace: Pace
    ) -> None:
        """Opens no connection. `pace` holds for every request."""
        self._base_url = base_url
        self._patience = patience
        self._pace = pace
        # Neither hidden retries nor redirects, which would carry the token elsewhere.
        self._pool = urllib3.PoolManager(retries=False, maxsize=4, ca_certs=ca_bundle)
        self._headers = {
            **urllib3.make_headers(basic_auth=f"{email}:{token}", user_agent="partner-hub"),
            "Accept": "application/json",
        }
        self._transport = Transport("Jira", patience, refine=refine)
        self._warned = False

    def __repr__(self) -> str:
        """Where it points; never the token."""
        return f"JiraClient({self._base_url})"

    def get(
        self, path: str, query: Mapping[str, str] | None = None, *, must_list: str | None = None
    ) -> Reading:
        """GET an object; `must_list` names the key that must hold a list. Raises the errors of `connectors.errors`."""
        return self._ask("GET", path, dict(query or {}), None, must_list)

    def get_list(self, path: str, query: Mapping[str, str] | None = None) -> Reading:
        """GET a bare JSON list; it stands under `values`."""
        return self._ask("GET", path, dict(query or {}), None, "values", bare=True)

    def read(self, path: str, body: JsonObject, *, must_list: str | None = None) -> Reading:
        """POST a body that only reads (search, bulk fetch)."""
        return self._ask("POST", path, {}, body, must_list)

    def read_list(self, path: str, body: JsonObject) -> Reading:
        """POST a body that only reads and is answered by a bare list; it stands under `values`."""
        return self._ask("POST", path, {}, body, "values", bare=True)

    def now(self) -> datetime:
        """Jira's clock, asked anew each time: a bound in minutes before a stale now would begin too late."""
        return self.get("/rest/api/3/serverInfo").at

    def _ask(
        self,
        method: str,
        path: str,
        query: dict[str, str],
        body: JsonObject | None,
        must_list: str | None,
        *,
        bare: bool = False,
    ) -> Reading:
        content = None if body is None else orjson.dumps(body)

        def attempt() -> Answer:
            self._pace.take()
            answer = self._once(method, path, query, content)
            self._warn_of_limit(answer)
            return answer

        def read(answer: Answer) -> Reading:
            # A list cut short stays unreadable inside an object.
            whole = answer._replace(body=b'{"values":%b}' % answer.body) if bare else answer
            return Reading(read_json(whole, must_list=must_list), server_time(answer))

        return self._transport.ask(attempt, read)

    def _warn_of_limit(self, answer: Answer) -> None:
        """Tell once that the hour's points run out, and again after there were enough in between."""
        near = nearly_used_up(answer)
        if near and not self._warned:
            left = answer.headers.get("x-ratelimit-remaining", "")
            LOG.warning("less than a fifth of the hour's points is left", vendor="Jira", left=left)
        self._warned = near

    def _once(self, method: str, path: str, query: dict[str, str], content: bytes | None) -> Answer:
        """One try. Refused credentials that Jira answers as a stranger's become the 401 they are."""
        sent = {**self._headers, **({"Content-Type": "application/json"} if content is not None else {})}
        address = self._base_url + path + (f"?{urlencode(query)}" if query else "")
        timeout = self._patience.timeout
        said = self._pool.request(
            method, address, body=content, headers=sent, timeout=timeout, preload_content=False
        )
        body = read_body(said, self._patience.deadline, self._patience.clock)
        headers = {name.lower(): value for name, value in said.headers.items()}
        stranger = any(word in headers.get("x-seraph-loginreason", "") for word in NOT_SIGNED_IN)
        status = HTTPStatus.UNAUTHORIZED.value if stranger else said.status
        return Answer(status, headers, body)


class MissingScope(SkipStream):
    """The token was made with scopes, and without the one that this request needs."""


def refine(answer: Answer) -> Exception | None:
    """A 400 as an error of its own, so that a reading can begin anew without its token; a missing scope; a limit.

    A token without the scope is answered with 401, as a token that is refused.
    """
    if answer.status == HTTPStatus.UNAUTHORIZED and SCOPE_MISSING in answer.body:
        return MissingScope(
            code="missing_scope",
            do=f"Create an API token with the scopes {' and '.join(SCOPES)}, or one without scopes.",
            happened="Jira says that the token's scopes do not allow this request.",
        )
    if answer.status == HTTPStatus.BAD_REQUEST:
        return Refused(
            code="bad_request",
            do="Check `projects` and `fields` in the source's settings; if they are right, report this.",
            happened="Jira refuses a search or request of the hub.",
        )
    return refused_by_limit(answer)


def each_dict(items: Any) -> list[dict[str, Any]]:
    """The objects among the entries of a list; nothing where there is no list."""
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
