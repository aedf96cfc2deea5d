"""`partnerhub quarantine`: the records that are set aside, and what a person does about them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli.invocation import AsJson, Limit, alone, warehouse
from partnerhub.cli.naming import day_or_time, known_place
from partnerhub.cli.output import answer, counted, moment, prose
from partnerhub.cli.stewardship import Actor, Reason, now_text

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.database import Connection
    from warehouse.queries.quarantine import Chosen

PARTS_OF_A_RECORD: Final = 3

Place = Annotated[
    str | None, typer.Argument(metavar="WHAT", help="SOURCE, SOURCE/STREAM or SOURCE/STREAM/ID; all without.")
]
Partner = Annotated[str | None, typer.Option("--partner", help="Only what is about this partner.")]
Rule = Annotated[str, typer.Option("--rule", help="Only this reason, as `ls` prints it.")]
Since = Annotated[str, typer.Option("--since", help="Landed from this day or UTC time on.")]
Until = Annotated[str, typer.Option("--until", help="Landed before this day or UTC time.")]

quarantine = typer.Typer(
    help="Look at records that are set aside, try them again, or say that they may stay so.",
    invoke_without_command=True,
)


@quarantine.callback()
def start(context: typer.Context, as_json: AsJson = False) -> None:
    """Look at records that are set aside, try them again, or say that they may stay so."""
    if alone(context, as_json=as_json):
        listed(context, as_json=as_json)


@quarantine.command("ls")
def listed(
    context: typer.Context,
    what: Place = None,
    partner: Partner = None,
    rule: Rule = "",
    since: Since = "",
    until: Until = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List records that are set aside, with the reason, since when, and which partners lack them."""
    from warehouse.queries.affected import affected_partners
    from warehouse.queries.naming import names_of

    with warehouse(context).session() as connection:
        rows = meant(context, connection, (what, rule, since, until), partner, as_json=as_json)
        shown = rows[:limit]
        names = names_of(connection, (row["record"] for row in shown))
        partners = affected_partners(connection, (row["record"] for row in shown))
    for row in shown:
        row |= {"called": names[row["record"]], "partners": partners.get(row["record"], [])}

    def show(console: Console) -> None:
        if not rows:
            console.print("✓ Nothing is set aside.")
            return
        for row in shown:
            show_row(console, row)
        if len(rows) > len(shown):
            console.print(f"… {len(shown):,} of {len(rows):,} shown.", markup=False)
        prose(
            console,
            "→ `partnerhub quarantine show RECORD` says more; `replay` tries again, `discard` lets it be.",
        )

    answer({"records": shown, "total": len(rows)}, show, as_json=as_json)


