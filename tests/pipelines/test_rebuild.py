"""The rebuild proof: what is derived comes out of raw layer and ledger again; what only golden holds turns it red."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipelines.preview.run import preview, read_change
from pipelines.progress import silent
from pipelines.rebuild.prepare import NotSettled
from pipelines.rebuild.replace import replace_derived
from pipelines.rebuild.verify import verify
from pipelines.scratch.derive import derive
from tests.pipelines.rebuilding import Hub, hub_with_history, now_text
from warehouse.commands.redact import redact_record

if TYPE_CHECKING:
    from pathlib import Path


def unequal(hub: Hub) -> dict[str, int]:
    return {table.name: table.differing for table in verify(hub.config).tables if not table.equal}


def test_after_changes_merges_splits_pins_and_deletions_every_row_comes_out_again(hub: Hub) -> None:
    for name in ("fact_past", "timeline_past", "deal_stage_version", "staged_past"):
        assert hub.query(f"SELECT 1 FROM {name} LIMIT 1"), f"{name} is empty, so nothing of it is proven"
    assert unequal(hub) == {}


@pytest.mark.postgres
def test_on_postgresql_every_row_comes_out_again_a_change_is_tried_and_no_second_database_is_left(
    postgres_url: str, tmp_path: Path
) -> None:
    with hub_with_history(tmp_path, postgres_url) as hub:
        assert unequal(hub) == {}
        assert preview(hub.config, read_change(hub.config, None, []), shown=1).nothing
        off = read_change(hub.config, None, ["partners=[]"])
        assert preview(hub.config, off, shown=1).sorts[0].go > 0
    assert hub.query("SELECT datname FROM pg_database WHERE datname LIKE 'partnerhub-scratch%'") == []


def test_a_value_that_only_golden_holds_is_found_with_its_key_and_column(hub: Hub) -> None:
    hub.execute("UPDATE deal SET stage = 'Dreamt of' WHERE fact_id = (SELECT min(fact_id) FROM deal)")
    first = hub.query("SELECT min(fact_id) FROM deal")[0][0]
    found = {table.name: table.first for table in verify(hub.config).tables if not table.equal}
    assert [(row.kind, row.key, row.columns) for row in found["deal"]] == [("differs", (first,), ("stage",))]


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("staged_organization", "UPDATE staged_organization SET city = 'Nowhere' WHERE city IS NOT NULL"),
        ("match_edge", "DELETE FROM match_edge WHERE band = 'auto'"),
        ("partnership", "DELETE FROM partnership"),
        ("signal", "UPDATE signal SET sentence = 'All is well.' WHERE closed_at IS NULL"),
        (
            "organization_version",
            "UPDATE organization_version SET city = 'Nowhere' WHERE recorded_to_at IS NULL",
        ),
        ("organization_link", "UPDATE organization_link SET ended_at = '2026-10-02T00:00:00.000000Z'"),
        ("raw_current", "UPDATE raw_current SET quarantine = 'invented' WHERE stream = 'companies'"),
    ],
)
def test_what_raw_and_ledger_do_not_say_turns_the_proof_red(hub: Hub, table: str, statement: str) -> None:
    hub.execute(statement)
    assert unequal(hub)[table] > 0


def test_proving_writes_nothing_to_the_hub_and_leaves_nothing_beside_it(hub: Hub) -> None:
    before = hub.digest(), sorted(hub.database.path.parent.glob("*.db*"))
    verify(hub.config)
    assert (hub.digest(), sorted(hub.database.path.parent.glob("*.db*"))) == before
    assert list(hub.database.path.parent.glob(".partnerhub-scratch*")) == []


def test_while_records_wait_to_be_published_nothing_is_compared(hub: Hub) -> None:
    hub.execute(
        "INSERT INTO pending (record, kind) SELECT min(record), 'organization' FROM staged_organization"
    )
    with pytest.raises(NotSettled, match="partnerhub sync"):
        verify(hub.config)


def test_what_was_redacted_stays_gone_and_the_rest_comes_out_again(hub: Hub) -> None:
    source, stream, source_id = hub.query(
        "SELECT source, stream, source_id FROM staged_organization WHERE stream = 'companies' ORDER BY record LIMIT 1"
    )[0]
    hub.decide(
        lambda c: redact_record(
            c, source, stream, source_id, reason="asked to", secret=b"0123456789abcdef", now=now_text()
        )
    )
    derive(hub.config, hub.database, None, silent)
    assert unequal(hub) == {}


def test_versions_that_landed_and_wait_are_no_part_of_the_proof(hub: Hub) -> None:
    came = "raw_id > (SELECT max(staged_raw_id) FROM raw_current)"
    hub.execute(
        "INSERT INTO raw_record (source, stream, source_id, op, content_hash, payload, run_id, landed_at)"
        " SELECT source, stream, source_id, 'delete', content_hash, payload, run_id, landed_at FROM raw_record"
        " WHERE stream = 'companies' AND op = 'upsert' ORDER BY raw_id DESC LIMIT 3"
    )
    hub.execute(
        f"UPDATE raw_current SET op = r.op, raw_id = r.raw_id FROM (SELECT * FROM raw_record WHERE {came}) r"
        " WHERE (r.source, r.stream, r.source_id) = (raw_current.source, raw_current.stream, raw_current.source_id)"
    )
    assert unequal(hub) == {}


def test_other_rules_than_at_the_last_sync_are_told_and_not_compared(hub: Hub) -> None:
    other = replace(hub.config, own_domains=frozenset({"other.example"}))
    with pytest.raises(NotSettled, match="partnerhub preview"):
        verify(other)


def test_a_rebuild_brings_every_row_that_differs_and_the_second_one_finds_none(hub: Hub) -> None:
    hub.execute("UPDATE organization SET city = 'Nowhere'")
    hub.execute("DELETE FROM timeline")
    hub.execute("UPDATE search_entry SET title = 'Nobody'")
    assert {table.name for table in replace_derived(hub.config).tables if not table.equal} >= {
        "organization",
        "timeline",
        "search_entry",
    }
    assert unequal(hub) == {}


def test_a_rebuild_that_breaks_while_it_writes_leaves_what_was_there(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.execute("UPDATE organization SET city = 'Nowhere'")
    hub.execute("UPDATE search_entry SET title = 'Nobody'")  # is written after everything else
    before = hub.digest()

    def broken(_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("pipelines.rebuild.replace.make_all", broken)
    with pytest.raises(RuntimeError, match="broken"):
        replace_derived(hub.config)
    assert hub.digest() == before
