"""The view of each stream: what a source says in canonical terms, and every further field as a column of its own.

Which views and columns there are, the configuration and the sources say: the pipeline declares it into `stream_column`
(`declare`), and what was declared once stays, so that a query written against it goes on working.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_args

from mappings.canonical import STAGED_KINDS
from warehouse.marts.mart import PERSONAL, Column, Mart, Type, lineage
from warehouse.marts.stream_sql import custom_value, encoded, json_as_text, may_be_mail, without_mail

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from warehouse.database import Connection

PREFIX: Final = "stg_"
LONGEST: Final = 63
"""Letters PostgreSQL keeps of a name."""
KINDS: Final = {kind.kind_name: kind for kind in STAGED_KINDS}
OWN: Final = frozenset({"record", "source", "stream", "source_id", "raw_id", "rules", "deleted_at"})
"""Fields of a staged record that are bookkeeping; what matters of them are the key and the lineage columns."""
AMOUNTS: Final = {"amount_minor": "amount", "annual_value_minor": "annual_value"}
KEYS: Final[tuple[tuple[str, Type], ...]] = (("record_key", "text"), ("source_id", "text"))
"""What every view begins with."""
TRACED: Final = (
    "a.run_id AS _hub_run_id, a.landed_at AS _hub_loaded_at, s.deleted_at AS _hub_deleted_at,"
    " s.source AS _hub_source"
)
LAST: Final = ("created_at", "modified_at", "custom_json")
DATES: Final = frozenset({"close_date", "since", "until"})
OF_CLEANER: Final[dict[str, Type]] = {
    "integer": "integer",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
}
"""What a custom field is that a deployment's `fields:` cleans so; every other one is text."""
OF_PEOPLE: Final = frozenset(
    {
        "email",
        "phone",
        "mobile",
        "given_name",
        "family_name",
        "mailbox",
        "subject",
        "text",
        "quoted",
        "signature",
    }
)
PEOPLE: Final = ("person", "colleague")
READ: Final = (
    "SELECT view_name, name, position, source, stream, kind, type, custom, path, cleaner, label"
    " FROM stream_column ORDER BY view_name, position"
)
OVER_TIME: Final = (
    "Deleted at its source: the row stays, with _hub_deleted_at. Merges and splits of partners change nothing here."
    " A column is never taken away: what the source has no more is null."
)
SPECIAL: Final = {
    "record_key": "source/stream/id of the record, and #part where one says several things",
    "source_id": "the record's id at its source",
    "created_at": "when it was made at its source",
    "modified_at": "when it last changed at its source",
    "custom_json": "every field without a canonical name, as {name: value}; null for mail",
}


class Registered(NamedTuple):
    """One row of `stream_column`."""

    view_name: str
    name: str
    position: int
    source: str
    stream: str
    kind: str
    type: Type
    custom: str | None = None
    path: str | None = None
    cleaner: str | None = None
    label: str | None = None


class Further(NamedTuple):
    """A custom field: its name in `custom_json`, what people call it, where it is read from, and by which cleaner."""

    key: str
    label: str = ""
    path: str = ""
    cleaner: str = ""


class Declared(NamedTuple):
    """One staged kind of one stream. is_first: whether it is what people mean by the stream.

    read_from: canonical field → (source field, cleaner).
    """

    source: str
    stream: str
    kind: str
    is_first: bool
    custom: tuple[Further, ...]
    read_from: dict[str, tuple[str, str]]


# What there is -------------------------------------------------------------------------------------------------------


def registered(connection: Connection) -> dict[str, list[Registered]]:
    """The columns of every view, in their order."""
    found: dict[str, list[Registered]] = {}
    for row in connection.query(READ):
        found.setdefault(str(row[0]), []).append(Registered(*row))
    return found


def stream_marts(connection: Connection) -> tuple[Mart, ...]:
    """Every stream's view as a mart, by name."""
    return tuple(mart_of(columns) for columns in registered(connection).values())


