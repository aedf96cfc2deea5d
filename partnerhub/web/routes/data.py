"""Published tables for whoever builds on them: what each holds, how full it is, its contract, where it comes from."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected
from partnerhub.web.guard import Needs
from partnerhub.web.plain_text import PLAIN
from partnerhub.web.rendering import render
from warehouse.contracts.odcs import Contract
from warehouse.contracts.promised import as_yaml, of_marts, of_streams
from warehouse.contracts.terms import USUAL, Terms
from warehouse.errors import NotFound
from warehouse.marts.mart import LINEAGE, PERSONAL, Question
from warehouse.queries.published import (
    Fill,
    Origin,
    destinations,
    fills,
    of_group,
    origins,
    published_tables,
    search_tables,
)

if TYPE_CHECKING:
    from partnerhub.web.wiring import Wiring
    from warehouse.database import Connection
    from warehouse.marts import Column, Mart

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.EXPORT))]
Words = Annotated[str, Query(max_length=200, pattern=PLAIN)]
LAST: Final = Question(
    "What was changed last at its source?",
    "SELECT record_key, modified_at FROM {name} WHERE _hub_deleted_at IS NULL ORDER BY modified_at DESC LIMIT 20",
)
"""What anybody may ask of a view of a stream."""
MOST_ROWS: Final = 400
"""Rows of the field catalog on one page."""


class Shown(NamedTuple):
    """A column as its row shows it. percent: of the rows that hold something, None where nobody counted."""

    column: Column
    is_key: bool
    percent: float | None
    origins: list[Origin]

    @property
    def is_personal(self) -> bool:
        """Whether it tells who somebody is."""
        return PERSONAL in self.column.tags

    @property
    def is_lineage(self) -> bool:
        """Whether it is one of the four every table ends with."""
        return self.column.name.startswith(LINEAGE)


@router.get("/data")
def tables(request: Request, caller: Reader, connection: Connected, q: Words = "") -> Response:
    """Every published table by what it is about; or those, and their columns, that hold some words."""
    found = published_tables(connection)
    facts = {
        "q": q.strip(),
        "groups": of_group(found),
        "hits": search_tables(found, q) if q.strip() else None,
        "fills": counts(caller, fills(connection)),
        "personal": {each.name for each in found if any(PERSONAL in column.tags for column in each.columns)},
        "total": len(found),
    }
    return render(request, "data.html", facts, block="listed")


@router.get("/data/tables/{name}")
def table(request: Request, caller: Reader, connection: Connected, name: str) -> Response:
    """One table: columns with type, meaning, fill and lineage; its contract; questions with SQL."""
    mart = named(connection, name)
    contract = contract_for(request, connection, mart)
    measured = counts(caller, fills(connection, name)).get(name)
    read_from = origins(connection, name)
    facts = {
        "mart": mart,
        "columns": [
            Shown(
                column,
                column.name in mart.key,
                measured.percent(column.name) if measured else None,
                read_from.get(column.name, []),
            )
            for column in mart.columns
        ],
        "measured": measured,
        "sources": sorted({each.source for listed in read_from.values() for each in listed}),
        "contract": contract,
        "promises": {each["property"]: each for each in contract.get("slaProperties", ())},
        "questions": mart.questions or (Question(LAST.asks, LAST.sql.format(name=name)),),
        "is_stream": name.startswith("stg_"),
    }
    return render(request, "data_table.html", facts)


@router.get("/data/tables/{name}/contract.yaml")
def contract_file(request: Request, caller: Reader, connection: Connected, name: str) -> Response:
    """The contract of one table, by the Open Data Contract Standard."""
    del caller
    contract = contract_for(request, connection, named(connection, name))
    headers = {"Content-Disposition": f'attachment; filename="{name}.odcs.yaml"'}
    return Response(as_yaml(contract), media_type="application/yaml", headers=headers)


@router.get("/data/fields")
def fields(request: Request, caller: Reader, q: Words = "", source: Words = "") -> Response:
    """The field catalog: every field of every source, how it is cleaned, where it goes, and who has the last word."""
    del caller
    settings = request.app.state.wiring.settings
    rows = list(settings.fields()) if settings else []
    goes_to = destinations()
    wanted = q.casefold().split()
    chosen = [
        {**row, "columns": goes_to.get((row["kind"], row["target"]), [])}
        for row in rows
        if (not source or row["source"] == source) and all(word in said_of(row) for word in wanted)
    ]
    facts = {
        "q": q.strip(),
        "source": source,
        "sources": sorted({row["source"] for row in rows}),
        "rows": chosen[:MOST_ROWS],
        "found": len(chosen),
        "has_settings": settings is not None,
    }
    return render(request, "data_fields.html", facts, block="listed")


def said_of(row: Any) -> str:
    """What of a catalog row is searched."""
    return " ".join(
        str(row[name]) for name in ("source", "stream", "path", "kind", "target", "cleaner")
    ).casefold()


def named(connection: Connection, name: str) -> Mart:
    """A published table by its name. Raises NotFound."""
    for each in published_tables(connection):
        if each.name == name:
            return each
    raise NotFound("No published table has this name.", "The list of tables at /data has them all.")


def counts(caller: Caller, found: dict[str, Fill]) -> dict[str, Fill]:
    """The measures, for who may know of the whole hub: they tell of organizations others may not know of."""
    return found if caller.viewer.organizations is None else {}


def contract_for(request: Request, connection: Connection, mart: Mart) -> Contract:
    """The contract of a table by the terms of this hub."""
    wiring: Wiring = request.app.state.wiring
    terms = wiring.settings.terms() if wiring.settings else USUAL
    found = contracts_of_marts(terms).get(mart.name)
    return found or of_streams(connection, [mart], terms)[mart.name]


@lru_cache(maxsize=4)
def contracts_of_marts(terms: Terms) -> dict[str, Contract]:
    """Those of the marts, which lie in files of the program."""
    return of_marts(terms)
