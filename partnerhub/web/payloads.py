"""What arrived, as a page may show it: secrets never, and of mails their form only, never a word of them."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any, Final

SECRET_NAME: Final = re.compile(
    r"(?i)(secret|token|password|passwd|passphrase|authorization|cookie|credential|private.?key|api.?key|session.?id)"
)
SECRET_VALUE: Final = re.compile(
    r"(?i)\b(?:bearer|basic)\s+[\w.~+/=-]{8,}|\b(?:xox[abprs]-|ghp_|glpat-|sk_live_|whsec_|pat-na1-|hub_)[\w-]{8,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
PLAIN: Final = re.compile(r"[\d\s.:TZ+/-]{1,40}")
"""Numbers and times: what a mail's outline may show."""
MAIL_KIND: Final = re.compile(r"(?i)(list)?e-?mail")
MAIL_FIELDS: Final = re.compile(r"(?i)(hs_email_|textbody|htmlbody|text_body|html_body|mime|rfc822)")
MAIL_CONNECTORS: Final = frozenset({"imap", "gmail", "graph", "mbox"})
HIDDEN: Final = "(hidden: a secret)"
LONGEST: Final = 200_000
"""Characters of a payload on a page."""


def says_mail(content: Any) -> bool:
    """Whether an object that arrived looks like a mail a CRM keeps: by its kind, or by the names of its fields."""
    if isinstance(content, dict):
        for name, value in content.items():
            if MAIL_FIELDS.search(name) and value not in (None, ""):
                return True
            if (
                name.casefold().endswith(("type", "kind"))
                and isinstance(value, str)
                and MAIL_KIND.fullmatch(value)
            ):
                return True
            if says_mail(value):
                return True
    return isinstance(content, list) and any(says_mail(each) for each in content)


def printed(payload: bytes, *, is_mail: bool) -> tuple[str, bool]:
    """A payload as indented text, and whether only its form is shown. What cannot be read is shown as bytes are."""
    try:
        content = json.loads(payload)
    except ValueError:
        if is_mail:
            return f"({len(payload):,} bytes that are no JSON)", True
        return SECRET_VALUE.sub(HIDDEN, payload[:LONGEST].decode(errors="backslashreplace")), False
    only_form = is_mail or says_mail(content)
    shown = outline(content) if only_form else without_secrets(content)
    text = json.dumps(shown, ensure_ascii=False, indent=2)
    return (
        text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… {len(text):,} characters in all"
    ), only_form


def plain(value: Any) -> Any:
    """A stored value without what looks like a secret; JSON inside a text is looked through, too."""
    if isinstance(value, str) and value[:1] in "{[":
        with suppress(ValueError):
            return json.dumps(without_secrets(json.loads(value)), ensure_ascii=False)
    return without_secrets(value)


def without_secrets(content: Any) -> Any:
    """The same with what looks like a secret replaced."""
    if isinstance(content, dict):
        return {
            name: HIDDEN
            if SECRET_NAME.search(name) and isinstance(value, str) and value
            else without_secrets(value)
            for name, value in content.items()
        }
    if isinstance(content, list):
        return [without_secrets(each) for each in content]
    return SECRET_VALUE.sub(HIDDEN, content) if isinstance(content, str) else content


def outline(content: Any) -> Any:
    """The form of a mail: names of fields, numbers and times; of every text only how long it is."""
    if isinstance(content, dict):
        return {str(name)[:60]: outline(value) for name, value in content.items()}
    if isinstance(content, list):
        return [outline(each) for each in content]
    if isinstance(content, str) and content and not PLAIN.fullmatch(content):
        return f"({len(content):,} characters)"
    return content
