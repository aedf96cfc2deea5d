"""To whom incidents are told: `alerts:` with e-mail, a Slack-compatible webhook, a signed webhook, or several."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from partnerhub.config.references import resolve
from partnerhub.config.schedules import read_schedule

if TYPE_CHECKING:
    from pathlib import Path

    from partnerhub.config.expect import Place

CHANNELS: Final = ("email", "slack", "webhook")
EMAIL_KEYS: Final = ("host", "port", "from", "to", "tls", "username", "password")
ADDRESS: Final = re.compile(r"[^@\s<>,]+@[\w.-]+")
WEB: Final = re.compile(r"https?://[^\s/]+\S*")
REFERENCE: Final = "${"
PORTS: Final = {"starttls": 587, "implicit": 465, "off": 25}
MORNING: Final = "0 6 * * *"
"""When the daily digest goes out: before people come, after the nightly comparison."""
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
MARK: Final = "whsec_"
SHORTEST_SECRET: Final = 16
"""Octets of a signing secret: fewer can be guessed."""

Tls = Literal["starttls", "implicit", "off"]


@dataclass(frozen=True, slots=True)
class Email:
    """A mail server. tls: `starttls`, `implicit` (from the first octet on) or `off`."""

    host: str
    sender: str
    recipients: tuple[str, ...]
    port: int = 587
    tls: Tls = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Slack:
    """An address that takes `{"text": …}`; it is a secret."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that takes the facts of an incident as JSON, signed as Standard Webhooks describes."""

    url: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Alive:
    """An address that is asked at each look, and raises the alarm itself when nobody does any more; it is a secret."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Alerts:
    """The channels incidents are told by; none: they stand in `partnerhub status` only.

    digest: cron by which the digest goes out, or None: never by itself. alive: what is told that the hub is watched.
    questions: whether whoever is asked about a value is told. lists: saved lists of partners the digest tells of.
    """

    email: Email | None = None
    slack: Slack | None = None
    webhook: Webhook | None = None
    digest: str | None = MORNING
    alive: Alive | None = None
    questions: bool = True
    lists: tuple[str, ...] = ()

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the channels there are."""
        return tuple(name for name in CHANNELS if getattr(self, name) is not None)


def read_alerts(place: Place, folder: Path, *, with_settings: bool) -> Alerts:
    """The channels of a configuration. Without settings, references may lead nowhere: only the names are used."""
    found = place.known_entries(
        (*CHANNELS, "digest", "alive", "questions", "lists"), "slack: {url: ${SLACK_URL}}"
    )
    reader = Reader(folder, needed=with_settings)
    return Alerts(
        email=read_email(found["email"], reader) if "email" in found else None,
        slack=read_slack(found["slack"], reader) if "slack" in found else None,
        webhook=read_webhook(found["webhook"], reader) if "webhook" in found else None,
        digest=read_schedule(found.get("digest"), usual=MORNING),
        questions=read_switch(found.get("questions")),
        lists=found["lists"].texts("[Gold in Germany]") if "lists" in found else (),
        alive=Alive(read_url(found["alive"], reader, "${ALIVE_URL}")) if "alive" in found else None,
    )


def read_switch(entry: Place | None) -> bool:
    """On, unless it says `false`."""
    if entry is None or entry.item.value is None:
        return True
    if not isinstance(entry.item.value, bool):
        entry.note("This is a switch.", "Write `true` or `false`.")
    return entry.item.value is not False


@dataclass(frozen=True, slots=True)
class Reader:
    """Takes values whose references are replaced. needed: whether one that leads nowhere is a problem."""

    folder: Path
    needed: bool

    def text(self, found: dict[str, Place], key: str, place: Place, example: str) -> str:
        """A text that must be there; empty, and reported, when it is not."""
        entry = found.get(key)
        if entry is None:
            place.note(f"`{key}` is missing.", f"Write for example `{key}: {example}`.")
            return ""
        return str(self.plain(entry, entry.text(example) or ""))

    def plain(self, entry: Place, value: Any) -> Any:
        """The value with references replaced."""
        return resolve(value, self.folder, entry.note if self.needed else ignore)


def ignore(happened: str, do: str) -> None:
    """Say nothing about a reference nobody needs now."""
    del happened, do


