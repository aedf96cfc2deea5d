"""A throwaway PostgreSQL for the tests: found here, started on loopback, one fresh database per test."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

URL_VARIABLE = "PARTNERHUB_TEST_POSTGRES_URL"
DEBIAN = "/usr/lib/postgresql"
START_SECONDS = 20
MEMORY = "/dev/shm"
ROOM_FOR_A_SERVER = 4 << 30
"""Free bytes: two servers of a run beside one another, each with its write-ahead log."""
# Durability is not what these tests are about; everything else is as Debian ships it, but that a server which knows
# nothing of new tables takes them for large, and compiles each question for seconds.
SERVER_SETTINGS = {
    "fsync": "off",
    "jit": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "32MB",
    "max_wal_size": "512MB",
}
# A collation that is not byte order, as on most servers: who needs byte order must say COLLATE "C".
ICU_LOCALE_SINCE = 15


class PostgresUnavailable(Exception):
    """There is no PostgreSQL to test with; the message says why, in words for the closing line."""


@dataclass(frozen=True)
class PostgresServer:
    """A server on which we may create databases. `url` points at its maintenance database."""

    url: str
    prefix: str

    def create(self, name: str, template: str = "template0") -> str:
        """Create a database as a copy of `template`; returns its URL."""
        self.execute(f'CREATE DATABASE "{self.prefix}{name}" TEMPLATE "{self.full_name(template)}"')
        return self.url_of(name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{self.prefix}{name}" WITH (FORCE)')

    def url_of(self, name: str) -> str:
        """The URL of one of our databases."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{self.prefix}{name}"))

    def full_name(self, template: str) -> str:
        """PostgreSQL's own templates keep their name; ours carry the prefix of this process."""
        return template if template.startswith("template") else self.prefix + template

    def execute(self, statement: str) -> None:
        """Run one statement on the maintenance database."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """The server named by the environment, else one of our own. Raises PostgresUnavailable."""
    prefix = f"partnerhub_test_{os.getpid()}_"
    if url := os.environ.get(URL_VARIABLE):
        yield PostgresServer(url, prefix)
        return
    with own_server() as url:
        yield PostgresServer(url, prefix)


@contextmanager
def own_server() -> Iterator[str]:
    """Start a server in a temporary folder, stop it at the end, or when this process is killed."""
    binaries = newest_binaries()
    account = unprivileged_account()
    # Not pytest's tmp_path: the postgres user must be able to enter, and socket paths must be short.
    folder = Path(tempfile.mkdtemp(prefix="phpg", dir=roomy_memory()))
    try:
        if account:
            shutil.chown(folder, account, account)
        initialize(binaries, folder, account)
        with running(binaries, folder, account) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def roomy_memory() -> str:
    """Where the server's files lie: in memory where it has room, for a disk slows down with each database dropped."""
    with suppress(OSError):
        if shutil.disk_usage(MEMORY).free >= ROOM_FOR_A_SERVER:
            return MEMORY
    return "/tmp"


def newest_binaries() -> Path:
    """The folder with initdb and postgres: Debian's, newest first, else what is on the path."""
    debian = sorted(Path(DEBIAN).glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = debian[-1] if debian else shutil.which("initdb")
    if not found:
        raise PostgresUnavailable("no PostgreSQL server on this machine (Debian: apt install postgresql)")
    return Path(found).resolve().parent


def unprivileged_account() -> str | None:
    """PostgreSQL refuses to run as root: the account to run it as, or None when we are not root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise PostgresUnavailable("running as root and there is no user `postgres` to start it as") from None


def initialize(binaries: Path, folder: Path, account: str | None) -> None:
    """Make an empty cluster."""
    options = "-A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync"
    command = [str(binaries / "initdb"), "-D", str(folder / "data"), *options.split()]
    if major_version(binaries) >= ICU_LOCALE_SINCE:
        command += ["--locale-provider=icu", "--icu-locale=en-US"]
    made = subprocess.run(
        command, cwd="/", user=account, group=account, capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise PostgresUnavailable(f"initdb failed: {made.stderr.strip().splitlines()[-1:]}")


def major_version(binaries: Path) -> int:
    """15 of `postgres (PostgreSQL) 15.18 (Debian ...)`."""
    said = subprocess.run(
        [binaries / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    return int(said.split()[2].split(".")[0])


@contextmanager
def running(binaries: Path, folder: Path, account: str | None) -> Iterator[str]:
    """Run the server until the block ends; yields its URL."""
    port = free_port()
    settings = {**SERVER_SETTINGS, "port": str(port), "unix_socket_directories": str(folder)}
    command = [str(binaries / "postgres"), "-D", str(folder / "data")]
    command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    if shutil.which("setpriv"):
        command = ["setpriv", "--pdeathsig", "INT", *command]
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            cwd="/",
            user=account,
            group=account,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        wait_until_ready(url, server, log)
        yield url
    finally:
        server.terminate()  # new connections are refused, idle ones are ours and closed
        try:
            server.wait(timeout=3)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the server answers; raises PostgresUnavailable with its last words otherwise."""
    for attempt in count():
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if server.poll() is not None or attempt > START_SECONDS * 20:
                raise PostgresUnavailable(f"the server did not start: {log.read_text()[-300:]}") from None
            time.sleep(0.05)
        else:
            return


def free_port() -> int:
    """A loopback port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
