"""Stage what has just landed in one stream, inside the caller's transaction: for acts that enter something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.problems import record_problems
from pipelines.stage.rules import stream_rules
from pipelines.stage.transform import Place, finding_problems, transform
from pipelines.stage.waiting import next_waiting
from pipelines.stage.write import write_chunk

if TYPE_CHECKING:
    from pipelines.stage.rules import StageSettings
    from warehouse.database import Connection


def stage_landed(
    connection: Connection, settings: StageSettings, source: str, stream: str, run_id: str, now: str
) -> int:
    """Stage the versions of a stream that are not staged yet; returns how many. Again, it stages nothing.

    Changed rules are none of its business: the next sync stages under them.
    """
    rules = stream_rules(settings, source, stream)
    if rules is None:
        return 0
    place, staged = Place(source, stream, rules, settings), 0
    while chunk := next_waiting(connection, source, stream, None, ""):
        result = transform(connection, place, chunk)
        write_chunk(connection, place, result.done)
        record_problems(connection, [*result.problems, *finding_problems(place, result)], run_id, now)
        staged += len(chunk)
    return staged
