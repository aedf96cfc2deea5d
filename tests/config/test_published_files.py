"""`export:`: where and when marts are published as files."""

from __future__ import annotations

import pytest

from partnerhub.config import InvalidConfig, load_config
from partnerhub.config.export import DAILY

HUB = "sources: {}\n"


def said(folder, text):
    (folder / "partnerhub.yaml").write_text(HUB + text)
    return load_config(folder / "partnerhub.yaml").export


def test_a_folder_is_beside_the_configuration_and_a_url_is_as_it_is_written(tmp_path):
    found = said(tmp_path, "export: {to: files}\n")
    assert (found.to, found.format, found.schedule) == (str(tmp_path / "files"), "parquet", DAILY)
    assert said(tmp_path, "export: {to: 's3://lake/partners', schedule: never}\n").to == "s3://lake/partners"
    assert said(tmp_path, "").to == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("export: {format: csv}\n", "needs a place"),
        ("export: {to: files, format: xml}\n", "csv"),
        ("export: {to: files, schedule: hourly}\n", "cron"),
        ("export: {too: files}\n", "to"),
    ],
)
def test_what_cannot_be_meant_is_told_with_what_to_write(tmp_path, text, message):
    with pytest.raises(InvalidConfig, match=message):
        said(tmp_path, text)
