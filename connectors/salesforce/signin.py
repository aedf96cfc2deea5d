"""Signing in to Salesforce: a token given by hand, client credentials, or the JWT bearer flow with a private key.

simple-salesforce's own flows are hard-wired to `salesforce.com`; these go to the address in the settings, so that a
My Domain, a sandbox and the simulator are all the same. Flows: Salesforce Help, "OAuth Authorization Flows".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Literal, NamedTuple

import jwt

from connectors.errors import FixSetup
from connectors.salesforce.answers import code_in
from connectors.transport import Answer, TryAgain, read_json

TOKEN_PATH: Final = "/services/oauth2/token"  # noqa: S105 - a path
JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_SECONDS: Final = 180
"""How long a signed assertion holds; Salesforce takes no more than five minutes."""

Flow = Literal["token", "client_credentials", "jwt"]

REMEDIES: Final = {
    "invalid_client_id": "Correct `client_id`: it is the consumer key of the connected app.",
    "invalid_client": "Correct `client_secret`: it is the consumer secret of the connected app.",
    "invalid_grant": "Pre-authorize the user for the connected app, check `username`, the certificate and `login_url`.",
    "invalid_app_access": "Give the user access to the connected app by its permission set or profile.",
    "unsupported_grant_type": "Switch the flow on in the connected app, and name your My Domain as the address.",
    "inactive_user": "Activate the integration user.",
    "inactive_org": "This org is locked or closed.",
}
"""OAuth's error → what a person can do about it."""

OTHERWISE: Final = "Check the connected app's settings in Salesforce."


class Session(NamedTuple):
    """A signed-in session: the secret token, where its org lives, and the org's id where the answer names it."""

    token: str
    instance_url: str
    organization: str = ""

    def __repr__(self) -> str:
        """Never the token."""
        return f"Session({self.instance_url})"


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What the settings give; which fields are filled decides the flow."""

    instance_url: str
    login_url: str
    token: str = ""
    client_id: str = ""
    client_secret: str = ""
    username: str = ""
    private_key: str = ""

    @property
    def flow(self) -> Flow:
        """How this signs in."""
        return "token" if self.token else "jwt" if self.private_key else "client_credentials"

    @property
    def renewable(self) -> bool:
        """Whether an expired session can be replaced without a person."""
        return self.flow != "token"

    @property
    def address(self) -> str:
        """Where this signs in. Client credentials are taken at the org's own address only."""
        return self.instance_url if self.flow == "client_credentials" else self.login_url

    def form(self) -> dict[str, str]:
        """The form to post. Raises `FixSetup` for a key that cannot be read."""
        if self.flow == "client_credentials":
            return {
                "grant_type": "client_credentials",
                "client_id": self.client_id,
                "client_secret": self.client_secret,
            }
        return {"grant_type": JWT_BEARER, "assertion": self._assertion()}

    def _assertion(self) -> str:
        claims = {
            "iss": self.client_id,
            "sub": self.username,
            "aud": self.login_url,
            "exp": int(time.time()) + ASSERTION_SECONDS,
        }
        try:
            return jwt.encode(claims, self.private_key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError):
            raise FixSetup(
                code="bad_private_key",
                do="Put the RSA private key of the connected app's certificate, as PEM without a password, there.",
                happened="The private key cannot be read.",
            ) from None


Post = Callable[[str, dict[str, str]], Answer]
"""Posts a form once: address and fields."""


def sign_in(credentials: Credentials, post: Post) -> Callable[[], Answer]:
    """One try at signing in, for `Transport.ask`."""

    def attempt() -> Answer:
        return post(credentials.address + TOKEN_PATH, credentials.form())

    return attempt


def read_session(answer: Answer) -> Session:
    """The session in an answer of the token endpoint."""
    found: dict[str, Any] = read_json(answer)
    token, instance = found.get("access_token"), found.get("instance_url")
    if not isinstance(token, str) or not isinstance(instance, str) or not instance.startswith("https://"):
        raise TryAgain("unexpected_shape", "The answer to the sign-in held no session.")
    return Session(token, instance.rstrip("/"), organization_in(found.get("id")))


def organization_in(identity_url: object) -> str:
    """The org's id in an identity address `…/id/00D…/005…`; empty where there is none."""
    parts = str(identity_url or "").rsplit("/", 2)
    return parts[1] if len(parts) == 3 and parts[1].startswith("00D") else ""  # noqa: PLR2004 - address, org, user


def refine_sign_in(answer: Answer) -> Exception | None:
    """What a refused sign-in means; a server in trouble is left to the status."""
    code, message = code_in(answer.body)
    if "rate" in message.lower():
        return TryAgain("throttled", "Salesforce refuses more sign-ins for the moment.")
    if answer.status not in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return None
    return FixSetup(
        code="sign_in_refused",
        do=REMEDIES.get(code, OTHERWISE),
        happened=f"Salesforce refused the sign-in{f' ({code})' if code in REMEDIES else ''}.",
    )
