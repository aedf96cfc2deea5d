"""What else hangs on one organization: work items, and documents with the passages that speak of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.queries.mail_sight import Level, as_shown, levels

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.viewer import Viewer

SHOWN: Final = 30
WITHHELD: Final = "An attachment"
"""What stands in place of a file name that goes with a mail whose subject the viewer may not see."""
ON_TIMELINE: Final = "FROM timeline t JOIN fact f ON f.fact_id = t.fact_id"
WORK: Final = (
    "SELECT f.fact_id, f.record, w.kind, w.title, w.status, w.priority, w.due_at, w.done_at, w.custom_json,"
    f" c.name AS owner {ON_TIMELINE} JOIN staged_work_item w ON w.record = f.record"
    " LEFT JOIN staged_colleague c ON c.record = w.owner_record"
    " WHERE t.organization_id = ? AND t.entity <> 'touchpoint' AND t.entity = 'work_item'"
    " ORDER BY CASE WHEN w.done_at IS NULL THEN 0 ELSE 1 END, t.happened_at DESC, t.fact_id LIMIT ?"
)
DOCUMENTS: Final = (
    "SELECT f.fact_id, f.record, d.title, t.happened_at, d.media_type, d.size_bytes, d.parent_record, d.custom_json"
    f" {ON_TIMELINE} JOIN staged_document d ON d.record = f.record"
    " WHERE t.organization_id = ? AND t.entity <> 'touchpoint' AND t.entity = 'document'"
    " ORDER BY CASE WHEN d.parent_record IS NULL THEN 0 ELSE 1 END, t.happened_at DESC, t.fact_id LIMIT ?"
)
PASSAGES: Final = "SELECT record, text FROM staged_passage WHERE record IN ({marks})"
TITLES: Final = " OR record > ? AND record < ?"
TITLE: Final = "{}#slide {} / Title"
"""How the keys of passages begin that are the title of a slide."""
OVER: Final = frozenset({"done", "closed", "resolved", "completed", "archived", "cancelled", "canceled"})


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One task, ticket or issue, its status as its source says it. link: its page there, where the source gives one."""

    fact_id: str
    record: str
    kind: str
    title: str
    status: str | None
    priority: str | None
    due_at: str | None
    done_at: str | None
    owner: str | None
    link: str | None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do it."""
        return self.done_at is None and (self.status or "").casefold() not in OVER


class Quote(NamedTuple):
    """What a document says about the organization. text: the passage it stands in, as it was written.

    title: of the slide, where it has one. slide: its number.
    """

    field: str
    value: str
    place: str
    text: str
    title: str = ""
    slide: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """One file. path: where it lies, for one of a folder. parent_record: the mail or issue it hangs on."""

    fact_id: str
    record: str
    title: str
    happened_at: str
    media_type: str | None
    size_bytes: int | None
    parent_record: str | None
    path: str | None
    slides: int | None
    quotes: tuple[Quote, ...]


def work_items(
    viewer: Viewer, connection: Connection, organization_id: str, limit: int = SHOWN
) -> list[WorkItem]:
    """The work items of an organization: what is open first, of that the newest."""
    rows = connection.records(WORK, (viewer.only(organization_id), limit))
    for row in rows:
        row["link"] = unpacked(row.pop("custom_json")).get("link")
    found = [WorkItem(**row) for row in rows]
    return sorted(found, key=lambda item: not item.is_open)


def documents(
    viewer: Viewer, connection: Connection, organization_id: str, limit: int = SHOWN
) -> list[Document]:
    """The documents of an organization, files of their own before attachments, with what they say about it."""
    rows = connection.records(DOCUMENTS, (viewer.only(organization_id), limit))
    sights = levels(viewer, connection, [row["fact_id"] for row in rows])
    for row in rows:
        row["title"] = as_shown(sights[row["fact_id"]], row["title"]) or WITHHELD
    said = {
        row["record"]: unpacked(row["custom_json"]).get("said") or {}
        if sights[row["fact_id"]] >= Level.EVERYTHING else {}
        for row in rows
    }  # fmt: skip
    quoted = [(record, each) for record, every in said.items() for each in every.values()]
    texts, titles = passages(
        connection,
        [each["passage"] for _, each in quoted],
        [TITLE.format(record, each["slide"]) for record, each in quoted],
    )
    found = []
    for row in rows:
        custom = unpacked(row.pop("custom_json"))
        quotes = tuple(
            Quote(
                each.get("label") or field,
                str(each["value"]),
                f"slide {each['slide']}",
                texts.get(each["passage"], ""),
                titles.get(TITLE.format(row["record"], each["slide"]), ""),
                int(each["slide"]),
            )
            for field, each in sorted(said[row["record"]].items())
        )
        paths = (custom.get("paths") or [None]) if row["title"] != WITHHELD else [None]
        found.append(Document(**row, path=paths[0], slides=custom.get("slides"), quotes=quotes))
    return found


def passages(
    connection: Connection, records: list[str], beginnings: list[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The text of some passages by record, and of the first whose key begins so, by that beginning."""
    wanted, begins = sorted(set(records)), sorted(set(beginnings))
    if not wanted:
        return {}, {}
    statement = PASSAGES.format(marks=", ".join("?" * len(wanted))) + TITLES * len(begins)
    ranges = [end for each in begins for end in (each, f"{each}~")]
    texts = {str(record): str(text) for record, text in connection.query(statement, [*wanted, *ranges])}
    titles = {
        each: next((texts[record] for record in sorted(texts) if record.startswith(each)), "")
        for each in begins
    }
    return texts, titles


def unpacked(written: str | None) -> dict[str, Any]:
    """The custom fields of a staged row."""
    return json.loads(written) if written else {}
