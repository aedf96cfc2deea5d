"""Jira → staged records: issues as work items, comments as touchpoints, accounts as colleagues or persons.

Three streams are kept raw and not staged. Projects: an issue names its project, and a project is no document about
anybody. Changelog: that a field moved is told by the issue as it now is, its `modified_at` and `done_at`; a line for
every move would bury the people's words on a timeline. Worklogs: booked time is nobody's contact with a partner, and
as a touchpoint it would end a silence that lasts. All three can be staged later without asking Jira again.
"""

from __future__ import annotations

from mappings.jira.issues import comment, issue
from mappings.jira.people import user
from mappings.rows import Mapping, Row, StreamMapping

ISSUE_ROWS = (
    Row("title", "summary", "line", required=True),
    Row("priority", "priority.name", "line"),
    Row("due_at", "duedate", "time"),
    Row("created_at", "created", "time"),
    Row("modified_at", "updated", "time"),
)

READ_ELSEWHERE = frozenset(
    {
        "$.id", "$.key", "$.self", "$.expand", "$.names", "$.fields",
        "description", "status", "statusCategory", "issuetype", "project", "priority", "assignee", "reporter",
        "parent", "resolutiondate", "statuscategorychangedate",
    }
)  # fmt: skip
"""Read by `issues.issue`, or about the answer and not the issue."""

LEFT_OUT = frozenset(
    {
        # Sums, counters and what Jira derives from other fields.
        "aggregate*", "progress", "timeestimate", "timeoriginalestimate", "timespent", "timetracking", "workratio",
        "votes", "watches", "lastViewed", "thumbnail", "issuerestriction", "security",
        # Lists that are cut inside an issue; comments and worklogs are streams of their own.
        "comment", "worklog", "attachment", "subtasks", "issuelinks",
        "creator",
    }
)  # fmt: skip

COMMENT_ROWS = (
    Row("happened_at", "created", "time", required=True),
    Row("created_at", "created", "time"),
    Row("modified_at", "updated", "time"),
)
COMMENT_ELSEWHERE = frozenset(
    {
        "id", "self", "issueId", "author", "updateAuthor", "body", "renderedBody", "visibility", "jsdPublic",
        "jsdAuthorCanSeeRequest", "properties",
    }
)  # fmt: skip

MAPPING = Mapping(
    connector="jira",
    streams={
        "users": StreamMapping(None, extra=user, makes=("colleague", "person")),
        "issues": StreamMapping(
            "work_item",
            ISSUE_ROWS,
            base="fields",
            ignored=READ_ELSEWHERE | LEFT_OUT,
            extra=issue,
            names="names",
            makes=("relation",),
        ),
        "comments": StreamMapping(
            "touchpoint", COMMENT_ROWS, ignored=COMMENT_ELSEWHERE, extra=comment, makes=("relation",)
        ),
    },
)
