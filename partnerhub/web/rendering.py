"""From facts to HTML: templates that escape everything; for htmx only the block it asked for, else the whole page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from partnerhub.access.roles import Permission
from partnerhub.web import static_files, wording

if TYPE_CHECKING:
    from fastapi import Request

    from partnerhub.access.sign_in import Caller

TEMPLATES: Final = Path(__file__).parent / "templates"
VENDORED: Final = {
    "tabler": "vendor/tabler-core-1.6.1/tabler.min.css",
    "htmx": "vendor/htmx.org-2.0.11/htmx.min.js",
    "icons": "vendor/tabler-icons-3.51.0/icons.svg",
}
THEMES: Final = frozenset({"light", "dark"})


class Entry(NamedTuple):
    """One entry of the navigation, shown to whoever holds the permission."""

    title: str
    address: str
    icon: str
    permission: Permission
    key: str
    """After `g`, it leads there."""


NAVIGATION: Final = (
    Entry("Partners", "/partners", "building-community", Permission.READ_PARTNERS, "p"),
    Entry("Review", "/review", "git-merge", Permission.DECIDE_IDENTITY, "r"),
    Entry("Sync", "/sync", "refresh", Permission.READ_SYNC, "s"),
    Entry("Data", "/data", "database", Permission.EXPORT, "d"),
    Entry("Audit", "/audit", "shield-check", Permission.READ_AUDIT, "a"),
    Entry("People", "/accounts", "key", Permission.MANAGE_ACCESS, "u"),
)


def environment() -> Environment:
    """Templates that escape everything and refuse to print what is not there."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= wording.FILTERS
    made.globals |= {"static": static_files.address, "vendored": VENDORED}
    return made


def render(
    request: Request,
    template: str,
    facts: dict[str, Any] | None = None,
    *,
    block: str = "",
    status: int = 200,
) -> HTMLResponse:
    """A page, or only one block of it where htmx asks for a part: the same address serves both.

    block: what is sent to htmx. Every fragment is a page, too, so a link to it can be shared and works without scripts.
    """
    pages: Environment = request.app.state.pages
    shown = pages.get_template(template)
    context = shown.new_context(surroundings(request) | (facts or {}))
    partly = (
        block and request.headers.get("hx-request") and not request.headers.get("hx-history-restore-request")
    )
    text = "".join(shown.blocks[block](context)) if partly else "".join(shown.root_render_func(context))
    return HTMLResponse(text, status_code=status, headers={"Vary": "HX-Request"})


def surroundings(request: Request) -> dict[str, Any]:
    """What every page shows around its content."""
    caller: Caller | None = getattr(request.state, "caller", None)
    theme = request.cookies.get("theme", "")
    known = set(request.app.state.addresses)
    return {
        "caller": caller,
        "may": caller.may if caller else lambda _permission: False,
        "Permission": Permission,
        "navigation": [
            entry
            for entry in NAVIGATION
            if caller and entry.address in known and caller.may(entry.permission)
        ],
        "here": request.url.path,
        "theme": theme if theme in THEMES else "",
        "can_act": request.app.state.wiring.acts is not None,
        "search": "",
    }
