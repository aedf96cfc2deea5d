"""Passwords: argon2id, long enough to be worth it, and checked in the same time whether somebody exists or not."""

from __future__ import annotations

import re
import threading
from functools import cache
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 12
"""Letters; NIST SP 800-63B-4 and OWASP ASVS 6.2.1 ask for 8 at least and recommend 15."""
LONGEST: Final = 256
"""More would make hashing a way to keep the server busy."""
FEWEST_DIFFERENT: Final = 5
HASHER: Final = PasswordHasher()
"""argon2-cffi's defaults, RFC 9106's low-memory profile: 64 MiB, 3 passes, 4 lanes."""
AT_ONCE: Final = threading.BoundedSemaphore(4)
"""Hashes computed at the same time: 256 MiB at most, however many ask."""
COMMON: Final = Path(__file__).with_name("common_passwords.txt")
OURS: Final = frozenset({"partnerhub", "partner hub", "partner-hub"})
"""What everybody tries first here."""
AROUND: Final = re.compile(r"^[\d\W_]+|[\d\W_]+$")
"""Digits and signs at both ends: what people put around a word until a form takes it."""


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
    if is_common(said):
        return "This one, or the word in it, is among the first that are guessed. Use a sentence."
    return ""


def is_common(said: str) -> bool:
    """Whether a password in small letters is a frequent one, or one word of those with digits or signs around it."""
    inner = AROUND.sub("", said)
    return said in common() or not inner or inner in common() or inner in OURS


@cache
def common() -> frozenset[str]:
    """Frequent passwords: whole ones of 12 characters and more, and the words they are made of."""
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("# "))


def hashed(password: str) -> str:
    """What is kept in place of a password. Takes about 50 ms: not for inside a transaction."""
    with AT_ONCE:
        return HASHER.hash(password)


def fits(password: str, password_hash: str | None) -> bool:
    """Whether it is the password. None, an account without one, takes as long and never fits."""
    against = password_hash or nobodys()
    try:
        with AT_ONCE:
            HASHER.verify(against, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def nobodys() -> str:
    """A hash that stands in for one that does not exist."""
    return hashed("nobody has this password")
