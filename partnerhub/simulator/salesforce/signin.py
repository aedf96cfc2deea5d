"""The org's token endpoint: client credentials and the JWT bearer flow, and the sessions it opens."""

from __future__ import annotations

import base64
import secrets
from functools import cached_property
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from partnerhub.simulator.salesforce.identifiers import made_id

CLIENT_ID: Final = "3MVG9simulated.partner.hub"
CLIENT_SECRET: Final = "simulated-consumer-secret"
USERNAME: Final = "integration@rivet.example"
JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"

Answer = tuple[int, dict[str, Any]]


class Door:
    """Who may sign in, and how. Its secrets are published: they open nothing but this simulator."""

    def __init__(self, sessions: set[str], seed: int) -> None:
        """New sessions are added to `sessions`. seed: which org this is."""
        self.sessions = sessions
        self.client_id, self.client_secret, self.username = CLIENT_ID, CLIENT_SECRET, USERNAME
        self.organization_id = made_id("Organization", seed)
        self.user_id = made_id("User", seed, "integration")
        self.url = ""

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def private_key(self) -> str:
        """The key whose certificate the connected app holds, as PEM; made when first asked for."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return pem.decode()

    def open(self, form: dict[str, str], basic: str) -> Answer:
        """Status and body for a form posted to the token endpoint."""
        grant = form.get("grant_type")
        if grant == JWT_BEARER:
            return self._by_assertion(form.get("assertion", ""))
        if grant != "client_credentials":
            return _refused("unsupported_grant_type", "grant type not supported")
        client_id, secret = _basic(basic) if basic else (form.get("client_id"), form.get("client_secret"))
        if client_id != self.client_id:
            return _refused("invalid_client_id", "client identifier invalid")
        if secret != self.client_secret:
            return _refused("invalid_client", "invalid client credentials")
        return self._session()

    def _by_assertion(self, assertion: str) -> Answer:
        try:
            claims = jwt.decode(
                assertion,
                self._key.public_key(),
                algorithms=["RS256"],
                audience=[self.url, "https://login.salesforce.com"],
            )
        except jwt.InvalidAudienceError:
            return _refused("invalid_grant", "audience is invalid")
        except jwt.PyJWTError:
            return _refused("invalid_grant", "invalid assertion")
        if claims.get("iss") != self.client_id:
            return _refused("invalid_client_id", "client identifier invalid")
        if claims.get("sub") != self.username:
            return _refused("invalid_grant", "user hasn't approved this consumer")
        return self._session()

    def _session(self) -> Answer:
        token = f"{self.organization_id[:15]}!{secrets.token_urlsafe(40)}"
        self.sessions.add(token)
        identity = f"{self.url}/id/{self.organization_id}/{self.user_id}"
        return 200, {"access_token": token, "instance_url": self.url, "id": identity, "token_type": "Bearer"}


def _basic(header: str) -> tuple[str, str]:
    name, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    return name, secret


def _refused(error: str, description: str) -> Answer:
    return 400, {"error": error, "error_description": description}
