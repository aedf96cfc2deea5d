"""Passwords: argon2id, long enough to be worth it, and checked in the same time whether somebody exists or not."""

from __future__ import annotations

import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

SHORTEST: Final = 12
"""Letters; NIST SP 800-63B-4 and OWASP ASVS 6.2.1 ask for 8 at least and recommend 15."""
LONGEST: Final = 256
"""More would make hashing a way to keep the server busy."""
FEWEST_DIFFERENT: Final = 5
HASHER: Final = PasswordHasher()
"""argon2-cffi's defaults, RFC 9106's low-memory profile: 64 MiB, 3 passes, 4 lanes."""
MOST_AT_ONCE: Final = 4
"""Hashes computed at the same time: 256 MiB at most, however many ask."""
SAFE_SCORE: Final = 4
"""The highest of zxcvbn: more than 10 to the power of 10 guesses (Wheeler, USENIX Security 2016)."""
READ: Final = 72
"""How many letters zxcvbn is given; it takes longer than their number, and whatever follows makes none weaker."""
OURS: Final = ("partnerhub", "partner", "hub")
"""What everybody tries first here."""


class Room:
    """For how many hashes there is memory."""

    def __init__(self, places: int) -> None:
        """Where several processes answer, each has its share, and one place at least."""
        self.places = threading.BoundedSemaphore(places)

    def share_among(self, processes: int) -> None:
        """Leave this process its share; before the first hash."""
        self.places = threading.BoundedSemaphore(max(1, MOST_AT_ONCE // processes))


ROOM: Final = Room(MOST_AT_ONCE)


def objection(password: str, login: str, name: str = "") -> str:
    """Why this password will not do, as a sentence; empty where it will."""
    said = password.casefold()
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters; a sentence is easier to remember than a riddle."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    own = [part for part in (login.partition("@")[0], *name.split()) if len(part) > 3]  # noqa: PLR2004
    if any(part.casefold() in said for part in own):
        return "Leave your own name out of it."
    if len(set(said)) < FEWEST_DIFFERENT:
        return "Use more than a few different characters."
    if zxcvbn(password[:READ], user_inputs=[*OURS, *own])["score"] < SAFE_SCORE:
        return "This one is among the first that are guessed. Use a sentence."
    return ""


def hashed(password: str) -> str:
    """What is kept in place of a password. Takes about 50 ms: not for inside a transaction."""
    with ROOM.places:
        return HASHER.hash(password)


def fits(password: str, password_hash: str | None) -> bool:
    """Whether it is the password. None, an account without one, takes as long and never fits."""
    against = password_hash or nobodys()
    try:
        with ROOM.places:
            HASHER.verify(against, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def nobodys() -> str:
    """A hash that stands in for one that does not exist."""
    return hashed("nobody has this password")
