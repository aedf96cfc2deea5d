"""What delivery and support keep in Jira, and the partner team in Asana.

Times are aware UTC datetimes. Authors are staff ids (`owner-3`) or, for partners who write in Jira, human ids.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime


@dataclass(slots=True)
class Comment:
    """One comment on an issue."""

    id: str
    author_id: str
    created_at: datetime
    text: str


@dataclass(slots=True)
class IssueChange:
    """One entry of an issue's changelog: one field, before and after."""

    id: str
    author_id: str
    created_at: datetime
    field: str
    before: str | None
    after: str | None


@dataclass(slots=True)
class Worklog:
    """Time somebody spent on an issue."""

    id: str
    author_id: str
    started_at: datetime
    seconds: int
    text: str


@dataclass(slots=True)
class IssueProject:
    """A Jira project."""

    id: str
    key: str
    name: str
    lead_id: str


@dataclass(slots=True)
class Issue:
    """A Jira issue. `id` never changes, `key` does when it moves; former_keys are those it had.

    org_id is the truth, or None for internal work. partner: what stands in the custom field "Partner" (a name, a domain
    or the id of the CRM's account), or None when only the text says whom it concerns.
    """

    id: str
    key: str
    project_id: str
    org_id: str | None
    partner: str | None
    issue_type: str
    summary: str
    description: str
    status: str
    status_category: str
    priority: str
    assignee_id: str | None
    reporter_id: str
    created_at: datetime
    updated_at: datetime
    due: date | None = None
    resolved_at: datetime | None = None
    labels: list[str] = field(default_factory=list)
    former_keys: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    changes: list[IssueChange] = field(default_factory=list)
    worklogs: list[Worklog] = field(default_factory=list)


@dataclass(slots=True)
class TaskProject:
    """An Asana project; most are about one partner (`Onboarding – Kestrel`), some about none."""

    id: str
    name: str
    notes: str
    org_id: str | None
    owner_id: str
    member_ids: list[str]
    sections: list[tuple[str, str]]
    created_at: datetime
    modified_at: datetime
    partner: str | None = None
    due: date | None = None
    archived: bool = False


@dataclass(slots=True)
class Story:
    """One entry of a task's history: a comment, or what the system noted (`completed`, `due_date_changed`)."""

    id: str
    author_id: str
    created_at: datetime
    kind: str
    text: str


@dataclass(slots=True)
class Task:
    """An Asana task. partner: what stands in its custom field "Partner", as in `Issue.partner`."""

    id: str
    project_id: str
    section_id: str
    org_id: str | None
    name: str
    notes: str
    assignee_id: str | None
    created_at: datetime
    modified_at: datetime
    partner: str | None = None
    due: date | None = None
    completed_at: datetime | None = None
    parent_id: str | None = None
    stories: list[Story] = field(default_factory=list)


@dataclass(slots=True)
class Projects:
    """Jira and Asana, by id. Lists keep the order in which things were made."""

    issue_projects: dict[str, IssueProject] = field(default_factory=dict)
    issues: dict[str, Issue] = field(default_factory=dict)
    task_projects: dict[str, TaskProject] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
