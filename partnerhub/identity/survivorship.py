"""Which value of which source record an organization is published with. Pure: records and rules in, choices out.

For every field the best record that has a value wins: a person's pin first, then the field's systems of record in
their order, then a value that can be right before one that cannot, then the field's own strategy where it has one (the
fullest record, or what most sources say), then the source's priority, then recency (`modified_at`), then what most
records say, ties by record key. While one record lives, deleted ones have no say. Address parts move together, as do an
amount and its currency; lists are united; `custom.<name>` fields follow the same rules as declared ones. A name all in
capitals is shown as another record writes it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

PLAIN_FIELDS = (
    "name",
    "legal_name",
    "website",
    "domain",
    "email",
    "phone",
    "industry",
    "employees",
    "description",
    "account_type",
    "status",
    "tier",
    "stage",
    "services",
    "notes",
    "owner",
    "renews_on",
    "reviewed_on",
)
"""One value from one record each."""

ADDRESS_FIELDS = ("street", "city", "region", "postcode", "country")
"""Taken from one record together: the street of one office with the city of another is an address nobody has."""

VALUE_FIELDS = ("annual_value_minor", "currency")
"""Taken from one record together: an amount in another record's currency is an amount nobody said."""

NAMES = ("name", "legal_name")
LONGEST_ACRONYM = 6
"""A single word in capitals of so many letters may well be meant so: UNICEF."""

UNION_FIELDS = ("roles_json", "labels_json")
"""JSON lists to which every record adds."""

NUMBERS = frozenset({"employees", "annual_value_minor"})
ANNUAL_VALUE = "annual_value"
"""How rules call an amount with its currency."""
COMPLETE, FREQUENT = "complete", "frequent"
STRATEGIES = {COMPLETE: "completeness", FREQUENT: "frequency"}
"""How a field may be settled ahead of priority and recency, and the rule it is then told by."""
GROUPS = {"address": ADDRESS_FIELDS, ANNUAL_VALUE: VALUE_FIELDS}
"""Fields that move together, by what rules call them; of these a record may be the fullest."""
HIGHEST = 1_000_000
ENTERED_BY_PEOPLE = "hub"
"""The source of what people enter in the hub itself; first unless the rules rank it otherwise."""

Record: TypeAlias = Mapping[str, Any]
"""A staged organization by field name, plus `owner`: the name of the colleague behind `owner_record`."""


class Choice(NamedTuple):
    """One golden value and why. others: (record, value) that disagree.

    rule: pin, system_of_record, validity, completeness, frequency, priority, recency, spelling, only or union.
    """

    value: Any
    record: str | None
    raw_id: int | None
    rule: str
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Survivorship:
    """The rules: how much each source counts, and exceptions by field (`tier`, `address`, `annual_value`, `custom.x`).

    source_priority: the higher number wins; a source not named counts 0; among equals recency decides.
    field_priority: a field's systems of record: they win in this order, ahead of every source not in that list.
    strategies: COMPLETE or FREQUENT by field; of several that are as full or as frequent the rules above choose.
    doubtful: whether a field's value can hardly be right (a name that says nothing, the site of a platform); such a
        value loses to any other but a system of record's.
    best_spelling: the one of several spellings of a name that is best to read.
    """

    source_priority: Mapping[str, int] = field(default_factory=dict)
    field_priority: Mapping[str, Sequence[str]] = field(default_factory=dict)
    strategies: Mapping[str, str] = field(default_factory=dict)
    doubtful: Callable[[str, Any], bool] = field(default=lambda _name, _value: False, compare=False)
    best_spelling: Callable[[Sequence[str]], str | None] = field(default=lambda _names: None, compare=False)

    def of_record(self, name: str, source: str) -> bool:
        """Whether a source is one of the field's systems of record, as what people enter always is."""
        return source == ENTERED_BY_PEOPLE or source in self.field_priority.get(name, ())

    def rank(self, name: str, source: str) -> tuple[int, int]:
        """What a source counts for one field; smaller is better."""
        order = self.field_priority.get(name, ())
        people = source == ENTERED_BY_PEOPLE
        place = list(order).index(source) if source in order else -1 if people else len(order)
        return place, -self.source_priority.get(source, HIGHEST if people else 0)


