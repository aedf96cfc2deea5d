"""A connector that yields chosen records only: for reading single records once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.record import Connector, CursorState, Page


def chosen_records(connector: Connector, ids: frozenset[str]) -> Connector:
    """The connector, narrowed to records with these ids."""
    return cast("Connector", ChosenRecords(connector, ids))


class ChosenRecords:
    """Everything as the connector has it, but of its records those with the chosen ids, and no cursor.

    A vendor-independent way: the stream is listed to find them. Its pages prove no absence and move no cursor.
    """

    def __init__(self, connector: Connector, ids: frozenset[str]) -> None:
        """Of this connector's records, these."""
        self._connector = connector
        self._ids = ids

    def __getattr__(self, name: str) -> Any:
        """What is not about records is the connector's own."""
        return getattr(self._connector, name)

    def pull(self, stream: str, cursor: CursorState | None, *, full: bool = False) -> Iterator[Page]:
        """The chosen records, page by page as the source has them; ends when all were found."""
        del cursor, full
        missing = set(self._ids)
        for page in self._connector.pull(stream, None, full=True):
            found = [record for record in page.records if record.source_id in self._ids]
            missing -= {record.source_id for record in found}
            if found:
                yield page._replace(records=found, cursor=None, reading="incremental", last=False)
            if not missing:
                return

    def count(self, stream: str) -> None:
        """Nothing is counted: most of the stream is left out on purpose."""
        del stream
