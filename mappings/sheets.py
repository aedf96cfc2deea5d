"""Rows of a spreadsheet → organizations, the contact person a row names, contract, owner and commitments.

Headings are recognized by what people usually call them; `columns:` in `partnerhub.yaml` says it where they are not.
What no heading stands for goes to `custom` under its heading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping as MappingABC
from functools import lru_cache
from typing import Any, Final

from connectors.errors import FixSetup
from mappings.canonical import Organization, record_key
from mappings.clean.emails import clean_email, email_domain
from mappings.clean.money import currency_meant
from mappings.clean.registry import CLEANERS, USUAL_CLEANERS, Cleaner, context_cleaner
from mappings.clean.text import border_text
from mappings.clean.unreadable import Unreadable
from mappings.clean.web import is_generic_host
from mappings.compile import JSON, derive_web, staged_row
from mappings.keys import add_host_keys
from mappings.plan import BASE_FIELDS
from mappings.rows import Context, Finding, Mapping, StagedOutput, StreamMapping
from mappings.sheet_terms import HEADINGS as TERM_HEADINGS
from mappings.sheet_terms import TARGETS as TERM_TARGETS
from mappings.sheet_terms import add_terms
from mappings.validate import sample_of, skip

CONTACT_NAME, CONTACT_EMAIL, CONTACT_PHONE, CONTACT_MOBILE, CONTACT_TITLE = CONTACT_TARGETS = (
    "contact.name", "contact.email", "contact.phone", "contact.mobile", "contact.title",
)  # fmt: skip
EMAIL_DOMAIN: Final = "email_domain"
TARGETS: Final = frozenset(
    {*Organization.model_fields, *CONTACT_TARGETS, *TERM_TARGETS, EMAIL_DOMAIN} - BASE_FIELDS
)
"""What a column may stand for: a field of the organization, or of the person the row names as contact."""

HEADINGS: Final[dict[str, str]] = {
    "name": "company, company name, organisation, organization, organisation name, organization name, partner, "
    "partner name, partner organisation, partner organization, firma, firmenname, unternehmen, einrichtung, société, "
    "societe, entreprise, raison sociale, empresa, organización, azienda, bedrijf, bedrijfsnaam, organisatie, account, "
    "account name, agency, name, account",
    "legal_name": "legal name, registered name, rechtlicher name",
    "other_names_json": "also known as, aka, other names, alias, aliases, former names",
    "website": "website, web site, web, url, homepage, web page, internet, internetseite, webseite, site web, site, "
    "sitio web, sito, sito web, domain, company domain, company domain name",
    CONTACT_EMAIL: "e-mail, email, mail, e-mail address, email address, contact email, contact e-mail, e-mail adresse, "
    "e-mail-adresse, courriel, adresse e-mail, correo, correo electrónico, posta elettronica, ansprechpartner e-mail",
    EMAIL_DOMAIN: "email domain, e-mail domain, mail domain",
    "email": "company email, company e-mail, general email, office email, info email, email general",
    "phone": "phone, tel, telephone, phone number, tel., telefon, telefonnummer, téléphone, telephone number, tél, "
    "teléfono, telefono, telefoon, switchboard, company phone, rufnummer",
    CONTACT_PHONE: "contact phone, direct phone, direct line, durchwahl, contact telephone",
    CONTACT_MOBILE: "mobile, mobile phone, cell, cell phone, handy, mobil, mobiltelefon, portable, móvil, cellulare",
    "street": "street, address, street address, address line 1, address 1, straße, strasse, anschrift, adresse, rue, "
    "dirección, indirizzo, adres, straat",
    "postcode": "zip, zip code, zipcode, postcode, post code, postal code, plz, postleitzahl, code postal, "
    "código postal, cap, postcode / zip",
    "city": "city, town, ort, stadt, wohnort, ville, ciudad, città, citta, plaats, stad, location, miasto",
    "region": "state, region, province, county, bundesland, kanton, département, provincia, state/province",
    "country": "country, land, pays, país, pais, paese, nation, country/region, staat",
    CONTACT_NAME: "contact, contact person, contact name, main contact, primary contact, ansprechpartner, kontakt, "
    "kontaktperson, ansprechpartnerin, interlocuteur, contacto, persona de contacto, contatto, contactpersoon, person",
    CONTACT_TITLE: "contact title, job title, title, position, funktion, role, contact role, fonction, cargo",
    "industry": "industry, sector, branche, secteur, sector de actividad",
    "employees": "employees, number of employees, mitarbeiter, headcount, staff, effectif, empleados",
    "description": "description, about, beschreibung, descripción",
    "account_type": "type, account type, partner type, kind, typ, art",
    "labels_json": "tags, labels, categories, category, kategorie, schlagworte",
    "status": "status, partner status, partnership status, state of partnership, zustand",
    "tier": "tier, level, partner tier, partner level, stufe, niveau, partnerstufe",
    "stage": "stage, pipeline stage, phase",
    "services": "services, service, leistungen, angebote, services offered, servicios, servizi, diensten, prestations",
    "annual_value_minor": "annual value, arr, annual recurring revenue, annual contract value, acv, contract value, "
    "value per year, annual revenue with us, jahreswert, jahresumsatz mit uns, vertragswert, jährlicher wert, "
    "valeur annuelle, valor anual, valore annuo, jaarwaarde",
    "currency": "currency, währung, devise, moneda, valuta",
    "renews_on": "renewal date, renewal, renews on, renews, next renewal, contract renewal, verlängerung, "
    "verlängerung am, vertragsverlängerung, date de renouvellement, renouvellement, renovación, fecha de renovación, "
    "rinnovo, verlenging",
    "reviewed_on": "last review, last reviewed, last business review, last qbr, reviewed on, review date, "
    "letztes review, letzte prüfung, zuletzt geprüft, letztes gespräch, dernière revue, última revisión, "
    "ultima revisione, laatste review",
    **TERM_HEADINGS,
    "notes": "notes, note, comments, comment, remarks, bemerkung, bemerkungen, notizen, kommentar, notas, remarques",
}
"""Target → headings that stand for it, the surest first. Compared without case, spaces and punctuation."""

AMBIGUOUS_NAME: Final = "name"
"""Means the organization only where no other heading does; else it is the contact's name."""
STATUS_WORDS: Final = {
    "aktiv": "active", "actif": "active", "activo": "active", "inaktiv": "dormant", "inactive": "dormant",
    "ruhend": "dormant", "dormant": "dormant", "active": "active", "aspirational": "aspirational",
    "wunschpartner": "aspirational", "prospective": "aspirational", "planned": "aspirational",
}  # fmt: skip
SAYS_NOTHING: Final = frozenset({"-", "–", "—", "--", "?", ".", "n/a", "N/A"})
"""What people type into a cell to say that it is empty. `NA` is not among them: it is Namibia, and a name."""
ROLE_MAILBOXES: Final = frozenset(
    (
        "info", "office", "contact", "kontakt", "hello", "hallo", "mail", "post", "service", "sales", "admin", "team",
        "support", "welcome", "booking", "accueil",
    )
)  # fmt: skip
SEVERAL_ADDRESSES: Final = re.compile(r"[;,|\s]+")
CLEANED_FIRST: Final = frozenset({"country", "currency"})
"""A telephone number and a postcode wait for the one, an amount for the other."""
OWN_FIELDS: Final = frozenset({"_row", "_file"})
"""What the connector adds to a row."""

