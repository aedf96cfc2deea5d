"""`partnerhub spot`: which organization a free text names, as a sync would read it, and why it would wait otherwise."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnerhub.cli.invocation import AsJson, warehouse
from partnerhub.cli.output import answer, prose, table, with_dim

if TYPE_CHECKING:
    from rich.console import Console

    from partnerhub.identity.spotting.spot import Judged
    from warehouse.database import Connection

NOBODY = "no organization here bears a name that stands in it"


def spot(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="A title, a note, a signature; `-` reads standard input.")],
    as_json: AsJson = False,
) -> None:
    """Say which organization a free text names, and why: what a sync would tie it to, or why it would wait."""
    said = sys.stdin.read() if text == "-" else text
    with warehouse(context).session() as connection:
        data = spotted(connection, said)
    answer(data, lambda console: show_spotted(console, data), as_json=as_json)


def spotted(connection: Connection, text: str) -> dict[str, Any]:
    """What the text names, as data. organization: None where it would wait, with the reason."""
    from partnerhub.identity.spotting.clear import Clear, clearly_named
    from partnerhub.identity.spotting.spot import judged
    from pipelines.golden.mentions import bases_of
    from warehouse.queries.sides import organization_names

    base = bases_of(connection, {"": [text]}).get("")
    if base is None:
        return {"organization": None, "reason": NOBODY, "quote": None, "candidates": []}
    found, outcome = list(judged(text, base)), clearly_named(text, base)
    names = organization_names(connection, {each.organization_id for each in found})
    candidates = [candidate_data(text, each, names) for each in found]
    if isinstance(outcome, Clear):
        meant = {"organization_id": outcome.organization_id, "name": names.get(outcome.organization_id)}
        return {"organization": meant, "reason": None, "quote": outcome.quote, "candidates": candidates}
    reason = outcome.reason if candidates else NOBODY
    return {"organization": None, "reason": reason, "quote": None, "candidates": candidates}


def candidate_data(text: str, found: Judged, names: dict[str, str]) -> dict[str, Any]:
    """One organization whose name stands in the text, the words that name it, and what speaks against it."""
    from partnerhub.identity.spotting.clear import doubt_of, span_of

    span = span_of(text, found.said)
    return {
        "organization_id": found.organization_id,
        "name": names.get(found.organization_id, found.name),
        "said": text[span.start : span.end] or found.said,
        "against": doubt_of(found, text[: span.start]),
    }


def show_spotted(console: Console, data: dict[str, Any]) -> None:
    """The answer first, then whose names stand in the text and what speaks for and against."""
    if data["organization"]:
        prose(console, f"It names {data['organization']['name']}: “{data['quote']}”", style="bold")
        prose(console, "A fact with these words and no stronger evidence would hang there.")
    else:
        prose(console, f"It would wait: {data['reason']}.", style="bold")
    if data["candidates"]:
        rows = (
            (with_dim(each["name"], each["organization_id"]), each["said"], each["against"] or "nothing")
            for each in data["candidates"]
        )
        console.print(table(("organization", "named by", "against it"), rows))
    if not data["organization"]:
        prose(console, "→ `partnerhub attach FACT PARTNER` puts a fact on a timeline by hand.")
