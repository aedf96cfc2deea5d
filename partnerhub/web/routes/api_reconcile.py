"""Matching a list against the hub, row by row: the W3C Entity Reconciliation API 0.2, as OpenRefine speaks it.

OpenRefine cannot send a header. Its address therefore has a second form with an API key in it; that key should be one
of its own that may only read partners. There the cookie counts for nothing, so other sites can be allowed to ask.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller, caller_by_key
from partnerhub.web.connected import Connected, Now
from partnerhub.web.extending import MOST_IDS, TYPE, extended, proposed
from partnerhub.web.guard import Needs, NotAllowed, Open
from partnerhub.web.origin import FOR_ALL, KEYED
from partnerhub.web.positions import is_storable
from partnerhub.web.rendering import render
from partnerhub.web.routes.api import meant
from partnerhub.web.routes.partner_page import UUID_TEXT
from warehouse.database import Connection
from warehouse.queries import record
from warehouse.queries.partners import find_organizations, surviving_id

HERE: Final = "/api/reconcile"
PROPERTIES: Final = {
    "website": "Website", "email_domain": "Mail domain", "phone": "Phone", "street": "Street", "city": "City",
    "postcode": "Postcode", "country": "Country",
}  # fmt: skip
"""Property id → its name: what a row may say besides the name."""
MOST: Final = 50
"""Queries of one batch: OpenRefine sends ten."""
LONGEST: Final = 300
"""Characters of what is compared; a longer name is nobody's."""
USUAL, FOUND = 5, 10
NOT_UNDERSTOOD, NOT_SIGNED_IN, NOT_FOUND = 422, 401, 404
FRAMED: Final = {
    **FOR_ALL,
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors *",
}
router = APIRouter(tags=["Reconciliation"])
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]
Told = Annotated[str, Query(max_length=100_000)]
Sent = Annotated[str, Form(max_length=1_000_000)]
Prefix = Annotated[str, Query(max_length=200)]
Skipped = Annotated[int, Query(ge=0, le=1000, description="How many suggestions to skip.")]
Kind = Annotated[str, Query(alias="type", max_length=200, description="Of which type.")]
Most = Annotated[int, Query(ge=0, le=1000, description="At most so many; 0: all.")]
WHY: Final = "the API key in the address opens it, and nothing else does"


def keyed(connection: Connected, now: Now, secret: str) -> Caller:
    """Who asks with the key in the address. Raises 401, NotAllowed."""
    caller = caller_by_key(connection, secret, now)
    if caller is None:
        raise HTTPException(NOT_SIGNED_IN)
    if not caller.may(Permission.READ_PARTNERS):
        raise NotAllowed(Permission.READ_PARTNERS)
    return caller


Keyed = Annotated[Caller, Depends(keyed)]
OPENED: Final = [Depends(Open(WHY))]


@router.get(HERE)
def service(
    request: Request,
    caller: Reader,
    connection: Connected,
    queries: Told = "",
    query: Told = "",
    extend: Told = "",
) -> Response:
    """The service manifest; with `queries` the candidates of a batch, with `query` those of one.

    With `extend` the values of organizations that are matched already.
    """
    return answered(request, caller, connection, (queries, query, extend), HERE)


@router.post(HERE)
def batch(
    request: Request,
    caller: Reader,
    connection: Connected,
    queries: Sent = "",
    query: Sent = "",
    extend: Sent = "",
) -> Response:
    """The candidates of a batch of queries, sent as the form field `queries`."""
    return answered(request, caller, connection, (queries, query, extend), HERE)


@router.get(HERE + "/suggest/entity")
def suggest(caller: Reader, connection: Connected, prefix: Prefix = "", cursor: Skipped = 0) -> Response:
    """Organizations by the beginning of a name, for a search box."""
    return suggested(caller, connection, prefix, cursor)


@router.get(HERE + "/suggest/property", dependencies=[Depends(Needs(Permission.READ_PARTNERS))])
def suggest_property(prefix: Prefix = "", cursor: Skipped = 0) -> Response:
    """What a row may say besides its name."""
    return properties(prefix, cursor)


@router.get(HERE + "/suggest/type", dependencies=[Depends(Needs(Permission.READ_PARTNERS))])
def suggest_type(prefix: Prefix = "", cursor: Skipped = 0) -> Response:
    """The one type there is."""
    return types(prefix, cursor)


@router.get(HERE + "/extend", dependencies=[Depends(Needs(Permission.READ_PARTNERS))])
def propose(kind: Kind = TYPE["id"], limit: Most = 0) -> Response:
    """What can be fetched of organizations that are matched."""
    return JSONResponse(proposed(kind, limit))


