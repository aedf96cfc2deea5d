"""`partnerhub.yaml` → `HubConfig`, or every mistake in it at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from partnerhub.config import expect
from partnerhub.config.document import Marked, read_document
from partnerhub.config.expect import Findings
from partnerhub.config.model import DEFAULT_PROGRAM, HubConfig, PartnerRule
from partnerhub.config.problems import InvalidConfig, closest
from partnerhub.config.references import resolve
from partnerhub.config.sources import read_sources, staged_fields

KEYS: Final = (
    "warehouse",
    "own_domains",
    "own_addresses",
    "default_region",
    "default_currency",
    "sources",
    "partners",
    "survivorship",
)
DEFAULT_WAREHOUSE: Final = "sqlite:///warehouse.db"
WAREHOUSE: Final = re.compile(r"(sqlite:///.+|postgres(ql)?(\+psycopg)?://.+)")
DOMAIN: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
ADDRESS: Final = re.compile(r"[^@\s]+@[a-z0-9.-]+")
REGION: Final = re.compile(r"[A-Z]{2}")
CURRENCY: Final = re.compile(r"[A-Z]{3}")


def load_config(path: str | Path, *, with_settings: bool = True) -> HubConfig:
    """Read and check a configuration file. Opens no connection; reads the environment and secret files.

    with_settings: also check each source's settings by its connector's class and demand that every reference
        resolves. Commands that only read the warehouse leave it out: they start faster and need no secrets.

    Raises InvalidConfig (a FixSetup) that lists all problems with their lines.
    """
    file = Path(path).expanduser().absolute()
    tree = read_document(file)
    findings = Findings()
    found = expect.known_keys(expect.mapping(tree, "", findings, "sources: …"), KEYS, "", findings)
    empty = Marked(None, 1)
    sources = read_sources(found.get("sources", empty), file.parent, findings, with_settings=with_settings)
    config = HubConfig(
        path=file,
        warehouse_url=read_warehouse(found.get("warehouse"), file.parent, findings),
        own_domains=read_words(
            found.get("own_domains"), "own_domains", DOMAIN, "northwind.example", findings
        ),
        own_addresses=read_words(
            found.get("own_addresses"), "own_addresses", ADDRESS, "sales@northwind.example", findings
        ),
        default_region=read_code(
            found.get("default_region"), "default_region", REGION, "US", "an ISO country code", findings
        ),
        default_currency=read_code(
            found.get("default_currency"),
            "default_currency",
            CURRENCY,
            "USD",
            "an ISO currency code",
            findings,
        ),
        sources=sources,
        partners=read_partners(found.get("partners", empty), declared(found), findings),
        survivorship=read_survivorship(found.get("survivorship", empty), declared(found), findings),
    )
    if findings:
        raise InvalidConfig(file, findings)
    return config


def declared(found: dict[str, Marked]) -> tuple[str, ...]:
    """The names under `sources:`, also of those that have problems of their own."""
    item = found.get("sources")
    return tuple(item.value) if item and isinstance(item.value, dict) else ()


def read_warehouse(item: Marked | None, folder: Path, findings: Findings) -> str:
    """The warehouse's URL; the path of a SQLite file is made absolute."""
    written = (
        DEFAULT_WAREHOUSE if item is None else expect.text(item, "warehouse", findings, DEFAULT_WAREHOUSE)
    )
    line = item.line if item else 1
    url = str(
        resolve(written or DEFAULT_WAREHOUSE, folder, lambda a, b: findings.note(line, "warehouse", a, b))
    )
    if not WAREHOUSE.fullmatch(url):
        if "${" not in url:
            do = "Write `sqlite:///warehouse.db` or `postgresql://user@host/name`."
            findings.note(line, "warehouse", "This is not a warehouse the hub knows.", do)
        return url
    if url.startswith("sqlite:///"):
        return f"sqlite:///{folder / Path(url.removeprefix('sqlite:///')).expanduser()}"
    return url


