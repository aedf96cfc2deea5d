"""When two records are one mail."""

from __future__ import annotations

import pytest

from mappings.mail_identity import mail_same_as

ORIGINAL = ("<Abc.1@Mail.Example>", "2026-05-01T12:00:00.000000Z", "Ada@A.example", "Offer")


@pytest.mark.parametrize(
    "copy",
    [
        ("Abc.1@mail.example", None, "ada@a.example", "Offer"),
        ("< Abc.1@mail.example >", "2026-05-01T12:00:59.000000Z", "Ada <ada@a.example>", "RE: AW: offer "),
    ],
)
def test_copy_of_a_mail_is_the_same_mail(copy):
    assert mail_same_as(*copy) == mail_same_as(*ORIGINAL)


@pytest.mark.parametrize(
    "other",
    [
        ("<abc.1@mail.example>", None, "ada@a.example", "Offer"),
        ("<Abc.1@mail.example>", None, "bo@a.example", "Offer"),
        ("<Abc.1@mail.example>", None, "ada@a.example", "Invoice"),
    ],
)
def test_shared_id_alone_makes_no_same_mail(other):
    assert mail_same_as(*other) != mail_same_as(*ORIGINAL)


@pytest.mark.parametrize("missing", [None, "", " <> "])
def test_mail_without_an_id_stands_for_itself(missing):
    assert mail_same_as(missing, None, "ada@a.example", "Offer") is None


def test_sender_that_is_no_address_still_gives_an_identity():
    assert mail_same_as("<a@b>", None, "MAILER-DAEMON", None) == mail_same_as(
        "<a@b>", None, "mailer-daemon", ""
    )
