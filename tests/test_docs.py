"""The documentation against the program: what exists is documented, what is documented exists, links lead somewhere."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectors.registry import connector_class, connector_names
from docs.generate import pages, rendered
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = REPOSITORY / "docs"
PAGES = sorted([*REPOSITORY.glob("*.md"), *DOCS.rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SECTIONS = ("start", "connect", "operate", "warehouse", "develop")


def text_of(*paths: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def shown(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


# ---------------------------------------------------------------- links


def links() -> Iterator[tuple[Path, str]]:
    """Every link to a place in this repository, with the page it stands on."""
    for page in PAGES:
        for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
            if "://" not in target and not target.startswith("mailto:"):
                yield page, target


def test_every_link_leads_somewhere() -> None:
    broken = [f"{shown(page)} -> {target}" for page, target in links() if not resolves(page, target)]
    assert broken == []
    assert len(list(links())) > 20


def resolves(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    found = (page.parent / path).resolve() if path else page
    if not found.exists() or not found.is_relative_to(REPOSITORY):
        return False
    return not anchor or anchor in anchors(found)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub writes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_a_link_to_nowhere_is_noticed() -> None:
    assert not resolves(DOCS / "README.md", "start/no-such-page.md")
    assert not resolves(DOCS / "README.md", "glossary.md#no-such-word")


def test_the_index_leads_to_every_page() -> None:
    index = text_of(DOCS / "README.md")
    pages = [
        page for page in DOCS.rglob("*.md") if page.parent.name != "decisions" and page != DOCS / "README.md"
    ]
    assert [shown(page) for page in pages if f"({page.relative_to(DOCS)}" not in index] == []


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_has_pages(section: str) -> None:
    assert list((DOCS / section).rglob("*.md"))


# ---------------------------------------------------------------- the program


def command_names() -> list[str]:
    """Every command of the command line, with its group (`marts list`)."""
    import typer

    app = importlib.import_module("partnerhub.cli.app").app
    return sorted(names_under(typer.main.get_command(app), ""))


def names_under(command: object, prefix: str) -> Iterator[str]:
    for name, child in getattr(command, "commands", {}).items():
        if getattr(child, "commands", None):
            yield from names_under(child, f"{prefix}{name} ")
        elif not child.hidden:
            yield prefix + name


def test_every_command_is_documented() -> None:
    names = command_names()
    assert len(names) > 5
    text = text_of(*PAGES)
    assert [name for name in names if not re.search(rf"partnerhub {name}\b", text)] == []


def test_every_command_in_the_docs_exists() -> None:
    shown_commands = re.findall(
        r"^\s*(?:\$ )?(?:\.venv/bin/)?partnerhub (?:--config \S+ )?([a-z]+)", all_fences(), re.MULTILINE
    )
    known = {name.split()[0] for name in command_names()}
    assert sorted(set(shown_commands) - known) == []


def all_fences() -> str:
    return "\n".join("\n".join(FENCE.findall(page.read_text(encoding="utf-8"))) for page in PAGES)


def test_every_make_target_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of(REPOSITORY / "Makefile"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)", text_of(*PAGES))) | set(
        re.findall(r"^make ([a-z]+)", all_fences(), re.MULTILINE)
    )
    assert {"demo", "test"} <= named <= targets


@pytest.mark.parametrize("name", connector_names())
def test_every_setting_of_a_connector_is_documented(name: str) -> None:
    page = DOCS / "connect" / f"{name}.md"
    settings = set(connector_class(name).model_fields) - {"source"}
    text = text_of(page)
    assert [setting for setting in sorted(settings) if f"`{setting}`" not in text] == []
    assert settings


def test_every_key_of_the_configuration_is_documented() -> None:
    keys = configuration_keys()
    assert len(keys) > 5
    text = text_of(*DOCS.rglob("*.md"))
    assert [key for key in sorted(keys) if f"`{key}" not in text and f"\n{key}:" not in text] == []


def configuration_keys() -> set[str]:
    """The keys partnerhub.yaml may have, as the modules that read it list them."""
    readers = [importlib.import_module(f"partnerhub.config.{name}") for name in ("load", "settings")]
    tables = [value for reader in readers for name, value in vars(reader).items() if name.endswith("KEYS")]
    assert len(tables) >= len(readers)
    return {key for table in tables for key in table}


def test_generated_parts_are_what_the_program_says_now() -> None:
    stale = [shown(page) for page in pages() if rendered(page.read_text()) != page.read_text()]
    assert stale == [], "run `make docs`"


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = [re.split(r"[^A-Za-z0-9._-]", line)[0] for line in wanted]
    text = text_of(DOCS / "dependencies.md")
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_glossary_has_about_twenty_words() -> None:
    words = re.findall(r"^\*\*(.+?)\*\*", text_of(DOCS / "glossary.md"), re.MULTILINE)
    assert 18 <= len(words) <= 24
    assert words == sorted(words, key=str.casefold)


@pytest.mark.parametrize("now", ["2026-10-01T09:00:00+00:00", "2027-03-15T18:30:00+00:00"])
def test_the_partner_of_the_readme_is_in_the_demo(now: str) -> None:
    from partnerhub.cli.demo_world import DEFAULT_PARTNERS, DEFAULT_SEED, DemoWorld

    world = DemoWorld(DEFAULT_SEED, DEFAULT_PARTNERS, now).generate()
    org = next(one for one in world.orgs.values() if one.name == "Larkbrook Health Ltd")
    companies = {one.id: one.name for one in world.companies.values() if one.org_id == org.id}
    number, row = next(
        (number, row)
        for number, row in enumerate(world.sheet, 2)
        if row.values["Company"] == "Larkrook Health"
    )
    people = {f"{one.given_name} {one.family_name}" for one in world.humans.values() if one.org_id == org.id}
    said = text_of(REPOSITORY / "README.md")
    assert companies["9000863171"] == org.name
    assert f"row {number} of partners.xlsx" in said
    assert len(companies) == 2
    shown_in_readme = {org.tier, org.domains[0], row.values["Services"], *companies.values()}
    assert [fact for fact in shown_in_readme if fact not in said] == []
    assert {"Alice Bennett", "Grace Abrams", "Samuel Okafor"} <= people
