"""`partnerhub export`: the marts and the views of streams as files."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli.invocation import AsJson, configuration, existing
from partnerhub.cli.naming import day_or_time
from partnerhub.cli.output import answer, counted, moment, prose

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.database import Database
    from warehouse.exports.listed import OnlyOf


TIME: Final = re.compile(r"\d{4}-\d")
"""How days and times begin, and no id of a run does."""
FORMATS: Final = "Of the files; hsds is a package of partners by the Human Services Data Specification."


class Format(StrEnum):
    """How tables are written."""

    PARQUET = "parquet"
    CSV = "csv"
    HSDS = "hsds"


def export(
    context: typer.Context,
    place: Annotated[str, typer.Argument(metavar="DIR", help="A folder, or any URL fsspec knows (s3://…).")],
    kind: Annotated[Format, typer.Option("--format", help=FORMATS)] = Format.PARQUET,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="EXPORT|RUN|TIME",
            help="Only what differs from a former export (its folder, URL or manifest.json); or only rows written,"
            " ended or deleted since a run began, or a day or UTC time.",
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            help="Tables as the hub knew them at the end of this day, or at a UTC time; those that are kept.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--table", help="Only this table; repeat for several.")
    ] = None,
    of_list: Annotated[
        str | None,
        typer.Option("--list", metavar="NAME", help="Only what belongs to the partners of this saved list."),
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="CSV for machines: no cell is marked for spreadsheet programs.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write every mart and every view of a stream to files, as of one moment, while syncs run if need be.

    Who took them, and where to, is in the audit log.
    """
    from connectors.record import utc_text
    from partnerhub.cli.partners import end_of
    from partnerhub.cli.stewardship import by_command, user
    from partnerhub.config.contracts import terms_of
    from warehouse.exports.export import Options
    from warehouse.exports.export import export as write

    if raw and kind is not Format.CSV:
        raise typer.BadParameter("--raw belongs to --format csv; the others are for machines as they are.")
    if as_of and since:
        raise typer.BadParameter("--as-of is a whole export; build on it by `--since` of a later one.")
    if of_list and (since or as_of):
        raise typer.BadParameter("--list is an export by itself; leave --since and --as-of away.")
    refuse_blanks({"DIR": place, "--since": since, "--as-of": as_of, "--list": of_list})
    config = configuration(context, with_settings=False)
    database = existing(config.warehouse_url)
    moment, base = since_what(database, since or "")
    then = has_begun(end_of(as_of), "--as-of") if as_of else ""
    listed = partners_of(database, of_list) if of_list else None
    options = Options(kind.value, raw, moment, tuple(only or ()), base, then, terms_of(config), listed)
    told = write(database, place, options, utc_text(datetime.now(UTC)), by_command(user()))

    answer(data_of(told, place), lambda console: show(console, place, told, base), as_json=as_json)


def show(console: Console, place: str, told: dict[str, Any], base: str) -> None:
    """What was written, and what of it to know."""
    rows = sum(table["rows"] for table in told["tables"])
    files = sum(len(table["files"]) for table in told["tables"])
    prose(
        console,
        f"✓ {place}: {counted(len(told['tables']), 'table')}, {counted(rows, 'row')}, {counted(files, 'file')}.",
    )
    whole = [table["name"] for table in told["tables"] if table.get("is_whole")]
    if whole:
        prose(console, f"! Whole, as they do not say when a row last changed: {', '.join(whole)}.")
    if told.get("as_of") and (told["known_since"] is None or told["as_of"] < told["known_since"]):
        landed = (
            f"its first record landed {moment(told['known_since'])} UTC"
            if told["known_since"]
            else "nothing landed"
        )
        prose(console, f"! At {moment(told['as_of'])} UTC the hub knew nothing yet: {landed}.")
    if told.get("not_kept"):
        left = counted(len(told["not_kept"]), "table")
        prose(console, f"! Without {left} whose past is not kept: `not_kept` in the manifest names them.")
    if told.get("list"):
        of = counted(told["list"]["partners"], "partner")
        left = counted(len(told["left_out"]), "table") if "left_out" in told else ""
        rest = f"; without {left}: `left_out` in the manifest names them" if left else ""
        prose(console, f"! Only what belongs to {of}{rest}.")
    if told.get("base"):
        removed = sum(table.get("removed", {}).get("rows", 0) for table in told["tables"])
        prose(console, f"  Over {base}; {counted(removed, 'key')} to take away, below `removed`.")
    show_left_out(console, told)
    prose(console, "→ manifest.json says what is in them; docs/warehouse/exports.md, how to read them.")


def show_left_out(console: Console, told: dict[str, Any]) -> None:
    """What an HSDS package does without, a line a table, and what stands in for what the hub does not know."""
    without: dict[str, list[dict[str, Any]]] = {}
    for left in told.get("without", ()):
        without.setdefault(left["table"], []).append(left)
    for table, reasons in without.items():
        rows = sum(left["rows"] for left in reasons if "field" not in left)
        cells = sum(left["rows"] for left in reasons if "field" in left)
        parts = [counted(number, word) for number, word in ((rows, "row"), (cells, "cell")) if number]
        why = "`without` in the manifest says why" if len(reasons) > 1 else reasons[0]["why"]
        prose(console, f"! {table}: without {' and '.join(parts)}; {why}.")
    filled = [f"{by['table']}.{by['field']}: {by['by']} ({by['rows']})" for by in told.get("filled", ())]
    if filled:
        prose(console, f"  Filled in, as HSDS wants a value there: {', '.join(filled)}.")


def since_what(database: Database, since: str) -> tuple[str, str]:
    """The moment `--since` names, or the former export. Raises a usage error for a time nobody can read or yet to come.

    Whatever looks like a path is one, be it there or not: no run is called so.
    """
    from warehouse.exports.destination import MANIFEST
    from warehouse.queries.runs import run_called

    if "/" in since or since.endswith(MANIFEST) or (since and Path(since).is_dir()):
        return "", since
    if not since or TIME.match(since):
        return has_begun(day_or_time(since), "--since"), ""
    with database.session() as connection:
        return str(run_called(connection, since)["started_at"]), ""


def refuse_blanks(given: dict[str, str | None]) -> None:
    """Raise a usage error for what was given and says nothing: `--list "$UNSET"` must not become everybody."""
    for name, value in given.items():
        if value is not None and not value.strip():
            raise typer.BadParameter(f"{name} is empty. Write what it names, or leave it away.")


def has_begun(moment: str, option: str) -> str:
    """A moment as it is (UTC text). Raises a usage error where its day has not begun: nobody knows yet what is then."""
    today = datetime.now(UTC).date().isoformat()
    if moment[: len(today)] > today:
        raise typer.BadParameter(
            f"`{option}` names a day that has not begun: {moment[: len(today)]}. Today is {today} (UTC)."
        )
    return moment


def partners_of(database: Database, name: str) -> OnlyOf:
    """The partners of a saved list as it is now. Raises NotFound."""
    from partnerhub.cli.stewardship import now_text
    from warehouse.exports.listed import OnlyOf
    from warehouse.queries.list_rules import rule_of, view_named, wanted_by
    from warehouse.queries.partner_list import every_wanted
    from warehouse.viewer import OPERATOR

    with database.session() as connection:
        view = view_named(OPERATOR, connection, name)
        found = every_wanted(OPERATOR, connection, wanted_by(rule_of(view), now_text()))
        return OnlyOf(view.name, tuple(str(each.values["organization_id"]) for each in found))


def data_of(told: dict[str, Any], place: str) -> dict[str, Any]:
    """The manifest, with where it stands."""
    return {"place": place, **told}