def read_words(
    item: Marked | None, where: str, shape: re.Pattern[str], example: str, findings: Findings
) -> frozenset[str]:
    """A list of domains or addresses, lower case."""
    if item is None:
        return frozenset()
    words = [word.lower().removeprefix("@") for word in expect.texts(item, where, findings, f"[{example}]")]
    for word in words:
        if not shape.fullmatch(word):
            findings.note(item.line, where, f"`{word}` does not look right.", f"Write it like `{example}`.")
    return frozenset(words)


def read_code(
    item: Marked | None, where: str, shape: re.Pattern[str], default: str, meaning: str, findings: Findings
) -> str:
    """A country or currency code, upper case."""
    if item is None:
        return default
    code = (expect.text(item, where, findings, default) or default).upper()
    if code in {"UK", "EN"} and where == "default_region":
        findings.note(item.line, where, f"`{code}` is not {meaning}.", "Write `GB`.")
    elif not shape.fullmatch(code):
        findings.note(item.line, where, f"This must be {meaning}.", f"Write for example `{default}`.")
    return code


def read_partners(item: Marked, sources: tuple[str, ...], findings: Findings) -> tuple[PartnerRule, ...]:
    """The partnership rules, in the file's order."""
    rules = []
    for number, entry in enumerate(expect.entries(item, "partners", findings), 1):
        where = f"partners.{number}"
        written = expect.mapping(entry, where, findings, "source: hubspot")
        written = expect.known_keys(written, ("source", "where", "program"), where, findings)
        source = read_source_name(written.get("source"), entry.line, f"{where}.source", sources, findings)
        program = written.get("program")
        name = expect.text(program, f"{where}.program", findings, DEFAULT_PROGRAM) if program else None
        tests = read_where(written.get("where", Marked(None, entry.line)), f"{where}.where", findings)
        if source:
            rules.append(PartnerRule(source, tests, name or DEFAULT_PROGRAM))
    return tuple(rules)


def read_source_name(
    item: Marked | None, line: int, where: str, sources: tuple[str, ...], findings: Findings
) -> str | None:
    """The name of a declared source."""
    if item is None:
        findings.note(
            line,
            where,
            "It is not said for which source this holds.",
            f"Add `source:` with one of: {', '.join(sources)}.",
        )
        return None
    if item.value not in sources:
        findings.note(
            item.line, where, f"There is no source `{item.value}`.", closest(str(item.value), sources)
        )
        return None
    return str(item.value)


def read_where(item: Marked, where: str, findings: Findings) -> dict[str, tuple[str, ...]]:
    """Staged field → accepted values."""
    tests = {}
    for key, entry in expect.mapping(item, where, findings, "account_type: [PARTNER]").items():
        if not key.startswith("custom."):
            allowed = staged_fields(organizations=True) | {"labels", "roles"}
            if key not in allowed:
                findings.note(
                    entry.line,
                    f"{where}.{key}",
                    f"Organizations have no field `{key}`.",
                    closest(key, allowed),
                )
        values = expect.texts(entry, f"{where}.{key}", findings, "[PARTNER, RESELLER]")
        if not values and not findings:
            findings.note(
                entry.line,
                f"{where}.{key}",
                "No value is listed, so nothing would match.",
                "List at least one.",
            )
        tests[key] = values
    return tests


def read_survivorship(
    item: Marked, sources: tuple[str, ...], findings: Findings
) -> dict[str, tuple[str, ...]]:
    """Golden field → sources in winning order."""
    example = "fields: {tier: [partner_list, hubspot]}"
    written = expect.known_keys(
        expect.mapping(item, "survivorship", findings, example), ("fields",), "survivorship", findings
    )
    orders: dict[str, tuple[str, ...]] = {}
    for field, entry in expect.mapping(
        written.get("fields", Marked(None, item.line)),
        "survivorship.fields",
        findings,
        "tier: [partner_list]",
    ).items():
        where = f"survivorship.fields.{field}"
        if not field.startswith("custom."):
            allowed = staged_fields(organizations=True) | {"owner"}
            if field not in allowed:
                findings.note(
                    entry.line, where, f"Organizations have no field `{field}`.", closest(field, allowed)
                )
        names = expect.texts(entry, where, findings, "[partner_list, hubspot]")
        for name in names:
            if name not in sources:
                findings.note(entry.line, where, f"There is no source `{name}`.", closest(name, sources))
        orders[field] = names
    return orders
