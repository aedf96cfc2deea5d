"""Proposing and assigning over the generated world, against its truth."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import UTC, datetime

import pytest

from mappings.clean.emails import clean_email
from mappings.keys import organization_keys
from partnerhub.simulator.world.generate import generate_world
from pipelines.resolve import (
    assign_organizations,
    assign_persons,
    explain_organization,
    explain_pair,
    propose,
)
from pipelines.resolve.blocks import read_features, write_blocks
from pipelines.resolve.neighborhood import load_reached
from pipelines.resolve.sheet_rows import readable, staged_row
from warehouse import bulk
from warehouse.database import Database

NOW = "2026-01-0{}T00:00:00.000000Z"
ORGANIZATION = (
    "record", "source", "stream", "source_id", "raw_id", "rules", "name", "website", "host", "email", "phone",
    "street", "city", "postcode", "country",
)  # fmt: skip
KEY = ("record", "kind", "scheme", "normalized", "original", "entity", "source")
RELATION = ("record", "source", "stream", "source_id", "raw_id", "rules", "kind", "from_record", "to_record")
PERSON = ("record", "source", "stream", "source_id", "raw_id", "rules", "name", "email")


def organization(record, **values):
    source, stream, source_id = record.split("/")
    row = staged_row({"source": source, "source_id": source_id, **values}, {}, ("", ""), None)
    email = readable(clean_email, values.get("email"))
    return {**row, "record": record, "stream": stream, "raw_id": 1, "rules": "1", "email": email}


def stage(connection, rows):
    keys = {key[:4]: key for row in rows for key in organization_keys(row)}
    with connection.transaction():
        bulk.delete(connection, "key", ("record",), [(row["record"],) for row in rows])
        bulk.upsert(
            connection, "staged_organization", ORGANIZATION, [bulk.row_of(r, ORGANIZATION) for r in rows]
        )
        bulk.insert(connection, "key", KEY, list(keys.values()))
        bulk.upsert(
            connection, "pending", ("record", "kind"), [(row["record"], "organization") for row in rows]
        )


def resolve(database, connection, day=1):
    counts = propose(database, "run", NOW.format(day))
    with connection.transaction():
        waiting = {row[0] for row in connection.query("SELECT record FROM pending")}
        assigned = assign_organizations(connection, waiting, "run", NOW.format(day))
        connection.execute("DELETE FROM pending")
    return counts, assigned


def links(connection):
    return dict(
        connection.query("SELECT record, organization_id FROM organization_link WHERE ended_at IS NULL")
    )


def pairs(grouped):
    groups = defaultdict(list)
    for record, group in grouped.items():
        groups[group].append(record)
    return {pair for records in groups.values() for pair in itertools.combinations(sorted(records), 2)}


def world_rows(seed, partners):
    """Staged rows of a world's CRM and sheet, the truth, and who was merged into whom."""
    world = generate_world(seed, partners, datetime(2026, 10, 1, tzinfo=UTC))
    rows, truth, merged = [], {}, []
    for c in world.companies.values():
        record = f"crm/companies/{c.id}"
        address = {"street": c.street, "city": c.city, "postcode": c.postcode, "country": c.country}
        rows.append(organization(record, name=c.name, website=c.domain, phone=c.phone, **address))
        truth[record] = c.org_id
        if c.merged_into:
            merged.append((record, f"crm/companies/{c.merged_into}"))
    for s in world.sheet:
        v = {key.casefold(): value for key, value in s.values.items()}
        record = f"sheet/partners/{s.id}"
        rows.append(organization(record, **v | {"name": v["company"], "email": v["e-mail"]}))
        truth[record] = s.org_id
    return world, rows, truth, merged


@pytest.fixture
def warehouse(sqlite_url):
    database = Database(sqlite_url)
    with database.session() as connection:
        yield database, connection


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_partners_of_the_world_are_found_as_its_truth_has_them(warehouse, seed):
    world, rows, truth, merged = world_rows(seed, 200)
    database, connection = warehouse
    stage(connection, rows)
    with connection.transaction():
        related = [(f"{a}#m", "crm", "companies", a, 1, "1", "merged_into", a, b) for a, b in merged]
        bulk.insert(connection, "staged_relation", RELATION, related)
    resolve(database, connection)
    partners = {record for record, org in truth.items() if world.orgs[org].role == "partner"}
    found = {pair for pair in pairs(links(connection)) if partners & set(pair)}
    real = {pair for pair in pairs(truth) if partners & set(pair)}
    assert len(found & real) / len(found) >= 0.99
    assert len(found & real) / len(real) >= 0.95


def test_any_batching_gives_the_partition_of_a_full_run(warehouse):
    _, rows, _, _ = world_rows(5, 60)
    database, connection = warehouse
    for part in range(5):
        stage(connection, rows[part::5])
        resolve(database, connection)
    in_batches = pairs(links(connection))
    stage(connection, rows)
    resolve(database, connection, day=2)
    assert pairs(links(connection)) == in_batches


