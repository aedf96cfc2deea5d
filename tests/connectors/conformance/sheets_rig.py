"""A CSV file as the conformance suite wants it."""

from __future__ import annotations

import csv
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from connectors.sheets import SheetsConnector
from tests.connectors.conformance.rig import PAGE_SIZE, FaultKind, Rig, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NO_SERVER = "A file on disk has no server that could answer this."


class SheetsRig(Rig):
    """A partner list with a declared key."""

    name = "sheets"
    skips: ClassVar[Mapping[str, str]] = {
        "repeated_token": "A file is read from its beginning to its end; there are no page tokens.",
        "unauthorized": "A file has no credentials; one that may not be opened is tried in test_sheets.py.",
        "forbidden": "A file holds one stream; one that may not be opened is tried in test_sheets.py.",
        "throttled": NO_SERVER,
        "server_error": NO_SERVER,
        "truncated": "A damaged file is FixSetup and not read again; tried in test_sheets.py.",
        "secrets": "The settings of a spreadsheet hold no secret.",
    }

    @contextmanager
    def scene(self, folder: Path, *, records: int, equal_timestamps: bool = False) -> Iterator[Scene]:
        del equal_timestamps  # rows carry no times
        path = folder / "partners.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["Account", "Company", "Unheard of"])
            writer.writerows([f"{number:03d}", f"Größe {number}", "NA"] for number in range(records))

        def fault(kind: FaultKind, times: int) -> None:
            raise NotImplementedError(kind, times)

        yield Scene(
            connector=SheetsConnector(source="list", path=path, key=("Account",), page_size=PAGE_SIZE),
            stream="rows",
            expected_ids=frozenset(f"{number:03d}" for number in range(records)),
            fault=fault,
            unknown_field=("Unheard of", "NA"),
        )


RIG = SheetsRig()
