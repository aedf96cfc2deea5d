"""`partnerhub show`, `candidates` and `unmatched`: one partner with reasons, and what waits for a person."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli import exit_codes
from partnerhub.cli.invocation import AsJson, Limit, warehouse
from partnerhub.cli.output import answer, moment, printable, table

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.database import Connection
    from warehouse.queries.partners import ListedOrganization

DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z")
RECENT: Final = 10
OPEN_REASONS: Final = ("unknown", "ambiguous", "generic")
REASONS: Final = {
    "attached": "on a timeline",
    "unknown": "nobody there is known",
    "ambiguous": "several organizations share the domain",
    "generic": "a free-mail or hosting domain",
    "internal": "among colleagues only",
    "bulk": "a newsletter, bounce or automatic answer",
    "deleted": "what it hung on was deleted",
}
RULES: Final = {
    "pin": "set by a person",
    "priority": "its source has priority",
    "recency": "changed last",
    "only": "the only one that says so",
    "union": "all of them together",
}


def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name, part of it, domain or id.")],
    why: Annotated[
        bool, typer.Option("--why", help="Show where every value is from, and who disagrees.")
    ] = False,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="The record as it was known at a date: 2026-09-01 (its end, UTC)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one partner: values, people, deals, sources and what happened last."""
    at = end_of(as_of) if as_of else None
    with warehouse(context).session() as connection:
        found = one_of(connection, name, as_json=as_json)
        data = (
            known_then(connection, found.organization_id, at)
            if at
            else whole(connection, found.organization_id)
        )
    answer(data, lambda console: show_partner(console, data, why=why), as_json=as_json)


def end_of(written: str) -> str:
    """A date or time as the hub's UTC text; a date means the end of that day. Raises a usage error."""
    if DATE.fullmatch(written):
        return f"{written}T23:59:59.999999Z"
    if TIME.fullmatch(written):
        padded = written if written.count(":") > 1 else written.replace("Z", ":00Z")
        return padded.replace("Z", ".000000Z")
    raise typer.BadParameter(
        f"`--as-of {written}` is not a date. Write it as 2026-09-01, or 2026-09-01T12:00Z."
    )


def one_of(connection: Connection, name: str, *, as_json: bool) -> ListedOrganization:
    """The one organization meant. Raises NotFound, or stops with the list when several are meant."""
    from warehouse.errors import NotFound
    from warehouse.queries.partners import find_organizations

    found = find_organizations(connection, name)
    if not found:
        raise NotFound(f"No organization is called {name!r}.", "Try a part of the name or the domain.")
    if len(found) == 1:
        return found[0]
    data = {"several": [asdict(each) for each in found]}

    def list_them(console: Console) -> None:
        rows = ((each.name, each.domain, each.city, each.country, each.organization_id) for each in found)
        console.print(
            table(("name", "domain", "city", "country", "id"), rows, title="Several organizations match")
        )
        console.print("→ Give the whole name, the domain or the id.", markup=False)

    answer(data, list_them, as_json=as_json)
    raise typer.Exit(exit_codes.FAILED)


def whole(connection: Connection, organization_id: str) -> dict[str, Any]:
    """Everything about an organization now, as plain data."""
    from warehouse.queries import record

    records = record.source_records(connection, organization_id)
    return {
        "organization": record.organization(connection, organization_id),
        "partnerships": record.partnerships(connection, organization_id),
        "values": [plain_value(each) for each in record.values(connection, organization_id)],
        "records": [asdict(each) for each in records],
        "people": [asdict(each) for each in record.people(connection, organization_id)],
        "deals": [asdict(each) for each in record.deals(connection, organization_id)],
        "sources": [asdict(each) for each in record.source_ages(connection, records)],
        "timeline": [asdict(each) for each in record.timeline(connection, organization_id, limit=RECENT)],
    }


def plain_value(value: Any) -> dict[str, Any]:
    """A value with its disagreements as dicts."""
    return {**asdict(value), "others": [each._asdict() for each in value.others]}


def known_then(connection: Connection, organization_id: str, at: str) -> dict[str, Any]:
    """The record as it was known at a moment. Raises NotFound when the hub knew none."""
    from warehouse.errors import NotFound
    from warehouse.queries.record import organization_as_of

    found = organization_as_of(connection, organization_id, at)
    if found is None:
        raise NotFound(f"The hub knew nothing of it on {at[:10]}.", "Choose a later date.")
    return {"as_of": at, "organization": found}


