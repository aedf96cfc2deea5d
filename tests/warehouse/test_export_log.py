"""Whoever exports tables stands in the audit log, with what went where."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.pipelines.golden_rig import DAY
from tests.web.partner_rig import partner_hub
from warehouse.commands.audit import ByCommand
from warehouse.exports.export import Options, export
from warehouse.exports.logged import without_secret
from warehouse.queries.audit import latest, verified


@pytest.fixture
def hub(database_url):
    return partner_hub(database_url)


def exports_in_the_log(hub):
    with hub.database.session() as connection:
        assert verified(connection).broken_at is None
        return [each for each in latest(connection) if each.verb == "tables.export"]


def test_the_log_names_who_took_which_tables_where_and_the_hash_of_their_manifest(hub, tmp_path):
    place = tmp_path / "out"
    options = Options("csv", only=("dim_owner", "dim_partner"))
    told = export(hub.database, str(place), options, DAY.format(5), ByCommand("ana", "ana"))
    (entry,) = exports_in_the_log(hub)
    assert (entry.actor, entry.happened_at) == ("cli:ana", DAY.format(5))
    detail = json.loads(entry.detail)
    assert detail["tables"] == {table["name"]: table["rows"] for table in told["tables"]}
    assert (detail["to"], detail["format"]) == (str(place), "csv")
    assert detail["manifest_sha256"] == hashlib.sha256((place / "manifest.json").read_bytes()).hexdigest()


def test_no_file_stands_where_the_log_could_not_be_written(hub, tmp_path, monkeypatch):
    monkeypatch.setattr("warehouse.exports.logged.did", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(hub.database, str(tmp_path / "out"), Options(only=("dim_owner",)), DAY.format(5))
    assert not (tmp_path / "out").exists()


def test_what_signs_in_to_a_place_stays_out_of_the_log(hub):
    export(hub.database, "memory://key:hush@logged/x?sig=hush", Options(only=("dim_owner",)), DAY.format(5))
    (entry,) = exports_in_the_log(hub)
    assert json.loads(entry.detail)["to"] == "memory://logged/x"
    assert without_secret("simplecache::s3://key:hush@lake/a@b#hush") == "simplecache::s3://lake/a@b"
    assert without_secret("ftp://key:hu/sh@lake/x") == "ftp://lake/x"
    assert without_secret("/srv/a@b?") == "/srv/a@b?"
