"""What every test gets: no network but loopback, no settings of this machine, and databases that start fresh.

- `database_url`: an empty warehouse with its tables; the test runs once on SQLite and once on PostgreSQL.
- `empty_database_url`: the same without tables. `sqlite_url`, `postgres_url`: a warehouse on one engine only.
- `frozen_clock`: now() is NOW until the test moves it.
- `shared`: the folder ../shared with real-world input; without it the test is skipped, and counted at the end.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import shutil
import signal
import socket
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import structlog
import time_machine

from tests.faults.reporting import pytest_addoption, pytest_collection_modifyitems, pytest_configure
from tests.postgres_server import PostgresServer, PostgresUnavailable, postgres_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["pytest_addoption", "pytest_collection_modifyitems", "pytest_configure"]
"""Hooks that let a run tell which fault is shown by which test."""

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"
NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
SKIPPED_FOR = {
    "PostgreSQL": "PostgreSQL unavailable: ",
    "../shared": "../shared is absent: ",
    "Spark": "Spark unavailable: ",
    "a browser": "browser unavailable: ",
}

# Read when these libraries are imported, which is before any fixture runs.
os.environ["DAGSTER_DISABLE_TELEMETRY"] = "yes"
os.environ.pop("DAGSTER_HOME", None)

# Started in the background of a script, tests find SIGINT ignored; every process they start inherits that, and
# Dagster does with SIGTERM what is done with SIGINT.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile(
    "soak", deadline=None, max_examples=5_000, stateful_step_count=200, print_blob=True
)
PROFILE = os.environ.get("PARTNERHUB_TEST_PROFILE") or ("ci" if os.environ.get("CI") else "local")
hypothesis.settings.load_profile(PROFILE)


# ---------------------------------------------------------------- isolation


class NetworkBlocked(Exception):
    """A test tried to leave this machine."""


@pytest.fixture(autouse=True)
def same_signals() -> Iterator[None]:
    """What a test does about being told to end holds for it alone, and for no process that a later one starts."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(autouse=True)
def same_log() -> Iterator[None]:
    """Where a command run in this process sends its log, and from which level on, holds for its test alone."""
    before, level = structlog.get_config(), logging.getLogger().level
    yield
    structlog.configure(**before)
    logging.getLogger().setLevel(level)


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Refuse every connection and name lookup that is not loopback, in this process and its threads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
        patch.setattr(socket, "getaddrinfo", guarded_lookup(socket.getaddrinfo))
        yield


def guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
    def loopback_connect(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX and not is_loopback(address[0]):
            raise NetworkBlocked(f"connection to {address[0]}: tests talk to loopback only")
        return connect(self, address)

    return loopback_connect


def guarded_lookup(lookup: Callable[..., Any]) -> Callable[..., Any]:
    def loopback_lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host and not is_loopback(host):
            raise NetworkBlocked(f"lookup of {host}: tests talk to loopback only")
        return lookup(host, *args, **kwargs)

    return loopback_lookup


def is_loopback(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {"localhost", "0.0.0.0", "::"}:  # the last two are what a listening socket says of itself
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own environment never changes what a test sees."""
    for name in list(os.environ):
        if name.startswith("PARTNERHUB_") and not name.startswith("PARTNERHUB_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture
def frozen_clock() -> Iterator[time_machine.Traveller]:
    """Time stands still at NOW; `frozen_clock.shift(seconds)` and `.move_to(moment)` move it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


# ---------------------------------------------------------------- databases

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for this process, started on first use."""
    try:
        with postgres_server() as server:
            yield server
    except PostgresUnavailable as reason:
        pytest.skip(SKIPPED_FOR["PostgreSQL"] + str(reason))


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh warehouse with all tables, once per engine."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=ENGINES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table, once per engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    yield from fresh_postgres(request.getfixturevalue("postgres"), "template0")


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The URL of a fresh warehouse with all tables, on SQLite."""
    copy = tmp_path / "warehouse.db"
    shutil.copyfile(migrated_sqlite, copy)
    return f"sqlite:///{copy}"


@pytest.fixture
def postgres_url(postgres: PostgresServer, migrated_postgres: str) -> Iterator[str]:
    """The URL of a fresh warehouse with all tables, on PostgreSQL."""
    yield from fresh_postgres(postgres, migrated_postgres)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated warehouse to copy: migrating once is what makes a fresh one cheap."""
    from warehouse.schema import migrate

    template = tmp_path_factory.mktemp("template") / "warehouse.db"
    migrate(f"sqlite:///{template}")
    return template


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> Iterator[str]:
    """The name of a migrated database to copy."""
    from warehouse.schema import migrate

    migrate(postgres.create("migrated"))
    yield "migrated"
    postgres.drop("migrated")


DATABASE_NUMBERS = count(1)


def fresh_postgres(server: PostgresServer, template: str) -> Iterator[str]:
    name = f"test{next(DATABASE_NUMBERS)}"
    yield server.create(name, template)
    server.drop(name)


# ---------------------------------------------------------------- real-world input and the closing lines


@pytest.fixture
def shared() -> Path:
    """The folder with real mail and records beside the repository."""
    if not SHARED.is_dir():
        pytest.skip(SKIPPED_FOR["../shared"] + "real-world input is not part of the repository")
    return SHARED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests did not run for want of something, and what that was."""
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])]
    for what, prefix in SKIPPED_FOR.items():
        matching = [reason.partition(prefix)[2] for reason in reasons if prefix in reason]
        if matching:
            said = "; ".join(sorted(set(matching)))
            terminalreporter.write_line(
                f"{len(matching)} tests were skipped without {what}: {said}", yellow=True
            )
