"""What organizations, persons and facts are found by, read a span at a time from what is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from warehouse.search_words import LONGEST_TEXT, digits_of, names_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipelines.golden.work import Span
    from warehouse.database import Connection

EMAIL: Final = "email:"
LINES: Final = ("legal_name", "other_name", "domain", "host", "email", "phone", "registry", "city")
"""What a line of an organization's text is, in the order of its lines."""
OF_KEY: Final = {"name": "other_name", "host": "host"}
"""Kind of a key → what its line is called, where that is not the same."""
ORGANIZATIONS: Final = (
    "SELECT o.organization_id, o.name, o.legal_name, o.other_names_json, o.domain, o.email, o.phone, o.city,"
    " (SELECT max(t.happened_at) FROM timeline t WHERE t.organization_id = o.organization_id"
    " AND t.entity = 'touchpoint') FROM {scope} w CROSS JOIN organization o"
    " WHERE w.organization_id BETWEEN ? AND ? AND o.organization_id = w.organization_id AND o.deleted_at IS NULL"
)
KEYS: Final = (
    "SELECT l.organization_id, k.kind, k.normalized, k.original"
    " FROM {scope} w CROSS JOIN organization_link l CROSS JOIN key k"
    " WHERE w.organization_id BETWEEN ? AND ? AND l.organization_id = w.organization_id AND l.ended_at IS NULL"
    " AND k.record = l.record AND k.kind IN ('name', 'domain', 'host', 'email', 'phone', 'registry')"
    " ORDER BY l.organization_id, k.kind, k.normalized, k.record"
)
PERSONS: Final = (
    "SELECT DISTINCT p.person_id, m.organization_id, p.name, p.email, p.phone, p.title, CAST(p.anchors_json AS TEXT)"
    " FROM {scope} w CROSS JOIN person p CROSS JOIN person_organization m"
    " WHERE w.person_id BETWEEN ? AND ? AND p.person_id = w.person_id AND p.deleted_at IS NULL"
    " AND m.person_id = p.person_id"
)
FACTS: Final = (
    "SELECT f.entity, f.fact_id, t.organization_id, coalesce(d.name, f.title), f.happened_at"
    " FROM {scope} w CROSS JOIN fact f CROSS JOIN timeline t LEFT JOIN deal d ON d.fact_id = f.fact_id"
    " LEFT JOIN staged_touchpoint s ON s.record = f.record"
    " WHERE w.fact_id BETWEEN ? AND ? AND f.fact_id = w.fact_id AND f.deleted_at IS NULL AND t.fact_id = f.fact_id"
    " AND (s.sensitivity IS NULL OR s.sensitivity = 'normal')"
)
"""What a calendar marks as private is found by nobody."""
SLIDES: Final = (
    "SELECT f.fact_id, p.place, p.text"
    " FROM {scope} w CROSS JOIN fact f CROSS JOIN staged_document d CROSS JOIN staged_passage p"
    " WHERE w.fact_id BETWEEN ? AND ? AND f.fact_id = w.fact_id AND f.entity = 'document' AND d.record = f.record"
    " AND p.record > d.record || '#' AND p.record < d.record || '$' AND p.document_record = d.record"
    " AND p.place LIKE 'slide %' AND NOT EXISTS (SELECT 1 FROM staged_touchpoint m WHERE m.record = d.parent_record)"
    " ORDER BY p.record"
)
"""The passages of decks. What hangs on a mail is as private as the mail, and is found by its file name only."""


class Entry(NamedTuple):
    """A row of `search_entry` without its number."""

    kind: str
    id: str
    organization_id: str
    title: str
    text: str
    words: str
    names: str | None
    happened_at: str | None


def read_organizations(connection: Connection, scope: str, span: Span) -> list[Entry]:
    """The entries of a span of organizations."""
    keys: dict[str, list[tuple[str, str, str]]] = {}
    for organization_id, *key in connection.query(KEYS.format(scope=scope), span):
        keys.setdefault(organization_id, []).append((key[0], key[1], key[2]))
    return [
        organization_entry(row, keys.get(row[0], []))
        for row in connection.query(ORGANIZATIONS.format(scope=scope), span)
    ]


