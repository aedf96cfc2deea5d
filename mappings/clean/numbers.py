"""Numbers in registers of organizations: scheme and value, checked and written in one way.

A scheme is called by our name (`companies_house`) or by its code at org-id.guide (`GB-COH`), which a value may carry
itself: `GB-COH-01234567`. A number that its register cannot have issued identifies nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final, NamedTuple

from mappings.clean.unreadable import Unreadable


class Register(NamedTuple):
    """One register. code: at org-id.guide. checked_by: the module of python-stdnum. shape: where there is no checksum.

    digits: a shorter number is filled up with zeros to so many.
    """

    code: str | None = None
    checked_by: str | None = None
    shape: str | None = None
    digits: int = 0


REGISTERS: Final[Mapping[str, Register]] = {
    "lei": Register("XI-LEI", "stdnum.lei"),
    "vat": Register(None, "stdnum.eu.vat"),
    "duns": Register(None, shape=r"\d{9}", digits=9),
    "ein": Register("US-EIN", "stdnum.us.ein"),
    "cik": Register(None, shape=r"\d{10}", digits=10),
    "companies_house": Register("GB-COH", shape=r"\d{8}|[A-Z]{2}\d{6}|R\d{7}", digits=8),
    "charity_commission": Register("GB-CHC", shape=r"\d{6,7}"),
    "oscr": Register("GB-SC", shape=r"SC\d{6}"),
    "ccni": Register("GB-NIC", shape=r"\d{6}"),
    "siren": Register(None, "stdnum.fr.siren"),
    "handelsregister": Register(None, "stdnum.de.handelsregisternummer"),
    "kvk": Register("NL-KVK", shape=r"\d{8}", digits=8),
    "kbo": Register("BE-BCE_KBO", "stdnum.be.vat"),
    "uid": Register(None, "stdnum.ch.uid"),
    "firmenbuch": Register(None, "stdnum.at.businessid"),
    "orgnr": Register("NO-BRC", "stdnum.no.orgnr"),
    "organisationsnummer": Register(None, "stdnum.se.orgnr"),
    "cvr": Register("DK-CVR", "stdnum.dk.cvr"),
    "ytunnus": Register("FI-PRO", "stdnum.fi.ytunnus"),
    "abn": Register("AU-ABN", "stdnum.au.abn"),
    "jcn": Register("JP-JCN", "stdnum.jp.cn"),
    "cnpj": Register(None, "stdnum.br.cnpj"),
    "ror": Register(None, shape=r"0[A-HJKMNP-TV-Z0-9]{6}\d{2}"),
    "isni": Register(None, "stdnum.isni"),
}
"""By our name for the scheme."""
OUR_NAME: Final = {register.code: scheme for scheme, register in REGISTERS.items() if register.code}
CODED = re.compile(r"([A-Z]{2}-[A-Z_]+)-(.+)")
NOT_TELLING = re.compile(r"[\s.,/\-]+|^HTTPS?:\W*(?:WWW\.)?ROR\.ORG/")
UNION: Final = frozenset(
    "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI".split()  # noqa: SIM905
)


def clean_registered(scheme: str, value: str, country: str | None = None) -> tuple[str, str]:
    """Our name for the scheme, and the number as its register writes it.

    country: of the organization, for a tax number written without one. A scheme we do not know is kept, with its value.
    Raises Unreadable where the register cannot have issued the number, and for a German one without its court.
    """
    text = value.strip()
    if coded := CODED.fullmatch(text.upper()):
        scheme, text = coded[1], text[len(coded[1]) + 1 :]
    scheme = OUR_NAME.get(scheme.upper(), scheme.casefold())
    register = REGISTERS.get(scheme)
    if register is None:
        return scheme, text
    if scheme == "vat":
        return scheme, tax_number(text, country)
    if register.shape:
        text = NOT_TELLING.sub("", text.upper())
        text = text.zfill(register.digits) if text.isdigit() else text
        if not re.fullmatch(register.shape, text) or not text.strip("0"):
            raise Unreadable("unreadable_registry_number")
        return scheme, text
    return scheme, checked(str(register.checked_by), text)


def checked(module: str, text: str) -> str:
    """The number as python-stdnum writes it. Raises Unreadable where it does not hold."""
    validate: Callable[[str], str] = import_module(module).validate
    try:
        return validate(text)
    except ValueError as error:
        raise Unreadable("unreadable_registry_number") from error


def tax_number(text: str, country: str | None) -> str:
    """A tax number with its country in front: of the union, Switzerland, Norway or Great Britain, else as written."""
    number = NOT_TELLING.sub("", text.upper())
    place = {"GR": "EL"}.get(country or "", country or "")
    if number[:2].isdigit() and place in UNION:
        number = place + number
    if number[:2] in UNION:
        return checked("stdnum.eu.vat", number)
    if number[:2] == "GB":
        return f"GB{checked('stdnum.gb.vat', number)}"
    if number[:3] == "CHE":
        return checked("stdnum.ch.vat", number)
    if not number.strip("0"):
        raise Unreadable("unreadable_registry_number")
    return number
