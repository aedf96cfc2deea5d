"""The text of one mail, alone in a frame that can do nothing; who read it is written down."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse

from mappings.mail.bodies import part_text
from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web.connected import Connected, Now
from partnerhub.web.guard import Needs
from partnerhub.web.mail_html import Shown, as_text, shown
from warehouse.commands.audit import Deed, append
from warehouse.queries.mail_sight import Level
from warehouse.queries.mail_text import MailText, mail_text
from warehouse.queries.stream import one_happening

router = APIRouter(include_in_schema=False)
MailReader = Annotated[Caller, Depends(Needs(Permission.READ_MAIL_TEXT))]
NOT_FOUND: Final = 404
HEADERS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline';"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
}
NO_TEXT: Final = "The hub holds no text of this mail."
LEFT_OUT: Final = {
    "left_by_policy": "Its mailbox keeps the text: only who, when and with whom is read from it.",
    "too_large": "It is too large to be read.",
}


@router.get("/mail/{fact_id}/body")
def body(request: Request, caller: MailReader, connection: Connected, now: Now, fact_id: str) -> HTMLResponse:
    """One mail's text, if its visibility is everything or it lies in the caller's own mailbox."""
    found = one_happening(caller.viewer, connection, fact_id)
    if found is None or found[0].level < Level.EVERYTHING or found[0].entity != "touchpoint":
        raise HTTPException(NOT_FOUND)
    said = readable(mail_text(connection, fact_id))
    with connection.transaction():
        append(connection, now, caller.viewer.name, Deed("mail.read", f"fact:{fact_id}"))
    page = request.app.state.pages.get_template("mail_body.html")
    return HTMLResponse(page.render(body=said.html, withheld=said.withheld), headers=HEADERS)


def readable(said: MailText) -> Shown:
    """A mail's text as it may be shown."""
    if said.html is not None:
        return shown(part_text(said.html))
    return Shown(as_text(said.text or LEFT_OUT.get(said.left_out or "", NO_TEXT)), 0)
