"""A transaction that lost against another one is done again: nothing of it was kept."""

from __future__ import annotations

import random
from time import sleep
from typing import TYPE_CHECKING, Final, TypeVar

from warehouse.errors import Contended
from warehouse.trouble import named

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

TRIES: Final = 5
FIRST_WAIT_SECONDS: Final = 0.04


def done_again(transaction: Callable[[], Result]) -> Result:
    """What the transaction returns, after up to five tries at it. It must be one transaction and nothing else."""
    for tried in range(1, TRIES):
        try:
            return transaction()
        except Exception as error:  # each driver has its own class for it
            if not isinstance(named(error), Contended):
                raise
            sleep(random.uniform(0, FIRST_WAIT_SECONDS * 2**tried))  # noqa: S311 - spreads two that collided
    return transaction()
