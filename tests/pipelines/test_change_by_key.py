"""Cost follows the change: ten changed records touch what hangs on those ten, and every other row stays as it was."""

from __future__ import annotations

from contextlib import chdir
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from partnerhub.config import load_config
from partnerhub.simulator.imap import INBOX
from partnerhub.simulator.runner import SHEET_SOURCE, Simulator
from partnerhub.simulator.sheets import write_sheet
from partnerhub.simulator.world.generate import generate_world
from tests.pipelines.engine import Engine, Synced
from warehouse.schema import migrate
from warehouse.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnerhub.config import HubConfig
    from partnerhub.simulator.world.model import World

NOW = datetime(2026, 10, 1, tzinfo=UTC)
PARTNERS, COMPANIES_EDITED, MAILS_SENT = 40, 4, 5
ROWS_PER_ORGANIZATION = 15
"""Itself, its version, its log and a few values: what publishing an organization may write."""

OF_ORGANIZATIONS = (
    "organization", "organization_version", "golden_value", "partnership", "timeline", "change_log",
    "organization_link",
)  # fmt: skip
OF_RECORDS = (
    "staged_organization", "staged_person", "staged_relation", "staged_touchpoint", "staged_deal", "staged_work_item",
    "staged_document", "staged_colleague", "key", "participant", "raw_current",
)  # fmt: skip
OF_FACTS = ("fact", "fact_link", "timeline")
WATCHED = {
    **dict.fromkeys(OF_ORGANIZATIONS, "organization_id"),
    **dict.fromkeys(OF_RECORDS, "record"),
    "raw_current": "source_id",
    "fact": "fact_id",
    "fact_link": "fact_id",
    "fact_source": "record",
    "person": "person_id",
    "match_edge": "left_record",
    "person_link": "record",
    "candidate": "domain",
    "identity_event": "entity_id",
}
"""Table → the column that says what a row is about."""


class Scene(NamedTuple):
    """Ten edits after a first sync, and what the second sync wrote."""

    engine: Engine
    second: Synced
    edited: set[str]
    before: dict[str, list[tuple[Any, ...]]]
    organizations: int

    def writes(self, name: str) -> set[str]:
        """What the rows written in a table are about."""
        rows = self.engine.query("SELECT DISTINCT about FROM written WHERE name = ?", [name])
        return {about for (about,) in rows}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder, world = tmp_path_factory.mktemp("hub"), generate_world(9, PARTNERS, NOW)
    with Simulator(world, folder, vendors=()) as simulator, chdir(folder):
        config = load_config(simulator.write_config(f"sqlite:///{folder}/warehouse.db"))
        migrate(config.warehouse_url)
        engine = Engine.of(config)
        sync(engine, config)
        before = {name: engine.rows(name) for name in WATCHED}
        watch_writes(engine)
        edited = edit_ten(simulator, world)
        second = sync(engine, config)
        yield Scene(engine, second, edited, before, len(before["organization"]))


def sync(engine: Engine, config: HubConfig) -> Synced:
    return engine.sync(config.connector(name) for name in config.sources)


def watch_writes(engine: Engine) -> None:
    """Let the database note every row that is written, even when it is written as it was."""
    with engine.database.session() as connection:
        connection.execute("CREATE TABLE written (name TEXT, about TEXT)")
        for name, column in WATCHED.items():
            for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
                connection.execute(
                    f"CREATE TRIGGER {name}_{event} AFTER {event} ON {name}"
                    f" BEGIN INSERT INTO written VALUES ('{name}', {row}.{column}); END"
                )


def edit_ten(simulator: Simulator, world: World) -> set[str]:
    """Four companies get another phone, a row of the list other notes, and five mails arrive from known senders."""
    simulator.hubspot.store.advance(timedelta(minutes=5))
    live = [c for c in world.companies.values() if not c.archived_at and not c.merged_into]
    for number, company in enumerate(live[:COMPANIES_EDITED]):
        simulator.hubspot.update_company(company.id, phone=f"+4930123450{number}")
    world.sheet[0].values["Notes"] = "calls back on Tuesday"
    write_sheet(world, simulator.sheet_path)
    owner = next(address for address in simulator.mail_sources().values())
    senders = [human for human in world.humans.values() if human.org_id == live[0].org_id]
    for number in range(MAILS_SENT):
        raw = mail(number, senders[0].emails[0], owner)
        simulator.imap.append(owner, INBOX, raw, NOW + timedelta(minutes=number))
    return {company.id for company in live[:COMPANIES_EDITED]}


