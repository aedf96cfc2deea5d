"""What one mail says: its HTML as it came, or the text a source keeps. Ask `mail_sight` first who may read it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from warehouse.database import Connection

COPIES: Final = """
SELECT s.text, s.quoted, s.left_out, r.payload FROM fact_source c JOIN staged_touchpoint s ON s.record = c.record
JOIN fact f ON f.fact_id = c.fact_id LEFT JOIN raw_record r ON r.raw_id = s.raw_id
WHERE c.fact_id = ? AND s.deleted_at IS NULL AND s.sensitivity = 'normal'
ORDER BY CASE WHEN c.record = f.record THEN 0 ELSE 1 END, c.record LIMIT 10
"""
HTML: Final = "text/html"


class MailText(NamedTuple):
    """A mail's HTML as a part with `text` or `base64` and `charset`; else its text; else why neither is here."""

    html: dict[str, Any] | None
    text: str | None
    left_out: str | None


def mail_text(connection: Connection, fact_id: str) -> MailText:
    """The text of a mail, of the copy that has one."""
    left_out = None
    for text, quoted, why, payload in connection.query(COPIES, (fact_id,)):
        part = html_part(payload)
        if part or text or quoted:
            return MailText(part, "\n\n".join(filter(None, (text, quoted))) or None, None)
        left_out = left_out or why
    return MailText(None, None, left_out)


def html_part(payload: bytes | str | None) -> dict[str, Any] | None:
    """The HTML of a mail as it came, where it has one."""
    said = json.loads(bytes(payload) if not isinstance(payload, str) else payload) if payload else {}
    parts = said.get("body") if isinstance(said, dict) else None
    found = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return next((part for part in found if part.get("type") == HTML), None)
