"""A base of many partners and touchpoints for the pages, from a seed: 100,000 and 5,000,000 in some minutes.

    python -m benchmarks.web_base FOLDER [--postgres URL] [--partners 100000] [--touchpoints 5000000]

Writes FOLDER/partnerhub.yaml over FOLDER/warehouse.db, or over a PostgreSQL database that is empty. Rows go straight
into the tables pages read; nothing is landed or resolved. Skewed as relationships are: one partner in 2,000 has 5,000
touchpoints, one in a hundred 600, one in ten 150, the others about 30. `benchmarks.web_load` measures over it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from benchmarks.organizations import FORMS, ONSETS, PLACES, TRADES, VOWELS
from benchmarks.web_touchpoints import NAMES, SUBJECTS, TEXTS, fill_touchpoints, with_indexes, without_indexes
from connectors.record import utc_text
from pipelines.golden import months, search
from warehouse import bulk
from warehouse.database import Connection, Database
from warehouse.schema import migrate
from warehouse.tables.finding import SQLITE_TRIGGERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEED: Final = 7
MOST: Final = 5_000
CLASSES: Final = ((0.0005, MOST, 12), (0.0105, 600, 8), (0.11, 150, 5))
"""Up to which share of partners: how many touchpoints each, and how many people."""
BATCH: Final = 2_000
GIVEN: Final = (
    "Ana",
    "Tom",
    "Marta",
    "Chidi",
    "Yuki",
    "Lena",
    "Piotr",
    "Ines",
    "Aisha",
    "Nils",
    "Vera",
    "Jonas",
)
OWNERS: Final = ("Nora Fields", "Jonas Weiher", "Lena Brück", "Ivo Petrov", "Peter Kuhn", "Mara Stein")
TIERS: Final = ("Gold", "Silver", "Bronze", None)
ABOUT: Final = ("Pricing", "Review", "Contract", "Invoice", "Training", "Meeting", "Support", "Renewal", "Rollout",
                "Roadmap", "Onboarding", "Webinar", "Forecast", "Security", "Referral", "Launch", "Budget")  # fmt: skip
OF_WHAT: Final = ("dates in May", "for the next quarter", "and open points", "notes", "proposal", "agenda",
                  "is late", "for new colleagues", "checklist", "update", "follow up", "summary")  # fmt: skip
SENTENCES: Final = (
    "Thank you for the call this morning.", "We would like to start in the second week.", "Attached is the draft.",
    "The numbers look better than last year.", "Could you send the signed copy?", "Our team asked for a training.",
    "They decide in autumn.", "Nothing is blocked on our side.", "Please check the address on the invoice.",
)  # fmt: skip
SOURCES: Final = (("crm", "hubspot", "HubSpot", "4711"), ("sheet", "sheets", "Partner list", "partners.xlsx"),
                  ("jira", "jira", "Jira", "https://hub.atlassian.example"),
                  ("mail_nora", "imap", "Mail", "nora@hub.example"),
                  ("mail_jonas", "imap", "Mail", "jonas@hub.example"))  # fmt: skip
STREAMS: Final = (("crm", "companies"), ("crm", "contacts"), ("crm", "deals"), ("crm", "meetings"), ("crm", "calls"),
                  ("crm", "notes"), ("crm", "emails"), ("sheet", "rows"), ("jira", "issues"), ("jira", "comments"),
                  ("mail_nora", "messages"), ("mail_jonas", "messages"), ("crm", "documents"))  # fmt: skip
CONFIGURATION: Final = """\
warehouse: {url}
sources:
  crm: {{connector: hubspot, token: not-used}}
