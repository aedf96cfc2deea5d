"""The store as Jira's JSON: issues with their fields, comments, changes, worklogs, users, projects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from partnerhub.simulator.jira.documents import document_of

if TYPE_CHECKING:
    from partnerhub.simulator.jira.store import Account, Store
    from partnerhub.simulator.world.projects import Comment, Issue, IssueChange, IssueProject, Worklog

SITE: Final = "https://brightfield.atlassian.example"
"""The address people know; the simulator itself answers on loopback."""

PARTNER: Final = "customfield_10042"
RANK: Final = "customfield_10019"
POINTS: Final = "customfield_10016"

FIELD_NAMES: Final = {
    "summary": "Summary",
    "description": "Description",
    "issuetype": "Issue Type",
    "status": "Status",
    "priority": "Priority",
    "assignee": "Assignee",
    "reporter": "Reporter",
    "creator": "Creator",
    "project": "Project",
    "created": "Created",
    "updated": "Updated",
    "duedate": "Due date",
    "resolution": "Resolution",
    "resolutiondate": "Resolved",
    "labels": "Labels",
    "comment": "Comment",
    "worklog": "Log Work",
    "attachment": "Attachment",
    "watches": "Watchers",
    "votes": "Votes",
    "lastViewed": "Last Viewed",
    "workratio": "Work Ratio",
    "timespent": "Time Spent",
    PARTNER: "Partner",
    RANK: "Rank",
    POINTS: "Story Points",
}

CATEGORIES: Final = {
    "new": (2, "new", "To Do", "blue-gray"),
    "indeterminate": (4, "indeterminate", "In Progress", "yellow"),
    "done": (3, "done", "Done", "green"),
}
"""Status categories by key: id, key, name, color. Jira has these three for everybody."""

CUT_AT: Final = 20
"""Comments and worklogs at most inside a found issue."""

TYPE_IDS: Final = ("Task", "Bug", "Story", "Epic", "Incident", "Sub-task")
PRIORITIES: Final = ("Highest", "High", "Medium", "Low", "Lowest")


@dataclass(slots=True)
class Projection:
    """Renders a store for an account whose profile has a time zone; Jira writes stamps in it."""

    store: Store
    zone: ZoneInfo

    def stamp(self, moment: datetime) -> str:
        """A moment as Jira writes it: in the account's zone, with milliseconds."""
        local = moment.astimezone(self.zone)
        return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"

    def issue(self, issue: Issue, wanted: list[str]) -> dict[str, Any]:
        """One issue with the fields asked for."""
        found = {"expand": "operations,versionedRepresentations,editmeta", "id": issue.id}
        found |= {"self": f"{SITE}/rest/api/3/issue/{issue.id}", "key": issue.key}
        if wanted in ([], ["id"]):
            return found
        fields = self.fields(issue)
        return {**found, "fields": {name: fields[name] for name in chosen(wanted, list(fields))}}

    def fields(self, issue: Issue) -> dict[str, Any]:
        """Every field of an issue."""
        found = {
            "summary": issue.summary,
            "description": document_of(issue.description),
            "issuetype": issue_type(issue.issue_type),
            "status": status(issue),
            "priority": priority(issue.priority),
            "assignee": self.person(issue.assignee_id) if issue.assignee_id else None,
            "reporter": self.person(issue.reporter_id),
            "creator": self.person(issue.reporter_id),
            "project": self.project(self.store.projects[issue.project_id]),
            "created": self.stamp(issue.created_at),
            "updated": self.stamp(issue.updated_at),
            "duedate": issue.due.isoformat() if issue.due else None,
            "resolution": resolution() if issue.resolved_at else None,
            "resolutiondate": self.stamp(issue.resolved_at) if issue.resolved_at else None,
            "labels": list(issue.labels),
            "comment": cut("comments", [self.comment(issue, one) for one in issue.comments]),
            "worklog": cut("worklogs", [self.worklog(issue, one) for one in issue.worklogs]),
            "attachment": [],
            "watches": {"self": f"{SITE}/rest/api/3/issue/{issue.id}/watchers", "watchCount": 1},
            "votes": {"self": f"{SITE}/rest/api/3/issue/{issue.id}/votes", "votes": 0},
            "lastViewed": self.stamp(self.store.now),
            "workratio": -1,
            "timespent": sum(one.seconds for one in issue.worklogs) or None,
            PARTNER: issue.partner,
            RANK: f"0|i{int(issue.id):05x}:",
            POINTS: None,
            **self.store.extra_fields.get(issue.id, {}),
        }
        return {name: value for name, value in found.items() if name not in self.store.removed_fields}

    def names(self) -> dict[str, str]:
        """Every field there is now, by id, with what people call it."""
        extra = {name: name for one in self.store.extra_fields.values() for name in one}
        every = {**extra, **FIELD_NAMES, **self.store.field_labels}
        return {name: label for name, label in every.items() if name not in self.store.removed_fields}

    def field(self, name: str, label: str) -> dict[str, Any]:
        """A field as the list of fields shows it."""
        custom = name.startswith("customfield_")
        return {
            "id": name,
            "key": name,
            "name": label,
            "custom": custom,
            "orderable": True,
            "navigable": True,
            "searchable": True,
            "clauseNames": [f"cf[{name.rpartition('_')[2]}]", label] if custom else [name],
        }

    def person(self, world_id: str) -> dict[str, Any]:
        """An account as it stands inside other things; its address only where its profile shows it."""
        account = self.store.account(world_id)
        found = self.user(account)
        return {**found, "timeZone": self.zone.key}

    def user(self, account: Account) -> dict[str, Any]:
        """An account as the list of users shows it."""
        address = f"{SITE}/rest/api/3/user?accountId={account.account_id}"
        found: dict[str, Any] = {
            "self": address,
            "accountId": account.account_id,
            "accountType": account.kind,
            "avatarUrls": {"48x48": f"{SITE}/avatars/{account.account_id[-4:]}.png"},
            "displayName": account.name,
            "active": account.active,
        }
        shown = account.email and not account.hidden
        return {**found, "emailAddress": account.email} if shown else found

    def project(self, project: IssueProject) -> dict[str, Any]:
        """A project."""
        return {
            "self": f"{SITE}/rest/api/3/project/{project.id}",
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": "software",
            "simplified": False,
            "style": "classic",
            "isPrivate": False,
        }

    def comment(self, issue: Issue, comment: Comment) -> dict[str, Any]:
        """A comment."""
        author = self.person(comment.author_id)
        changed = self.store.changed_at("comments", comment.id, comment.created_at)
        return {
            "self": f"{SITE}/rest/api/3/issue/{issue.id}/comment/{comment.id}",
            "id": comment.id,
            "author": author,
            "body": document_of(comment.text) or {"type": "doc", "version": 1, "content": []},
            "updateAuthor": author,
            "created": self.stamp(comment.created_at),
            "updated": self.stamp(changed),
            "jsdPublic": True,
        }

    def worklog(self, issue: Issue, worklog: Worklog) -> dict[str, Any]:
        """Time somebody booked."""
        author = self.person(worklog.author_id)
        changed = self.worked(worklog)
        found = {
            "self": f"{SITE}/rest/api/3/issue/{issue.id}/worklog/{worklog.id}",
            "id": worklog.id,
            "issueId": issue.id,
            "author": author,
            "updateAuthor": author,
            "created": self.stamp(changed),
            "updated": self.stamp(changed),
            "started": self.stamp(worklog.started_at),
            "timeSpent": f"{worklog.seconds // 60}m",
            "timeSpentSeconds": worklog.seconds,
        }
        text = document_of(worklog.text)
        return {**found, "comment": text} if text else found

    def worked(self, worklog: Worklog) -> datetime:
        """When a worklog was last changed: at the end of the work, unless somebody edited it."""
        ended = worklog.started_at + timedelta(seconds=worklog.seconds)
        return self.store.changed_at("worklogs", worklog.id, min(ended, self.store.now))

    def change(self, change: IssueChange) -> dict[str, Any]:
        """An entry of the changelog: what one person saved at once."""
        item = {
            "field": change.field,
            "fieldtype": "jira",
            "fieldId": change.field,
            "from": None,
            "fromString": change.before,
            "to": None,
            "toString": change.after,
        }
        return {
            "id": change.id,
            "author": self.person(change.author_id),
            "created": self.stamp(change.created_at),
            "items": [{name: value for name, value in item.items() if value is not None}],
        }


