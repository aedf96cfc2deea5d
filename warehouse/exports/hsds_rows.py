"""What the hub knows of a partner, as rows of HSDS tables; table by table, nothing that the hub does not know."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from warehouse.exports.hsds import REGISTER_CODES
from warehouse.exports.hsds_reading import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

Made = tuple[str, Row]
"""A table, and a row for it."""

NAMESPACE: Final = UUID("0d6a1c58-3a0f-5d0b-8f0e-6a2b7d94c3e1")
NOTHING: Final = "null"
"""What stands where a value has to be and the hub published none."""
OF_ONE_VALUE: Final = {
    "tier": "Tier of the partner program.",
    "stage": "Stage of the partnership.",
    "status": "Status, as the sources say it.",
    "industry": "Industry, as the sources say it.",
    "account_type": "Type of the account in its system of record.",
}
OF_SEVERAL: Final = {"roles": "Role of a partner.", "labels": "Label or tag of a partner."}
PROGRAM: Final = "program"
OTHER_NAME: Final = "other_name"
TAXONOMIES: Final = {
    **OF_ONE_VALUE,
    **OF_SEVERAL,
    PROGRAM: "Program of the hub whose list a partner is on.",
    OTHER_NAME: "Further names of a partner.",
}
"""Column of the hub → what it says."""
WHOLE: Final = "organization"
PARTNERSHIP: Final = "partnership."
OWN: Final = {"name": "name", "description": "description", "email": "email", "website": "website"}
OF_ADDRESS: Final = {
    "street": "address_1",
    "city": "city",
    "region": "state_province",
    "postcode": "postal_code",
    "country": "country",
}
SORTED: Final = {
    **dict.fromkeys(OF_ONE_VALUE),
    **dict.fromkeys(("legal_name", "other_names_json", "roles_json", "labels_json", "services")),
}
"""Fields of which the package holds the value elsewhere than in a column of the organization."""


def uuid_of(*about: str) -> str:
    """The id of what a row is about: the same in every export."""
    return str(uuid5(NAMESPACE, json.dumps(about)))


def partner_id(text: str) -> str:
    """The id of a partner: the hub's own, which is a UUID; what is none becomes one."""
    try:
        return str(UUID(text))
    except ValueError:
        return uuid_of("organization", text)


def listed(text: str | None) -> list[str]:
    """The texts of a JSON list, each once."""
    return list(dict.fromkeys(str(each) for each in json.loads(text))) if text else []


def of_partner(row: Row) -> Iterator[Made]:
    """Everything that follows from the record of one partner."""
    own = partner_id(row["partner_id"])
    names = [row["legal_name"], *listed(row["other_names"])]
    further = list(dict.fromkeys(name for name in names if name and name != row["name"]))
    yield (
        "organization",
        {
            "id": own,
            "name": row["name"],
            "alternate_name": next(iter(further), None),
            "description": row["description"] or row["name"],
            "email": row["email"],
            "website": row["website"],
        },
    )
    # It brings the tables, which other exports do without.
    from warehouse.queries.list_choices import BETWEEN_SERVICES

    for service in dict.fromkeys(BETWEEN_SERVICES.split((row["services"] or "").strip())):
        if service:
            about = uuid_of("service", own, service)
            yield (
                "service",
                {"id": about, "organization_id": own, "name": service, "status": "active"},
            )
    yield from of_place(own, row)
    yield from of_phone({"organization_id": own}, row["phone"])
    yield from of_values(own, row, further[1:])


def of_place(own: str, row: Row) -> Iterator[Made]:
    """Its place, and the address; nothing where the hub knows no place."""
    town = " ".join(filter(None, (row["postcode"], row["city"])))
    region = row["region"] if row["region"] != row["city"] else None
    line = ", ".join(filter(None, (row["street"], town, region, row["country"])))
    if not line:
        return
    place = uuid_of("location", own)
    yield (
        "location",
        {"id": place, "location_type": "physical", "organization_id": own, "description": line},
    )
    parts = {said: row[name] for name, said in OF_ADDRESS.items()}
    yield (
        "address",
        {"id": uuid_of("address", own), "location_id": place, **parts, "address_type": "physical"},
    )


def of_phone(whose: dict[str, str], phone: str | None) -> Iterator[Made]:
    """A number, as the hub writes it: E.164, with `;ext=` where given."""
    if phone:
        number, _, extension = phone.partition(";ext=")
        about = uuid_of("phone", *whose.values())
        yield (
            "phone",
            {"id": about, **whose, "number": number, "extension": extension or None},
        )