"""


class Rows:
    """Rows that wait to be written, by table and columns."""

    def __init__(self) -> None:
        """None yet."""
        self.waiting: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = defaultdict(list)

    def add(self, table: str, **values: object) -> None:
        """One row."""
        self.waiting[table, tuple(values)].append(tuple(values.values()))

    def write(self, connection: Connection) -> None:
        """Write all of them in one transaction."""
        with connection.transaction():
            for (table, columns), rows in self.waiting.items():
                bulk.insert(connection, table, columns, rows)
        self.waiting.clear()


class Partner(NamedTuple):
    """What is drawn for one partner."""

    number: int
    organization_id: str
    word: str
    domain: str
    touchpoints: int
    people: int

    @property
    def record(self) -> str:
        """Its record in the CRM."""
        return f"crm/companies/{self.number}"


def partner_of(number: int, partners: int, touchpoints: int) -> Partner:
    """One partner by its number."""
    random = Random(number + SEED)
    rank = number * 7919 % partners / partners
    usual = (touchpoints / partners - sum_of_classes()) / (1 - CLASSES[-1][0])
    many, people = next(
        ((many, people) for share, many, people in CLASSES if rank < share),
        (int(usual * random.uniform(0.4, 1.6)), 3),
    )
    word = "".join(random.choice(ONSETS) + random.choice(VOWELS) for _ in range(3)).title()
    organization_id = str(UUID(int=random.getrandbits(128), version=5))
    return Partner(number, organization_id, word, f"{word.lower()}{number}.example", max(many, 1), people)


def sum_of_classes() -> float:
    """Touchpoints the large partners have, by all partners."""
    edges = (0.0, *(share for share, _, _ in CLASSES))
    return sum((share - edges[at]) * many for at, (share, many, _) in enumerate(CLASSES))


def add_partner(rows: Rows, partner: Partner, now: datetime, fact_ids: Iterator[int]) -> None:
    """Everything of one partner but its touchpoints."""
    random = Random(partner.number)
    at = utc_text(now - timedelta(days=random.randint(30, 900)))
    country, _, cities = random.choice(PLACES)
    values: dict[str, Any] = {
        "name": f"{partner.word} {random.choice(TRADES)} {random.choice(FORMS)}",
        "website": f"https://{partner.domain}", "domain": partner.domain, "email": f"office@{partner.domain}",
        "phone": f"+4930{partner.number:08}", "city": random.choice(cities), "country": country[:2].upper(),
        "industry": random.choice(TRADES), "tier": random.choice(TIERS), "status": random.choice(("active", "paused")),
        "annual_value_minor": random.randrange(10_000, 9_000_000, 1_000), "currency": random.choice(("EUR", "GBP")),
    }  # fmt: skip
    records = [partner.record, *([f"sheet/rows/{partner.number}"] if partner.number % 3 == 0 else [])]
    golden = values | {"owner": random.choice(OWNERS), "record_count": len(records), "rules": "r",
                       "organization_id": partner.organization_id}  # fmt: skip
    rows.add("organization", **golden, anchors_json=json.dumps([f"domain:{partner.domain}"]))
    rows.add("organization_version", **{name: value for name, value in golden.items() if name != "rules"},
             recorded_from_at=at, records_json=json.dumps(records), run_id="run")  # fmt: skip
    rows.add("partnership", organization_id=partner.organization_id, program="default", rule="type = partner",
             record=partner.record, since_at=at)  # fmt: skip
    for record in records:
        add_record(rows, "staged_organization", record, at, **values)
        rows.add("organization_link", record=record, started_at=at, organization_id=partner.organization_id,
                 method="founding" if record == partner.record else "domain", run_id="run")  # fmt: skip
    others = json.dumps([{"record": records[1], "value": "Platinum"}]) if len(records) > 1 else None
    for field in ("*",) if len(records) == 1 else tuple(values):
        rows.add("golden_value", organization_id=partner.organization_id, field=field,
                 value="" if field == "*" else str(values[field] or ""), record=partner.record, raw_id=1,
                 rule="only" if field == "*" else "priority",
                 others_json=others if field == "tier" else None)  # fmt: skip
    for kind, value in (
        ("domain", partner.domain),
        ("phone", values["phone"]),
        ("name", values["name"].lower()),
    ):
        rows.add("key", record=partner.record, kind=kind, scheme="", normalized=value, original=value,
                 entity="organization", source="crm")  # fmt: skip
    for place in range(partner.people):
        add_person(rows, partner, place, at)
    add_facts(rows, partner, values["name"], now, fact_ids)


def add_record(rows: Rows, table: str, record: str, at: str, **values: object) -> None:
    """A staged record with its current raw version."""
    source, stream, source_id = record.split("/", 2)
    key = {"source": source, "stream": stream, "source_id": source_id}
    rows.add(table, record=record, **key, raw_id=1, rules="r", modified_at=at, **values)
    rows.add(
        "raw_current", **key, raw_id=1, op="upsert", content_hash=bytes(16), staged_raw_id=1, staged_rules="r"
    )


def add_person(rows: Rows, partner: Partner, place: int, at: str) -> None:
    """One person there, with the addresses the touchpoints of the partner are drawn from."""
    random = Random(partner.number * 64 + place)
    person_id, email = str(UUID(int=random.getrandbits(128), version=5)), f"p{place}@{partner.domain}"
    record = f"crm/contacts/{partner.number}-{place}"
    name = f"{random.choice(GIVEN)} {word(random).title()}"
    said = {"name": name, "email": email, "title": random.choice(("Buyer", "Director", "Engineer"))}
    anchors = json.dumps([f"email:{email}", f"record:{record}"])
    rows.add("person", person_id=person_id, **said, record_count=1, anchors_json=anchors)
    rows.add("person_organization", person_id=person_id, organization_id=partner.organization_id, role="",
             record=f"crm/contacts_to_companies/{partner.number}-{place}")  # fmt: skip
    rows.add(
        "person_link", record=record, started_at=at, person_id=person_id, method="founding", run_id="run"
    )
    add_record(rows, "staged_person", record, at, **said)


def add_facts(rows: Rows, partner: Partner, name: str, now: datetime, fact_ids: Iterator[int]) -> None:
    """Its deals, issues, files, agreements, commitments and signals."""
    random = Random(partner.number + 1)
    for which in range(random.choice((0, 1, 1, 2, 3))):
        when, status = now - timedelta(days=random.randint(1, 700)), random.choice(("open", "won", "lost"))
        title = f"{name} {random.choice(ABOUT).lower()}"
        said = {"name": title, "amount_minor": random.randrange(100_000, 9_000_000),
                "currency": "EUR", "stage": "proposal", "status": status, "close_date": f"{now:%Y}-12-15"}  # fmt: skip
        fact_id = add_fact(
            rows, partner, "deal", f"crm/deals/{partner.number}-{which}", when, title, fact_ids
        )
        rows.add("deal", fact_id=fact_id, **said, record_count=1)
        add_record(rows, "staged_deal", f"crm/deals/{partner.number}-{which}", utc_text(when), **said)
    for which in range(random.choice((0, 0, 1, 2))):
        when, title = (
            now - timedelta(days=random.randint(1, 400)),
            f"{random.choice(ABOUT)} {random.choice(OF_WHAT)}",
        )
        record = f"jira/issues/{partner.number}-{which}"
        add_fact(rows, partner, "work_item", record, when, title, fact_ids)
        add_record(rows, "staged_work_item", record, utc_text(when), kind="issue", title=title,
                   status=random.choice(("open", "done")), due_at=utc_text(when + timedelta(days=60)))  # fmt: skip
    if partner.number % 4 == 0:
        when, title = now - timedelta(days=random.randint(1, 400)), f"{name} review.pptx"
        record = f"crm/documents/{partner.number}"
        add_fact(rows, partner, "document", record, when, title, fact_ids)
        add_record(rows, "staged_document", record, utc_text(when), title=title, media_type="application/pdf")
    if partner.number % 5 == 0:
        when, title = now - timedelta(days=random.randint(1, 400)), f"Agreement with {name}"
        record = f"crm/agreements/{partner.number}"
        add_fact(rows, partner, "agreement", record, when, title, fact_ids)
        add_record(rows, "staged_agreement", record, utc_text(when), title=title, kind="reseller", status="active",
                   renews_on=f"{now + timedelta(days=random.randint(5, 300)):%Y-%m-%d}")  # fmt: skip
    if partner.number % 8 == 0:
        evidence = [{"at": utc_text(now), "record": partner.record, "quote": "nothing"}]
        rows.add("signal", signal_id=str(UUID(int=random.getrandbits(128))), organization_id=partner.organization_id,
                 rule="silence", sentence="Nobody spoke with them for 40 days.", evidence_json=json.dumps(evidence),
                 level=random.choice(("attention", "urgent", "info")), opened_at=utc_text(now))  # fmt: skip


def add_fact(
    rows: Rows,
    partner: Partner,
    entity: str,
    record: str,
    when: datetime,
    title: str,
    fact_ids: Iterator[int],
) -> str:
    """One fact of another kind, on the partner's timeline; returns its id."""
    fact_id = str(UUID(int=Random(next(fact_ids)).getrandbits(128), version=5))
    shared = {"fact_id": fact_id, "happened_at": utc_text(when), "entity": entity, "kind": entity}
    rows.add("fact", **shared, title=title, record=record, attached="attached")
    rows.add("timeline", **shared, organization_id=partner.organization_id, method="crm_id",
             anchor=f"record:{partner.record}")  # fmt: skip
    rows.add("fact_source", record=record, fact_id=fact_id)
    rows.add("fact_link", fact_id=fact_id, anchor=f"record:{partner.record}", method="crm_id")
    return fact_id


