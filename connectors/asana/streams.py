"""The facts about Asana's streams: names, fields asked for, how deletions show, limits. Behavior lives next door."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from connectors.record import Stream

OVERLAP: Final = timedelta(minutes=5)
"""How far a reading by `modified_since` looks back: Asana is served from replicas that lag."""

LARGEST_PAGE: Final = 100
"""Records per page (Asana's limit)."""

CUSTOM_FIELDS: Final = (
    "custom_fields.name",
    "custom_fields.type",
    "custom_fields.display_value",
    "custom_fields.text_value",
    "custom_fields.number_value",
    "custom_fields.enum_value.name",
    "custom_fields.multi_enum_values.name",
    "custom_fields.date_value.date",
    "custom_fields.date_value.date_time",
)
"""Asked for unless `custom_fields` is switched off."""

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "workspaces": ("name", "is_organization", "email_domains"),
    "users": ("name", "email"),
    "projects": (
        "name",
        "notes",
        "archived",
        "completed",
        "completed_at",
        "created_at",
        "modified_at",
        "start_on",
        "due_on",
        "owner",
        "team.name",
        "public",
        "permalink_url",
        "current_status_update.title",
    ),
    "project_memberships": ("access_level", "member", "member.name", "parent", "parent.name"),
    "sections": ("name", "created_at", "project", "project.name"),
    "tasks": (
        "name",
        "resource_subtype",
        "notes",
        "completed",
        "completed_at",
        "created_at",
        "created_by",
        "modified_at",
        "start_on",
        "due_on",
        "due_at",
        "approval_status",
        "assignee",
        "assignee.name",
        "parent",
        "parent.name",
        "num_subtasks",
        "memberships.project.name",
        "memberships.section.name",
        "tags.name",
        "permalink_url",
    ),
    "stories": (
        "created_at",
        "created_by",
        "created_by.name",
        "type",
        "resource_subtype",
        "text",
        "is_edited",
        "is_pinned",
        "source",
        "target",
        "target.name",
        "new_dates.due_at",
        "new_dates.due_on",
        "old_dates.due_at",
        "old_dates.due_on",
        "new_section.name",
        "old_section.name",
        "assignee",
        "assignee.name",
    ),
}
"""Stream → `opt_fields`: what is not asked for is not sent. The id always is."""

WITH_CUSTOM_FIELDS: Final = frozenset({"projects", "tasks"})

SCOPES: Final = {
    "workspaces": "workspaces:read",
    "users": "users:read",
    "projects": "projects:read",
    "project_memberships": "projects:read",
    "sections": "projects:read",
    "tasks": "tasks:read",
    "stories": "stories:read",
}
"""Stream → OAuth scope it needs. Personal access tokens have every scope of their person."""

STREAMS: Final = (
    Stream("workspaces", mode="full", primary_key="gid", deletes="never"),
    Stream("users", mode="full", primary_key="gid", deletes="absence"),
    Stream("projects", mode="full", primary_key="gid", cursor_field="modified_at", deletes="absence"),
    Stream("project_memberships", mode="incremental", primary_key="gid", deletes="absence"),
    Stream("sections", mode="incremental", primary_key="gid", deletes="absence"),
    Stream(
        "tasks",
        mode="incremental",
        primary_key="gid",
        cursor_field="modified_at",
        overlap=OVERLAP,
        # Deletions come as events too; a full reading finds those whose event never came.
        deletes="absence",
    ),
    Stream(
        "stories",
        mode="incremental",
        primary_key="gid",
        cursor_field="target.modified_at",
        overlap=OVERLAP,
        deletes="absence",
    ),
)
"""Referenced records first. Stories come after tasks, which know what changed."""


def fields_of(stream: str, further: tuple[str, ...], *, custom_fields: bool) -> str:
    """The `opt_fields` of a stream: the usual ones, custom fields where they exist, and those a deployment adds."""
    custom = CUSTOM_FIELDS if custom_fields and stream in WITH_CUSTOM_FIELDS else ()
    return ",".join(dict.fromkeys((*FIELDS[stream], *custom, *further)))