def of_values(own: str, row: Row, names: list[str]) -> Iterator[Made]:
    """What it is sorted by, and the names there is no column for."""
    for taxonomy in OF_ONE_VALUE:
        if row[taxonomy]:
            yield from sorted_by(own, taxonomy, row[taxonomy])
    for taxonomy in OF_SEVERAL:
        for value in listed(row[taxonomy]):
            yield from sorted_by(own, taxonomy, value)
    for name in names:
        yield from sorted_by(own, OTHER_NAME, OTHER_NAME, name)


def sorted_by(own: str, taxonomy: str, value: str, said: str | None = None) -> Iterator[Made]:
    """One value that one partner has, its term, and the column it is of. said: a text that comes with it."""
    about, term = uuid_of("taxonomy", taxonomy), uuid_of("term", taxonomy, value)
    what = TAXONOMIES[taxonomy]
    described = what if said else f"{what.removesuffix('.')}: {value}"
    yield "taxonomy", {"id": about, "name": taxonomy, "description": what}
    yield (
        "taxonomy_term",
        {"id": term, "name": value, "description": described, "taxonomy": taxonomy, "taxonomy_id": about},
    )
    yield (
        "attribute",
        {
            "id": uuid_of("attribute", own, taxonomy, said or value),
            "link_id": own,
            "taxonomy_term_id": term,
            "link_type": taxonomy,
            "link_entity": "organization",
            "value": said,
            "label": said or value,
        },
    )


def of_program(row: Row) -> Iterator[Made]:
    """A list of ours that a partner is on: how we sort partners, no program of theirs."""
    yield from sorted_by(partner_id(row["partner_id"]), PROGRAM, row["program"])


def of_number(row: Row) -> Iterator[Made]:
    """A number in a register."""
    yield from identified(row, row["scheme"].replace("_", " ") or "register", row["scheme"])


def of_record(row: Row) -> Iterator[Made]:
    """A source record that a partner is made of."""
    yield from identified(row, f"record of {row['scheme']}", "")


def identified(row: Row, kind: str, scheme: str) -> Iterator[Made]:
    """An identifier of a partner. scheme: by our name for it."""
    own = partner_id(row["partner_id"])
    yield (
        "organization_identifier",
        {
            "id": uuid_of("organization_identifier", own, kind, row["identifier"]),
            "organization_id": own,
            "identifier_scheme": REGISTER_CODES.get(scheme),
            "identifier_type": kind,
            "identifier": row["identifier"],
        },
    )


def of_contacts(rows: list[Row]) -> Iterator[Made]:
    """The persons of one partner, each once however many roles they have."""
    roles: dict[str, list[Row]] = {}
    for row in rows:
        roles.setdefault(row["contact_id"], []).append(row)
    for person, having in roles.items():
        first, own = having[0], partner_id(having[0]["partner_id"])
        about = uuid_of("contact", own, person)
        role = ", ".join(row["role"] for row in having if row["role"])
        yield (
            "contact",
            {
                "id": about,
                "organization_id": own,
                "name": first["name"],
                "title": first["title"] or role or None,
                "email": first["email"],
            },
        )
        yield from of_phone({"contact_id": about}, first["phone"])


def of_change(row: Row, made: set[str]) -> Row | None:
    """A change as metadata of the row it is about; None for what this package holds nothing of. made: ids of rows."""
    own, field = partner_id(row["partner_id"]), row["field"]
    places = {
        **{name: ("address", uuid_of("address", own), said) for name, said in OF_ADDRESS.items()},
        "phone": ("phone", uuid_of("phone", own), "number"),
    }
    table, about, name = places.get(field, ("organization", own, own_name(field)))
    if name is None:
        return None
    if about not in made:
        table, about, name = "organization", own, field
    return {
        "id": uuid_of("metadata", str(row["change_id"]), own),
        "resource_id": about,
        "resource_type": table,
        "last_action_date": row["changed_at"].date().isoformat(),
        "last_action_type": action(row),
        "field_name": name,
        "previous_value": row["before"] or NOTHING,
        "replacement_value": row["after"] or NOTHING,
        "updated_by": f"Partner Hub, run {row['run_id']}",
    }


def own_name(field: str) -> str | None:
    """What a field of the hub is called in metadata of an organization; None for what the package does not hold."""
    if field == WHOLE:
        return "name"
    if field.startswith(PARTNERSHIP):
        return f"{PROGRAM}.{field.removeprefix(PARTNERSHIP)}"
    return OWN.get(field) or (field.removesuffix("_json") if field in SORTED else None)


def action(row: dict[str, Any]) -> str:
    """Whether an organization came, went, or something of it changed."""
    if row["field"] != WHOLE:
        return "update"
    return "delete" if row["after"] is None else "create"
