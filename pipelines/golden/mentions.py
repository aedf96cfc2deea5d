"""Facts that nothing but a free text ties to somebody: a title, a note or a signature that clearly names one.

The weakest evidence there is: it is asked only where no source, word, address or host led anywhere, and a text that
may mean two waits. Names are looked up in the key index, so cost follows the texts, not the organizations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from partnerhub.identity.folding import folded
from partnerhub.identity.spotting.base import Base, Known
from partnerhub.identity.spotting.clear import Clear, Doubt, clearly_named, own_words, spans_of
from pipelines.golden.attach import Attached, Link
from warehouse import bulk

if TYPE_CHECKING:
    from pipelines.golden.fact_reading import Copy
    from warehouse.database import Connection

MENTION: Final = "mention"
WAITING: Final = frozenset({"unknown", "generic"})
"""Why a fact is nowhere, where a text may still tell."""
TEXTS: Final = {
    "touchpoint": "SELECT t.record, t.subject, CASE WHEN t.sensitivity = 'normal' THEN t.text END, t.signature"
    " FROM wanted_text w CROSS JOIN staged_touchpoint t WHERE t.record = w.record",
    "work_item": "SELECT t.record, t.title, t.text, NULL FROM wanted_text w CROSS JOIN staged_work_item t"
    " WHERE t.record = w.record",
    "document": "SELECT t.record, t.title, NULL, NULL FROM wanted_text w CROSS JOIN staged_document t"
    " WHERE t.record = w.record",
}
"""Entity → what its records say in words."""
BEARERS: Final = (
    "SELECT w.key, l.organization_id FROM wanted_name w CROSS JOIN key k CROSS JOIN organization_link l"
    " CROSS JOIN staged_organization s WHERE k.normalized = w.value AND k.kind = 'block'"
    " AND l.record = k.record AND l.ended_at IS NULL AND s.record = k.record AND s.deleted_at IS NULL"
)
MOST_OF_A_WORD: Final = 200
"""Organizations that hold a word beyond which a name made of it is taken for common."""
HOLDING: Final = (
    "SELECT DISTINCT l.organization_id FROM key k CROSS JOIN organization_link l CROSS JOIN staged_organization s"
    " WHERE k.normalized = ? AND k.kind = 'block' AND l.record = k.record AND l.ended_at IS NULL"
    f" AND s.record = k.record AND s.deleted_at IS NULL LIMIT {MOST_OF_A_WORD + 1}"
)
NAMES: Final = (
    "SELECT l.organization_id, k.original FROM wanted_bearer w CROSS JOIN organization_link l CROSS JOIN key k"
    " CROSS JOIN staged_organization s WHERE l.organization_id = w.id AND l.ended_at IS NULL AND k.record = l.record"
    " AND k.kind = 'name' AND k.entity = 'organization' AND s.record = l.record AND s.deleted_at IS NULL"
    " ORDER BY l.organization_id, k.original, k.record"
)
WITHOUT_PLACE: Final = (
    "SELECT f.fact_id, f.entity, f.record FROM fact f WHERE f.attached IN ('unknown', 'generic')"
    " UNION SELECT f.fact_id, f.entity, f.record FROM fact_link l CROSS JOIN fact f"
    f" WHERE l.anchor >= 'name:' AND l.anchor < 'name;' AND l.method = '{MENTION}' AND f.fact_id = l.fact_id"
)
CHANGED: Final = "SELECT substr(anchor, 6) FROM work_anchor WHERE anchor LIKE 'name:%'"


def may_be_named(fact: Copy, links: Iterable[Link], state: str) -> bool:
    """Whether a text may tell whose fact this is: nobody from a company we do not know takes part in it."""
    strangers = (link for link in links if link.method in {"host", "domain"} and link.stated_by is None)
    return state in WAITING and fact.entity in TEXTS and fact.nature == "person" and not any(strangers)


def named_in(connection: Connection, facts: Mapping[str, Copy]) -> dict[str, tuple[Attached, Link]]:
    """Fact → whom its words clearly name, and the link that quotes them. Facts that name nobody clearly are absent."""
    said = texts_of(connection, ((fact_id, fact.entity, fact.record) for fact_id, fact in facts.items()))
    bases = bases_of(connection, said)
    found = {}
    for fact_id, base in bases.items():
        clear = the_one(said[fact_id], base)
        if clear:
            anchor = f"name:{clear.name}"
            link = Link(anchor, MENTION, MENTION, quote=clear.quote)
            found[fact_id] = (Attached(clear.organization_id, MENTION, anchor), link)
    return found


def the_one(texts: Iterable[str], base: Base) -> Clear | None:
    """The one organization that texts name clearly, if none of them may mean another one."""
    outcomes = [clearly_named(text, base) for text in texts]
    clear = [each for each in outcomes if isinstance(each, Clear)]
    meant = {each.organization_id for each in clear}
    meant |= {one.organization_id for each in outcomes if isinstance(each, Doubt) for one in each.found}
    return clear[0] if clear and len(meant) == 1 else None


def texts_of(connection: Connection, facts: Iterable[tuple[str, str, str]]) -> dict[str, list[str]]:
    """(fact, entity, record) → what each fact's record says in words; facts without words are absent."""
    records: dict[str, dict[str, list[str]]] = {}
    for fact_id, entity, record in facts:
        records.setdefault(entity, {}).setdefault(record, []).append(fact_id)
    found = {}
    for entity, wanted in sorted(records.items()):
        if entity not in TEXTS:
            continue
        bulk.load_keys(connection, "wanted_text", ("record",), ((record,) for record in wanted))
        for record, *texts in connection.query(TEXTS[entity]):
            if words := [str(text) for text in texts if text]:
                found.update(dict.fromkeys(wanted[record], words))
    return found


