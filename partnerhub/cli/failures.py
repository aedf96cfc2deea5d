"""An error as a person should meet it: what happened, what to do, and an exit code a script can act on."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

from typer import Abort

from partnerhub.cli import exit_codes
from partnerhub.cli.discretion import shown
from partnerhub.cli.interruption import Interrupted
from partnerhub.cli.output import error_console, print_json, prose

USAGE_CODES: Final = frozenset({"file_exists", "no_sources", "not_a_demo", "cannot_extend", "cannot_write"})
"""Refusals of the command itself, before any source was asked."""
DEMO: Final = Path(".demo/partnerhub.yaml")
"""Where `make demo` leaves the configuration of its hub."""


class Told(NamedTuple):
    """One error in the words of the command line. `notes` are further lines, such as every mistake in a file."""

    exit_code: int
    code: str
    happened: str
    do: str
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What `--json` prints instead of an answer."""
        return {
            "error": {"code": self.code, "happened": self.happened, "do": self.do, "notes": list(self.notes)},
            "exit_code": self.exit_code,
        }


def tell(error: BaseException, *, as_json: bool) -> int:
    """Show an error, on stderr or as JSON on stdout, and return the exit code."""
    if isinstance(error, SystemExit):
        return int(error.code or 0) if not isinstance(error.code, str) else exit_codes.FAILED
    told = understood(error)
    if as_json:
        print_json(told.as_json())
    elif told.happened.strip():  # else the help was printed in its place
        show(told)
    return told.exit_code


def show(told: Told) -> None:
    """Two to a few lines on stderr."""
    console = error_console()
    prose(console, told.happened, style="bold red")
    for note in told.notes:
        prose(console, note, indent=2)
    if told.do:
        prose(console, f"→ {told.do}")


def understood(error: BaseException) -> Told:
    """The error in words; an unexpected one is a bug of ours and says so, without its message."""
    if is_usage(error):
        command = getattr(getattr(error, "ctx", None), "command_path", "partnerhub")
        return Told(exit_codes.USAGE, "usage", usage_message(error), f"See `{command} --help`.")
    if isinstance(error, Interrupted) and error.by == signal.SIGTERM:
        do = "The next sync resumes where this one stopped."
        return Told(exit_codes.INCOMPLETE, "stopped", "Stopped; what arrived until then is kept.", do)
    if isinstance(error, KeyboardInterrupt | Interrupted | Abort):
        do = "Run the same command again: a sync resumes where it stopped, everything else begins anew."
        return Told(exit_codes.INTERRUPTED, "interrupted", "Interrupted.", do)
    return of_ours(error) or unexpected(error)


def is_usage(error: BaseException) -> bool:
    """Whether the command line itself was wrong (typer carries its own copy of click)."""
    return any(kind.__name__ == "ClickException" for kind in type(error).__mro__)


def usage_message(error: BaseException) -> str:
    """click's own sentence."""
    message = getattr(error, "format_message", lambda: str(error))()
    return str(message).removeprefix("Invalid value: ")


def of_ours(error: BaseException) -> Told | None:
    """Errors the hub raises on purpose."""
    from connectors.errors import FixSetup, RetryLater, SyncError, WaitForQuota
    from partnerhub.config import InvalidConfig
    from warehouse.errors import AlreadyRunning, NotFound, UnsupportedUrl, WarehouseError
    from warehouse.trouble import named

    error = named(error) or error
    if isinstance(error, InvalidConfig) and not error.path.exists():
        do = "Write one by `partnerhub init`, or name yours by `partnerhub --config FILE`."
        do += f" That of the demo: `--config {DEMO}`." if DEMO.is_file() else ""
        return Told(exit_codes.USAGE, error.code, f"There is no {error.path}.", do)
    if isinstance(error, InvalidConfig):
        count = len(error.problems)
        happened = f"{error.path} cannot be used: {count} problem{'s' if count > 1 else ''}."
        notes = tuple(f"{error.path.name}:{problem}" for problem in error.problems)
        return Told(exit_codes.USAGE, error.code, happened, error.do, notes)
    if isinstance(error, SyncError):
        waits = isinstance(error, RetryLater | WaitForQuota)
        person = isinstance(error, FixSetup)
        code = exit_codes.INCOMPLETE if waits else exit_codes.NEEDS_PERSON if person else exit_codes.FAILED
        code = exit_codes.USAGE if error.code in USAGE_CODES else code
        return Told(code, error.code, error.happened, error.do)
    if isinstance(error, AlreadyRunning):
        return Told(exit_codes.RUNNING, "already_running", error.happened, error.do)
    if isinstance(error, WarehouseError):
        usage = isinstance(error, UnsupportedUrl)
        code = (
            exit_codes.USAGE
            if usage
            else exit_codes.FAILED
            if isinstance(error, NotFound)
            else exit_codes.NEEDS_PERSON
        )
        return Told(code, snake(type(error).__name__), error.happened, error.do)
    return None


def unexpected(error: BaseException) -> Told:
    """A bug: named by type and place; its message may hold data, so it is left to --debug."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    place = f" in {frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}" if frame else ""
    command = shown(" ".join(word for word in sys.argv[1:] if word != "--json"))
    return Told(
        exit_codes.FAILED,
        "unexpected",
        f"Something went wrong that should not: {type(error).__name__}{place}.",
        f"Run `partnerhub --debug {command}` and report what it shows.",
    )


def snake(name: str) -> str:
    """`DatabaseUnavailable` → `database_unavailable`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
