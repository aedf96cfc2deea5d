"""One row of a spreadsheet as a staged organization, and its features: cleaned as in a sync."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from connectors.sheets import SheetsConnector
from mappings.canonical import record_key
from mappings.clean.emails import clean_email, email_domain
from mappings.clean.names import clean_name, match_key
from mappings.clean.phones import clean_phone
from mappings.clean.places import clean_country, clean_postcode, clean_street, country_of
from mappings.clean.text import clean_line
from mappings.clean.unreadable import Unreadable
from mappings.clean.web import clean_host, clean_website, standing
from partnerhub.identity.features import Features, features_of

STREAM = "rows"
COLUMNS = ("name", "website", "email_domain", "phone", "street", "city", "postcode", "country")
CELLS = (*COLUMNS, "source", "source_id")
"""What is read of a row, in this order."""


def read_cells(path: Path, columns: Mapping[str, str]) -> tuple[list[str], Iterator[tuple[str, ...]]]:
    """The headings of a spreadsheet, and the cells of CELLS row by row, as its connector has them. Raises FixSetup."""
    connector = SheetsConnector(path=path.absolute())
    return connector.cells([columns.get(ours, ours) for ours in CELLS])


def read_table(path: Path) -> tuple[list[str], Iterator[tuple[str, ...]]]:
    """The headings of a spreadsheet and every row under them, as its connector has them. Raises FixSetup."""
    connector = SheetsConnector(path=path.absolute())
    headings, _ = connector.cells(())
    return connector.cells(headings)


def cells_of(given: Mapping[str, Any], columns: Mapping[str, str]) -> tuple[Any, ...]:
    """The cells of CELLS. columns: our column → theirs, for columns called otherwise."""
    return tuple(given.get(columns.get(ours, ours)) for ours in CELLS)


def staged_row(
    given: Mapping[str, Any], columns: Mapping[str, str], default: tuple[str, str], region: str | None
) -> dict[str, Any] | None:
    """A row as a staged organization; None without a name, website and mail domain."""
    return staged_cells(cells_of(given, columns), default, region)


def staged_cells(cells: Sequence[Any], default: tuple[str, str], region: str | None) -> dict[str, Any] | None:
    """The cells of CELLS as a staged organization; None without a name, website and mail domain.

    A row with a site but no name goes by its host, which is not compared as a name. default: source and id of a row
    that says none.
    """
    said_name, website, email_domain, phone, street, city, postcode, said_country, said_source, said_id = (
        cells
    )
    name = readable(clean_name, said_name)
    domain = str(email_domain or "").rpartition("@")[2]
    site = readable(clean_host, website) if website else None
    host = site or (readable(clean_host, domain) if domain else None)
    if not name and not host:
        return None
    source, source_id = str(said_source or default[0]), str(said_id or default[1])
    country = readable(clean_country, said_country)
    return {
        "record": record_key(source, STREAM, source_id),
        "source": source,
        "source_id": source_id,
        "name": name or host,
        "named": bool(name),
        "website": readable(clean_website, website) if website else None,
        "host": site,
        "email": readable(clean_email, f"info@{domain}") if domain else None,
        "phone": readable(lambda v: clean_phone(v, country or region), phone) if phone else None,
        "street": readable(clean_street, street) if street else None,
        "city": readable(clean_line, city) if city else None,
        "postcode": readable(lambda v: clean_postcode(v, country), postcode) if postcode else None,
        "country": country,
    }


def readable(clean: Callable[[Any], str | None], value: Any) -> str | None:
    """The cleaned value, or None where it cannot be read."""
    try:
        return clean(value)
    except Unreadable:
        return None


def sheet_features(row: Mapping[str, Any]) -> Features:
    """The features of a row, by the keys it would have in the warehouse."""
    hosts, domains = web_keys(row)
    key = match_key(row["name"]) if row["named"] else ""
    return features_of(row, [] if key is None else [key], hosts, domains, country_of)


def web_keys(row: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The hosts and the registrable domains among the keys of a row (`mappings.keys.organization_keys`), each once."""
    hosts: dict[str, None] = {}
    domains: dict[str, None] = {}
    for host in (row["host"], email_domain(row["email"]) if row["email"] else None):
        domain, generic = standing(host) if host else (None, True)
        if host and not generic:
            hosts[host] = None
            if domain:
                domains[domain] = None
    return list(hosts), list(domains)
