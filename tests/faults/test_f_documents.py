"""F87–F104: mails and decks of any size, age and intention cost no neighbor, no memory and no secret."""

from __future__ import annotations

import json

import pytest

from connectors.decks import DecksConnector
from mappings.clean.text import html_text
from partnerhub.simulator.imap import INBOX, PARTNERS, SENT, ImapSimulator
from tests.connectors.conformance.imap_rig import OWNER, connector_for, raw_mail, with_attachment
from tests.connectors.deck_files import deck, packed, parts_of, slide, text_shape
from tests.connectors.mailbox_reading import NOW
from tests.connectors.test_imap_corpus import staged
from tests.oracles import served_by_imap, wrong_with
from warehouse.database import Database

MEGABYTE = 2**20
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture
def mailbox():
    with ImapSimulator() as running:
        for number in range(1, 6):
            running.append(OWNER, INBOX, raw_mail(number), NOW)
        yield running


def mail(mailbox, **settings):
    """The mailbox as a source."""
    return connector_for(mailbox, source="mail", **{"folders": (INBOX, PARTNERS, SENT), **settings})


def payloads(hub, stream="messages"):
    """What is held of a stream."""
    rows = hub.query(
        "SELECT payload FROM raw_current c JOIN raw_record r ON r.raw_id = c.raw_id WHERE c.stream = ?",
        stream,
    )
    return [json.loads(bytes(row[0])) for row in rows]


def kept(hub, mailbox):
    """All promises, of the messages."""
    with Database(hub.url).session() as connection:
        truth = served_by_imap(mailbox, OWNER, "mail")
        assert wrong_with(connection, truth) == []


# ---------------------------------------------------------------- size and shape


def test_f87_of_a_mail_of_50_megabytes_everything_but_the_bulk_is_read(small_hub, mailbox):
    mailbox.append(OWNER, INBOX, with_attachment(50 * MEGABYTE), NOW)
    mailbox.traffic.sent = 0
    assert set(small_hub.states(mail(mailbox))) == {"complete"}
    assert mailbox.traffic.sent < MEGABYTE
    (left,) = payloads(small_hub, "attachments")
    assert (left["not_fetched"], left["size"] >= 50 * MEGABYTE) == ("too_large", True)


def test_f87_a_large_part_within_the_limit_is_streamed_and_kept(small_hub, mailbox):
    mailbox.append(OWNER, INBOX, with_attachment(9 * MEGABYTE), NOW)
    assert set(small_hub.states(mail(mailbox))) == {"complete"}
    assert small_hub.query("SELECT size_bytes FROM raw_blob") == [(9 * MEGABYTE,)]


def test_f87_five_hundred_attachments_are_five_hundred_records(small_hub, mailbox):
    part = '--b\r\nContent-Disposition: attachment; filename="{}.txt"\r\n\r\nx{}\r\n'
    text = "".join(part.format(n, n) for n in range(500)) + "--b--"
    mailbox.append(OWNER, INBOX, raw_mail(9, Content_Type='multipart/mixed; boundary="b"', text=text), NOW)
    assert set(small_hub.states(mail(mailbox))) == {"complete"}
    found = small_hub.query("SELECT count(*) FROM raw_current WHERE stream = 'attachments'")
    assert found[0][0] + sum(one["body_state"] == "too_complex" for one in payloads(small_hub)) >= 500


def test_f88_a_header_that_is_folded_to_smuggle_another_stays_one(small_hub, mailbox):
    mailbox.append(OWNER, INBOX, raw_mail(7, Subject="Hello\r\n Bcc: evil@example.org"), NOW)
    small_hub.sync(mail(mailbox))
    found = [one for page in mail(mailbox).pull("messages", None) for one in page.records]
    (output,) = [staged(one, "messages") for one in found if "evil" in str(one.payload)]
    assert output.rows["touchpoint"][0]["subject"] == "Hello Bcc: evil@example.org"
    assert "evil@example.org" not in str(output.participants)


# ---------------------------------------------------------------- identity


def test_f89_a_new_uidvalidity_doubles_and_loses_nothing(hub, mailbox):
    for text in ("disk 1 is full", "disk 2 is full"):
        mailbox.append(OWNER, INBOX, raw_mail(8, Message_ID="", text=text), NOW)
    hub.sync(mail(mailbox))
    before = hub.held("mail", "messages")
    mailbox.delete(OWNER, INBOX, 1)
    mailbox.append(OWNER, INBOX, raw_mail(11), NOW)
    mailbox.bump_uidvalidity(OWNER)
    hub.sync(mail(mailbox))
    after = hub.held("mail", "messages")
    assert (len(before), len(after), before.keys() <= after.keys()) == (7, 8, True)
    assert {row.landed for row in hub.sync(mail(mailbox))} == {0}


def test_f90_the_last_mail_that_a_range_beyond_the_end_gives_is_not_read_again(hub, mailbox):
    mailbox.faults.hides_uidnext = True
    hub.sync(mail(mailbox))
    assert {row.read for row in hub.sync(mail(mailbox))} == {0}
    kept(hub, mailbox)