def mail(number: int, sender: str, receiver: str) -> bytes:
    return (
        f"Received: from mx by mx; {number}\r\nFrom: <{sender}>\r\nTo: <{receiver}>\r\nSubject: News {number}\r\n"
        f"Message-ID: <news-{number}@change>\r\nDate: Thu, 01 Oct 2026 00:0{number}:00 +0000\r\n\r\nNews.\r\n"
    ).encode()


def test_ten_changes_land_as_ten_versions_and_one_absence(scene: Scene) -> None:
    landed = {(s.source, s.stream): s.landed + s.removed for s in scene.second.streams}
    assert landed["hubspot", "companies"] == COMPANIES_EDITED
    assert sum(landed.values()) == COMPANIES_EDITED + MAILS_SENT + 2
    assert {s.removed for s in scene.second.streams if s.source == SHEET_SOURCE} == {1}


def test_staging_looks_at_what_landed_and_at_nothing_else(scene: Scene) -> None:
    landed = sum(stream.landed + stream.removed for stream in scene.second.streams)
    assert scene.second.staged.records == landed
    assert len(scene.writes("raw_current")) == landed


def test_staged_rows_are_written_for_changed_records_only(scene: Scene) -> None:
    changed = scene.writes("raw_current")
    for name in OF_RECORDS[:-1]:
        assert {about.split("/", 2)[2].split("#")[0] for about in scene.writes(name)} <= changed, name


def test_identity_and_golden_look_at_the_touched_organizations_only(scene: Scene) -> None:
    counts = scene.second
    changed_organizations = COMPANIES_EDITED + 2
    assert counts.proposed.waiting == changed_organizations
    assert counts.published.organizations <= 2 * changed_organizations < scene.organizations / 5
    assert counts.published.organizations_written <= ROWS_PER_ORGANIZATION * counts.published.organizations
    assert counts.published.candidates_written == 0


def test_facts_looked_at_are_those_of_new_mails_and_touched_organizations(scene: Scene) -> None:
    touched = touched_organizations(scene)
    ((theirs,),) = scene.engine.query(
        f"SELECT count(DISTINCT fact_id) FROM timeline WHERE organization_id IN ({quoted(touched)})"
    )
    ((everything,),) = scene.engine.query("SELECT count(*) FROM fact")
    assert MAILS_SENT <= scene.second.published.facts <= theirs + MAILS_SENT < everything / 5
    assert len(scene.writes("fact")) == MAILS_SENT


def test_rows_of_untouched_organizations_are_not_written_at_all(scene: Scene) -> None:
    touched = touched_organizations(scene)
    for name in OF_ORGANIZATIONS:
        assert scene.writes(name) <= touched, name


def test_rows_of_untouched_organizations_are_the_same_as_before(scene: Scene) -> None:
    touched = touched_organizations(scene)
    for name in OF_ORGANIZATIONS:
        at = [column.name for column in table(name).columns].index("organization_id")
        after = [row for row in scene.engine.rows(name) if row[at] not in touched]
        assert after == [row for row in scene.before[name] if row[at] not in touched], name


def test_sync_without_changes_writes_nothing(scene: Scene) -> None:
    scene.engine.query("SELECT 1")
    with scene.engine.database.session() as connection:
        connection.execute("DELETE FROM written")
    scene.engine.runs += 1
    staged, proposed, published = scene.engine.derive()
    assert (staged.records, proposed.waiting, published.pending) == (0, 0, 0)
    assert scene.engine.query("SELECT * FROM written") == []


def touched_organizations(scene: Scene) -> set[str]:
    """The organizations behind the records that landed in the second run."""
    rows = scene.engine.query(
        "SELECT l.organization_id FROM raw_record r JOIN organization_link l"
        " ON l.record = r.source || '/' || r.stream || '/' || r.source_id WHERE r.run_id = 'run-2'"
        " UNION SELECT t.organization_id FROM timeline t JOIN fact_source s ON s.fact_id = t.fact_id"
        " JOIN staged_touchpoint m ON m.record = s.record JOIN raw_record r ON r.raw_id = m.raw_id"
        " WHERE r.run_id = 'run-2'"
    )
    return {organization for (organization,) in rows}


def quoted(values: set[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))
