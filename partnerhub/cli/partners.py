"""`partnerhub show`, `candidates` and `unmatched`: one partner with reasons, and what waits for a person."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli import exit_codes
from partnerhub.cli.invocation import AsJson, Limit, configuration, warehouse
from partnerhub.cli.output import answer, moment, table, with_dim
from warehouse.viewer import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rich.console import Console

    from partnerhub.config import HubConfig
    from warehouse.database import Connection
    from warehouse.queries.partners import ListedOrganization
    from warehouse.queries.record import SourceRecord, Value

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


def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name, part of it, domain or id.")],
    why: Annotated[
        bool, typer.Option("--why", help="Show where every value is from, and who disagrees.")
    ] = False,
    threads: Annotated[
        bool, typer.Option("--threads", help="Show the conversations by mail, and who owes an answer.")
    ] = False,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="The record as it was known at a date: 2026-09-01 (its end, UTC)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one partner: values, people, deals, sources and what happened last."""
    from partnerhub.cli.record_page import show_record
    from partnerhub.cli.threads import conversations_of, show_threads

    at = end_of(as_of) if as_of else None
    with warehouse(context).session() as connection:
        found = one_of(connection, name, as_json=as_json)
        if threads:
            data = conversations_of(connection, found.organization_id, found.name)
            now = configuration(context, with_settings=False).now
            answer(data, lambda console: show_threads(console, data, now), as_json=as_json)
            return
        data = (
            known_then(connection, found.organization_id, at, configuration(context, with_settings=False))
            if at
            else whole(connection, found.organization_id)
        )
    answer(data, lambda console: show_record(console, data, why=why), as_json=as_json)


def end_of(written: str, option: str = "--as-of") -> str:
    """A date or time as the hub's UTC text; a date means the end of that day. Raises a usage error."""
    is_day = bool(DATE.fullmatch(written))
    if (is_day or TIME.fullmatch(written)) and is_in_a_calendar(written):
        padded = written if written.count(":") > 1 else written.replace("Z", ":00Z")
        return f"{written}T23:59:59.999999Z" if is_day else padded.replace("Z", ".000000Z")
    raise typer.BadParameter(
        f"`{option} {written}` is not a date. Write it as 2026-09-01, or 2026-09-01T12:00Z."
    )


def is_in_a_calendar(written: str) -> bool:
    """Whether there is such a day and time; there is no 2026-02-31."""
    with suppress(ValueError):
        datetime.fromisoformat(written)
        return True
    return False


def one_of(connection: Connection, name: str, *, as_json: bool) -> ListedOrganization:
    """The one organization meant. Raises NotFound, or stops with the list when several are meant."""
    from warehouse.errors import NotFound
    from warehouse.queries.partners import find_organizations

    found = find_organizations(OPERATOR, connection, name)
    if not found:
        raise NotFound(f"No organization is called {name!r}.", "Try a part of the name or the domain.")
    if len(found) == 1:
        return found[0]
    data = {"several": [asdict(each) for each in found]}

    def list_them(console: Console) -> None:
        rows = (
            (with_dim(each.name, each.organization_id), each.domain, each.city, each.country)
            for each in found
        )
        console.print(table(("name and id", "domain", "city", "country"), rows))
        console.print("→ Several match: give the whole name, the domain or the id.", markup=False)

    answer(data, list_them, as_json=as_json)
    raise typer.Exit(exit_codes.FAILED)


