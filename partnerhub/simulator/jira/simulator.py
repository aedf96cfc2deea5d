"""The Jira simulator as tests, demo and benchmarks use it: start, stop, settings, edits by world id."""

from __future__ import annotations

from datetime import date, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from partnerhub.simulator.faults import STATUSES, Fault, FaultPlan
from partnerhub.simulator.http import App, HttpSimulator
from partnerhub.simulator.jira.application import Routes
from partnerhub.simulator.jira.points import Points, burst_headers
from partnerhub.simulator.jira.projection import SITE, Projection
from partnerhub.simulator.jira.searching import Searcher
from partnerhub.simulator.jira.store import Store, account_id_of
from partnerhub.simulator.world.model import World

TOKEN = "ATATT3xSimulated-7c1e0b"  # the simulator's published password


class JiraSimulator(HttpSimulator):
    """One Jira Cloud site over a world.

    with JiraSimulator(world) as jira: settings are `base_url=jira.url, email=jira.email, token=jira.token`. The clock
    is `store.now`, the world's present until `store.advance(...)`. Edits work while serving and change what Jira holds,
    not the world; they name issues by world id or record id. `store.world_ids["issues"]["20007"]` is the truth behind a
    record.
    """

    def __init__(
        self,
        world: World,
        port: int = 0,
        latency_seconds: float = 0.0,
        *,
        token: str = TOKEN,
        time_zone: str = "Europe/Berlin",
        index_lag: timedelta = timedelta(0),
        faults: FaultPlan | None = None,
    ) -> None:
        """`time_zone` is that of the account's profile. `index_lag`: how late a search sees an edit."""
        super().__init__(port=port, latency_seconds=latency_seconds, faults=faults)
        self.world = world
        self.token = token
        self.email = f"partner-hub@{world.own_domain}"
        self.account_id = account_id_of("partner-hub")
        self.store = Store(world, index_lag)
        self.projection = Projection(self.store, ZoneInfo(time_zone))
        self.searcher = Searcher(self.store, self.projection)
        self.lacking: set[str] = set()
        self.lacking_scopes: set[str] = set()
        """Permissions the account lacks: `BROWSE_PROJECTS`, `USER_PICKER`."""
        self.points = Points(self.store)
        self.worklog_page = 1000
        self.strangers_see_nothing = False
        """Whether wrong credentials are answered with nothing instead of a 401, as open sites do."""

    @property
    def site(self) -> str:
        """The address people know the site by."""
        return SITE

    def application(self) -> App:
        """Jira's routes."""
        return Routes(self).application()

    def error_body(self, status: int, fault: Fault) -> bytes:
        """Jira's words for a declared fault."""
        del fault
        words = HTTPStatus(status).phrase
        return orjson.dumps({"errorMessages": [words], "errors": {}})

    def error_headers(self, fault: Fault) -> list[tuple[bytes, bytes]]:
        """The usual headers, the site's clock, and of a 429 that it was a burst."""
        date_header = format_datetime(self.store.now, usegmt=True).encode()
        throttled = STATUSES.get(fault.kind) == HTTPStatus.TOO_MANY_REQUESTS
        said = [(name.encode(), text.encode()) for name, text in burst_headers().items()] if throttled else []
        return [*super().error_headers(fault), (b"date", date_header), *said]

    # ---- edits

    def update_issue(self, issue: str, *, author_id: str = "owner-1", **changes: Any) -> str:
        """Change fields of an issue (`summary`, `status`, `due`, …); returns its record id."""
        return self.store.edit(issue, author_id, **changes).id

    def postpone(self, issue: str, due: date | None, *, author_id: str = "owner-1") -> str:
        """Give an issue another due date; returns its record id."""
        return self.update_issue(issue, author_id=author_id, due=due)

    def move_issue(self, issue: str, project_key: str, *, author_id: str = "owner-1") -> str:
        """Move an issue to another project; returns its new key."""
        return self.store.move(issue, author_id, project_key).key

    def delete_issue(self, issue: str) -> str:
        """Delete an issue; returns its record id."""
        return self.store.delete(issue)

    def add_comment(self, issue: str, author_id: str, text: str) -> str:
        """Comment as a colleague or a partner's person; returns the comment's id."""
        return self.store.comment(issue, author_id, text).id

    def edit_comment(self, issue: str, comment: str, text: str) -> None:
        """Change what a comment says."""
        self.store.edit_comment(issue, comment, text)

    def delete_comment(self, issue: str, comment: str) -> None:
        """Take a comment away."""
        self.store.delete_comment(issue, comment)

    def rename_field(self, field: str, label: str) -> None:
        """Call a field otherwise; its id stays, and no issue counts as changed."""
        self.store.field_labels[field] = label

    def remove_field(self, field: str) -> None:
        """Put a custom field into the trash; no issue counts as changed."""
        self.store.removed_fields.add(field)

    def hide_project(self, key: str) -> None:
        """Take the permission to browse a project from the account."""
        self.searcher.hidden.add(key)

    def expire_tokens(self) -> None:
        """Make every page token handed out so far worthless, as seven days would."""
        self.searcher.generation += 1
