"""What a spreadsheet would become, row by row, without storing anything."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
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
HEADINGS: Final = ("row", "problem", "field", "value", "what to do")


@dataclass(slots=True)
class Preview:
    """Counts, the first rows as they would be staged, and every problem as (row, code, field, value, what to do)."""

    rows: int = 0
    readable: int = 0
    refused: int = 0
    samples: list[dict[str, Any]] = field(default_factory=list)
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[tuple[Any, str, str, str, str]] = field(default_factory=list)


def preview_source(config: HubConfig, name: str) -> Preview:
    """Read a source and map every row in memory. Raises FixSetup when the file cannot be read at all."""
    from pipelines.settings import stage_settings
    from pipelines.stage.rules import stream_rules

    connector, settings, found = config.connector(name), stage_settings(config), Preview()
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
        refuse(found, payload.get(ROW), error.code, error.do)
        return
    found.readable += 1
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
            do = "Mend the value; the rest of the row is used."
            found.problems.append((row, finding.code, finding.field, finding.sample, do))


def write_problems(path: Path, found: Preview) -> None:
    """A CSV with one line per problem, for whoever mends the file."""
    from partnerhub.cli.resolving import harmless

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADINGS)
        lines.writerows(
            [harmless("" if cell is None else str(cell)) for cell in line] for line in found.problems
        )
