"""Which mail gives its text is the policy's to say, and trouble with a server neither loses nor repeats a mail."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from connectors.errors import FixSetup, RetryLater, SyncError, WaitForQuota
from partnerhub.simulator.imap import INBOX, SENT, ImapSimulator
from tests.connectors.conformance.imap_rig import OWNER, connector_for, raw_mail, with_attachment
from tests.connectors.mailbox_reading import NOW, ids, mailbox_of_five, pull, records

__all__ = ["mailbox_of_five"]

# ---- policy


@pytest.mark.fault("F95")
def test_only_mail_with_known_people_gives_its_body(server: ImapSimulator) -> None:
    connector = connector_for(server, bodies="attached")
    connector.attach_policy(lambda people: people & {"ann3@partner.example"})
    states = [record.payload["body_state"] for record in records(pull(connector)) if record.payload]
    assert states == ["left_by_policy", "left_by_policy", "fetched", "left_by_policy", "left_by_policy"]


@pytest.mark.parametrize("settings", [{"bodies": "never"}, {"bodies": "attached"}])
@pytest.mark.fault("F95")
def test_without_anybody_known_no_body_ever_leaves_the_mailbox(
    server: ImapSimulator, settings: dict[str, str]
) -> None:
    assert {
        record.payload["body"]
        for record in records(pull(connector_for(server, **settings)))
        if record.payload
    } == {None}
    assert not [
        command for command in server.commands if "BODY.PEEK[]" in command or "BODY.PEEK[1]" in command
    ]


def test_a_body_left_by_policy_is_filled_in_later_under_the_same_id(server: ImapSimulator) -> None:
    connector = connector_for(server, bodies="attached")
    left = records(pull(connector))
    wanted = [left[1].payload | {"source_id": left[1].source_id}] if left[1].payload else []
    (filled,) = records(list(connector.backfill(wanted)))
    assert filled.source_id == left[1].source_id
    assert filled.payload
    assert filled.payload["body"][0]["text"].startswith("Text 2")


def test_a_body_is_filled_in_even_when_the_mail_has_moved(server: ImapSimulator) -> None:
    connector = connector_for(server, bodies="attached")
    left = records(pull(connector))[1]
    server.delete(OWNER, INBOX, 2)
    server.append(OWNER, SENT, raw_mail(2), NOW)
    server.bump_uidvalidity(OWNER)
    wanted = [(left.payload or {}) | {"source_id": left.source_id}]
    assert ids(list(connector.backfill(wanted))) == [left.source_id]


def test_attachments_left_by_policy_are_filled_in_later(server: ImapSimulator) -> None:
    server.append(OWNER, SENT, with_attachment(10), NOW)
    connector = connector_for(server, folders=(SENT,), bodies="attached")
    (message,), (left,) = records(pull(connector)), records(pull(connector, stream="attachments"))
    wanted = [(message.payload or {}) | {"source_id": message.source_id}]
    (filled,) = records(list(connector.backfill(wanted, "attachments")))
    assert (left.payload or {})["not_fetched"] == "left_by_policy"
    assert (filled.source_id, len(filled.blobs)) == (left.source_id, 1)


# ---- trouble


@pytest.mark.parametrize("after", [0, 1, 37, 200, 900, 2000])
@pytest.mark.fault("F06")
def test_a_connection_dropped_anywhere_in_an_answer_is_taken_up_again(
    server: ImapSimulator, after: int
) -> None:
    server.faults.plan("drop", "UID FETCH", after_bytes=after, times=2)
    assert len(set(ids(pull(connector_for(server))))) == 5


def test_a_goodbye_in_the_middle_is_no_end_of_the_data(server: ImapSimulator) -> None:
    server.faults.plan("bye", "UID FETCH", text="[UNAVAILABLE] restarting", times=2)
    assert len(ids(pull(connector_for(server)))) == 5


def test_one_message_the_server_cannot_give_does_not_stop_the_others(server: ImapSimulator) -> None:
    server.faults.plan("no", "UID FETCH", text="cannot read", uid=3, times=20)
    found = records(pull(connector_for(server)))
    assert [record.malformed for record in found] == [None, None, "unfetchable_message", None, None]


def test_a_message_without_any_header_lands_malformed_with_what_arrived(server: ImapSimulator) -> None:
    server.append(OWNER, SENT, b"no header here at all", NOW)
    server.append(OWNER, SENT, b"", NOW)
    found = records(pull(connector_for(server, folders=(SENT,))))
    assert [record.malformed for record in found] == ["no_headers", "empty_message"]
    server.bump_uidvalidity(OWNER, SENT)
    again = records(pull(connector_for(server, folders=(SENT,))))
    assert [record.payload for record in again] == [record.payload for record in found]
    assert found[0].payload
    assert found[0].payload["base64"]


@pytest.mark.fault("F88")
def test_a_hundred_thousand_headers_are_quarantined_and_bounded(server: ImapSimulator) -> None:
    server.append(
        OWNER, SENT, b"".join(b"X-%d: y\r\n" % number for number in range(100_000)) + b"\r\nhi", NOW
    )
    (record,) = records(pull(connector_for(server, folders=(SENT,), bodies="never")))
    assert record.malformed == "header_too_large"
    assert len(json.dumps(record.payload)) < 400_000


@pytest.mark.fault("F88")
def test_a_thousand_nested_parts_are_kept_whole_instead_of_taken_apart(server: ImapSimulator) -> None:
    bomb = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (level, level)
        for level in range(1000)
    )
    server.append(OWNER, SENT, b"Subject: bomb\r\n" + bomb, NOW)
    (record,) = records(pull(connector_for(server, folders=(SENT,))))
    assert record.payload
    assert record.payload["body_state"] == "too_complex"


@pytest.mark.parametrize(
    ("text", "error", "code"),
    [
        ("[AUTHENTICATIONFAILED] no", FixSetup, "authentication_failed"),
        ("wrong password", FixSetup, "authentication_failed"),
        ("[UNAVAILABLE] later", RetryLater, "server_unavailable"),
        ("[LIMIT] Maximum number of connections", RetryLater, "too_many_connections"),
        ("[OVERQUOTA] bandwidth", WaitForQuota, "quota_used_up"),
    ],
)
def test_a_refused_sign_in_says_what_to_do(
    server: ImapSimulator, text: str, error: type[SyncError], code: str
) -> None:
    server.faults.plan("no", "LOGIN", text=text, times=50)
    with pytest.raises(error) as caught:
        connector_for(server).check()
    assert caught.value.code == code


def test_a_wrong_password_is_tried_once_only(server: ImapSimulator) -> None:
    with pytest.raises(FixSetup):
        connector_for(server, password="guess").check()
    assert server.commands.count("LOGIN") == 1


def test_a_server_that_is_not_there_is_retry_later() -> None:
    with ImapSimulator() as gone:
        connector = connector_for(gone)
    with pytest.raises(RetryLater):
        connector.check()


def test_an_untrusted_certificate_is_refused_and_a_known_one_accepted(tmp_path: Path) -> None:
    authority = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    with ImapSimulator(tls=context) as encrypted:
        assert (
            connector_for(encrypted, ssl=True, host="localhost", ca_bundle=authority).check().account == OWNER
        )
        with pytest.raises(FixSetup) as caught:
            connector_for(encrypted, ssl=True).check()
    assert caught.value.code == "tls_untrusted"


def certificate(folder: Path) -> Path:
    """A self-signed certificate for localhost with its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not there to make a certificate")
    both = folder / "server.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    making = [
        openssl,
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        str(both),
        "-out",
        str(both) + ".crt",
    ]
    subprocess.run([*making, *subject, "-days", "2"], check=True, capture_output=True)
    both.write_text(both.read_text() + Path(f"{both}.crt").read_text())
    return both
