"""The whole product over a made-up company."""

import pytest

from connectors.errors import FixSetup
from partnerhub.cli.demo_world import DemoWorld, emptied, free_port, stored_world
from partnerhub.cli.output import console
from partnerhub.cli.reconciling import show, simulator_command
from pipelines.reconcile import ReconcileReport
from tests.cli.conftest import subprocess_command


@pytest.mark.slow
def test_the_demo_syncs_twice_matches_the_world_and_leaves_a_working_folder(tmp_path):
    said = subprocess_command(tmp_path, "demo", "--partners", "15", "--json")
    assert said.code == 0
    assert sum(stream["landed"] for stream in said.json["second"]["streams"]) == 0
    assert said.json["match"]["meets_goal"]
    assert len(said.json["partners"]) == 5
    shown = subprocess_command(
        tmp_path, "--config", ".demo/partnerhub.yaml", "show", said.json["partners"][0]["name"]
    )
    assert shown.code == 0


def test_a_folder_that_is_no_demo_stays_as_it_is(tmp_path):
    (tmp_path / "warehouse.db").write_text("mine")
    with pytest.raises(FixSetup, match="not a demo"):
        emptied(tmp_path)
    assert (tmp_path / "warehouse.db").read_text() == "mine"


def test_a_former_demo_is_cleared_and_other_files_beside_it_stay(tmp_path):
    DemoWorld(1, 15, "2026-10-01T09:00:00+00:00").save(tmp_path)
    (tmp_path / "warehouse.db").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    emptied(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_the_simulator_finds_the_world_of_the_demo_again(tmp_path):
    world = DemoWorld(7, 15, "2026-10-01T09:00:00+00:00", 1, 2)
    world.save(tmp_path)
    assert stored_world(tmp_path) == world
    assert stored_world(tmp_path).generate().seed == 7


def test_a_port_in_use_is_replaced_by_a_free_one():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert free_port(port) != port


def test_a_comparison_whose_vendors_are_not_served_says_what_serves_them(tmp_path, capsys):
    world = DemoWorld(7, 15, "2026-10-01T09:00:00+00:00", hubspot_port=free_port(0))
    world.save(tmp_path)
    report = ReconcileReport("r1", "incomplete", 1.0, [])
    show(console(), report, {}, simulator_command(tmp_path))
    said = capsys.readouterr().out
    assert f"simulator --dir {tmp_path}` in another terminal, then this again." in said
    assert "run it again" not in said
    assert simulator_command(tmp_path / "elsewhere") == ""
