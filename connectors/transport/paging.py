"""A guard on paging: tokens that repeat and pages that stay empty lead nowhere."""

from __future__ import annotations

from connectors.errors import RetryLater


class PageGuard:
    """Raises when paging stops getting anywhere: a token seen before, or very many empty pages in a row."""

    def __init__(self, most_empty: int = 1000) -> None:
        """One guard watches one reading."""
        self._seen: set[int] = set()
        self._most_empty = most_empty
        self._empty = 0

    def watch(self, token: object, *, records: int) -> None:
        """Note the token of the next page and how many records this page held; raises `RetryLater`."""
        self._empty = 0 if records else self._empty + 1
        mark = hash(token)
        if mark in self._seen:
            raise no_progress(
                "repeated_page_token", "The vendor handed out a page token it had handed out before."
            )
        if self._empty > self._most_empty:
            raise no_progress("endless_paging", f"The vendor sent {self._empty} empty pages in a row.")
        self._seen.add(mark)


def no_progress(code: str, happened: str) -> RetryLater:
    """The error for paging that goes in circles."""
    return RetryLater(
        code=code,
        do="Nothing to do now: the next sync asks again from the last safe place.",
        happened=happened,
    )
