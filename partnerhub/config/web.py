"""Where others reach the pages: `web:`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from partnerhub.config.expect import Place

WEB_KEYS: Final = ("public_url",)
EXAMPLE: Final = "https://hub.company.example"
PUBLIC: Final = re.compile(r"https://[^/?#@\s]+")


@dataclass(frozen=True, slots=True)
class Web:
    """public_url: the https address a proxy answers to for others, without a path; empty: this machine only."""

    public_url: str = ""


def read_web(place: Place) -> Web:
    """What a configuration says of the pages."""
    found = place.known_entries(WEB_KEYS, f"public_url: {EXAMPLE}")
    if "public_url" not in found:
        return Web()
    url = (found["public_url"].text(EXAMPLE) or "").strip().rstrip("/")
    if url and not PUBLIC.fullmatch(url):
        do = f"Write the address browsers use, with https and without a path: `{EXAMPLE}`."
        found["public_url"].note("The pages are shown to others over https only.", do)
        return Web()
    return Web(url)
