"""Events handed over: appended to a file or sent to an address. What does not arrive never fails a run, and is told."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import structlog
import urllib3

from connectors.errors import SyncError
from connectors.transport import Answer, Patience, Transport
from partnerhub.config.reload import as_written
from pipelines.openlineage import events
from warehouse.changes.endpoints import LINEAGE, Standing, keep, standing
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnerhub.config import HubConfig
    from partnerhub.config.lineage import Lineage
    from warehouse.database import Connection

log = structlog.get_logger()

PATIENCE: Final = Patience(
    tries=3, deadline=15.0, first_wait=0.5, longest_wait=5.0, connect_timeout=5.0, read_timeout=10.0
)
BEGUN: set[str] = set()
ONCE: Final = Lock()


def tell_began(config: HubConfig, run_id: str, now: str) -> None:
    """Tell that a run began, once however often its steps say so. Never raises."""
    if not config.lineage.to:
        return
    with ONCE:
        if run_id in BEGUN:
            return
        BEGUN.add(run_id)
    tell(config, lambda _: events.began(config, run_id, now), now)


def tell_ended(config: HubConfig, run_id: str, state: str, now: str) -> None:
    """Tell how a run ended. Never raises."""
    if not config.lineage.to:
        return
    BEGUN.discard(run_id)
    tell(config, lambda connection: events.ended(connection, config, run_id, state, now), now)


def tell(config: HubConfig, made: Callable[[Connection], dict[str, Any]], now: str) -> None:
    """Make an event, hand it over and write down how that went."""
    try:
        lineage = as_written(config).lineage
        if not lineage.to:  # no more, since this process began
            return
        with Database(config.warehouse_url).session() as connection:
            failure = handed_over(lineage, made(connection))
            note(connection, failure, now)
    except Exception as error:  # noqa: BLE001  # whatever goes wrong here must not end a run
        log.warning("lineage not told", kind=type(error).__name__)


def handed_over(lineage: Lineage, event: dict[str, Any]) -> str | None:
    """Hand over once; why it did not arrive, without address or token, or None."""
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    if not lineage.is_file:
        return posted(lineage, body)
    try:
        append(Path(lineage.to), body + b"\n")
    except OSError as error:
        return f"The file cannot be written ({type(error).__name__})."
    return None


def append(path: Path, line: bytes) -> None:
    """Add a line whole or not at all; two runs take turns and never mix theirs. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        written = os.write(file, line)
        if written < len(line):
            os.ftruncate(file, os.fstat(file).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(file)


def posted(lineage: Lineage, body: bytes) -> str | None:
    """Send to an address; redirects are not followed."""
    headers = {"Content-Type": "application/json"}
    if lineage.token:
        headers["Authorization"] = f"Bearer {lineage.token}"

    def attempt() -> Answer:
        with urllib3.PoolManager(retries=False) as pool:
            said = pool.request(
                "POST",
                lineage.to,
                body=body,
                headers=headers,
                timeout=PATIENCE.timeout,
                retries=False,
                redirect=False,
            )
        return Answer(said.status, {name.lower(): value for name, value in said.headers.items()}, b"")

    try:
        Transport("Lineage", PATIENCE).ask(attempt, lambda answer: answer.status)
    except SyncError as error:
        return error.happened
    return None


def note(connection: Connection, failure: str | None, now: str) -> None:
    """Write down how it went: an incident opens while it does not arrive."""
    known = standing(connection, LINEAGE) or Standing(LINEAGE, "")
    facts: dict[str, Any] = {
        "tried_at": now,
        "failures": known.failures + 1 if failure else 0,
        "failure": failure,
    }
    if failure is None:
        facts |= {"delivered_at": now, "told": known.told + 1}
    else:
        log.warning("lineage not told", failure=failure)
    with connection.transaction():
        keep(connection, known.moved(**facts))
