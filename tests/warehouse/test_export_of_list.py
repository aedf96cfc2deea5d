"""An export of a list holds what belongs to its partners, and nothing of anybody else."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

from tests.pipelines.golden_rig import DAY
from tests.web.partner_rig import ACME, LONE, partner_hub
from warehouse.exports.export import Options, export
from warehouse.exports.former import NoBase
from warehouse.exports.listed import NotByPartner, OnlyOf
from warehouse.queries.audit import latest

SECRET = "Lonely words"


@pytest.fixture
def hub(database_url):
    """Two partners, each with a deal, a call, a person and a task; one more call of the two together."""
    found = partner_hub(database_url)
    for number, (company, words) in enumerate(((ACME, "Shared words"), (LONE, SECRET))):
        records = {
            "deal": f"crm/deals/{number}", "touchpoint": f"crm/calls/{number}", "person": f"crm/people/{number}",
            "work_item": f"crm/tasks/{number}",
        }  # fmt: skip
        found.stage("deal", records["deal"], name=words, created_at=DAY.format(2))
        found.stage("person", records["person"], [f"email:p{number}@x.example"], name=words)
        found.stage("work_item", records["work_item"], title=words)
        found.stage(
            "touchpoint", records["touchpoint"], kind="call", subject=words, happened_at=DAY.format(3)
        )
        for kind, record in records.items():
            way = "works_at" if kind == "person" else "about"
            found.stage(
                "relation", f"crm/rel/{kind}-{number}", kind=way, from_record=record, to_record=company
            )
    found.stage("touchpoint", "crm/calls/9", kind="call", subject="Both", happened_at=DAY.format(4))
    for company in (ACME, LONE):
        found.stage(
            "relation",
            f"crm/rel/both-{company[-1]}",
            kind="about",
            from_record="crm/calls/9",
            to_record=company,
        )
    found.publish()
    return found


def of_acme(hub, *only: str) -> Options:
    return Options(only=only, listed=OnlyOf("Favorites", (hub.id_of(ACME),)))


def exported(hub, folder, options: Options) -> dict[str, list[dict[str, object]]]:
    """Table → its rows in the files."""
    told = export(hub.database, str(folder), options, DAY.format(9))
    return {
        table["name"]: [
            row
            for each in table["files"]
            for row in pq.read_table(folder / each["path"], partitioning=None).to_pylist()
        ]
        for table in told["tables"]
    }


def test_nothing_of_a_partner_that_is_not_on_the_list_is_in_any_file(hub, tmp_path):
    everything = exported(hub, tmp_path / "all", Options())
    some = exported(hub, tmp_path / "some", of_acme(hub))
    for name in ("dim_contact", "fct_touchpoint", "fct_deal", "fct_work_item"):
        assert (name, len(everything[name]), len(some[name]) < len(everything[name])) == (
            name, len(everything[name]), True,
        )  # fmt: skip
        assert some[name]
    lone, said = hub.id_of(LONE), json.dumps(some, default=str)
    assert lone in json.dumps(everything, default=str)
    assert (lone in said, SECRET in said) == (False, False)


def test_a_call_with_two_partners_is_there_and_says_only_whose_of_the_list_it_is(hub, tmp_path):
    some = exported(hub, tmp_path / "some", of_acme(hub, "fct_touchpoint", "bridge_touchpoint_partner"))
    both = max(some["fct_touchpoint"], key=lambda row: str(row["happened_at"]))["touchpoint_id"]
    bridges = [row["partner_id"] for row in some["bridge_touchpoint_partner"] if row["touchpoint_id"] == both]
    assert bridges == [hub.id_of(ACME)]


def test_the_manifest_and_the_audit_log_name_the_list_and_what_was_left_out(hub, tmp_path):
    told = export(hub.database, str(tmp_path / "some"), of_acme(hub), DAY.format(9))
    assert told["list"] == {"name": "Favorites", "partners": 1}
    assert {"fct_sync_run", "identity_events"} <= set(told["left_out"])
    with hub.database.session() as connection:
        entry = next(each for each in latest(connection) if each.verb == "tables.export")
    assert json.loads(entry.detail)["list"] == told["list"]


def test_a_table_whose_rows_belong_to_no_partner_is_refused_by_name(hub, tmp_path):
    with pytest.raises(NotByPartner, match="fct_sync_run"):
        export(hub.database, str(tmp_path / "some"), of_acme(hub, "fct_sync_run"), DAY.format(9))


def test_nothing_builds_on_an_export_of_a_list(hub, tmp_path):
    export(hub.database, str(tmp_path / "some"), of_acme(hub, "dim_partner"), DAY.format(9))
    with pytest.raises(NoBase, match="partners of a list"):
        export(hub.database, str(tmp_path / "next"), Options(base=str(tmp_path / "some")), DAY.format(9))
