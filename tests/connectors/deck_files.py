"""Decks for tests, written part by part: what python-pptx cannot write, and what nobody should."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
LONG_AGO = (2020, 1, 1, 0, 0, 0)
"""Equal parts make equal bytes, whenever they are written."""
NAMESPACES = (
    f'xmlns:r="{R}" xmlns:p="{P}" xmlns:a="{A}"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
    ' xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
)


def rels(*links: tuple[str, str, str]) -> str:
    """A relationships part from (id, last word of the type, target)."""
    listed = "".join(f'<Relationship Id="{i}" Type="{R}/{kind}" Target="{to}"/>' for i, kind, to in links)
    return f"<Relationships>{listed}</Relationships>"


def text_shape(text: str, name: str = "Box", placeholder: str = "") -> str:
    """A shape with one paragraph."""
    role = f'<p:ph type="{placeholder}"/>' if placeholder else ""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="{name}"/><p:nvPr>{role}</p:nvPr></p:nvSpPr>'
        f"<p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def slide(shapes: str, doctype: str = "") -> str:
    """A slide part."""
    return f"{doctype}<p:sld {NAMESPACES}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"


def parts_of(*slides: str) -> dict[str, str]:
    """The parts of a deck with these slide parts; edit them before packing."""
    ids = "".join(f'<p:sldId id="{256 + n}" r:id="rId{n}"/>' for n in range(1, len(slides) + 1))
    found = {
        "_rels/.rels": rels(("rId1", "officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": f"<p:presentation {NAMESPACES}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": rels(
            *((f"rId{n}", "slide", f"slides/slide{n}.xml") for n in range(1, len(slides) + 1))
        ),
    }
    return found | {f"ppt/slides/slide{number}.xml": part for number, part in enumerate(slides, 1)}


def packed(parts: dict[str, str]) -> bytes:
    """The deck's bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def overlapping() -> bytes:
    """An archive with a second entry inside the bytes of the first, as bombs have it; all headers are in order."""
    inner = entry("inner.xml", b"text")
    outer = entry("outer.xml", inner)
    start = len(outer) - len(inner)
    listed = listing("outer.xml", inner, 0) + listing("inner.xml", b"text", start)
    return outer + listed + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 2, 2, len(listed), len(outer), 0)


def entry(name: str, content: bytes) -> bytes:
    """An entry with its own header, not packed."""
    facts = (20, 0, 0, 0, 0, zlib.crc32(content), len(content), len(content), len(name), 0)
    return struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", *facts) + name.encode() + content


def listing(name: str, content: bytes, offset: int) -> bytes:
    """An entry's line in the directory."""
    facts = (20, 20, 0, 0, 0, 0, zlib.crc32(content), len(content), len(content), len(name))
    return (
        struct.pack("<4sHHHHHHIIIH", b"PK\x01\x02", *facts)
        + struct.pack("<HHHHII", 0, 0, 0, 0, 0, offset)
        + name.encode()
    )


def deck(*shapes: str) -> bytes:
    """A deck with one slide per argument."""
    return packed(parts_of(*(slide(each) for each in shapes)))
