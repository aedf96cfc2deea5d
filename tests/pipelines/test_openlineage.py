"""Events of runs: START and an end, streams in, tables out column by column; what does not arrive ends no run."""

from __future__ import annotations

import json
import resource
from datetime import UTC, datetime

import pytest

from partnerhub.config import load_config
from pipelines import steps
from pipelines.health import look
from pipelines.openlineage.telling import append, tell_ended
from pipelines.sync import run_sync
from tests.alerting.listeners import web_server

LATER = "2026-10-01T00:00:00.000000Z"


@pytest.fixture
def hub(config):
    """A hub that read a CRM once already, and tells its runs from now on."""
    return telling(config, "{to: out/lineage.ndjson, namespace: ours}")


def telling(config, lineage):
    """The same hub with `lineage:` in its settings."""
    written = config.path.read_text().partition("lineage:")[0]
    config.path.write_text(f"{written}lineage: {lineage}\n")
    return load_config(config.path)


def told(hub):
    lines = (hub.folder / "out/lineage.ndjson").read_text().splitlines()
    return [json.loads(line) for line in lines]


def facets_in(event):
    """Every facet of an event: they all say by which shape they are made."""
    found = [*event["job"]["facets"].values(), *event["run"].get("facets", {}).values()]
    for each in (*event["inputs"], *event["outputs"]):
        for name in ("facets", "inputFacets", "outputFacets"):
            found += each.get(name, {}).values()
    return found


def test_a_sync_is_told_from_its_start_to_its_end_with_streams_tables_and_columns(hub):
    run_id = run_sync(hub).run_id
    start, end = told(hub)
    kinds = [(each["eventType"], each["run"]["runId"]) for each in (start, end)]
    assert kinds == [("START", run_id), ("COMPLETE", run_id)]
    streams = [(each["namespace"], each["name"]) for each in end["inputs"]]
    assert streams == [("hubspot://hubspot", "companies"), ("hubspot://hubspot", "contacts")]
    tables = {each["name"]: each for each in end["outputs"]}
    assert {"dim_partner", "dim_contact", "stg_hubspot__companies"} <= tables.keys()
    city = tables["dim_partner"]["facets"]["columnLineage"]["fields"]["city"]["inputFields"]
    assert [(each["name"], each["field"]) for each in city] == [("companies", "properties.city")]
    assert "outputStatistics" in tables["stg_hubspot__companies"]["outputFacets"]
    for each in (*facets_in(start), *facets_in(end)):
        assert each["_schemaURL"].startswith("https://openlineage.io/spec/facets/")


def test_a_run_that_failed_says_why_and_begins_once_however_many_steps_begin_it(hub):
    steps.begin(hub, "r-1")
    steps.begin(hub, "r-1")
    tell_ended(hub, "r-1", "failed", LATER)
    start, end = told(hub)
    assert (start["eventType"], end["eventType"]) == ("START", "FAIL")
    assert end["run"]["facets"]["errorMessage"]["message"] == "The run is failed."


def test_what_an_address_does_not_take_ends_no_run_and_is_an_incident_until_it_does(hub):
    with web_server() as server:
        web = telling(hub, f"{{to: '{server.url}', token: t0p-secret}}")
        server.status = 400
        assert run_sync(web).state == "complete"
        found = look(web, datetime.now(UTC)).watch.incidents
        assert "lineage_not_told" in {each["code"] for each in found}
        assert "t0p-secret" not in repr(found)
        server.status = 200
        tell_ended(web, "r-2", "complete", LATER)
        assert {headers["authorization"] for _, headers, _ in server.posts} == {"Bearer t0p-secret"}
        left = look(web, datetime.now(UTC)).watch.incidents
        assert "lineage_not_told" not in {each["code"] for each in left}


def test_a_line_for_which_the_disk_has_no_room_leaves_no_half_of_it(tmp_path):
    path = tmp_path / "events.ndjson"
    append(path, b"whole\n")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 3, before[1]))
    try:
        with pytest.raises(OSError, match="No space left"):
            append(path, b"too long\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    append(path, b"next\n")
    assert path.read_bytes() == b"whole\nnext\n"
