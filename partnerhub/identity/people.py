"""Which addresses belong to one person, and which to a desk that many people sit at."""

from __future__ import annotations

import re

ROLES = frozenset(
    """
    info sales office contact kontakt contacto contatto support admin hello hallo team mail post service help
    helpdesk billing accounting accounts invoice invoices rechnung buchhaltung finance marketing press presse media
    hr jobs karriere career careers partner partners partnership partnerships alliances channel enquiries enquiry
    inquiries reception empfang zentrale sekretariat secretary vertrieb einkauf purchasing orders order bestellung
    legal privacy datenschutz security it edv webmaster postmaster hostmaster noreply no-reply donotreply newsletter
    news events booking bookings shop store customerservice kundenservice ventas commercial direction accueil
    """.split()  # noqa: SIM905
)
SEPARATORS = re.compile(r"[._+-]")
WORDS = re.compile(r"\w+")


def is_role_address(address: str) -> bool:
    """Whether the address names a desk (`info@`, `sales.de@`) rather than a person."""
    local = address.partition("@")[0]
    return local in ROLES or SEPARATORS.split(local)[0] in ROLES


def person_key(address: str, name: str | None) -> tuple[str, str]:
    """What two records of one person share: the address; at a desk also the name, in any order of its words."""
    if not is_role_address(address):
        return address, ""
    return address, " ".join(sorted(WORDS.findall((name or "").casefold())))
