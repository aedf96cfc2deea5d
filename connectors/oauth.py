"""The token of every request: one that was given, or one got with an OAuth refresh token and renewed in time.

For vendors whose refresh tokens neither expire nor change when used, so that there is nothing to store between runs:
Asana (developers.asana.com, "OAuth", token exchange) and HubSpot (developers.hubspot.com, "Working with OAuth"). Should
one change all the same, the new one is used for as long as the process lives.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Protocol
from urllib.parse import urlencode

import urllib3

from connectors.errors import FixSetup
from connectors.transport import Answer, Patience, Transport, TryAgain, read_body, read_json

RENEW_AT: Final = 0.8
"""Share of a token's life after which it is renewed."""
USUAL_LIFE: Final = 3600.0
"""Seconds, where the vendor does not say."""


class SignIn(Protocol):
    """Where tokens come from."""

    @property
    def renewable(self) -> bool:
        """Whether a refused token can be replaced without a person."""

    def token(self) -> str:
        """The token to send now."""

    def renew(self, refused: str = "") -> None:
        """Get another token before the next request. refused: only if the present one is still this."""


@dataclass(slots=True)
class GivenToken:
    """A personal access token, a service account's, or an access token somebody else keeps fresh."""

    given: str = field(repr=False)
    renewable: bool = False

    def token(self) -> str:
        """The token as it was given."""
        return self.given

    def renew(self, refused: str = "") -> None:
        """There is no other; never called."""
        del refused


@dataclass(slots=True)
class RefreshedToken:
    """Access tokens by OAuth refresh. Threads may share it: one of them renews, the others wait.

    vendor: its name for sentences. form: `refresh_token`, `client_id` and `client_secret`.
    """

    vendor: str
    url: str
    form: dict[str, str] = field(repr=False)
    patience: Patience
    ca_bundle: str | None = None
    renewable: bool = True
    _token: str = field(default="", repr=False)
    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def token(self) -> str:
        """A token with at least a fifth of its life left."""
        with self._lock:
            if not self._token or self.patience.clock() >= self._until:
                self._exchange()
            return self._token

    def renew(self, refused: str = "") -> None:
        """Forget the token; the next request gets another. refused: only if it is still this one."""
        with self._lock:
            if not refused or refused == self._token:
                self._token = ""

    def _exchange(self) -> None:
        found = Transport(self.vendor, self.patience, self._refused).ask(self._once, read_json)
        if not isinstance(found.get("access_token"), str):
            raise TryAgain("unexpected_shape", f"{self.vendor}'s token answer held no token.")
        changed = found.get("refresh_token")
        if isinstance(changed, str) and changed:
            self.form = {**self.form, "refresh_token": changed}
        life = found.get("expires_in")
        self._token = found["access_token"]
        self._until = self.patience.clock() + RENEW_AT * (float(life) if life else USUAL_LIFE)

    def _once(self) -> Answer:
        said = urllib3.PoolManager(retries=False, ca_certs=self.ca_bundle).request(
            "POST",
            self.url,
            body=urlencode({"grant_type": "refresh_token", **self.form}),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            timeout=self.patience.timeout,
            redirect=False,
            preload_content=False,
        )
        body = read_body(said, self.patience.deadline, self.patience.clock)
        return Answer(said.status, {name.lower(): value for name, value in said.headers.items()}, body)

    def _refused(self, answer: Answer) -> Exception | None:
        """A refresh token that is no longer accepted needs a person."""
        if answer.status not in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return None
        return FixSetup(
            code="refresh_refused",
            do="Authorize the app again and put the new refresh token, client id and secret into the settings.",
            happened=f"{self.vendor} does not accept the refresh token or the app's credentials.",
        )
