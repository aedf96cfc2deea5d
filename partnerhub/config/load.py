"""`partnerhub.yaml` → `HubConfig`, or every mistake in it at once."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from connectors.record import utc_text
from partnerhub.config.alerts import read_alerts
from partnerhub.config.changes import read_changes
from partnerhub.config.contracts import read_contracts
from partnerhub.config.document import Marked, read_document
from partnerhub.config.expect import Place
from partnerhub.config.export import read_export
from partnerhub.config.fields import organization_fields, require_field
from partnerhub.config.guard import read_guard
from partnerhub.config.lineage import read_lineage
from partnerhub.config.matching import read_matching
from partnerhub.config.model import DEFAULT_PROGRAM, HubConfig, PartnerRule
from partnerhub.config.problems import InvalidConfig, Problem
from partnerhub.config.references import resolve
from partnerhub.config.schedules import NIGHTLY, read_schedule
from partnerhub.config.signals import read_signals
from partnerhub.config.sources import read_sources
from partnerhub.config.web import read_web
from partnerhub.identity.survivorship import COMPLETE, GROUPS, PLAIN_FIELDS, STRATEGIES

if TYPE_CHECKING:
    from partnerhub.config.references import Report

KEYS: Final = (
    "warehouse",
    "own_domains",
    "own_addresses",
    "default_region",
    "default_currency",
    "sources",
    "partners",
    "survivorship",
    "matching",
    "signals",
    "guard",
    "reconcile",
    "alerts",
    "changes",
    "export",
    "contracts",
    "lineage",
    "web",
    "clock",
)
SURVIVORSHIP_KEYS: Final = ("fields", "by")
DEFAULT_WAREHOUSE: Final = "sqlite:///warehouse.db"
SQLITE: Final = "sqlite:///"
WAREHOUSE: Final = re.compile(r"(sqlite:///.+|postgres(ql)?(\+psycopg)?://.+)")
SERVER: Final = re.compile(r"[a-z+]+://([^/?#@\s]*@)?[^/?#@\s]*([/?][^@#\s]*)?")
"""An address whose user and password hold nothing that ends them early: half a password would be taken for a host."""
CLOCK: Final = "2026-09-01T09:00:00Z"
DOMAIN: Final = re.compile(r"[\w-]+(\.[\w-]+)+")
ADDRESS: Final = re.compile(r"[^@\s]+@[\w.-]+")
REGION: Final = re.compile(r"[A-Z]{2}")
CURRENCY: Final = re.compile(r"[A-Z]{3}")
MISTAKEN_REGIONS: Final = {"UK": "GB", "EN": "GB"}


def load_config(path: str | Path, *, with_settings: bool = True) -> HubConfig:
    """Read and check a configuration file. Opens no connection; reads the environment and secret files.

    with_settings: also check each source's settings by its connector's class and demand that every reference in
        them resolves. Commands that only read the warehouse leave it out: they start faster and need no secrets.

    Raises InvalidConfig (a FixSetup) that lists all problems with their lines.
    """
    file = Path(path).expanduser().absolute()
    return config_of(file, read_document(file), with_settings=with_settings)


def config_of(file: Path, document: Marked, *, with_settings: bool = True) -> HubConfig:
    """The same of a document that was read already. file: relative paths are relative to its folder."""
    findings: list[Problem] = []
    root = Place(document, "", findings)
    found = root.known_entries(KEYS, "sources: …")
    every = {key: found.get(key, root.child(key)) for key in KEYS}
    names = tuple(every["sources"].item.value) if isinstance(every["sources"].item.value, dict) else ()
    config = HubConfig(
        path=file,
        warehouse_url=read_warehouse(every["warehouse"], file.parent),
        own_domains=read_words(every["own_domains"], DOMAIN, "northwind.example"),
        own_addresses=read_words(every["own_addresses"], ADDRESS, "sales@northwind.example"),
        default_region=read_code(every["default_region"], REGION, "US"),
        default_currency=read_code(every["default_currency"], CURRENCY, "USD"),
        sources=read_sources(every["sources"], file.parent, with_settings=with_settings),
        partners=read_partners(every["partners"], names),
        survivorship=read_survivorship(every["survivorship"], names),
        strategies=read_strategies(every["survivorship"]),
        lineage=read_lineage(every["lineage"], file.parent, with_settings=with_settings),
        matching=read_matching(every["matching"], file.parent),
        signals=read_signals(every["signals"]),
        guard=read_guard(every["guard"]),
        reconcile=read_schedule(every["reconcile"], usual=NIGHTLY),
        alerts=read_alerts(every["alerts"], file.parent, with_settings=with_settings),
        changes=read_changes(every["changes"], file.parent, with_settings=with_settings),
        export=read_export(every["export"], file.parent),
        contracts=read_contracts(every["contracts"]),
        web=read_web(every["web"]),
        clock=read_clock(every["clock"], file.parent),
    )
    if findings:
        raise InvalidConfig(file, findings)
    return config


def read_warehouse(place: Place, folder: Path) -> str:
    """The warehouse's URL; the path of a SQLite file is made absolute."""
    written = DEFAULT_WAREHOUSE if place.item.value is None else place.text(DEFAULT_WAREHOUSE)
    return warehouse_at(written or DEFAULT_WAREHOUSE, folder, place.note)


