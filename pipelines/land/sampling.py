"""How some requests of a reading went, as a run keeps it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from connectors.record import utc_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.transport.counting import Sent


def as_json(requests: Sequence[Sent]) -> str | None:
    """`[[time, outcome, milliseconds, bytes], …]`; None for a source that sends none of this kind."""
    if not requests:
        return None
    rows = [[utc_text(each.at), each.outcome, each.milliseconds, each.size] for each in requests]
    return json.dumps(rows, separators=(",", ":"))
