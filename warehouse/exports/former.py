"""Former exports that another one builds on: found by their manifests, and read."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from warehouse.errors import WarehouseError
from warehouse.exports.destination import LOCAL, MANIFEST, local_folder, reached, remote, without_secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa  # type: ignore[import-untyped]  # ships none

LONGEST: Final = 400
"""Exports that may build on each other."""
BATCH: Final = 32_768


class NoBase(WarehouseError):
    """A former export cannot be built on."""

    def __init__(self, place: str, why: str) -> None:
        """Name the place, and why."""
        super().__init__(
            f"No export can build on {without_secret(place)}: {why}.",
            "Name a Parquet export that stands as it was written, with all that it builds on; or export everything.",
        )


@dataclass(frozen=True, slots=True)
class Former:
    """An export that stands somewhere. told: its manifest; sha256: of that."""

    place: str
    told: dict[str, Any]
    sha256: str

    def table(self, name: str) -> dict[str, Any] | None:
        """What it says of one table."""
        return next((table for table in self.told["tables"] if table["name"] == name), None)

    def read(self, files: Sequence[dict[str, Any]], schema: pa.Schema) -> pa.RecordBatchReader:
        """Rows of some of its files. Columns they do not have yet are null. Raises NoBase."""
        # It brings pandas, which a whole export does without.
        import pyarrow.dataset as ds  # type: ignore[import-untyped]  # ships none

        system, root = remote(url_of(self.place))
        paths = [f"{root}/{each['path']}" for each in files]
        missing = next((path for path in paths if not system.exists(path)), None)
        if missing:
            raise NoBase(self.place, f"{missing} is not there")
        rows = ds.dataset(paths, schema.remove_metadata(), format="parquet", filesystem=system)
        few = {"batch_size": BATCH, "batch_readahead": 2, "fragment_readahead": 1, "use_threads": False}
        return rows.scanner(**few).to_reader()


def formers(place: str) -> list[Former]:
    """The export at a place, and before it those that it builds on, a whole one first. Raises NoBase."""
    found = [former_at(place)]
    while base := found[0].told.get("base"):
        if len(found) > LONGEST:
            raise NoBase(place, f"it builds on more than {LONGEST} others")
        before = former_at(seen_from(found[0].place, base["place"]))
        if before.sha256 != base["sha256"]:
            raise NoBase(before.place, f"{found[0].place} builds on what stood there before")
        found.insert(0, before)
    if found[0].told.get("since"):
        raise NoBase(found[0].place, "it holds only what was written since a moment")
    if found[0].told.get("list"):
        raise NoBase(found[0].place, "it holds only what belongs to the partners of a list")
    return found


def former_at(place: str) -> Former:
    """The export at a place, or of a manifest. Raises NoBase, or NoPlace where it cannot be read."""
    place = plain_place(place)
    with reached(place):
        system, root = remote(url_of(place))
        if not system.exists(f"{root}/{MANIFEST}"):
            raise NoBase(place, "there is no manifest.json")
        content = bytes(system.cat_file(f"{root}/{MANIFEST}"))
    told = json.loads(content)
    if told.get("format") != "parquet":
        raise NoBase(place, "it is not Parquet")
    return Former(place, told, hashlib.sha256(content).hexdigest())


def plain_place(place: str) -> str:
    """The folder or URL of an export, however it was named."""
    place = place.removesuffix(MANIFEST).rstrip("/") or "."
    folder = local_folder(place)
    return place if folder is None else os.path.normpath(folder)


def url_of(place: str) -> str:
    """A place as fsspec takes it."""
    return place if "://" in place else f"{LOCAL}{place}"


def seen_from(place: str, base: str) -> str:
    """Where the export at a place says its base is."""
    return base if "://" in place + base else os.path.normpath(f"{place}/{base}")


def base_of(former: Former, place: str) -> dict[str, Any]:
    """What the manifest of an export at a place says of the one it builds on; a folder as seen from there."""
    folder, own = local_folder(former.place), local_folder(place)
    newest = former.told["runs"]["newest_run"]
    return {
        "place": os.path.relpath(folder, own) if folder and own else former.place,
        "made_at": former.told["made_at"],
        "sha256": former.sha256,
        "newest_run": newest and newest["run_id"],
    }
