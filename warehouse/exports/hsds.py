"""The Human Services Data Specification, 3.1 (Open Referral): the tables the hub has something to say in.

Every field of these tables is here, in the order of the specification, with what it has to be; `of` is where the hub's
value comes from, empty for what the hub does not know. Tables the hub knows nothing for are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from warehouse.marts.mart import PERSONAL

VERSION: Final = "3.1"
PACKAGE_VERSION: Final = "3.1.0"
REGISTER_CODES: Final = {
    "lei": "XI-LEI",
    "ein": "US-EIN",
    "companies_house": "GB-COH",
    "charity_commission": "GB-CHC",
    "oscr": "GB-SC",
    "ccni": "GB-NIC",
    "kvk": "NL-KVK",
    "kbo": "BE-BCE_KBO",
    "orgnr": "NO-BRC",
    "cvr": "DK-CVR",
    "ytunnus": "FI-PRO",
    "abn": "AU-ABN",
    "jcn": "JP-JCN",
}
"""Scheme of a number, as the hub calls it → its code at org-id.guide; the mappings read numbers by the same codes."""
Type = Literal["string", "number", "date", "datetime"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column. format: uuid, email or uri. among: the only values it may have. of: where the hub has it from."""

    name: str
    type: Type = "string"
    format: str = ""
    needed: bool = False
    among: tuple[str, ...] = ()
    of: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file. grain: what a row is, as the hub fills it."""

    name: str
    path: str
    grain: str
    fields: tuple[Field, ...]
    refers: tuple[tuple[str, str], ...] = ()
    """Column → the table whose id it holds; tables that are not here are not named."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its fields."""
        return tuple(field.name for field in self.fields)


def key(of: str = "made of what the row is about: the same in every export") -> Field:
    """The id of a row."""
    return Field("id", format="uuid", needed=True, of=of)


def link(name: str, of: str = "", *, needed: bool = False) -> Field:
    """The id of another row."""
    return Field(name, format="uuid", needed=needed, of=of)


def said(name: str, of: str, *tags: str) -> Field:
    """A text that must be there."""
    return Field(name, needed=True, of=of, tags=tags)


def unsaid(*names: str) -> tuple[Field, ...]:
    """Texts the hub does not know."""
    return tuple(Field(name) for name in names)


