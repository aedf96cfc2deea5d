"""Real decks end to end: each file is a document with its coverage, or quarantined under a reason of its own."""

from __future__ import annotations

import json
from collections import Counter
from typing import NamedTuple

import pytest

from connectors.decks import DecksConnector
from pipelines.golden.partners import PartnerRule
from pipelines.golden.settings import PublishSettings
from pipelines.stage.rules import SourceRules, StageSettings
from tests.conftest import SHARED, SKIPPED_FOR
from tests.pipelines.engine import Engine, Synced
from warehouse.database import Database
from warehouse.schema import migrate

pytestmark = [pytest.mark.shared]

FILES, CONTENTS = 303, 302
"""Two of the files are empty, and so one content."""
REFUSED = {"damaged": 11, "old_format": 11, "encrypted": 5, "empty": 1, "not_a_deck": 1}
SHAPES = {"shapes": 1454, "read": 680, "empty": 564, "groups": 26, "tables": 39, "charts": 49, "diagrams": 38}
SKIPPED = {"picture": 63, "connector": 56, "slide_number": 55, "embedded_object": 30, "media": 5, "ink": 1}
PASSAGES = 1073
"""The counts of docs/operate/decks.md."""
SETTINGS = StageSettings({"decks": SourceRules("decks")}, default_region="US")


class Real(NamedTuple):
    """The corpus after a sync."""

    engine: Engine
    connector: DecksConnector
    synced: Synced


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Real:
    folder = SHARED / "corpora" / "decks" / "dev"
    if not folder.is_dir():
        pytest.skip(SKIPPED_FOR["../shared"] + "real decks are not part of the repository")
    url = f"sqlite:///{tmp_path_factory.mktemp('real')}/warehouse.db"
    migrate(url)
    rules = PublishSettings(partner_rules=(PartnerRule("decks"),), own_domains=SETTINGS.own_domains)
    engine = Engine(Database(url), SETTINGS, rules)
    connector = DecksConnector(source="decks", url=f"file://{folder}")
    return Real(engine, connector, engine.sync([connector]))


def test_every_content_is_a_document_or_in_quarantine_under_its_reason(real: Real) -> None:
    rows = real.engine.query("SELECT source_id, quarantine FROM raw_current")
    staged = {row[0] for row in real.engine.query("SELECT source_id FROM staged_document")}
    assert len(rows) == CONTENTS
    assert Counter(reason for _, reason in rows if reason) == REFUSED
    assert staged == {source_id for source_id, reason in rows if not reason}


def test_every_file_is_named_by_a_record_and_its_bytes_are_kept(real: Real) -> None:
    payloads = [json.loads(bytes(row[0])) for row in real.engine.query("SELECT payload FROM raw_record")]
    kept = {row[0] for row in real.engine.query("SELECT sha256 FROM raw_blob")}
    assert sum(len(each["paths"]) for each in payloads) == FILES
    assert {each["sha256"] for each in payloads if each["size"]} == kept


def test_the_coverage_lines_account_for_every_shape_of_every_deck(real: Real) -> None:
    documents = real.engine.query("SELECT custom_json FROM staged_document")
    lines = [json.loads(row[0])["coverage"] for row in documents]
    assert {name: sum(line[name] for line in lines) for name in SHAPES} == SHAPES
    assert sum((Counter(line["skipped"]) for line in lines), Counter()) == SKIPPED
    assert real.engine.query("SELECT count(*) FROM staged_passage") == [(PASSAGES,)]


def test_every_rule_holds_and_reading_again_changes_nothing(real: Real) -> None:
    assert real.engine.broken_rules() == {}
    (stream,) = real.engine.sync([real.connector], full=True).streams
    assert (stream.read, stream.landed, stream.removed) == (CONTENTS, 0, 0)
