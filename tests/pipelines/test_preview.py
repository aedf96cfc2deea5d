"""The change preview: what other rules would change is said before they count, and the hub stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from partnerhub.config.problems import InvalidConfig
from pipelines.preview.run import preview, read_change
from pipelines.progress import silent
from pipelines.rebuild.prepare import NotSettled
from pipelines.scratch.derive import derive

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.preview.effects import Effects
    from tests.pipelines.rebuilding import Hub

CITY_FROM_COUNTRY = "sources: {hubspot: {fields: {city: country}}}"
CITIES = "SELECT organization_id, city FROM organization ORDER BY 1"
BUILDS_ON = """
from dataclasses import replace
from mappings.hubspot import MAPPING as STANDS

COMPANIES = STANDS.streams["companies"]
ROWS = tuple(row._replace({change}) if row.target == "city" else row for row in COMPANIES.rows)
MAPPING = replace(STANDS, streams={{**STANDS.streams, "companies": replace(COMPANIES, rows=ROWS)}})
"""

BAD_CLEANER = """from mappings.rows import Mapping, Row, StreamMapping

ROWS = (
    Row("name", "name", "polish"),
)
MAPPING = Mapping("hubspot", {"companies": StreamMapping("organization", ROWS)})
"""


def tried(hub: Hub, tmp_path: Path, text: str = "", *settings: str, name: str = "changed.yaml") -> Effects:
    """What a file and settings would change."""
    (tmp_path / name).write_text(text)
    change = read_change(hub.config, tmp_path / name if text else None, settings)
    return preview(hub.config, change, shown=10)


def counts(effects: Effects, sort: str) -> tuple[int, int]:
    (found,) = [each for each in effects.sorts if each.sort == sort]
    return found.come, found.go


def test_the_same_rules_change_nothing(hub: Hub, tmp_path: Path) -> None:
    assert tried(hub, tmp_path).nothing


def test_a_field_read_from_where_no_record_says_anything_is_told(hub: Hub, tmp_path: Path) -> None:
    effects = tried(hub, tmp_path, "sources: {hubspot: {fields: {city: country, tier: no_such_field}}}")
    assert effects.notes == [
        "No record of hubspot fills `tier` from `no_such_field`: `partnerhub mappings hubspot` lists the fields it has."
    ]


def test_a_field_read_from_another_place_is_told_with_its_old_and_new_value(hub: Hub, tmp_path: Path) -> None:
    effects = tried(hub, tmp_path, CITY_FROM_COUNTRY)
    assert effects.rules == ["sources.hubspot.fields: – → {city: country}"]
    told = {
        (each.id, change.before, change.after, change.record)
        for each in effects.values["organization"].examples
        for change in each.changes
        if change.field == "city"
    }
    before = dict(hub.query(CITIES))
    assert len(told) > 2
    assert all(before[one] == was and now != was and record for one, was, now, record in told)


def test_what_is_told_is_what_the_next_sync_does(hub: Hub, tmp_path: Path) -> None:
    effects = tried(hub, tmp_path, CITY_FROM_COUNTRY, "matching.auto=0.95")
    before = dict(hub.query(CITIES))
    change = read_change(hub.config, tmp_path / "changed.yaml", ["matching.auto=0.95"])
    derive(change.config, hub.database, None, silent)
    after = dict(hub.query(CITIES))
    values = effects.values["organization"]
    differ = sum(before[one] != after[one] for one in before.keys() & after.keys())
    city = values.fields["city"]
    assert differ == city.changed + city.filled + city.emptied > 2
    assert (len(after.keys() - before.keys()), len(before.keys() - after.keys())) == (
        values.appear,
        values.vanish,
    )


def test_trying_writes_nothing_to_the_hub(hub: Hub, tmp_path: Path) -> None:
    before = hub.digest()
    tried(hub, tmp_path, CITY_FROM_COUNTRY)
    assert hub.digest() == before


def test_a_higher_threshold_splits_partners_by_name(hub: Hub, tmp_path: Path) -> None:
    split = [each for each in tried(hub, tmp_path, "", "matching.auto=0.9999").moves if each.kind == "split"]
    names = {name for (name,) in hub.query("SELECT name FROM organization")}
    assert split
    assert {each.other_name for each in split if each.entity == "organization"} <= names


def test_a_rule_of_signals_that_is_off_closes_them(hub: Hub, tmp_path: Path) -> None:
    ((rule, open_now),) = hub.query(
        "SELECT rule, count(*) FROM signal WHERE closed_at IS NULL GROUP BY rule ORDER BY 2 DESC LIMIT 1"
    )
    assert counts(tried(hub, tmp_path, "", f"signals.off=[{rule}]"), "signals") == (0, open_now)


def test_without_a_partner_rule_its_partners_leave_the_list(hub: Hub, tmp_path: Path) -> None:
    effects = tried(hub, tmp_path, "partners: []")
    assert counts(effects, "partners")[1] > 0
    assert any(figure.name == "partners" and figure.after < figure.before for figure in effects.figures)


def test_a_mapping_module_is_tried_in_place_of_the_one_that_stands(hub: Hub, tmp_path: Path) -> None:
    text = BUILDS_ON.format(change='path="country"')
    effects = tried(hub, tmp_path, text, name="hubspot.py")
    assert effects.values["organization"].fields["city"].changed > 2
    assert tried(hub, tmp_path).nothing


def test_code_that_changed_without_its_version_is_told_by_its_stream(hub: Hub, tmp_path: Path) -> None:
    text = """
