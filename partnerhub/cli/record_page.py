"""One organization on the screen: its values and where they are from, why its records are one, what happened last."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from partnerhub.cli.output import counted, day, moment, printable, prose, table, with_dim
from warehouse.queries.naming import ENTERED

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

RULES: Final = {
    "pin": "set by a person",
    "system_of_record": "the system of record",
    "validity": "the others can hardly be right",
    "completeness": "its record is the fullest",
    "frequency": "most records say so",
    "spelling": "the best spelling of it",
    "priority": "its source has priority",
    "only": "the only one that says so",
    "union": "all of them together",
}
ADDRESS: Final = frozenset({"street", "city", "region", "postcode", "country"})
"""Parts that move together: the best whole address wins over single parts elsewhere."""
BOOKKEEPING: Final = frozenset(
    {"organization_id", "record_count", "deleted_at", "recorded_from_at", "recorded_to_at"}
)


def show_record(console: Console, data: dict[str, Any], *, why: bool) -> None:
    """The record as a person reads it: now, or as it was known at `as_of`."""
    organization = data["organization"]
    console.print(printable(organization["name"]), style="bold", markup=False)
    state = (
        f"as known on {moment(data['as_of'])} UTC" if "as_of" in data else partner_words(data["partnerships"])
    )
    console.print(f"{state} · {organization['organization_id']}", style="dim", markup=False, soft_wrap=True)
    if "values" not in data:
        rows = ((name, value) for name, value in organization.items() if name not in BOOKKEEPING)
        console.print(table(("field", "value"), rows))
        show_then(console, data)
        return
    if data["signals"]:
        from partnerhub.cli.signaling import show_signals

        console.print()
        show_signals(console, data["signals"], with_names=False)
    values = spoken(data["values"])
    console.print(provenance_table(values) if why else value_table(values))
    if why:
        show_records(console, data["records"])
    show_sources(console, data["sources"])
    show_around(console, data)
    if not why:
        console.print("→ `--why` shows where every value is from.", style="dim", markup=False)


def show_then(console: Console, data: dict[str, Any]) -> None:
    """What stood around the record on a past day: what needed somebody, its programs, who and what hung on it."""
    if data["signals"]:
        from partnerhub.cli.signaling import show_signals

        show_signals(console, data["signals"], with_names=False)
    prose(console, f"It was {partner_words(data['partnerships'])}.", indent=1)
    show_around(console, data)
    if data["work"]:
        work = (
            (each["title"], each["kind"], each["status"], each["due_at"] and day(each["due_at"]))
            for each in data["work"]
        )
        console.print(table(("work", "kind", "status", "due"), work))


def spoken(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The values with an amount and its currency as one."""
    from partnerhub.amounts import in_words
    from warehouse.queries.record import Disagreement, Value

    called = {each["field"]: each for each in values}
    names = {other["record"]: other["called"] for each in values for other in each["others"]}
    typed = [
        Value(
            **{
                **{name: each[name] for name in Value.__slots__},
                "others": tuple(
                    Disagreement(other["record"], other["value"], other["place"]) for other in each["others"]
                ),
            }
        )
        for each in values
    ]
    return [
        {
            **asdict(each),
            "called": called.get(each.field, called.get(f"{each.field}_minor", {})).get("called"),
            "others": [{**other._asdict(), "called": names.get(other.record)} for other in each.others],
        }
        for each in in_words(typed)
    ]


def partner_words(partnerships: list[dict[str, Any]]) -> str:
    """Whether, and why, it is a partner."""
    if not partnerships:
        return "not on the partner list"
    return f"partner by {'; '.join(printable(each['rule']) for each in partnerships)}"


def value_table(values: list[dict[str, Any]]) -> Table:
    """Values alone."""
    return table(("field", "value"), ((each["field"], each["value"]) for each in values))


def provenance_table(values: list[dict[str, Any]]) -> Table:
    """Values with the record each is from, the rule that chose it, and who says otherwise."""
    rows = (
        (
            each["field"],
            each["value"],
            located(each["called"] or "a person", each["place"]),
            because(each),
            "\n".join(
                f"{located(other['called'] or other['record'], other['place'])}: {other['value']}"
                for other in each["others"]
            ),
        )
        for each in values
    )
    return table(("field", "value", "from", "because", "others say"), rows)


def located(called: str, place: str | None) -> str:
    """A record, with the place in the document it was read out of."""
    return f"{called}, {place.partition(' of ')[0]}" if place else called


