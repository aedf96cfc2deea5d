"""What is kept of a mail whose mailbox gives metadata only: who, when, with whom, in which conversation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.imap.identity import HEADER_FIELD
from connectors.record import JsonObject, SourceRecord

KEPT = frozenset(
    {"from", "to", "cc", "bcc", "sender", "reply-to", "return-path", "date", "received"}
    | {"message-id", "in-reply-to", "references", "sensitivity", "importance", "priority"}
    | {"mime-version", "content-type", "auto-submitted", "precedence", "feedback-id"}
    | {"x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-failed-recipients"}
    | {"x-mailchimp-id", "x-campaign", "x-csa-complaints"}
)
"""Header fields that say who, when and what kind of mail. The others may quote it: spam filters add whole previews."""
LISTS = "list-"
SUBJECTS = frozenset({"subject", "thread-topic"})
NAME_PARAMETER = re.compile(r";\s*name[*\d]*=(?:\"[^\"]*\"|[^;\s]*)", re.IGNORECASE)
NAMES = ("name", "content_id")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The policy of one mailbox. subjects: whether subjects and names of attachments are kept."""

    subjects: bool

    def of(self, record: SourceRecord) -> SourceRecord:
        """The record without what policy keeps in the mailbox."""
        payload = dict(record.payload or {})
        if "header" in payload:
            payload["header"] = self._header(str(payload["header"]))
        if not self.subjects:
            payload = _nameless(payload)
            if "structure" in payload:
                payload["structure"] = [_nameless(part) for part in payload["structure"]]
        return record._replace(payload=payload)

    def _header(self, block: str) -> str:
        kept = []
        for field in HEADER_FIELD.finditer(block.encode("latin-1")):
            name = field.group(1).decode("latin-1").lower()
            if name in KEPT or name.startswith(LISTS) or (self.subjects and name in SUBJECTS):
                line = field.group().decode("latin-1").rstrip("\r\n")
                kept.append(line if self.subjects else NAME_PARAMETER.sub("", line))
        return "".join(f"{field}\r\n" for field in kept) + "\r\n"


def _nameless(facts: JsonObject) -> JsonObject:
    return facts | {name: None for name in NAMES if name in facts}
