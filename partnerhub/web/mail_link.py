"""Mails that are made ready and left to people's own mail program: the hub itself sends none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_SUBJECT: Final = 200


def mail_link(address: str, subject: str, lines: Sequence[str]) -> str:
    """The link that opens a mail with these words."""
    parts = {"subject": subject[:LONGEST_SUBJECT], "body": "\r\n".join(lines)}
    return f"mailto:{quote(address, safe='@')}?{urlencode(parts, quote_via=quote)}"
