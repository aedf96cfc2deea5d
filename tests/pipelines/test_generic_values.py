"""What too many share ties nobody, found from the data; what is somebody's own does."""

from __future__ import annotations

import pytest

from pipelines.resolve.sheet import resolve_sheet
from tests.pipelines.test_resolve import KEY, links, organization, resolve, stage
from warehouse import bulk
from warehouse.database import Database
from warehouse.schema import migrate

NAMES = (
    "Alder Bakery", "Birch Dental", "Cedar Logistics", "Dune Optics", "Ember Travel", "Fjord Paper", "Glade Motors",
    "Heron Textiles", "Iris Software", "Juniper Foods", "Kestrel Legal", "Lagoon Spa", "Maple Toys", "Nectar Wines",
    "Orchid Films", "Pebble Stone", "Quartz Mining", "Raven Press", "Sable Furs", "Tundra Gear", "Umber Paints",
    "Velvet Music", "Willow Care", "Xenon Lamps", "Yarrow Seeds", "Zephyr Sails", "Amber Keys", "Basalt Homes",
)  # fmt: skip
"""More names than a site, phone or street may have to tell anything."""
ONE, OTHER = "Larkspur Trading", "Larkspur Shipping"


def groups(rows):
    return [row.partner_id for row in resolve_sheet(rows)]


def crowd(**value):
    """Many firms of different names, all with the same value."""
    return [{"name": name, "source_id": name, **value} for name in NAMES]


def last_two_are_one(rows):
    *_, one, other = groups(rows)
    return one == other


@pytest.mark.parametrize(
    "value",
    [
        {"email_domain": "provider.example"},
        {"website": "pages.example"},
        {"phone": "+49 30 5550100", "country": "DE"},
        {"street": "1209 Orange Street", "city": "Wilmington", "country": "US"},
    ],
    ids=["a mail provider", "a hosting site", "a switchboard", "the address of a registered agent"],
)
def test_a_value_many_firms_share_joins_nobody(value):
    found = groups(crowd(**value))
    assert len(set(found)) == len(NAMES)


@pytest.mark.parametrize("value", [{"email_domain": "provider.example"}, {"website": "pages.example"}])
def test_two_of_like_names_are_tied_by_a_site_of_their_own_and_not_by_one_that_many_share(value):
    two = [{"name": name, "source_id": name, **value} for name in (ONE, OTHER)]
    assert not last_two_are_one([*crowd(**value), *two])
    own = [{"name": name, "source_id": name, "website": "larkspur.example"} for name in (ONE, "Larkspur")]
    assert last_two_are_one([*crowd(**value), *own])


def test_a_free_mail_address_is_nobodys_site_however_few_use_it():
    rows = [{"name": name, "email_domain": "gmail.com"} for name in ("Alder Bakery", "Alder Dental")]
    assert len(set(groups(rows))) == 2


@pytest.fixture
def warehouse(database_url):
    migrate(database_url)
    database = Database(database_url)
    with database.session() as connection:
        yield database, connection


def with_keys(connection, *keys):
    """Two firms that nothing else ties, with these keys: (number of the firm, kind, scheme, value)."""
    stage(
        connection,
        [organization(f"crm/a/{n}", name=name, country="DE") for n, name in enumerate(("Acme", "Zenith"))],
    )
    rows = [(f"crm/a/{n}", kind, scheme, v, v, "organization", "crm") for n, kind, scheme, v in keys]
    with connection.transaction():
        bulk.insert(connection, "key", KEY, rows)


CROSS_REFERENCED = ((0, "crm_id", "hubspot", "42"), (1, "crm_id", "hubspot", "42"))
TWO_LEIS = ((0, "registry", "lei", "529900T8BM49AURSDO55"), (1, "registry", "lei", "5493001KJTIIGC8Y1R12"))
ONE_LEI = ((0, "registry", "lei", "529900T8BM49AURSDO55"), (1, "registry", "lei", "529900T8BM49AURSDO55"))
TWO_TAX_NUMBERS = ((0, "registry", "vat", "DE136695976"), (1, "registry", "vat", "DE811907980"))


@pytest.mark.parametrize(
    ("keys", "partners"),
    [(CROSS_REFERENCED, 1), (CROSS_REFERENCED + TWO_LEIS, 2), (ONE_LEI + TWO_TAX_NUMBERS, 1)],
    ids=[
        "a cross reference between systems joins what nothing else does",
        "two numbers of an exclusive register forbid what a cross reference says",
        "one number of any register joins and two tax numbers forbid nothing",
    ],
)
def test_what_is_somebodys_own_number_decides(warehouse, keys, partners):
    database, connection = warehouse
    with_keys(connection, *keys)
    resolve(database, connection)
    assert len(set(links(connection).values())) == partners
