"""What a mail server's refusals mean for the hub: response codes of RFC 5530, and what large providers write."""

from __future__ import annotations

import re
import socket
import ssl

from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError

from connectors.errors import FixSetup, RetryLater, SkipStream, SyncError, WaitForQuota
from connectors.transport import Interrupted, TryAgain

ASK_LATER = "Nothing to do now: the next sync resumes here."
CHECK_LOGIN = "Check user name and password (or token) of this mailbox; some providers want an app password."

CODES: dict[str, tuple[type[SyncError], str, str]] = {
    "AUTHENTICATIONFAILED": (FixSetup, "authentication_failed", CHECK_LOGIN),
    "AUTHORIZATIONFAILED": (FixSetup, "authorization_failed", "Grant this account access to the mailbox."),
    "EXPIRED": (
        FixSetup,
        "password_expired",
        "Set a new password for this mailbox, then in the source's settings.",
    ),
    "PRIVACYREQUIRED": (FixSetup, "encryption_required", "Set `ssl: true` or `ssl: starttls`."),
    "NOPERM": (SkipStream, "no_permission", "Grant this account the right to read the folder."),
    "CONTACTADMIN": (FixSetup, "contact_admin", "Ask the mail server's administrator what it objects to."),
    "OVERQUOTA": (WaitForQuota, "quota_used_up", ASK_LATER),
    "THROTTLED": (WaitForQuota, "quota_used_up", ASK_LATER),
    "LIMIT": (RetryLater, "too_many_connections", ASK_LATER),
    "UNAVAILABLE": (RetryLater, "server_unavailable", ASK_LATER),
    "INUSE": (RetryLater, "mailbox_in_use", ASK_LATER),
    "SERVERBUG": (RetryLater, "server_bug", ASK_LATER),
}
"""Response code → remedy, stable code, what to do."""

PHRASES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"bandwidth|command limit|rate limit|throttl", re.IGNORECASE), "OVERQUOTA"),
    (
        re.compile(r"too many (simultaneous )?connections|maximum number of connections", re.IGNORECASE),
        "LIMIT",
    ),
    (re.compile(r"temporar|try again|unavailable|internal error", re.IGNORECASE), "UNAVAILABLE"),
    (
        re.compile(r"invalid credentials|authentication failed|application-specific", re.IGNORECASE),
        "AUTHENTICATIONFAILED",
    ),
)
"""What servers without response codes write, and the code it stands for."""

RESPONSE_CODE = re.compile(r"\[([A-Z][A-Z-]+)(?: [^\]]*)?\]")
PASSES = frozenset({"LIMIT", "UNAVAILABLE", "INUSE", "SERVERBUG"})
"""Refusals worth another try within the same sync."""


def refusal_code(error: BaseException) -> str | None:
    """The response code a server's refusal carries or paraphrases."""
    text = str(error)
    for code in RESPONSE_CODE.findall(text):
        if code in CODES:
            return str(code)
    return next((code for phrase, code in PHRASES if phrase.search(text)), None)


def translated(error: Exception) -> Exception:
    """The hub's error for one of the mail library or the network: `TryAgain` where another try may help.

    The server's own words never travel on: they may quote an address or a subject.
    """
    if isinstance(error, (SyncError, TryAgain, Interrupted)):
        return error
    code = refusal_code(error)
    if code in PASSES:
        return TryAgain(CODES[code][1], f"The mail server refused for now ([{code}]).")
    if code is not None:
        remedy, stable, do = CODES[code]
        return remedy(code=stable, do=do, happened=f"The mail server refused ([{code}]).")
    if isinstance(error, CapabilityError):
        return FixSetup(
            code="not_supported",
            do="Choose another way to connect: `ssl: true` with port 993, or a password instead of a token.",
            happened="The mail server does not offer what the settings ask for.",
        )
    if isinstance(error, LoginError):
        return FixSetup(
            code="authentication_failed", do=CHECK_LOGIN, happened="The mail server refused the sign-in."
        )
    return _network(error)


def _network(error: Exception) -> Exception:
    if isinstance(error, ssl.SSLCertVerificationError):
        return FixSetup(
            code="tls_untrusted",
            do="Set `ca_bundle` to the certificate authority the mail server uses; verification is never switched off.",
            happened="The mail server's certificate could not be verified.",
        )
    if isinstance(error, ssl.SSLError) and "WRONG_VERSION" in str(error):
        return FixSetup(
            code="not_encrypted",
            do="Use the port for encrypted connections (993), or set `ssl: starttls`.",
            happened="The server does not speak TLS on this port.",
        )
    if isinstance(error, socket.gaierror) and error.errno != socket.EAI_AGAIN:
        return FixSetup(code="unknown_host", do="Correct `host`.", happened="No such mail server is known.")
    if isinstance(error, TimeoutError):
        return TryAgain("timeout", "The mail server did not answer in time.")
    if isinstance(error, (IMAPClientAbortError, OSError, EOFError)):
        return TryAgain(
            "connection_lost", f"The connection to the mail server failed ({type(error).__name__})."
        )
    if isinstance(error, IMAPClientError):
        return TryAgain(
            "unexpected_answer", f"The mail server refused or answered oddly ({type(error).__name__})."
        )
    return error
