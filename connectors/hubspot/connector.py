"""The HubSpot connector: its settings, its streams, and which reader serves which stream."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import Field, PrivateAttr, SecretStr, StringConstraints, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from connectors.credential import SignsIn
from connectors.errors import FixSetup, SkipStream, SyncError
from connectors.hubspot.associations import AssociationReader
from connectors.hubspot.client import HubSpotClient, MissingScopes
from connectors.hubspot.objects import ObjectReader, Sizes
from connectors.hubspot.owners import OwnerReader
from connectors.hubspot.streams import (
    ASSOCIATIONS,
    OBJECTS,
    OWNERS,
    TYPE_IDS,
    association_stream,
    object_stream,
)
from connectors.oauth import GivenToken, RefreshedToken, SignIn
from connectors.record import CheckResult, CursorState, Page, Quota, Stream
from connectors.transport import Pace, Patience, encrypted_address

ObjectType = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]


class HubSpot(SignsIn):
    """One HubSpot account, read with the token of a private app or with an OAuth app."""

    name: ClassVar[str] = "hubspot"
    title: ClassVar[str] = "HubSpot"
    lasting: ClassVar[frozenset[str]] = frozenset({"token", "refresh_token"})
    quotas: ClassVar[tuple[Quota, ...]] = (
        Quota("a day", 250_000, 86_400, "HubSpot's usage guidelines, private apps, Free and Starter"),
        Quota("10 seconds", 100, 10, "HubSpot's usage guidelines, private apps, Free and Starter"),
    )

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="PARTNERHUB_HUBSPOT_")

    token: SecretStr = Field(
        default=SecretStr(""), description="access token of a private app with read scopes"
    )
    refresh_token: SecretStr = Field(
        default=SecretStr(""),
        description="of an OAuth app, instead of a token; with client_id and client_secret",
    )
    client_id: str = Field(default="", description="of that OAuth app")
    client_secret: SecretStr = Field(default=SecretStr(""), description="of that OAuth app")
    base_url: str = Field(default="https://api.hubapi.com", description="https, except on this machine")
    oauth_url: str = Field(
        default="https://api.hubapi.com/oauth/v1/token", description="where a refresh token is exchanged"
    )
    ca_bundle: Path | None = Field(default=None, description="PEM file of further certificate authorities")
    portal_id: str = Field(
        default="", description="the account's id, for links; learned by `check` when empty"
    )
    leave_out: tuple[str, ...] = Field(default=(), description="streams not to read")
    extra_objects: tuple[ObjectType, ...] = Field(
        default=(), description="further object types: products, 2-1234567"
    )
    properties: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="object → only these properties"
    )
    list_page_size: int = Field(default=100, ge=1, le=100, description="records per list page")
    search_page_size: int = Field(default=200, ge=1, le=200, description="records per search")
    refresh_associations_hours: float = Field(
        default=24.0, ge=0, description="re-read all associations this often"
    )
    requests_per_second: float = Field(
        default=9.0, ge=0, description="the hub's share of the account; 0 is no limit"
    )
    request_burst: int = Field(default=10, ge=1, description="requests at once before that limit holds")
    searches_per_second: float = Field(default=4.0, ge=0, description="HubSpot allows about 5; 0 is no limit")
    tries: int = Field(default=8, ge=1, description="requests at most for one answer")
    first_wait_seconds: float = Field(
        default=1.0, ge=0, description="doubles with each try, with full jitter"
    )
    deadline_seconds: float = Field(
        default=600.0, gt=0, description="time at most for one answer, waits included"
    )
    timeout_seconds: float = Field(
        default=60.0, gt=0, description="silence at most before a try counts as failed"
    )

    _account: str = PrivateAttr(default="")
    _pages_host: str = PrivateAttr(default="app.hubspot.com")
    _client: HubSpotClient | None = PrivateAttr(default=None)
    _readers: dict[str, ObjectReader] = PrivateAttr(default_factory=dict)

    @field_validator("base_url", "oauth_url")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        """Refuse to send a token unencrypted, except to this machine."""
        return encrypted_address(value, "addresses")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        """Refuse settings that name no complete way to sign in, or two."""
        given = self._oauth_form()
        missing = sorted(name for name, value in given.items() if not value)
        if len(missing) == len(given) and not self.token.get_secret_value():
            raise ValueError("set token, or refresh_token with client_id and client_secret")
        if 0 < len(missing) < len(given):
            raise ValueError(f"an OAuth app needs {', '.join(given)}; missing: {', '.join(missing)}")
        if not missing and self.token.get_secret_value():
            raise ValueError("set either token, or refresh_token with client_id and client_secret")
        return self

    def _oauth_form(self) -> dict[str, str]:
        return {
            "refresh_token": self.refresh_token.get_secret_value(),
            "client_id": self.client_id,
            "client_secret": self.client_secret.get_secret_value(),
        }

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        """Refuse names that would silently do nothing."""
        kinds = {*OBJECTS, *self.extra_objects}
        streams = kinds | {OWNERS.name} | {f"{one}_to_{other}" for one, other in ASSOCIATIONS}
        for setting, names, known in (
            ("leave_out", self.leave_out, streams),
            ("properties", self.properties, kinds),
        ):
            if strange := sorted(set(names) - known):
                raise ValueError(
                    f"{setting}: there is no {', '.join(strange)}; use {', '.join(sorted(known))}"
                )
        return self

    def streams(self) -> tuple[Stream, ...]:
        """Owners, objects, then associations; without those left out."""
        objects = [object_stream(kind) for kind in (*OBJECTS, *self.extra_objects)]
        associations = [association_stream(pair) for pair in ASSOCIATIONS]
        return tuple(
            stream for stream in (OWNERS, *objects, *associations) if stream.name not in self.leave_out
        )

    def check(self) -> CheckResult:
        """Ask for the account and for one record of each kind. Raises `FixSetup` or `RetryLater`."""
        client = self.client()
        details = client.account().json
        self._account = str(details.get("portalId") or "")
        self._pages_host = str(details.get("uiDomain") or self._pages_host)
        wanted = ("accountType", "timeZone", "uiDomain", "dataHostingLocation")
        shown = {name: str(details[name]) for name in wanted if details.get(name)}
        return CheckResult(account=self._account, details=shown, missing_scopes=self._missing_scopes(client))

    def _missing_scopes(self, client: HubSpotClient) -> tuple[str, ...]:
        """The scopes HubSpot names when one record and the properties of each kind are asked for.

        Where it refuses without naming a scope, the path it refused.
        """
        missing: list[str] = []
        for path in self._probed_paths():
            try:
                client.get(path, {"limit": "1"})
            except MissingScopes as refusal:
                missing += refusal.scopes
            except SkipStream:
                missing.append(path)
        return tuple(dict.fromkeys(missing))

    def _probed_paths(self) -> list[str]:
        """What `check` asks for: everything that pulling the streams will."""
        kinds = [kind for kind in (*OBJECTS, *self.extra_objects) if kind not in self.leave_out]
        objects = [f"/crm/v3/objects/{kind}" for kind in kinds]
        schemas = [f"/crm/v3/properties/{kind}" for kind in kinds if kind not in self.properties]
        return [*objects, *schemas, *([] if OWNERS.name in self.leave_out else ["/crm/v3/owners"])]

    def pull(self, stream: str, cursor: CursorState | None, *, full: bool = False) -> Iterator[Page]:
        """Pages of one stream; see `Connector.pull`. Raises `FixSetup` for a stream there is none of."""
        try:
            yield from self._pages(stream, cursor, full=full)
        except SyncError as failure:
            failure.at(source=self.source, stream=stream)
            raise

    def _pages(self, stream: str, cursor: CursorState | None, *, full: bool) -> Iterator[Page]:
        if stream == OWNERS.name:
            return OwnerReader(self.client(), self.list_page_size).pull(cursor, full=full)
        if stream in (*OBJECTS, *self.extra_objects):
            return self._reader(stream).pull(cursor, full=full)
        for from_kind, to_kind in ASSOCIATIONS:
            if stream == f"{from_kind}_to_{to_kind}":
                refresh = timedelta(hours=self.refresh_associations_hours)
                return AssociationReader(self._reader(from_kind), to_kind, refresh).pull(cursor, full=full)
        raise FixSetup(
            code="unknown_stream",
            do=f"Use one of: {', '.join(one.name for one in self.streams())}.",
            happened=f"HubSpot has no stream called {stream!r}.",
        )

    def count(self, stream: str) -> int | None:
        """How many live records the search index holds; None for owners and associations."""
        return self._reader(stream).count() if stream in (*OBJECTS, *self.extra_objects) else None

    def described_fields(self, stream: str) -> dict[str, str] | None:
        """The properties of a kind of object; None for owners and associations."""
        return self._reader(stream).described() if stream in (*OBJECTS, *self.extra_objects) else None

    def deep_link(self, stream: str, source_id: str) -> str | None:
        """The record's page in HubSpot, once the account is known (setting `portal_id`, or after `check`)."""
        account = self.portal_id or self._account
        kind = TYPE_IDS.get(stream) or (stream if stream in self.extra_objects else None)
        if not account or not kind:
            return None
        return f"https://{self._pages_host}/contacts/{account}/record/{kind}/{source_id}"

    def client(self) -> HubSpotClient:
        """The account's client, made once, so that all streams share its pace."""
        if self._client is None:
            patience = Patience(
                tries=self.tries,
                first_wait=self.first_wait_seconds,
                deadline=self.deadline_seconds,
                read_timeout=self.timeout_seconds,
            )
            self._client = HubSpotClient(
                base_url=self.base_url,
                sign_in=self._sign_in(patience),
                ca_bundle=str(self.ca_bundle) if self.ca_bundle else None,
                patience=patience,
                pace=Pace(self.requests_per_second, self.request_burst, patience=patience),
                search_pace=Pace(
                    self.searches_per_second, max(1, int(self.searches_per_second)), patience=patience
                ),
            )
        return self._client

    def _sign_in(self, patience: Patience) -> SignIn:
        token = self.token.get_secret_value()
        ca_bundle = str(self.ca_bundle) if self.ca_bundle else None
        if token:
            return GivenToken(token)
        return RefreshedToken(self.title, self.oauth_url, self._oauth_form(), patience, ca_bundle)

    def _reader(self, kind: str) -> ObjectReader:
        """The reader of one kind of object, made once, so that its properties are described once."""
        if kind not in self._readers:
            sizes = Sizes(self.list_page_size, self.search_page_size)
            self._readers[kind] = ObjectReader(self.client(), kind, sizes, self.properties.get(kind))
        return self._readers[kind]