def read_email(place: Place, reader: Reader) -> Email:
    """A mail server, its sender and its recipients."""
    found = place.known_entries(EMAIL_KEYS, "host: smtp.example.com")
    host = reader.text(found, "host", place, "smtp.example.com")
    sender = address(found.get("from"), place, reader, "from")
    listed = found["to"].elements() if "to" in found else []
    recipients = tuple(dict.fromkeys(address(each, place, reader, "to") for each in listed))
    if not recipients:
        (found.get("to") or place).note(
            "Nobody is named to whom alerts go.", "Write `to: [ops@northwind.example]`."
        )
    tls = read_tls(found.get("tls"))
    port = found["port"].whole_number(PORTS[tls]) if "port" in found else None
    username = reader.text(found, "username", place, "hub") if "username" in found else ""
    password = reader.text(found, "password", place, "${SMTP_PASSWORD}") if "password" in found else ""
    if password and tls == "off" and host not in LOOPBACK:
        found["password"].note(
            "With `tls: off` the password could be read on its way.", "Write `tls: starttls`."
        )
    return Email(host, sender, recipients, port or PORTS[tls], tls, username, password)


def address(entry: Place | None, place: Place, reader: Reader, key: str) -> str:
    """One mail address."""
    if entry is None:
        place.note(f"`{key}` is missing.", f"Write for example `{key}: hub@northwind.example`.")
        return ""
    written = str(reader.plain(entry, entry.text("ops@northwind.example") or ""))
    if written and REFERENCE not in written and not ADDRESS.fullmatch(written):
        entry.note("This is not a mail address.", "Write it like `ops@northwind.example`.")
    return written


def read_tls(entry: Place | None) -> Tls:
    """How the way to the mail server is kept from others' eyes; YAML reads `off` as false."""
    if entry is None or entry.item.value is None:
        return "starttls"
    value = entry.item.value
    written = ("implicit" if value else "off") if isinstance(value, bool) else str(value)
    if written in PORTS:
        return cast("Tls", written)
    entry.note(f"There is no way `{written}` to a mail server.", f"Write one of: {', '.join(PORTS)}.")
    return "starttls"


def read_slack(place: Place, reader: Reader) -> Slack:
    """A Slack-compatible address."""
    return Slack(read_url(place, reader, "${SLACK_URL}"))


def read_url(place: Place, reader: Reader, example: str) -> str:
    """An entry with nothing but an address in it."""
    return web_address(place.known_entries(("url",), f"url: {example}"), place, reader, example)


def read_webhook(place: Place, reader: Reader, entries: dict[str, Place] | None = None) -> Webhook:
    """An address and the secret by which its owner knows that we wrote. entries: those, where there are others too."""
    found = place.known_entries(("url", "secret"), "url: ${ALERT_URL}") if entries is None else entries
    url = web_address(found, place, reader, "${ALERT_URL}")
    secret = reader.text(found, "secret", place, "${ALERT_SECRET}")
    if secret and REFERENCE not in secret:
        check_secret(found["secret"], secret)
    return Webhook(url, secret)


def web_address(found: dict[str, Place], place: Place, reader: Reader, example: str) -> str:
    """An address of the web; it is never repeated, as who knows it may write there."""
    url = reader.text(found, "url", place, example)
    if url and REFERENCE not in url and not WEB.fullmatch(url):
        found["url"].note("This is not an address of the web.", "Begin it with `https://`.")
    return url


def check_secret(place: Place, secret: str) -> None:
    """Long enough, and readable where it is written in the form of Standard Webhooks."""
    try:
        octets = signing_key(secret)
    except binascii.Error:
        place.note("What follows `whsec_` is not Base64.", "Copy the whole secret.")
        return
    if len(octets) < SHORTEST_SECRET:
        place.note("This secret is too short.", "Make one: `echo whsec_$(head -c 32 /dev/urandom | base64)`.")


def signing_key(secret: str) -> bytes:
    """The octets of a secret: `whsec_` and Base64, or any other text as it is."""
    if secret.startswith(MARK):
        return base64.b64decode(secret.removeprefix(MARK), validate=True)
    return secret.encode()
