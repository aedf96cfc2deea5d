"""A mailbox is read completely, each mail once, whatever the server does in between."""

from __future__ import annotations

import json

import pytest

from connectors.errors import FixSetup
from connectors.imap import ImapConnector
from partnerhub.simulator.imap import INBOX, PARTNERS, SENT, ImapSimulator
from tests.connectors.conformance.imap_rig import OWNER, connector_for, raw_mail, with_attachment
from tests.connectors.mailbox_reading import NOW, ids, mailbox_of_five, pull, records

__all__ = ["mailbox_of_five"]

# ---- state


def test_a_second_pull_finds_only_what_arrived_since(server: ImapSimulator) -> None:
    connector = connector_for(server)
    first = pull(connector)
    assert pull(connector, first[-1].cursor)[-1].records == []
    server.append(OWNER, INBOX, raw_mail(6), NOW)
    assert [
        record.payload["message_id"]
        for record in records(pull(connector, first[-1].cursor))
        if record.payload
    ] == ["<6@partner.example>"]


@pytest.mark.fault("F90")
def test_a_server_that_tells_no_uidnext_never_gives_its_last_mail_again(server: ImapSimulator) -> None:
    server.faults.hides_uidnext = True
    connector = connector_for(server)
    first = pull(connector)
    assert len(ids(first)) == 5
    assert ids(pull(connector, first[-1].cursor)) == []


def test_after_a_new_uidvalidity_every_mail_keeps_its_id_and_new_ones_are_found(
    server: ImapSimulator,
) -> None:
    connector = connector_for(server)
    first = pull(connector)
    server.append(OWNER, INBOX, raw_mail(6), NOW)
    server.delete(OWNER, INBOX, 2)
    server.bump_uidvalidity(OWNER)
    again = pull(connector, first[-1].cursor)
    assert len(ids(again)) == len(set(ids(again))) == 5
    assert len(set(ids(again)) - set(ids(first))) == 1


@pytest.mark.fault("F89")
def test_a_uidvalidity_that_changes_in_the_middle_of_a_pull_loses_nothing(server: ImapSimulator) -> None:
    connector = connector_for(server, page_size=2)
    pages = connector.pull("messages", None)
    seen = [next(pages)]
    server.delete(OWNER, INBOX, 1)
    server.bump_uidvalidity(OWNER)
    server.faults.plan("drop", "UID FETCH", times=1)
    seen += list(pages)
    assert len(set(ids(seen))) == 5


def test_only_the_changed_folder_is_listed_anew(server: ImapSimulator) -> None:
    server.append(OWNER, SENT, raw_mail(9, Received=""), NOW)
    connector = connector_for(server)
    cursor = pull(connector)[-1].cursor
    server.bump_uidvalidity(OWNER, SENT)
    assert len(records(pull(connector, cursor))) == 1


def test_nothing_is_marked_read_and_folders_are_opened_for_reading_only(server: ImapSimulator) -> None:
    pull(connector_for(server))
    pull(connector_for(server), stream="attachments")
    assert not [message for message in server.messages(OWNER) if message.flags]
    assert not [
        command for command in server.commands if command.startswith(("SELECT", "STORE", "UID STORE"))
    ]


# ---- identity


def test_one_mail_in_two_folders_is_one_record(server: ImapSimulator) -> None:
    server.append(OWNER, PARTNERS, raw_mail(3), NOW)
    found = pull(connector_for(server, folders=(INBOX, PARTNERS)))
    assert len(ids(found)) == 6
    assert len(set(ids(found))) == 5


@pytest.mark.fault("F91")
def test_a_copy_within_a_page_adds_its_place_instead_of_a_record(server: ImapSimulator) -> None:
    server.append(OWNER, INBOX, raw_mail(3), NOW)
    found = {record.source_id: record for record in records(pull(connector_for(server)))}
    places = [len(record.payload["locations"]) for record in found.values() if record.payload]
    assert sorted(places) == [1, 1, 1, 1, 2]


@pytest.mark.fault("F92")
def test_two_mails_that_share_a_message_id_stay_two(server: ImapSimulator) -> None:
    server.append(OWNER, INBOX, raw_mail(7, Message_ID="<1@partner.example>"), NOW)
    assert len(set(ids(pull(connector_for(server))))) == 6


@pytest.mark.fault("F89", "F92")
def test_two_mails_without_message_id_in_one_second_stay_two(server: ImapSimulator) -> None:
    for text in ("disk 1 is full", "disk 2 is full"):
        server.append(OWNER, INBOX, raw_mail(8, Message_ID="", text=text), NOW)
    assert len(set(ids(pull(connector_for(server, bodies="never"))))) == 7


def test_a_status_header_rewritten_by_the_server_does_not_make_another_mail(server: ImapSimulator) -> None:
    before = ids(pull(connector_for(server)))
    for message in server.messages(OWNER):
        message.raw = b"X-Keywords: \r\nStatus: RO\r\n" + message.raw
    assert ids(pull(connector_for(server))) == before