def word(random: Random) -> str:
    """A made-up word of three syllables."""
    return "".join(random.choice(ONSETS) + random.choice(VOWELS) for _ in range(3))


def add_hub(rows: Rows, now: datetime) -> None:
    """Sources with a month of runs, so that pages have something to say of them."""
    for source, connector, title, account in SOURCES:
        rows.add("source", source=source, connector=connector, title=title, account=account)
    for source, stream in STREAMS:
        rows.add("cursor", source=source, stream=stream, state_json="{}", checksum="c", run_id="r",
                 updated_at=utc_text(now))  # fmt: skip
    for hour in range(24 * 30):
        at = now - timedelta(hours=hour + 1)
        ended = utc_text(at + timedelta(minutes=2))
        run = {"run_id": f"run-{hour:05}", "started_at": utc_text(at), "finished_at": ended}
        rows.add("sync_run", **run, trigger="schedule", state="complete")
        for source, stream in STREAMS:
            rows.add("stream_run", **run, source=source, stream=stream, state="complete", read=40, landed=40)


def prepare_words(connection: Connection, partners: int, touchpoints: int) -> None:
    """The temporary tables touchpoints are drawn from."""
    text = "TEXT" if connection.dialect == "sqlite" else 'TEXT COLLATE "C"'
    connection.execute(
        f"CREATE TEMPORARY TABLE made_partner (partner BIGINT PRIMARY KEY, organization_id {text}, word {text},"
        f" domain {text}, touchpoints BIGINT, people BIGINT)"
    )
    connection.execute("CREATE TEMPORARY TABLE made_number (n INTEGER PRIMARY KEY)")
    key = "PRIMARY KEY (sort, at)"
    connection.execute(f"CREATE TEMPORARY TABLE made_words (sort {text}, at BIGINT, said {text}, {key})")
    random = Random(SEED)
    said = [
        ("s", at, f"{random.choice(ABOUT)} {random.choice(OF_WHAT)} {word(random)}") for at in range(SUBJECTS)
    ]
    said += [("t", at, random.choice(SENTENCES)) for at in range(TEXTS)]
    said += [("n", at, f"{random.choice(GIVEN)} {word(random).title()}") for at in range(NAMES)]
    columns = ("partner", "organization_id", "word", "domain", "touchpoints", "people")
    with connection.transaction():
        bulk.insert(connection, "made_words", ("sort", "at", "said"), said)
        bulk.insert(connection, "made_number", ("n",), [(n,) for n in range(MOST)])
        drawn: list[tuple[Any, ...]] = [partner_of(n, partners, touchpoints)[1:] for n in range(partners)]
        bulk.insert(connection, "made_partner", columns, [(n, *each) for n, each in enumerate(drawn)])
    if connection.dialect == "postgresql":
        connection.execute("ANALYZE made_partner")
        connection.execute("ANALYZE made_number")
        connection.execute("ANALYZE made_words")


