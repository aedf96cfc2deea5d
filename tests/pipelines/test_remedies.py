"""What a person is told of a record that could not be read: what its own source knows of the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.asana.records import refused_project
from connectors.decks import DecksConnector
from connectors.decks.records import REMEDIES, UNLISTED, UNREADABLE
from connectors.jira.listed import unseen
from connectors.pptx_reader import Reason
from connectors.record import SourceRecord
from connectors.sheets import SheetsConnector
from pipelines.land.page import MEND
from pipelines.land.session import LandSession, LandSettings
from tests.connectors.deck_files import deck, text_shape
from warehouse.database import Database

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.record import Connector


def told(url: str, connector: Connector) -> dict[str, tuple[str, str]]:
    """Code → (what to do, what happened) of a source's problems after one sync."""
    with LandSession(Database(url), [connector], LandSettings(run_id="first")) as session:
        session.wait(connector.source)
    with Database(url).session() as connection:
        rows = connection.query("SELECT code, to_do, happened FROM sync_error WHERE stage = 'land'")
    return {code: (do, happened) for code, do, happened in rows}


def test_a_deck_that_cannot_be_read_says_what_to_do_with_that_file(tmp_path: Path, sqlite_url: str) -> None:
    (tmp_path / "none.pptx").write_bytes(b"")
    (tmp_path / "cut.pptx").write_bytes(deck(text_shape("Tier: Gold"))[:900])
    (tmp_path / "page.pptx").write_bytes(b"<html><body>Sign in</body></html>")
    found = told(sqlite_url, DecksConnector(source="decks", url=f"file://{tmp_path}"))
    assert found == {
        "empty": REMEDIES[Reason.EMPTY], "damaged": REMEDIES[Reason.DAMAGED],
        "not_a_deck": REMEDIES[Reason.NOT_A_DECK],
    }  # fmt: skip


def test_every_reason_of_decks_has_a_remedy_of_its_own() -> None:
    assert set(REMEDIES) == {*Reason, UNREADABLE, UNLISTED}
    assert len({remedy.do + remedy.happened for remedy in REMEDIES.values()}) == len(REMEDIES)


def test_a_row_whose_key_came_before_is_told_so(tmp_path: Path, sqlite_url: str) -> None:
    path = tmp_path / "partners.csv"
    path.write_text("No,Company\n1,Acme\n1,Globex\n,Initech\n")
    found = told(sqlite_url, SheetsConnector(source="list", path=path, key=("No",)))
    assert "Give one of the rows another key" in found["duplicate_key"][0]
    assert "Fill in the key column" in found["missing_key"][0]


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (refused_project("1", {"name": "X"}, "forbidden"), "leave_out_projects"),
        (unseen("ABC"), "Browse projects"),
    ],
)
def test_a_project_that_is_refused_names_the_setting_and_the_right(record: SourceRecord, words: str) -> None:
    assert record.remedy is not None
    assert words in record.remedy.do
    assert record.remedy != MEND