# ---- what comes along


def test_the_header_block_survives_byte_for_byte_as_plain_json(server: ImapSimulator) -> None:
    raw = b"X-Odd: \xff\xfe\x00\r\nSubject: caf\xe9\r\nReceived: x\r\nMessage-ID: <o@x.example>\r\n\r\nhi\r\n"
    server.append(OWNER, SENT, raw, NOW)
    record = records(pull(connector_for(server, folders=(SENT,))))[0]
    payload = json.loads(json.dumps(record.payload))
    assert payload["header"].encode("latin-1") == raw[: -len(b"hi\r\n")]


def test_a_text_that_does_not_decode_is_kept_in_base64(server: ImapSimulator) -> None:
    raw = raw_mail(7, Content_Type="text/plain; charset=us-ascii").replace("🌱".encode(), b"\xe4\xf6")
    server.append(OWNER, SENT, raw, NOW)
    payload = records(pull(connector_for(server, folders=(SENT,))))[0].payload or {}
    assert "text" not in payload["body"][0]
    assert payload["body"][0]["base64"]


def test_attachments_are_child_records_with_their_bytes_once(server: ImapSimulator) -> None:
    server.append(OWNER, SENT, with_attachment(10), NOW)
    connector = connector_for(server, folders=(SENT,))
    (message,) = records(pull(connector))
    (child,) = records(pull(connector, stream="attachments"))
    assert child.payload
    assert (child.payload["message"], child.payload["name"]) == (message.source_id, "a.pdf")
    assert [blob.content for blob in child.blobs] == [b"x" * 10]
    assert child.payload["sha256"] == child.blobs[0].sha256


def test_a_large_attachment_stays_at_the_source_with_its_reason(server: ImapSimulator) -> None:
    server.append(OWNER, SENT, with_attachment(200_000), NOW)
    connector = connector_for(server, folders=(SENT,), max_part_bytes=100_000)
    (child,) = records(pull(connector, stream="attachments"))
    assert child.payload
    assert (child.payload["not_fetched"], child.blobs) == ("too_large", ())
    (message,) = records(pull(connector))
    assert message.payload
    assert message.payload["body"][0]["text"].strip() == "see attached"
    assert not [command for command in server.commands if command.endswith("(BODY.PEEK[])")]


@pytest.mark.fault("F87")
def test_a_mail_beyond_the_limit_is_read_without_its_body(server: ImapSimulator) -> None:
    server.append(OWNER, SENT, raw_mail(30, text="long " * 2000), NOW)
    connector = connector_for(server, folders=(SENT,), max_message_bytes=5000, max_part_bytes=5000)
    (message,) = records(pull(connector))
    assert message.payload
    assert (message.payload["body"], message.payload["body_state"]) == (None, "too_large")


# ---- setup


def test_the_check_names_the_mailbox_and_counts_its_folders(server: ImapSimulator) -> None:
    result = connector_for(server).check()
    assert result.account == OWNER
    assert (result.details[INBOX], result.details[SENT]) == ("5", "0")


def test_the_check_names_a_folder_that_this_account_may_not_open(server: ImapSimulator) -> None:
    server.faults.plan("no", "EXAMINE", text="[NOPERM] Access denied", times=1)
    result = connector_for(server).check()
    assert result.missing_scopes == ("read the folder INBOX",)
    assert SENT in result.details


def test_what_arrives_after_the_folders_were_opened_is_no_gap(server: ImapSimulator) -> None:
    connector = connector_for(server)
    assert connector.count("messages") == 5
    pull(connector)
    server.append(OWNER, INBOX, raw_mail(6), NOW)
    assert connector.count("messages") == 5
    assert connector_for(server, folders=("*",)).count("messages") is None


def test_a_token_signs_in_by_xoauth2(server: ImapSimulator) -> None:
    connector = connector_for(server, password=None, token=server.mailbox(OWNER).token)
    assert connector.check().account == OWNER


def test_a_folder_that_does_not_exist_is_reported_after_the_others_were_read(server: ImapSimulator) -> None:
    pages = connector_for(server, folders=("Partners", INBOX)).pull("messages", None)
    assert len(next(pages).records) == 5
    with pytest.raises(FixSetup, match="Partners"):
        next(pages)


def test_a_folder_name_beyond_ascii_is_read(server: ImapSimulator) -> None:
    server.append(OWNER, PARTNERS, raw_mail(11), NOW)
    assert len(ids(pull(connector_for(server, folders=(PARTNERS,))))) == 1


def test_a_star_reads_every_folder_of_correspondence(server: ImapSimulator) -> None:
    for folder in (PARTNERS, "Trash", "Drafts"):
        server.append(OWNER, folder, raw_mail(12), NOW)
    assert len(ids(pull(connector_for(server, folders=("*",))))) == 6


def test_settings_need_exactly_one_secret() -> None:
    with pytest.raises(ValueError, match="either password or token"):
        ImapConnector(host="h", mailbox=OWNER)
