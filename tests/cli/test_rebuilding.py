"""`partnerhub rebuild --verify` and `partnerhub preview`, as somebody meets them at the prompt."""

from __future__ import annotations

import shutil
import signal

import pytest

from partnerhub.cli.interruption import Interrupted
from partnerhub.cli.rebuilding import stoppable


def copied(hub, tmp_path, monkeypatch):
    """A copy of the hub to spoil."""
    shutil.copytree(hub.folder, tmp_path / "copy")
    monkeypatch.setenv("PARTNERHUB_CONFIG", str(tmp_path / "copy/partnerhub.yaml"))
    return tmp_path / "copy"


def test_the_proof_of_a_sound_hub_ends_with_0_and_a_hash_for_every_table(ask):
    said = ask("rebuild", "--verify", "--json")
    assert (said.code, said.json["equal"]) == (0, True)
    tables = {each["table"]: each for each in said.json["tables"]}
    assert {"staged_organization", "organization", "identity_event", "dim_partner"} <= tables.keys()
    assert all(each["hash"] == each["hash_rebuilt"] for each in tables.values())
    assert said.json["not_compared"]["search_entry"]["why"]


def test_a_spoiled_hub_ends_with_1_and_is_mended_by_a_rebuild(ask, hub, tmp_path, monkeypatch):
    from warehouse.database import Database

    folder = copied(hub, tmp_path, monkeypatch)
    with Database(f"sqlite:///{folder}/warehouse.db").session() as connection, connection.transaction():
        connection.execute("UPDATE organization SET city = 'Nowhere'")
    red = ask("rebuild", "--verify", "--limit", "1")
    assert (red.code, "differs in city" in red.out, "2 rows more of" in red.out) == (1, True, True)
    assert ask("rebuild").code == 0
    assert ask("rebuild", "--verify").code == 0


def test_a_preview_says_who_changes_and_fails_only_when_asked_to(ask, tmp_path):
    (tmp_path / "changed.yaml").write_text("partners: []\n")
    said = ask("preview", "--mapping", tmp_path / "changed.yaml")
    assert (said.code, "– Bellago" in said.out, "Nothing was changed in the hub" in said.out) == (
        0,
        True,
        True,
    )
    data = ask("preview", "--mapping", tmp_path / "changed.yaml", "--fail-on-change", "--json")
    assert (data.code, data.json["partners"]["go"]) == (1, 3)
    assert ask("preview", "--fail-on-change").code == 0


def test_a_change_that_cannot_be_read_is_refused_with_its_line(ask, tmp_path):
    (tmp_path / "changed.yaml").write_text("matching:\n  autoo: 0.9\n")
    said = ask("preview", "--mapping", tmp_path / "changed.yaml")
    assert said.code == 2
    assert "changed.yaml:2: matching.autoo" in said.err
    assert "Write `auto`." in said.err


def test_a_key_or_file_that_cannot_be_used_is_refused_in_words(ask):
    said = ask("preview", "--set", "matching.auto=high")
    assert (said.code, "matching.auto: This must be a probability between 0 and 1." in said.err) == (2, True)
    assert ask("preview", "--mapping", "nowhere.yaml").code == 2


def test_who_is_told_to_end_puts_away_what_it_made_and_says_so():
    with pytest.raises(Interrupted) as ended, stoppable():
        signal.raise_signal(signal.SIGTERM)
    assert ended.value.by == signal.SIGTERM
