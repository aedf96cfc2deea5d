"""All oracles that need no more than a warehouse and what its sources hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.validate.check import check_rules
from tests.promised.conduct import failures_visible
from tests.promised.contents import erased_stays_erased, provenance
from tests.promised.records import never_backwards, nothing_lost, nothing_twice, state_never_ahead

if TYPE_CHECKING:
    from tests.promised.served import Truth
    from warehouse.database import Connection


def wrong_with(
    connection: Connection, served: Truth, *, settled: bool = True, exit_code: int | None = None
) -> list[str]:
    """Everything wrong with a warehouse, each sentence with its promise in front.

    settled: whether a sync came to its end; right after a kill only what must hold at any instant is asked.
    exit_code: of the last sync, where it was a command.
    """
    found = {
        "nothing twice": nothing_twice(connection, served),
        "state never ahead": state_never_ahead(connection, served),
        "monotone": never_backwards(connection),
        "erased stays erased": erased_stays_erased(connection),
    }
    if settled:
        found["nothing lost"] = nothing_lost(connection, served)
        found["failures visible"] = failures_visible(connection, exit_code)
        found["provenance"] = provenance(connection)
        found["rules"] = [
            f"{outcome.rule.must_hold} Violated by {', '.join(outcome.sample)}."
            for outcome in check_rules(connection)
            if outcome.violations
        ]
    return [f"{promise}: {words}" for promise, sentences in found.items() for words in sentences]
