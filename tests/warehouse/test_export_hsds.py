"""An HSDS package: every file is as the specification wants it, and says what the hub knows of its partners."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from datetime import date
from itertools import chain
from pathlib import Path

import pytest

from mappings.clean.numbers import REGISTERS
from tests.pipelines.golden_rig import DAY, Hub
from tests.web.partner_rig import ACME, LONE, SHEET, partner_hub, put
from warehouse.exports.export import Options, export
from warehouse.exports.hsds import REGISTER_CODES
from warehouse.exports.hsds_package import NotInHsds
from warehouse.exports.listed import OnlyOf
from warehouse.queries.audit import latest

PACKAGE = Options("hsds")
FORMULA = "=Training"
REQUIRED = {
    "organization": "id name description",
    "organization_identifier": "id organization_id identifier_type identifier",
    "service": "id organization_id name status",
    "location": "id location_type",
    "address": "id address_1 city state_province postal_code country address_type",
    "phone": "id number",
    "contact": "id",
    "attribute": "id link_id taxonomy_term_id link_entity",
    "taxonomy": "id name description",
    "taxonomy_term": "id name description",
    "metadata": "id resource_id resource_type last_action_date last_action_type field_name previous_value"
    " replacement_value updated_by",
}
"""What HSDS 3.1 wants in every row, written down here a second time."""


@pytest.fixture
def hub(database_url):
    return filled(database_url)


def filled(url: str) -> Hub:
    """Acme with everything an organization can have; Lone with half an address; Stranger on no list; Nora at Acme."""
    found = partner_hub(url)
    found.stage(
        "organization", ACME, ["domain:acme.example"], name="Acme", legal_name="Acme Holding Ltd", tier="Gold",
        domain="acme.example", website="https://acme.example", email="info@acme.example",
        phone="+441130000000;ext=007", description='Makes everything, "really".\nSince 1900.',
        services=f"Care, {FORMULA}; Care", street="1 High St", city="Leeds", region="Yorkshire", postcode="LS1 1AA",
        country="GB", labels_json=["Green", "Local"], other_names_json=["Ack-Me"], notes="secret note",
        modified_at=DAY.format(4),
    )  # fmt: skip
    found.stage("organization", LONE, name="Lone", city="Berlin", country="DE", email="nobody at home")
    found.stage("organization", "mail/companies/9", name="Stranger")
    found.stage(
        "person",
        "crm/people/1",
        ["email:n@acme.example"],
        name="Nora",
        email="n@acme.example",
        phone="+441130000001",
    )
    for role in ("Director", "Owner"):
        found.stage(
            "relation",
            f"crm/rel/{role}",
            kind="works_at",
            role=role,
            from_record="crm/people/1",
            to_record=ACME,
        )
    columns = ("record", "kind", "scheme", "normalized", "original", "entity", "source")
    put(found, "key", columns, [
        (ACME, "registry", "companies_house", "01234567", "1234567", "organization", "crm"),
        (SHEET, "registry", "companies_house", "01234567", "01234567", "organization", "sheet"),
    ])  # fmt: skip
    found.publish()
    return found


def written(hub, folder: Path, options: Options = PACKAGE) -> dict[str, list[dict[str, str]]]:
    """Table → its rows in the files."""
    export(hub.database, str(folder), options, DAY.format(9))
    return {
        each["name"]: rows_in(folder / each["path"])
        for each in json.loads((folder / "datapackage.json").read_text())["resources"]
    }


def rows_in(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def is_of(field: dict, cell: str) -> bool:
    """Whether a cell is of the type and format its field declares, by the rules of Frictionless."""
    match field["type"], field.get("format"):
        case _, "uuid":
            return re.fullmatch(r"[0-9a-f-]{36}", cell) is not None
        case _, "email":
            return re.fullmatch(r"\S+@\S+", cell) is not None
        case _, "uri":
            return re.fullmatch(r"https?://\S+", cell) is not None
        case "number", _:
            return float(cell) is not None
        case "date", _:
            return date.fromisoformat(cell).isoformat() == cell
    return True


def test_every_cell_is_what_its_field_declares_and_what_hsds_wants_is_there(hub, tmp_path):
    tables = written(hub, tmp_path / "out")
    package = json.loads((tmp_path / "out/datapackage.json").read_text())
    for resource in package["resources"]:
        for field in resource["schema"]["fields"]:
            cells = [row[field["name"]] for row in tables[resource["name"]]]
            limits = field["constraints"]
            assert not limits["required"] or all(cells), (resource["name"], field["name"])
            assert not limits.get("unique") or len(set(cells)) == len(cells)
            assert not limits.get("enum") or set(cells) <= {"", *limits["enum"]}
            assert all(is_of(field, cell) for cell in cells if cell), (resource["name"], field["name"], cells)
    assert all(tables.values())


def test_the_package_declares_the_columns_that_stand_in_the_files_and_wants_what_hsds_wants(hub, tmp_path):
    written(hub, tmp_path / "out")
    package = json.loads((tmp_path / "out/datapackage.json").read_text())
    assert (package["profile"], package["version"]) == ("tabular-data-package", "3.1.0")
    wanted = {}
    for resource in package["resources"]:
        fields = resource["schema"]["fields"]
        heading = (tmp_path / "out" / resource["path"]).read_text(encoding="utf-8").partition("\n")[0]
        assert heading.split(",") == [field["name"] for field in fields]
        wanted[resource["name"]] = " ".join(
            each["name"] for each in fields if each["constraints"]["required"]
        )
    assert wanted == REQUIRED


def test_every_key_leads_to_a_row(hub, tmp_path):
    tables = written(hub, tmp_path / "out")
    ids = {name: {row["id"] for row in rows} for name, rows in tables.items()}
    for resource in json.loads((tmp_path / "out/datapackage.json").read_text())["resources"]:
        for each in resource["schema"].get("foreignKeys", ()):
            named = {row[each["fields"]] for row in tables[resource["name"]]} - {""}
            assert named <= ids[each["reference"]["resource"]]
    assert all(row["link_id"] in ids[row["link_entity"]] for row in tables["attribute"])
    assert all(row["resource_id"] in ids[row["resource_type"]] for row in tables["metadata"])


def test_a_partner_says_what_the_hub_publishes_of_it(hub, tmp_path):
    tables = written(hub, tmp_path / "out")
    acme = next(row for row in tables["organization"] if row["name"] == "Acme")
    assert acme["id"] == hub.id_of(ACME)
    assert (acme["alternate_name"], acme["website"]) == ("Acme Holding Ltd", "https://acme.example")
    assert acme["description"] == 'Makes everything, "really".\nSince 1900.'
    assert [row["name"] for row in tables["service"]] == ["Care", FORMULA]
    assert [(row["address_1"], row["state_province"]) for row in tables["address"]] == [
        ("1 High St", "Yorkshire")
    ]
    assert (tables["phone"][0]["number"], tables["phone"][0]["extension"]) == ("+441130000000", "007")
    sorted_by = {
        (row["link_type"], row["label"]) for row in tables["attribute"] if row["link_id"] == acme["id"]
    }
    assert {
        ("tier", "Gold"),
        ("labels", "Green"),
        ("program", "default"),
        ("other_name", "Ack-Me"),
    } <= sorted_by


def test_numbers_in_registers_and_source_records_identify_a_partner(hub, tmp_path):
    rows = written(hub, tmp_path / "out")["organization_identifier"]
    found = {
        (row["identifier_scheme"], row["identifier_type"], row["identifier"])
        for row in rows
        if row["organization_id"] == hub.id_of(ACME)
    }
    assert found == {
        ("GB-COH", "companies house", "01234567"), ("", "record of crm", ACME), ("", "record of sheet", SHEET),
    }  # fmt: skip


def test_registers_go_by_the_codes_by_which_the_mappings_read_numbers():
    assert {name: each.code for name, each in REGISTERS.items() if each.code} == REGISTER_CODES


def test_a_person_with_two_roles_at_a_partner_is_one_contact_with_one_number(hub, tmp_path):
    tables = written(hub, tmp_path / "out")
    (nora,) = tables["contact"]
    assert (nora["name"], nora["title"], nora["organization_id"]) == (
        "Nora",
        "Director, Owner",
        hub.id_of(ACME),
    )
    numbers = [row["number"] for row in tables["phone"] if row["contact_id"] == nora["id"]]
    assert numbers == ["+441130000001"]


def test_what_does_not_fit_is_left_out_and_counted_and_what_is_filled_in_too(hub, tmp_path):
    tables = written(hub, tmp_path / "out")
    told = json.loads((tmp_path / "out/manifest.json").read_text())
    lone = next(row for row in tables["organization"] if row["name"] == "Lone")
    assert (lone["description"], lone["email"]) == ("Lone", "")
    assert [row["description"] for row in tables["location"] if row["organization_id"] == lone["id"]] == [
        "Berlin, DE"
    ]
    left = {(each["table"], each.get("field"), each["why"]): each["rows"] for each in told["without"]}
    assert left["address", None, "no address_1, no state_province, no postal_code"] == 1
    assert left["organization", "email", "not of its format"] == 1
    assert left["organization", None, "not on the partner list"] == 1
    filled = {(each["table"], each["field"], each["by"]): each["rows"] for each in told["filled"]}
    assert filled["organization", "description", "the name"] == 1
    assert filled["service", "status", "active"] == 2


def test_changes_stand_in_metadata_of_the_row_they_are_about_and_nothing_private_does(hub, tmp_path):
    hub.stage("colleague", "crm/owners/1", name="Nora Boss")
    hub.stage(
        "organization", LONE, name="Lonely", tier="Silver", city="Bonn", notes="secret note",
        owner_record="crm/owners/1",
    )  # fmt: skip
    hub.publish()
    tables = written(hub, tmp_path / "out")
    about = {(row["field_name"], row["previous_value"], row["replacement_value"]) for row in tables["metadata"]
             if row["resource_id"] == hub.id_of(LONE)}  # fmt: skip
    assert {("name", "Lone", "Lonely"), ("tier", "null", "Silver"), ("city", "Berlin", "Bonn")} <= about
    texts = "".join(each.read_text(encoding="utf-8") for each in (tmp_path / "out").iterdir())
    assert ("secret note" in texts, "Nora Boss" in texts, "Stranger" in texts) == (False, False, False)
    assert {row["updated_by"] for row in tables["metadata"]} >= {"Partner Hub, run run-3"}


def test_a_list_holds_its_partners_and_nothing_of_anybody_else(hub, tmp_path):
    tables = written(hub, tmp_path / "out", Options("hsds", listed=OnlyOf("Mine", (hub.id_of(LONE),))))
    assert [row["name"] for row in tables["organization"]] == ["Lone"]
    assert "Acme" not in json.dumps(tables)
    assert hub.id_of(ACME) not in json.dumps(tables)
    assert json.loads((tmp_path / "out/manifest.json").read_text())["list"] == {"name": "Mine", "partners": 1}


def test_ids_and_bytes_are_the_same_from_export_to_export_and_the_manifest_hashes_them(hub, tmp_path):
    written(hub, tmp_path / "one")
    written(hub, tmp_path / "two")
    told = json.loads((tmp_path / "two/manifest.json").read_text())
    for file in chain.from_iterable(table["files"] for table in told["tables"]):
        content = (tmp_path / "one" / file["path"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file["sha256"], file["bytes"])


def test_the_bytes_are_the_same_on_both_engines(sqlite_url, postgres_url, tmp_path):
    told = [
        export(filled(url).database, str(tmp_path / url[:6]), PACKAGE, DAY.format(9))
        for url in (sqlite_url, postgres_url)
    ]
    assert told[0]["tables"] == told[1]["tables"]


def test_the_audit_log_says_who_took_the_package(hub, tmp_path):
    export(hub.database, str(tmp_path / "out"), PACKAGE, DAY.format(9), "user:ann")
    with hub.database.session() as connection:
        entry = next(each for each in latest(connection) if each.verb == "tables.export")
    assert (entry.actor, json.loads(entry.detail)["format"]) == ("user:ann", "hsds")


@pytest.mark.parametrize(
    "asked", [{"only": ("dim_date",)}, {"since": DAY.format(1)}, {"as_of": DAY.format(1)}, {"raw": True}]
)
def test_what_a_package_cannot_be_is_refused_and_nothing_is_written(hub, tmp_path, asked):
    with pytest.raises(NotInHsds, match="does not go with it"):
        export(hub.database, str(tmp_path / "out"), Options("hsds", **asked), DAY.format(9))
    assert not (tmp_path / "out").exists()