@quarantine.command("show")
def show_one(
    context: typer.Context,
    record: Annotated[str, typer.Argument(help="SOURCE/STREAM/ID, as `ls` prints it.")],
    payload: Annotated[bool, typer.Option("--payload", help="Also what arrived, as it came.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one record that is set aside: why, what to do, which partners lack it; `--payload` shows what arrived."""
    from warehouse.errors import NotFound
    from warehouse.queries.affected import affected_partners
    from warehouse.queries.naming import names_of
    from warehouse.queries.quarantine import payload_of

    if record.count("/") < PARTS_OF_A_RECORD - 1:
        raise typer.BadParameter("Write SOURCE/STREAM/ID, as `partnerhub quarantine ls` lists it.")
    with warehouse(context).session() as connection:
        rows = meant(context, connection, (record, "", "", ""), None, as_json=as_json)
        if len(rows) != 1:
            raise NotFound(
                do="`partnerhub quarantine ls` lists what is set aside.",
                happened=f"{record} is not set aside.",
            )
        row = rows[0] | {"called": names_of(connection, [record])[record]}
        row["partners"] = affected_partners(connection, [record]).get(record, [])
        if payload:
            row["payload"] = readable(payload_of(connection, row["raw_id"]))

    def show(console: Console) -> None:
        prose(console, f"{row['called']}  {row['record']}", style="bold")
        prose(console, f"{row['rule']}: {row['happened'] or 'It cannot be read.'}")
        prose(console, f"→ {row['to_do'] or again_or_mend(row)}", indent=2)
        prose(console, f"Set aside since {moment(row['landed_at'])} UTC, {row['bytes'] or 0:,} bytes.")
        for partner in row["partners"]:
            prose(console, f"{partner['name']} stands with what the record said before.")
        if row["state"] == "discarded":
            prose(
                console,
                f"{row['decided_by']} says that it may stay so: {row['reason'] or 'no reason given'}.",
            )
        if payload:
            prose(console, json.dumps(row["payload"], ensure_ascii=False, indent=2))

    answer(row, show, as_json=as_json)


@quarantine.command()
def replay(
    context: typer.Context,
    actor: Actor,
    what: Place = None,
    partner: Partner = None,
    rule: Rule = "",
    since: Since = "",
    until: Until = "",
    as_json: AsJson = False,
) -> None:
    """Let the next sync try these records again. A second replay of what passed changes nothing."""
    from warehouse.commands.audit import Deed, did
    from warehouse.commands.set_aside import let_stage

    with warehouse(context).session() as connection:
        rows = meant(context, connection, (what, rule, since, until), partner, as_json=as_json)
        with connection.transaction():
            waiting = let_stage(connection, rows)
            done = Deed(
                "quarantine.replay",
                f"source:{rows[0]['source']}" if rows else "source:",
                {"records": waiting},
            )
            did(connection, now_text(), actor, done)
    sources = sorted({row["source"] for row in rows if not row["arrived"]})
    left = len(rows) - waiting

    def show(console: Console) -> None:
        said = (
            f"✓ {counted(waiting, 'record')} will be tried again."
            if waiting
            else "Nothing is set aside there."
        )
        console.print(said if waiting or not left else "Nothing will be tried again.", markup=False)
        if left:
            prose(console, f"! {counted(left, 'record')} arrived unreadable: only the source can mend that.")
            prose(console, mended_at_source([row for row in rows if row["arrived"]]))
        if sources:
            prose(
                console,
                f"→ `partnerhub sync {' '.join(sources)}` tries now; so does the next scheduled sync.",
            )

    answer({"waiting": waiting, "left": left, "sources": sources}, show, as_json=as_json)


@quarantine.command()
def discard(
    context: typer.Context,
    actor: Actor,
    what: Place = None,
    partner: Partner = None,
    rule: Rule = "",
    since: Since = "",
    until: Until = "",
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Say that these records may stay set aside: a mark with name and reason, never a deletion."""
    from warehouse.commands.set_aside import decide_problems
    from warehouse.errors import NotFound

    if not any((what, partner, rule, since, until)):
        raise typer.BadParameter("Say which records: SOURCE/STREAM/ID, --rule, --partner or --since.")
    with warehouse(context).session() as connection:
        rows = meant(context, connection, (what, rule, since, until), partner, as_json=as_json)
        if not rows:
            raise NotFound(
                "Nothing that is set aside is meant by that.", "`partnerhub quarantine ls` lists what is."
            )
        marks = [row["fingerprint"] for row in rows if row["fingerprint"]]
        done = decide_problems(connection, marks, "discarded", actor=actor, now=now_text(), reason=reason)

    def show(console: Console) -> None:
        console.print(f"✓ {counted(done, 'record')} may stay set aside, says {actor}.", markup=False)
        prose(console, "→ What arrived stays in raw; a new version of a record is tried as ever.")

    answer({"discarded": done, "records": [row["record"] for row in rows]}, show, as_json=as_json)


def meant(
    context: typer.Context, connection: Connection, given: tuple[str | None, str, str, str], partner: str | None,
    *, as_json: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    """The quarantined records that the arguments mean. given: what, rule, since, until. Raises a usage error."""
    from warehouse.queries.quarantine import quarantined

    what, rule, since, until = given
    known_place(context, connection, "/".join((what or "").split("/", 2)[:2]))
    given = (what, rule, day_or_time(since), day_or_time(until))
    return quarantined(connection, chosen(connection, given, partner, as_json=as_json))


def chosen(
    connection: Connection, given: tuple[str | None, str, str, str], partner: str | None, *, as_json: bool
) -> Chosen:
    """The arguments as a choice. A partner's are its source records, its people's and its facts'."""
    from partnerhub.cli.partners import one_of
    from warehouse.queries.affected import affected_partners
    from warehouse.queries.quarantine import Chosen, quarantined

    what, rule, since, until = given
    source, stream, record_id = [*(what or "").split("/", 2), "", ""][:3]
    found = Chosen(source, stream, record_id, rule, since, until)
    if partner is None:
        return found
    organization_id = one_of(connection, partner, as_json=as_json).organization_id
    of_partners = affected_partners(connection, (row["record"] for row in quarantined(connection, found)))
    mine = frozenset(
        record
        for record, partners in of_partners.items()
        if any(each["organization_id"] == organization_id for each in partners)
    )
    return Chosen(source, stream, record_id, rule, since, until, mine)


def show_row(console: Console, row: dict[str, Any]) -> None:
    """One record of the list: its name, why and since when; then its key, whole, to be copied."""
    partners = "".join(f", partner {each['name']}" for each in row["partners"])
    may_stay = f", may stay so says {row['decided_by']}" if row["state"] == "discarded" else ""
    prose(
        console, f"{row['called']}  {row['rule']}, since {moment(row['landed_at'])} UTC{partners}{may_stay}"
    )
    prose(console, row["happened"] or "It cannot be read.", indent=2)
    prose(console, row["record"], indent=2, style="dim")


def again_or_mend(row: dict[str, Any]) -> str:
    """What to do where no problem says it."""
    if row["arrived"]:
        return "Mend it in its source; the next sync reads it again."
    return f"`partnerhub quarantine replay {row['record']}` tries it again."


def mended_at_source(rows: list[dict[str, Any]]) -> str:
    """The commands for records that only their source can mend: what is wrong with one, and reading it again."""
    sources = " ".join(sorted({row["source"] for row in rows}))
    what = f"`partnerhub quarantine show {rows[0]['record']}` says how"
    return f"→ {what}{' (of the first)' if len(rows) > 1 else ''}; once mended, `partnerhub sync {sources}` reads it."


def readable(payload: bytes | None) -> Any:
    """What arrived, as JSON where it is."""
    if payload is None:
        return None
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="backslashreplace")
