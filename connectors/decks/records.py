"""A deck as a source record: where it lies, what it says of itself, its slides, and what was not read of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from connectors.decks.changes import UNREAD
from connectors.decks.folder import Listed
from connectors.pptx_reader import READER_VERSION, ReadDeck, Reason
from connectors.record import Blob, JsonObject, Remedy, SourceRecord

MEDIA_TYPES: Final = {
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    ".ppsx": "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
    ".ppsm": "application/vnd.ms-powerpoint.slideshow.macroEnabled.12",
    ".potx": "application/vnd.openxmlformats-officedocument.presentationml.template",
    ".potm": "application/vnd.ms-powerpoint.template.macroEnabled.12",
}
OLD_TYPE: Final = "application/vnd.ms-powerpoint"
UNREADABLE: Final = "unreadable_file"
"""The reason of a file that this user may not read."""

UNLISTED: Final = "unreadable_folder"
"""The reason of a folder below that this user may not list."""

REMEDIES: Final = {
    Reason.EMPTY: Remedy("Ask its author for the file again.", "The file has no bytes."),
    Reason.ENCRYPTED: Remedy(
        "Save a copy without the password, or without the protection of the company.",
        "The file is encrypted: it opens with a password or a right only.",
    ),
    Reason.DAMAGED: Remedy(
        "Open it in PowerPoint, let it repair, and save it.",
        "The file is cut short, or a part of it is broken.",
    ),
    Reason.NOT_A_DECK: Remedy(
        "Remove or rename the file.",
        "Something else stands under a deck's name: a page, a text, another document.",
    ),
    Reason.OLD_FORMAT: Remedy(
        "Save it as .pptx.", "The file is a deck of PowerPoint 97-2003, which is not read."
    ),
    Reason.TOO_LARGE: Remedy(
        "Split the deck, or raise `max_file_bytes`.", "The deck is beyond the limits of size, text or memory."
    ),
    Reason.SUSPICIOUS_ZIP: Remedy(
        "Find out where the file comes from.",
        "The file is built as those are that harm whoever unpacks them.",
    ),
    Reason.DOCTYPE_FORBIDDEN: Remedy(
        "Find out where the file comes from.", "A part of the file declares entities, which no deck needs."
    ),
    Reason.TOO_SLOW: Remedy(
        "Split the deck, or raise `seconds_per_file`; it is tried again at every sync.",
        "The deck was not read within its time.",
    ),
    Reason.READER_CRASHED: Remedy(
        "Report it with the file; it is tried again at every sync.",
        "The process that read the deck died twice.",
    ),
    UNREADABLE: Remedy(
        "Give the hub's user the right to read this file; it is tried again at every sync.",
        "The folder lists the file and refuses its content; what was known of it stays.",
    ),
    UNLISTED: Remedy(
        "Give the hub's user the right to list this folder and to read its files.",
        "A folder below may not be listed; what was known of its decks stays.",
    ),
}
"""Reason → what to do and what happened."""

PLACEHOLDER: Final = re.compile(r"\\\{partner\\\}")


def deck_record(
    files: tuple[Listed, ...], sha256: str, content: bytes, read: ReadDeck, *, partner: str | None, kept: bool
) -> SourceRecord:
    """One deck, whatever became of it; unreadable ones are malformed under their reason and kept with their bytes."""
    media_type = media_type_of(files[0].path)
    payload = facts_of(files, partner) | {"id": sha256, "sha256": sha256, "media_type": media_type}
    payload |= {"reader": READER_VERSION, "properties": {}, "slides": [], "coverage": None}
    if read.deck is not None:
        payload |= {name: read.deck[name] for name in ("properties", "size", "slides", "coverage")}
    if read.refused:
        payload |= {"refused": read.refused.value, "detail": read.detail}
    blobs = (Blob(sha256, media_type, content),) if kept and content else ()
    payload["bytes_kept"] = bool(blobs)
    return _record(sha256, payload, read.refused.value if read.refused else None, blobs)


def unread_record(file: Listed, reason: str, partner: str | None) -> SourceRecord:
    """A file that was not fetched: known by its path, because nothing else of it is."""
    payload = facts_of((file,), partner) | {"id": UNREAD + file.path, "refused": reason}
    return _record(UNREAD + file.path, payload, reason)


def unlisted_record(path: str) -> SourceRecord:
    """A folder that may not be listed: it stands for whatever lies in it."""
    identity = f"{UNREAD}{path}/"
    return _record(identity, {"id": identity, "_file": f"{path}/", "refused": UNLISTED}, UNLISTED)


def _record(
    identity: str, payload: JsonObject, reason: str | None, blobs: tuple[Blob, ...] = ()
) -> SourceRecord:
    remedy = REMEDIES.get(reason) if reason else None
    return SourceRecord(identity, payload, malformed=reason, blobs=blobs, remedy=remedy)


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
