"""A connector that yields chosen records only: for reading single records once more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.record import Connector, CursorState, Page


@dataclass(slots=True)
class Chosen:
    """The ids of the records to read. not_found: those the source did not list, once its stream was read to the end."""

    ids: frozenset[str]
    not_found: list[str] = field(default_factory=list)


def chosen_records(connector: Connector, chosen: Chosen) -> Connector:
    """The connector, narrowed to the chosen records."""
    return cast("Connector", ChosenRecords(connector, chosen))


class ChosenRecords:
    """Everything as the connector has it, but of its records those with the chosen ids, and no cursor.

    A vendor-independent way: the stream is listed to find them. Its pages prove no absence and move no cursor.
    """

    def __init__(self, connector: Connector, chosen: Chosen) -> None:
        """Of this connector's records, these."""
        self._connector = connector
        self._chosen = chosen

    def __getattr__(self, name: str) -> Any:
        """What is not about records is the connector's own."""
        return getattr(self._connector, name)

    def pull(self, stream: str, cursor: CursorState | None, *, full: bool = False) -> Iterator[Page]:
        """The chosen records, page by page as the source has them; ends when all were found."""
        del cursor, full
        missing = set(self._chosen.ids)
        for page in self._connector.pull(stream, None, full=True):
            found = [record for record in page.records if record.source_id in self._chosen.ids]
            missing -= {record.source_id for record in found}
            if found:
                yield page._replace(records=found, cursor=None, reading="incremental", last=False)
            if not missing:
                break
        self._chosen.not_found[:] = sorted(missing)

    def count(self, stream: str) -> None:
        """Nothing is counted: most of the stream is left out on purpose."""
        del stream
