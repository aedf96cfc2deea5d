"""What stands inside attachments becomes attachments of its own: winmail.dat, mails in mails. Bounded throughout."""

from __future__ import annotations

import hashlib
import struct
import time
from email.message import EmailMessage, Message
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pptx import Presentation

from connectors.imap.tnef import Unpackable, unpack
from connectors.record import SourceRecord
from partnerhub.simulator.imap import INBOX, ImapSimulator
from tests.connectors.conformance.imap_rig import NOW, OWNER, connector_for
from tests.connectors.tnef_files import PROPERTIES, piece, winmail

PACKED = winmail("<p>Rich words</p>", {"Grüße.pdf": b"%PDF-1.7", "b.txt": b"plain"})


def mail(subject: str = "Outer", text: str | None = "Outer words.") -> EmailMessage:
    message = EmailMessage()
    message["Received"] = "from a by b"
    message["From"], message["To"], message["Subject"] = "ann@partner.example", OWNER, subject
    message["Message-ID"], message["Date"] = f"<{subject}@x>", "Tue, 01 Sep 2026 10:00:00 +0000"
    if text is not None:
        message.set_content(text)
    return message


def read(message: Message, **settings: Any) -> tuple[dict[str, Any], dict[str, SourceRecord]]:
    """The mail's payload, and its attachments by section."""
    with ImapSimulator() as server:
        server.append(OWNER, INBOX, message.as_bytes(), NOW)
        connector = connector_for(server, **settings)
        (found,) = [record for page in connector.pull("messages", None) for record in page.records]
        attachments = [record for page in connector.pull("attachments", None) for record in page.records]
    return found.payload or {}, {(each.payload or {})["section"]: each for each in attachments}


def packed_mail(text: str | None, content: bytes = PACKED) -> EmailMessage:
    message = mail(text=text)
    message.add_attachment(content, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    return message


def test_files_in_winmail_dat_are_attachments_beside_it() -> None:
    _, found = read(packed_mail("Outer words."))
    names = {section: (each.payload or {})["name"] for section, each in found.items()}
    assert names == {"2": "winmail.dat", "2.tnef.1": "Grüße.pdf", "2.tnef.2": "b.txt"}
    inner = found["2.tnef.1"]
    assert (inner.payload or {})["inside"] == "2"
    assert (inner.payload or {})["sha256"] == hashlib.sha256(b"%PDF-1.7").hexdigest()
    assert inner.blobs[0].content == b"%PDF-1.7"


@pytest.mark.parametrize("limits", [{}, {"max_message_bytes": 0}])
def test_the_text_of_a_mail_that_has_none_but_winmail_dat_is_read(limits: dict[str, int]) -> None:
    payload, _ = read(packed_mail(None), **limits)
    assert [part["text"] for part in payload["body"]] == ["<p>Rich words</p>"]
    with_text, _ = read(packed_mail("Outer words."), **limits)
    assert [part["type"] for part in with_text["body"]] == ["text/plain"]


def test_a_mail_in_a_mail_keeps_its_header_text_and_files_apart_from_the_outer_mail() -> None:
    inner = mail("Inner", "Inner words.")
    inner.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="offer.pdf")
    outer = mail()
    outer.add_attachment(inner)
    payload, found = read(outer)
    assert [part["text"].strip() for part in payload["body"]] == ["Outer words."]
    nested = (found["2"].payload or {})["nested"]
    assert "Subject: Inner" in nested["header"]
    assert [part["text"].strip() for part in nested["body"]] == ["Inner words."]
    file = found["2.2"].payload or {}
    assert (file["name"], file["inside"], file["message"]) == ("offer.pdf", "2", payload["id"])


def test_winmail_dat_in_a_mail_in_a_mail_is_opened_too() -> None:
    outer = mail()
    outer.add_attachment(packed_mail("Inner words."))
    _, found = read(outer)
    assert set(found) == {"2", "2.2", "2.2.tnef.1", "2.2.tnef.2"}


def test_mails_nested_beyond_the_limit_stay_in_the_bytes_around_them() -> None:
    message = mail("0")
    for depth in range(1, 9):
        outer = mail(str(depth))
        outer.add_attachment(message)
        message = outer
    _, found = read(message)
    assert 5 <= len(found) <= 6
    assert all((each.payload or {})["sha256"] for each in found.values())


def test_policy_keeps_the_inside_at_the_source_with_the_outside() -> None:
    payload, found = read(packed_mail(None), bodies="never")
    assert payload["body"] is None
    assert [(each.payload or {})["not_fetched"] for each in found.values()] == ["left_by_policy"]


def test_damaged_winmail_dat_gives_what_can_be_read_and_says_so() -> None:
    _, cut = read(packed_mail("x", PACKED[:-12]))
    assert (cut["2"].payload or {})["unpacked"] == "damaged"
    assert "2.tnef.1" in cut
    _, wrong = read(packed_mail("x", b"no tnef at all"))
    assert (wrong["2"].payload or {})["unpacked"] == "damaged"
    assert wrong["2"].blobs[0].content == b"no tnef at all"


def test_counts_of_four_billion_cost_nothing() -> None:
    lies = struct.pack("<I", 2**32 - 1) + struct.pack("<HHI", 0x1002, 0x1000, 2**32 - 1)
    started = time.perf_counter()
    unpack(winmail() + piece(1, PROPERTIES, lies) * 50)
    unpack(winmail() + piece(1, 1, b"") * 500_000)
    assert time.perf_counter() - started < 1


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_bytes_raise_anything_but_unpackable(data: st.DataObject) -> None:
    content = bytearray(PACKED)
    for _ in range(data.draw(st.integers(0, 8))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    unpack(bytes(content[: data.draw(st.integers(4, len(content)))]))
    with pytest.raises(Unpackable):
        unpack(b"")


@pytest.mark.shared
def test_every_winmail_body_of_the_corpus_opens(shared: Path) -> None:
    folder = shared / "corpora" / "email" / "dev" / "tnef"
    found = [unpack(path.read_bytes()) for path in sorted(folder.iterdir())]
    assert len(found) == 10
    assert not any(each.damaged for each in found)
    assert sum(len(each.files) for each in found) == 19
    assert sum(bool(each.bodies) for each in found) == 9


def test_a_deck_in_a_mail_is_read_by_the_deck_reader() -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[0])
    slide.shapes.title.text = "Tier: Gold"
    saved = BytesIO()
    deck.save(saved)
    message = mail()
    message.add_attachment(
        saved.getvalue(), maintype="application", subtype="octet-stream", filename="QBR.pptx"
    )
    message.add_attachment(b"PK\x03\x04 cut", maintype="application", subtype="zip", filename="broken.pptx")
    _, found = read(message)
    (said,) = (found["2"].payload or {})["deck"]["slides"]
    assert said["title"] == "Tier: Gold"
    broken = found["3"].payload or {}
    assert (broken["unpacked"], "deck" in broken, found["3"].blobs[0].content) == (
        "damaged",
        False,
        b"PK\x03\x04 cut",
    )
