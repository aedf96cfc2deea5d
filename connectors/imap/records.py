"""Source records of mails and their attachments, from what was fetched of them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Any, Final

from connectors.imap.fetching import LONGEST_HEADER, Overview, Unfetchable
from connectors.imap.identity import header_fields, message_id
from connectors.imap.inside import Found, with_packed_text
from connectors.imap.parts import Part, TooComplex, parts_from_bytes
from connectors.imap.session import OpenFolder
from connectors.record import Blob, JsonObject, Remedy, SourceRecord

NOT_READ = "not_read"


def location(folder: OpenFolder, uid: int) -> JsonObject:
    """Where a mail was seen. True until the server renumbers or somebody moves it."""
    return {"folder": folder.name, "uidvalidity": folder.uidvalidity, "uid": uid}


UNFETCHABLE: Final = Remedy(
    "Open the message in the mailbox; where it does not open there either, move it away or delete it.",
    "The mail server lists this message and fails to hand it out; its neighbors are read.",
)
NO_MAIL: Final = (
    "Nothing, unless it is missed: look at it in the mailbox. Deleting it there ends this message."
)
REMEDIES: Final = {
    "empty_message": Remedy(NO_MAIL, "The message has no bytes at all."),
    "no_headers": Remedy(NO_MAIL, "The message has no header field, so neither sender nor date."),
    "header_too_large": Remedy(NO_MAIL, "The message's header is larger than any mail program writes."),
}
"""Reason → what to do and what happened."""


def malformation(overview: Overview) -> str | None:
    """Why a message cannot be a record, as a stable code; None when it can."""
    if overview.size == 0 and not overview.header:
        return "empty_message"
    if len(overview.header) >= LONGEST_HEADER:
        return "header_too_large"
    return None if header_fields(overview.header) else "no_headers"


def malformed_record(key: str, code: str, raw: bytes) -> SourceRecord:
    """What arrived of a message that cannot be read as one.

    Its place stays out of the payload: a renumbered folder must not make it another one.
    """
    payload: JsonObject = {"id": key, "base64": base64.b64encode(raw).decode()}
    return SourceRecord(source_id=key, payload=payload, malformed=code, remedy=REMEDIES.get(code))


def unfetchable_record(folder: OpenFolder, message: Unfetchable) -> SourceRecord:
    """A message of which nothing arrived: only its place tells it from others."""
    key = f"unfetchable~{folder.name}~{folder.uidvalidity}~{message.uid}"
    payload: JsonObject = {"id": key, "reason": message.reason, "place": location(folder, message.uid)}
    return SourceRecord(source_id=key, payload=payload, malformed="unfetchable_message", remedy=UNFETCHABLE)


def message_record(
    key: str, folder: OpenFolder, overview: Overview, *, mailbox: str, body: JsonObject, parts: Iterable[Part]
) -> SourceRecord:
    """A mail as a record. `header` is the block byte for byte (Latin-1), `body` what policy and size allowed."""
    payload: JsonObject = {
        "id": key,
        "message_id": message_id(overview.header),
        "mailbox": mailbox,
        "header": overview.header.decode("latin-1"),
        "size": overview.size,
        "internaldate": overview.internaldate,
        "structure": [part.facts() for part in parts],
        "body": None,
        "body_state": NOT_READ,
        "locations": [location(folder, overview.uid)],
    }
    return SourceRecord(source_id=key, payload=payload | body)


def body_from_bytes(raw: bytes, most_text: int) -> tuple[JsonObject, list[Part]]:
    """Body fields and parts of a whole message. One that cannot be taken apart is kept whole, in base64."""
    try:
        parts = parts_from_bytes(raw)
    except TooComplex:
        whole = {
            "section": "",
            "type": "message/rfc822",
            "charset": None,
            "base64": base64.b64encode(raw).decode(),
        }
        return {"body": [whole], "body_state": "too_complex"}, []
    return body_from_parts(parts, most_text), parts


def body_from_parts(parts: Iterable[Part], most_text: int) -> JsonObject:
    """Body fields from parts whose contents are there; a text beyond `most_text` octets stays at the source."""
    readable = [part for part in with_packed_text(list(parts)) if part.is_body]
    given = [
        part.as_text() for part in readable if part.content is not None and len(part.content) <= most_text
    ]
    return {"body": given, "body_state": "fetched" if len(given) == len(readable) else "partly"}


def attachment_record(
    key: str, found: Found, not_fetched: str | None, locations: list[JsonObject]
) -> SourceRecord:
    """One attachment as a child record; its bytes travel as a blob when they were fetched."""
    part = found.part
    payload: JsonObject = (
        part.facts()
        | found.more
        | {
            "id": f"{key}/{part.section}",
            "message": key,
            "sha256": None,
            "not_fetched": not_fetched,
            "locations": locations,
        }
    )
    blobs: tuple[Blob, ...] = ()
    if not_fetched is None and part.content is not None:
        payload["sha256"] = hashlib.sha256(part.content).hexdigest()
        blobs = (Blob(payload["sha256"], part.media_type, part.content),)
    return SourceRecord(source_id=payload["id"], payload=payload, blobs=blobs)


def merged(records: Iterable[SourceRecord]) -> list[SourceRecord]:
    """Records of one page, each mail once: copies in one folder add their places to the first."""
    kept: dict[str, SourceRecord] = {}
    for record in records:
        first = kept.setdefault(record.source_id, record)
        if first is not record:
            places: list[Any] = (first.payload or {}).get("locations", [])
            places.extend(
                place for place in (record.payload or {}).get("locations", []) if place not in places
            )
    return list(kept.values())
