"""Which partner a deck is about, where it says so itself: a path rule, a `Partner:` line, or the title of a review."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import Any, Final

from mappings.clean.names import clean_name, match_key
from mappings.clean.unreadable import Unreadable
from mappings.clean.web import clean_host, is_generic_host
from mappings.decks.labels import Said
from mappings.rows import Context

REVIEW: Final = re.compile(
    r"\b(?:review|qbr|ebr|mbr|business plan|account plan|success plan|partner(?:ship)? (?:plan|update|review)|"
    r"kick-?off|onboarding|renewal|quartals\w*|jahresgespräch|partnergespräch|statusbericht|bilan|revue|revisión)\b",
    re.IGNORECASE,
)
"""What people call a deck about one partner."""
BESIDE: Final = re.compile(r"\s*[:|·]\s+|\s+[-–—]\s+|\s+/\s+")
AFTER: Final = re.compile(r"\b(?:with|for|mit|für|avec|pour|con|para)\s+(?P<name>\S.*)$", re.IGNORECASE)
PERIOD: Final = re.compile(
    r"^(?:(?:q[1-4]|h[12]|fy|quarter|quartal|t[1-4])?\s*['’]?\d{0,4}|\d{4}\s*q[1-4]|[^\W\d_]{3,10}\.?\s+\d{4}|v\d.*)$",
    re.IGNORECASE,
)
TRAILING_PERIOD: Final = re.compile(r"[,\s]+(?:q[1-4]|h[12]|fy)?\s?['’]?\d{4}$", re.IGNORECASE)
NOBODY: Final = frozenset(
    (
        "partner", "partners", "all partners", "our partners", "partner program", "internal", "agenda", "team",
        "company", "draft", "final", "template", "overview", "update", "sales", "marketing", "product", "customer",
        "customers", "management", "board",
    )
)  # fmt: skip
LONGEST_NAME: Final = 80
BARE_HOST: Final = re.compile(
    r"(?:https?://)?(?:www\.)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)*\.[a-z]{2,}/?", re.IGNORECASE
)


def named_partners(payload: dict[str, Any], found: Iterable[Said], context: Context) -> list[str]:
    """The partner this deck names, or several where its `Partner:` lines disagree; none where it names nobody."""
    by_path = _a_name(payload.get("partner_in_path"), context)
    if by_path:
        return [by_path]
    labelled: dict[str | None, str] = {}
    for said in found:
        if said.field == "partner" and (name := _a_name(said.value, context)):
            labelled.setdefault(match_key(name), name)
    if labelled:
        return list(labelled.values())
    for title in _titles(payload):
        if name := _a_name(_beside_review(title), context):
            return [name]
    return []


def stated_host(payload: dict[str, Any], found: Iterable[Said], context: Context) -> str | None:
    """The partner's address on the web: behind its label, or alone on a line of the first slide."""
    slides = payload.get("slides") or []
    first = slides[0].get("passages") or [] if slides else []
    labelled = [said.value for said in found if said.field == "website"]
    lines = [line.strip() for each in first for line in str(each.get("text", "")).splitlines()]
    for written in (*labelled, *(line for line in lines if BARE_HOST.fullmatch(line))):
        try:
            host = clean_host(written)
        except Unreadable:
            continue
        if host and not is_generic_host(host) and not _is_own(host, context):
            return host
    return None


def _titles(payload: dict[str, Any]) -> list[str]:
    """Where a review says what it is: its first slide, its properties, the names of its files."""
    slides = payload.get("slides") or []
    properties = payload.get("properties") or {}
    names = [posixpath.splitext(posixpath.basename(str(path)))[0] for path in payload.get("paths") or []]
    found = [slides[0].get("title") if slides else None, properties.get("title"), *names]
    return [str(each) for each in found if each]


def _beside_review(title: str) -> str | None:
    """The one part of a title that is neither the kind of the deck nor a period."""
    parts = [part.strip() for part in BESIDE.split(title) if part.strip()]
    reviews = [part for part in parts if REVIEW.search(part)]
    if not reviews:
        return None
    others = [part for part in parts if part not in reviews and not PERIOD.match(part)]
    if len(others) == 1:
        return others[0]
    after = AFTER.search(reviews[0]) if not others else None
    return TRAILING_PERIOD.sub("", after["name"]) if after else None


def _a_name(value: object, context: Context) -> str | None:
    """A text as a partner's name; None for what names nobody, and for ourselves."""
    try:
        name = clean_name(value)
    except Unreadable:
        return None
    if not name or len(name) > LONGEST_NAME or name.casefold() in NOBODY or PERIOD.match(name):
        return None
    key = match_key(name)
    own = {domain.partition(".")[0].casefold() for domain in context.own_domains}
    return None if key is None or key.replace(" ", "") in own or not any(map(str.isalpha, name)) else name


def _is_own(host: str, context: Context) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in context.own_domains)