Cell = tuple[str, object]
"""Heading and value."""
Columns = tuple[tuple[str, str], ...]


def folded(heading: str) -> str:
    """A heading for comparing: letters and digits only, without case."""
    return "".join(char for char in heading.casefold() if char.isalnum())


SURENESS: Final[dict[str, tuple[str, int]]] = {
    folded(heading): (target, rank)
    for target, headings in HEADINGS.items()
    for rank, heading in enumerate(headings.split(","))
}
"""Heading as compared → its target and how sure that is; 0 is the surest."""


@lru_cache(maxsize=256)
def recognize(headings: tuple[str, ...], columns: Columns = ()) -> dict[str, str]:
    """Which heading stands for which target: what `columns` says (target, heading), else the surest heading of each.

    Raises `FixSetup` when `columns` names a target that does not exist.
    """
    wrong = [target for target, _ in columns if target not in TARGETS]
    if wrong:
        raise FixSetup(
            code="unknown_target",
            do=f"Use one of: {', '.join(sorted(TARGETS))}.",
            happened=f"`columns` names {wrong[0]!r}, which no column can stand for.",
        )
    said = {" ".join(heading.split()): target for target, heading in columns}
    found = {heading: said[heading] for heading in headings if heading in said}
    known = sorted(
        (SURENESS[folded(heading)][1], position, heading)
        for position, heading in enumerate(headings)
        if heading not in found and folded(heading) in SURENESS
    )
    for _, _, heading in known:
        target = SURENESS[folded(heading)][0]
        if target in found.values() and folded(heading) == AMBIGUOUS_NAME:
            target = CONTACT_NAME
        if target not in found.values():
            found[heading] = target
    return found


