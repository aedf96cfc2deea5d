"""Debian's Chromium, kept on this machine, and what its pages complained about."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request

CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
WAIT_MILLISECONDS: Final = 60_000
REPORT_VIOLATIONS: Final = """
document.addEventListener('securitypolicyviolation',
  (event) => console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI} ${event.sample}`));
"""
ANSWERED: Final = "Failed to load resource: the server responded with a status of 4"
"""How Chromium says that a page is 403 or 422, which some are meant to be."""


class BrowserUnavailable(Exception):
    """There is no browser to test with; the message says why, in words for the closing line."""


def chromium_path() -> str:
    """The browser of this machine. Raises BrowserUnavailable."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        raise BrowserUnavailable("no chromium here (Debian, Ubuntu: apt install chromium)")
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that finds no other machine. Raises BrowserUnavailable."""
    path = chromium_path()
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Complaints:
    """What went wrong on the pages of one browser context: empty, when all is well."""

    base: str
    said: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Listen to every page that is opened in it."""
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self.on_console)
        context.on("dialog", self.on_dialog)
        context.on("request", self.on_request)
        context.on("weberror", lambda error: self.said.append(f"script: {error.error}"))

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(ANSWERED):
            where = message.page.url if message.page else ""
            self.said.append(f"{message.type} on {where}: {message.text}")

    def on_dialog(self, dialog: Dialog) -> None:
        self.said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def on_request(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:", "about:", "blob:")):
            self.said.append(f"left this hub: {request.url}")


@contextmanager
def context_of(browser: Browser, base: str, **options: Any) -> Iterator[tuple[Page, Complaints]]:
    """A fresh browser over the hub at `base`, and what its pages complain about."""
    context = browser.new_context(base_url=base, **options)
    context.set_default_timeout(WAIT_MILLISECONDS)
    complaints = Complaints(base)
    complaints.watch(context)
    try:
        yield context.new_page(), complaints
    finally:
        context.close()


def enter(page: Page, link: str) -> None:
    """Use a sign-in link."""
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/partners")
