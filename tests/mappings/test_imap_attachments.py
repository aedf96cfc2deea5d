"""What stands inside attachments is citable: mails in mails, the text of winmail.dat."""

from __future__ import annotations

from typing import Any

from mappings.compile import compile_stream
from mappings.imap import MAPPING
from mappings.rows import Context, StagedOutput

ATTACHMENT = compile_stream(MAPPING.streams["attachments"])
INNER = (
    "From: =?utf-8?q?J=C3=BCrgen?= <j@far.example>\r\nSubject: The =?koi8-r?b?8NLJ18XU?=\r\nX-Loop: 1\r\n\r\n"
)
TEXT = {"section": "2.1", "type": "text/plain", "charset": None, "text": "What the inner mail said."}


def staged(**fields: Any) -> StagedOutput:
    payload = {"id": "k/2", "message": "k", "section": "2", "type": "message/rfc822", "name": None, "size": 9}
    context = Context("mail", "attachments", "k/2", 1, "r", None, None, "DE", frozenset(), frozenset(), {})
    return ATTACHMENT({"sha256": "ab", "not_fetched": None, **payload, **fields}, context)


def test_a_mail_in_a_mail_is_a_document_with_its_header_and_text_as_passages() -> None:
    rows = staged(nested={"header": INNER, "body": [TEXT]}).rows
    assert rows["document"][0]["title"] == "The Привет"
    assert [(each["place"], each["text"]) for each in rows["passage"]] == [
        ("2/header", "From: Jürgen <j@far.example>\nSubject: The Привет"),
        ("2/text", "What the inner mail said."),
    ]
    assert {each["document_record"] for each in rows["passage"]} == {rows["document"][0]["record"]}


def test_another_text_is_another_passage() -> None:
    keys = {
        staged(nested={"header": INNER, "body": [TEXT | {"text": text}]}).rows["passage"][1]["record"]
        for text in ("one", "two", "one")
    }
    assert len(keys) == 2


def test_rich_text_of_winmail_is_read_once_in_its_best_form() -> None:
    forms = [
        {"section": "2.tnef.body1", "type": "text/html", "charset": None, "text": "<p>Hello <b>you</b></p>"},
        {"section": "2.tnef.body2", "type": "text/rtf", "charset": "latin-1", "text": r"{\rtf1 Hello you}"},
    ]
    packed = [part | {"disposition": "packed", "within": "alternative.tnef"} for part in forms]
    rows = staged(type="application/ms-tnef", name="winmail.dat", body=packed, unpacked="whole").rows
    assert [each["text"] for each in rows["passage"]] == ["Hello you"]
    rtf_only = staged(type="application/ms-tnef", body=packed[1:], unpacked="whole").rows
    assert [each["text"] for each in rtf_only["passage"]] == ["Hello you"]


def test_an_attachment_that_cannot_be_opened_is_kept_and_reported() -> None:
    output = staged(type="application/ms-tnef", name="winmail.dat", unpacked="damaged")
    assert output.rows["document"][0]["title"] == "winmail.dat"
    assert [(each.code, each.sample) for each in output.findings] == [("attachment_damaged", "damaged")]


def test_slides_of_an_attached_deck_are_passages_of_the_attachment() -> None:
    spoken = [{"place": f"slide 1 / Title {n}", "kind": "title", "text": "Tier: Gold"} for n in (1, 2, 2)]
    output = staged(name="QBR.pptx", deck={"reader": "pptx-1", "slides": [{"number": 1, "passages": spoken}]})
    passages = output.rows["passage"]
    assert [(each["place"], each["text"], each["extractor"]) for each in passages] == [
        ("slide 1 / Title 1", "Tier: Gold", "pptx-1"),
        ("slide 1 / Title 2", "Tier: Gold", "pptx-1"),
    ]
    assert len({each["record"] for each in passages}) == 2


def test_what_stood_in_an_attachment_hangs_on_the_mail_and_names_the_attachment() -> None:
    (row,) = staged(section="2.1", type="application/pdf", name="offer.pdf", inside="2").rows["document"]
    assert row["parent_record"] == "mail/messages/k"
    assert row["custom_json"] == '{"inside": "mail/attachments/k/2"}'