def survive(
    records: Sequence[Record], pins: Mapping[str, str | None], rules: Survivorship
) -> dict[str, Choice]:
    """The choice per field; a field no record fills is absent. `records`: at least one, in any order."""
    living = [record for record in records if record["deleted_at"] is None] or list(records)
    by_default = ranked(living, rules, "")
    chosen: dict[str, Choice] = {}
    for name in PLAIN_FIELDS:
        order = ranked(living, rules, name) if name in rules.field_priority else by_default
        settle(chosen, name, order, rules)
    for name in NAMES:
        spell(chosen, name, by_default, rules)
    settle_address(
        chosen, ranked(living, rules, "address") if "address" in rules.field_priority else by_default, rules
    )
    worth = ranked(living, rules, ANNUAL_VALUE) if ANNUAL_VALUE in rules.field_priority else by_default
    settle_annual_value(chosen, worth, rules)
    for name in UNION_FIELDS:
        unite(chosen, name, by_default)
    settle_custom(chosen, living, rules)
    for name, value in pins.items():
        pin(chosen, name, value)
    collect_names(chosen, by_default)
    return chosen


def ranked(records: Iterable[Record], rules: Survivorship, name: str) -> list[Record]:
    """Records best first for a field: source rank, then newest, then record key."""
    by_key = sorted(records, key=lambda record: str(record["record"]))
    newest = sorted(by_key, key=lambda record: record["modified_at"] or "", reverse=True)
    return sorted(newest, key=lambda record: rules.rank(name, record["source"]))


def settle(chosen: dict[str, Choice], name: str, order: Sequence[Record], rules: Survivorship) -> None:
    """Choose one plain field from records in order."""
    having = [record for record in order if record.get(name) is not None]
    if not having:
        return
    if all(record[name] == having[0][name] for record in having):
        chosen[name] = choice(name, having, rules, name)
        return
    valid = sorted(having, key=lambda record: standing(record, name, rules))
    if name in rules.strategies:
        alike = [each for each in valid if standing(each, name, rules) == standing(valid[0], name, rules)]
        preferred, rule = by_strategy(alike, name, rules)
        valid = in_front(preferred, valid)
        if rule:
            chosen[name] = choice(name, valid, rules, name)._replace(rule=rule)
            return
    said_most = most_said(valid, name, rules)
    rule = "frequency" if said_most[0] is not valid[0] else rule_between(said_most, rules, name)
    chosen[name] = choice(name, said_most, rules, name)._replace(rule=rule)


def by_strategy(alike: Sequence[Record], name: str, rules: Survivorship) -> tuple[list[Record], str]:
    """Those of the records that a field's own strategy prefers, and its rule where that alone settles the value.

    A system of record is asked for its word, not for how full it is or who agrees.
    """
    strategy = rules.strategies.get(name)
    if strategy is None or rules.of_record(name, alike[0]["source"]):
        return list(alike), ""
    fields = GROUPS.get(name, (name,))
    says = [spoken(record, fields) for record in alike]
    if strategy == COMPLETE:
        worth = [(sum(record.get(each) is not None for each in fields), 0) for record in alike]
    else:
        voters = [(said, record["source"]) for said, record in zip(says, alike, strict=True)]
        by_sources, by_records = Counter(said for said, _ in set(voters)), Counter(says)
        worth = [(by_sources[said], by_records[said]) for said in says]
    best = [at for at, each in enumerate(worth) if each == max(worth)]
    is_settled = len(best) < len(alike) and len({says[at] for at in best}) == 1
    return [alike[at] for at in best], STRATEGIES[strategy] if is_settled else ""


def spoken(record: Record, fields: Sequence[str]) -> tuple[str, ...]:
    """What a record says in fields that move together, whatever the case and the blanks."""
    return tuple(" ".join(text_of(record.get(name)).casefold().split()) for name in fields)


def in_front(first: Sequence[Record], order: Sequence[Record]) -> list[Record]:
    """The records in their order, some of them before the others."""
    keys = {record["record"] for record in first}
    return sorted(order, key=lambda record: record["record"] not in keys)


