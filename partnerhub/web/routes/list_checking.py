"""Checking a list before it is brought in: which rows are known, perhaps known, or not; those can be added in one act.

The module's name comes before `partner_page`, so that `/partners/check` is not taken for a partner.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.datastructures import FormData, UploadFile

from connectors.errors import SyncError
from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.checked_lists import FIELDS, SentList, called, csv_of, results, sent_again, with_columns
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.rendering import render
from partnerhub.web.routes.partner_adding import Adder
from warehouse.commands.enter import PARTNER, Entry
from warehouse.database import Connection
from warehouse.errors import WarehouseError
from warehouse.queries.sides import ids_of

if TYPE_CHECKING:
    from partnerhub.web.wiring import ListChecks

NOT_FOUND, CONFLICT, NOT_UNDERSTOOD = 404, 409, 422
SHOWN: Final = 200
"""Rows of each kind on the page; the files have all."""
MOST_ADDED: Final = 500
"""Partners added in one act."""
MOST_TICKS: Final = 10_000
MOST_CARRIED: Final = 4_000_000
"""Octets of one part of the form; the application bounds the whole body."""
STATES: Final = {
    "likely": "Perhaps known", "none": "Not known", "certain": "Known", "unreadable": "Neither name nor site",
}  # fmt: skip
router = APIRouter()
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]


async def form_of(request: Request) -> AsyncIterator[FormData]:
    """The form with its file, as long as it is looked at."""
    async with request.form(max_files=1, max_fields=MOST_TICKS + 100, max_part_size=MOST_CARRIED) as form:
        yield form


Sent = Annotated[FormData, Depends(form_of)]


class ListGiven(BaseModel):
    """Rows of a list, each with name, website, email, phone, street, postcode, city, country, as written."""

    rows: list[dict[str, str]] = Field(max_length=1000)


class AddGiven(BaseModel):
    """Rows to add as partners. agreed: numbers (from 1) of rows that are none of those they may be taken for."""

    rows: list[dict[str, str]] = Field(max_length=500)
    agreed: list[int] = Field(default_factory=list, max_length=500)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a check: who, over which connection, with which form."""

    request: Request
    caller: Caller
    connection: Connection
    now: str
    form: FormData

    @property
    def texts(self) -> dict[str, str]:
        """The texts of the form."""
        return {name: value for name, value in self.form.multi_items() if isinstance(value, str)}

    def numbers(self, name: str) -> list[int]:
        """Rows that are ticked, each once."""
        written = (str(each) for each in self.form.getlist(name))
        return list(dict.fromkeys(int(each) for each in written if each.isdecimal() and len(each) < 6))  # noqa: PLR2004


@router.get("/partners/check", include_in_schema=False)
def choose(request: Request, caller: Reader) -> Response:
    """Where a list is chosen."""
    return page(request, caller)


@router.post("/partners/check", include_in_schema=False)
def check(request: Request, caller: Reader, connection: Connected, now: Now, form: Sent) -> Response:
    """Every row of a list with what it may mean; other columns can be chosen there. Creates nothing."""
    return shown(Step(request, caller, connection, now, form))


@router.post("/partners/check.csv", include_in_schema=False)
def as_csv_file(request: Request, caller: Reader, connection: Connected, now: Now, form: Sent) -> Response:
    """The same as a CSV file."""
    text = "\ufeff" + csv_of(found_in(Step(request, caller, connection, now, form)))
    return Response(text, media_type="text/csv; charset=utf-8", headers=as_file("csv"))


@router.post("/partners/check.json", include_in_schema=False)
def as_json_file(request: Request, caller: Reader, connection: Connected, now: Now, form: Sent) -> Response:
    """The same as a JSON file."""
    found = found_in(Step(request, caller, connection, now, form))
    return JSONResponse({"results": found}, headers=as_file("json"))


@router.post("/partners/check/add", include_in_schema=False)
def add(request: Request, caller: Adder, connection: Connected, now: Now, form: Sent) -> Response:
    """Add the ticked rows as partners, in one act; who may be known already is shown once more and needs a word."""
    return added(Step(request, caller, connection, now, form))


@router.post("/api/check-list", tags=["Identity"])
def check_rows(
    request: Request, caller: Reader, connection: Connected, given: Annotated[ListGiven, Body()]
) -> dict[str, Any]:
    """Check a list, 1,000 rows at most: each is certain, likely or not known, and perhaps twice in the list."""
    rows = [{name: text[:300] for name, text in row.items() if name in FIELDS} for row in given.rows]
    found = lists_of(request).check(connection, rows)
    return {"results": results(caller.viewer, connection, rows, found)}


@router.post("/api/check-list/add", tags=["Identity"])
def add_rows(
    request: Request, caller: Adder, connection: Connected, now: Now, given: Annotated[AddGiven, Body()]
) -> Response:
    """Add rows as partners in one act. 409, with the rows, while one that may be known already is not agreed to."""
    rows = [{name: text[:300] for name, text in row.items() if name in FIELDS} for row in given.rows]
    if not all(map(called, rows)) or not rows:
        raise WarehouseError("Each row needs a name or a website.", "Leave the others out.")
    found = lists_of(request).check(connection, rows)
    told = results(caller.viewer, connection, rows, found)
    doubtful = [row for row in told if is_doubtful(row) and row["row"] not in given.agreed]
    if doubtful:
        return JSONResponse({"added": [], "doubtful": doubtful}, CONFLICT)
    made = entered(request, caller, connection, now, rows)
    return JSONResponse({"added": [{"id": each, "name": name} for each, name in made], "doubtful": []})


