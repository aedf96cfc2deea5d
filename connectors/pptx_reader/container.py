"""What kind of file this is, and whether its archive is safe to unpack. Nothing is unpacked here."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Final

from connectors.pptx_reader.limits import Limits, Reason, Refused

OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC: Final = b"PK"
ZIP_END: Final = b"PK\x05\x06"
ZIP_END_WITHIN: Final = 66_000
"""The end of an archive's directory lies in its last 22 bytes plus a comment of at most 65,535."""
OLE_ENCRYPTED: Final = ("EncryptedPackage", "EncryptionInfo", "DRMEncryptedDataSpace")
OLE_POWERPOINT: Final = ("PowerPoint Document", "PP40", "PP97_DUALSTORAGE")
"""Names of streams in an OLE file, written there as UTF-16: an office password, or the format before 2007."""
LOCAL_HEADER: Final = 30
LOCAL_MAGIC: Final = b"PK\x03\x04"
LOCAL_FIELDS: Final = struct.Struct("<H10xIIH")
"""Flags, packed size, size and length of the name, from the sixth byte of an entry's own header on."""
UNKNOWN_SIZES: Final = frozenset({0, 0xFFFFFFFF})
"""What stands there when the size follows later, or is too large for the field."""
FLAG_ENCRYPTED, FLAG_UTF8 = 0x1, 0x800
READ_SUFFIXES: Final = (".xml", ".rels")
LARGE_MEDIA_RATIO: Final = 5
"""An archive that large and hardly packed is simply a large deck with films."""


def open_container(content: bytes, limits: Limits) -> zipfile.ZipFile:
    """The archive in `content`, once it is known to be one and harmless. Raises `Refused` otherwise."""
    if not content:
        raise Refused(Reason.EMPTY, "the file has no bytes")
    if content.startswith(OLE_MAGIC):
        raise _ole(content)
    if len(content) > limits.file_bytes:
        raise Refused(Reason.TOO_LARGE, f"{len(content)} bytes")
    if not content.startswith(ZIP_MAGIC) and ZIP_END not in content[-ZIP_END_WITHIN:]:
        raise _foreign(content)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, OSError, UnicodeError) as error:
        raise Refused(Reason.DAMAGED, f"the archive's directory cannot be read ({said(error)})") from None
    try:
        preflight(archive.infolist(), len(content), limits)
    except Refused as refused:
        # Bits that flipped in the directory look like malice, but contradict what stands before each entry.
        if refused.reason is Reason.TOO_LARGE or is_consistent(content, archive.infolist()):
            raise
        raise Refused(Reason.DAMAGED, "the archive's directory contradicts its entries") from None
    return archive


def is_consistent(content: bytes, entries: list[zipfile.ZipInfo]) -> bool:
    """Whether the header before each entry says the same as the directory: flags, sizes where they are known, name."""
    for entry in entries:
        start = entry.header_offset
        head = content[start : start + LOCAL_HEADER]
        if len(head) < LOCAL_HEADER or not head.startswith(LOCAL_MAGIC):
            return False
        flags, packed, unpacked, name_length = LOCAL_FIELDS.unpack_from(head, 6)
        name = content[start + LOCAL_HEADER : start + LOCAL_HEADER + name_length]
        sizes_differ = unpacked not in UNKNOWN_SIZES and (packed, unpacked) != (
            entry.compress_size,
            entry.file_size,
        )
        encoding = "utf-8" if flags & FLAG_UTF8 else "cp437"
        if (
            flags != entry.flag_bits
            or sizes_differ
            or name.decode(encoding, "replace") != entry.orig_filename
        ):
            return False
    return True


def preflight(entries: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    """Refuse what harms whoever unpacks it, judging by the archive's directory alone."""
    if len(entries) > limits.entries:
        raise _suspicious(f"{len(entries)} entries")
    names: set[str] = set()
    for entry in entries:
        _check_name(entry, names)
        _check_size(entry, limits)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked_bytes:
        if unpacked <= size * LARGE_MEDIA_RATIO:
            raise Refused(Reason.TOO_LARGE, f"{unpacked} bytes unpacked")
        raise _suspicious(f"{unpacked} bytes unpacked from {size}")
    _check_overlap(entries)


def _check_name(entry: zipfile.ZipInfo, names: set[str]) -> None:
    """Paths that leave the archive, and two entries of one name (readers disagree which one counts)."""
    name = entry.filename.replace("\\", "/")
    drive = len(name) > 1 and name[1] == ":"
    if name.startswith("/") or drive or ".." in name.split("/") or "\0" in (entry.orig_filename or ""):
        raise _suspicious("a path that leads out of the archive")
    folded = name.casefold()
    if folded in names:
        raise _suspicious("two entries of one name")
    names.add(folded)
    if entry.flag_bits & FLAG_ENCRYPTED:
        raise Refused(Reason.ENCRYPTED, "entries of the archive are encrypted")


def _check_size(entry: zipfile.ZipInfo, limits: Limits) -> None:
    read = entry.filename.casefold().endswith(READ_SUFFIXES)
    floor = limits.xml_ratio_floor if read else limits.media_ratio_floor
    if entry.file_size > floor and entry.file_size > limits.ratio * max(entry.compress_size, 1):
        raise _suspicious(f"an entry of {entry.file_size} bytes packed into {entry.compress_size}")


def _check_overlap(entries: list[zipfile.ZipInfo]) -> None:
    """Entries that share bytes: how a small file unpacks to terabytes."""
    end = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if entry.header_offset < end:
            raise _suspicious("entries that overlap")
        end = entry.header_offset + LOCAL_HEADER + len(entry.orig_filename) + entry.compress_size


def _ole(content: bytes) -> Refused:
    if any(name.encode("utf-16-le") in content for name in OLE_ENCRYPTED):
        return Refused(Reason.ENCRYPTED, "an encrypted office file")
    if any(name.encode("utf-16-le") in content for name in OLE_POWERPOINT):
        return Refused(Reason.OLD_FORMAT, "PowerPoint 97-2003")
    return Refused(Reason.NOT_A_DECK, "an OLE file without slides")


def _foreign(content: bytes) -> Refused:
    if not content.strip(b"\0"):
        return Refused(Reason.DAMAGED, "nothing but null bytes")
    kind = "text" if b"\0" not in content[:4096] else "binary data"
    return Refused(Reason.NOT_A_DECK, kind)


def _suspicious(detail: str) -> Refused:
    return Refused(Reason.SUSPICIOUS_ZIP, detail)


def said(error: BaseException) -> str:
    """An exception by its class: its words may quote the file."""
    return type(error).__name__