def show_partner(console: Console, data: dict[str, Any], *, why: bool) -> None:
    """The record as a person reads it."""
    organization = data["organization"]
    console.print(printable(organization["name"]), style="bold", markup=False)
    state = (
        f"as known on {moment(data['as_of'])} UTC" if "as_of" in data else partner_words(data["partnerships"])
    )
    console.print(f"{state} · {organization['organization_id']}", style="dim", markup=False)
    if "values" not in data:
        hidden = {"organization_id", "record_count", "deleted_at", "recorded_from_at", "recorded_to_at"}
        console.print(table(("field", "value"), ((k, v) for k, v in organization.items() if k not in hidden)))
        return
    console.print(value_table(data["values"], why=why))
    if why:
        rows = (
            (each["record"], each["name"], each["method"], moment(each["modified_at"]))
            for each in data["records"]
        )
        console.print(table(("source record", "name there", "belongs here by", "changed (UTC)"), rows))
    show_around(console, data)
    if not why:
        console.print("→ `--why` shows where every value is from.", style="dim", markup=False)


def partner_words(partnerships: list[dict[str, Any]]) -> str:
    """Whether, and why, it is a partner."""
    if not partnerships:
        return "not on the partner list"
    return "partner: " + "; ".join(f"{printable(each['rule'])}" for each in partnerships)


def value_table(values: list[dict[str, Any]], *, why: bool) -> Any:
    """Values, with their provenance where it is asked for."""
    if not why:
        return table(("field", "value"), ((each["field"], each["value"]) for each in values))
    rows = (
        (
            each["field"],
            each["value"],
            each["record"] or "a person",
            RULES.get(each["rule"], each["rule"]),
            moment(each["modified_at"]),
            "; ".join(f"{other['record']}: {other['value']}" for other in each["others"]),
        )
        for each in values
    )
    return table(("field", "value", "from", "because", "changed (UTC)", "others say"), rows)


def show_around(console: Console, data: dict[str, Any]) -> None:
    """What hangs on the record: sources, people, deals, timeline."""
    sources = "  ".join(
        f"{each['title']} {each['records']} ({moment(each['last_success_at']) or 'not complete yet'})"
        for each in data["sources"]
    )
    console.print(f"Sources: {printable(sources)}", markup=False, soft_wrap=True)
    if data["people"]:
        rows = (
            (each["name"], each["title"] or each["role"], each["email"], each["phone"])
            for each in data["people"]
        )
        console.print(table(("person", "role", "e-mail", "phone"), rows))
    if data["deals"]:
        lines = ((each["name"], each["stage"], each["status"], each["close_date"]) for each in data["deals"])
        console.print(table(("deal", "stage", "status", "closes"), lines))
    if data["timeline"]:
        events = (
            (moment(each["happened_at"]), each["kind"], each["direction"], each["title"], each["source"])
            for each in data["timeline"]
        )
        console.print(table(("when (UTC)", "what", "way", "title", "source"), events))


def candidates(context: typer.Context, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List unknown domains we have a two-way conversation with: perhaps partners."""
    from warehouse.queries.waiting import list_candidates

    with warehouse(context).session() as connection:
        found = list_candidates(connection, limit)

    def show_them(console: Console) -> None:
        keys = ("domain", "inbound", "outbound", "people", "last_at", "sample_subject")
        rows = ([moment(row[key]) if key == "last_at" else row[key] for key in keys] for row in found)
        console.print(table(("domain", "#in", "#out", "#people", "last (UTC)", "for example"), rows))
        console.print("→ Whoever is a partner goes into a source, such as your partner list.", markup=False)

    answer(found, show_them, as_json=as_json)


def unmatched(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also internal, bulk and deleted.")] = False,
    limit: Limit = 30,
    as_json: AsJson = False,
) -> None:
    """Count and list mails, meetings and deals that are on no timeline, and why."""
    from warehouse.queries.waiting import count_attachment, list_unmatched

    reasons = tuple(reason for reason in REASONS if reason != "attached") if everything else OPEN_REASONS
    with warehouse(context).session() as connection:
        counts = count_attachment(connection)
        listed = list_unmatched(connection, reasons, limit)
    data = {"counts": counts, "unmatched": listed}

    def show_them(console: Console) -> None:
        rows = (
            (row["entity"], row["kind"], REASONS.get(row["attached"], row["attached"]), row["facts"])
            for row in counts
        )
        console.print(table(("entity", "kind", "where it is", "#facts"), rows))
        lines = (
            (
                moment(row["happened_at"]),
                row["kind"],
                row["title"],
                ", ".join(row["addresses"]),
                row["attached"],
            )
            for row in listed
        )
        console.print(table(("when (UTC)", "kind", "title", "addresses", "why not"), lines))

    answer(data, show_them, as_json=as_json)