def because(value: dict[str, Any]) -> str:
    """The rule that chose a value, with the day where recency did and the source knows it."""
    if value["rule"] == "only" and value["others"] and value["field"] in ADDRESS:
        return "the one whole address"
    if value["rule"] != "recency":
        return RULES.get(value["rule"], str(value["rule"]))
    return f"changed last, {day(value['modified_at'])}" if value["modified_at"] else "first of equals"


def show_records(console: Console, records: list[dict[str, Any]]) -> None:
    """The source records with their keys, and below each why it belongs here."""
    from rich.text import Text

    title = "Its one source record" if len(records) == 1 else f"Why these {len(records):,} records are one"
    console.print(f" {title}", style="bold")
    for each in records:
        gone = " (gone at the source)" if each["deleted_at"] else ""
        line = Text(printable(f"{each['called']}, {each['name']}{gone}"))
        line.append(f"  {printable(each['record'])}", style="dim")
        prose(console, line, indent=1)
        for reason in each["why"]:
            prose(console, reason, indent=4)
    console.print()


def show_sources(console: Console, sources: list[dict[str, Any]]) -> None:
    """How complete the record is, source by source; what is set aside in words, with the next command."""
    rows = (
        (
            each["source"],
            f"{each['read']:,}/{each['held']:,}",
            read_words(each),
            f"{each['readable']:,}/{each['in_source']:,}" if each["proven_at"] else "",
            moment(each["proven_at"]) if each["proven_at"] else "not yet",
        )
        for each in sources
    )
    columns = ("source", "#records read", "last read (UTC)", "#whole source", "compared (UTC)")
    console.print(table(columns, rows))
    for each in sources:
        for reason in each["set_aside"]:
            prose(console, f"! {each['source']}: {set_aside_words(reason)}", indent=1)
            prose(console, f"→ `{reason['command']}`", indent=3)
    if any(each["proven_at"] is None and each["source"] != ENTERED for each in sources):
        prose(console, "→ `partnerhub reconcile` compares whole sources with the hub.", indent=1, style="dim")


def read_words(source: dict[str, Any]) -> str:
    """When a source was last read whole."""
    if source["source"] == ENTERED:
        return "entered here"
    return moment(source["last_success_at"]) if source["last_success_at"] else "not read whole yet"


def set_aside_words(reason: dict[str, Any]) -> str:
    """How many, the rule, what happened and what mends it, in one line."""
    happened = reason["happened"] or "What arrived cannot be read."
    mend = f" {reason['to_do']}" if reason["to_do"] else ""
    return f"{counted(reason['records'], 'record')} quarantined ({reason['rule']}): {happened}{mend}"


def role_words(person: dict[str, Any]) -> str:
    """What somebody is there, or until when they were."""
    role = str(person["title"] or person["role"].replace("_", " "))
    return f"{role}, until {person['until']}".removeprefix(", ") if person.get("until") else role


def stated_by(relation: dict[str, Any]) -> str:
    """Who states a relation, and when it ended if it did."""
    sources = dict.fromkeys(record.split("/", 1)[0] for record in relation["records"])
    who = ", ".join("a person" if source == ENTERED else source for source in sources)
    return f"{who}, until {relation['until']}" if relation["until"] else who


def show_around(console: Console, data: dict[str, Any]) -> None:
    """What hangs on the record: its family, people, deals, the latest of the timeline."""
    if data["relations"]:
        family = (
            (each["words"], with_dim(each["name"], each["organization_id"]), stated_by(each))
            for each in data["relations"]
        )
        console.print(table(("it is", "organization", "says who"), family))
    if data["people"]:
        people = ((each["name"], role_words(each), each["email"], each["phone"]) for each in data["people"])
        console.print(table(("person", "role", "e-mail", "phone"), people))
    if data["deals"]:
        deals = ((each["name"], each["stage"], each["status"], each["close_date"]) for each in data["deals"])
        console.print(table(("deal", "stage", "status", "closes"), deals))
    if data["agreements"]:
        agreements = (
            (
                each["title"],
                each["kind"],
                each["status"],
                each["starts_on"],
                each["ends_on"],
                each["renews_on"],
            )
            for each in data["agreements"]
        )
        console.print(table(("agreement", "kind", "status", "from", "until", "renews"), agreements))
    if data["commitments"]:
        commitments = (
            (each["title"], each["due_on"], each["done_on"] or each["status"]) for each in data["commitments"]
        )
        console.print(table(("commitment", "due", "done"), commitments))
    if data["timeline"]:
        events = (
            (moment(each["happened_at"]), each["kind"], each["direction"], each["title"], each["source"])
            for each in data["timeline"]
        )
        console.print(table(("when (UTC)", "what", "way", "title", "source"), events))
