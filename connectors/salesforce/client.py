"""simple-salesforce as transport: its session, headers and addresses, none of its request path.

That path tells errors apart by status alone (a used-up quota looks like a missing permission), refreshes only sessions
it opened itself, and asks for pretty-printed bodies; so requests go through its session directly, and what comes back
is judged by `connectors.salesforce.answers`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import quote

import requests
import requests.utils
from simple_salesforce.api import Salesforce as Sdk

from connectors.errors import FixSetup, RefreshAuth
from connectors.record import JsonObject
from connectors.salesforce.answers import daily_limit, refine
from connectors.salesforce.signin import Credentials, Session, read_session, refine_sign_in, sign_in
from connectors.transport import (
    Answer,
    Pace,
    Patience,
    Transport,
    TryAgain,
    read_body,
    read_json,
    server_time,
)

USER_AGENT: Final = "partner-hub"
Result = TypeVar("Result")


class Reading(NamedTuple):
    """One answer: its JSON object and Salesforce's clock when it gave it."""

    json: JsonObject
    at: datetime


class Usage(NamedTuple):
    """API calls of the last 24 hours, for the whole org."""

    used: int
    allowed: int


class SalesforceClient:
    """Asks one org. Every request is a read, so every request may be repeated. Threads may share it.

    reserve: share of the org's daily calls that is left to others; beyond it reading stops with `WaitForQuota`.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        version: str,
        ca_bundle: Path | None,
        patience: Patience,
        pace: Pace,
        reserve: float,
    ) -> None:
        """Opens no connection; signs in with the first request."""
        self._credentials = credentials
        self._version = version
        self._patience = patience
        self._pace = pace
        self._reserve = reserve
        self._http = _session(credentials.instance_url or credentials.login_url, ca_bundle)
        self._transport = Transport("Salesforce", patience, refine=refine, can_refresh=True)
        self._door = Transport("Salesforce", patience, refine=refine_sign_in)
        self._lock = threading.Lock()
        self._sdk: Sdk | None = None
        self.session: Session | None = None
        self.usage: Usage | None = None
        self._said: Answer | None = None

    def __repr__(self) -> str:
        """Where it points; never a secret."""
        return f"SalesforceClient({self._credentials.instance_url or self._credentials.login_url})"

    def get(self, path: str, *, must_list: str | None = None) -> Reading:
        """GET a path below the API's version; `must_list` names the key that must hold a list."""
        return self._ask(lambda sdk: sdk.base_url + path, _object(must_list))

    def query(self, soql: str, *, deleted: bool = True, batch: int | None = None) -> Reading:
        """The first answer of a query. deleted: include deleted, merged and archived records."""
        path = f"{'queryAll' if deleted else 'query'}/?q={quote(soql, safe='')}"
        return self._ask(lambda sdk: sdk.base_url + path, _rows, batch=batch)

    def more(self, address: str, *, batch: int | None = None) -> Reading:
        """The next answer of a query, by its `nextRecordsUrl`; always asked of the org itself."""
        return self._ask(lambda sdk: f"https://{sdk.sf_instance}{address}", _rows, batch=batch)

    def retrieve(self, name: str, ids: list[str], fields: tuple[str, ...]) -> list[Any]:
        """Live records by id, in order, null for those that are gone; at most 2,000."""
        path = f"composite/sobjects/{name}"
        body = {"ids": ids, "fields": list(fields)}
        return self._ask(lambda sdk: sdk.base_url + path, _list, body=body)

    def _ask(
        self,
        address: Callable[[Sdk], str],
        read: Callable[[Answer], Result],
        *,
        batch: int | None = None,
        body: JsonObject | None = None,
    ) -> Result:
        """Ask, signing in where that is due; a session that expired is replaced once and the request repeated."""
        headers = {"Sforce-Query-Options": f"batchSize={batch}"} if batch else {}

        def ask(sdk: Sdk) -> Result:
            def attempt() -> Answer:
                self._keep_reserve()
                self._pace.take()
                answer = self._once(sdk, address(sdk), headers, body)
                self._note_usage(answer)
                return answer

            return self._transport.ask(attempt, read)

        first = self._signed_in()
        try:
            return ask(first)
        except RefreshAuth:
            pass
        try:
            return ask(self._signed_in(instead_of=first))
        except RefreshAuth as refused:
            raise _unauthorized() from refused

    def _signed_in(self, instead_of: Sdk | None = None) -> Sdk:
        """The present session; a new one when there is none, or when it is the one that expired. One at a time."""
        with self._lock:
            if self._sdk is None or self._sdk is instead_of:
                if instead_of is not None and not self._credentials.renewable:
                    raise _unauthorized()
                self.session = self._new_session()
                self._sdk = self._dressed(self.session)
            return self._sdk

    def _new_session(self) -> Session:
        given = self._credentials
        if not given.renewable:
            return Session(given.token, given.instance_url)
        return self._door.ask(sign_in(given, self._post_form), read_session)

    def _dressed(self, session: Session) -> Sdk:
        """simple-salesforce around a session: it makes headers and addresses."""
        sdk = Sdk(
            instance_url=session.instance_url,
            session_id=session.token,
            session=self._http,
            version=self._version,
        )
        sdk.headers |= {"X-PrettyPrint": "0", "User-Agent": USER_AGENT}
        return sdk

    def _once(self, sdk: Sdk, address: str, headers: dict[str, str], body: JsonObject | None) -> Answer:
        """One try through simple-salesforce's session."""
        said = _unwrapped(
            lambda: sdk.session.request(
                "GET" if body is None else "POST",
                address,
                headers=sdk.headers | headers,
                json=body,
                timeout=self._patience.timeouts,
                allow_redirects=False,
                stream=True,
            )
        )
        return _answer(said, self._patience)

    def _post_form(self, address: str, form: dict[str, str]) -> Answer:
        """One try at a sign-in."""
        said = _unwrapped(
            lambda: self._http.post(
                address,
                data=form,
                headers={"User-Agent": USER_AGENT},
                timeout=self._patience.timeouts,
                allow_redirects=False,
                stream=True,
            )
        )
        return _answer(said, self._patience)

    def _note_usage(self, answer: Answer) -> None:
        """Keep what `Sforce-Limit-Info` says of the day's calls."""
        said = Sdk.parse_api_usage(answer.headers.get("sforce-limit-info", ""))
        found = said.get("api-usage")
        if found is not None:
            self.usage = Usage(found.used, found.total)
            self._said = answer

    def _keep_reserve(self) -> None:
        """Raise before a call that would take from the calls left to others. The next try asks once to look again."""
        usage, said = self.usage, self._said
        if usage is None or said is None or usage.allowed - usage.used >= usage.allowed * self._reserve:
            return
        self._said = None
        left = f"{max(0, usage.allowed - usage.used)} of the org's {usage.allowed} API calls of 24 hours"
        raise daily_limit(said, f"{left} are left; they are kept for others.")


