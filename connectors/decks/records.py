"""A deck as a source record: where it lies, what it says of itself, its slides, and what was not read of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from connectors.decks.changes import UNREAD
from connectors.decks.folder import Listed
from connectors.pptx_reader import READER_VERSION, ReadDeck
from connectors.record import Blob, JsonObject, SourceRecord

MEDIA_TYPES: Final = {
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    ".ppsx": "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
    ".ppsm": "application/vnd.ms-powerpoint.slideshow.macroEnabled.12",
    ".potx": "application/vnd.openxmlformats-officedocument.presentationml.template",
    ".potm": "application/vnd.ms-powerpoint.template.macroEnabled.12",
}
OLD_TYPE: Final = "application/vnd.ms-powerpoint"
PLACEHOLDER: Final = re.compile(r"\\\{partner\\\}")


def deck_record(
    files: tuple[Listed, ...], sha256: str, content: bytes, read: ReadDeck, *, partner: str | None, kept: bool
) -> SourceRecord:
    """One deck, whatever became of it; unreadable ones are malformed under their reason and kept with their bytes."""
    media_type = media_type_of(files[0].path)
    payload = facts_of(files, partner) | {"id": sha256, "sha256": sha256, "media_type": media_type}
    payload |= {"reader": READER_VERSION, "properties": {}, "slides": [], "coverage": None}
    if read.deck is not None:
        payload |= {name: read.deck[name] for name in ("properties", "slides", "coverage")}
    if read.refused:
        payload |= {"refused": read.refused.value, "detail": read.detail}
    blobs = (Blob(sha256, media_type, content),) if kept and content else ()
    payload["bytes_kept"] = bool(blobs)
    return SourceRecord(sha256, payload, malformed=read.refused.value if read.refused else None, blobs=blobs)


def unread_record(file: Listed, reason: str, partner: str | None) -> SourceRecord:
    """A file that was not fetched: known by its path, because nothing else of it is."""
    payload = facts_of((file,), partner) | {"id": UNREAD + file.path, "refused": reason}
    return SourceRecord(UNREAD + file.path, payload, malformed=reason)


def facts_of(files: Iterable[Listed], partner: str | None) -> JsonObject:
    """Where the deck lies, its size, and when the newest of its copies was saved."""
    together = sorted(files)
    saved = [file.modified for file in together if file.modified]
    return {
        "_file": together[0].path,
        "paths": [file.path for file in together],
        "size": together[0].size,
        "modified": max(saved) if saved else None,
        "partner_in_path": partner,
    }


def media_type_of(path: str) -> str:
    """The type of a deck by its name."""
    return MEDIA_TYPES.get(f".{path.rpartition('.')[2].lower()}", OLD_TYPE)


def partner_in(paths: Iterable[str], rule: str | None) -> str | None:
    """What `{partner}` stands for in the first path that fits the rule, without `_` for blanks."""
    if rule is None:
        return None
    for path in paths:
        found = pattern_of(rule).match(path)
        if found:
            return found["partner"].replace("_", " ").strip() or None
    return None


def pattern_of(rule: str) -> re.Pattern[str]:
    """A path rule as an expression: `*` stands for one folder or name, what follows the rule's end is free."""
    written = PLACEHOLDER.sub("(?P<partner>[^/]+?)", re.escape(rule.strip("/"))).replace(r"\*", "[^/]*")
    return re.compile(written + r"(?:/|$)", re.IGNORECASE)