def make(
    connection: Connection, partners: int, touchpoints: int, now: datetime, told: Callable[[str], None]
) -> None:
    """Fill an empty warehouse."""
    indexes = without_indexes(connection)
    rows, fact_ids = Rows(), count(1)
    add_hub(rows, now)
    for number in range(partners):
        add_partner(rows, partner_of(number, partners, touchpoints), now, fact_ids)
        if number % BATCH == BATCH - 1 or number == partners - 1:
            rows.write(connection)
    told("partners")
    prepare_words(connection, partners, touchpoints)
    fill_touchpoints(connection, SEED, int(now.timestamp()), told)
    with_indexes(connection, indexes, told)
    with connection.transaction():
        months.count_everything(connection)
    told("months")
    make_found(connection)
    told("search")
    with connection.transaction():
        connection.execute("INSERT INTO hub_state (name, value) VALUES ('published_at', ?)", (utc_text(now),))


def make_found(connection: Connection) -> None:
    """The search entries of partners and people as publication makes them, and SQLite's indexes over all."""
    with connection.transaction():
        for part in search.PARTS[:2]:
            numbers = {kind: count(search.last_of(kind), -1) for kind in part.kinds}
            for span in search.spans(connection, part.whole, part.key):
                entries = [
                    (next(numbers[each.kind]), *each) for each in part.read(connection, part.whole, span)
                ]
                bulk.insert(connection, "search_entry", search.WITH_ID, entries)
        if connection.dialect == "sqlite":
            for index in ("search_words", "search_names"):
                connection.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
            for statement in SQLITE_TRIGGERS.values():
                connection.execute(statement)
        connection.execute(search.REMEMBER, (search.STATE, search.VERSION))
    if connection.dialect == "postgresql":
        connection.execute("VACUUM ANALYZE search_entry")


