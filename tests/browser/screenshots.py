"""Pictures of every page, 1440 and 390 pixels wide, light and dark: `make screenshots`.

Writes into .artifacts/screenshots over a demo hub that is made first, or over the one whose `partnerhub.yaml` is named.
With `--readme`, the three of the README are written into docs/images, too.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from PIL import Image

from tests.browser.browsers import chromium, context_of, enter
from tests.browser.crawling import is_still, same_origin, walk
from tests.browser.making import made
from tests.browser.serving import served
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.serving import Served

FOLDER: Final = REPOSITORY / ".artifacts" / "screenshots"
IMAGES: Final = REPOSITORY / "docs" / "images"
WIDTHS: Final = {1440: 900, 390: 844}
LINKS: Final = (
    "[...document.querySelectorAll('a[href]')]"
    ".map((each) => new URL(each.getAttribute('href'), document.baseURI).href)"
)
"""By attribute: a link within a drawing has an object for an address."""
README: Final = {"partner": "Brightwater", "partners": "", "review": ""}
"""Picture of the README → what the page is of."""
COLORS: Final = 128
"""A palette this large keeps a picture of a page small and its grays apart."""


def main() -> None:
    """Make a demo hub if none is named, and take the pictures."""
    named = [Path(each) for each in sys.argv[1:] if not each.startswith("--")]
    with TemporaryDirectory() as folder:
        config = named[0] if named else made(Path(folder), "demo")
        with served(config) as hub, chromium() as browser:
            if "--readme" in sys.argv:
                picture_for_readme(browser, hub)
            addresses = first_of_each(browser, hub)
            for theme in ("light", "dark"):
                picture_all(browser, hub, theme, addresses)


def first_of_each(browser: Browser, hub: Served) -> dict[str, str]:
    """Address pattern → the first page of it that links lead to."""
    found: dict[str, str] = {}
    with context_of(browser, hub.base) as (page, _):
        enter(page, hub.account("admin", "steward", "manager", "ops", "data", "auditor")[1])

        def look(address: str, route: str, _nth: int) -> list[str]:
            answer = page.request.get(address)
            if not answer.ok or "text/html" not in answer.headers["content-type"] or is_still(answer.headers):
                return []
            found.setdefault(route, address)
            page.goto(address)
            return same_origin(page, page.evaluate(LINKS))

        partner = next(iter(story_partner(hub)))
        for start in (partner, "/partners", "/search?q=bright"):
            walk(hub.app, [start], 1, look)
    return found


def story_partner(hub: Served, name: str = "Brightwater") -> list[str]:
    """Pages of the partners of this name."""
    rows = hub.query(f"SELECT organization_id FROM organization WHERE name LIKE '{name}%' ORDER BY name")
    return [f"/partners/{each}" for (each,) in rows]


def picture_all(browser: Browser, hub: Served, theme: str, addresses: dict[str, str]) -> None:
    """Every page, whole, in one theme and both widths; and the way in."""
    login, link = hub.account("admin", "steward", "manager", "ops", "data", "auditor", name="Dana Whitlock")
    with context_of(browser, hub.base, color_scheme=theme) as (page, _):
        take(page, "/sign-in", theme)
        take(page, link, theme)
        enter(page, link)
        for address in addresses.values():
            take(page, address, theme)
    sys.stdout.write(f"{theme}: {len(addresses) + 2} pages, as {login}, in {FOLDER}\n")


def take(page: Page, address: str, theme: str) -> None:
    """Two pictures of one page."""
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(address)
        page.screenshot(path=FOLDER / f"{file_name(address)}-{width}-{theme}.png", full_page=True)


def file_name(address: str) -> str:
    """What a page is called as a file: its path without ids."""
    path = address.partition("?")[0].strip("/").split("/")
    return "-".join(part if len(part) < 24 else "one" for part in path) or "home"


def picture_for_readme(browser: Browser, hub: Served) -> None:
    """The three of the README: what fits on a screen, with few colors."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with context_of(browser, hub.base, viewport={"width": 1280, "height": 860}) as (page, _):
        enter(page, hub.account("admin", name="Dana Whitlock")[1])
        for name, of in README.items():
            page.goto(story_partner(hub, of)[0] if of else f"/{name}")
            path = IMAGES / f"{name}.png"
            page.screenshot(path=path)
            with Image.open(path) as picture:
                picture.convert("RGB").quantize(COLORS).save(path, optimize=True)


if __name__ == "__main__":
    main()