from dataclasses import replace
from mappings.hubspot import MAPPING as STANDS

NOTES = STANDS.streams["notes"]

def extra(payload, context, output):
    NOTES.extra(payload, context, output)
    for row in output.rows.get("touchpoint", ()):
        row["subject"] = "read otherwise"

extra.__module__, extra.__qualname__ = NOTES.extra.__module__, NOTES.extra.__qualname__
MAPPING = replace(STANDS, streams={**STANDS.streams, "notes": replace(NOTES, extra=extra)})
"""
    (note,) = tried(hub, tmp_path, text, name="hubspot.py").notes
    assert "Raise `version` of the mapping of hubspot/notes:" in note


def test_records_a_mapping_cannot_read_any_more_are_counted_as_set_aside(hub: Hub, tmp_path: Path) -> None:
    text = BUILDS_ON.format(change='path="nowhere", required=True')
    come, go = counts(tried(hub, tmp_path, text, name="hubspot.py"), "records set aside")
    ((readable,),) = hub.query("SELECT count(*) FROM staged_organization WHERE stream = 'companies'")
    assert (0 < come <= readable, go) == (True, 0)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yaml", "matching:\n  autoo: 0.9\n", "a.yaml:2: matching.autoo: `autoo` is not a known key"),
        (
            "a.yaml",
            "sources:\n  hubspott: {fields: {city: town}}\n",
            "a.yaml:2: sources.hubspott: .* Write `hubspot`",
        ),
        ("a.yaml", "hubspot:\n  fields:\n    cty: town\n", "a.yaml:3: .*There is no field `cty`"),
        ("a.yaml", "matching: [\n", "a.yaml:2: This is not valid YAML"),
        ("a.py", "X = (\n", "a.py:1: This is not valid Python"),
        ("a.py", "import mappings\n\nmappings.nothing\n", "a.py:3: Loading it fails here: AttributeError"),
        ("a.py", "X = 1\n", "a.py:1: It holds no `MAPPING`. End the file with"),
        (
            "a.py",
            BAD_CLEANER,
            "a.py:4: .*cleaner 'polish', which does not exist. Use one of",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_line_and_remedy(
    hub: Hub, tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InvalidConfig, match=said):
        read_change(hub.config, tmp_path / name, [])


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("matching.auto", "--set:1: .*Write `--set matching.auto=0.9`"),
        ("matching.auto=high", "--set:1: matching.auto: This must be a probability"),
        ("signals.silence=9", "--set:1: signals.silence: .*not a known key"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(hub: Hub, setting: str, said: str) -> None:
    with pytest.raises(InvalidConfig, match=said):
        read_change(hub.config, None, [setting])


def test_a_whole_configuration_takes_the_place_of_the_present_one_and_keeps_the_warehouse(
    hub: Hub, tmp_path: Path
) -> None:
    whole = hub.config.path.read_text().replace("sqlite:///", "sqlite:///another-")
    (tmp_path / "whole.yaml").write_text(whole + "\nmatching: {auto: 0.9}\n")
    change = read_change(hub.config, tmp_path / "whole.yaml", [])
    assert (change.config.warehouse_url, change.config.matching.auto) == (hub.config.warehouse_url, 0.9)


def test_no_secret_of_a_source_is_shown_among_the_keys_that_differ(hub: Hub) -> None:
    change = read_change(hub.config, None, ["sources.hubspot.token=another-secret"])
    assert change.rules == ["sources.hubspot.token"]


def test_while_records_wait_to_be_published_nothing_is_tried(hub: Hub, tmp_path: Path) -> None:
    hub.execute(
        "INSERT INTO pending (record, kind) SELECT min(record), 'organization' FROM staged_organization"
    )
    with pytest.raises(NotSettled, match="partnerhub sync"):
        tried(hub, tmp_path)
