"""`partnerhub.frame`: published tables in pandas, types and all; and the notebook that shows them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

import partnerhub
from tests.conftest import REPOSITORY
from tests.pipelines.golden_rig import DAY
from tests.web.partner_rig import ACME, partner_hub
from warehouse.errors import DatabaseUnavailable
from warehouse.exports.export import UnknownTable

NOTEBOOK = REPOSITORY / "docs/warehouse/first-look.ipynb"


@pytest.fixture
def hub(database_url, tmp_path, monkeypatch):
    return beside_its_configuration(database_url, tmp_path, monkeypatch)


@pytest.fixture
def on_sqlite(sqlite_url, tmp_path, monkeypatch):
    return beside_its_configuration(sqlite_url, tmp_path, monkeypatch)


def beside_its_configuration(url, tmp_path, monkeypatch):
    found = partner_hub(url)
    found.mail(
        "mail/messages/1", "ann@acme.example", "us@hub.example", happened_at=DAY.format(3), direction="in"
    )
    found.stage("deal", "crm/deals/1", name="Renewal", amount_minor=5, currency="JPY", status="open",
                created_at=DAY.format(2))  # fmt: skip
    found.publish()
    (tmp_path / "partnerhub.yaml").write_text(f"warehouse: {url}\nsources: {{}}\n")
    monkeypatch.chdir(tmp_path)
    return found


def test_types_are_exact_and_what_is_missing_is_missing(hub):
    partners = partnerhub.frame("dim_partner")
    kinds = {name: str(kind) for name, kind in partners.dtypes.items()}
    assert kinds["partner_id"] == kinds["other_names_json"] == "string"
    assert (kinds["employees"], kinds["is_current"]) == ("Int64", "boolean")
    assert kinds["valid_from"] == kinds["valid_to"] == "datetime64[us, UTC]"
    assert kinds["annual_value"] == "decimal128(20, 4)[pyarrow]"
    assert kinds["renews_on"].startswith("date32")
    acme = partners.set_index("partner_id").loc[hub.id_of(ACME)]
    assert acme["annual_value"] == Decimal(1200)
    assert acme[["employees", "valid_to", "renews_on"]].isna().all()


def test_a_frame_has_the_columns_that_were_asked_for_and_says_what_they_mean(on_sqlite):
    found = partnerhub.frame("fct_deal", ["currency", "amount"])
    assert found.to_numpy().tolist() == [["JPY", Decimal(5)]]
    assert found.attrs["key"] == ["deal_id"]
    assert found.attrs["columns"]["currency"] == "ISO 4217, of amount"


def test_a_column_that_is_not_there_is_told_with_the_one_that_may_be_meant(on_sqlite):
    with pytest.raises(KeyError) as told:
        partnerhub.frame("fct_deal", ["currency", "amout"])
    assert str(told.value) == (
        "fct_deal has no column called amout. Perhaps amount is meant. `partnerhub contract show fct_deal` lists its"
        " columns."
    )


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        ("soon", "'soon' is no day or time"),
        ("2026-02-31", "'2026-02-31' is no day or time"),
        ("2999-01-01", "a day that has not begun: 2999-01-01"),
        ("2026-10-01T12:00:00", "no time zone"),
    ],
)
def test_a_moment_nobody_can_read_or_knows_yet_is_told(on_sqlite, moment, why):
    with pytest.raises(ValueError, match=why):
        partnerhub.frame("dim_partner", as_of=moment)


def test_a_table_nobody_publishes_and_a_hub_that_never_ran_are_told(on_sqlite, tmp_path):
    assert "dim_partner" in partnerhub.tables()
    with pytest.raises(UnknownTable):
        partnerhub.frame("dim_nobody")
    (tmp_path / "new.yaml").write_text("warehouse: sqlite:///elsewhere.db\nsources: {}\n")
    with pytest.raises(DatabaseUnavailable, match="partnerhub sync"):
        partnerhub.frame("dim_partner", config=tmp_path / "new.yaml")


def test_the_notebook_runs_from_its_first_cell_to_its_last(on_sqlite):
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    assert names["per_month"].loc["2026-09", "email"] == 1
    assert names["silent"].loc[on_sqlite.id_of(ACME), "last_at"].isoformat() == "2026-09-03T08:00:00+00:00"
