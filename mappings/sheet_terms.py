"""What a row of a partner list says beside the organization: who looks after it, the contract, what was promised."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from mappings.canonical import record_key
from mappings.clean.emails import clean_email, email_domain
from mappings.clean.names import clean_person_name
from mappings.clean.text import clean_line
from mappings.clean.times import clean_date
from mappings.clean.unreadable import Unreadable
from mappings.compile import staged_row
from mappings.rows import Context, Finding, StagedOutput
from mappings.validate import sample_of

OWNER: Final = "owner"
AGREEMENT_TITLE, AGREEMENT_START, AGREEMENT_END = AGREEMENT_TARGETS = (
    "agreement.title", "agreement.starts_on", "agreement.ends_on",
)  # fmt: skip
COMMITMENTS: Final = "commitments"
TARGETS: Final = (OWNER, *AGREEMENT_TARGETS, COMMITMENTS)

HEADINGS: Final[dict[str, str]] = {
    OWNER: "partner manager, account manager, partner owner, account owner, relationship owner, relationship manager, "
    "owned by, owner, our contact, partnermanager, kundenbetreuer, betreuer, verantwortlich, zuständig, "
    "responsable, responsable de compte, gestor, gestor de cuenta, referente, accountmanager",
    AGREEMENT_TITLE: "contract, agreement, contract name, agreement name, vertrag, contrat, contrato, contratto",
    AGREEMENT_START: "contract start, contract start date, agreement start, contract from, vertragsbeginn, "
    "vertragsstart, début du contrat, inicio de contrato, inizio contratto",
    AGREEMENT_END: "contract end, contract end date, agreement end, contract until, contract expires, contract expiry, "
    "expires, expiry date, expiration date, vertragsende, vertrag bis, laufzeitende, fin du contrat, "
    "fin de contrato, fine contratto, einde contract",
    COMMITMENTS: "commitments, commitment, open commitments, promised, promises, next commitment, zusagen, zusage, "
    "versprochen, engagements, promesses, compromisos, impegni, toezeggingen",
}
"""Target → headings that stand for it, the surest first."""

UNTITLED: Final = "Contract"
APART: Final = re.compile(r"[;\n]+|^\s*[-•*]\s+", re.MULTILINE)
DUE: Final = re.compile(
    r"\W*\b(?:by|due|until|bis|fällig|avant le|pour le|para el|antes del|entro il)\b:?\s*(?:on|am|den)?\s*"
    r"(?P<day>\d{4}-\d\d-\d\d|\d{1,2}\.\d{1,2}\.\d{4})\W*$",
    re.IGNORECASE,
)
"""How a commitment in a cell ends that says when it is due."""

Cell = tuple[str, object]


def add_terms(cells: Mapping[str, Cell], row: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """Add owner, contract and commitments to what the row says."""
    if OWNER in cells and row["owner_record"] is None:
        add_owner(cells[OWNER], row, context, output)
    if any(target in cells for target in AGREEMENT_TARGETS):
        add_agreement(cells, row, context, output)
    if COMMITMENTS in cells:
        add_commitments(str(cells[COMMITMENTS][1]), row, context, output)


def add_owner(cell: Cell, row: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A colleague by name or address. An address elsewhere is nobody of ours: it stays a name."""
    heading, written = cell
    name = email = None
    try:
        email = clean_email(written) if "@" in str(written) else None
        name = None if email else clean_person_name(written)
    except Unreadable as unreadable:
        output.findings.append(Finding(unreadable.code, heading, sample_of(written)))
    if email and email_domain(email) not in context.own_domains and email not in context.own_addresses:
        name, email = email, None
    if not name and not email:
        return
    colleague = staged_row("colleague", context, OWNER, name=name, email=email)
    output.rows.setdefault("colleague", []).append(colleague)
    row["owner_record"] = colleague["record"]


def add_agreement(
    cells: Mapping[str, Cell], row: Mapping[str, Any], context: Context, output: StagedOutput
) -> None:
    """The contract a row speaks of; renewal and last review are those of the organization."""
    starts_on, ends_on = (
        day_of(cells.get(target), context, output) for target in (AGREEMENT_START, AGREEMENT_END)
    )
    title = clean_line(cells[AGREEMENT_TITLE][1]) if AGREEMENT_TITLE in cells else None
    if not (title or starts_on or ends_on):
        return
    agreement = staged_row(
        "agreement",
        context,
        "agreement",
        title=title or UNTITLED,
        kind="contract",
        starts_on=starts_on,
        ends_on=ends_on,
        renews_on=row["renews_on"],
        reviewed_on=row["reviewed_on"],
        organization_record=organization_of(context),
        owner_record=row["owner_record"],
    )
    output.rows.setdefault("agreement", []).append(agreement)


def add_commitments(written: str, row: Mapping[str, Any], context: Context, output: StagedOutput) -> None:
    """Every line or entry of the cell, with the day it ends in where it does: `Train 12 people by 2026-03-31`."""
    entries = [line for part in APART.split(written) if (line := clean_line(part))]
    for number, entry in enumerate(entries, start=1):
        found = DUE.search(entry)
        due_on = readable_day(found["day"]) if found else None
        commitment = staged_row(
            "commitment",
            context,
            f"commitment-{number}",
            title=entry[: found.start()] or entry if found and due_on else entry,
            due_on=due_on,
            organization_record=organization_of(context),
            owner_record=row["owner_record"],
        )
        output.rows.setdefault("commitment", []).append(commitment)


def day_of(cell: Cell | None, context: Context, output: StagedOutput) -> str | None:
    """A cell as a day; one that cannot be read is reported."""
    if cell is None:
        return None
    try:
        return clean_date(cell[1], context.settings.get("time_zone") or "UTC")
    except Unreadable as unreadable:
        output.findings.append(Finding(unreadable.code, cell[0], sample_of(cell[1])))
        return None


def readable_day(written: str) -> str | None:
    """A day, or None for one the calendar does not have."""
    try:
        return clean_date(written)
    except Unreadable:
        return None


def organization_of(context: Context) -> str:
    """The record key of the organization this row is."""
    return record_key(context.source, context.stream, context.source_id)
