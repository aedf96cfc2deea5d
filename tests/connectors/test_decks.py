"""What is particular to a folder of decks: identity by content, changes, copies, deletions, files that stay unread."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from connectors.decks import DecksConnector
from connectors.decks.records import partner_in
from connectors.errors import FixSetup, RetryLater
from connectors.record import Op
from tests.connectors.deck_files import deck, text_shape
from tests.connectors.faulty_files import SCHEME, FaultyFiles

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.record import CursorState, SourceRecord


def connector(folder: Path, **settings: Any) -> DecksConnector:
    quick = {
        "source": "decks",
        "url": f"{SCHEME}{folder}",
        "children": 1,
        "first_wait_seconds": 0.001,
        "tries": 2,
    }
    return DecksConnector(**{**quick, **settings})


def write(path: Path, text: str = "said") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(deck(text_shape(text)))
    return sha256(path)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def pull(
    source: DecksConnector, cursor: CursorState | None = None, *, full: bool = False
) -> tuple[list[SourceRecord], CursorState | None]:
    """Records and the last cursor, as it comes back from where it was stored."""
    pages = list(source.pull("decks", cursor, full=full))
    last = pages[-1].cursor if pages else cursor
    return [record for page in pages for record in page.records], json.loads(json.dumps(last))


def lives(records: list[SourceRecord]) -> dict[str, list[str]]:
    return {each.source_id: each.payload["paths"] for each in records if each.payload is not None}


def gone(records: list[SourceRecord]) -> set[str]:
    return {each.source_id for each in records if each.op is Op.NOT_VISIBLE}


def test_an_unchanged_folder_is_listed_but_nothing_in_it_is_fetched(tmp_path: Path) -> None:
    write(tmp_path / "a.pptx")
    source = connector(tmp_path)
    _, cursor = pull(source)
    FaultyFiles.fetched.clear()
    assert list(source.pull("decks", cursor)) == []
    assert FaultyFiles.fetched == []


def test_only_the_deck_that_changed_is_fetched(tmp_path: Path) -> None:
    write(tmp_path / "a.pptx")
    old = write(tmp_path / "b.pptx", "second")
    source = connector(tmp_path)
    _, cursor = pull(source)
    FaultyFiles.fetched.clear()
    new = write(tmp_path / "b.pptx", "second, with more in it")
    records, _ = pull(source, cursor)
    assert lives(records) == {new: ["b.pptx"]}
    assert gone(records) == {old}
    assert [path.rpartition("/")[2] for path in FaultyFiles.fetched] == ["b.pptx"]


@pytest.mark.fault("F102")
def test_a_renamed_deck_is_the_same_record(tmp_path: Path) -> None:
    identity = write(tmp_path / "a.pptx")
    source = connector(tmp_path)
    _, cursor = pull(source)
    (tmp_path / "a.pptx").rename(tmp_path / "final FINAL.pptx")
    records, _ = pull(source, cursor)
    assert lives(records) == {identity: ["final FINAL.pptx"]}
    assert gone(records) == set()


@pytest.mark.fault("F102")
def test_a_copy_is_one_record_with_two_paths_and_loses_one_with_the_copy(tmp_path: Path) -> None:
    identity = write(tmp_path / "a.pptx")
    source = connector(tmp_path)
    _, cursor = pull(source)
    write(tmp_path / "copies" / "b.pptx")
    both, cursor = pull(source, cursor)
    (tmp_path / "copies" / "b.pptx").unlink()
    one, _ = pull(source, cursor)
    assert lives(both) == {identity: ["a.pptx", "copies/b.pptx"]}
    assert lives(one) == {identity: ["a.pptx"]}
    assert gone(one) == set()


def test_a_deck_that_is_gone_is_reported_even_after_a_kill(tmp_path: Path) -> None:
    for number in range(4):
        write(tmp_path / f"{number}.pptx", f"first {number}")
    source = connector(tmp_path, page_size=1)
    first, cursor = pull(source)
    for number in range(4):
        write(tmp_path / f"{number}.pptx", f"another text {number}")
    killed_after = next(iter(source.pull("decks", cursor))).cursor
    records, _ = pull(source, json.loads(json.dumps(killed_after)))
    assert gone(records) == {each.source_id for each in first}


def test_a_folder_that_lost_most_of_its_files_is_read_whole_so_that_the_guard_can_judge(
    tmp_path: Path,
) -> None:
    for number in range(60):
        write(tmp_path / f"{number}.pptx", str(number))
    source = connector(tmp_path, page_size=100)
    _, cursor = pull(source)
    for number in range(55):
        (tmp_path / f"{number}.pptx").unlink()
    pages = list(source.pull("decks", cursor))
    assert [page.reading for page in pages] == ["full"]
    assert gone(pages[0].records) == set()


def test_a_changed_path_rule_reads_everything_again(tmp_path: Path) -> None:
    write(tmp_path / "Brightwater Energy" / "q3.pptx")
    _, cursor = pull(connector(tmp_path))
    records, _ = pull(connector(tmp_path, path_rule="{partner}"), cursor)
    assert [each.payload["partner_in_path"] for each in records if each.payload] == ["Brightwater Energy"]


def test_a_file_beyond_the_size_limit_is_reported_and_not_fetched(tmp_path: Path) -> None:
    write(tmp_path / "a.pptx")
    FaultyFiles.fetched.clear()
    records, _ = pull(connector(tmp_path, max_file_bytes=10))
    assert [(each.source_id, each.malformed) for each in records] == [("path:a.pptx", "too_large")]
    assert FaultyFiles.fetched == []


def test_bytes_are_kept_within_their_limit_and_read_beyond_it(tmp_path: Path) -> None:
    write(tmp_path / "a.pptx")
    (kept,), _ = pull(connector(tmp_path))
    (left,), _ = pull(connector(tmp_path, max_kept_bytes=10))
    assert kept.blobs[0].sha256 == kept.source_id == sha256(tmp_path / "a.pptx")
    assert left.blobs == ()
    assert left.payload is not None
    assert left.payload["slides"] == (kept.payload or {})["slides"]


def test_a_locked_file_is_reported_keeps_what_is_known_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = write(tmp_path / "a.pptx")
    source = connector(tmp_path)
    _, cursor = pull(source)
    os.utime(tmp_path / "a.pptx", (1, 1))
    with monkeypatch.context() as patch:
        patch.setattr(FaultyFiles, "cat_file", refuse)
        locked, cursor = pull(source, cursor)
    unlocked, _ = pull(source, cursor)
    assert [(each.source_id, each.malformed) for each in locked] == [("path:a.pptx", "unreadable_file")]
    assert lives(unlocked) == {identity: ["a.pptx"]}
    assert gone(unlocked) == {"path:a.pptx"}


def refuse(*_: Any, **__: Any) -> bytes:
    raise PermissionError


def test_a_damaged_deck_costs_no_other_and_keeps_its_bytes(tmp_path: Path) -> None:
    write(tmp_path / "a.pptx")
    (tmp_path / "b.pptx").write_bytes((tmp_path / "a.pptx").read_bytes()[:-50])
    records, _ = pull(connector(tmp_path))
    assert [each.malformed for each in records] == [None, "damaged"]
    assert records[1].blobs[0].content == (tmp_path / "b.pptx").read_bytes()


def test_lock_files_hidden_files_and_other_files_are_no_decks(tmp_path: Path) -> None:
    for name in ("~$a.pptx", ".a.pptx", "a.txt", "__MACOSX/a.pptx"):
        write(tmp_path / name)
    records, _ = pull(connector(tmp_path))
    assert records == []


def test_a_deck_before_2007_is_reported_instead_of_overlooked(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "PowerPoint Document".encode("utf-16-le")
    (tmp_path / "a.PPT").write_bytes(ole)
    records, _ = pull(connector(tmp_path))
    assert [each.malformed for each in records] == ["old_format"]


@pytest.mark.parametrize("address", ["{0}/deep/a.pptx", "{0}/*/a.pptx", "{0}", "file://{0}"])
def test_an_address_may_be_a_file_a_pattern_or_a_folder(tmp_path: Path, address: str) -> None:
    identity = write(tmp_path / "deep" / "a.pptx")
    records, _ = pull(connector(tmp_path, url=address.format(tmp_path)))
    assert [each.source_id for each in records] == [identity]


def test_a_folder_in_an_object_store_reads_like_one_on_disk(tmp_path: Path) -> None:
    import fsspec

    identity = write(tmp_path / "a.pptx")
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/bucket/decks/a.pptx", (tmp_path / "a.pptx").read_bytes())
    records, cursor = pull(connector(tmp_path, url="memory://bucket/decks"))
    memory.rm("/bucket", recursive=True)
    assert lives(records) == {identity: ["a.pptx"]}
    assert cursor is not None


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("file:///no/such/folder", "missing_folder"),
        ("s3://bucket/decks", "missing_driver"),
        ("nowhere://y", "unknown_protocol"),
    ],
)
def test_an_address_that_leads_nowhere_says_what_to_do(tmp_path: Path, url: str, code: str) -> None:
    with pytest.raises(FixSetup) as caught:
        connector(tmp_path, url=url).check()
    assert caught.value.code == code


def test_a_password_in_the_address_is_refused_before_it_is_shown_anywhere(tmp_path: Path) -> None:
    with pytest.raises((FixSetup, ValidationError)) as caught:
        connector(tmp_path, url="ftp://ana:canary@host/decks")
    assert "canary" not in str(caught.value)


def test_a_store_that_fails_midway_ends_as_retry_later(tmp_path: Path) -> None:
    write(tmp_path / "a.pptx")
    FaultyFiles.fail("truncate", 100)
    with pytest.raises(RetryLater):
        pull(connector(tmp_path))
    FaultyFiles.fail(None, 0)


@pytest.mark.parametrize(
    ("path", "rule", "partner"),
    [
        ("Brightwater Energy/q3.pptx", "{partner}", "Brightwater Energy"),
        ("reviews/2026/Muller_Logistics/q3.pptx", "reviews/*/{partner}", "Muller Logistics"),
        ("reviews/QBR Acme.pptx", "reviews/QBR {partner}.pptx", "Acme"),
        ("internal/q3.pptx", "reviews/{partner}", None),
    ],
)
def test_a_path_rule_says_where_a_path_names_the_partner(path: str, rule: str, partner: str | None) -> None:
    assert partner_in([path], rule) == partner
