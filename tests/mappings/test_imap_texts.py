"""What somebody wrote is told from what they quoted; every charset is read; nothing raises."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.mail.bodies import message_text, part_text
from mappings.mail.calendars import read_invitation
from mappings.mail.decoding import decode_bytes, decode_header
from mappings.mail.headers import Headers
from mappings.mail.quotes import split_quoted

OWN = "Yes, that works.\nSee you."
QUOTED = "> Does Tuesday work?\n> Ann"


@pytest.mark.parametrize(
    "introduction",
    [
        "On Tue, 1 Sep 2026 at 10:00, Ann Example <ann@partner.example> wrote:",
        "On Tue, 1 Sep 2026 at 10:00, Ann Example\n<ann@partner.example> wrote:",
        "Am 01.09.2026 um 10:00 schrieb Ann Example <ann@partner.example>:",
        "Le 01/09/2026 à 10:00, Ann Example a écrit :",
        "El 01.09.2026 10:00, Ann Example escribió:",
        "Il giorno 1 set 2026 Ann <ann@partner.example> ha scritto:",
        "Op 1 sep. 2026 om 10:00 schreef Ann <ann@partner.example>:",
    ],
)
def test_a_quoted_mail_is_split_off_in_any_language(introduction: str) -> None:
    said = split_quoted(f"{OWN}\n\n{introduction}\n{QUOTED}\n")
    assert said.text == OWN
    assert said.quoted == f"{introduction}\n{QUOTED}"


@pytest.mark.parametrize(
    "rest",
    [
        "-----Original Message-----\nFrom: Ann <ann@partner.example>\nSent: Tuesday\nTo: Bo\n\nDoes it?",
        "From: Ann <ann@partner.example>\nSent: Tuesday, 1 September 2026 10:00\nTo: Bo\nSubject: Hello\n\nDoes it?",
        "Von: Ann <ann@partner.example>\nGesendet: Dienstag, 1. September 2026\nAn: Bo\nBetreff: Hallo\n\nGeht das?",
        "---------- Forwarded message ---------\nFrom: Ann <ann@partner.example>\nSubject: x\n\nDoes it?",
    ],
)
def test_a_mail_below_a_header_block_is_split_off(rest: str) -> None:
    said = split_quoted(f"{OWN}\n\n{rest}")
    assert said.text == OWN
    assert "Does it?" in (said.quoted or "") or "Geht das?" in (said.quoted or "")


def test_answers_between_quoted_lines_are_what_was_said() -> None:
    said = split_quoted(
        "On Tue, 1 Sep 2026, Ann <ann@x.example> wrote:\n> Tuesday?\n\nYes.\n\n> And the price?\n\n12 euros.\n"
    )
    assert said.text == "Yes.\n\n12 euros."
    assert said.quoted is not None
    assert "> And the price?" in said.quoted


@pytest.mark.parametrize(
    "signature", ["-- \nAnn\nExample Ltd", "--\nAnn", "Sent from my iPhone", "Von meinem iPhone gesendet"]
)
def test_a_signature_is_kept_apart(signature: str) -> None:
    assert split_quoted(f"{OWN}\n\n{signature}") == (OWN, None, signature)


@pytest.mark.parametrize(
    "text",
    [
        "---------- Forwarded message ---------\nFrom: Ann\nSubject: x\n\nall there is",
        "> only quoted",
        "-- \nonly a signature",
        "Dear all,\n- one\n- two\n\nThanks,\nAnn",
    ],
)
def test_a_text_never_becomes_empty_and_lists_stay(text: str) -> None:
    assert split_quoted(text) == (text, None, None)


CLOSINGS = [
    (f"{OWN}\n\nBest regards\nAnn Example\nTel. +49 89 123456", "Ann Example\nTel. +49 89 123456"),
    (f"{OWN}\nViele Grüße,\nAnn\nwww.partner.example", "Ann\nwww.partner.example"),
    (
        f"{OWN}\n\n=====================\nYou get this from a list.",
        "=====================\nYou get this from a list.",
    ),
]


@pytest.mark.parametrize(("text", "signature"), CLOSINGS)
def test_a_card_below_a_closing_and_a_ruled_footer_are_signatures(text: str, signature: str) -> None:
    said = split_quoted(text)
    assert said.signature == signature
    assert (said.text or "").startswith(OWN)


def test_a_table_with_rules_is_no_signature() -> None:
    table = "Prices:\n----------------\n" + "\n".join(f"item {n}: {n} euros" for n in range(20))
    assert split_quoted(table) == (table, None, None)


LINES = st.one_of(
    st.sampled_from(
        [
            "",
            "> q",
            "> > deeper",
            "| > bar",
            "On 1.1.2026 A <a@b.c> wrote:",
            "-- ",
            "From: x",
            "To: y",
            "1 @:",
            "Best regards,",
            "Tel. 0123456789",
            "=" * 30,
            "_" * 30,
            "Sent from my iPhone",
            "-----Original Message-----",
            "Am 1.1.2026 schrieb A <a@b.c>:",
            "Gesendet: x",
            "\u3000",
            "> ",
            ">",
        ]
    ),
    st.text(st.characters(exclude_characters="\n\r", exclude_categories=["C"]), max_size=30),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=30))
def test_no_line_is_lost_or_doubled_whatever_the_mail_looks_like(lines: list[str]) -> None:
    said = split_quoted("\n".join(lines))
    kept = "\n".join(half for half in said if half is not None).split("\n")
    assert sorted(line.strip() for line in kept if line.strip()) == sorted(
        x.strip() for x in lines if x.strip()
    )


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["> why?", "> and when?"]), st.sampled_from(["Because.", "Friday."])))
)
def test_every_answer_between_marked_quotes_is_said_and_every_marked_line_is_context(
    pairs: list[tuple[str, str]],
) -> None:
    said = split_quoted(
        "On 1.1.2026 Ann <a@b.example> wrote:\n" + "\n".join(x for pair in pairs for x in pair)
    )
    if pairs:
        assert (said.text or "").split("\n") == [answer for _, answer in pairs]
        assert (said.quoted or "").split("\n")[1:] == [question for question, _ in pairs]


@pytest.mark.parametrize(
    "line", ["On " + "a " * 60_000, "> " * 100_000, "From: " + "x" * 200_000 + "\nTo: y", "_" * 300_000]
)
def test_endless_lines_take_no_endless_time(line: str) -> None:
    started = time.perf_counter()
    split_quoted(f"hello\n{line}\n{line}")
    assert time.perf_counter() - started < 2


# ---- charsets


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        ("Grüße".encode(), "nonsense-8", "Grüße"),
        ("Grüße".encode("latin-1"), "us-ascii", "Grüße"),
        ("Grüße".encode("cp1252"), None, "Grüße"),
        (
            "日本語のメールです。よろしくお願いします。".encode("iso-2022-jp"),
            "iso-2022-jp",
            "日本語のメールです。よろしくお願いします。",
        ),
        ("こんにちは世界".encode("shift_jis"), "x-sjis", "こんにちは世界"),
        ("中文邮件内容".encode("gb18030"), "gb2312", "中文邮件内容"),
        ("Привет, как дела? Всё хорошо".encode("koi8-r"), "koi8-r", "Привет, как дела? Всё хорошо"),
        ("Привет".encode("cp1251"), "win-1251", "Привет"),
        (
            "Grüße aus Köln an alle Freunde".encode("latin-1"),
            "unknown-8bit",
            "Grüße aus Köln an alle Freunde",
        ),
        ("Grüße".encode("utf-7"), "unicode-1-1-utf-7", "Grüße"),
        ("漢字𠮷野家".encode("gb18030"), "gb2312", "漢字𠮷野家"),
        ("你好".encode("hz"), "hz-gb-2312", "你好"),
        ("日本語".encode("iso-2022-jp"), "us-ascii", "日本語"),
        ("ｶﾀｶﾅ半角".encode("iso2022_jp_ext"), "iso-2022-jp", "ｶﾀｶﾅ半角"),
        (b"a\xff\xfeb", "utf-8", "aÿþb"),
        (b"abc", "rot13", "abc"),
        (b"\\ud800", "unicode_escape", "\\ud800"),
    ],
)
@pytest.mark.fault("F62")
def test_bytes_are_read_whatever_the_sender_claimed(content: bytes, charset: str | None, text: str) -> None:
    assert decode_bytes(content, charset) == text


@pytest.mark.fault("F62")
def test_damaged_japanese_keeps_what_can_be_read_and_shows_the_damage() -> None:
    text = decode_bytes("日本".encode("iso-2022-jp")[:-4] + b"\x1b$B!", "iso-2022-jp")
    assert text.startswith("日")
    assert "\ufffd" in text


def test_japanese_that_passed_as_ascii_is_mended() -> None:
    part = {
        "type": "text/plain",
        "charset": "us-ascii",
        "text": "日本語".encode("iso-2022-jp").decode("ascii"),
    }
    assert part_text(part) == "日本語"


def test_utf8_declared_as_latin_is_mended() -> None:
    part = {"type": "text/plain", "charset": "iso-8859-1", "text": "Grüße".encode().decode("latin-1")}
    assert part_text(part) == "Grüße"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("=?utf-8?b?R3LD?= =?utf-8?b?vMOfZQ==?=", "Grüße"),
        ("=?iso-8859-1*de?q?Gr=FC=DFe?= an =?utf-8?q?alle?=", "Grüße an alle"),
        ("=?nonsense?q?Gr=FC=DFe?=", "Grüße"),
        ("=?utf-8?b?!!!?=", ""),
        ("Gr\xfc\xdfe", "Grüße"),
        ("=?koi8-r?b?8NLJ18XU?= =?utf-8?q?,_Gr=C3=BC=C3=9Fe?=", "Привет, Grüße"),
        ("=?iso-2022-jp?b?GyRCRnxLXBsoQg==?= (=?gb2312?b?xOO6ww==?=)", "日本 (你好)"),
        ("=?unknown-8bit?q?Gr=FC=DFe?= =?utf-7?q?+APw-?=", "Grüßeü"),
        ("folded\r\n\tline", "folded line"),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
    ],
)
def test_encoded_words_are_read_leniently(raw: str, text: str) -> None:
    assert decode_header(raw) == text


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from([None, "utf-7", "utf-16", "x", "hz", "base64", "big5", "cp037"])
)
@pytest.mark.fault("F62")
def test_no_bytes_raise_and_none_give_lone_surrogates(content: bytes, charset: str | None) -> None:
    decode_bytes(content, charset).encode()
    block = content.decode("latin-1")
    decode_header(f"=?{charset}?q?{block}?= {block}").encode()
    headers = Headers(f"From: {block}\r\nDate: {block}\r\nTo: {block}")
    assert headers.participants() is not None
    headers.date()
    read_invitation(f"BEGIN:VEVENT\nUID:{block}\nDTSTART;TZID={block}:20260101T000000\nEND:VEVENT")


# ---- bodies


def test_plain_text_wins_over_its_html_twin_but_not_over_other_html() -> None:
    plain = {"section": "1", "type": "text/plain", "text": "plain", "within": "alternative"}
    html = {"section": "2", "type": "text/html", "text": "<p>rich</p>", "within": "alternative"}
    assert message_text([plain, html]) == "plain"
    assert message_text(
        [{**html, "section": "1", "within": "mixed"}, {**plain, "section": "2", "within": "mixed"}]
    ) == ("rich\n\nplain")
    related = {**html, "section": "1.2.1", "within": "mixed.alternative.related"}
    assert message_text([{**plain, "section": "1.1", "within": "mixed.alternative"}, related]) == "plain"


def test_html_alone_is_read_as_people_see_it() -> None:
    page = (
        "<style>p{}</style><p>Hello <b>Bo</b></p><div style='display:none'>hidden</div><script>x()</script>"
    )
    assert message_text([{"section": "1", "type": "text/html", "text": page}]) == "Hello Bo"


def test_a_quote_in_html_is_split_off_too() -> None:
    page = "<p>Yes.</p><blockquote type='cite'><p>Does it?</p></blockquote>"
    said = split_quoted(message_text([{"section": "1", "type": "text/html", "text": page}]))
    assert said.text == "Yes."


def test_words_outside_all_boundaries_count_only_when_there_are_no_others() -> None:
    outside = {"section": "preamble", "type": "text/plain", "text": "outside", "disposition": "preamble"}
    assert message_text([outside]) == "outside"
    assert message_text([outside, {"section": "1", "type": "text/plain", "text": "inside"}]) == "inside"


def test_a_part_kept_in_base64_is_read() -> None:
    part = {
        "section": "1",
        "type": "text/plain",
        "charset": "us-ascii",
        "base64": base64.b64encode(b"Gr\xfc\xdfe").decode(),
    }
    assert message_text([part]) == "Grüße"
