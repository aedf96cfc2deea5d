"""Where events of runs go, as OpenLineage describes them: `lineage:`. Off unless a place is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from partnerhub.config.alerts import REFERENCE, WEB, Reader

if TYPE_CHECKING:
    from partnerhub.config.expect import Place

LINEAGE_KEYS: Final = ("to", "token", "namespace")
EXAMPLE: Final = "to: lineage.ndjson"
NAMESPACE: Final = "partner-hub"


@dataclass(frozen=True, slots=True)
class Lineage:
    """to: a file, absolute, or an address of the web; empty: nothing is told. token: sent as a bearer's.

    namespace: of our jobs and tables.
    """

    to: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    namespace: str = NAMESPACE

    @property
    def is_file(self) -> bool:
        """Whether it is a file."""
        return not WEB.fullmatch(self.to)


def read_lineage(place: Place, folder: Path, *, with_settings: bool) -> Lineage:
    """What a configuration says of events. Without settings, references may lead nowhere."""
    if place.item.value is None:
        return Lineage()
    found = place.known_entries(LINEAGE_KEYS, EXAMPLE)
    reader = Reader(folder, needed=with_settings)
    to = reader.text(found, "to", place, "lineage.ndjson")
    token = reader.text(found, "token", place, "${LINEAGE_TOKEN}") if "token" in found else ""
    namespace = found["namespace"].text(NAMESPACE) if "namespace" in found else None
    is_file = to and not WEB.fullmatch(to) and REFERENCE not in to
    where = str(folder / Path(to).expanduser()) if is_file else to
    return Lineage(where, token, namespace or NAMESPACE)
