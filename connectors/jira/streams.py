"""The facts about Jira's streams: names, limits, what is left out of payloads. Behavior lives next door."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from connectors.record import Stream

OVERLAP: Final = timedelta(minutes=15)
"""How far an incremental read looks back: the search index lags seconds to minutes (JRACLOUD-96208)."""

MINUTE: Final = timedelta(minutes=1)
"""The precision of dates in JQL."""

LARGEST_RECONCILED: Final = 50
"""Ids that one search may ask to see as they are, whatever the index says (Jira's limit for `reconcileIssues`)."""

LONGEST_UNCUT: Final = 20
"""Comments inside a found issue that are certain to be all: Jira cuts embedded lists at 20 or more."""

LARGEST_COMMENT_PAGE: Final = 100

LARGEST_WORKLOG_BATCH: Final = 1000
"""Ids per `worklog/list`, and per page of `worklog/updated` (Jira's limits)."""

LARGEST_ISSUE_BATCH: Final = 100
"""Ids per `issue/bulkfetch` (Jira's limit)."""

EVERYTHING: Final = "*all"

NEVER_ASKED: Final = (
    "-comment",  # cut inside an issue: a stream of its own
    "-worklog",  # the same
    "-attachment",  # names and addresses only, and as many as there are; no bytes are read
    "-watches",  # counters and what belongs to the reading account, changed without a change of the issue
    "-votes",
    "-lastViewed",
    "-workratio",
    "-thumbnail",
)
"""Left out of all fields. Everything else is read: custom fields hold what people keep about partners."""

ALWAYS: Final = ("summary", "project", "issuetype", "status", "created", "updated")
"""Asked for even when settings name only some fields."""

VOLATILE_ISSUE: Final = (
    "expand",
    "fields.assignee.avatarUrls",
    "fields.reporter.avatarUrls",
    "fields.creator.avatarUrls",
    "fields.project.avatarUrls",
)
VOLATILE_AUTHORS: Final = ("author.avatarUrls", "updateAuthor.avatarUrls")
"""Addresses of pictures: a change in these alone is no new version."""

PROJECTS: Final = Stream(
    "projects", mode="full", volatile=("avatarUrls", "expand", "insight"), deletes="absence"
)
USERS: Final = Stream(
    "users", mode="full", primary_key="accountId", volatile=("avatarUrls",), deletes="absence"
)
ISSUES: Final = Stream(
    "issues",
    mode="incremental",
    cursor_field="fields.updated",
    precision=MINUTE,
    overlap=OVERLAP,
    volatile=VOLATILE_ISSUE,
    deletes="absence",
)
COMMENTS: Final = Stream(
    "comments",
    mode="incremental",
    cursor_field="updated",
    precision=MINUTE,
    overlap=OVERLAP,
    volatile=VOLATILE_AUTHORS,
    deletes="absence",
)
CHANGELOG: Final = Stream(
    "changelog",
    mode="incremental",
    cursor_field="created",
    precision=MINUTE,
    overlap=OVERLAP,
    volatile=VOLATILE_AUTHORS,
    deletes="absence",
)
WORKLOGS: Final = Stream(
    "worklogs",
    mode="incremental",
    cursor_field="updated",
    overlap=OVERLAP,
    volatile=VOLATILE_AUTHORS,
    deletes="event",
)

STREAMS: Final = (PROJECTS, USERS, ISSUES, COMMENTS, CHANGELOG, WORKLOGS)
