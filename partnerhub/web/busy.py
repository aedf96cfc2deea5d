"""What is shown when somebody else is writing: who, since when, what was typed, and a button that sends it again."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from starlette.datastructures import FormData

from partnerhub.web.connected import lending
from partnerhub.web.rendering import render
from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from fastapi import Request, Response

AWAY: Final = 503
RETRY_SECONDS: Final = "10"
SECRET: Final = "password"  # noqa: S105  # a part of a field's name
LONGEST: Final = 20_000
HOLDERS: Final = (
    "SELECT name, holder, acquired_at FROM lease WHERE holder <> '' AND name <> 'asked' ORDER BY acquired_at"
)
WORK: Final = {"publish": "is making the partners\u2019 records anew"}


class Writer(NamedTuple):
    """Somebody at work. does: in words; since: UTC text."""

    who: str
    does: str
    since: str


async def busy_page(request: Request) -> Response:
    """The page: nothing was written, and nothing that was typed is lost. A secret is typed again."""
    form: object = getattr(request, "_form", None)  # read already, where the form was understood
    fields = [
        (name, value)
        for name, value in (form.multi_items() if isinstance(form, FormData) else ())
        if isinstance(value, str) and len(value) <= LONGEST
    ]
    is_secret = any(SECRET in name.lower() for name, _ in fields)
    address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    facts: dict[str, Any] = {
        "writers": writers(request),
        "fields": [] if is_secret else fields,
        "typed": [] if is_secret else [(name, value) for name, value in fields if " " in value.strip()],
        "address": address,
        "again": request.method == "POST" and not is_secret and isinstance(form, FormData),
        "reads": request.method == "GET",
    }
    answer = render(request, "busy.html", facts, status=AWAY)
    answer.headers["Retry-After"] = RETRY_SECONDS
    return answer


def writers(request: Request) -> list[Writer]:
    """Who is at work now, who began first first; reading waits for nobody."""
    with suppress(WarehouseError), lending(request.app) as lent:
        rows = lent.connection.query(HOLDERS)
        return [Writer(holder.partition(" [")[0], work_of(name), since) for name, holder, since in rows]
    return []


def work_of(name: str) -> str:
    """What the holder of a lease does, in words."""
    kind, _, about = name.partition(":")
    if kind == "sync":
        return f"reads {about}"
    return WORK.get(kind, f"is at work ({kind})")
