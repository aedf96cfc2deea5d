"""Where a source record stands in its own system: the address a browser opens there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from warehouse.queries.completeness import raw_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.queries.sources import Face

HUBSPOT_OBJECTS: Final = {"contacts": "0-1", "companies": "0-2", "deals": "0-3", "tickets": "0-5"}
SALESFORCE_ID: Final = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
ASANA_STREAMS: Final = frozenset({"tasks", "projects"})
WEB: Final = frozenset({"http", "https"})


def safe_link(address: str | None) -> str | None:
    """An address a page may link to: of the web, whatever a source put there; None for anything else."""
    if not address:
        return None
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    return address.strip() if parts.scheme in WEB and parts.netloc else None


def deep_link(record: str, face: Face | None, sites: Mapping[str, str]) -> str | None:
    """The page of a record at its source; None where the source has none or nobody knows its address.

    sites: source → address of its web pages, for systems whose records do not tell it.
    """
    if face is None or record.count("/") < 2 or "#" in record:  # noqa: PLR2004  # source/stream/id
        return None
    source, stream, source_id = raw_key(record)
    marked = quote(source_id, safe="")
    if face.connector == "hubspot" and face.account and stream in HUBSPOT_OBJECTS:
        portal = quote(face.account, safe="")
        return f"https://app.hubspot.com/contacts/{portal}/record/{HUBSPOT_OBJECTS[stream]}/{marked}"
    if face.connector == "asana" and stream in ASANA_STREAMS:
        return f"https://app.asana.com/0/{f'0/{marked}/f' if stream == 'tasks' else marked}"
    if face.connector == "salesforce" and SALESFORCE_ID.fullmatch(source_id):
        return safe_link(f"{sites[source].rstrip('/')}/{marked}") if source in sites else None
    return None


def record_page(record: str | None) -> str:
    """The page of a source record in the hub, as it arrived; empty for what is no record."""
    if not record or record.count("/") < 2:  # noqa: PLR2004  # source/stream/id
        return ""
    return "/records/" + "/".join(quote(part, safe="") for part in raw_key(record))
