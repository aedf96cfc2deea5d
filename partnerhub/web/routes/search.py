"""The search: one box over everything, the best of each kind first, and why each was found."""

from __future__ import annotations

from typing import Annotated, Final, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected
from partnerhub.web.guard import Needs
from partnerhub.web.marking import Piece, marked
from partnerhub.web.rendering import render
from warehouse.queries.search import MANY, Hit, asked_for, search

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]
Typed = Annotated[str, Query(alias="q", max_length=200)]
Only = Annotated[str, Query(alias="in", max_length=20)]


class Heading(NamedTuple):
    """What a group is called, and its sign."""

    title: str
    icon: str


HEADINGS: Final = {
    "partners": Heading("Partners", "building-community"),
    "organizations": Heading("Other organizations", "building"),
    "people": Heading("People", "users"),
    "deals": Heading("Deals", "briefcase"),
    "mail": Heading("Mail, meetings and notes", "mail"),
    "work": Heading("Work", "checklist"),
    "documents": Heading("Documents and slides", "presentation"),
    "agreements": Heading("Agreements and commitments", "file-text"),
}
REASONS: Final = {
    "legal_name": "Legal name",
    "other_name": "Also called",
    "domain": "Site",
    "host": "Site",
    "email": "E-mail",
    "phone": "Phone",
    "registry": "Register number",
    "city": "City",
    "position": "Position",
    "id": "Id in this hub",
    "former_id": "Former id, merged into this one",
    "record": "Id at its source",
    "like": "Spelled about like that",
}
"""What the line of a thing that matched is called; slides are called by their place."""
HINTS: Final = (
    "a part of a name, typing errors included",
    "a web site, an e-mail address or a phone number",
    "an id: of this hub (former ones, too), of a record, or as the vendor writes it",
    "words of a subject, of a task, or of a slide",
)


class Shown(NamedTuple):
    """A hit as the page shows it. reason: empty where the title itself says why."""

    hit: Hit
    title: list[Piece]
    reason: str
    said: list[Piece]

    @property
    def address(self) -> str:
        """Where it is: the page of an organization, its people, or the place on its timeline."""
        page = f"/partners/{self.hit.organization_id}"
        if self.hit.kind == "organization":
            return page
        if self.hit.kind == "person":
            return f"{page}#people"
        return f"{page}/timeline?{urlencode({'at': self.hit.id})}#found"


@router.get("/search")
def search_page(
    request: Request, caller: Reader, connection: Connected, typed: Typed = "", only: Only = ""
) -> Response:
    """Everything a text finds, or one kind of it."""
    chosen = only if only in HEADINGS else ""
    asked = asked_for(typed)
    groups = search(caller.viewer, connection, typed, chosen)
    facts = {
        "search": typed,
        "typed": asked.typed,
        "only": chosen,
        "groups": [
            (group.name, [shown(hit, asked.words) for hit in group.hits], group.more) for group in groups
        ],
        "headings": HEADINGS,
        "hints": HINTS,
        "most": MANY,
    }
    return render(request, "search.html", facts)


def shown(hit: Hit, words: tuple[str, ...]) -> Shown:
    """A hit with what matched marked."""
    title = marked(hit.title, words)
    if hit.line == "title":
        return Shown(hit, title, "", [])
    reason = REASONS.get(hit.line, hit.line.capitalize())
    if hit.line == "like":
        return Shown(hit, title, reason, [])
    exact = hit.line in {"id", "former_id", "record"}
    said = [Piece(hit.said, hit=True)] if exact else marked(hit.said, words)
    return Shown(hit, title, reason, said)