def chosen(wanted: list[str], known: list[str]) -> list[str]:
    """Names of the fields asked for: `*all`, `*navigable`, names, and names with a minus."""
    left_out = {name[1:] for name in wanted if name.startswith("-")}
    some = {name for name in wanted if not name.startswith(("-", "*"))}
    everything = any(name.startswith("*") for name in wanted) or not some
    return [name for name in known if (everything or name in some) and name not in left_out]


def cut(key: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """A list inside an issue: its beginning, and how many there really are."""
    return {key: entries[:CUT_AT], "maxResults": CUT_AT, "total": len(entries), "startAt": 0}


def issue_type(name: str) -> dict[str, Any]:
    """A kind of issue."""
    number = 10_001 + (TYPE_IDS.index(name) if name in TYPE_IDS else len(TYPE_IDS))
    subtask = name == "Sub-task"
    return {
        "self": f"{SITE}/rest/api/3/issuetype/{number}",
        "id": str(number),
        "name": name,
        "subtask": subtask,
    }


def status(issue: Issue) -> dict[str, Any]:
    """A status and its category."""
    number, key, name, color = CATEGORIES[issue.status_category]
    category = {
        "self": f"{SITE}/rest/api/3/statuscategory/{number}",
        "id": number,
        "key": key,
        "colorName": color,
        "name": name,
    }
    identity = str(10_100 + sum(map(ord, issue.status)) % 900)
    return {
        "self": f"{SITE}/rest/api/3/status/{identity}",
        "id": identity,
        "name": issue.status,
        "description": "",
        "statusCategory": category,
    }


def priority(name: str) -> dict[str, Any]:
    """A priority."""
    number = str(PRIORITIES.index(name) + 1 if name in PRIORITIES else 3)
    return {"self": f"{SITE}/rest/api/3/priority/{number}", "id": number, "name": name}


def resolution() -> dict[str, Any]:
    """How a finished issue ended."""
    return {"self": f"{SITE}/rest/api/3/resolution/10000", "id": "10000", "name": "Done", "description": ""}
