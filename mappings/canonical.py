"""The canonical staged records: the only definition of a field. Warehouse tables inherit from these models.

A staged record is what one source record says, in canonical terms. Its key is `record`
(`source/stream/source_id`, with `#part` when one source record says several things of one type). Times are UTC text
`YYYY-MM-DDTHH:MM:SS.ffffffZ`, dates are `YYYY-MM-DD`, money is integer minor units beside an ISO 4217 currency,
`*_json` columns hold JSON text with sorted keys. Empty means null, never an empty string.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import StringConstraints
from sqlmodel import Field, SQLModel

TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"
DATE = r"^\d{4}-\d\d-\d\d$"

UtcTime = Annotated[str, StringConstraints(pattern=TIME)]
IsoDate = Annotated[str, StringConstraints(pattern=DATE)]
Filled = Annotated[str, StringConstraints(min_length=1)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

WITHOUT_MINOR_UNITS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
     "VUV", "XAF", "XOF", "XPF"}
)  # fmt: skip
THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
"""Decimal places of money by ISO 4217; every other currency has two."""


def record_key(source: str, stream: str, source_id: str, part: str = "") -> str:
    """The one text key of a staged record. `#` in ids is escaped, so a part can always be told from an id."""
    key = f"{source}/{stream}/{source_id.replace('#', '%23')}"
    return f"{key}#{part}" if part else key


class Staged(SQLModel):
    """What every staged record carries: its key, the raw version and the rules it was made from.

    deleted_at: when the source said the record was deleted; null while it lives. Deleted records are kept.
    custom_json: fields without a staged name, as `{name: value}`; they take part in golden as `custom.<name>`.
    """

    kind_name: ClassVar[str]

    record: Filled
    source: Filled
    stream: Filled
    source_id: Filled
    raw_id: int
    rules: str
    deleted_at: UtcTime | None = None
    created_at: UtcTime | None = None
    modified_at: UtcTime | None = None
    custom_json: str | None = None


class Organization(Staged):
    """One source's view of one organization."""

    kind_name = "organization"

    name: Filled
    legal_name: str | None = None
    other_names_json: str | None = Field(default=None, description="JSON list of further names")
    website: str | None = None
    host: str | None = Field(default=None, description="host of the website, lower case, without www")
    domain: str | None = Field(default=None, description="registrable domain of the website")
    email: str | None = None
    phone: str | None = Field(default=None, description="E.164, with ;ext= where given")
    street: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: Country | None = None
    industry: str | None = None
    employees: int | None = None
    description: str | None = None
    account_type: str | None = Field(default=None, description="the source's own type: PARTNER, CUSTOMER, …")
    roles_json: str | None = Field(default=None, description="JSON list of roles: reseller, delivery, …")
    labels_json: str | None = Field(default=None, description="JSON list of labels or tags")
    status: str | None = None
    tier: str | None = None
    stage: str | None = Field(default=None, description="the stage as this source says it")
    services: str | None = None
    notes: str | None = None
    owner_record: str | None = Field(default=None, description="record key of the colleague who owns it")
    annual_value_minor: int | None = Field(
        default=None, description="what the relationship is worth a year, in minor units of currency"
    )
    currency: Currency | None = Field(default=None, description="ISO 4217, of annual_value_minor")
    renews_on: IsoDate | None = Field(default=None, description="when the relationship is next renewed")
    reviewed_on: IsoDate | None = Field(default=None, description="when it was last reviewed with them")


class Person(Staged):
    """One source's view of one person outside our own company."""

    kind_name = "person"

    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None
    title: str | None = None
    city: str | None = None
    country: Country | None = None
    company_name: str | None = Field(
        default=None, description="the employer as free text, where the source has it"
    )
    owner_record: str | None = None


class Relation(Staged):
    """One link a source states between two of its records, with role and interval.

    kind: `works_at` (person to organization), `parent_of`, `branch_of`, `family` (organization to organization; of a
    family nobody knows which stands above), `party` (deal to organization or person), `about` (touchpoint, work item
    or document to organization, person or deal).
    """

    kind_name = "relation"

    kind: Filled
    from_record: Filled
    to_record: Filled
    role: str | None = None
    since: IsoDate | None = None
    until: IsoDate | None = None


class Colleague(Staged):
    """One of our own users or mailboxes."""

    kind_name = "colleague"

    name: str | None = None
    email: str | None = None
    active: bool = True
    team: str | None = None


