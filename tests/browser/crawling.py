"""Goes through the pages as links lead, and writes down what is wrong with each."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urldefrag, urlsplit

from axe_playwright_python.sync_playwright import Axe
from fastapi.routing import APIRoute
from lxml import html
from playwright.sync_api import Error as PlaywrightError

from tests.browser.hostile import EVALUATED, MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastapi import FastAPI
    from playwright.sync_api import Page

PER_ROUTE: Final = 2
"""Pages looked at for one address pattern; of the first, axe looks at light and dark, and it is looked at wide, too."""
WIDE: Final = {"width": 1440, "height": 900}
NARROW: Final = {"width": 320, "height": 640}
STILL: Final[dict[str, Any]] = {"viewport": NARROW, "reduced_motion": "reduce"}
"""A small phone on which nothing moves: a color that is on its way to another one has neither's contrast."""
SERIOUS: Final = frozenset({"serious", "critical"})
LONG: Final = {"exclude": [["tbody > tr:nth-child(n+13)"], ["li:nth-child(n+13)"]]}
"""What axe passes over: of a long list, rows that look like those before."""
EVERYTHING: Final[dict[str, Any]] = {"resultTypes": ["violations"], "iframes": False}
"""Without frames: a mail stands in one that runs no script, so axe would wait for its answer."""
CONTRAST: Final[dict[str, Any]] = EVERYTHING | {"runOnly": ["color-contrast", "link-in-text-block"]}
LOOK: Final = """(mark) => ({
  planted: document.querySelectorAll(`[${mark}]`).length,
  text: document.body.innerText,
  headings: document.querySelectorAll('h1').length,
  links: [...document.querySelectorAll('a[href], iframe[src], form[method=get], [hx-get]')].map(
    (each) => each.src
      || new URL(each.getAttribute('href') || each.getAttribute('hx-get') || each.action, location).href),
  schemes: [...document.querySelectorAll('a[href]')].map(
    (each) => new URL(each.getAttribute('href'), location).protocol),
})"""
OVERFLOW: Final = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const rolls = (each) => each && (getComputedStyle(each).overflowX !== 'visible' || rolls(each.parentElement));
  const wide = (each) => each.getBoundingClientRect().right > room + 1 || each.scrollWidth > each.clientWidth + 1;
  return [...document.body.querySelectorAll('*')].filter((each) => wide(each) && !rolls(each.parentElement))
    .slice(-4).map((each) => `${each.tagName}.${each.getAttribute('class')}`.slice(0, 80)).concat('too wide');
}"""
RUNNING: Final = frozenset({"script", "iframe", "object", "embed", "form", "svg", "math", "link"})
HARMLESS: Final = frozenset({"http:", "https:", "mailto:", "tel:"})


@dataclass
class Seen:
    """One page. wrong: kind of fault → what was found."""

    address: str
    route: str
    text: str = ""
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def note(self, kind: str, found: list[str]) -> None:
        """Keep what is wrong, if something is."""
        if found:
            self.wrong.setdefault(kind, []).extend(found)


def crawl(page: Page, app: FastAPI, complaints: list[str], *starts: str) -> list[Seen]:
    """Every page that links lead to from these, a few for each address pattern, and what is wrong with it."""
    seen: list[Seen] = []

    def look(address: str, route: str, nth: int) -> list[str]:
        seen.append(each := Seen(address, route))
        links = links_after(page, each, first=nth == 1)
        each.note("complaints", complaints.copy())
        complaints.clear()
        return links

    walk(app, starts, PER_ROUTE, look)
    return seen


def walk(app: FastAPI, starts: Sequence[str], most: int, look: Callable[[str, str, int], list[str]]) -> None:
    """Go where links lead. look: address, pattern and which one of its pattern it is → the links found there."""
    counted: Counter[str] = Counter()
    waiting, known = deque(starts), set(starts)
    while waiting:
        address = waiting.popleft()
        route = route_of(app, urlsplit(address).path)
        if counted[route] >= most:
            continue
        counted[route] += 1
        found = [link for link in look(address, route, counted[route]) if link not in known]
        known.update(found)
        waiting.extend(found)


def route_of(app: FastAPI, path: str) -> str:
    """The address pattern a path belongs to."""
    fitting = (route for route in pages_of(app) if route.path_regex.match(path))
    return next((route.path for route in fitting), "nowhere")


def pages_of(app: FastAPI) -> list[APIRoute]:
    """Everything that answers to GET and is no part of the API."""
    routes = (route for route in app.routes if isinstance(route, APIRoute))
    return [route for route in routes if "GET" in route.methods and not route.path.startswith("/api")]


def links_after(page: Page, each: Seen, *, first: bool) -> list[str]:
    """Look at one page; the addresses it leads to."""
    try:
        answer = page.goto(each.address)
    except PlaywrightError as error:
        each.note("status", [] if "Download is starting" in error.message else [error.message])
        return []
    if answer is None or not answer.ok:
        each.note("status", [str(answer and answer.status)])
        return []
    if "text/html" not in answer.headers.get("content-type", ""):
        return []
    if is_still(answer.headers):
        each.note("planted", markup_left(answer.text()))
        return []
    found = page.evaluate(LOOK, MARK)
    judge(each, found)
    each.note("overflow at 320", page.evaluate(OVERFLOW))
    if first:
        look_closely(page, each)
    return same_origin(page, found["links"])


def is_still(headers: dict[str, str]) -> bool:
    """Whether a page may run nothing at all, as mail may not: then it cannot be asked anything either."""
    return "sandbox" in headers.get("content-security-policy", "")


def markup_left(text: str) -> list[str]:
    """What of an attack is markup in such a page."""
    elements = list(html.document_fromstring(text).iter("*"))
    attributes = {name for each in elements for name in each.attrib}
    tags = {str(each.tag) for each in elements}
    return sorted({name for name in attributes if name == MARK or name.startswith("on")} | tags & RUNNING)


def judge(each: Seen, found: dict[str, Any]) -> None:
    each.text = found["text"]
    each.note("planted", [f"{found['planted']} planted elements"] if found["planted"] else [])
    each.note("planted", ["a template in a text was evaluated"] if EVALUATED in each.text else [])
    each.note("planted", sorted(set(found["schemes"]) - HARMLESS))
    each.note("headings", [f"{found['headings']} h1"] if found["headings"] != 1 else [])


def look_closely(page: Page, each: Seen) -> None:
    """On a desk: whether it scrolls sideways, and what axe says in the light and in the dark."""
    page.set_viewport_size(WIDE)
    each.note("overflow at 1440", page.evaluate(OVERFLOW))
    each.note("axe", findings(page))
    page.emulate_media(color_scheme="dark")
    each.note("axe in the dark", findings(page, CONTRAST))
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)


def findings(page: Page, options: dict[str, Any] = EVERYTHING) -> list[str]:
    """What axe-core holds to be serious or critical."""
    result = Axe().run(page, context=LONG, options=options).response
    return [
        f"{found['id']}: {node['target']} {node['failureSummary'].splitlines()[-1].strip()}"
        for found in result["violations"]
        if found["impact"] in SERIOUS
        for node in found["nodes"][:4]
    ]


def same_origin(page: Page, links: list[str]) -> list[str]:
    """Those that stay here, as path and query, in their order."""
    base = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
    found = (urldefrag(link).url for link in links)
    inside = [
        link.removeprefix(base)
        for link in found
        if link.startswith(base + "/") and not link.startswith(base + "/api")
    ]
    return sorted(dict.fromkeys(inside), key=lambda link: "?" in link)
