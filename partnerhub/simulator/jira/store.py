"""What the simulated site holds: copies of the world's issues, accounts, and what the search index knows of them.

Ids are numbers, as Jira's are; a world id that is no number is given one. Edits change what Jira holds, not the world.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_URL, uuid5

from partnerhub.simulator.world.projects import Comment, IssueChange, Worklog

if TYPE_CHECKING:
    from partnerhub.simulator.world.model import World
    from partnerhub.simulator.world.projects import Issue, IssueProject

FIRST_NUMBER: Final = 10_000

ROBOT: Final = "automation"
"""World id of the site's own automation, an account that is no person."""


@dataclass(slots=True)
class Account:
    """One Atlassian account. kind: atlassian, customer or app. hidden: its profile shows no address."""

    account_id: str
    name: str
    email: str
    kind: str = "atlassian"
    active: bool = True
    hidden: bool = False


@dataclass(slots=True)
class Store:
    """Everything the site holds, by record id, and its clock."""

    world: World
    index_lag: timedelta = timedelta(0)
    now: datetime = field(init=False)
    projects: dict[str, IssueProject] = field(default_factory=dict)
    issues: dict[str, Issue] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    extra_fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    field_labels: dict[str, str] = field(default_factory=dict)
    removed_fields: set[str] = field(default_factory=set)
    edited: dict[str, datetime] = field(default_factory=dict)
    worklogs_deleted: list[tuple[str, datetime]] = field(default_factory=list)
    record_ids: dict[str, str] = field(default_factory=dict)
    world_ids: dict[str, dict[str, str]] = field(default_factory=dict)
    _indexed: dict[str, tuple[datetime, Issue | None]] = field(default_factory=dict)
    _last_number: int = FIRST_NUMBER

    def __post_init__(self) -> None:
        """Copy the world's projects, issues and the people who appear in them."""
        self.now = self.world.now
        held = self.world.projects
        parts: list[str] = []
        for issue in held.issues.values():
            parts += (each.id for each in issue.comments)
            parts += (each.id for each in issue.changes)
            parts += (each.id for each in issue.worklogs)
        taken = (*held.issues, *held.issue_projects, *parts)
        self._last_number = max([FIRST_NUMBER, *(int(one) for one in taken if one.isdecimal())])
        for staff in self.world.staff.values():
            account = Account(account_id_of(staff.id), staff.name, staff.email, active=staff.left_at is None)
            self.accounts[staff.id] = account
        self.accounts[ROBOT] = Account(account_id_of(ROBOT), "Automation for Jira", "", "app")
        for project in held.issue_projects.values():
            self.add_project(deepcopy(project))
        for issue in held.issues.values():
            self.add(deepcopy(issue))
        self._indexed.clear()

    def advance(self, by: timedelta) -> None:
        """Move the site's clock."""
        self.now += by

    # ---- adding what the world drew

    def add_project(self, project: IssueProject) -> IssueProject:
        """Take a project over, its id made a number."""
        project.id = self._number("projects", project.id)
        self.account(project.lead_id)
        self.projects[project.id] = project
        return project

    def add(self, issue: Issue) -> Issue:
        """Take an issue over with all that hangs on it, ids made numbers."""
        issue.project_id = self.record_ids.get(f"projects/{issue.project_id}", issue.project_id)
        issue.id = self._number("issues", issue.id)
        parts: tuple[tuple[str, list[Any]], ...] = (
            ("comments", issue.comments),
            ("changelog", issue.changes),
            ("worklogs", issue.worklogs),
        )
        for kind, entries in parts:
            for entry in entries:
                entry.id = self._number(kind, entry.id)
                self.account(entry.author_id)
        for author in (issue.assignee_id, issue.reporter_id):
            if author:
                self.account(author)
        self.issues[issue.id] = issue
        self._indexed[issue.id] = (self.now, None)
        return issue

    def account(self, world_id: str) -> Account:
        """The account of a colleague or of a partner's person, opened when it is first met."""
        if world_id not in self.accounts:
            human = self.world.humans[world_id]
            name = f"{human.given_name} {human.family_name}"
            self.accounts[world_id] = Account(account_id_of(world_id), name, human.emails[0])
        return self.accounts[world_id]

    # ---- what a search sees

    def found(self, reconciled: frozenset[str]) -> list[Issue]:
        """The issues as the index shows them: as they were before edits younger than its lag, but for those named."""
        shown = {}
        for number, issue in self.issues.items():
            at, before = self._indexed.get(number, (self.now - self.index_lag, issue))
            late = at > self.now - self.index_lag and number not in reconciled
            seen = before if late else issue
            if seen is not None:
                shown[number] = seen
        return list(shown.values())

    def touch(self, issue: Issue) -> None:
        """Note that an issue is about to change now: keep what the index shows meanwhile."""
        at, before = self._indexed.get(issue.id, (self.now - self.index_lag, None))
        stale = at > self.now - self.index_lag
        self._indexed[issue.id] = (self.now, before if stale else deepcopy(issue))
        issue.updated_at = self.now

    # ---- edits, by world id or record id

    def issue(self, one: str) -> Issue:
        """An issue by world id or record id; raises `KeyError`."""
        return self.issues[self.record_ids.get(f"issues/{one}", one)]

    def edit(self, one: str, author_id: str, **changes: Any) -> Issue:
        """Change fields of an issue, with a changelog entry for each."""
        issue = self.issue(one)
        self.touch(issue)
        for name, value in changes.items():
            before = getattr(issue, name)
            setattr(issue, name, value)
            self._note(issue, author_id, name, before, value)
        return issue

    def move(self, one: str, author_id: str, project_key: str) -> Issue:
        """Move an issue into another project: a new key, the same id; the old key goes on finding it."""
        issue = self.issue(one)
        project = next(each for each in self.projects.values() if each.key == project_key)
        self.touch(issue)
        taken = [int(each.key.rpartition("-")[2]) for each in self.issues.values() if _in(each, project_key)]
        former, issue.key = issue.key, f"{project_key}-{max([0, *taken]) + 1}"
        issue.former_keys.append(former)
        issue.project_id = project.id
        self._note(issue, author_id, "Key", former, issue.key)
        return issue

    def delete(self, one: str) -> str:
        """Delete an issue with everything that hangs on it; returns its record id."""
        issue = self.issue(one)
        for worklog in issue.worklogs:
            self.worklogs_deleted.append((worklog.id, self.now))
        del self.issues[issue.id]
        return issue.id

    def comment(self, one: str, author_id: str, text: str) -> Comment:
        """Add a comment."""
        issue = self.issue(one)
        self.touch(issue)
        self.account(author_id)
        added = Comment(self._number("comments", ""), author_id, self.now, text)
        issue.comments.append(added)
        return added

    def edit_comment(self, one: str, comment_id: str, text: str) -> None:
        """Change a comment's text."""
        issue = self.issue(one)
        self.touch(issue)
        comment = next(each for each in issue.comments if each.id == self._known("comments", comment_id))
        comment.text = text
        self.edited[f"comments/{comment.id}"] = self.now

    def delete_comment(self, one: str, comment_id: str) -> None:
        """Take a comment away."""
        issue = self.issue(one)
        self.touch(issue)
        gone = self._known("comments", comment_id)
        issue.comments = [each for each in issue.comments if each.id != gone]

    def log_work(self, one: str, author_id: str, seconds: int, text: str = "") -> Worklog:
        """Book time on an issue."""
        issue = self.issue(one)
        self.touch(issue)
        self.account(author_id)
        added = Worklog(self._number("worklogs", ""), author_id, self.now, seconds, text)
        self.edited[f"worklogs/{added.id}"] = self.now
        issue.worklogs.append(added)
        return added

    def delete_worklog(self, one: str, worklog_id: str) -> None:
        """Take booked time away."""
        issue = self.issue(one)
        self.touch(issue)
        gone = self._known("worklogs", worklog_id)
        issue.worklogs = [each for each in issue.worklogs if each.id != gone]
        self.worklogs_deleted.append((gone, self.now))

    def changed_at(self, kind: str, number: str, created: datetime) -> datetime:
        """When a comment or worklog last changed."""
        return self.edited.get(f"{kind}/{number}", created)

    # ---- numbers

    def _number(self, kind: str, world_id: str) -> str:
        """The number of a thing of the world: its own where it is one."""
        if world_id.isdecimal():
            number = world_id
        else:
            self._last_number += 1
            number = str(self._last_number)
        if world_id:
            self.record_ids[f"{kind}/{world_id}"] = number
            self.world_ids.setdefault(kind, {})[number] = world_id
        return number

    def _known(self, kind: str, one: str) -> str:
        return self.record_ids.get(f"{kind}/{one}", one)

    def _note(self, issue: Issue, author_id: str, name: str, before: Any, after: Any) -> None:
        self.account(author_id)
        texts = [None if value is None else str(value) for value in (before, after)]
        issue.changes.append(
            IssueChange(self._number("changelog", ""), author_id, self.now, name, texts[0], texts[1])
        )


def _in(issue: Issue, project_key: str) -> bool:
    return any(key.rpartition("-")[0] == project_key for key in (issue.key, *issue.former_keys))


def account_id_of(world_id: str) -> str:
    """The Atlassian account id of a colleague or a partner's person."""
    return f"712020:{uuid5(NAMESPACE_URL, world_id)}"