@router.get(HERE + "/preview")
def preview(request: Request, caller: Reader, connection: Connected, id: Prefix) -> Response:  # noqa: A002  # W3C
    """An organization in a few lines, as HTML for a frame."""
    return previewed(request, caller, connection, id)


@router.get(KEYED + "{secret}", dependencies=OPENED, include_in_schema=False)
def service_by_key(
    request: Request,
    caller: Keyed,
    connection: Connected,
    secret: str,
    queries: Told = "",
    query: Told = "",
    extend: Told = "",
) -> Response:
    """As `service`."""
    return answered(request, caller, connection, (queries, query, extend), f"{KEYED}{secret}")


@router.post(KEYED + "{secret}", dependencies=OPENED, include_in_schema=False)
def batch_by_key(
    request: Request,
    caller: Keyed,
    connection: Connected,
    secret: str,
    queries: Sent = "",
    query: Sent = "",
    extend: Sent = "",
) -> Response:
    """As `batch`."""
    return answered(request, caller, connection, (queries, query, extend), f"{KEYED}{secret}")


@router.get(KEYED + "{secret}/suggest/entity", dependencies=OPENED, include_in_schema=False)
def suggest_by_key(
    caller: Keyed, connection: Connected, prefix: Prefix = "", cursor: Skipped = 0
) -> Response:
    """As `suggest`."""
    return suggested(caller, connection, prefix, cursor)


@router.get(
    KEYED + "{secret}/suggest/property", dependencies=[*OPENED, Depends(keyed)], include_in_schema=False
)
def suggest_property_by_key(prefix: Prefix = "", cursor: Skipped = 0) -> Response:
    """As `suggest_property`."""
    return properties(prefix, cursor)


@router.get(KEYED + "{secret}/suggest/type", dependencies=[*OPENED, Depends(keyed)], include_in_schema=False)
def suggest_type_by_key(prefix: Prefix = "", cursor: Skipped = 0) -> Response:
    """As `suggest_type`."""
    return types(prefix, cursor)


@router.get(KEYED + "{secret}/extend", dependencies=[*OPENED, Depends(keyed)], include_in_schema=False)
def propose_by_key(kind: Kind = TYPE["id"], limit: Most = 0) -> Response:
    """As `propose`."""
    return JSONResponse(proposed(kind, limit))


@router.get(KEYED + "{secret}/preview", dependencies=OPENED, include_in_schema=False)
def preview_by_key(request: Request, caller: Keyed, connection: Connected, id: Prefix) -> Response:  # noqa: A002
    """As `preview`."""
    return previewed(request, caller, connection, id)


def answered(
    request: Request, caller: Caller, connection: Connection, sent: tuple[str, str, str], place: str
) -> Response:
    """Candidates or values for what is asked; the manifest where nothing is. sent: queries, query, extend."""
    queries, query, extend = sent
    if extend:
        told = extended(caller.viewer, connection, read(extend))
        if told is None:
            return not_understood(
                f"`extend` names at most {MOST_IDS} ids and properties as `/extend` proposes them."
            )
        return JSONResponse(told)
    if queries:
        asked = read(queries)
        if not isinstance(asked, dict) or len(asked) > MOST:
            return not_understood(f"`queries` is a JSON object of at most {MOST} queries.")
        told = {
            name: {"result": candidates(request, caller, connection, each)} for name, each in asked.items()
        }
        return JSONResponse(told)
    if query:
        asked = read(query) if query.lstrip().startswith("{") else {"query": query}
        return JSONResponse({"result": candidates(request, caller, connection, asked)})
    return JSONResponse(manifest(request, place))


