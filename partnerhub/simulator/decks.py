"""Writes the decks of the world as the files somebody saved: real .pptx, some damaged. One world, the same bytes."""

from __future__ import annotations

import io
import os
import re
import struct
import zipfile
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, Final

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.util import Inches

from partnerhub.simulator.world.decks import Deck, Slide
from partnerhub.simulator.world.model import World

DECKS_FOLDER: Final = "decks"
FIXED_ZIP_TIME: Final = (2020, 1, 1, 0, 0, 0)
WORKBOOKS: Final = re.compile(r"embeddings/.*\.xlsx$")
SAVED_AT: Final = re.compile(rb">\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ<")
FIXED_MOMENT: Final = b">2020-01-01T00:00:00Z<"
TITLE_ONLY: Final = 5
"""Index of the layout with a title and nothing else, in python-pptx's own template."""
LINES, TABLE, CHART, DIAGRAM, GROUP = (
    tuple(Inches(each) for each in box)
    for box in ((0.5, 1.5, 9, 2), (0.5, 3.6, 5, 1.5), (5.6, 3.6, 4, 3), (0.5, 5.2, 5, 1), (0.5, 6.3, 5, 1))
)
GRAPHIC: Final = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
MAIN: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
FRAME: Final = (
    '<p:graphicFrame xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="{main}"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<p:nvGraphicFramePr><p:cNvPr id="{number}" name="Diagram {number}"/><p:cNvGraphicFramePr/><p:nvPr/>'
    '</p:nvGraphicFramePr><p:xfrm><a:off x="{box[0]}" y="{box[1]}"/><a:ext cx="{box[2]}" cy="{box[3]}"/></p:xfrm>'
    '<a:graphic><a:graphicData uri="{graphic}"><dgm:relIds xmlns:dgm="{graphic}" r:dm="{link}"/>'
    "</a:graphicData></a:graphic></p:graphicFrame>"
)
SECTOR: Final = 512
FREE, END_OF_CHAIN, FAT_SECTOR, NO_STREAM = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def write_decks(world: World, folder: Path) -> Path:
    """Write every deck below `folder` and return it; files of decks that are gone are removed.

    A file that already says the same is left alone. Times of files are those at which the decks were saved.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {folder / deck.path: deck for deck in world.decks}
    for path in sorted(folder.rglob("*.pptx")):
        if path not in wanted:
            path.unlink()
    for path, deck in wanted.items():
        content = deck_bytes(deck, author_of(world, deck))
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        saved = deck.saved_at.timestamp()
        os.utime(path, (saved, saved))
    return folder


def author_of(world: World, deck: Deck) -> str:
    """The name of the colleague who saved it."""
    known = world.staff.get(deck.author_id)
    return known.name if known else ""


def deck_bytes(deck: Deck, author: str = "") -> bytes:
    """The file, damaged as the deck says."""
    if deck.damage == "empty":
        return b""
    content = whole_deck(deck, author)
    if deck.damage == "truncated":
        return content[: len(content) * 2 // 3]
    return encrypted(content) if deck.damage == "encrypted" else content


def whole_deck(deck: Deck, author: str) -> bytes:
    """The deck as PowerPoint would open it, without the moment of writing."""
    presentation = Presentation()
    properties = presentation.core_properties
    properties.title, properties.author, properties.last_modified_by = deck.title, author, author
    properties.created = properties.modified = deck.saved_at.replace(tzinfo=None)
    for slide in deck.slides:
        add_slide(presentation, slide)
    written = io.BytesIO()
    presentation.save(written)
    return without_times(written.getvalue())


def add_slide(presentation: Any, said: Slide) -> None:
    """One slide with what it says in the shapes people use for it."""
    slide = presentation.slides.add_slide(presentation.slide_layouts[TITLE_ONLY])
    slide.shapes.title.text = said.title
    if said.lines:
        slide.shapes.add_textbox(*LINES).text_frame.text = "\n".join(said.lines)
    if said.table:
        add_table(slide, said.table)
    if said.chart:
        add_chart(slide, *said.chart)
    if said.grouped:
        add_group(slide, said.grouped)
    if said.smart_art:
        add_diagram(slide, said.smart_art)
    if said.notes:
        slide.notes_slide.notes_text_frame.text = said.notes


def add_chart(slide: Any, title: str, categories: list[str], values: list[float]) -> None:
    """A column chart of one series, with its title."""
    data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = categories
    data.add_series(title, values)
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *CHART, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = title


def add_table(slide: Any, rows: list[list[str]]) -> None:
    """A table, its rows as wide as the widest."""
    width = max(len(row) for row in rows)
    table = slide.shapes.add_table(len(rows), width, *TABLE).table
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(number, column).text = text


def add_group(slide: Any, texts: list[str]) -> None:
    """Text boxes in a group; from the second one on in a group inside the first."""
    group = slide.shapes.add_group_shape()
    for number, text in enumerate(texts):
        holder = group if number == 0 else group.shapes.add_group_shape()
        holder.shapes.add_textbox(*GROUP).text_frame.text = text


def add_diagram(slide: Any, texts: list[str]) -> None:
    """SmartArt: python-pptx has none, so its frame and its data part are written as they stand in files."""
    package = slide.part.package
    name = package.next_partname("/ppt/diagrams/data%d.xml")
    data = Part(PackURI(str(name)), CONTENT_TYPE.DML_DIAGRAM_DATA, package, diagram_data(texts).encode())
    link = slide.part.relate_to(data, RELATIONSHIP_TYPE.DIAGRAM_DATA)
    number = len(slide.shapes) + 2
    box = [int(each) for each in DIAGRAM]
    frame = FRAME.format(main=MAIN, graphic=GRAPHIC, number=number, box=box, link=link)
    slide.shapes._spTree.append(parse_xml(frame))  # noqa: SLF001  # the library has no way to add raw shapes


def diagram_data(texts: list[str]) -> str:
    """A data part: the document, a node per text, and the connections from one to the others."""
    nodes = "".join(
        f'<dgm:pt modelId="{number}"><dgm:prSet/><dgm:spPr/><dgm:t><a:bodyPr/><a:p><a:r><a:t>{escape(text)}</a:t></a:r>'
        "</a:p></dgm:t></dgm:pt>"
        for number, text in enumerate(texts, 1)
    )
    links = "".join(
        f'<dgm:cxn modelId="{100 + number}" srcId="0" destId="{number}" srcOrd="{number - 1}" destOrd="0"/>'
        for number in range(1, len(texts) + 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<dgm:dataModel xmlns:dgm="{GRAPHIC}" xmlns:a="{MAIN}">'
        f'<dgm:ptLst><dgm:pt modelId="0" type="doc"/>{nodes}</dgm:ptLst><dgm:cxnLst>{links}</dgm:cxnLst>'
        "<dgm:bg/><dgm:whole/></dgm:dataModel>"
    )


def without_times(archive: bytes, *, inner: bool = False) -> bytes:
    """The same archive, and the workbooks inside it, as if written at one fixed moment."""
    fixed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as source,
        zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if WORKBOOKS.search(name):
                content = without_times(content, inner=True)
            elif inner and name == "docProps/core.xml":
                content = SAVED_AT.sub(FIXED_MOMENT, content)
            target.writestr(zipfile.ZipInfo(name, FIXED_ZIP_TIME), content, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


# ---------------------------------------------------------------- a file with a password


def encrypted(content: bytes) -> bytes:
    """The container in which office programs keep a file with a password; its bytes are noise of the same length.

    Nobody has the password, so nobody can tell the noise from the real thing.
    """
    noise = b"".join(
        sha256(content + struct.pack("<I", each)).digest() for each in range(len(content) // 32 + 1)
    )
    streams = {
        "EncryptionInfo": b"\x04\x00\x04\x00\x40\x00\x00\x00" + noise[: SECTOR * 8],
        "EncryptedPackage": noise,
    }
    return compound_file({name: padded(stream) for name, stream in streams.items()})


def padded(stream: bytes) -> bytes:
    """A stream filled up to whole sectors, and past the length below which it would be kept elsewhere."""
    size = max(len(stream), SECTOR * 8)
    return stream + b"\0" * (-size % SECTOR + size - len(stream))


def compound_file(streams: dict[str, bytes]) -> bytes:
    """An OLE compound file of version 3 with these streams, each of whole sectors. Source: [MS-CFB]."""
    counts = [len(stream) // SECTOR for stream in streams.values()]
    tables = 1
    while (tables + 1 + sum(counts)) * 4 > tables * SECTOR:
        tables += 1
    chain = [FAT_SECTOR] * tables + [END_OF_CHAIN]
    starts = []
    for count in counts:
        starts.append(len(chain))
        chain += [*range(len(chain) + 1, len(chain) + count), END_OF_CHAIN]
    chain += [FREE] * (tables * SECTOR // 4 - len(chain))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += b"\0" * 6 + struct.pack(
        "<IIIIIIIII", 0, tables, tables, 0, 4096, END_OF_CHAIN, 0, END_OF_CHAIN, 0
    )
    header += struct.pack("<109I", *range(tables), *[FREE] * (109 - tables))
    entries = [directory_entry("Root Entry", 5, 1, END_OF_CHAIN, 0)]
    for number, (name, stream) in enumerate(streams.items(), 1):
        following = number + 1 if number < len(streams) else NO_STREAM
        entries.append(directory_entry(name, 2, NO_STREAM, starts[number - 1], len(stream), following))
    directory = b"".join(entries).ljust(SECTOR, b"\0")
    return header + struct.pack(f"<{len(chain)}I", *chain) + directory + b"".join(streams.values())


def directory_entry(
    name: str, kind: int, child: int, start: int, size: int, following: int = NO_STREAM
) -> bytes:
    """One of the 128-byte entries that name storages and streams."""
    written = name.encode("utf-16-le") + b"\0\0"
    return (
        written.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(written), kind, 1, NO_STREAM, following, child)
        + b"\0" * 36
        + struct.pack("<IQ", start, size)
    )
