"""Folders and files of decks that this user may not read: named by `check`, reported, and nothing counts as gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.errors import SkipStream
from tests.connectors.faulty_files import FaultyFiles
from tests.connectors.test_decks import connector, gone, lives, pull, refuse, write

if TYPE_CHECKING:
    from pathlib import Path

MARK = "path:closed/"


@pytest.fixture
def decks(tmp_path: Path) -> Path:
    folder = tmp_path / "decks"
    write(folder / "open" / "a.pptx", "open")
    write(folder / "closed" / "b.pptx", "closed")
    return folder


@pytest.fixture
def close(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(FaultyFiles, "closed", frozenset({"closed"}))
    return monkeypatch


def test_a_folder_that_may_not_be_listed_keeps_its_decks_and_is_reported_until_it_may(
    decks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = connector(decks)
    _, cursor = pull(source)
    with monkeypatch.context() as patch:
        patch.setattr(FaultyFiles, "closed", frozenset({"closed"}))
        told, cursor = pull(source, cursor)
        again, cursor = pull(source, cursor)
    opened, cursor = pull(source, cursor)
    for records in (told, again):
        assert [(each.source_id, each.malformed) for each in records] == [(MARK, "unreadable_folder")]
    assert (lives(opened), gone(opened)) == ({}, {MARK})
    assert pull(source, cursor)[0] == []


@pytest.mark.usefixtures("close")
def test_a_first_reading_past_a_closed_folder_reads_the_others_and_proves_nothing_gone(decks: Path) -> None:
    pages = list(connector(decks).pull("decks", None, full=True))
    records = [record for page in pages for record in page.records]
    assert [each.malformed for each in records] == ["unreadable_folder", None]
    assert (pages[-1].reading, pages[-1].last) == ("incremental", True)


def test_a_locked_file_keeps_a_complete_reading_from_taking_it_for_gone(
    decks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FaultyFiles, "cat_file", refuse)
    pages = list(connector(decks).pull("decks", None, full=True))
    assert {each.malformed for page in pages for each in page.records} == {"unreadable_file"}
    assert pages[-1].reading == "incremental"


def test_a_folder_that_may_not_be_listed_at_all_skips_the_stream(
    decks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FaultyFiles, "closed", frozenset({"decks"}))
    for ask in (connector(decks).check, lambda: pull(connector(decks))):
        with pytest.raises(SkipStream) as caught:
            ask()
        assert caught.value.code == "forbidden"


@pytest.mark.usefixtures("close")
def test_check_names_the_folder_that_may_not_be_listed(decks: Path) -> None:
    assert connector(decks).check().missing_scopes == ("list the folder closed",)


def test_check_names_a_file_that_may_not_be_read(decks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert connector(decks).check().missing_scopes == ()
    monkeypatch.setattr(FaultyFiles, "cat_file", refuse)
    (missing,) = connector(decks).check().missing_scopes
    assert missing.startswith("read files, such as ")
