"""The Asana connector: its settings, its streams, and which reader serves which stream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Final, Self

from pydantic import Field, PrivateAttr, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from connectors.asana.client import AsanaClient, EventsLost, MissingScopes
from connectors.asana.lists import ListReader, PartSweep
from connectors.asana.stories import StorySweep
from connectors.asana.streams import FIELDS, LARGEST_PAGE, SCOPES, STREAMS, WITH_CUSTOM_FIELDS, fields_of
from connectors.asana.sweep import Scope, Sweep
from connectors.asana.tasks import Handover, TaskSweep
from connectors.credential import SignsIn
from connectors.errors import FixSetup, SkipStream, SyncError
from connectors.oauth import GivenToken, RefreshedToken, SignIn
from connectors.record import CheckResult, CursorState, JsonObject, Page, Quota, Stream
from connectors.transport import Pace, Patience, encrypted_address

OAUTH_SETTINGS: Final = ("refresh_token", "client_id", "client_secret")
PAGES: Final = {
    "tasks": "https://app.asana.com/0/0/{}/f",
    "projects": "https://app.asana.com/0/{}",
    "users": "https://app.asana.com/0/profile/{}",
}
"""Stream → the page on which a person sees a record."""


class Asana(SignsIn):
    """One Asana workspace, read with a personal access token, a service account or an OAuth app."""

    name: ClassVar[str] = "asana"
    title: ClassVar[str] = "Asana"
    lasting: ClassVar[frozenset[str]] = frozenset({"refresh_token"})
    pace: ClassVar[tuple[str, float]] = ("requests_per_minute", 60.0)
    quotas: ClassVar[tuple[Quota, ...]] = (
        Quota("a minute", 150, 60, "Asana's rate limits, free plans; paid ones allow 1,500"),
    )

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="PARTNERHUB_ASANA_")

    token: SecretStr = Field(
        default=SecretStr(""),
        description="personal access token, service account token or OAuth access token",
    )
    refresh_token: SecretStr = Field(
        default=SecretStr(""),
        description="of an OAuth app, instead of a token; with client_id and client_secret",
    )
    client_id: str = Field(default="", description="of that OAuth app")
    client_secret: SecretStr = Field(default=SecretStr(""), description="of that OAuth app")
    workspace: str = Field(default="", description="gid or name; needed when the token sees several")
    base_url: str = Field(
        default="https://app.asana.com/api/1.0", description="https, except on this machine"
    )
    oauth_url: str = Field(
        default="https://app.asana.com/-/oauth_token", description="where a refresh token is exchanged"
    )
    ca_bundle: Path | None = Field(default=None, description="PEM file of further certificate authorities")
    leave_out: tuple[str, ...] = Field(default=(), description="streams not to read")
    leave_out_projects: tuple[str, ...] = Field(default=(), description="gids of projects not to read")
    assignees: tuple[str, ...] = Field(
        default=(),
        description="whose tasks in no project are read too: `me`, addresses or gids; one request each",
    )
    archived_projects: bool = Field(default=True, description="whether archived projects are read too")
    custom_fields: bool = Field(default=True, description="whether custom fields are asked for")
    extra_fields: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="stream → further fields to ask for, as `opt_fields` names them"
    )
    partner_field: str = Field(
        default="Partner", description="custom field that says which partner a task or project is about"
    )
    partner_pattern: str = Field(
        default="",
        description="pattern with a group `partner` for project names: `^Onboarding – (?P<partner>.+)$`",
    )
    page_size: int = Field(default=LARGEST_PAGE, ge=1, le=LARGEST_PAGE, description="records per page")
    refresh_projects_hours: float = Field(
        default=24.0, ge=0, description="re-read all memberships and sections this often"
    )
    refresh_tasks_hours: float = Field(
        default=24.0, ge=0, description="re-read all tasks this often: Asana may lose events"
    )
    refresh_stories_days: float = Field(default=30.0, ge=0, description="re-read all stories this often")
    requests_per_minute: float = Field(
        default=140.0,
        ge=0,
        description="free plans allow 150, bursts included, paid ones 1500; 0 is no limit",
    )
    request_burst: int = Field(default=10, ge=1, description="requests at once before that limit holds")
    requests_per_run: int = Field(
        default=0, ge=0, description="stop after so many, between two projects; 0 is no limit"
    )
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

    _client: AsanaClient | None = PrivateAttr(default=None)
    _workspace: str = PrivateAttr(default="")
    _handover: Handover | None = PrivateAttr(default=None)
    _custom: dict[str, str] | None = PrivateAttr(default=None)

    @field_validator("base_url", "oauth_url")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        """Refuse to send a token unencrypted, except to this machine."""
        return encrypted_address(value, "addresses")

    @field_validator("partner_pattern")
    @classmethod
    def _pattern_names_a_partner(cls, value: str) -> str:
        """Refuse a pattern that is none, or that never says which part is the partner."""
        try:
            groups = re.compile(value).groupindex
        except re.error:
            raise ValueError("partner_pattern is no regular expression") from None
        if value and "partner" not in groups:
            raise ValueError("partner_pattern needs a group called partner: (?P<partner>.+)")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Refuse names that would silently do nothing, and a sign-in that is no whole one."""
        for setting, names in (("leave_out", self.leave_out), ("extra_fields", tuple(self.extra_fields))):
            if strange := sorted(set(names) - set(FIELDS)):
                raise ValueError(f"{setting}: there is no {', '.join(strange)}; use {', '.join(FIELDS)}")
        given = [name for name in OAUTH_SETTINGS if _plain(getattr(self, name))]
        if given and len(given) < len(OAUTH_SETTINGS):
            missing = sorted(set(OAUTH_SETTINGS) - set(given))
            raise ValueError(f"an OAuth app needs {', '.join(OAUTH_SETTINGS)}; missing: {', '.join(missing)}")
        if not given and not _plain(self.token):
            raise ValueError("set token, or refresh_token with client_id and client_secret")
        return self

    def streams(self) -> tuple[Stream, ...]:
        """Everything there is, without what is left out."""
        return tuple(stream for stream in STREAMS if stream.name not in self.leave_out)

    def check(self) -> CheckResult:
        """Prove the token and the workspace, and ask for one record of each kind. Raises `FixSetup` or `RetryLater`.

        The account is the workspace, not the person behind the token: people leave, and the source remains.
        """
        me = self._me()
        workspace = self._chosen(me)
        self._workspace = str(workspace["gid"])
        details = {
            "workspace": str(workspace.get("name") or ""),
            "user": f"{me.get('name')} ({me.get('gid')})",
        }
        return CheckResult(self._workspace, details, self._missing())

    def pull(self, stream: str, cursor: CursorState | None, *, full: bool = False) -> Iterator[Page]:
        """Pages of one stream; see `Connector.pull`. Raises `FixSetup` for a stream there is none of."""
        try:
            yield from self._pages(stream, cursor, full=full)
        except SyncError as failure:
            failure.at(source=self.source, stream=stream)
            raise

    def described_fields(self, stream: str) -> dict[str, str] | None:
        """The workspace's custom fields by gid, with their names, for tasks and projects; None where it may not say."""
        if stream not in WITH_CUSTOM_FIELDS or not self.custom_fields:
            return None
        if self._custom is None:
            path = f"/workspaces/{self._scope().workspace}/custom_fields"
            try:
                pages = [page.json["data"] for page in self.client().pages(path, {"opt_fields": "name"})]
            except SkipStream:  # the plan or the token's scopes do not include the list
                return None
            known = [one for page in pages for one in page if isinstance(one, dict) and one.get("gid")]
            self._custom = {str(one["gid"]): str(one.get("name") or one["gid"]) for one in known}
        return self._custom

    def deep_link(self, stream: str, source_id: str) -> str | None:
        """The page of a task, project or user; the workspace need not be named."""
        return PAGES[stream].format(source_id) if stream in PAGES and source_id.isdecimal() else None

    def client(self) -> AsanaClient:
        """The workspace's client, made once, so that all streams share its pace and budget."""
        if self._client is None:
            patience = Patience(
                tries=self.tries,
                first_wait=self.first_wait_seconds,
                deadline=self.deadline_seconds,
                read_timeout=self.timeout_seconds,
            )
            self._client = AsanaClient(
                base_url=self.base_url,
                sign_in=self._sign_in(patience),
                ca_bundle=str(self.ca_bundle) if self.ca_bundle else None,
                patience=patience,
                pace=Pace(self.requests_per_minute / 60, self.request_burst, patience=patience),
                page_size=self.page_size,
                requests_per_run=self.requests_per_run,
            )
        return self._client

    def _sign_in(self, patience: Patience) -> SignIn:
        if not _plain(self.refresh_token):
            return GivenToken(_plain(self.token))
        form = {name: _plain(getattr(self, name)) for name in OAUTH_SETTINGS}
        return RefreshedToken(
            "Asana", self.oauth_url, form, patience, str(self.ca_bundle) if self.ca_bundle else None
        )

    def _pages(self, stream: str, cursor: CursorState | None, *, full: bool) -> Iterator[Page]:
        if stream not in FIELDS:
            raise FixSetup(
                code="unknown_stream",
                do=f"Use one of: {', '.join(one.name for one in self.streams())}.",
                happened=f"Asana has no stream called {stream!r}.",
            )
        if stream in {"workspaces", "users", "projects"}:
            yield from ListReader(self.client(), stream, self._scope(), self._fields(stream)).pull()
            return
        sweep = self._sweep(stream)
        yield from sweep.pull(cursor, full=full)
        if isinstance(sweep, TaskSweep):
            self._handover = sweep.handover

    def _sweep(self, stream: str) -> Sweep:
        """The reader of a stream that is read project by project; a new one for each reading."""
        facts = (self.client(), stream, self._scope(), self._fields(stream))
        if stream == "tasks":
            return TaskSweep(*facts, timedelta(hours=self.refresh_tasks_hours))
        if stream == "stories":
            handed, self._handover = self._handover, None
            return StorySweep(*facts, timedelta(days=self.refresh_stories_days), handover=handed)
        return PartSweep(*facts, timedelta(hours=self.refresh_projects_hours))

    def _fields(self, stream: str) -> str:
        return fields_of(stream, self.extra_fields.get(stream, ()), custom_fields=self.custom_fields)

    def _scope(self) -> Scope:
        if not self._workspace:
            self._workspace = str(self._chosen(self._me())["gid"])
        return Scope(
            self._workspace, frozenset(self.leave_out_projects), self.archived_projects, self.assignees
        )

    def _me(self) -> JsonObject:
        """The person behind the token, with the workspaces they see; without these nothing can be read."""
        try:
            found = self.client().get("/users/me", {"opt_fields": "name,email,workspaces.name"}).json["data"]
        except SkipStream as refusal:
            raise FixSetup(code=refusal.code, do=refusal.do, happened=refusal.happened) from None
        return found if isinstance(found, dict) else {}

    def _chosen(self, me: JsonObject) -> JsonObject:
        """The one workspace that is read; raises `FixSetup` naming those there are."""
        seen = [one for one in me.get("workspaces") or [] if isinstance(one, dict) and one.get("gid")]
        wanted = (
            [one for one in seen if self.workspace in (one["gid"], one.get("name"))]
            if self.workspace
            else seen
        )
        if len(wanted) == 1:
            return wanted[0]
        names = ", ".join(f"{one['gid']} ({one.get('name')})" for one in seen) or "none"
        raise FixSetup(
            code="choose_workspace" if seen else "no_workspace",
            do=f"Set `workspace` to the gid of one that the token sees: {names}.",
            happened=f"{len(wanted)} workspaces fit the settings, and one source reads exactly one.",
        )

    def _missing(self) -> tuple[str, ...]:
        """The scopes Asana refuses when one record of each stream is asked for; the path where it names no scope."""
        missing: list[str] = []
        project = self._probe("projects", "/projects", {"workspace": self._workspace}, missing)
        self._probe("users", "/users", {"workspace": self._workspace}, missing)
        if project:
            self._probe("project_memberships", f"/projects/{project}/project_memberships", {}, missing)
            self._probe("sections", f"/projects/{project}/sections", {}, missing)
            self._probe("tasks", "/events", {"resource": project}, missing)
            task = self._probe("tasks", "/tasks", {"project": project}, missing)
            for who in self.assignees:
                query = {"assignee": who, "workspace": self._workspace}
                self._probe("tasks", "/tasks", query, missing)
            if task:
                self._probe("stories", f"/tasks/{task}/stories", {}, missing)
        return tuple(dict.fromkeys(missing))

    def _probe(self, stream: str, path: str, query: dict[str, str], missing: list[str]) -> str:
        """Ask for one record; its gid, or empty where there is none or it may not be read."""
        if stream in self.leave_out and stream not in {"projects", "tasks"}:
            return ""
        try:
            data = (
                self.client().get(path, {**query, "limit": "1"} if path != "/events" else query).json["data"]
            )
        except EventsLost:
            return ""  # the answer to a first question about events
        except MissingScopes as refusal:
            missing += refusal.scopes
            return ""
        except SkipStream:
            whose = f" of {query['assignee']}" if "assignee" in query else ""
            missing.append(f"{SCOPES[stream]} ({path}{whose})")
            return ""
        return str(data[0].get("gid") or "") if isinstance(data, list) and data else ""


def _plain(value: SecretStr | str) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
