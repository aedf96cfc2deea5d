"""Values that can hardly be right, and which spelling of a name reads best: what survivorship asks about values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

SAYS_NOTHING: Final = frozenset(
    """
    test|testing|test company|test account|unknown|unknown company|unbekannt|n/a|n.a.|na|none|null|nil|tbd|tba|todo|
    no name|noname|company|new company|my company|example|example company|dummy|sample|xxx|xx|x|asdf|-|--|---|.|?|??|
    not available|not applicable|not specified|unspecified|do not use|deleted|duplicate|private|self|self employed
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
"""What people write where a field must be filled and they know nothing."""
SITE_ALONE: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
NAMES: Final = frozenset({"name", "legal_name"})
SITES: Final = frozenset({"website", "domain"})
NOBODY: Final = frozenset(
    {"noreply", "no-reply", "donotreply", "do-not-reply", "mailer-daemon", "postmaster"}
)
"""Before the @: addresses nobody reads."""


def is_doubtful(name: str, value: Any) -> bool:
    """Whether a value can hardly be right: a name that says nothing, a platform's site, an address of nobody."""
    said = str(value).strip().casefold()
    if name in NAMES:
        return said in SAYS_NOTHING or bool(SITE_ALONE.fullmatch(said))
    if name in SITES:
        return is_no_site(said)
    if name == "email":
        from mappings.clean.web import is_generic_host

        local, _, domain = said.rpartition("@")
        return local in NOBODY or is_generic_host(domain)
    return False


def is_no_site(said: str) -> bool:
    """Whether a website or domain cannot be read, or is a platform's."""
    from mappings.clean.unreadable import Unreadable
    from mappings.clean.web import clean_host, is_generic_host

    try:
        host = clean_host(said)
    except Unreadable:
        return True
    return host is None or is_generic_host(host)


def best_spelling(names: Sequence[str]) -> str | None:
    """The spelling that tells capitals from small letters best; None for no name."""
    import mappings.icu_stand_in  # noqa: F401  # before rigour, which asks for ICU

    # isort: split
    from rigour.names import pick_case

    return pick_case(list(names)) if names else None
