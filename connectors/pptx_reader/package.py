"""The parts of an open office package: content, parsed XML, relationships. Reads what exists, follows nothing outside.

Names of elements are compared without their namespace: strict and transitional documents then read alike.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from lxml import etree

from connectors.pptx_reader.container import said
from connectors.pptx_reader.limits import Limits, Reason, Refused

BROKEN_ENTRY: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError, UnicodeError,
)  # fmt: skip
"""What the standard library raises for entries that are cut short, garbled or packed in an unknown way."""
MAIN_PART: Final = "ppt/presentation.xml"
DOCTYPE: Final = b"<!DOCTYPE"
RESOURCE_LIMIT: Final = 114
"""libxml2's XML_ERR_RESOURCE_LIMIT, which lxml does not name."""


class Relationship(NamedTuple):
    """What a part refers to. kind: the last word of its type; target: a part's name, or None when it lies outside."""

    kind: str
    target: str | None


class MissingPart(Exception):
    """A part that others refer to is not in the package, or cannot be unpacked or parsed."""

    def __init__(self, code: str) -> None:
        """code: `missing_part`, `damaged_part` or `external_part`."""
        super().__init__(code)
        self.code = code


class Package:
    """One open archive. Part names are compared without case, as the format demands."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        """`archive` has passed the pre-flight."""
        self._archive = archive
        self._limits = limits
        self._names = {entry.filename.replace("\\", "/").casefold(): entry for entry in archive.infolist()}
        self._parsed: dict[str, Any] = {}

    def __contains__(self, part: str) -> bool:
        """Whether there is such a part."""
        return part.casefold() in self._names

    def content(self, part: str) -> bytes:
        """A part's bytes. Raises `MissingPart`, or `Refused` when it is too large."""
        entry = self._names.get(part.casefold())
        if entry is None:
            raise MissingPart("missing_part")
        if entry.file_size > self._limits.part_bytes:
            raise Refused(Reason.TOO_LARGE, f"a part of {entry.file_size} bytes")
        try:
            return self._archive.read(entry)
        except BROKEN_ENTRY as error:
            raise MissingPart("damaged_part") from error

    def xml(self, part: str) -> Any:
        """A part's root element. Raises `MissingPart`, or `Refused` when the part declares a document type."""
        content = self.content(part)
        if DOCTYPE in content or DOCTYPE.decode().encode("utf-16-le") in content:
            raise Refused(Reason.DOCTYPE_FORBIDDEN, "a part declares a document type")
        try:
            root = etree.fromstring(content, parser())
        except etree.XMLSyntaxError as error:
            raise unparsed(error) from error
        except ValueError as error:
            raise MissingPart("damaged_part") from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise Refused(Reason.DOCTYPE_FORBIDDEN, "a part declares a document type")
        return root

    def relationships(self, part: str) -> dict[str, Relationship]:
        """What a part refers to, by relationship id; empty when it refers to nothing."""
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if path not in self:
            return {}
        found = {}
        for element in self.xml(path):
            if local(element) == "Relationship":
                kind = element.get("Type", "").rpartition("/")[2]
                outside = element.get("TargetMode") == "External"
                target = None if outside else resolved(folder, element.get("Target", ""))
                found[element.get("Id", "")] = Relationship(kind, target)
        return found

    def main_part(self) -> str:
        """The presentation. Raises `Refused` when this is another kind of package, or its beginning is broken."""
        try:
            root = self.relationships("")
        except MissingPart as missing:
            raise Refused(Reason.DAMAGED, f"package relationships: {missing.code}") from None
        named = [each.target for each in root.values() if each.kind == "officeDocument" and each.target]
        part = named[0] if named else MAIN_PART
        if part not in self:
            if named:
                raise Refused(Reason.DAMAGED, "the main part is missing")
            raise Refused(Reason.NOT_A_DECK, "an archive without a presentation")
        return part


def local(element: Any) -> str:
    """An element's name without its namespace; empty for comments and processing instructions."""
    tag = element.tag
    return _bare(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=4096)
def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]


def reference(element: Any, name: str = "id") -> str | None:
    """A relationship id: the attribute `name` that has a namespace (`r:id`, `r:dm`)."""
    for attribute, value in element.attrib.items():
        if attribute.endswith(f"}}{name}"):
            return str(value)
    return None


def child(element: Any, *path: str) -> Any:
    """The first descendant along names of children, or None."""
    for name in path:
        element = next((each for each in element if local(each) == name), None)
        if element is None:
            return None
    return element


def every(element: Any, name: str) -> Iterator[Any]:
    """All descendants of a name, in document order."""
    return (each for each in element.iter("{*}" + name))


def resolved(folder: str, target: str) -> str:
    """A relationship's target as a part's name."""
    target = unquote(target.replace("\\", "/").partition("#")[0])
    joined = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
    return posixpath.normpath(joined)


def unparsed(error: Any) -> Exception:
    """Why a part did not parse: its own fault, or a limit of memory or length that looks the same."""
    if error.code == etree.ErrorTypes.ERR_NO_MEMORY:
        return MemoryError()
    if error.code == RESOURCE_LIMIT:
        return Refused(Reason.TOO_LARGE, "a part beyond the limits of the parser")
    return MissingPart("damaged_part")


def parser() -> Any:
    """A parser that resolves no entity, loads no document type and opens no connection."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip


def main_root(package: Package, part: str) -> Any:
    """The presentation's root element. Raises `Refused` when it is something else or cannot be read."""
    try:
        root = package.xml(part)
    except MissingPart as missing:
        raise Refused(Reason.DAMAGED, f"the main part: {said(missing)}") from None
    if local(root) != "presentation":
        raise Refused(Reason.NOT_A_DECK, f"an office file of another kind ({local(root)[:40]})")
    return root
