"""Labelled values on slides: `Tier: Gold`, `ARR $480k`, and tables with a label beside or above its value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, Final, NamedTuple

LABELS: Final[dict[str, str]] = {
    "tier": "tier, partner tier, level, partner level, tier level, stufe, partnerstufe, partnerstatus, niveau, "
    "niveau partenaire, nivel, livello",
    "annual_value": "arr, acv, annual value, annual contract value, annual recurring revenue, contract value, "
    "yearly value, jahreswert, vertragswert, jahresumsatz mit uns, valeur annuelle, valor anual, valore annuo",
    "status": "status, state, health, rag, rag status, overall status, partner status, statut, estado, stato, zustand",
    "stage": "stage, phase, lifecycle stage, partner stage, étape, etapa, fase",
    "renews_on": "renewal, renewal date, renews, renews on, contract renewal, next renewal, contract end, "
    "verlängerung, vertragsverlängerung, vertragsende, renouvellement, date de renouvellement, renovación, rinnovo, "
    "verlenging",
    "reviewed_on": "last review, last reviewed, reviewed on, review date, letzte prüfung, letzter review, "
    "dernière revue, última revisión",
    "partner": "partner, partner name, partner organisation, partner organization, partner company, "
    "partnerunternehmen, partenaire, nom du partenaire, socio, socio comercial",
    "website": "website, web site, web, domain, homepage, internet, site web, sitio web, sito web",
    "owner": "owner, partner manager, account owner, account manager, verantwortlich, responsable, responsabile",
}
"""Field → what people write before its value. Compared without case, blanks and punctuation."""

READ_KINDS: Final = ("title", "text", "cell", "notes")
"""Kinds of passages that may state a value, the surest first. What a comment says is a remark, not a statement."""
BETWEEN: Final = re.compile(r"[\n|·•;\t\u2022\u25aa]+")
LABELLED: Final = re.compile(r"^[\s\-–—*>]*(?P<label>[^:：=]{2,40}?)\s*[:：=]\s*(?P<value>\S.*)$")
AMOUNT_AFTER_LABEL: Final = re.compile(
    r"^[\s\-–—*>]*(?P<label>[A-Za-zÀ-ÿ ]{3,40}?)\s+(?P<value>[^\sA-Za-z]*\d\S*.*)$"
)
LONGEST_VALUE: Final = 200
LABEL_COLUMN, VALUE_COLUMN = 1, 2
HEADER_ROW, DATA_ROW = 1, 2


class Said(NamedTuple):
    """One labelled value and the passage that says it. slide: its number, from 1."""

    field: str
    label: str
    value: str
    slide: int
    passage: dict[str, Any]


def folded(label: str) -> str:
    """A label for comparing: letters and digits only, without case."""
    return "".join(char for char in label.casefold() if char.isalnum())


FIELDS: Final = {folded(label): field for field, labels in LABELS.items() for label in labels.split(",")}


def labelled_values(slides: Iterable[dict[str, Any]]) -> list[Said]:
    """Every labelled value of a deck: those on shown slides first, then hidden ones, notes after what is shown."""
    found = [said for slide in slides for said in _on_slide(slide)]
    hidden = {int(slide.get("number") or 0) for slide in slides if slide.get("hidden")}
    return sorted(found, key=lambda said: (said.slide in hidden, said.passage.get("kind") == "notes"))


def _on_slide(slide: dict[str, Any]) -> Iterator[Said]:
    number = int(slide.get("number") or 0)
    passages = [each for each in slide.get("passages") or [] if each.get("kind") in READ_KINDS]
    tables: dict[str, dict[tuple[int, int], dict[str, Any]]] = {}
    for passage in passages:
        if passage["kind"] == "cell":
            table = str(passage["place"]).rpartition(" / ")[0]
            tables.setdefault(table, {})[int(passage["row"]), int(passage["column"])] = passage
        for label, value in _in_text(str(passage["text"])):
            yield Said(FIELDS[folded(label)], label, value, number, passage)
    for cells in tables.values():
        yield from _in_table(cells, number)


def _in_text(text: str) -> Iterator[tuple[str, str]]:
    """(label, value) of every line or stretch of a line that begins with a known label."""
    for piece in BETWEEN.split(text):
        found = LABELLED.match(piece)
        if found and folded(found["label"]) in FIELDS:
            yield found["label"].strip(), found["value"].strip()[:LONGEST_VALUE]
            continue
        amount = AMOUNT_AFTER_LABEL.match(piece)
        if amount and FIELDS.get(folded(amount["label"])) == "annual_value":
            yield amount["label"].strip(), amount["value"].strip()[:LONGEST_VALUE]


def _in_table(cells: dict[tuple[int, int], dict[str, Any]], number: int) -> Iterator[Said]:
    """Labels in the first column with their values beside them; or one row of values below a row of labels.

    A table with a row per partner says nothing about one partner, and is left alone.
    """
    rows = max(row for row, _ in cells)
    across = {
        column: field
        for (row, column), each in cells.items()
        if row == HEADER_ROW and (field := _field(each))
    }
    if len(across) > 1:
        if rows == DATA_ROW:
            pairs = [((HEADER_ROW, column), (DATA_ROW, column)) for column in across]
            yield from _pairs(cells, pairs, number)
        return
    pairs = [((row, LABEL_COLUMN), (row, VALUE_COLUMN)) for row in range(1, rows + 1)]
    yield from _pairs(cells, pairs, number)


def _pairs(
    cells: dict[tuple[int, int], dict[str, Any]],
    pairs: list[tuple[tuple[int, int], tuple[int, int]]],
    number: int,
) -> Iterator[Said]:
    for label_at, value_at in pairs:
        label, value = cells.get(label_at), cells.get(value_at)
        if label and value and (field := _field(label)) and not _field(value):
            said = " ".join(str(value["text"]).split())[:LONGEST_VALUE]
            yield Said(field, str(label["text"]).strip(" :"), said, number, value)


def _field(cell: dict[str, Any]) -> str | None:
    """The field a cell is the label of."""
    return FIELDS.get(folded(str(cell["text"])))


def disagreeing(found: Iterable[Said]) -> list[str]:
    """Fields for which one deck states several values."""
    values: dict[str, list[str]] = {}
    for said in found:
        values.setdefault(said.field, []).append(folded(said.value))
    return [field for field, said in values.items() if any(one != other for one, other in pairwise(said))]
