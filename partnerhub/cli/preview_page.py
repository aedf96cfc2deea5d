"""What a spreadsheet would become, on the screen: headings and their fields, the first rows, what is odd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnerhub.cli.output import counted, printable, prose, table

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

PROBLEMS: Final = {
    "missing_name": "without a name",
    "named_by_domain": "without a name, called by their domain",
    "unreadable_country": "a country nobody knows",
    "unreadable_email": "an e-mail address that cannot be one",
    "unreadable_phone": "a phone number that cannot be one",
    "unreadable_website": "a website that cannot be one",
    "unreadable_number": "a number that is none",
    "unreadable_postcode": "a postcode that cannot be one",
    "too_many_cells": "more cells than there are headings",
}
UNMAPPED: Final = "unmapped_field"
CUSTOM: Final = "custom."
LONGEST_EXAMPLE: Final = 40


def show_preview(console: Console, data: dict[str, Any], file: Path, hint: str) -> None:
    """Which heading becomes which field, the counts, what is odd, and what to run next."""
    show_headings(console, data["headings"], file)
    line = f"{data['rows']:,} rows: {data['readable']:,} can be used, {data['refused']:,} cannot. Nothing was stored."
    console.print(line, markup=False, style="bold")
    for each in data["findings"]:
        if each["code"] != UNMAPPED:
            rows = counted(each["rows"], "row")
            words = PROBLEMS.get(each["code"], each["code"].replace("_", " "))
            where = f" (column {each['field']})" if each["field"] else ""
            console.print(printable(f"  {rows}: {words}{where}"), markup=False, soft_wrap=True)
    if data["errors_file"]:
        console.print(f"→ Row by row: {data['errors_file']}", markup=False, soft_wrap=True)
    show_known(console, data["known"], file)
    if any(each["field"].startswith(CUSTOM) for each in data["headings"]):
        line = '→ A column that should be one of our fields: --column tier="Their heading".'
        console.print(line, markup=False, soft_wrap=True)
    line = '→ A column that identifies a row for good, such as an account number: --key "Its heading".'
    console.print(line, markup=False, soft_wrap=True)
    console.print(f"→ {hint}", markup=False, soft_wrap=True)


def show_known(console: Console, known: dict[str, int] | None, file: Path) -> None:
    """How many rows the hub knows already; nothing where it knows none, or there is no hub."""
    if not known or not (known["certain"] or known["likely"] or known["twice"]):
        return
    told = (
        f"Of {counted(known['rows'], 'row')} {known['certain']:,} are known already, {known['likely']:,} perhaps;"
        f" {known['twice']:,} are like another row. → `partnerhub check-list {printable(file)}` lists them."
    )
    prose(console, f"! {told}")


def show_headings(console: Console, headings: list[dict[str, str]], file: Path) -> None:
    """One line per heading: the field it becomes, a value as written, and the same value cleaned."""
    if not headings:
        console.print(printable(f"{file.name} has no headings."), markup=False)
        return
    rows = (
        (each["heading"], each["field"], cut(each["example"]), changed(each["example"], each["becomes"]))
        for each in headings
    )
    title = f"How {printable(file.name)} would be read"
    console.print(table(("heading", "field", "for example", "becomes"), rows, title=title))


def changed(example: str, becomes: str) -> str:
    """A cleaned value where it differs from what was written."""
    return "" if becomes == example else cut(becomes)


def cut(text: str) -> str:
    """The beginning of a long cell."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_EXAMPLE else f"{line[: LONGEST_EXAMPLE - 1]}…"