PARTNER: Final = "the partner's id"
PLACES: Final = ("physical", "postal", "virtual")
ORGANIZATION: Final = Table(
    "organization",
    "organizations.csv",
    "One partner, as the hub publishes it now.",
    (
        key("dim_partner.partner_id"),
        said("name", "dim_partner.name"),
        Field("alternate_name", of="dim_partner.legal_name where it differs, else the first other name"),
        said("description", "organization.description, else the name"),
        Field("email", format="email", of="dim_partner.email", tags=(PERSONAL,)),
        Field("website", format="uri", of="dim_partner.website"),
        *unsaid("tax_status", "tax_id"),
        Field("year_incorporated", "number"),
        *unsaid("legal_status", "logo"),
        Field("uri", format="uri"),
        link("parent_organization_id"),
    ),
)
IDENTIFIER: Final = Table(
    "organization_identifier",
    "organization_identifiers.csv",
    "One number of a partner in a register, or one source record it is made of.",
    (
        key(),
        link("organization_id", PARTNER, needed=True),
        Field("identifier_scheme", of="code of the register at org-id.guide, where it has one"),
        said("identifier_type", "the register, or `record of <source>`"),
        said("identifier", "the number; the record key"),
    ),
    (("organization_id", "organization"),),
)
SERVICE: Final = Table(
    "service",
    "services.csv",
    "One service a partner offers, of those that stand in its field one behind the other.",
    (
        key(),
        link("organization_id", PARTNER, needed=True),
        link("program_id"),
        said("name", "organization.services"),
        *unsaid("alternate_name", "description"),
        Field("url", format="uri"),
        Field("email", format="email"),
        Field(
            "status",
            needed=True,
            among=("active", "inactive", "defunct", "temporarily closed"),
            of="`active`: a record that lives names it",
        ),
        *unsaid("interpretation_services", "application_process", "fees_description", "wait_time", "fees"),
        *unsaid("accreditations", "eligibility_description"),
        Field("minimum_age", "number"),
        Field("maximum_age", "number"),
        Field("assured_date", "date"),
        Field("assurer_email", format="email"),
        *unsaid("licenses", "alert"),
        Field("last_modified", "datetime"),
    ),
    (("organization_id", "organization"),),
)
LOCATION: Final = Table(
    "location",
    "locations.csv",
    "The place of a partner.",
    (
        key(),
        Field("location_type", needed=True, among=PLACES, of="`physical`"),
        Field("url", format="uri"),
        link("organization_id", PARTNER),
        *unsaid("name", "alternate_name"),
        Field("description", of="the address in one line, even where it is too short for a row of `address`"),
        *unsaid("transportation"),
        Field("latitude", "number"),
        Field("longitude", "number"),
        *unsaid("external_identifier", "external_identifier_type"),
    ),
    (("organization_id", "organization"),),
)
ADDRESS: Final = Table(
    "address",
    "addresses.csv",
    "The address of a place, where all is known that it must say.",
    (
        key(),
        link("location_id", "the place"),
        *unsaid("attention"),
        said("address_1", "dim_partner.street"),
        *unsaid("address_2"),
        said("city", "dim_partner.city"),
        *unsaid("region"),
        said("state_province", "dim_partner.region"),
        said("postal_code", "dim_partner.postcode"),
        said("country", "dim_partner.country"),
        Field("address_type", needed=True, among=PLACES, of="`physical`"),
    ),
    (("location_id", "location"),),
)
CONTACT: Final = Table(
    "contact",
    "contacts.csv",
    "One person at one partner now.",
    (
        key(),
        link("organization_id", PARTNER),
        link("service_id"),
        link("service_at_location_id"),
        link("location_id"),
        Field("name", of="dim_contact.name", tags=(PERSONAL,)),
        Field("title", of="dim_contact.title, else bridge_contact_partner.role"),
        *unsaid("department"),
        Field("email", format="email", of="dim_contact.email", tags=(PERSONAL,)),
    ),
    (("organization_id", "organization"), ("service_id", "service"), ("location_id", "location")),
)
PHONE: Final = Table(
    "phone",
    "phones.csv",
    "One number of a partner or of a person there.",
    (
        key(),
        link("location_id"),
        link("service_id"),
        link("organization_id", PARTNER),
        link("contact_id", "the person"),
        link("service_at_location_id"),
        said("number", "dim_partner.phone, dim_contact.phone; E.164", PERSONAL),
        Field("extension", "number", of="what stands behind `;ext=`"),
        *unsaid("type", "description"),
    ),
    (
        ("location_id", "location"),
        ("service_id", "service"),
        ("organization_id", "organization"),
        ("contact_id", "contact"),
    ),
)
TAXONOMY: Final = Table(
    "taxonomy",
    "taxonomies.csv",
    "One way the hub sorts partners.",
    (
        key(),
        said("name", "the column of the hub"),
        said("description", "what it says"),
        Field("uri", format="uri"),
        *unsaid("version"),
    ),
)
TERM: Final = Table(
    "taxonomy_term",
    "taxonomy_terms.csv",
    "One value of such a column that a partner of this package has.",
    (
        key(),
        *unsaid("code"),
        said("name", "the value"),
        said("description", "the column and the value"),
        link("parent_id"),
        Field("taxonomy", of="the column of the hub"),
        *unsaid("language"),
        link("taxonomy_id", "the column"),
        Field("term_uri", format="uri"),
    ),
    (("taxonomy_id", "taxonomy"),),
)
ATTRIBUTE: Final = Table(
    "attribute",
    "attributes.csv",
    "One value that one partner has.",
    (
        key(),
        link("link_id", PARTNER, needed=True),
        link("taxonomy_term_id", "the value", needed=True),
        Field("link_type", of="the column of the hub"),
        said("link_entity", "`organization`"),
        Field("value", of="a further name, for terms of `other_name`"),
        Field("label", of="the value, as people read it"),
    ),
    (("taxonomy_term_id", "taxonomy_term"),),
)
METADATA: Final = Table(
    "metadata",
    "metadata.csv",
    "One change of one field that stands in this package, as the hub published it.",
    (
        key(),
        link("resource_id", "the row it is about", needed=True),
        said("resource_type", "its table"),
        Field("last_action_date", "date", needed=True, of="day of fct_partner_change.changed_at, UTC"),
        said("last_action_type", "create, update or delete"),
        said("field_name", "the field here; what no row here holds, as the hub calls it"),
        said("previous_value", "fct_partner_change.before; `null` for nothing", PERSONAL),
        said("replacement_value", "fct_partner_change.after; `null` for nothing", PERSONAL),
        said("updated_by", "the run of the hub, fct_partner_change._hub_run_id"),
    ),
)
TABLES: Final = (
    ORGANIZATION,
    IDENTIFIER,
    SERVICE,
    LOCATION,
    ADDRESS,
    CONTACT,
    PHONE,
    TAXONOMY,
    TERM,
    ATTRIBUTE,
    METADATA,
)
