"""What a configuration file means once it is right."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from partnerhub.config import load_config
from partnerhub.config.last_word import last_word
from pipelines.settings import publish_settings

WHOLE = """\
warehouse: sqlite:///warehouse.db
own_domains: [Northwind.example]
default_region: NO
default_currency: eur
sources:
  hubspot:
    connector: hubspot
    token: ${TEST_HUB_TOKEN}
    schedule: "*/15 * * * *"
    priority: 10
    fields: {tier: partner_tier, contacts: {title: jobtitle}}
    streams: [companies, contacts]
partners:
  - {source: hubspot, where: {account_type: [PARTNER, RESELLER]}}
survivorship: {fields: {tier: [hubspot]}, by: {address: complete, industry: frequent}}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "partnerhub.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_HUB_TOKEN", "pat-canary-77")
    return load_config(written(tmp_path, WHOLE))


def test_the_warehouse_lies_beside_the_file(config, tmp_path):
    assert config.warehouse_url == f"sqlite:///{tmp_path}/warehouse.db"


def test_norway_is_a_country_and_not_false(config):
    assert (config.default_region, config.default_currency) == ("NO", "EUR")


def test_domains_are_lower_case(config):
    assert config.own_domains == {"northwind.example"}


def test_flat_fields_belong_to_organizations_and_nested_ones_to_their_stream(config):
    source = config.sources["hubspot"]
    assert source.fields_of("companies", organizations=True) == {"tier": "partner_tier"}
    assert source.fields_of("contacts", organizations=False) == {"title": "jobtitle"}


def test_a_field_has_its_systems_of_record_and_its_strategy(config):
    rules = publish_settings(config).survivorship
    assert rules.field_priority == {"tier": ("hubspot",)}
    assert rules.strategies == {"address": "complete", "industry": "frequent"}
    assert last_word(config, "organization", "city") == "whose record is the fullest"


def test_a_connector_is_built_with_its_settings_and_source_name(config):
    connector = config.connector("hubspot")
    assert connector.source == "hubspot"
    assert connector.token.get_secret_value() == "pat-canary-77"


def test_no_representation_shows_a_secret(config):
    assert "canary" not in repr(config) + str(config.sources["hubspot"]) + repr(config.connector("hubspot"))


def test_a_secret_file_is_read_without_its_line_break(tmp_path):
    (tmp_path / "token.txt").write_text("pat-from-file\n")
    text = WHOLE.replace("${TEST_HUB_TOKEN}", "${FILE:token.txt}")
    connector = load_config(written(tmp_path, text)).connector("hubspot")
    assert connector.token.get_secret_value() == "pat-from-file"


@pytest.mark.parametrize("said", ["2026-10-02T09:00:00Z", "2026-10-02T11:00:00+02:00", "2026-10-02 09:00"])
def test_a_clock_that_is_stated_is_utc_and_read_anew_each_time(tmp_path, said):
    (tmp_path / "clock.txt").write_text("2026-10-01\n")
    path = written(tmp_path, "clock: ${FILE:clock.txt}\n")
    assert load_config(path).clock == "2026-10-01T00:00:00.000000Z"
    (tmp_path / "clock.txt").write_text(f"{said}\n")
    assert load_config(path).clock == "2026-10-02T09:00:00.000000Z"
    stated = load_config(written(tmp_path, f"clock: {said}\n"))
    assert (stated.clock, stated.now) == ("2026-10-02T09:00:00.000000Z", datetime(2026, 10, 2, 9, tzinfo=UTC))


def test_without_a_stated_clock_the_machines_counts(config):
    assert config.clock is None
    assert abs(config.now - datetime.now(UTC)) < timedelta(minutes=1)


def test_reading_the_warehouse_needs_no_secrets(tmp_path):
    config = load_config(written(tmp_path, WHOLE), with_settings=False)
    assert config.sources["hubspot"].priority == 10


def test_the_label_of_a_warehouse_hides_its_password(tmp_path):
    path = written(tmp_path, "warehouse: postgresql://hub:canary@db.example/partners\n")
    assert load_config(path).warehouse_label == "postgresql://db.example/partners"


def test_the_label_of_a_warehouse_hides_a_password_among_its_parameters(tmp_path):
    path = written(tmp_path, "warehouse: postgresql://db.example/partners?user=hub&password=canary\n")
    assert load_config(path).warehouse_label == "postgresql://db.example/partners"


def test_the_label_of_a_warehouse_file_is_its_path_whatever_is_in_it(tmp_path):
    path = written(tmp_path, "warehouse: sqlite:////data/me@home/hub.db\n")
    assert load_config(path).warehouse_label == "sqlite:////data/me@home/hub.db"


def test_an_empty_file_is_a_hub_without_sources(tmp_path):
    assert load_config(written(tmp_path, "")).sources == {}
