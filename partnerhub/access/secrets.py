"""Random secrets for links, cookies and keys. They are shown once; the warehouse keeps their SHA-256 only.

A plain hash is enough: nobody guesses 32 random bytes (OWASP ASVS 6.5.2 asks for 112 bits).
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final, NamedTuple

BYTES: Final = 32
PREFIX: Final = "hub_"
"""By which a key that was published by mistake is recognized."""

KEY_DAYS: Final = 365
"""How long a key works where nobody says otherwise."""


class NewKey(NamedTuple):
    """A key as it is shown once, its id, and what is kept of its secret."""

    shown: str
    key_id: str
    secret_hash: str


def new_secret() -> str:
    """43 characters that fit into an address and a cookie."""
    return secrets.token_urlsafe(BYTES)


def kept(secret: str) -> str:
    """What the warehouse keeps of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_key() -> NewKey:
    """A new API key: `hub_<id>_<secret>`."""
    key_id, secret = secrets.token_hex(6), new_secret()
    return NewKey(f"{PREFIX}{key_id}_{secret}", key_id, kept(secret))


def parts_of_key(shown: str) -> tuple[str, str] | None:
    """The id and the secret of a key as it is shown; None for what is no key."""
    key_id, _, secret = shown.removeprefix(PREFIX).partition("_")
    return (key_id, secret) if shown.startswith(PREFIX) and key_id and secret else None


def same(one: str, other: str) -> bool:
    """Whether two hashes are equal, in a time that tells nothing."""
    return secrets.compare_digest(one, other)
