"""The Salesforce connector: its settings, its streams, and what `check` proves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, SecretStr, StringConstraints, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from connectors.credential import SignsIn, end_of_certificates, secret_in
from connectors.errors import FixSetup, SkipStream, SyncError
from connectors.record import CheckResult, CursorState, JsonObject, Page, Quota, Stream
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.ids import long_id
from connectors.salesforce.objects import ObjectReader
from connectors.salesforce.signin import Credentials
from connectors.salesforce.streams import EXPECTED, LARGEST_PAGE, OBJECTS, WITHOUT_PAGE, object_stream
from connectors.transport import Pace, Patience

ObjectName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
ObjectKind = Literal[
    "known",
    "raw",
    "organization",
    "person",
    "deal",
    "agreement",
    "commitment",
    "work_item",
    "meeting",
    "call",
    "note",
]
"""What the records of a further object are. known: as the hub's mapping says, else raw; raw: kept as they come."""

ORGANIZATION = "SELECT Id, Name, OrganizationType, InstanceName, IsSandbox FROM Organization"


class Salesforce(SignsIn):
    """One Salesforce org, read as one integration user."""

    name: ClassVar[str] = "salesforce"
    title: ClassVar[str] = "Salesforce"
    lasting: ClassVar[frozenset[str]] = frozenset({"client_secret"})
    quotas: ClassVar[tuple[Quota, ...]] = (
        Quota(
            "a day", 100_000, 86_400, "Salesforce's API request limits, Enterprise Edition, without its users"
        ),
    )

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="PARTNERHUB_SALESFORCE_")

    instance_url: str = Field(
        default="", description="the org's own address, https://acme.my.salesforce.com; by key it is learned"
    )
    login_url: str = Field(
        default="https://login.salesforce.com", description="where the key signs in; sandboxes: test"
    )
    client_id: str = Field(default="", description="consumer key of the connected app")
    client_secret: SecretStr | None = Field(
        default=None, description="consumer secret, for the client credentials flow"
    )
    username: str = Field(default="", description="the integration user, for sign-in by key")
    private_key: SecretStr | None = Field(default=None, description="RSA key as PEM text, for sign-in by key")
    private_key_file: Path | None = Field(default=None, description="the same key, as a file")
    certificate_file: Path | None = Field(
        default=None, description="the certificate that was uploaded for the key: it says when the key ends"
    )
    token: SecretStr | None = Field(default=None, description="an access token made elsewhere; it expires")
    ca_bundle: Path | None = Field(default=None, description="PEM file of further certificate authorities")
    objects: dict[ObjectName, ObjectKind] = Field(
        default_factory=dict,
        description="further objects, each with what its records are: {Visit__c: meeting}; a list leaves them as known",
    )
    leave_out: tuple[str, ...] = Field(default=(), description="objects not to read")
    api_version: str = Field(default="61.0", pattern=r"^\d\d\.0$", description="version of the REST API")
    page_size: int = Field(
        default=LARGEST_PAGE,
        ge=1,
        le=LARGEST_PAGE,
        description="records per answer; Salesforce may send fewer",
    )
    read_all_days: float = Field(
        default=7.0, ge=0, le=14.0, description="read everything again this often, to find purged records"
    )
    reserve_percent: float = Field(
        default=10.0, ge=0, le=90.0, description="share of the org's daily API calls left to others"
    )
    requests_per_second: float = Field(default=10.0, ge=0, description="0 is no limit")
    tries: int = Field(default=8, ge=1, description="requests at most for one answer")
    first_wait_seconds: float = Field(
        default=1.0, ge=0, description="doubles with each try, with full jitter"
    )
    deadline_seconds: float = Field(
        default=600.0, gt=0, description="time at most for one answer, waits included"
    )
    timeout_seconds: float = Field(
        default=150.0, gt=0, description="silence at most before a try counts as failed"
    )

    _client: SalesforceClient | None = PrivateAttr(default=None)
    _readers: dict[str, ObjectReader] = PrivateAttr(default_factory=dict)

    @field_validator("objects", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """A mere list of objects says nothing about what they are."""
        return dict.fromkeys(value, "known") if isinstance(value, (list, tuple)) else value

    @field_validator("instance_url", "login_url")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        """Refuse to send a secret unencrypted: Salesforce is never spoken to in plain text."""
        parts = urlsplit(value)
        if value and (parts.scheme != "https" or not parts.hostname):
            raise ValueError("write the address with https://")
        return f"https://{parts.netloc}" if value else ""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        """Refuse settings that name no complete way to sign in, or objects that would silently do nothing."""
        by_key = bool(self.private_key or self.private_key_file)
        ways = {"token": self.token, "client_secret": self.client_secret, "private_key": by_key}
        given = [name for name, value in ways.items() if value]
        if len(given) != 1:
            raise ValueError("give exactly one of token, client_secret, and private_key or private_key_file")
        if given == ["private_key"] and not (self.client_id and self.username):
            raise ValueError("sign-in by key needs client_id and username")
        if given == ["client_secret"] and not (self.client_id and self.instance_url):
            raise ValueError("client credentials need client_id, and instance_url: your My Domain")
        if given == ["token"] and not self.instance_url:
            raise ValueError("a token needs instance_url")
        if told := sorted(name for name in OBJECTS if self.objects.get(name, "known") != "known"):
            raise ValueError(
                f"objects: {', '.join(told)} is read anyway; say under `fields` where its values stand"
            )
        if strange := sorted(set(self.leave_out) - {*OBJECTS, *self.objects}):
            raise ValueError(f"leave_out: there is no {', '.join(strange)} among the objects read")
        return self

    def streams(self) -> tuple[Stream, ...]:
        """One stream an object, called like it; without those left out."""
        return tuple(object_stream(name) for name in self._names())

    def _names(self) -> tuple[str, ...]:
        names = dict.fromkeys((*OBJECTS, *self.objects))
        return tuple(name for name in names if name not in self.leave_out)

    def check(self) -> CheckResult:
        """Ask who the org is, which objects the user sees, and how many calls are left.

        `missing_scopes` names each permission that lacks, as an administrator would look for it. Raises `FixSetup` or
        `RetryLater`.
        """
        client = self.client()
        found = client.query(ORGANIZATION, deleted=False).json["records"]
        if not found:
            raise FixSetup(
                code="no_organization",
                do="Give the integration user the permission API Enabled and a standard profile.",
                happened="The user cannot see its own org.",
            )
        org = found[0]
        wanted = ("Name", "OrganizationType", "InstanceName", "IsSandbox")
        details = {name: str(org[name]) for name in wanted if org.get(name) is not None}
        missing = self._missing_permissions(client)
        return CheckResult(long_id(str(org["Id"])), details | self._calls_left(client), missing)

    def _missing_permissions(self, client: SalesforceClient) -> tuple[str, ...]:
        """The permissions the streams would miss: objects not readable, fields everybody needs and this user lacks."""
        listed = client.get("sobjects/", must_list="sobjects").json["sobjects"]
        readable = {one["name"] for one in listed if isinstance(one, dict) and one.get("queryable")}
        missing: list[str] = []
        for name in self._names():
            if name not in readable:
                missing.append(f"object {name}: Read")
                continue
            visible = set(self._reader(name).shape().columns)
            missing += [f"field {name}.{one}: Read" for one in EXPECTED.get(name, ()) if one not in visible]
        return tuple(missing)

    def _calls_left(self, client: SalesforceClient) -> dict[str, str]:
        """How many of the day's API calls are left: by the limits resource, else by the header of any answer."""
        try:
            daily: JsonObject = client.get("limits/").json.get("DailyApiRequests") or {}
        except SkipStream:
            daily = {}
        if "Remaining" in daily and "Max" in daily:
            return {"api_calls_left": f"{daily['Remaining']} of {daily['Max']}"}
        usage = client.usage
        return {"api_calls_left": f"{usage.allowed - usage.used} of {usage.allowed}"} if usage else {}

    def pull(self, stream: str, cursor: CursorState | None, *, full: bool = False) -> Iterator[Page]:
        """Pages of one object; see `Connector.pull`. Raises `FixSetup` for a stream there is none of."""
        try:
            yield from self._known(stream).pull(cursor, full=full)
        except SyncError as failure:
            failure.at(source=self.source, stream=stream)
            raise

    def count(self, stream: str) -> int | None:
        """How many live records of the object the user may see."""
        try:
            return self._known(stream).count()
        except SyncError as failure:
            failure.at(source=self.source, stream=stream)
            raise

    def described_fields(self, stream: str) -> dict[str, str] | None:
        """The fields of the object that the user may read."""
        return {name: name for name in self._known(stream).shape().columns}

    def deep_link(self, stream: str, source_id: str) -> str | None:
        """The record's page, once the org's address is known (setting `instance_url`, or after any request)."""
        session = self._client.session if self._client else None
        address = session.instance_url if session else self.instance_url
        if not address or stream in WITHOUT_PAGE:
            return None
        return f"{address}/lightning/r/{stream}/{source_id}/view"

    def signs_in_with(self) -> str:
        """The secret of the one way in that is given."""
        return "private_key_file" if self.private_key_file else super().signs_in_with()

    def credential_ends(self, setting: str) -> str | None:
        """A key ends with its certificate, which stands in a file of its own or beside the key."""
        if setting == "token":
            return super().credential_ends(setting)
        written = [secret_in(self.private_key).encode()]
        for file in filter(None, (self.certificate_file, self.private_key_file)):
            with suppress(OSError):
                written.append(file.read_bytes())
        return min(filter(None, map(end_of_certificates, written)), default=None)

    def client(self) -> SalesforceClient:
        """The org's client, made once, so that all streams share its session and pace."""
        if self._client is None:
            patience = Patience(
                tries=self.tries,
                first_wait=self.first_wait_seconds,
                deadline=self.deadline_seconds,
                read_timeout=self.timeout_seconds,
            )
            self._client = SalesforceClient(
                self._credentials(),
                version=self.api_version,
                ca_bundle=self.ca_bundle,
                patience=patience,
                pace=Pace(self.requests_per_second, max(1, int(self.requests_per_second)), patience=patience),
                reserve=self.reserve_percent / 100,
            )
        return self._client

    def _credentials(self) -> Credentials:
        """What the settings give to sign in with; reads the key's file. Raises `FixSetup` when it cannot."""
        key = self.private_key.get_secret_value() if self.private_key else ""
        if self.private_key_file:
            try:
                key = self.private_key_file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                key = ""
            if not key:
                raise FixSetup(
                    code="no_private_key",
                    do="Correct `private_key_file`, and let the hub's user read it.",
                    happened="The file with the private key is empty or cannot be read.",
                )
        return Credentials(
            instance_url=self.instance_url,
            login_url=self.login_url,
            token=self.token.get_secret_value() if self.token else "",
            client_id=self.client_id,
            client_secret=self.client_secret.get_secret_value() if self.client_secret else "",
            username=self.username,
            private_key=key,
        )

    def _known(self, stream: str) -> ObjectReader:
        if stream not in self._names():
            raise FixSetup(
                code="unknown_stream",
                do=f"Use one of: {', '.join(self._names())}; name further ones in `objects`.",
                happened=f"This source has no stream called {stream!r}.",
            )
        return self._reader(stream)

    def _reader(self, name: str) -> ObjectReader:
        """The reader of one object, made once, so that the object is described once."""
        if name not in self._readers:
            refresh = timedelta(days=self.read_all_days)
            self._readers[name] = ObjectReader(self.client(), name, self.page_size, refresh)
        return self._readers[name]
