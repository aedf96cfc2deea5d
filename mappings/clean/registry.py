"""The cleaners by the names that mapping rows and `partnerhub.yaml` use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mappings.canonical import record_key
from mappings.clean import emails, money, names, phones, places, scalars, text, times, web
from mappings.clean.unreadable import Unreadable
from mappings.rows import Context

CLEANERS_VERSION = 3
"""Raised whenever a cleaner or a key answers differently than before, so that everything it made is staged again."""

Value: TypeAlias = str | int | float | bool | None
Fields: TypeAlias = Mapping[str, Any]
Cleaner: TypeAlias = Callable[[object], Value]
ContextCleaner: TypeAlias = Callable[[object, Fields, Context], Value]

CLEANERS: dict[str, Cleaner] = {
    "text": text.clean_text,
    "line": text.clean_line,
    "lower": text.clean_lower,
    "html": text.html_text,
    "id": text.clean_identifier,
    "integer": scalars.clean_integer,
    "boolean": scalars.clean_boolean,
    "list": scalars.clean_list,
    "name": names.clean_name,
    "person_name": names.clean_person_name,
    "match_key": names.match_key,
    "website": web.clean_website,
    "host": web.clean_host,
    "domain": web.clean_domain,
    "email": emails.clean_email,
    "country": places.clean_country,
    "street": places.clean_street,
    "currency": money.clean_currency,
}
"""Cleaners that need only the value."""


def _phone(value: object, fields: Fields, context: Context) -> str | None:
    return phones.clean_phone(value, fields.get("country") or context.default_region)


def _postcode(value: object, fields: Fields, context: Context) -> str | None:
    del context
    return places.clean_postcode(value, fields.get("country"))


def _money(value: object, fields: Fields, context: Context) -> int | None:
    default = context.settings.get("default_currency")
    currency = fields.get("currency") or money.currency_sign(value) or money.clean_currency(default)
    return money.amount_minor(value, currency)


def _time(value: object, fields: Fields, context: Context) -> str | None:
    del fields
    return times.clean_time(value, context.settings.get("time_zone") or "UTC")


def _date(value: object, fields: Fields, context: Context) -> str | None:
    del fields
    return times.clean_date(value, context.settings.get("time_zone") or "UTC")


CONTEXT_CLEANERS: dict[str, ContextCleaner] = {
    "phone": _phone,
    "postcode": _postcode,
    "money": _money,
    "time": _time,
    "date": _date,
}
"""Cleaners that look at the record's other fields (country, currency) or at the deployment (region, time zone)."""

USUAL_CLEANERS = {
    "name": "name",
    "legal_name": "name",
    "company_name": "name",
    "given_name": "person_name",
    "family_name": "person_name",
    "other_names_json": "list",
    "roles_json": "list",
    "labels_json": "list",
    "website": "website",
    "host": "host",
    "domain": "domain",
    "email": "email",
    "phone": "phone",
    "mobile": "phone",
    "street": "street",
    "city": "line",
    "region": "line",
    "postcode": "postcode",
    "country": "country",
    "employees": "integer",
    "amount_minor": "money",
    "annual_value_minor": "money",
    "currency": "currency",
    "active": "boolean",
    "created_at": "time",
    "modified_at": "time",
    "happened_at": "time",
    "ended_at": "time",
    "due_at": "time",
    "done_at": "time",
    "close_date": "date",
    "since": "date",
    "until": "date",
    "starts_on": "date",
    "ends_on": "date",
    "renews_on": "date",
    "reviewed_on": "date",
    "promised_on": "date",
    "due_on": "date",
    "done_on": "date",
    "industry": "line",
    "account_type": "line",
    "status": "line",
    "tier": "line",
    "stage": "line",
    "title": "line",
    "subject": "line",
}
"""The cleaner of a target when a deployment names none."""


def is_cleaner(name: str) -> bool:
    """Whether a mapping row may name this cleaner (`record:<stream>` and `code:<table>` included)."""
    return name in CLEANERS or name in CONTEXT_CLEANERS or name.startswith(("record:", "code:"))


def context_cleaner(name: str) -> ContextCleaner | None:
    """The context cleaner of that name, `record:<stream>` included; None where the name is of another kind."""
    if not name.startswith("record:"):
        return CONTEXT_CLEANERS.get(name)
    stream = name.removeprefix("record:")

    def to_record(value: object, fields: Fields, context: Context) -> str | None:
        del fields
        identifier = text.clean_identifier(value)
        return record_key(context.source, stream, identifier) if identifier else None

    return to_record


class UnknownCode(Unreadable):
    """A value that its code table does not list. `kept` is what is staged nevertheless."""

    def __init__(self, kept: str) -> None:
        """Keep the cleaned value, so that an unknown code is reported and never lost."""
        super().__init__("unknown_value")
        self.kept = kept


def code_cleaner(table: Mapping[str, str]) -> Cleaner:
    """A cleaner that translates by a code table, compared without case. Raises `UnknownCode` for what is not in it."""
    by_code = {code.casefold(): meaning for code, meaning in table.items()}
    meanings = frozenset(table.values())

    def translate(value: object) -> str | None:
        line = text.clean_line(value)
        if line is None or line in meanings:
            return line
        meaning = by_code.get(line.casefold())
        if meaning is None:
            raise UnknownCode(line)
        return meaning

    return translate
