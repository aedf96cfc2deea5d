"""One connection to one mailbox: sign in, open folders for reading only, repeat what a lost connection cut short."""

from __future__ import annotations

import contextlib
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError
from pydantic import SecretStr

from connectors.errors import FixSetup
from connectors.imap.failures import translated
from connectors.transport import Patience, persist

Result = TypeVar("Result")
VENDOR = "The mail server"
LONGEST_CONNECT = 15.0

# The library's debug log is the conversation itself: subjects, addresses, and whatever a refusal repeats.
logging.getLogger("imapclient").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach and open a mailbox. Seconds for `timeout`; exactly one of password and token is set."""

    host: str
    port: int
    ssl: Literal["tls", "starttls", "off"]
    username: str
    password: SecretStr | None
    token: SecretStr | None
    ca_bundle: str | None
    timeout: float


@dataclass(frozen=True, slots=True)
class OpenFolder:
    """What a folder said when it was opened. `uidnext` is one past the last UID, or None when the server is silent."""

    name: str
    uidvalidity: int
    uidnext: int | None
    messages: int


class FolderChanged(Exception):
    """A folder got a new UIDVALIDITY while it was being read; its UIDs mean something else now."""


class MailSession:
    """A connection that comes back: whatever runs through it is repeated after a drop, within the patience."""

    def __init__(self, access: Access, patience: Patience) -> None:
        """Connects on first use."""
        self._access = access
        self._patience = patience
        self._client: IMAPClient | None = None
        self._folder: OpenFolder | None = None

    def __enter__(self) -> Self:
        """Nothing happens before the first command."""
        return self

    def __exit__(self, *_: object) -> None:
        """Say goodbye."""
        if self._client is not None:
            with contextlib.suppress(IMAPClientError, OSError):
                self._client.logout()
        self._client = None

    def run(self, action: Callable[[IMAPClient], Result], *, patience: Patience | None = None) -> Result:
        """Run an action that may be repeated. Raises the errors of `connectors.errors` and `FolderChanged`."""

        def once() -> Result:
            failure: Exception
            try:
                return action(self._connected())
            except FolderChanged:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it becomes an error named by remedy
                failure = translated(error)
            # Outside the handler, so that no error of the library's, which may quote a mail, hangs on as context.
            self.drop()
            raise failure

        return persist(once, patience or self._patience, VENDOR)

    def folders(self) -> list[tuple[frozenset[str], str]]:
        """All folders as (lower-case flags, name)."""

        def ask(client: IMAPClient) -> list[tuple[frozenset[str], str]]:
            found = client.list_folders()
            return [
                (frozenset(flag.decode("latin-1").lower() for flag in flags), str(name))
                for flags, _, name in found
            ]

        return self.run(ask)

    def sent_folder(self) -> str | None:
        """The folder for sent mail: by special use, else by the names mail programs give it."""
        found: str | None = self.run(lambda client: client.find_special_folder(b"\\Sent"))
        return found

    def open(self, name: str) -> OpenFolder:
        """Open a folder for reading only (EXAMINE); raises `FixSetup` when it does not exist."""
        self._folder = None

        def ask(client: IMAPClient) -> OpenFolder | None:
            try:
                facts = client.select_folder(name, readonly=True)
            except IMAPClientError as error:
                if "[" in str(error) and "NONEXISTENT" not in str(error):
                    raise
                if client.folder_exists(name):
                    raise
                return None
            return _opened(name, facts)

        found = self.run(ask)
        if found is None:
            raise FixSetup(
                code="folder_missing", do="Correct `folders`.", happened=f"There is no folder {name!r}."
            )
        self._folder = found
        return found

    def messages(self, name: str) -> int:
        """How many messages a folder holds, by STATUS."""
        status: dict[bytes, int] = self.run(lambda client: client.folder_status(name, ["MESSAGES"]))
        return int(status.get(b"MESSAGES", 0))

    def drop(self) -> None:
        """Close the connection without ceremony; the next action connects anew."""
        if self._client is not None:
            with contextlib.suppress(IMAPClientError, OSError):
                self._client.shutdown()
        self._client = None

    def _connected(self) -> IMAPClient:
        if self._client is not None:
            return self._client
        self._client = client = self._connect()
        try:
            self._prepare(client)
        except Exception:
            self.drop()
            raise
        return client

    def _prepare(self, client: IMAPClient) -> None:
        """Sign in, and open the folder again that was open before the connection was lost."""
        if self._access.ssl == "starttls":
            client.starttls(self._tls())
        self._sign_in(client)
        if self._folder is None:
            return
        again = _opened(self._folder.name, client.select_folder(self._folder.name, readonly=True))
        if again.uidvalidity != self._folder.uidvalidity:
            raise FolderChanged(self._folder.name)

    def _connect(self) -> IMAPClient:
        access = self._access
        client = IMAPClient(
            access.host,
            port=access.port,
            ssl=access.ssl == "tls",
            ssl_context=self._tls() if access.ssl == "tls" else None,
            timeout=SocketTimeout(connect=min(access.timeout, LONGEST_CONNECT), read=access.timeout),
        )
        client.normalise_times = False
        return client

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._access.ca_bundle)

    def _sign_in(self, client: IMAPClient) -> None:
        access = self._access
        if access.token is not None:
            client.oauth2_login(access.username, access.token.get_secret_value())
            return
        password = access.password.get_secret_value() if access.password else ""
        if password.isascii():
            client.login(access.username, password)
        else:  # LOGIN has no charset; SASL PLAIN is UTF-8 by definition
            client.plain_login(access.username, password)


def _opened(name: str, facts: dict[bytes, Any]) -> OpenFolder:
    return OpenFolder(
        name=name,
        uidvalidity=int(facts.get(b"UIDVALIDITY") or 0),
        uidnext=int(facts[b"UIDNEXT"]) if facts.get(b"UIDNEXT") else None,
        messages=int(facts.get(b"EXISTS") or 0),
    )
