"""Real mail and real lists of organizations, end to end: each item is staged, or quarantined with a reason."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from connectors.registry import connector_class
from partnerhub.simulator.imap import INBOX, ImapSimulator
from pipelines.golden.partners import PartnerRule
from pipelines.golden.settings import PublishSettings
from pipelines.stage.rules import SourceRules, StageSettings
from tests.conftest import SHARED, SKIPPED_FOR
from tests.connectors.conformance.imap_rig import NOW, OWNER, connector_for
from tests.connectors.test_imap_corpus import split_mbox
from tests.pipelines.engine import Engine, Synced
from warehouse.database import Database
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.shared, pytest.mark.slow]

LISTS = ("er/dev", "er/chicago")
KINDS = ("organization", "person", "relation", "touchpoint", "document", "passage", "location", "service")
SETTINGS = StageSettings(
    {"mail": SourceRules("imap", settings={"mailbox": OWNER}), "list": SourceRules("sheets")},
    own_domains=frozenset({OWNER.partition("@")[2]}),
    default_region="US",
)


class Real(NamedTuple):
    """One corpus after a sync, and how many items it has."""

    items: int
    engine: Engine
    synced: Synced


@pytest.fixture(scope="module", params=["email/dev", *LISTS])
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Real:
    corpora = request.getfixturevalue("shared_corpora")
    folder = corpora / request.param
    url = f"sqlite:///{tmp_path_factory.mktemp('real')}/warehouse.db"
    migrate(url)
    rules = PublishSettings(partner_rules=(PartnerRule("list"),), own_domains=SETTINGS.own_domains)
    engine = Engine(Database(url), SETTINGS, rules)
    if request.param in LISTS:
        path = folder / "records.csv"
        connector = connector_class("sheets")(source="list", path=path)
        return Real(lines_of(path), engine, engine.sync([connector]))
    with ImapSimulator() as server:
        served = list(mails(folder))
        for raw in served:
            server.append(OWNER, INBOX, raw, NOW)
        return Real(len(set(served)), engine, engine.sync([connector_for(server, source="mail")]))


@pytest.fixture(scope="module")
def shared_corpora() -> Path:
    if not SHARED.is_dir():
        pytest.skip(SKIPPED_FOR["../shared"] + "real-world input is not part of the repository")
    return SHARED / "corpora"


def lines_of(path: Path) -> int:
    """Rows of a list, read by other means than the connector's."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return len({tuple(row) for row in list(csv.reader(file))[1:] if any(row)})


def mails(folder: Path) -> Iterator[bytes]:
    for path in sorted((folder / "eml").iterdir()):
        yield path.read_bytes()
    for path in sorted((folder / "mbox").iterdir()):
        yield from split_mbox(path.read_bytes())


def by_stream(engine: Engine, statement: str) -> dict[str, int]:
    return dict(engine.query(f"SELECT stream, count(*) FROM {statement} GROUP BY stream"))


def staged_records(engine: Engine) -> set[tuple[Any, ...]]:
    """Every raw record that says something staged, of whatever kind."""
    selects = [f"SELECT source, stream, source_id FROM staged_{kind}" for kind in KINDS]
    return set(engine.query(" UNION ".join(selects)))


def test_every_item_arrives_and_stands_in_raw_once(real: Real) -> None:
    arrived = {stream.stream: stream.read for stream in real.synced.streams}
    assert {stream.state for stream in real.synced.streams} == {"complete"}
    assert next(iter(arrived.values())) == real.items
    assert by_stream(real.engine, "raw_current") == {name: count for name, count in arrived.items() if count}


def test_raw_is_staged_plus_quarantined_and_nothing_else(real: Real) -> None:
    raw = set(real.engine.query("SELECT source, stream, source_id FROM raw_current"))
    quarantined = set(
        real.engine.query("SELECT source, stream, source_id FROM raw_current WHERE quarantine IS NOT NULL")
    )
    staged = staged_records(real.engine)
    assert staged & quarantined == set()
    assert staged | quarantined == raw


def test_everything_in_quarantine_has_a_reason_and_an_open_problem(real: Real) -> None:
    unexplained = real.engine.query(
        "SELECT c.source_id, c.quarantine FROM raw_current c LEFT JOIN sync_error e ON e.source = c.source"
        " AND e.stream = c.stream AND e.source_id = c.source_id AND e.state = 'open' AND e.code = c.quarantine"
        " WHERE c.quarantine IS NOT NULL AND e.fingerprint IS NULL"
    )
    assert unexplained == []
    assert real.engine.query("SELECT 1 FROM raw_current WHERE quarantine = 'mapping_failed'") == []


def test_every_rule_holds_and_a_second_sync_of_the_same_changes_nothing(real: Real) -> None:
    assert real.engine.broken_rules() == {}
    staged, proposed, published = real.engine.derive()
    assert (staged.records, proposed.waiting, published.pending) == (0, 0, 0)


def test_counts_are_told(real: Real, record_property: Callable[[str, object], None]) -> None:
    """The figures of docs/develop/real-input.md: shown with `-rA`, or in a JUnit report."""
    codes = Counter(
        code
        for (code,) in real.engine.query("SELECT quarantine FROM raw_current WHERE quarantine IS NOT NULL")
    )
    figures = {
        "items": real.items,
        "raw": by_stream(real.engine, "raw_current"),
        "quarantined": dict(codes),
        **{kind: counted(real.engine, f"staged_{kind}") for kind in KINDS},
        **{name: counted(real.engine, name) for name in ("organization", "fact", "timeline", "candidate")},
    }
    for name, value in figures.items():
        record_property(name, str(value))
    print(figures)  # noqa: T201  # for whoever runs it with -s
    assert figures["items"] > 500


def counted(engine: Engine, name: str) -> int:
    ((count,),) = engine.query(f"SELECT count(*) FROM {name}")
    return int(count)
