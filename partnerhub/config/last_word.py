"""Whose word counts for a field where sources disagree: the system of record, as the settings name it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from partnerhub.config.model import HubConfig

SETTLED: Final = frozenset({"organization", "deal"})
"""Staged kinds of which several sources make one record, value by value."""
CUSTOM: Final = "custom."
"""Fields of an organization without a name of ours; any other dot leads to another record that is in the same one."""
TOGETHER: Final = {
    **dict.fromkeys(("street", "city", "region", "postcode", "country"), "address"),
    **dict.fromkeys(("annual_value_minor", "currency"), "annual_value"),
    "owner_record": "owner",
}
"""Fields that go as one under another name."""
WORDS: Final = {"complete": "whose record is the fullest", "frequent": "what most sources say"}


def last_word(config: HubConfig, kind: str, field: str) -> str:
    """The source whose word counts, or how it is found; empty where every source speaks for its own records only."""
    is_inner = "." in field and not field.startswith(CUSTOM)
    if kind not in SETTLED or not field or is_inner:
        return ""
    named = config.survivorship.get(TOGETHER.get(field, field)) if kind == "organization" else None
    if named:
        return named[0]
    strategy = config.strategies.get(TOGETHER.get(field, field)) if kind == "organization" else None
    if strategy:
        return WORDS[strategy]
    ranks = {source.priority for source in config.sources.values()}
    first = sorted(name for name, source in config.sources.items() if source.priority == max(ranks))
    return first[0] if len(first) == 1 else "who changed it last"