def declare(connection: Connection, declared: Iterable[Declared], now: str) -> int:
    """Add the views and columns that are new; returns how many columns. Safe to call twice. Expects a transaction."""
    known = registered(connection)
    taken = {name: (columns[0].source, columns[0].stream, columns[0].kind) for name, columns in known.items()}
    names = {place: name for name, place in taken.items()}
    fresh: list[tuple[Any, ...]] = []
    for each in declared:
        place = (each.source, each.stream, each.kind)
        name = names.get(place) or view_name(each, taken)
        names[place], taken[name] = name, place
        fresh += [(*column, now) for column in new_columns(name, each, known.get(name, []))]
    connection.execute_many(
        "INSERT INTO stream_column (view_name, name, position, source, stream, kind, type, custom, path, cleaner,"
        " label, since_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        fresh,
    )
    return len(fresh)


# Names ---------------------------------------------------------------------------------------------------------------


def view_name(each: Declared, taken: dict[str, Any]) -> str:
    """`stg_<source>__<stream>`, with the kind behind it for a further kind; another's name is never taken."""
    parts = [each.source, each.stream] if each.is_first else [each.source, each.stream, each.kind]
    return apart(PREFIX + "__".join(map(plain, parts)), "/".join(parts), taken)


def apart(name: str, said: str, taken: Iterable[str]) -> str:
    """The name, told from a name that is taken and cut to what PostgreSQL keeps by a hash of what it was made of."""
    if len(name) <= LONGEST and name not in set(taken):
        return name
    told = hashlib.blake2b(said.encode(), digest_size=3).hexdigest()
    return f"{name[: LONGEST - len(told) - 1]}_{told}"


def plain(said: str) -> str:
    """Any text as part of a name in SQL: `Deal_Registration__c` is `deal_registration_c`, `E-Mail` is `e_mail`."""
    apart_at_capitals = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", said)
    return re.sub(r"[^a-z0-9]+", "_", apart_at_capitals.casefold()).strip("_") or "field"


# Columns -------------------------------------------------------------------------------------------------------------


def new_columns(view: str, each: Declared, known: Sequence[Registered]) -> list[Registered]:
    """The columns of one view that are not there yet, behind those that are."""
    names, keys = {column.name for column in known}, {column.custom for column in known}
    found: list[tuple[str, Type, Further | None]] = [
        (name, kind_of, None) for name, kind_of in canonical_columns(each.kind) if name not in names
    ]
    for field in each.custom:
        if field.key not in keys:
            name = apart(f"custom_{plain(field.label or field.key)}", field.key, names)
            names.add(name)
            found.append((name, OF_CLEANER.get(field.cleaner, "text"), field))
    start = len(known)
    return [
        registered_column(Registered(view, name, start + at, *each[:3], type_of), field, each.read_from)
        for at, (name, type_of, field) in enumerate(found)
    ]


def registered_column(
    bare: Registered, field: Further | None, read_from: dict[str, tuple[str, str]]
) -> Registered:
    """A column with where it comes from."""
    if field:
        return bare._replace(
            custom=field.key,
            path=field.path or None,
            cleaner=field.cleaner or None,
            label=field.label or None,
        )
    path, cleaner = read_from.get(field_of(bare.name), (None, None))
    return bare._replace(path=path, cleaner=cleaner)


def canonical_columns(kind: str) -> list[tuple[str, Type]]:
    """The columns every view of a kind has, by name and type."""
    fields = KINDS[kind].model_fields
    own = [name for name in fields if name not in OWN and name not in LAST]
    columns = list(KEYS)
    for name in (*own, *LAST):
        if name in AMOUNTS:
            columns.append((AMOUNTS[name], "decimal"))
        columns.append((name, type_of_field(name, fields[name].annotation)))
    return columns


