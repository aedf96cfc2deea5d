"""Exports to places that fail: what is told, and what stands there afterwards."""

from __future__ import annotations

import resource
from contextlib import contextmanager

import pytest

from tests.web.partner_rig import partner_hub
from warehouse.exports.destination import NoPlace
from warehouse.exports.export import Options, export

NOW = "2026-10-05T08:00:00.000000Z"
LATER = "2026-10-06T08:00:00.000000Z"


@contextmanager
def no_file_above(size: int):
    """As a disk with so much room for each file, for us and the process that reads."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_without_room_is_told_in_words_and_the_former_export_stands(database_url, tmp_path):
    hub = partner_hub(database_url)
    days = Options("csv", only=("dim_date",))
    export(hub.database, str(tmp_path / "out"), days, NOW)
    before = (tmp_path / "out/manifest.json").read_bytes()
    with no_file_above(100_000), pytest.raises(NoPlace, match=r"cannot be read or written: .*large"):
        export(hub.database, str(tmp_path / "out"), days, LATER)
    assert (tmp_path / "out/manifest.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if "export" in path.name] == []