def standing(record: Record, name: str, rules: Survivorship) -> int:
    """0 for a system of record, 1 for a value that can be right, 2 for one that hardly can."""
    if rules.of_record(name, record["source"]):
        return 0
    return 2 if rules.doubtful(name, record[name]) else 1


def most_said(having: Sequence[Record], name: str, rules: Survivorship) -> list[Record]:
    """The records with one of the most frequent value in front, among those that nothing else tells from the first."""
    first = having[0]
    alike = [
        record
        for record in having
        if record["modified_at"] == first["modified_at"]
        and rules.rank(name, record["source"]) == rules.rank(name, first["source"])
        and standing(record, name, rules) == standing(first, name, rules)
    ]
    counts = Counter(text_of(record[name]) for record in alike)
    best = max(alike, key=lambda record: counts[text_of(record[name])])
    if counts[text_of(best[name])] == counts[text_of(first[name])]:
        best = first
    return [best, *(record for record in having if record is not best)]


def spell(chosen: dict[str, Choice], name: str, order: Sequence[Record], rules: Survivorship) -> None:
    """Where a name tells no capitals from small letters, take the best of its spellings; a system of record's stays."""
    best = chosen.get(name)
    if best is None or not shouts(str(best.value)) or name in rules.field_priority:
        return
    having = [record for record in order if record.get(name) is not None]
    variants = [record for record in having if letters(record[name]) == letters(str(best.value))]
    picked = rules.best_spelling([str(record[name]) for record in variants])
    if picked is None or picked == best.value or shouts(picked):
        return
    bearer = next(record for record in variants if record[name] == picked)
    others = tuple((other["record"], other[name]) for other in having if other[name] != picked)
    chosen[name] = Choice(picked, bearer["record"], bearer["raw_id"], "spelling", others)


def shouts(name: str) -> bool:
    """Whether a name is written without telling capitals from small letters, and is no acronym."""
    one_case = name.upper() == name or name.lower() == name
    return one_case and (" " in name or len(name) > LONGEST_ACRONYM)


def letters(name: str) -> str:
    """What two spellings of one name share."""
    return "".join(character for character in name.casefold() if character.isalnum())


def choice(name: str, having: Sequence[Record], rules: Survivorship, ranked_by: str) -> Choice:
    """The first record's value, with the rule that put it before the second and everybody who says otherwise."""
    best = having[0]
    value = best[name]
    others = tuple((other["record"], text_of(other[name])) for other in having[1:] if other[name] != value)
    return Choice(value, best["record"], best["raw_id"], rule_between(having, rules, ranked_by), others)


def rule_between(having: Sequence[Record], rules: Survivorship, name: str) -> str:
    """Why the first of the records came before the second."""
    if len(having) == 1:
        return "only"
    one, two = having[:2]
    first, second = rules.rank(name, one["source"]), rules.rank(name, two["source"])
    if rules.of_record(name, one["source"]) and first < second:
        return "system_of_record"
    if name in one and name in two and standing(one, name, rules) < standing(two, name, rules):
        return "validity"
    return "priority" if first < second else "recency"


def settle_address(chosen: dict[str, Choice], order: Sequence[Record], rules: Survivorship) -> None:
    """All address parts from the best record that can be found on a map; else from the best with any part."""
    usable = [record for record in order if is_address(record)]
    having = usable or [record for record in order if any(record.get(name) for name in ADDRESS_FIELDS)]
    if not having:
        return
    preferred, rule = by_strategy(having, "address", rules)
    best = best_address(having) if len(preferred) == len(having) else preferred[0]
    rule = rule or rule_between(in_front(preferred, having), rules, "address")
    for name in ADDRESS_FIELDS:
        value = best.get(name)
        others = tuple(
            (other["record"], other[name])
            for other in order
            if other.get(name) is not None and other[name] != value
        )
        if value is not None:
            chosen[name] = Choice(value, best["record"], best["raw_id"], rule, others)


