"""Staged output as the tables take it: tuples, so that a chunk keeps no thousands of large dicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from mappings.canonical import STAGED_KINDS
from mappings.validate import row_validator

if TYPE_CHECKING:
    from mappings.rows import StagedOutput
    from pipelines.stage.waiting import Waiting

TABLES = {kind.kind_name: f"staged_{kind.kind_name}" for kind in STAGED_KINDS}


class Packed(NamedTuple):
    """rows: per staged kind, each beginning with its record key. keys and participants: as in `StagedOutput`."""

    rows: dict[str, list[tuple[Any, ...]]]
    keys: list[tuple[str, str, str, str, str, str, str]]
    participants: list[tuple[str, int, str, str | None, str | None, str | None]]


def staged_columns(kind: str) -> tuple[str, ...]:
    """The columns of a staged table, in the order of the values in a packed row; the record key is the first."""
    return row_validator(kind).fields


def pack(output: StagedOutput) -> Packed:
    """What one record became, ready to be written."""
    return Packed(output.values, output.keys, output.participants)


@dataclass(slots=True)
class Batch:
    """What a chunk's records came to, gathered while each is at hand: walking them once more is fetching them anew.

    rows: per staged kind, by record key. participants: by record key and position. verdicts: source ids by the code
    they are quarantined under, None for those in use. restaged: ids of which staged rows may stand; passed: those of
    them that are in use. set_aside: how many staging itself quarantined. newest: the highest arrival number.
    """

    rows: dict[str, dict[str, tuple[Any, ...]]] = field(default_factory=dict)
    keys: list[tuple[str, str, str, str, str, str, str]] = field(default_factory=list)
    participants: dict[tuple[str, int], tuple[Any, ...]] = field(default_factory=dict)
    verdicts: dict[str | None, list[str]] = field(default_factory=dict)
    restaged: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    set_aside: int = 0
    newest: int = 0

    def add(self, waiting: Waiting, output: Packed | None, quarantine: str | None) -> None:
        """One record: its output, the code under which it is quarantined, or neither (nothing to say).

        A quarantined record that could be read before has both: the output is that of its last readable version.
        """
        self.verdicts.setdefault(quarantine, []).append(waiting.source_id)
        self.newest = max(self.newest, waiting.raw_id)
        if waiting.staged_before:
            self.restaged.append(waiting.source_id)
            if quarantine is None:
                self.passed.append(waiting.source_id)
        if quarantine is not None and waiting.quarantine is None:
            self.set_aside += 1
        if output is None:
            return
        for kind, rows in output.rows.items():
            records = self.rows.setdefault(kind, {})
            for row in rows:
                records[row[0]] = row
        self.keys.extend(output.keys)
        for participant in output.participants:
            self.participants[participant[:2]] = participant

    @property
    def quarantined(self) -> int:
        """How many records are quarantined, those that landed so included."""
        return sum(len(ids) for verdict, ids in self.verdicts.items() if verdict is not None)
