"""What the view of a stream shows of a field, in SQL both engines take after the macros of `mart` are filled in.

Texts and subjects of mail, and what hangs on a mail, are null: who may read them is decided mailbox by mailbox, and a
copy cannot ask. Which records are mail, `queries.mail_sight` says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from warehouse.marts.mart import Type

SAID: Final = {
    "touchpoint": frozenset({"subject", "text", "quoted", "signature"}),
    "document": frozenset({"title"}),
    "passage": frozenset({"text", "place"}),
}
"""What of a kind may be the words of a mail."""
ENTERED: Final = "hub"


def is_mail(alias: str) -> str:
    """A condition: this staged touchpoint is mail."""
    return f"({alias}.source <> '{ENTERED}' AND ({alias}.kind = 'email' OR {alias}.mailbox IS NOT NULL))"


MAIL: Final = {
    "touchpoint": is_mail("s"),
    "document": f"EXISTS (SELECT 1 FROM staged_touchpoint t WHERE t.record = s.parent_record AND {is_mail('t')})",
    "passage": (
        "EXISTS (SELECT 1 FROM staged_document d JOIN staged_touchpoint t ON t.record = d.parent_record"
        f" WHERE d.record = s.document_record AND {is_mail('t')})"
    ),
}
"""Whether a row of a kind is mail, or hangs on one."""


def may_be_mail(kind: str, field: str, *, is_custom: bool) -> bool:
    """Whether a field may hold the words of a mail."""
    return kind in MAIL and (is_custom or field in SAID[kind])


def without_mail(kind: str, shown: str) -> str:
    """What is shown of a field where it is no mail's."""
    return f"CASE WHEN {MAIL[kind]} THEN NULL ELSE {shown} END"


def json_as_text(field: str) -> str:
    """A JSON column as text."""
    return f"{{json(s.{field})}}"


def custom_value(key: str, type_of: Type) -> str:
    """One custom field, as its type; null where the value is of another one."""
    return f"{{custom_{type_of}({encoded(key)})}}"


def encoded(key: str) -> str:
    """A name as hexadecimal, so that whatever people call a field is no part of a macro."""
    return key.encode().hex()
