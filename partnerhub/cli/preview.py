"""What a spreadsheet would become, row by row, without storing anything."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.rows import StagedOutput
    from partnerhub.config import HubConfig
    from pipelines.stage.rules import StageSettings, StreamRules

ROW: Final = "_row"
SAMPLES: Final = 5
SHOWN: Final = (
    "name",
    "website",
    "domain",
    "email",
    "phone",
    "street",
    "city",
    "postcode",
    "country",
    "tier",
    "status",
)
TO_DO: Final = {
    "missing_name": "Write a name or a website into the row.",
    "named_by_domain": "Write the name into the row; until then it goes by its domain.",
}
MEND_VALUE: Final = "Mend the value; the rest of the row is used."
HEADINGS: Final = ("row", "problem", "field", "value", "what to do")


class Column(NamedTuple):
    """One heading: the field it becomes (`custom.<heading>` for one of its own), and its first value, as staged too."""

    heading: str
    field: str
    example: str = ""
    becomes: str = ""


@dataclass(slots=True)
class Preview:
    """Headings, counts, the first rows as they would be staged, and problems as (row, code, field, value, what to do).

    headings: by heading, in the file's order.
    """

    rows: int = 0
    readable: int = 0
    refused: int = 0
    headings: dict[str, Column] = field(default_factory=dict)
    samples: list[dict[str, Any]] = field(default_factory=list)
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[tuple[Any, str, str, str, str]] = field(default_factory=list)


def preview_source(config: HubConfig, name: str) -> Preview:
    """Read a source and map every row in memory. Raises FixSetup when the file cannot be read at all."""
    from pipelines.settings import stage_settings
    from pipelines.stage.rules import stream_rules

    connector, settings = config.connector(name), stage_settings(config)
    found = Preview(headings=columns_of_file(connector, config.sources[name].settings))
    for stream in connector.streams():
        rules = stream_rules(settings, name, stream.name)
        for page in connector.pull(stream.name, None, full=True):
            for record in page.records:
                found.rows += 1
                row = (record.payload or {}).get(ROW)
                if record.malformed or rules is None or record.payload is None:
                    refuse(found, row, record.malformed or "not_mapped", "Mend the row in the file.")
                else:
                    stage_row(found, record.payload, (name, stream.name, record.source_id), rules, settings)
    return found


def columns_of_file(connector: Any, settings: Mapping[str, Any]) -> dict[str, Column]:
    """Every heading and the field it stands for."""
    from mappings.sheets import columns_of, recognize

    found: dict[str, Column] = {}
    for headings in connector.headings().values():
        fields = recognize(tuple(headings), columns_of(settings))
        for heading in headings:
            field_name = fields.get(heading, f"custom.{heading}").removesuffix("_json")
            found.setdefault(heading, Column(heading, field_name))
    return found


def note_examples(found: Preview, payload: dict[str, Any], output: StagedOutput) -> None:
    """Keep the first value of each heading, as written and as it would be staged."""
    staged = {name: row for name in ("organization", "person") for row in output.rows.get(name, [])[:1]}
    for heading, column in found.headings.items():
        written = str(payload.get(heading) or "").strip()
        if written and not column.example:
            kind, _, name = column.field.rpartition(".")
            row = staged.get("person" if kind == "contact" else "organization", {})
            value = row.get(name, row.get(f"{name}_json"))
            becomes = written if value is None or kind == "custom" else str(value)
            found.headings[heading] = column._replace(example=written, becomes=becomes)


def stage_row(
    found: Preview,
    payload: dict[str, Any],
    place: tuple[str, str, str],
    rules: StreamRules,
    settings: StageSettings,
) -> None:
    """Map one row; what stops it and what is odd about it are kept with its number."""
    from connectors.errors import SkipRecord
    from mappings.rows import Context

    context = Context(
        *place,
        0,
        rules.fingerprint,
        None,
        None,
        settings.default_region,
        settings.own_domains,
        settings.own_addresses,
        rules.settings,
    )
    try:
        output = rules.stager(payload, context)
    except SkipRecord as error:
        refuse(found, payload.get(ROW), error.code, TO_DO.get(error.code, error.do))
        found.findings[error.code, ""] += 1
        return
    found.readable += 1
    note_examples(found, payload, output)
    note_findings(found, payload.get(ROW), output)
    for staged in output.rows.get("organization", [])[: max(0, SAMPLES - len(found.samples))]:
        found.samples.append({key: staged[key] for key in SHOWN if staged.get(key)})


def refuse(found: Preview, row: Any, code: str, do: str) -> None:
    """A row that would be quarantined."""
    found.refused += 1
    found.problems.append((row, code, "", "", do))


def note_findings(found: Preview, row: Any, output: StagedOutput) -> None:
    """What is odd about a row that can be used: unknown columns are counted only, unreadable values are listed."""
    for finding in output.findings:
        found.findings[finding.code, finding.field] += 1
        if finding.code != "unmapped_field":
            do = TO_DO.get(finding.code, MEND_VALUE)
            found.problems.append((row, finding.code, finding.field, finding.sample, do))


def write_problems(path: Path, found: Preview) -> None:
    """A CSV with one line per problem, for whoever mends the file."""
    from partnerhub.spreadsheet_cells import harmless

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADINGS)
        lines.writerows(
            [harmless("" if cell is None else str(cell)) for cell in line] for line in found.problems
        )