def warehouse_at(written: str, folder: Path, note: Report) -> str:
    """The URL of a warehouse as somebody wrote it, references resolved. note: told what happened and what to do."""
    url = str(resolve(written, folder, note))
    if "${" in url:
        return url
    if not WAREHOUSE.fullmatch(url):
        do = f"Write `{DEFAULT_WAREHOUSE}` or `postgresql://user@host/name`."
        note("This is not a warehouse the hub knows.", do)
    elif not url.startswith(SQLITE) and not SERVER.fullmatch(url):
        do = "Write them by their code: %40 for @, %2F for /, %3A for :, %3F for ?, %23 for #."
        note("A user name or password has characters an address cannot hold.", do)
    if url.startswith(SQLITE):
        return f"{SQLITE}{folder / Path(url.removeprefix(SQLITE)).expanduser()}"
    return url


def read_words(place: Place, shape: re.Pattern[str], example: str) -> frozenset[str]:
    """A list of domains or addresses, lower case."""
    words = [word.lower().removeprefix("@") for word in place.texts(f"[{example}]")]
    for word in words:
        if not shape.fullmatch(word):
            place.note(f"`{word}` does not look right.", f"Write it like `{example}`.")
    return frozenset(words)


def read_code(place: Place, shape: re.Pattern[str], default: str) -> str:
    """A country or currency code, upper case."""
    if place.item.value is None:
        return default
    code = (place.text(default) or default).upper()
    if code in MISTAKEN_REGIONS:
        place.note(f"`{code}` is not an ISO country code.", f"Write `{MISTAKEN_REGIONS[code]}`.")
    elif not shape.fullmatch(code):
        place.note("This must be an ISO code.", f"Write for example `{default}`.")
    return code


def read_clock(place: Place, folder: Path) -> str | None:
    """The moment that counts as now, as the hub's UTC text; None where the machine's clock does."""
    if place.item.value is None:
        return None
    written = str(resolve(place.text(CLOCK) or CLOCK, folder, place.note)).strip()
    if "${" in written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        place.note("This is not a moment the hub can read.", f"Write it as `{CLOCK}`, or leave it out.")
        return None
    return utc_text(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def read_partners(place: Place, sources: tuple[str, ...]) -> tuple[PartnerRule, ...]:
    """The partnership rules, in the file's order."""
    rules = []
    for entry in place.elements():
        written = entry.known_entries(("source", "where", "program"), "source: hubspot")
        source = written.get("source", entry.child("source")).one_of(sources, "source")
        program = written["program"].text(DEFAULT_PROGRAM) if "program" in written else None
        tests = read_where(written["where"]) if "where" in written else {}
        if source:
            rules.append(PartnerRule(source, tests, program or DEFAULT_PROGRAM))
    return tuple(rules)


def read_where(place: Place) -> dict[str, tuple[str, ...]]:
    """Staged field → accepted values."""
    tests = {}
    for key, entry in place.entries("account_type: [PARTNER]").items():
        require_field(entry, key, organization_fields())
        tests[key] = entry.texts("[PARTNER, RESELLER]")
        if entry.item.value in (None, []):
            entry.note("No value is listed, so nothing would match.", "List at least one.")
    return tests


def read_survivorship(place: Place, sources: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Golden field → sources in winning order."""
    found = place.known_entries(SURVIVORSHIP_KEYS, "fields: {tier: [partner_list, hubspot]}")
    fields = found["fields"].entries("tier: [partner_list, hubspot]") if "fields" in found else {}
    orders: dict[str, tuple[str, ...]] = {}
    for name, entry in fields.items():
        require_field(entry, name, organization_fields() | {"owner", "address", "annual_value"})
        named = (each.one_of(sources, "source") for each in entry.elements())
        orders[name] = tuple(dict.fromkeys(source for source in named if source))
    return orders


def read_strategies(place: Place) -> dict[str, str]:
    """Golden field → how it is settled behind its systems of record; `complete` is for fields that move together."""
    if not isinstance(place.item.value, dict) or "by" not in place.item.value:
        return {}
    chosen: dict[str, str] = {}
    for name, entry in place.entries("by: {industry: frequent}")["by"].entries("industry: frequent").items():
        require_field(entry, name, frozenset({*PLAIN_FIELDS, *GROUPS}))
        strategy = entry.one_of(STRATEGIES, "strategy")
        if strategy == COMPLETE and name not in GROUPS:
            entry.note(
                "One field by itself is no fuller than another.", "Write `frequent`, or name `address`."
            )
        elif strategy:
            chosen[name] = strategy
    return chosen
