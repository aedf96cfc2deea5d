"""Names that something else says of somebody: they mint no id of their own, they wait until it is clear who is meant.

A row of a CRM or a list is somebody's word that an organization exists, even if nothing but its name is filled in. A
deck that is titled with a name is not: it is about a partner, and as long as none is known by that name, the deck
stands unattached. What has once belonged to an organization keeps an id, because ids last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partnerhub.identity.assign import Standing
    from partnerhub.identity.grouping import Group, Guarded

PART = "#"
"""In the key of a record that is a part of another one (`mappings.canonical.record_key`); escaped elsewhere."""


def placed(groups: Iterable[Group], guarded: Mapping[str, Guarded], standing: Standing) -> list[Group]:
    """The groups that have an id or get one: all but those of nothing else than waiting names."""
    return [group for group in groups if not all(waits(r, guarded, standing) for r in group.records)]


def waits(record: str, guarded: Mapping[str, Guarded], standing: Standing) -> bool:
    """Whether a record is a bare name said inside another record, and belonged to nobody so far."""
    known = guarded.get(record)
    return known is not None and known.mention and PART in record and record not in standing.links
