"""What the deck reader finds in a deck, and how it says why it cannot read one."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from connectors.pptx_reader.deck import read_deck
from connectors.pptx_reader.limits import Limits, Reason, Refused
from tests.connectors.deck_files import (
    NAMESPACES,
    deck,
    overlapping,
    packed,
    parts_of,
    rels,
    slide,
    text_shape,
)

BOX = (Inches(1), Inches(1), Inches(4), Inches(2))
ENTITY = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'


CHART = '<p:graphicFrame><a:graphic><a:graphicData><c:chart r:id="rId9"/></a:graphicData></a:graphic></p:graphicFrame>'


def said(content: bytes) -> dict[str, str]:
    """Place → text of every passage."""
    found = read_deck(content)
    return {each["place"]: each["text"] for one in found["slides"] for each in one["passages"]}


def reason(content: bytes, limits: Limits | None = None) -> str:
    try:
        return str(read_deck(content, limits).get("refused", "read"))
    except Refused as refused:
        return refused.reason


def saved(presentation: Any) -> bytes:
    target = io.BytesIO()
    presentation.save(target)
    return target.getvalue()


def blank() -> tuple[Any, Any]:
    presentation = Presentation()
    return presentation, presentation.slides.add_slide(presentation.slide_layouts[6])


# ---------------------------------------------------------------- what is read


@pytest.mark.fault("F103")
def test_text_in_a_group_in_a_group_is_found_by_its_path() -> None:
    inner = (
        f'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="4" name="Group 2"/></p:nvGrpSpPr>{text_shape("deep")}</p:grpSp>'
    )
    outer = f'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="3" name="Group 1"/></p:nvGrpSpPr>{inner}</p:grpSp>'
    assert said(deck(outer)) == {"slide 1 / Group 1 / Group 2 / Box": "deep"}


def test_a_table_cell_is_a_passage_with_its_row_and_column() -> None:
    presentation, page = blank()
    table = page.shapes.add_table(2, 2, *BOX).table
    table.cell(1, 0).text, table.cell(1, 1).text = "Tier", "Gold"
    assert said(saved(presentation)) == {
        "slide 1 / Table 1 / r2c1": "Tier",
        "slide 1 / Table 1 / r2c2": "Gold",
    }


@pytest.mark.fault("F103")
def test_a_merged_cell_is_read_once() -> None:
    presentation, page = blank()
    table = page.shapes.add_table(1, 2, *BOX).table
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(0, 0).text = "both"
    assert list(said(saved(presentation)).values()) == ["both"]


@pytest.mark.parametrize(
    "plot", [XL_CHART_TYPE.COLUMN_CLUSTERED, XL_CHART_TYPE.THREE_D_COLUMN, XL_CHART_TYPE.PIE]
)
@pytest.mark.fault("F103")
def test_a_chart_of_any_plot_type_gives_its_series_values(plot: Any) -> None:
    data = CategoryChartData()
    data.categories = ["Q1", "Q2"]
    data.add_series("ARR", (310000, 480000.5))
    presentation, page = blank()
    writable = XL_CHART_TYPE.COLUMN_CLUSTERED if plot is XL_CHART_TYPE.THREE_D_COLUMN else plot
    page.shapes.add_chart(writable, *BOX, data)
    content = saved(presentation)
    if writable is not plot:  # python-pptx neither writes nor reads this one
        content = replaced(content, "barChart>", "bar3DChart>")
    assert said(content)["slide 1 / Chart 1 / series 1"] == "ARR\nQ1: 310000\nQ2: 480000.5"


def replaced(content: bytes, old: str, new: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part.replace(old.encode(), new.encode()))
    return target.getvalue()


@pytest.mark.fault("F103")
def test_speaker_notes_are_passages_of_their_slide() -> None:
    presentation, page = blank()
    page.notes_slide.notes_text_frame.text = "Renewal: 30 June 2027"
    found = said(saved(presentation))
    assert list(found.values()) == ["Renewal: 30 June 2027"]
    assert next(iter(found)).startswith("slide 1 / notes / ")


@pytest.mark.fault("F103")
def test_smart_art_is_read_from_its_data_in_the_order_of_its_connections() -> None:
    frame = (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="4" name="Diagram 3"/></p:nvGraphicFramePr>'
        '<a:graphic><a:graphicData uri="d"><dgm:relIds r:dm="rId9"/></a:graphicData></a:graphic></p:graphicFrame>'
    )
    point = '<dgm:pt modelId="{}"><dgm:t><a:p><a:r><a:t>{}</a:t></a:r></a:p></dgm:t></dgm:pt>'
    link = '<dgm:cxn modelId="9{1}" srcId="{0}" destId="{1}" srcOrd="{2}"/>'
    data = (
        f"<dgm:dataModel {NAMESPACES}><dgm:ptLst>{point.format(2, 'second')}{point.format(1, 'first')}"
        f'<dgm:pt modelId="0" type="doc"/></dgm:ptLst><dgm:cxnLst>{link.format(0, 1, 0)}{link.format(0, 2, 1)}'
        "</dgm:cxnLst></dgm:dataModel>"
    )
    parts = parts_of(slide(frame))
    parts["ppt/slides/_rels/slide1.xml.rels"] = rels(("rId9", "diagramData", "../diagrams/data1.xml"))
    parts["ppt/diagrams/data1.xml"] = data
    assert list(said(packed(parts)).values()) == ["first", "second"]


def test_of_alternate_content_each_text_is_read_once() -> None:
    both = f"<mc:Choice>{text_shape('new')}</mc:Choice><mc:Fallback>{text_shape('old')}</mc:Fallback>"
    silent = f"<mc:Choice><p:contentPart/></mc:Choice><mc:Fallback>{text_shape('only here')}</mc:Fallback>"
    shapes = "".join(f"<mc:AlternateContent>{each}</mc:AlternateContent>" for each in (both, silent))
    assert sorted(said(deck(shapes)).values()) == ["new", "only here"]


def test_what_only_the_layout_says_and_the_slides_own_number_are_no_content() -> None:
    presentation = Presentation()
    presentation.slides.add_slide(presentation.slide_layouts[1])
    assert said(saved(presentation)) == {}
    assert said(deck(text_shape("7", placeholder="sldNum"))) == {}


def test_a_comment_is_read_with_its_author() -> None:
    parts = parts_of(slide(""))
    parts["ppt/_rels/presentation.xml.rels"] = rels(
        ("rId1", "slide", "slides/slide1.xml"), ("rId2", "commentAuthors", "commentAuthors.xml")
    )
    parts["ppt/commentAuthors.xml"] = (
        f'<p:cmAuthorLst {NAMESPACES}><p:cmAuthor id="0" name="Ana"/></p:cmAuthorLst>'
    )
    parts["ppt/slides/_rels/slide1.xml.rels"] = rels(("rId1", "comments", "../comments/comment1.xml"))
    parts["ppt/comments/comment1.xml"] = (
        f'<p:cmLst {NAMESPACES}><p:cm authorId="0"><p:text>Is this so?</p:text></p:cm></p:cmLst>'
    )
    passage = read_deck(packed(parts))["slides"][0]["passages"][0]
    assert (passage["place"], passage["text"], passage["author"]) == (
        "slide 1 / comment 1",
        "Is this so?",
        "Ana",
    )


def test_siblings_of_one_name_keep_places_of_their_own() -> None:
    assert set(said(deck(text_shape("a") + text_shape("b")))) == {"slide 1 / Box", "slide 1 / Box #2"}


@pytest.mark.fault("F103")
def test_the_coverage_line_accounts_for_every_shape() -> None:
    shapes = text_shape("x") + text_shape("") + "<p:pic/><p:cxnSp/>"
    line = read_deck(deck(shapes))["coverage"]
    assert line["skipped"] == {"picture": 1, "connector": 1}
    assert (line["shapes"], line["read"], line["empty"]) == (4, 1, 1)


def test_a_strict_deck_reads_as_any_other() -> None:
    usual = parts_of(slide(text_shape("said")))
    strict = {
        name: part.replace("schemas.openxmlformats.org/drawingml/2006", "purl.oclc.org/ooxml/drawingml")
        for name, part in usual.items()
    }
    assert strict != usual
    assert said(packed(strict)) == said(packed(usual))


# ---------------------------------------------------------------- why a file is refused


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"<!doctype html><title>Sign in</title>", "not_a_deck"),
        (b"%PDF-1.7\n\0\0", "not_a_deck"),
        (packed({"word/document.xml": "<x/>"}), "not_a_deck"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "PowerPoint Document".encode("utf-16-le"), "old_format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "not_a_deck"),
        (deck(text_shape("x"))[:-200], "damaged"),
        (deck(text_shape("x"))[:300], "damaged"),
        (b"\0" * 5_000, "damaged"),
        (packed(parts_of(slide("")[:-40])), "damaged"),
        (packed(parts_of(slide("", ENTITY))), "doctype_forbidden"),
        (packed({**parts_of(slide("")), "../../evil.xml": ""}), "suspicious_zip"),
        (packed({**parts_of(slide("")), "C:\\evil.xml": ""}), "suspicious_zip"),
        (packed({**parts_of(slide("")), "PPT/presentation.xml": ""}), "suspicious_zip"),
        (packed({**parts_of(slide("")), **{f"ppt/x{n}": "" for n in range(2_000)}}), "suspicious_zip"),
        (packed({**parts_of(slide("")), "ppt/bomb.xml": " " * 2_000_000}), "suspicious_zip"),
        (packed({**parts_of(slide("")), "ppt/media/bomb.emf": "0" * 30_000_000}), "suspicious_zip"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.fault("F99", "F100", "F101")
def test_each_kind_of_unreadable_file_has_a_reason_of_its_own(content: bytes, why: str) -> None:
    assert reason(content) == why


def test_a_deck_beyond_the_limits_is_too_large() -> None:
    content = deck(text_shape("word " * 100))
    assert reason(content, Limits(file_bytes=100)) == "too_large"
    assert reason(content, Limits(text_characters=100)) == "too_large"
    assert reason(content, Limits(part_bytes=100)) == "too_large"


def test_a_checksum_that_does_not_match_is_damage() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in parts_of(slide(text_shape("honest"))).items():
            archive.writestr(name, part)
    assert reason(target.getvalue().replace(b"honest", b"forged")) == "damaged"


@pytest.mark.parametrize("flipped", [8, 20, 24])
def test_bits_that_flipped_in_the_directory_are_damage_and_no_malice(flipped: int) -> None:
    content = bytearray(deck(text_shape("x")))
    entry = content.index(b"PK\x01\x02")
    content[entry + flipped + (3 if flipped > 8 else 0)] ^= 1  # the flag of encryption, or 16 MB more
    assert reason(bytes(content)) == "damaged"


@pytest.mark.fault("F99")
def test_entries_that_share_their_bytes_are_malice() -> None:
    assert reason(overlapping()) == "suspicious_zip"


def test_a_deck_with_one_broken_slide_is_damaged_but_its_other_slides_are_there() -> None:
    parts = parts_of(slide(text_shape("good")), slide("")[:-30])
    found = read_deck(packed(parts))
    assert found["refused"] == "damaged"
    assert found["coverage"]["lost"] == {"damaged_part": 1}
    assert found["slides"][0]["passages"][0]["text"] == "good"


def test_a_broken_chart_is_counted_and_does_not_hide_the_slide() -> None:
    parts = parts_of(slide(CHART + text_shape("good")))
    parts["ppt/slides/_rels/slide1.xml.rels"] = rels(("rId9", "chart", "../charts/chart1.xml"))
    parts["ppt/charts/chart1.xml"] = "<c:chartSpace"
    assert read_deck(packed(parts))["coverage"]["skipped"] == {"damaged_part": 1}
    assert list(said(packed(parts)).values()) == ["good"]


@pytest.mark.fault("F101")
def test_nothing_outside_the_file_is_followed() -> None:
    parts = parts_of(slide(CHART))
    outside = rels(("rId9", "chart", "https://evil.example/c.xml")).replace("/>", ' TargetMode="External"/>')
    parts["ppt/slides/_rels/slide1.xml.rels"] = outside
    assert read_deck(packed(parts))["coverage"]["skipped"] == {"external_part": 1}


@hypothesis.given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=40))
@pytest.mark.fault("F101")
def test_whatever_bytes_are_changed_a_file_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    content = bytearray(deck(text_shape("x"), text_shape("y")))
    for position, value in changes:
        content[position % len(content)] = value
    assert reason(bytes(content)) in {"read", *Reason}


def drawn(content: bytes) -> list[tuple[str, str, list[int]]]:
    """Kind, last step of the place, and box of every shape of the first slide."""
    first = read_deck(content)["slides"][0]["drawn"]
    return [(each["kind"], each["place"].rpartition(" / ")[2], each["box"]) for each in first]


def test_a_shape_stands_where_the_slide_has_it_in_thousandths_of_its_width():
    presentation, page = blank()
    page.shapes.add_textbox(*BOX).text_frame.text = "Tier: Gold"
    found = read_deck(saved(presentation))
    assert found["size"] == [1000, 750]
    assert drawn(saved(presentation)) == [("text", "TextBox 1", [100, 100, 400, 200])]


def test_a_title_without_a_place_of_its_own_stands_where_its_layout_says():
    presentation = Presentation()
    page = presentation.slides.add_slide(presentation.slide_layouts[5])
    page.shapes.title.text_frame.text = "Where we stand"
    assert drawn(saved(presentation)) == [("title", "Title 1", [50, 30, 900, 125])]


def test_a_shape_in_a_group_stands_where_the_group_puts_it():
    presentation, page = blank()
    group = page.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, Inches(2), Inches(1)).text_frame.text = "Inside"
    group.left, group.top, group.width, group.height = (Inches(each) for each in (5, 5, 4, 2))
    assert drawn(saved(presentation)) == [("text", "TextBox 2", [500, 500, 400, 200])]


def test_a_shape_without_any_place_is_read_and_not_drawn():
    assert drawn(deck(text_shape("Free"))) == []
    assert said(deck(text_shape("Free"))) == {"slide 1 / Box": "Free"}
