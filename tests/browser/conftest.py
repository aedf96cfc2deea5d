"""One hub for the session, full of hostile text; a browser for each file; a fresh, watched context for each test."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.browser.browsers import BrowserUnavailable, chromium, context_of, enter
from tests.browser.making import made
from tests.browser.serving import served
from tests.conftest import SKIPPED_FOR


@pytest.fixture(scope="module")
def browser():
    """Not for longer than a file: while Playwright runs, nothing else in this thread may run an event loop."""
    with ExitStack() as stack:
        try:
            found = stack.enter_context(chromium())
        except BrowserUnavailable as reason:
            pytest.skip(SKIPPED_FOR["a browser"] + str(reason))
        yield found


@pytest.fixture(scope="session")
def hub_folder(tmp_path_factory):
    """A hub after its first sync, made once."""
    folder = tmp_path_factory.mktemp("hub")
    return made(folder, "hostile").parent


@pytest.fixture(scope="session")
def hub(hub_folder):
    with served(hub_folder / "partnerhub.yaml") as running:
        yield running


@pytest.fixture
def visit(browser, hub):
    """A browser of somebody with these roles, signed in, or of nobody; what its pages complain about fails the test."""
    with ExitStack() as stack:
        complaints = []

        def opened(*roles: str, **options):
            page, complaint = stack.enter_context(context_of(browser, hub.base, **options))
            complaints.append(complaint)
            if roles:
                enter(page, hub.account(*roles)[1])
            return page

        yield opened
        assert [line for each in complaints for line in each.said] == []