class Touchpoint(Staged):
    """One interaction: a mail, call, meeting, note.

    same_as: equal for copies of one fact seen in several places (`mail:<message-id>:<hash>`, `ical:<uid>`); null when
        the source record stands for itself.
    nature: `person` (people talking), `auto_reply`, `bounce`, `list` (newsletters, bulk), `invite`.
    text: what was said; `quoted` keeps what it answers, `signature` how it was signed.
    """

    kind_name = "touchpoint"

    kind: Filled
    same_as: str | None = None
    happened_at: UtcTime
    ended_at: UtcTime | None = None
    direction: str | None = Field(default=None, description="in, out or internal")
    nature: str = "person"
    subject: str | None = None
    text: str | None = None
    quoted: str | None = None
    left_out: str | None = Field(
        default=None, description="why the text stayed at the source: left_by_policy, too_large, …"
    )
    thread: str | None = None
    mailbox: str | None = Field(default=None, description="the mailbox or user it was seen in")
    sensitivity: str = "normal"
    status: str | None = None
    owner_record: str | None = None
    deep_link: str | None = None
    signature: str | None = Field(default=None, description="what the sender signed with, split off the text")
    recurrence: str | None = Field(
        default=None,
        description="how a series of meetings recurs (iCalendar RRULE); happened_at is its first",
    )
    revision: str | None = Field(
        default=None, description="orders copies of one fact: the latest revision is how it is shown"
    )


class Deal(Staged):
    """One sales opportunity, with the stage as the source says it."""

    kind_name = "deal"

    name: Filled
    amount_minor: int | None = None
    currency: Currency | None = None
    pipeline: str | None = None
    stage: str | None = None
    status: str | None = Field(default=None, description="open, won or lost")
    close_date: IsoDate | None = None
    deal_type: str | None = None
    owner_record: str | None = None


class DealStageChange(Staged):
    """A deal entered a stage at a time."""

    kind_name = "deal_stage_change"

    deal_record: Filled
    stage: Filled
    changed_at: UtcTime


class WorkItem(Staged):
    """A task, ticket or issue."""

    kind_name = "work_item"

    kind: Filled
    title: Filled
    status: str | None = None
    priority: str | None = None
    due_at: UtcTime | None = None
    done_at: UtcTime | None = None
    text: str | None = None
    owner_record: str | None = None


class Document(Staged):
    """A file: an attachment, a deck, an upload. `sha256` names its bytes in `raw_blob` where they were fetched."""

    kind_name = "document"

    title: Filled
    media_type: str | None = None
    size_bytes: int | None = None
    sha256: str | None = None
    parent_record: str | None = Field(default=None, description="the touchpoint or work item it hangs on")
    not_fetched: str | None = Field(
        default=None, description="reason code when the bytes were left at the source"
    )


class Passage(Staged):
    """An immutable piece of text in a document, citable for ever: part or slide and shape path."""

    kind_name = "passage"

    document_record: Filled
    place: Filled
    extractor: Filled
    sha256: Filled
    text: str


class Agreement(Staged):
    """A contract or agreement with an organization."""

    kind_name = "agreement"

    title: Filled
    organization_record: str | None = None
    starts_on: IsoDate | None = None
    ends_on: IsoDate | None = None
    renews_on: IsoDate | None = None
    status: str | None = None
    amount_minor: int | None = None
    currency: Currency | None = None
    kind: str | None = Field(default=None, description="contract, amendment, nda, …")
    text: str | None = None
    owner_record: str | None = None
    reviewed_on: IsoDate | None = None


class Commitment(Staged):
    """Something one side promised the other: an obligation with a day by which it is due."""

    kind_name = "commitment"

    title: Filled
    text: str | None = None
    promised_on: IsoDate | None = None
    due_on: IsoDate | None = None
    done_on: IsoDate | None = None
    status: str | None = None
    organization_record: str | None = None
    agreement_record: str | None = Field(default=None, description="the agreement it is part of")
    owner_record: str | None = None


class Location(Staged):
    """A place of an organization (HSDS location)."""

    kind_name = "location"

    organization_record: Filled
    name: str | None = None
    street: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: Country | None = None
    latitude: float | None = None
    longitude: float | None = None


class Service(Staged):
    """A service an organization offers (HSDS service)."""

    kind_name = "service"

    organization_record: Filled
    name: Filled
    description: str | None = None
    status: str | None = None


class Key(SQLModel):
    """One identifying value of one staged organization or person: the index for linking, blocking and search.

    kind: email, host, domain, phone, name, name_text, registry, crm_id. scheme: the registry or id scheme, else ''.
    normalized: what is compared. original: what the source wrote.
    """

    record: Filled
    kind: Filled
    scheme: str = ""
    normalized: Filled
    original: str
    entity: Filled = Field(description="organization, person or colleague")
    source: Filled


class Participant(SQLModel):
    """One address on one touchpoint. address: normalized e-mail or null; person_record: where the source links one."""

    record: Filled
    position: int
    role: Filled = Field(description="from, to, cc, bcc, attendee, organizer")
    address: str | None = None
    name: str | None = None
    person_record: str | None = None


STAGED_KINDS: tuple[type[Staged], ...] = (
    Organization,
    Person,
    Relation,
    Colleague,
    Touchpoint,
    Deal,
    DealStageChange,
    WorkItem,
    Document,
    Passage,
    Agreement,
    Commitment,
    Location,
    Service,
)
"""Every staged type; a table each."""
