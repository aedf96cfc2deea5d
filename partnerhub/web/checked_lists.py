"""A list somebody checks, as a form carries it from step to step; nothing of it is kept between them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from partnerhub.spreadsheet_cells import harmless
from partnerhub.web.positions import is_storable
from warehouse.errors import WarehouseError
from warehouse.queries.sides import organization_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from partnerhub.web.wiring import ListChecks, ListRow
    from warehouse.database import Connection
    from warehouse.viewer import Viewer

FIELDS: Final = {
    "name": "Name", "website": "Website", "email": "E-mail", "phone": "Phone", "street": "Street",
    "postcode": "Postcode", "city": "City", "country": "Country", "tier": "Tier",
}  # fmt: skip
"""Our field → its label."""
MOST_ROWS: Final = 10_000
LONGEST: Final = 300
MOST_CARRIED: Final = 3_000_000
"""Characters of a list that go from step to step; of a longer one only the columns that are read."""
PREFIX: Final = "column_"
HEADINGS: Final = (
    "row", "name", "state", "organization_id", "organization", "probability", "reasons", "same_as_rows",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SentList:
    """A list as it was sent. columns: our field → its heading."""

    headings: list[str]
    rows: list[list[str]]
    columns: dict[str, str] = field(default_factory=dict)

    def said(self) -> list[dict[str, str]]:
        """Every row by our fields, as it is compared and entered."""
        places = {ours: self.headings.index(theirs) for ours, theirs in self.columns.items()}
        return [
            {
                ours: text[:LONGEST]
                for ours, place in places.items()
                if place < len(row) and (text := " ".join(row[place].split())) and is_storable(text)
            }
            for row in self.rows
        ]

    def carried(self) -> str:
        """The list as CSV, for the next step."""
        whole = as_csv([self.headings, *self.rows])
        if len(whole) <= MOST_CARRIED:
            return whole
        kept = [self.headings.index(theirs) for theirs in dict.fromkeys(self.columns.values())]
        return as_csv(
            [row[place] if place < len(row) else "" for place in kept] for row in (self.headings, *self.rows)
        )


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def sent_again(lists: ListChecks, form: Mapping[str, str]) -> SentList:
    """The list of the step before, with the columns somebody chose. Raises WarehouseError for none."""
    rows = [row for row in csv.reader(io.StringIO(form.get("table", ""))) if row]
    if not rows or len(rows) > MOST_ROWS + 1:
        raise WarehouseError("There is no list.", "Choose the file again.")
    headings = rows[0]
    chosen = {ours: form[f"{PREFIX}{ours}"] for ours in FIELDS if form.get(f"{PREFIX}{ours}", "") in headings}
    return with_columns(lists, headings, rows[1:], chosen)


def with_columns(
    lists: ListChecks, headings: list[str], rows: list[list[str]], chosen: dict[str, str]
) -> SentList:
    """A list with its columns: those chosen, or guessed where none are."""
    columns = chosen or {
        ours: theirs
        for ours, theirs in lists.guess(headings).items()
        if ours in FIELDS and theirs in headings
    }
    return SentList(headings, rows, columns)


def results(
    viewer: Viewer, connection: Connection, said: Sequence[Mapping[str, str]], found: Sequence[ListRow]
) -> list[dict[str, Any]]:
    """Each row with what it may mean, as far as the viewer may know of it."""
    seen = [[each for each in row.matches if viewer.may_see(each.organization_id)] for row in found]
    names = organization_names(connection, [each.organization_id for row in seen for each in row])
    return [
        {
            "row": row.number, "said": dict(said[row.number - 1]), "state": state_of(row, matches),
            "matches": [match_data(each, names) for each in matches],
            "same_as_rows": [
                {"row": each.number, "probability": round(each.probability, 4), "certain": each.certain}
                for each in row.twins
            ],
        }
        for row, matches in zip(found, seen, strict=True)
    ]  # fmt: skip


def state_of(row: ListRow, matches: Sequence[Any]) -> str:
    """What became of a row, by the matches that are shown."""
    if row.state == "unreadable":
        return row.state
    return "certain" if any(each.certain for each in matches) else "likely" if matches else "none"


def match_data(match: Any, names: Mapping[str, str]) -> dict[str, Any]:
    """One organization a row may mean."""
    return {
        "id": match.organization_id, "name": names.get(match.organization_id, match.organization_id),
        "probability": round(match.probability, 4), "bits": match.bits, "certain": match.certain,
        "reasons": list(match.reasons),
    }  # fmt: skip


def csv_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """The answer as CSV, a line per row with its likeliest match, in cells no spreadsheet program runs."""
    lines = [list(HEADINGS)]
    for row in rows:
        best = row["matches"][0] if row["matches"] else {}
        cells = (
            row["row"], called(row["said"]), row["state"], best.get("id", ""), best.get("name", ""),
            best.get("probability", ""), "; ".join(best.get("reasons", ())),
            " ".join(str(each["row"]) for each in row["same_as_rows"]),
        )  # fmt: skip
        lines.append([harmless(str(cell)) for cell in cells])
    return as_csv(lines)


def called(said: Mapping[str, str]) -> str:
    """What a row is called."""
    return said.get("name") or said.get("website", "")
