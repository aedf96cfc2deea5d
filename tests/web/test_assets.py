"""What pages load: vendored, unchanged, licensed, small, kept for ever."""

from __future__ import annotations

import gzip
import hashlib
import json
import re

from partnerhub.web import static_files
from partnerhub.web.rendering import VENDORED
from tests.web.browsing import client

VENDOR = static_files.FOLDER / "vendor"
BUDGET = 120_000


def test_vendored_files_are_those_of_the_manifest_with_their_licenses():
    manifest = json.loads((VENDOR / "manifest.json").read_text())
    listed = {each["file"]: each["sha256"] for each in manifest}
    there = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()} - {
        "manifest.json"
    }
    assert there == set(listed)
    for name, mark in listed.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == mark, name
    for folder in {name.partition("/")[0] for name in there}:
        assert len((VENDOR / folder / "LICENSE").read_text()) > 500


def test_stylesheets_and_scripts_of_a_page_stay_within_the_budget():
    loaded = [VENDORED["tabler"], VENDORED["htmx"], "hub.css", "hub.js", "theme.js"]
    assert sum(len(static_files.files()[name].packed) for name in loaded) < BUDGET


def test_a_file_is_kept_for_a_year_under_an_address_of_its_content(sqlite_url):
    with client(sqlite_url) as browser:
        found = browser.get(static_files.address("hub.css"))
        assert "immutable" in found.headers["cache-control"]
        assert browser.get("/static/000000000000/hub.css").status_code == 404
        assert browser.get("/static/000000000000/../app.py").status_code == 404


def test_packed_and_plain_are_the_same_file():
    for file in static_files.files().values():
        assert gzip.decompress(file.packed) == file.plain


def test_no_file_asks_another_machine_for_anything():
    for name, file in static_files.files().items():
        text = file.plain.decode()
        assert not re.search(r"(@import|url\(\s*['\"]?)\s*(https?:)?//", text), name
        assert "sourceMappingURL" not in text, name
