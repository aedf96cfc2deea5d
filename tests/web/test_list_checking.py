"""A list checked against the hub before anything of it is brought in, and what of it is added."""

from __future__ import annotations

import csv
import io

from fastapi.testclient import TestClient

from partnerhub.cli.serving import wiring_of
from partnerhub.web.app import create_app
from tests.cli.conftest import subprocess_command
from tests.web.browsing import HERE, link_for

LIST = """\
Firma,Homepage,Ort,Land
Acme GmbH,acme.example,Berlin,DE
Dorado,,Leeds,GB
Quillfeather Optics,quillfeather.example,Oslo,NO
Quillfeather Optics AS,www.quillfeather.example,Oslo,NO
=1+1,evil.example,Oslo,NO
"""
SENT = {"file": ("list.csv", LIST.encode(), "text/csv")}
COLUMNS = {
    "column_name": "Firma",
    "column_website": "Homepage",
    "column_city": "Ort",
    "column_country": "Land",
}


def entered(hub) -> int:
    return len(hub.rows("SELECT 1 FROM raw_record WHERE source = 'hub'"))


def sent(**ticks):
    """The form as its page sends it: with a part for a file that was not chosen."""
    return {"data": {"table": LIST, **COLUMNS, **ticks}, "files": {"file": ("", b"")}}


def test_each_row_is_known_or_perhaps_or_not_and_nothing_is_created(hub):
    with hub.browser("manager") as manager:
        page = manager.post("/partners/check", files=SENT)
        rows = list(
            csv.DictReader(io.StringIO(manager.post("/partners/check.csv", **sent()).text.lstrip("\ufeff")))
        )
    assert page.status_code == 200
    assert [row["state"] for row in rows] == ["certain", "likely", "none", "none", "none"]
    assert (rows[0]["organization"], rows[2]["same_as_rows"]) == ("Acme GmbH", "4")
    assert "same website" in rows[0]["reasons"]
    assert rows[4]["name"] == "'=1+1"
    assert entered(hub) == 0


def test_a_row_is_answered_as_reconciliation_answers_it(hub):
    with hub.browser("manager") as manager:
        (row,) = manager.post("/api/check-list", json={"rows": [{"name": "Dorado", "city": "Leeds"}]}).json()[
            "results"
        ]
        asked = {"query": "Dorado", "properties": [{"pid": "city", "v": "Leeds"}]}
        answer = manager.post(
            "/api/reconcile", data={"queries": f'{{"q0": {str(asked).replace(chr(39), chr(34))}}}'}
        )
    told = [(each["id"], each["score"], each["match"]) for each in answer.json()["q0"]["result"]]
    found = [(each["id"], round(100 * each["probability"], 2), each["certain"]) for each in row["matches"]]
    assert found == told[: len(found)]
    assert found


def test_rows_nobody_knows_are_added_in_one_act(hub):
    with hub.browser("manager", login="m@hub.example") as manager:
        page = manager.post("/partners/check/add", **sent(row=["3", "5"]))
    assert "2 partners added" in page.text
    assert {row[0] for row in hub.rows("SELECT name FROM organization WHERE name LIKE 'Quill%'")} == {
        "Quillfeather Optics"
    }
    acts = hub.rows("SELECT actor FROM audit_entry WHERE verb = 'entry.log_list'")
    assert (acts, hub.rows("SELECT 1 FROM audit_entry WHERE verb = 'entry.log'")) == (
        [("m@hub.example",)],
        [],
    )


def test_a_row_that_may_be_known_already_needs_a_word_of_its_own(hub):
    with hub.browser("manager") as manager:
        warned = manager.post("/partners/check/add", **sent(row=["2", "3"]))
        assert (warned.status_code, entered(hub)) == (409, 0)
        assert "1 of 2 may be known already" in warned.text
        manager.post("/partners/check/add", **sent(row=["3"], agreed="2"))
    assert entered(hub) == 2


def test_two_rows_that_mean_the_same_are_not_both_added_without_a_word(hub):
    with hub.browser("manager") as manager:
        assert manager.post("/partners/check/add", **sent(row=["3", "4"])).status_code == 409
    assert entered(hub) == 0


def test_whoever_sees_some_partners_only_learns_of_no_others(hub):
    acme = hub.one("SELECT organization_id FROM organization WHERE name = 'Acme GmbH'")[0]
    given = {
        "rows": [{"name": "Acme GmbH", "website": "acme.example"}, {"name": "Dorado Ltd", "city": "London"}]
    }
    login = link_for(hub.config.warehouse_url, "some@hub.example", "manager", only=[acme])
    with TestClient(
        create_app(wiring_of(hub.config)), base_url=HERE, headers={"sec-fetch-site": "same-origin"}
    ) as some:
        some.post(f"/sign-in/{login}")
        found = some.post("/api/check-list", json=given).json()["results"]
        assert some.post("/partners/check/add", **sent(row=["3"])).status_code == 403
    assert [(row["state"], len(row["matches"])) for row in found] == [("certain", 1), ("none", 0)]


def test_a_file_that_is_no_list_says_what_to_mend(hub):
    with hub.browser("manager") as manager:
        broken = manager.post("/partners/check", files={"file": ("x.xlsx", b"PK\x03\x04nothing", "")})
        unnamed = manager.post("/partners/check", files={"file": ("x.csv", b"A,B\n1,2\n", "text/csv")})
    assert (broken.status_code, "Open the file in a spreadsheet program" in broken.text) == (422, True)
    assert "Say which column holds the names." in unnamed.text


def test_the_command_and_the_preview_of_an_import_say_what_is_known_already(hub):
    (hub.folder / "list.csv").write_text(LIST, encoding="utf-8")
    told = subprocess_command(hub.folder, "check-list", "list.csv", "--output", "out.csv", "--json").json
    assert (told["counts"], told["twice_in_the_list"]) == (
        {"certain": 1, "likely": 1, "none": 3, "unreadable": 0}, 2,
    )  # fmt: skip
    assert (hub.folder / "out.csv").read_text(encoding="utf-8-sig").count("\n") == 6
    before = subprocess_command(hub.folder, "import", "list.csv", "--dry-run", "--json").json
    assert before["known"] == {"rows": 5, "certain": 1, "likely": 1, "twice": 2}
    assert entered(hub) == 0