def type_of_field(name: str, annotation: Any) -> Type:
    """The type of a canonical field: by its name as the tables have it, else by its annotation."""
    if name.endswith("_json"):
        return "json"
    if name.endswith("_at"):
        return "time"
    if name.endswith("_on") or name in DATES:
        return "date"
    types = {annotation, *get_args(annotation)}
    return (
        "boolean" if bool in types else "integer" if int in types else "float" if float in types else "text"
    )


def field_of(name: str) -> str:
    """The canonical field a column shows."""
    return {"record_key": "record", **{amount: minor for minor, amount in AMOUNTS.items()}}.get(name, name)


# The view ------------------------------------------------------------------------------------------------------------


def mart_of(columns: Sequence[Registered]) -> Mart:
    """The view of one staged kind of one stream: key and lineage first, as what is new comes last."""
    first, table = columns[0], f"staged_{columns[0].kind}"
    own = (KINDS[first.kind].__doc__ or "").strip().split("\n")[0]
    keys, others = columns[: len(KEYS)], columns[len(KEYS) :]
    traced = lineage("raw_record.run_id", "raw_record.landed_at", f"{table}.deleted_at", f"{table}.source")
    shown = [*map(selected, keys), TRACED, *map(selected, others)]
    return Mart(
        first.view_name,
        f"{own.removesuffix('.')}, as stream `{first.stream}` of source `{first.source}` says it.",
        OVER_TIME,
        ("record_key",),
        (*map(described, keys), *traced, *map(described, others)),
        f"SELECT {', '.join(shown)} FROM {table} s LEFT JOIN raw_record a ON a.raw_id = s.raw_id"
        f" WHERE s.source = {quoted(first.source)} AND s.stream = {quoted(first.stream)}",
    )


def selected(column: Registered) -> str:
    """A column of the query."""
    return f"{value_of(column)} AS {column.name}"


def value_of(column: Registered) -> str:
    """A column as SQL. A field that is no canonical one any more is null."""
    kind, field = column.kind, field_of(column.name)
    if column.custom is not None:
        shown = custom_value(column.custom, column.type)
    elif field not in KINDS[kind].model_fields:
        return f"{{null({column.type})}}"
    elif column.name in AMOUNTS.values():
        shown = f"{{money(s.{field}, s.currency)}}"
    else:
        shown = json_as_text(field) if column.type == "json" else f"s.{field}"
    return without_mail(kind, shown) if of_mail(column) else shown


def of_mail(column: Registered) -> bool:
    """Whether it may hold the words of a mail."""
    is_custom = column.custom is not None or column.name == "custom_json"
    return may_be_mail(column.kind, field_of(column.name), is_custom=is_custom)


def described(column: Registered) -> Column:
    """A column as documentation and contracts have it."""
    field = field_of(column.name)
    of = f"staged_{column.kind}.{'custom_json' if column.custom is not None else field}"
    model = KINDS[column.kind].model_fields
    known = model[field].description if field in model else None
    says = SPECIAL.get(column.name) or known or column.name.replace("_", " ")
    if column.custom is not None:
        says = f"the source's own field {column.label or column.custom}"
    elif column.name in AMOUNTS.values():
        says = "in `currency`, in whole units; never added up across currencies"
    is_required = column.custom is None and field in model and model[field].is_required()
    return Column(
        column.name,
        column.type,
        says,
        of if field in model or column.custom is not None else "",
        frozenset({PERSONAL}) if is_personal(column) else frozenset(),
        is_required and not of_mail(column),
    )


def is_personal(column: Registered) -> bool:
    """Whether it tells who somebody is, or what they said; of people every field of their own may."""
    if column.custom is not None or column.name == "custom_json":
        return column.kind in PEOPLE
    return column.name in OF_PEOPLE or (column.kind in PEOPLE and column.name == "name")


def quoted(said: str) -> str:
    """A text as SQL that no macro is read into."""
    return f"{{said({encoded(said)})}}"