def bases_of(connection: Connection, said: Mapping[str, Sequence[str]]) -> dict[str, Base]:
    """Key → whoever the texts under it may name: those who bear a row of their words, or a longer name with one.

    Keys of texts that name nobody, or by words that are in very many names, are absent. Each base depends on its own
    texts alone, never on the others.
    """
    rows = {key: {span.key for text in texts for span in spans_of(text)} for key, texts in said.items()}
    bearers = bearers_of(connection, set().union(*rows.values()))
    named: dict[str, set[str]] = {}
    family: dict[str, set[str]] = {}
    for key, spans in rows.items():
        borne = spans & bearers.keys()
        for span in borne - family.keys():
            family[span] = family_of(connection, span)
        if borne and all(len(family[span]) <= MOST_OF_A_WORD for span in borne):
            named[key] = set().union(*(bearers[span] | family[span] for span in borne))
    names = names_of(connection, set().union(*named.values()))
    return {
        key: Base((Known(each, names[each]) for each in sorted(ids) if each in names), no_country)
        for key, ids in named.items()
    }


def no_country(text: str) -> None:
    """Places say nothing here: what is named must not depend on where its bearers sit."""
    del text


def bearers_of(connection: Connection, keys: Iterable[str]) -> dict[str, set[str]]:
    """Folded name → the organizations that bear it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    bulk.load_keys(
        connection, "wanted_name", ("key", "value"), ((key, f"name:{key}") for key in sorted(keys))
    )
    for key, organization_id in connection.query(BEARERS):
        found[key].add(organization_id)
    return found


def family_of(connection: Connection, key: str) -> set[str]:
    """Everybody whose name may hold this one: who holds its rarest own word."""
    holders = (
        {row[0] for row in connection.query(HOLDING, (f"word:{word}",))} for word in sorted(own_words(key))
    )
    return min(holders, key=len, default=set())


def names_of(connection: Connection, ids: Iterable[str]) -> dict[str, list[str]]:
    """Organization → its names as its living records have them."""
    found: dict[str, list[str]] = {}
    bulk.load_keys(connection, "wanted_bearer", ("id",), ((each,) for each in sorted(ids)))
    for organization_id, name in connection.query(NAMES):
        found.setdefault(organization_id, []).append(name)
    return found


def touch_named(connection: Connection) -> list[str]:
    """The facts without a place, or placed by their words, whose words hold one of a name that came or went."""
    if not connection.one(f"{CHANGED} LIMIT 1"):
        return []
    waiting = connection.query(WITHOUT_PLACE)
    said = texts_of(connection, ((row[0], row[1], row[2]) for row in waiting))
    held: defaultdict[str, list[str]] = defaultdict(list)
    for fact_id, texts in said.items():
        for word in {word for text in texts for word in folded(text).split()}:
            held[word].append(fact_id)
    if not held:
        return []
    return sorted(
        {
            fact_id
            for (name,) in connection.query(CHANGED)
            for word in folded(name).split()
            if word in held and own_words(word)
            for fact_id in held[word]
        }
    )
