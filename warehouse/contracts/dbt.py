"""A dbt package made from the contracts: published tables as sources with descriptions and tests, and an exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

from warehouse.contracts.compare import columns_of, keys_of
from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from warehouse.contracts.odcs import Contract

NAME: Final = "partner_hub"
PROJECT: Final = "dbt_project.yml"
SOURCES: Final = "models/sources.yml"
EXPOSURES: Final = "models/exposures.yml"
KEY_TEST: Final = "tests/generic/partner_hub_unique_key.sql"
UNIQUE_KEY: Final = """\
{% test partner_hub_unique_key(model, columns) %}
select {{ columns | join(', ') }}, count(*) as rows_with_it
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
"""
"""dbt's own `unique` knows one column only, and a package of others would be a dependency."""
SCHEMA: Final = "{{ var('partner_hub_schema', 'marts') }}"
DATABASE: Final = "{{ var('partner_hub_database', target.database) }}"
STALE: Final = {"warn_after": {"count": 1, "period": "day"}, "error_after": {"count": 7, "period": "day"}}
FRESH_BY: Final = {"fct_sync_run": "finished_at"}
"""Table → the column that says when it was last written, for `dbt source freshness`."""


class NotAPackage(WarehouseError):
    """The folder holds files, and no dbt package of ours."""

    def __init__(self, place: Path) -> None:
        """Name the folder."""
        super().__init__(
            f"{place} holds files that no such package is made of.",
            "Name a new or an empty folder for the package.",
        )


def write_package(folder: Path, contracts: Iterable[Contract], version: str) -> list[str]:
    """Write the package; the files' names. What it wrote before is replaced. Raises NotAPackage."""
    refuse_what_is_no_package(folder)
    found = list(contracts)
    files = {
        PROJECT: as_yaml(project(version)),
        SOURCES: as_yaml(sources(found)),
        EXPOSURES: as_yaml(exposures(found)),
        KEY_TEST: UNIQUE_KEY,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return list(files)


def refuse_what_is_no_package(folder: Path) -> None:
    """Raise NotAPackage for a folder with files and no project of this name."""
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    place = folder / PROJECT
    if not place.is_file() or (yaml.safe_load(place.read_text(encoding="utf-8")) or {}).get("name") != NAME:
        raise NotAPackage(folder)


def project(version: str) -> dict[str, Any]:
    """The package itself. Variables: where the tables stand."""
    return {
        "name": NAME,
        "version": version,
        "config-version": 2,
        "require-dbt-version": ">=1.10.5",
        "model-paths": ["models"],
        "test-paths": ["tests"],
        "vars": {"partner_hub_schema": "marts"},
    }


def sources(contracts: Iterable[Contract]) -> dict[str, Any]:
    """Every table as a source."""
    return {
        "version": 2,
        "sources": [
            {
                "name": NAME,
                "description": "Published tables of Partner Hub: marts and views of streams.",
                "database": DATABASE,
                "schema": SCHEMA,
                "tables": [table(each) for each in contracts],
            }
        ],
    }


def table(contract: Contract) -> dict[str, Any]:
    """One table with its columns and tests."""
    name, keys = str(contract["name"]), keys_of(contract)
    fresh = {"loaded_at_field": FRESH_BY[name], "freshness": STALE} if name in FRESH_BY else {}
    meta = {"contract": contract["id"], "contract_version": contract["version"]}
    several = (
        {"data_tests": [{"partner_hub_unique_key": {"arguments": {"columns": keys}}}]}
        if len(keys) > 1
        else {}
    )
    return {
        "name": name,
        "description": f"{contract['description']['purpose']} {contract['description']['usage']}",
        "config": {"meta": meta, **fresh},
        **several,
        "columns": [
            column(each, keys[0] if len(keys) == 1 else "") for each in columns_of(contract).values()
        ],
    }


def column(promised: dict[str, Any], key: str) -> dict[str, Any]:
    """One column: what is required is tested, what it refers to, and the key of one column, too."""
    tests: list[Any] = [
        *(["unique"] if promised["name"] == key else []),
        *(["not_null"] if promised["required"] else []),
        *map(refers, promised.get("relationships", [])),
    ]
    meta = {"meta": {"classification": promised["classification"]}} if "classification" in promised else {}
    config = {**({"tags": promised["tags"]} if "tags" in promised else {}), **meta}
    return {
        "name": promised["name"],
        "description": promised["description"],
        "data_type": promised["physicalType"],
        **({"config": config} if config else {}),
        **({"data_tests": tests} if tests else {}),
    }


def refers(relation: dict[str, Any]) -> dict[str, Any]:
    """dbt's own test that what a column names is there."""
    name, _, named = str(relation["to"]).partition(".")
    return {"relationships": {"arguments": {"to": f"source('{NAME}', '{name}')", "field": named}}}


def exposures(contracts: Iterable[Contract]) -> dict[str, Any]:
    """Who reads them within the hub: its own pages."""
    read = [
        f"source('{NAME}', '{each['name']}')"
        for each in contracts
        if not str(each["name"]).startswith("stg_")
    ]
    return {
        "version": 2,
        "exposures": [
            {
                "name": "partner_hub_record",
                "type": "application",
                "label": "Partner Hub",
                "description": "The record of each partner as people read it, made of the same facts as these tables.",
                "owner": {"name": "Partner Hub"},
                "depends_on": read,
            }
        ],
    }


def as_yaml(data: dict[str, Any]) -> str:
    """As dbt reads it."""
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