def as_file(kind: str) -> dict[str, str]:
    """Headers of a download."""
    return {"Content-Disposition": f'attachment; filename="checked.{kind}"', "Cache-Control": "no-store"}


def lists_of(request: Request) -> ListChecks:
    """What checks lists. Raises WarehouseError where these pages have nothing for it."""
    lists: ListChecks | None = request.app.state.wiring.lists
    if lists is None:
        raise WarehouseError("Lists cannot be checked here.", "Start the pages with `partnerhub serve`.")
    return lists


def sent_in(step: Step) -> SentList:
    """The list: a file just chosen, or the one of the step before. Raises WarehouseError."""
    lists, file = lists_of(step.request), step.form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return sent_again(lists, step.texts)
    try:
        headings, rows = lists.read(file.filename, file.file.read())
    except SyncError as error:
        raise WarehouseError(error.happened, error.do) from error
    return with_columns(lists, headings, rows, {})


def found_in(step: Step) -> list[dict[str, Any]]:
    """The rows of the list with what they may mean."""
    said = sent_in(step).said()
    found = lists_of(step.request).check(step.connection, said)
    return results(step.caller.viewer, step.connection, said, found)


def shown(step: Step) -> Response:
    """The page of results; what is wrong with the list stands on the form."""
    try:
        sent = sent_in(step)
        if not {"name", "website"} & sent.columns.keys():
            return page(step.request, step.caller, sent=sent, error="Say which column holds the names.")
        said = sent.said()
        found = lists_of(step.request).check(step.connection, said)
    except WarehouseError as error:
        return page(step.request, step.caller, error=f"{error.happened} {error.do}", status=NOT_UNDERSTOOD)
    rows = results(step.caller.viewer, step.connection, said, found)
    return page(step.request, step.caller, sent=sent, rows=rows)


def added(step: Step) -> Response:
    """Add what is ticked, or ask once more."""
    sent = sent_again(lists_of(step.request), step.texts)
    said, agreed = sent.said(), step.numbers("agreed")
    ticked = list(dict.fromkeys((*step.numbers("row"), *agreed)))
    wanted = [number for number in ticked if 0 < number <= len(said) and called(said[number - 1])]
    if not wanted or len(wanted) > MOST_ADDED:
        error = f"Tick rows to add, {MOST_ADDED} at most at once." if wanted else "No row is ticked."
        return page(step.request, step.caller, error=error, sent=sent, status=NOT_UNDERSTOOD)
    chosen = [said[number - 1] for number in wanted]
    found = lists_of(step.request).check(step.connection, chosen)
    rows = results(step.caller.viewer, step.connection, chosen, found)
    doubtful = [renumbered(row, wanted) for row in rows if is_doubtful(row)]
    if unsaid := [row for row in doubtful if row["row"] not in agreed]:
        asked = {row["row"] for row in unsaid}
        certain = [number for number in wanted if number not in asked and number not in agreed]
        facts: dict[str, Any] = {
            "doubtful": unsaid,
            "wanted": wanted,
            "certain_of": certain,
            "agreed": agreed,
        }
        return page(step.request, step.caller, sent=sent, status=CONFLICT, **facts)
    made = entered(step.request, step.caller, step.connection, step.now, chosen)
    return page(step.request, step.caller, added=made)


def is_doubtful(row: dict[str, Any]) -> bool:
    """Whether a row may be known already, here or in the list."""
    return bool(row["matches"] or row["same_as_rows"])


def entered(
    request: Request, caller: Caller, connection: Connection, now: str, rows: list[dict[str, str]]
) -> list[tuple[str, str]]:
    """Enter rows as partners, in one act; their ids and names. Raises 404 where nothing can be entered."""
    entries = request.app.state.wiring.entries
    if entries is None:
        raise HTTPException(NOT_FOUND)
    named = [{**each, "name": called(each)} for each in rows]
    records = entries.enter_all(now, [Entry(PARTNER, [], each) for each in named], caller.viewer.name)
    return links(connection, records, named)


def renumbered(row: dict[str, Any], wanted: list[int]) -> dict[str, Any]:
    """A row of those that are ticked, by its number in the whole list."""
    same = [{**each, "row": wanted[each["row"] - 1]} for each in row["same_as_rows"]]
    return {**row, "row": wanted[row["row"] - 1], "same_as_rows": same}


def links(connection: Connection, records: list[str], said: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Each row that was added: its organization's id (empty until the next publication), and its name."""
    ids = ids_of(connection, "organization", records)
    return [(ids.get(record, ""), each["name"]) for record, each in zip(records, said, strict=True)]


def page(
    request: Request, caller: Caller, *, sent: SentList | None = None, rows: list[dict[str, Any]] | None = None,
    error: str = "", status: int = 200, **more: Any,
) -> Response:  # fmt: skip
    """The page of one step."""
    by_state: dict[str, list[dict[str, Any]]] = {state: [] for state in STATES}
    for row in rows or ():
        by_state[row["state"]].append(row)
    wiring = request.app.state.wiring
    facts = {
        "sent": sent, "rows": rows, "by_state": by_state, "states": STATES, "fields": FIELDS, "shown": SHOWN,
        "called": called, "error": error, "can_check": wiring.lists is not None,
        "twice": sum(bool(row["same_as_rows"]) for row in rows or ()),
        "can_add": wiring.entries is not None and caller.may(Permission.WRITE_ENTRIES)
        and caller.viewer.organizations is None,
        "most_added": MOST_ADDED, "doubtful": [], "wanted": [], "certain_of": [], "agreed": [], "added": None,
        "here": "/partners", **more,
    }  # fmt: skip
    return render(request, "list_check.html", facts, status=status)