def main() -> None:
    """Make one, and say how long each part took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--postgres", help="URL of an empty database")
    parser.add_argument("--partners", type=int, default=100_000)
    parser.add_argument("--touchpoints", type=int, default=5_000_000)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    url = given.postgres or f"sqlite:///{given.folder.resolve() / 'warehouse.db'}"
    (given.folder / "partnerhub.yaml").write_text(CONFIGURATION.format(url=url))
    begun = monotonic()

    def told(what: str) -> None:
        sys.stdout.write(f"{monotonic() - begun:7.1f} s  {what}\n")
        sys.stdout.flush()

    migrate(url)
    with Database(url).session() as connection:
        for setting in fast(connection.dialect):
            connection.execute(setting)
        make(connection, given.partners, given.touchpoints, datetime.now(UTC), told)
    with Database(url).session() as connection:
        found = connection.one("SELECT (SELECT count(*) FROM organization), (SELECT count(*) FROM timeline)")
    sys.stdout.write(f"{found[0]:,} partners, {found[1]:,} things on timelines\n" if found else "")


def fast(dialect: str) -> tuple[str, ...]:
    """What makes writing quick, for a file that can be made again."""
    if dialect == "sqlite":
        return ("PRAGMA synchronous = OFF", "PRAGMA cache_size = -1500000", "PRAGMA temp_store = FILE",
                "PRAGMA foreign_keys = OFF", "PRAGMA journal_mode = OFF")  # fmt: skip
    return ("SET synchronous_commit = off", "SET work_mem = '512MB'", "SET maintenance_work_mem = '1GB'")


if __name__ == "__main__":
    main()
