"""Whom a work tool means by the words in a field "Partner": an id of the CRM, a site, or only a name.

The record they mean lies in another source, so they become anchors that publication resolves: `crm_id:<scheme>:<id>`,
`domain:<host>` or `name:<text>`. A domain or id leads to its organization, a name only where one alone answers to it.
"""

from __future__ import annotations

import re
from typing import Final

from mappings.clean.scalars import split_list
from mappings.clean.unreadable import Unreadable
from mappings.clean.web import clean_host, registrable_domain

ANY_CRM: Final = "crm"
"""The scheme of an id whose CRM is not named."""

SALESFORCE_ID: Final = re.compile(r"001[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?")
"""Ids of accounts: 15 characters, or 18 with the checksum."""

NUMBER: Final = re.compile(r"\d{6,20}")

RECORD_PAGES: Final = (
    (
        "salesforce",
        re.compile(r"https?://[^/]*(?:force|salesforce)\.com/(?:.*/)?(001[0-9A-Za-z]{12,15})(?:[/?#].*)?"),
    ),
    (
        "hubspot",
        re.compile(r"https?://app[^/]*\.hubspot\.com/contacts/\d+/(?:record/0-2|company)/(\d+)(?:[/?#].*)?"),
    ),
)
"""CRM → the address of an organization's page, as people copy it from the browser."""


def partner_anchors(value: object) -> list[str]:
    """The anchors of everything a field names, in its order; several names are split at `;` and line breaks.

    Raises `Unreadable` for a value that is no text.
    """
    return list(dict.fromkeys(anchor_of(said) for said in split_list(value)))


def anchor_of(said: str) -> str:
    """The anchor of one cleaned, non-empty line."""
    for scheme, page in RECORD_PAGES:
        if found := page.fullmatch(said):
            return f"crm_id:{scheme}:{found[1]}"
    if SALESFORCE_ID.fullmatch(said) or NUMBER.fullmatch(said):
        return f"crm_id:{ANY_CRM}:{said}"
    host = _host_in(said)
    return f"domain:{host}" if host else f"name:{said}"


def _host_in(said: str) -> str | None:
    """The host of a site or address; None for a name, which has spaces or no dot inside."""
    if " " in said:
        return None
    try:
        host = clean_host(said.rpartition("@")[2])
    except Unreadable:
        return None
    return host if host and registrable_domain(host) else None