def read(text: str) -> Any:
    """JSON that somebody sent; None for anything else."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def not_understood(do: str) -> Response:
    """The words for queries nobody can read."""
    said = {"title": "This was not understood", "do": do, "status": NOT_UNDERSTOOD}
    return JSONResponse(said, NOT_UNDERSTOOD)


def candidates(request: Request, caller: Caller, connection: Connection, asked: Any) -> list[dict[str, Any]]:
    """The candidates for one query, the best first; score: 0 to 100. match: it alone would join by itself."""
    if not isinstance(asked, dict) or not isinstance(asked.get("query", ""), str):
        return []
    if not may_be_meant(asked):
        return []
    limit = asked.get("limit")
    most = max(1, min(int(limit), MOST)) if isinstance(limit, int) else USUAL
    found = by_id(caller, connection, asked) or meant(request, caller, connection, said_of(asked))
    return [
        {
            "id": each["id"],
            "name": each["name"],
            "type": [TYPE],
            "score": round(100 * each["probability"], 2),
            "match": each["certain"],
            "features": [{"id": "bits", "value": each["bits"]}],
        }
        for each in found[:most]
    ]


def may_be_meant(asked: dict[str, Any]) -> bool:
    """Whether an organization is of the types asked for: of one of them; `all`: of all; `should`: rather than not."""
    wanted = asked.get("type") or [TYPE["id"]]
    wanted = wanted if isinstance(wanted, list) else [wanted]
    strict = asked.get("type_strict")
    if strict == "should":
        return True
    return all(each == TYPE["id"] for each in wanted) if strict == "all" else TYPE["id"] in wanted


def by_id(caller: Caller, connection: Connection, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The organization whose id is asked for in place of a name; nothing for anything else."""
    text = asked.get("query", "").strip()
    survivor = surviving_id(caller.viewer, connection, text) if UUID_TEXT.fullmatch(text) else None
    found = (record.organization(caller.viewer, connection, survivor) if survivor else None) or {}
    if not found:
        return []
    return [{"id": survivor, "name": found["name"], "probability": 1.0, "bits": 0.0, "certain": True}]


def said_of(asked: dict[str, Any]) -> dict[str, str]:
    """A query's name and properties as what is compared. A property's value may be a text, a list, or an entity."""
    said = {"name": asked.get("query", "")[:LONGEST]}
    listed = asked.get("properties")
    for each in listed[:MOST] if isinstance(listed, list) else ():
        value = each.get("v") if isinstance(each, dict) else None
        first = value[0] if isinstance(value, list) and value else value
        text = first.get("name") or first.get("id") if isinstance(first, dict) else first
        name = str(each.get("pid")) if isinstance(each, dict) else ""
        if text and name in PROPERTIES:
            said.setdefault(name, str(text)[:LONGEST])
    return {name: text for name, text in said.items() if is_storable(text)}


def manifest(request: Request, place: str) -> dict[str, Any]:
    """What this service is and where it does what."""
    base = (request.app.state.wiring.public_url or str(request.base_url)).rstrip("/")
    here = f"{base}{place}"
    return {
        "versions": ["0.2"],
        "name": "Partner Hub",
        "identifierSpace": f"{base}/partners/",
        "schemaSpace": f"{base}/api/",
        "defaultTypes": [TYPE],
        "documentation": f"{base}/api",
        "batchSize": 10,
        "view": {"url": f"{base}/partners/{{{{id}}}}"},
        "preview": {"url": f"{here}/preview?id={{{{id}}}}", "width": 420, "height": 180},
        "extend": {
            "propose_properties": {"service_url": here, "service_path": "/extend"},
            "property_settings": [],
        },
        "suggest": {
            "entity": {"service_url": here, "service_path": "/suggest/entity"},
            "property": {"service_url": here, "service_path": "/suggest/property"},
            "type": {"service_url": here, "service_path": "/suggest/type"},
        },
    }


def suggested(caller: Caller, connection: Connection, prefix: str, cursor: int = 0) -> Response:
    """Organizations a search box offers. cursor: how many are skipped."""
    wanted = cursor + FOUND if prefix.strip() else 0
    found = find_organizations(caller.viewer, connection, prefix, wanted)[cursor:] if wanted else []
    told = [
        {
            "id": each.organization_id,
            "name": each.name,
            "description": " · ".join(part for part in (each.domain, each.city, each.country) if part),
            "notable": [TYPE],
        }
        for each in found
    ]
    return JSONResponse({"result": told})


def properties(prefix: str, cursor: int = 0) -> Response:
    """Properties whose names hold a text. cursor: how many are skipped."""
    wanted = prefix.strip().casefold()
    told = [{"id": pid, "name": name} for pid, name in PROPERTIES.items() if wanted in name.casefold()]
    return JSONResponse({"result": told[cursor:]})


def types(prefix: str, cursor: int = 0) -> Response:
    """The types whose names hold a text. cursor: how many are skipped."""
    told = [each for each in (TYPE,) if prefix.strip().casefold() in each["name"].casefold()]
    return JSONResponse({"result": told[cursor:]})


def previewed(request: Request, caller: Caller, connection: Connection, organization_id: str) -> Response:
    """An organization in a few lines. Raises 404."""
    known = UUID_TEXT.fullmatch(organization_id)
    survivor = surviving_id(caller.viewer, connection, organization_id) if known else None
    if survivor is None:
        raise HTTPException(NOT_FOUND)
    found = record.organization(caller.viewer, connection, survivor) or {}
    page = render(request, "reconcile_preview.html", {"organization": found})
    page.headers.update(FRAMED)
    return page