def _session(address: str, ca_bundle: Path | None) -> requests.Session:
    """A session that trusts what the settings say: no `.netrc`, no authority from the environment, but its proxies."""
    session = requests.Session()
    session.trust_env = False
    session.proxies = requests.utils.get_environ_proxies(address)
    if ca_bundle:
        session.verify = str(ca_bundle)
    return session


def _unwrapped(send: Callable[[], requests.Response]) -> requests.Response:
    """Send; what `requests` wraps is raised as urllib3 said it, which names a certificate that is not trusted."""
    try:
        return send()
    except requests.RequestException as failure:
        inner = failure.args[0] if failure.args else None
        raise (inner if isinstance(inner, Exception) else failure) from None


def _answer(said: requests.Response, patience: Patience) -> Answer:
    said.raw.decode_content = True
    body = read_body(said.raw, patience.deadline, patience.clock)
    return Answer(said.status_code, {name.lower(): value for name, value in said.headers.items()}, body)


def _object(must_list: str | None) -> Callable[[Answer], Reading]:
    return lambda answer: Reading(read_json(answer, must_list=must_list), server_time(answer))


def _rows(answer: Answer) -> Reading:
    """A query's answer: records, and either the end or the address of the rest."""
    found = read_json(answer, must_list="records")
    following = found.get("nextRecordsUrl")
    complete = found.get("done") is True and following is None
    if not complete and not (isinstance(following, str) and following.startswith("/services/data/")):
        raise TryAgain("unexpected_shape", "A query's answer says neither that it ends nor how it goes on.")
    return Reading(found, server_time(answer))


def _list(answer: Answer) -> list[Any]:
    """A body that is a list."""
    wrapped = Answer(answer.status, answer.headers, b'{"list":' + answer.body + b"}")
    found: list[Any] = read_json(wrapped, must_list="list")["list"]
    return found


def _unauthorized() -> FixSetup:
    return FixSetup(
        code="unauthorized",
        do="Put a fresh access token into the source's settings, or sign in by key (`private_key_file`) for good.",
        happened="Salesforce no longer accepts the session.",
    )