def columns_of(settings: MappingABC[str, Any]) -> Columns:
    """The `columns:` of a source's settings, ready for `recognize`."""
    return tuple(sorted((settings.get("columns") or {}).items()))


def stage_row(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """Fill the organization from the columns that are recognized, and add the contact person the row names.

    What a deployment's `fields:` already filled is left alone. A row without a name goes by its domain; one without
    either raises `SkipRecord` (`missing_name`).
    """
    row = output.rows["organization"][0]
    left: dict[str, Any] = json.loads(row["custom_json"]) if row["custom_json"] else {}
    recognized = recognize(
        tuple(name for name in payload if name not in OWN_FIELDS), columns_of(context.settings)
    )
    # What is filled and not left over was taken by a row of `fields:`.
    targets = {name: target for name, target in recognized.items() if border_text(name) in left}
    cells = {
        target: (name, payload[name]) for name, target in targets.items() if says_something(payload[name])
    }
    contact = {target: cells.pop(target) for target in (*CONTACT_TARGETS, EMAIL_DOMAIN) if target in cells}
    terms = {target: cells.pop(target) for target in TERM_TARGETS if target in cells}
    for target in sorted(cells, key=lambda each: (each not in CLEANED_FIRST, each)):
        if row[target] is None:
            row[target] = cleaned(target, cells[target], row, context, output.findings)
    if row["status"]:
        row["status"] = STATUS_WORDS.get(row["status"].casefold(), row["status"])
    taken = {border_text(name) for name in targets}
    custom = {name: value for name, value in left.items() if name not in taken}
    row["custom_json"] = JSON(custom) if custom else None
    if row["annual_value_minor"] is not None and row["currency"] is None and "annual_value_minor" in cells:
        row["currency"] = currency_meant(
            cells["annual_value_minor"][1], context.settings.get("default_currency")
        )
    add_contact(contact, row, context, output)
    add_terms(terms, row, context, output)
    if not row["name"]:
        name_by_domain(row, context, output)


def name_by_domain(row: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """Call an organization whose name nobody wrote by its domain, and report it. Raises `SkipRecord` without one."""
    derive_web(row)
    if not row["domain"]:
        raise skip(context, "missing_name")
    row["name"] = row["domain"]
    for person in output.rows.get("person", []):
        person["company_name"] = row["name"]
    output.findings.append(Finding("named_by_domain", "name", row["domain"]))


def says_something(value: object) -> bool:
    """Whether a cell is more than a dash."""
    return str(value).strip() not in SAYS_NOTHING


def cleaned(
    target: str, cell: Cell, row: MappingABC[str, Any], context: Context, findings: list[Finding]
) -> Any:
    """A cell by the usual cleaner of its target; one that cannot be read is reported and left out."""
    heading, value = cell
    name = USUAL_CLEANERS.get(target, "text")
    try:
        simple: Cleaner | None = CLEANERS.get(name)
        if simple:
            return simple(value)
        in_context = context_cleaner(name)
        return in_context(value, row, context) if in_context else None
    except Unreadable as unreadable:
        findings.append(Finding(unreadable.code, heading, sample_of(value)))
        return None


def add_contact(
    cells: MappingABC[str, Cell], row: dict[str, Any], context: Context, output: StagedOutput
) -> None:
    """The person a row names, or an address of the organization itself where it names none.

    A free-mail address never says where the organization is on the web; an address of its own domain does where the
    row has no website.
    """
    heading, written = cells.get(CONTACT_EMAIL, ("", ""))
    name_heading, name = cells.get(CONTACT_NAME, ("", ""))
    if "@" in str(name) and not written:
        heading, written, name = name_heading, name, ""
    addresses = read_addresses(str(written), heading, output.findings)
    person_name = cleaned("given_name", (name_heading, name), row, context, output.findings)
    if not person_name and addresses and row["email"] is None:
        row["email"] = addresses[0]
    if EMAIL_DOMAIN in cells:
        add_mail_host(cleaned("host", cells[EMAIL_DOMAIN], row, context, output.findings), row, output)
    elif row["website"] is None:
        own = (email_domain(address) for address in addresses)
        add_mail_host(next((host for host in own if not is_generic_host(host)), None), row, output)
    people = [
        address for address in addresses if address.partition("@")[0] not in ROLE_MAILBOXES or person_name
    ]
    phones = {
        field: cleaned("phone", cells[target], row, context, output.findings)
        for field, target in (("phone", CONTACT_PHONE), ("mobile", CONTACT_MOBILE))
        if target in cells
    }
    title = cleaned("title", cells.get(CONTACT_TITLE, ("", "")), row, context, output.findings)
    if person_name or phones:
        first = people[0] if people else None
        add_person(1, row, context, output, name=person_name, email=first, title=title, **phones)
        people = people[1:]
    for number, address in enumerate(people, start=2):
        add_person(number, row, context, output, email=address)


def read_addresses(written: str, heading: str, findings: list[Finding]) -> list[str]:
    """The e-mail addresses in one cell, in order, each once; what cannot be read is reported."""
    found: list[str] = []
    parts = [part for part in SEVERAL_ADDRESSES.split(written) if "@" in part]
    for part in parts or filter(None, [written]):
        try:
            address = clean_email(part)
        except Unreadable as unreadable:
            findings.append(Finding(unreadable.code, heading, sample_of(part)))
            continue
        if address and address not in found:
            found.append(address)
    return found


def add_mail_host(host: str | None, row: dict[str, Any], output: StagedOutput) -> None:
    """Keep the host of the organization's own mail as a key, and as its host where it has no website."""
    if host is None or is_generic_host(host):
        return
    if row["website"] is None and row["host"] is None:
        row["host"] = host
    add_host_keys(output.keys, (row["record"], "organization", row["source"]), host, host)


def add_person(
    number: int, row: MappingABC[str, Any], context: Context, output: StagedOutput, **values: Any
) -> None:
    """A contact person and that they work at the organization of this row."""
    part = "contact" if number == 1 else f"contact-{number}"
    person = staged_row("person", context, part, company_name=row["name"], country=row["country"], **values)
    works_at = staged_row(
        "relation",
        context,
        f"{part}-works-at",
        kind="works_at",
        from_record=person["record"],
        to_record=record_key(context.source, context.stream, context.source_id),
    )
    output.rows.setdefault("person", []).append(person)
    output.rows.setdefault("relation", []).append(works_at)


def recognized_headings(headings: tuple[str, ...], settings: MappingABC[str, Any]) -> set[str]:
    """The headings that stand for something; what the others say stays custom."""
    return set(recognize(headings, columns_of(settings)))


ROWS = StreamMapping(
    kind="organization",
    ignored=OWN_FIELDS,
    extra=stage_row,
    makes=("person", "relation", "colleague", "agreement", "commitment"),
    reads=recognized_headings,
)

MAPPING = Mapping(connector="sheets", streams={}, default=ROWS)
