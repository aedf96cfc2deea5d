"""Which of the arriving records are news: new, changed, unchanged, or older than what the hub already holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connectors.record import Op, SourceRecord
from pipelines.land.content import NOTHING, content_hash, encode, encode_all, without

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.land.content import Volatile

GONE = frozenset({Op.DELETE.value, Op.MERGE.value, Op.NOT_VISIBLE.value})
UPSERT = Op.UPSERT.value
NO_ID = "missing_id"
UNSTORABLE = "unstorable"


class Current(NamedTuple):
    """The version the hub holds of a record."""

    op: str
    content_hash: bytes
    version: str | None
    redacted: bool


class Version(NamedTuple):
    """A version about to be stored, in the order of `COLUMNS` after the raw id."""

    source_id: str
    op: str
    content_hash: bytes
    version: str | None
    winner_id: str | None
    quarantine: str | None
    payload: bytes | None


class Sorted(NamedTuple):
    """A page's records by fate. Every record read is in exactly one of landed, unchanged and superseded."""

    landed: list[Version]
    superseded: list[Version]
    unchanged: int


def read_versions(records: Sequence[SourceRecord], volatile: Volatile) -> list[Version]:
    """The records as versions, in their order, as `read_version` makes them."""
    payloads = [record.payload or {} for record in records]
    try:
        contents = encode_all(payloads)
        stable = [without(payload, volatile) for payload in payloads] if volatile else payloads
        hashed = contents if stable == payloads else encode_all(stable)
    except (ValueError, TypeError, RecursionError):
        return [read_version(record, volatile) for record in records]
    return [
        version_of(record, content, content_hash(kept), record.malformed)
        if record.payload is not None
        else version_of(record, None, NOTHING, record.malformed)
        for record, content, kept in zip(records, contents, hashed, strict=True)
    ]


def read_version(record: SourceRecord, volatile: Volatile) -> Version:
    """The record as a version. Without an id, it is keyed by its content; what JSON cannot hold is quarantined."""
    content, digest, quarantine = None, NOTHING, record.malformed
    if record.payload is not None:
        try:
            content = encode(record.payload)
            stable = without(record.payload, volatile)
            digest = content_hash(content if stable is record.payload else encode(stable))
        except (ValueError, TypeError, RecursionError):
            content = repr(sorted(map(str, record.payload))).encode("utf-8", "backslashreplace")
            digest, quarantine = content_hash(content), UNSTORABLE
            content = encode({"unstorable_fields": content.decode()})
    return version_of(record, content, digest, quarantine)


def version_of(record: SourceRecord, content: bytes | None, digest: bytes, quarantine: str | None) -> Version:
    """The record with what became of its payload."""
    source_id = record.source_id
    if not source_id:
        source_id, quarantine = f"malformed-{digest.hex()}", quarantine or NO_ID
    op = UPSERT if record.op is Op.UPSERT else record.op.value
    return Version(source_id, op, digest, record.version, record.winner_id, quarantine, content)


def said_anew(arriving: Sequence[Version], held: Mapping[str, bytes | None]) -> set[str]:
    """The records of which anything arrives but what stands already. held: the hash of each record that is not gone.

    Most of what is read again says nothing new: it is told by this alone.
    """
    return {
        version.source_id
        for version in arriving
        if held.get(version.source_id) != version.content_hash or version.op != UPSERT
    }


def sort_page(
    arriving: Sequence[Version], current: Mapping[str, Current], poorer: frozenset[str] = frozenset()
) -> Sorted:
    """Sort a page's versions against what the hub holds. A record twice in a page counts twice; the newest wins.

    Whatever a redacted record says counts as unchanged: it must not land again, not even as a superseded version. So do
    the `poorer`: records that live here with the content they arrived without.
    """
    newest: dict[str, Version] = {}
    superseded: list[Version] = []
    unchanged = 0
    for version in arriving:
        held, rival = current.get(version.source_id), newest.get(version.source_id)
        if held is not None and (
            held.redacted or (version.source_id in poorer and held.op not in GONE and version.op == UPSERT)
        ):
            unchanged += 1
        elif rival is None:
            newest[version.source_id] = version
        elif same(rival, version):
            unchanged += 1
        elif older(version.version, rival.version):
            superseded.append(version)
        else:
            superseded.append(rival)
            newest[version.source_id] = version
    landed: list[Version] = []
    for version in newest.values():
        held = current.get(version.source_id)
        if held is None:
            landed.append(version)
        elif unchanged_since(held, version):
            unchanged += 1
        elif older(version.version, held.version):
            superseded.append(version)
        else:
            landed.append(restored(held, version))
    return Sorted(landed, superseded, unchanged)


def same(left: Version, right: Version) -> bool:
    """Whether two versions of one record say the same."""
    return left.op == right.op and left.content_hash == right.content_hash


def unchanged_since(held: Current, version: Version) -> bool:
    """Whether a version repeats what the hub holds. A bodiless deletion repeats any earlier one."""
    if version.op in GONE:
        return held.op == version.op and (
            version.payload is None or held.content_hash == version.content_hash
        )
    return held.op not in GONE and held.content_hash == version.content_hash


def older(arriving: str | None, held: str | None) -> bool:
    """Whether the source itself says that the arriving version is older than the held one."""
    return arriving is not None and held is not None and arriving < held


def restored(held: Current, version: Version) -> Version:
    """A record that was gone and is back lands as a restore."""
    if held.op in GONE and version.op == Op.UPSERT.value:
        return version._replace(op=Op.RESTORE.value)
    return version
