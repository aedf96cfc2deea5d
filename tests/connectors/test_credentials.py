"""When what a source signs in with ends: from the settings alone, before it fails at three in the morning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from connectors.asana import Asana
from connectors.hubspot import HubSpot
from connectors.imap import ImapConnector
from connectors.jira import Jira
from connectors.record import Credential
from connectors.salesforce import Salesforce
from connectors.sheets import SheetsConnector

ENDS = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
SITE: dict[str, Any] = {
    "base_url": "https://acme.atlassian.net",
    "email": "hub@acme.example",
    "token": "secret",
}
BY_KEY = {"client_id": "3MVG9", "username": "hub@acme.example"}


@pytest.fixture(scope="module")
def key_and_certificate() -> tuple[bytes, bytes]:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "partner hub")])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(ENDS - timedelta(days=365)).not_valid_after(ENDS)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return pem, certificate.public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("connector", "expected"),
    [
        (HubSpot(token="pat-eu1-secret"), Credential("token", lasts=True)),
        (Asana(refresh_token="r", client_id="1", client_secret="s"), Credential("refresh_token", lasts=True)),
        (Asana(token="1/2:secret"), Credential("token")),
        (Jira(**SITE), Credential("token")),
        (
            ImapConnector(host="imap.acme.example", mailbox="a@acme.example", password="p"),
            Credential("password"),
        ),
        (SheetsConnector(path="partners.xlsx"), None),
    ],
    ids=["hubspot", "asana oauth", "asana", "jira", "mailbox", "file"],
)
def test_what_nothing_tells_is_unknown_and_what_its_vendor_lets_live_lasts(
    connector: Any, expected: Any
) -> None:
    assert connector.credential() == expected


def test_the_day_a_person_wrote_counts_from_its_first_moment_and_outranks_the_vendor() -> None:
    assert Jira(**SITE, expires="2027-03-01").credential() == Credential(
        "token", "2027-03-01T00:00:00.000000Z"
    )
    assert HubSpot(token="t", expires="2027-03-01").credential() == Credential(
        "token", "2027-03-01T00:00:00.000000Z"
    )
    assert Jira(**SITE, expires="never").credential() == Credential("token", lasts=True)


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="write a day as 2027-03-01, or never"):
        Jira(**SITE, expires="next spring")


def test_a_token_that_carries_its_end_needs_no_setting() -> None:
    token = jwt.encode({"exp": ENDS}, "k" * 32, algorithm="HS256")
    mailbox = ImapConnector(host="imap.acme.example", mailbox="a@acme.example", token=token)
    assert mailbox.credential() == Credential("token", "2027-03-01T12:00:00.000000Z")


@pytest.mark.parametrize("beside", [True, False], ids=["in the key's file", "in a file of its own"])
def test_a_salesforce_key_ends_with_its_certificate_and_still_signs(
    tmp_path: Path, key_and_certificate: tuple[bytes, bytes], *, beside: bool
) -> None:
    key, certificate = key_and_certificate
    (tmp_path / "key.pem").write_bytes(key + certificate if beside else key)
    (tmp_path / "crt.pem").write_bytes(certificate)
    more: dict[str, Any] = {} if beside else {"certificate_file": tmp_path / "crt.pem"}
    org = Salesforce(**BY_KEY, private_key_file=tmp_path / "key.pem", **more)
    assert org.credential() == Credential("private_key_file", "2027-03-01T12:00:00.000000Z")
    assert org._credentials().form()["assertion"].count(".") == 2


def test_a_salesforce_key_without_a_certificate_is_unknown_and_a_secret_of_its_app_lasts(
    tmp_path: Path,
) -> None:
    assert Salesforce(**BY_KEY, private_key_file=tmp_path / "gone.pem").credential() == Credential(
        "private_key_file"
    )
    by_secret = Salesforce(client_id="3", client_secret="s", instance_url="https://acme.my.salesforce.com")
    assert by_secret.credential() == Credential("client_secret", lasts=True)