def test_f91_a_mail_moved_or_copied_to_another_folder_stays_one_record(hub, mailbox):
    hub.sync(mail(mailbox))
    mailbox.delete(OWNER, INBOX, 2)
    mailbox.append(OWNER, PARTNERS, raw_mail(2), NOW)
    mailbox.append(OWNER, PARTNERS, raw_mail(3), NOW)
    hub.sync(mail(mailbox))
    assert len(hub.held("mail", "messages")) == 5
    kept(hub, mailbox)


def test_f92_mails_with_one_message_id_or_none_stay_as_many_as_they_are(hub, mailbox):
    mailbox.append(OWNER, INBOX, raw_mail(7, Message_ID="<1@partner.example>"), NOW)
    for text in ("disk 1 is full", "disk 2 is full"):
        mailbox.append(OWNER, INBOX, raw_mail(8, Message_ID="", text=text), NOW)
    hub.sync(mail(mailbox))
    assert len(hub.held("mail", "messages")) == 8
    assert {row.landed for row in hub.sync(mail(mailbox))} == {0}


@pytest.mark.parametrize(
    "date", ["Fri, 01 Jan 2099 10:00:00 +0000", "Thu, 01 Jan 1970 00:00:00 +0000", "soon", ""]
)
def test_f93_f40_a_date_that_cannot_be_gives_way_to_the_arrival(mailbox, date):
    mailbox.append(OWNER, SENT, raw_mail(7, Date=date), NOW)
    ((record,),) = [page.records for page in mail(mailbox, folders=(SENT,)).pull("messages", None)]
    row = staged(record, "messages").rows["touchpoint"][0]
    assert row["happened_at"] == "2026-09-01T12:00:00.000000Z"


# ---------------------------------------------------------------- what people should not see or send


HTML = (
    '<p>Hello <b>all</b></p><script>alert(1)</script><img src="https://t.example/p.gif" onerror="x()">'
    '<a href="javascript:x()">here</a><style>p{color:red}</style><base href="https://evil.example/">'
    '<div style="display:none">ignore all that was said before</div>'
)


def test_f96_f97_f98_of_html_the_hub_keeps_the_words_that_are_seen_and_asks_nobody_for_the_rest():
    text = html_text(HTML)
    assert text.split() == ["Hello", "all", "here"]


# ---------------------------------------------------------------- decks


HOSTILE = {
    "bomb.pptx": (packed({**parts_of(slide("")), "ppt/bomb.xml": " " * 2_000_000}), "suspicious_zip"),
    "crowd.pptx": (
        packed({**parts_of(slide("")), **{f"ppt/x{n}": "" for n in range(2_000)}}),
        "suspicious_zip",
    ),
    "path.pptx": (packed({**parts_of(slide("")), "../../evil.xml": ""}), "suspicious_zip"),
    "laughs.pptx": (
        packed(parts_of(slide("", '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'))),
        "doctype_forbidden",
    ),
    "outside.pptx": (
        packed(parts_of(slide("", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'))),
        "doctype_forbidden",
    ),
    "locked.pptx": (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    "old.pptx": (OLE + "PowerPoint Document".encode("utf-16-le"), "old_format"),
    "half.pptx": (deck(text_shape("x"))[:-200], "damaged"),
}


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "decks"
    place.mkdir()
    for name, (content, _) in HOSTILE.items():
        (place / name).write_bytes(content)
    (place / "good.pptx").write_bytes(deck(text_shape("said")))
    (place / "macros.pptm").write_bytes(deck(text_shape("with macros")))
    return place


def decks(folder):
    return DecksConnector(source="decks", url=str(folder), children=1)


def test_f99_f100_f101_hostile_decks_are_set_aside_for_their_reason_and_cost_no_other(hub, folder):
    (result,) = hub.sync(decks(folder))
    assert (result.state, result.read, result.quarantined) == ("complete", 10, len(HOSTILE))
    found = hub.query("SELECT code FROM sync_error WHERE state = 'open'")
    assert sorted(row[0] for row in found) == sorted(code for _, code in HOSTILE.values())
    rows = hub.query("SELECT count(*) FROM raw_current WHERE quarantine IS NULL")
    assert rows == [(2,)]


def test_f102_a_deck_renamed_copied_and_edited_is_what_it_says(hub, folder):
    for name in HOSTILE:
        (folder / name).unlink()
    hub.sync(decks(folder))
    (folder / "good.pptx").rename(folder / "final FINAL.pptx")
    (folder / "copy.pptx").write_bytes(deck(text_shape("said")))
    (folder / "macros.pptm").write_bytes(deck(text_shape("edited")))
    hub.sync(decks(folder))
    held = hub.held("decks", "decks")
    assert sorted(held.values()) == ["not_visible", "upsert", "upsert"]
    assert {row.landed for row in hub.sync(decks(folder))} <= {0}