def settle_annual_value(chosen: dict[str, Choice], order: Sequence[Record], rules: Survivorship) -> None:
    """Amount and currency from the best record that has an amount; else the best currency alone."""
    having = [record for record in order if record.get("annual_value_minor") is not None]
    having = having or [record for record in order if record.get("currency") is not None]
    if not having:
        return
    preferred, rule = by_strategy(having, ANNUAL_VALUE, rules)
    having = in_front(preferred, having)
    best, rule = having[0], rule or rule_between(having, rules, ANNUAL_VALUE)
    said = {name: best.get(name) for name in VALUE_FIELDS}
    differing = [record for record in having[1:] if {name: record.get(name) for name in VALUE_FIELDS} != said]
    for name in VALUE_FIELDS:
        if said[name] is not None:
            others = tuple(
                (other["record"], text_of(other[name])) for other in differing if other.get(name) is not None
            )
            chosen[name] = Choice(said[name], best["record"], best["raw_id"], rule, others)


def best_address(order: Sequence[Record]) -> Record:
    """The first record, unless it has no street and a later one of the same town does: the fuller of two that agree."""
    first = order[0]
    if first.get("street") or not first.get("city"):
        return first
    town = str(first["city"]).casefold()
    fuller = (r for r in order if r.get("street") and str(r.get("city") or "").casefold() == town)
    return next(fuller, first)


def is_address(record: Record) -> bool:
    """Whether a record has a street, or at least a city with its country."""
    return bool(record.get("street") or (record.get("city") and record.get("country")))


def unite(chosen: dict[str, Choice], name: str, order: Sequence[Record]) -> None:
    """Every record's list items, each once, sorted."""
    having = [record for record in order if record.get(name)]
    items = {str(item) for record in having for item in json.loads(record[name])}
    if items:
        best = having[0]
        chosen[name] = Choice(sorted_list(items), best["record"], best["raw_id"], united_rule(having))


def united_rule(having: Sequence[Record]) -> str:
    """`only` for a single contributor, else `union`."""
    return "only" if len(having) == 1 else "union"


def settle_custom(chosen: dict[str, Choice], living: Sequence[Record], rules: Survivorship) -> None:
    """Fields without a staged name, each by the rules for `custom.<name>`."""
    opened = [
        {**{f"custom.{name}": value for name, value in json.loads(record["custom_json"]).items()}, **record}
        for record in living
        if record.get("custom_json")
    ]
    for name in sorted({name for record in opened for name in record if name.startswith("custom.")}):
        settle(chosen, name, ranked(opened, rules, name), rules)


def collect_names(chosen: dict[str, Choice], order: Sequence[Record]) -> None:
    """Every other spelling any record uses, except the published name itself."""
    published = {str(chosen[name].value).casefold() for name in ("name", "legal_name") if name in chosen}
    found: dict[str, str] = {}
    having = []
    for record in order:
        before = len(found)
        for name in names_of(record):
            if name.casefold() not in published:
                found.setdefault(name.casefold(), name)
        if len(found) > before:
            having.append(record)
    if having:
        best = having[0]
        value = sorted_list(found.values())
        chosen["other_names_json"] = Choice(value, best["record"], best["raw_id"], united_rule(having))


def names_of(record: Record) -> list[str]:
    """All names a record knows the organization by."""
    further = json.loads(record["other_names_json"]) if record.get("other_names_json") else []
    return [name for name in (record["name"], record.get("legal_name"), *further) if name]


def pin(chosen: dict[str, Choice], name: str, value: str | None) -> None:
    """Put a person's value above what the records say; null empties the field."""
    former = chosen.get(name)
    said = ((former.record, text_of(former.value)), *former.others) if former else ()
    others = [(record, says) for record, says in said if record is not None and says != value]
    typed = int(value) if value is not None and name in NUMBERS else value
    chosen[name] = Choice(typed, None, None, "pin", tuple((str(record), says) for record, says in others))


def text_of(value: Any) -> str:
    """A value as text: as it is, or as JSON where it is not text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def sorted_list(items: Iterable[str]) -> str:
    """A JSON list in fixed order."""
    return json.dumps(sorted(items), ensure_ascii=False)
