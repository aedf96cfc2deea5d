"""Pages of a partner that answers by another id: the same page of the survivor is where they lead, for good."""

from __future__ import annotations

from typing import Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

FOR_GOOD: Final = 308


class AnswersElsewhere(Exception):
    """What was asked for stands at another address."""

    def __init__(self, address: str) -> None:
        """Say where."""
        super().__init__(address)
        self.address = address


async def on_answers_elsewhere(_: Request, error: Exception) -> Response:
    """To the other address, which the browser may remember."""
    return RedirectResponse(str(error), FOR_GOOD)
