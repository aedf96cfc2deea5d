"""Whoever is told of incidents, as servers on loopback: a channel of Slack and a mail server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.alerting.listeners import MailServer, WebServer, mail_server, web_server

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def slack() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server