def test_resolving_again_writes_nothing(database_url):
    _, rows, _, _ = world_rows(6, 30)
    database = Database(database_url)
    with database.session() as connection:
        stage(connection, rows)
        first, assigned = resolve(database, connection)
        assert first.written
        assert assigned.linked == len(rows)
        stage(connection, rows)
        again, nothing = resolve(database, connection, day=2)
        assert (again.written, nothing.moved_records) == (0, set())


def test_a_change_moves_no_unrelated_id(warehouse):
    _, rows, _, _ = world_rows(7, 30)
    database, connection = warehouse
    stage(connection, rows)
    resolve(database, connection)
    before = links(connection)
    changed = rows[3] | {"name": "Something Else Entirely", "host": None, "phone": None, "email": None}
    stage(connection, [changed])
    _, assigned = resolve(database, connection, day=2)
    moved = {record for record, entity in links(connection).items() if before[record] != entity}
    assert moved <= {changed["record"]} | {r for r in before if before[r] == before[changed["record"]]}
    assert assigned.moved_records == moved


def test_a_branch_is_not_its_head_office_and_why_says_so(warehouse):
    database, connection = warehouse
    head = organization(
        "crm/companies/1", name="Acme GmbH", website="acme.example", city="Hamburg", country="DE"
    )
    branch = organization(
        "crm/companies/2", name="Acme Kassel", website="acme.example", city="Kassel", country="DE"
    )
    stage(connection, [head, branch])
    resolve(database, connection)
    assert len(set(links(connection).values())) == 2
    assert any("head office and branch" in line for line in explain_pair(connection, *links(connection)))


def test_two_registry_numbers_forbid_what_everything_else_agrees_on(warehouse):
    database, connection = warehouse
    same = {"name": "Acme GmbH", "website": "acme.example", "city": "Hamburg"}
    stage(connection, [organization("crm/companies/1", **same), organization("crm/companies/2", **same)])
    with connection.transaction():
        numbers = [
            (f"crm/companies/{n}", "registry", "lei", f"X{n}", f"X{n}", "organization", "crm") for n in (1, 2)
        ]
        bulk.insert(connection, "key", KEY, numbers)
    resolve(database, connection)
    assert len(set(links(connection).values())) == 2


def test_why_names_the_evidence_of_every_record(warehouse):
    database, connection = warehouse
    stage(
        connection,
        [
            organization("crm/companies/1", name="Nordlicht Akademie GmbH", website="nordlicht.example"),
            organization(
                "sheet/partners/1", name="Nordlicht Akademie", website="www.nordlicht.example/start"
            ),
        ],
    )
    resolve(database, connection)
    (entity,) = set(links(connection).values())
    founder, joined = explain_organization(connection, entity)
    assert (founder.method, joined.method) == ("founding", "score")
    assert any("same website" in reason for reason in joined.reasons)


def test_a_person_keeps_one_identity_and_a_desk_keeps_its_people_apart(database_url):
    people = [("a", "Ann Lee", "ann@acme.example"), ("b", "A. Lee", "ann@acme.example")]
    people += [("c", "Ann Lee", "info@acme.example"), ("d", "Bo Ek", "info@acme.example")]
    with Database(database_url).session() as connection, connection.transaction():
        rows = [(f"crm/contacts/{i}", "crm", "contacts", i, 1, "1", name, email) for i, name, email in people]
        bulk.insert(connection, "staged_person", PERSON, rows)
        keys = [(row[0], "email", "", row[7], row[7], "person", "crm") for row in rows]
        bulk.insert(connection, "key", KEY, keys)
        assign_persons(connection, {row[0] for row in rows}, "run", NOW.format(1))
        found = dict(connection.query("SELECT record, person_id FROM person_link"))
    ids = [found[f"crm/contacts/{i}"] for i in "abcd"]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_a_bare_name_between_two_organizations_joins_neither_however_it_is_looked_at(database_url):
    """Alone or with everything else: what comes close but not close enough is part of the neighborhood."""
    name, one, other = "crm/a/0", "crm/a/1", "crm/a/2"
    edges = [(name, one, 3.0, "auto"), (name, other, -0.2, "review")]
    rows = [
        organization(name, name="Acme"),
        *(organization(r, name="Acme", city="Ulm") for r in (one, other)),
    ]
    with Database(database_url).session() as connection:
        stage(connection, rows)
        with connection.transaction():
            load_reached(connection, {name, one, other})
            write_blocks(
                connection,
                read_features(connection, {name, one, other}),
                dict.fromkeys((name, one, other), "crm"),
            )
            columns = (
                "left_record",
                "right_record",
                "score",
                "band",
                "entity",
                "why_json",
                "rules",
                "run_id",
                "recorded_at",
            )
            rows = [(*edge, "organization", "[]", "r", "r", NOW.format(1)) for edge in edges]
            bulk.insert(connection, "match_edge", columns, rows)
            assign_organizations(connection, {name, one, other}, "run", NOW.format(1))
            assert len(set(links(connection).values())) == 3
            assert assign_organizations(connection, {name}, "run", NOW.format(2)).merged == 0
            assert len(set(links(connection).values())) == 3