def whole(connection: Connection, organization_id: str) -> dict[str, Any]:
    """Everything about an organization now, as plain data."""
    from partnerhub.cli.belonging import reasons_by_record
    from warehouse.queries import record
    from warehouse.queries.completeness import completeness_of
    from warehouse.queries.naming import names_of
    from warehouse.queries.relations import relations
    from warehouse.queries.signals import signals

    records, values = (
        record.source_records(OPERATOR, connection, organization_id),
        record.values(OPERATOR, connection, organization_id),
    )
    names = names_of(connection, every_record(records, values))
    reasons = reasons_by_record(connection, organization_id, records, names)
    return {
        "organization": record.organization(OPERATOR, connection, organization_id),
        "partnerships": record.partnerships(OPERATOR, connection, organization_id),
        "values": [plain_value(each, names) for each in values],
        "records": [
            {**asdict(each), "called": names[each.record], "why": reasons[each.record]} for each in records
        ],
        "signals": signals(OPERATOR, connection, organization_id),
        "relations": [asdict(each) for each in relations(OPERATOR, connection, organization_id)],
        "agreements": [asdict(each) for each in record.agreements(OPERATOR, connection, organization_id)],
        "commitments": [asdict(each) for each in record.commitments(OPERATOR, connection, organization_id)],
        "people": [asdict(each) for each in record.people(OPERATOR, connection, organization_id)],
        "deals": [asdict(each) for each in record.deals(OPERATOR, connection, organization_id)],
        "sources": [
            each.as_data(organization_id) for each in completeness_of(OPERATOR, connection, organization_id)
        ],
        "timeline": [
            asdict(each) for each in record.timeline(OPERATOR, connection, organization_id, limit=RECENT)
        ],
    }


def every_record(records: Iterable[SourceRecord], values: Iterable[Value]) -> Iterator[str]:
    """The keys of all records that a page of an organization names."""
    for record in records:
        yield record.record
    for value in values:
        yield from (other.record for other in value.others)
        if value.record:
            yield value.record


def plain_value(value: Value, names: Mapping[str, str]) -> dict[str, Any]:
    """A value with its disagreements as dicts, records also by the names people use."""
    return {
        **asdict(value),
        "called": names.get(value.record or ""),
        "others": [{**each._asdict(), "called": names.get(each.record)} for each in value.others],
    }


def known_then(connection: Connection, organization_id: str, at: str, config: HubConfig) -> dict[str, Any]:
    """Everything about an organization as it was known at a moment, as its page has it. Raises NotFound."""
    from partnerhub.web.partner_then import Then, facts_then
    from pipelines.recall import Recollection
    from pipelines.settings import publish_settings, stage_settings
    from warehouse.errors import NotFound

    recall = Recollection(stage_settings(config), publish_settings(config))
    facts = facts_then(Then(OPERATOR, connection, organization_id, at[:10], at, recall), at[:10])
    if facts["then"] is None:
        raise NotFound(f"The hub knew nothing of it on {at[:10]}.", "Choose a later date.")
    held = facts["held"]
    events = [each for _, moments in facts["months"] for one in moments for each in (one.event, *one.earlier)]
    return {
        "as_of": at,
        "organization": facts["then"],
        "partnerships": facts["partnerships"],
        "records": [
            {**each._asdict(), "called": facts["names"].get(each.record)} for each in facts["records"]
        ],
        "signals": facts["signals"],
        "relations": [asdict(each) for each in facts["relations"]],
        "agreements": [asdict(each) for each in held.agreements],
        "commitments": [asdict(each) for each in held.commitments],
        "people": [asdict(each) for each in facts["people"]],
        "deals": [asdict(each) for each in held.deals],
        "work": [asdict(each) for each in held.work],
        "timeline": [asdict(each) for each in events],
    }


def candidates(context: typer.Context, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List unknown domains we have a two-way conversation with: perhaps partners."""
    from warehouse.queries.waiting import list_candidates

    with warehouse(context).session() as connection:
        found = list_candidates(OPERATOR, connection, limit)

    def show_them(console: Console) -> None:
        if not found:
            console.print("No unknown domain has a two-way conversation with us.", markup=False)
            return
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
    own = configuration(context, with_settings=False).own_domains
    with warehouse(context).session() as connection:
        counts = count_attachment(connection)
        listed = list_unmatched(OPERATOR, connection, reasons, limit)
    data = {"counts": counts, "unmatched": listed}

    def show_them(console: Console) -> None:
        if not counts:
            console.print("There are no mails, meetings or deals yet.", markup=False)
            return
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
                ", ".join(outside(row["addresses"], own)),
                REASONS.get(row["attached"], row["attached"]),
            )
            for row in listed
        )
        if listed:
            console.print(table(("when (UTC)", "kind", "title", "addresses", "why not"), lines))

    answer(data, show_them, as_json=as_json)


def outside(addresses: list[str], own_domains: frozenset[str]) -> list[str]:
    """The addresses that are not ours; all of them where there is no other."""
    return [each for each in addresses if each.partition("@")[2] not in own_domains] or addresses
