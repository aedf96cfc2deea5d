"""A question about a value as a form has it: whom it may be for, what is wrong, and the mail that tells them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from partnerhub.web import partner_words, wording
from partnerhub.web.mail_link import mail_link
from warehouse.commands.ask import WRONG, Asking
from warehouse.commands.pin import standing
from warehouse.errors import WarehouseError
from warehouse.queries.asked import Owner, ValueQuestion, colleagues, owners_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partnerhub.web.partner_words import Property
    from warehouse.database import Connection

WRITTEN: Final = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>\s]+@[^<>\s]+)>")
ADDRESS: Final = re.compile(r"[^\s@<>]+@[^\s@<>]+")


def likely_owners(connection: Connection, organization: Mapping[str, Any], one: Property) -> list[Owner]:
    """Whom a question about a value is for, the likeliest first."""
    field = partner_words.fields_of(one.value.field)[0]
    pin = standing(connection, str(organization["organization_id"]), field) if one.is_pinned else None
    records = {one.value.record: one.name} if one.value.record else {}
    records |= {other.record: name for other, name, _ in one.others}
    return owners_of(
        connection, records, str(pin["actor"]) if pin else "", str(organization.get("owner") or "")
    )


def asked_of(connection: Connection, written: str, owners: Sequence[Owner]) -> tuple[str, str]:
    """Name and address of whoever is meant by `Ana Lind <ana@hub.example>`, an address, or a colleague's name.

    Raises WarehouseError for somebody nobody knows.
    """
    text = written.strip()
    if found := WRITTEN.fullmatch(text):
        return found["name"].strip(), found["email"]
    if ADDRESS.fullmatch(text):
        return "", text
    folded = text.casefold()
    known = [
        each
        for each in (*owners, *colleagues(connection))
        if folded and (each.name or "").casefold() == folded
    ]
    if not known:
        raise WarehouseError(
            f"Nobody here is called “{text}”.", "Write an e-mail address, or choose a colleague."
        )
    if len({each.email for each in known}) > 1:
        raise WarehouseError(f"Several colleagues are called {text}.", "Write the e-mail address.")
    return known[0].name or "", known[0].email or ""


def asking_of(
    organization: Mapping[str, Any], one: Property, wrong: str, words: str, to: tuple[str, str]
) -> Asking:
    """The question as it is kept, with what the value is made of now."""
    stored = partner_words.fields_of(one.value.field)
    return Asking(
        str(organization["organization_id"]), one.value.field, one.value.value,
        {name: organization.get(name) for name in stored}, one.value.record, wrong, words, to,
    )  # fmt: skip


def mail_to(question: ValueQuestion, record_name: str, base: str) -> str:
    """A mail to whoever is asked, to be sent by the asker's own program; empty where no address is known."""
    if not question.to_email:
        return ""
    label, partner = wording.label(question.field), question.organization or "a partner"
    where = f"{base}/partners/{question.organization_id}/values?{urlencode({'field': question.field})}"
    lines = [
        f"Hello {question.to_name.split()[0] if question.to_name else ''}".strip() + ",",
        "",
        f"{label} of {partner} is “{question.value}”" + (f", from {record_name}." if record_name else "."),
        f"{WRONG.get(question.wrong, question.wrong)}.",
        *(["", question.words] if question.words else []),
        "",
        f"Where it stands: {where}",
        f"The question: {base}/asked/{question.number}",
    ]
    return mail_link(question.to_email, f"{label} of {partner}: is it right?", lines)
