"""`partnerhub`: the command line as a whole, and the one place where an error becomes a message and an exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from partnerhub.cli import (
    accounts,
    alerting,
    approving,
    changing,
    contracting,
    digesting,
    doctoring,
    drifting,
    entering,
    evaluating,
    explaining,
    exporting,
    importing,
    inspect,
    judging,
    keeping,
    learning,
    list_checking,
    listing,
    mailing,
    measuring,
    moving,
    partners,
    pinning,
    previewing,
    problem_marks,
    quarantining,
    quotas,
    rebuilding,
    reconciling,
    rescoring,
    resolving,
    reviewing,
    running,
    serving,
    setup,
    signaling,
    simulating,
    spotting,
    steering,
    stewardship,
    supervising,
    syncing,
    trial,
)
from partnerhub.cli.copyable import called_with
from partnerhub.cli.exit_codes import INTERRUPTED
from partnerhub.cli.invocation import DEFAULT_CONFIG, Invocation

app = typer.Typer(
    name="partnerhub",
    help="One record per partner organization, joined from the tools a company already runs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog="Exit codes: 0 complete · 1 failed · 2 usage or configuration · 3 a person must act · "
    "4 incomplete, resumes by itself · 5 the rules got worse · 75 already running",
)

COMMANDS = (
    ("Start", trial.demo, "demo"),
    ("Start", setup.init, "init"),
    ("Start", setup.check, "check"),
    ("Start", importing.import_file, "import"),
    ("Run", syncing.sync, "sync"),
    ("Run", inspect.status, "status"),
    ("Run", digesting.digest, "digest"),
    ("Run", inspect.errors, "errors"),
    ("Run", problem_marks.problem, "problem"),
    ("Run", running.resume, "resume"),
    ("Run", running.cancel, "cancel"),
    ("Run", steering.pause, "pause"),
    ("Run", steering.unpause, "unpause"),
    ("Run", steering.resync, "resync"),
    ("Run", quotas.quota, "quota"),
    ("Run", doctoring.doctor, "doctor"),
    ("Run", keeping.backup, "backup"),
    ("Run", keeping.restore, "restore"),
    ("Run", keeping.prune, "prune"),
    ("Run", moving.migrate_db, "migrate-db"),
    ("Run", reconciling.reconcile, "reconcile"),
    ("Run", approving.approve, "approve"),
    ("Run", previewing.preview, "preview"),
    ("Run", rebuilding.rebuild, "rebuild"),
    ("Run", serving.serve, "serve"),
    ("Run", supervising.up, "up"),
    ("Partners", partners.show, "show"),
    ("Partners", signaling.signals, "signals"),
    ("Partners", partners.candidates, "candidates"),
    ("Partners", partners.unmatched, "unmatched"),
    ("Partners", resolving.resolve, "resolve"),
    ("Partners", list_checking.check_list, "check-list"),
    ("Identity", explaining.why, "why"),
    ("Identity", explaining.why_not, "why-not"),
    ("Identity", explaining.how, "how"),
    ("Identity", judging.merge, "merge"),
    ("Identity", judging.split, "split"),
    ("Identity", stewardship.decide, "decide"),
    ("Identity", pinning.pin, "pin"),
    ("Identity", pinning.unpin, "unpin"),
    ("Identity", pinning.attach, "attach"),
    ("Identity", pinning.detach, "detach"),
    ("Identity", spotting.spot, "spot"),
    ("Identity", judging.undo, "undo"),
    ("Identity", evaluating.evaluate, "evaluate"),
    ("Identity", rescoring.rescore, "rescore"),
    ("Identity", learning.learn, "learn"),
    ("Partners", stewardship.redact, "redact"),
    ("Data", exporting.export, "export"),
    ("Data", measuring.measure, "measure"),
    ("Reference", inspect.mappings, "mappings"),
    ("Reference", simulating.simulator, "simulator"),
)
"""Group in the help, function, command name: in the order of the help."""

for panel, function, command in COMMANDS:
    app.command(command, rich_help_panel=panel)(function)
app.add_typer(accounts.accounts, name="user", rich_help_panel="Access")
app.add_typer(accounts.keys, name="keys", rich_help_panel="Access")
app.add_typer(accounts.audit, name="audit", rich_help_panel="Access")
app.add_typer(mailing.mail, name="mail", rich_help_panel="Access")
app.add_typer(entering.log, name="log", rich_help_panel="Partners")
app.add_typer(listing.lists, name="lists", rich_help_panel="Partners")
app.add_typer(reviewing.review, name="review", rich_help_panel="Identity")
app.add_typer(quarantining.quarantine, name="quarantine", rich_help_panel="Run")
app.add_typer(drifting.drift, name="drift", rich_help_panel="Run")
app.add_typer(alerting.alerts, name="alerts", rich_help_panel="Run")
app.add_typer(contracting.contract, name="contract", rich_help_panel="Data")
app.add_typer(changing.changes, name="changes", rich_help_panel="Data")
app.add_typer(running.runs, name="runs", rich_help_panel="Run")
app.add_typer(steering.cursor, name="cursor", rich_help_panel="Run")


def version_wanted(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        from partnerhub import __version__

        typer.echo(f"partnerhub {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path, typer.Option("--config", "-c", envvar="PARTNERHUB_CONFIG", help="The hub's configuration file.")
    ] = DEFAULT_CONFIG,
    debug: Annotated[bool, typer.Option("--debug", help="Log everything and show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=version_wanted, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options that come before the command."""
    del version
    given = context.get_parameter_source("config")
    called_with(config if given is not None and given.name == "COMMANDLINE" else None)
    context.obj = Invocation(config_path=config, debug=debug)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code. Shows a traceback with --debug only, and never a secret."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        outcome = app(given, prog_name="partnerhub", standalone_mode=False)
        if outcome == INTERRUPTED:  # typer turns Ctrl-C into this exit code
            raise KeyboardInterrupt
    except BaseException as error:  # noqa: BLE001  # the one place where an error becomes a message
        from partnerhub.cli.failures import tell
        from partnerhub.cli.interruption import Interrupted, leave

        if "--debug" in given and not isinstance(error, Interrupted | SystemExit):
            from partnerhub.cli.discretion import traceback_lines

            sys.stderr.writelines(traceback_lines(error))
        exit_code = tell(error, as_json="--json" in given)
        if isinstance(error, Interrupted):
            leave(exit_code)
        sys.exit(exit_code)
    sys.exit(outcome if isinstance(outcome, int) else 0)


if __name__ == "__main__":
    main()
