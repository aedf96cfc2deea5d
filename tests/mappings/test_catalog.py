"""The field catalogue and finding mappings by name."""

from __future__ import annotations

import pytest

from connectors.errors import FixSetup
from mappings.catalog import CatalogRow, field_catalog
from mappings.discover import mapping_for, stream_mapping_for
from mappings.rows import Mapping, Row, StreamMapping

SMALL = Mapping(
    "small",
    {
        "things": StreamMapping(
            "organization", (Row("name", "n", "name", required=True), Row("created_at", "$.at", "time")), "p"
        )
    },
)


def test_catalog_lists_every_row_with_its_source_path():
    assert field_catalog(SMALL, source="crm") == [
        CatalogRow("crm", "things", "p.n", "organization", "name", "name", required=True),
        CatalogRow("crm", "things", "at", "organization", "created_at", "time", required=False),
        CatalogRow("crm", "things", "p.*", "organization", "custom.*", "json", required=False),
    ]


def test_catalog_shows_a_deployments_own_rows():
    rows = field_catalog(SMALL, {"things": {"tier": "Tier__c"}})
    assert ("p.Tier__c", "tier") in [(row.path, row.target) for row in rows]


def test_mapping_is_found_by_the_connectors_name():
    mapping = mapping_for("hubspot")
    assert mapping.connector == "hubspot"
    assert stream_mapping_for(mapping, "no_such_stream") is None


@pytest.mark.parametrize("name", ["no_such_system", "canonical", "clean"])
def test_missing_mapping_names_the_file_to_write(name):
    with pytest.raises(FixSetup, match="missing_mapping"):
        mapping_for(name)