def organization_entry(row: tuple[Any, ...], keys: Iterable[tuple[str, str, str]]) -> Entry:
    """What one organization is found by: its golden values, and what each of its records calls it."""
    organization_id, name, legal_name, others, domain, email, phone, city, newest = row
    said: dict[str, dict[str, None]] = {line: {} for line in LINES}
    golden = {"legal_name": legal_name, "domain": domain, "email": email, "phone": phone, "city": city}
    for line, value in golden.items():
        if value:
            said[line][value] = None
    for other in orjson.loads(others) if others else ():
        said["other_name"][str(other)] = None
    for kind, normalized, original in keys:
        said[OF_KEY.get(kind, kind)][original if kind in {"name", "registry"} else normalized] = None
    for line in ("legal_name", "other_name"):
        said[line].pop(name, None)
    said["other_name"].pop(legal_name or "", None)
    said["host"] = {host: None for host in said["host"] if host not in said["domain"]}
    text = lines_of((line, value) for line, values in said.items() for value in values)
    return Entry(
        "organization", organization_id, organization_id, name, text, words_of(name, values_of(text)),
        names_of(
            (name, *said["legal_name"], *said["other_name"]),
            (*said["domain"], *said["host"], *map(digits_of, said["phone"])),
        ),
        newest,
    )  # fmt: skip


def read_persons(connection: Connection, scope: str, span: Span) -> list[Entry]:
    """The entries of a span of persons, one for each organization they work or worked at."""
    return [person_entry(*row) for row in connection.query(PERSONS.format(scope=scope), span)]


def person_entry(
    person_id: str, organization_id: str, name: str | None, email: str | None, phone: str | None,
    title: str | None, anchors: str | None,
) -> Entry:  # fmt: skip
    """What one person is found by: name, addresses, number, and what they are."""
    stated = orjson.loads(anchors) if anchors else []
    emails = dict.fromkeys(
        [*([email] if email else []), *(each[len(EMAIL) :] for each in stated if each.startswith(EMAIL))]
    )
    said = [*(("email", each) for each in emails), ("phone", phone), ("position", title)]
    text = lines_of((line, value) for line, value in said if value)
    shown = name or email or phone or "Nobody we know the name of"
    return Entry(
        "person", person_id, organization_id, shown, text, words_of(shown, values_of(text)),
        names_of([shown], [digits_of(phone)] if phone else []), None,
    )  # fmt: skip


def read_facts(connection: Connection, scope: str, span: Span) -> list[Entry]:
    """The entries of a span of facts, one for each timeline they are on; a fact nobody gave a title has none."""
    slides: dict[str, list[tuple[str, str]]] = {}
    for fact_id, place, said in connection.query(SLIDES.format(scope=scope), span):
        slides.setdefault(fact_id, []).append((place.partition(" / ")[0], said))
    return [
        fact_entry(row, slides.get(row[1], []))
        for row in connection.query(FACTS.format(scope=scope), span)
        if row[3]
    ]


def fact_entry(row: tuple[Any, ...], slides: list[tuple[str, str]]) -> Entry:
    """What one fact is found by: its title, and what its slides say."""
    entity, fact_id, organization_id, title, happened_at = row
    text = lines_of(slides)[:LONGEST_TEXT]
    return Entry(
        entity, fact_id, organization_id, title, text, words_of(title, values_of(text)), None, happened_at
    )


def lines_of(said: Iterable[tuple[str, str]]) -> str:
    """What something is found by, a line each: what it is, a tab, and the value on one line."""
    return "\n".join(f"{line}\t{' '.join(value.split())}" for line, value in said)


def values_of(text: str) -> str:
    """The values of such lines."""
    return " ".join(values(text))


def values(text: str) -> Iterator[str]:
    """The values of such lines, one by one."""
    for line in text.split("\n"):
        yield line.partition("\t")[2]
