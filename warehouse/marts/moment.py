"""What was known at a moment, in SQL that says `{then()}` for it: the words all tables' pasts are told in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MOMENT: Final = "{then()}"
"""Where a query names the moment."""


def until(column: str) -> str:
    """An end that had not come by then had not come."""
    return f"CASE WHEN b.{column} <= {MOMENT} THEN b.{column} END"


def kept_since(name: str) -> str:
    """Since when the hub keeps images, by what it remembers under a name; the moment itself, if it has them all."""
    return (
        f"(SELECT coalesce(max({{time(h.value)}}), {MOMENT}) FROM {{base(hub_state)}} h"
        f" WHERE h.name = '{name}')"
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """How the past of one table is kept. where: which rows stood (`b` is the table). instead: column → what it was.

    rows: the whole query instead, where the past stands elsewhere; it names the columns marts read, no others.
    """

    where: str = ""
    instead: Mapping[str, str] = field(default_factory=dict)
    rows: str = ""
