"""What the simulated sources hold right now, in terms a warehouse can be compared with. Knows no connector.

A record is found in the warehouse by its key: the vendor's id, or where the hub makes an id of its own (mails, rows of
a spreadsheet) what stands in the payload. Its mark says which version the source holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from partnerhub.simulator.runner import CRM_SOURCE, SHEET_SOURCE
from partnerhub.simulator.truth import row_content

if TYPE_CHECKING:
    from pathlib import Path

    from partnerhub.simulator.asana import AsanaSimulator
    from partnerhub.simulator.hubspot import HubSpotSimulator
    from partnerhub.simulator.imap import ImapSimulator
    from partnerhub.simulator.jira import JiraSimulator
    from partnerhub.simulator.runner import Simulator
    from partnerhub.simulator.salesforce import SalesforceSimulator
    from partnerhub.simulator.world.model import World

Payload = Mapping[str, Any]
Key = Any


def by_id(source_id: str, payload: Payload | None) -> Key:
    """The vendor's own id."""
    del payload
    return source_id


def unmarked(payload: Payload) -> str | None:
    """For streams whose records carry no stamp."""
    del payload
    return None


@dataclass(frozen=True, slots=True)
class Served:
    """One stream as its source holds it.

    live: key → mark of the version it holds (None where the source has no stamp: presence is all that is compared).
    gone: keys of records that were there once. key_of, mark_of: key and mark of a landed record.
    uids: of a mailbox, folder → UID → key.
    """

    live: Mapping[Key, str | None]
    gone: Collection[Key] = frozenset()
    key_of: Callable[[str, Payload | None], Key] = by_id
    mark_of: Callable[[Payload], str | None] = unmarked
    uids: Mapping[str, Mapping[int, Key]] = field(default_factory=dict)


Truth = Mapping[tuple[str, str], Served]
"""(source, stream) → what is served there."""

HUBSPOT_KINDS = (
    "companies", "contacts", "deals", "tickets", "notes", "emails", "meetings", "calls", "tasks",
)  # fmt: skip


def served_by(simulator: Simulator) -> Truth:
    """Everything the whole simulated company holds, under the names of `Simulator.write_config`."""
    found: dict[tuple[str, str], Served] = {
        **served_by_hubspot(simulator.hubspot),
        **served_by_sheet(simulator.world),
    }
    for source, mailbox in simulator.mail_sources().items():
        found |= served_by_imap(simulator.imap, mailbox, source)
    if "salesforce" in simulator.vendors:
        found |= served_by_salesforce(simulator.salesforce)
    if "jira" in simulator.vendors:
        found |= served_by_jira(simulator.jira)
    if "asana" in simulator.vendors:
        found |= served_by_asana(simulator.asana)
    if "decks" in simulator.vendors:
        found |= served_by_decks(simulator.decks_path)
    return found


def served_by_hubspot(hubspot: HubSpotSimulator, source: str = CRM_SOURCE) -> Truth:
    """CRM objects by id, and owners. Associations have a record per object and no stamp of their own."""
    store = hubspot.store
    found: dict[tuple[str, str], Served] = {}
    for kind in HUBSPOT_KINDS:
        live = {str(one.id): milliseconds(one.updated_at) for one in store.listed(kind, archived=False)}
        archived = {str(one.id) for one in store.listed(kind, archived=True)}
        merged = {str(loser) for merged_kind, loser in store.merged_into if merged_kind == kind}
        found[source, kind] = Served(
            live, archived | merged - live.keys(), mark_of=lambda payload: instant(payload.get("updatedAt"))
        )
    owners = {str(one["id"]): None for one in store.owners if not one.get("archived")}
    found[source, "owners"] = Served(owners)
    return found


def served_by_salesforce(salesforce: SalesforceSimulator, source: str = "salesforce") -> Truth:
    """Rows of every object that has a stream, by id."""
    found: dict[tuple[str, str], Served] = {}
    for kind, rows in salesforce.store.rows.items():
        live = {
            one: instant(row.get("SystemModstamp")) for one, row in rows.items() if not row.get("IsDeleted")
        }
        found[source, kind] = Served(
            live,
            {one for one, row in rows.items() if row.get("IsDeleted")},
            mark_of=lambda payload: instant(payload.get("SystemModstamp")),
        )
    for inner in (
        "Organization",
        "EventRelation",
        "EmailMessage",
    ):  # read inside other records, or not a record
        found.pop((source, inner), None)
    return found


def served_by_jira(jira: JiraSimulator, source: str = "jira") -> Truth:
    """Issues with their stamps; projects, accounts, comments, changes and work logs by id."""
    store = jira.store
    issues = store.issues.values()
    marks = {one.id: milliseconds(one.updated_at) for one in issues}
    return {
        (source, "projects"): Served(dict.fromkeys(store.projects)),
        (source, "users"): Served(dict.fromkeys(one.account_id for one in store.accounts.values())),
        (source, "issues"): Served(
            marks, mark_of=lambda payload: instant((payload.get("fields") or {}).get("updated"))
        ),
        (source, "comments"): Served(dict.fromkeys(each.id for one in issues for each in one.comments)),
        (source, "changelog"): Served(dict.fromkeys(each.id for one in issues for each in one.changes)),
        (source, "worklogs"): Served(dict.fromkeys(each.id for one in issues for each in one.worklogs)),
    }


def served_by_asana(asana: AsanaSimulator, source: str = "asana") -> Truth:
    """Projects, sections, tasks and stories that can be seen."""
    store = asana.store
    visible = set(store.visible())
    tasks = {gid: task for gid, task in store.held.tasks.items() if not task.gone and store.can_see(task)}
    sections = [one["gid"] for project in visible for one in store.held.sections.get(project, [])]
    return {
        (source, "projects"): Served(dict.fromkeys(visible)),
        (source, "sections"): Served(dict.fromkeys(sections)),
        (source, "tasks"): Served(
            {gid: milliseconds(task.modified_at) for gid, task in tasks.items()},
            {gid for gid, task in store.held.tasks.items() if task.gone},
            mark_of=lambda payload: instant(payload.get("modified_at")),
        ),
        (source, "stories"): Served(
            dict.fromkeys(str(one["gid"]) for task in tasks.values() for one in task.stories)
        ),
    }


def served_by_imap(imap: ImapSimulator, mailbox: str, source: str) -> Truth:
    """Messages of one mailbox by their header: the same mail in two folders is one."""
    folders = {name: one.messages for name, one in imap.mailbox(mailbox).folders.items()}
    uids = {name: {one.uid: header(one.raw) for one in messages} for name, messages in folders.items()}
    live = {key: None for by_uid in uids.values() for key in by_uid.values()}
    return {(source, "messages"): Served(live, key_of=by_header, uids=uids)}


def served_by_sheet(world: World, source: str = SHEET_SOURCE) -> Truth:
    """Rows of the partner list by what stands in them."""
    live = {row_content(row.values): None for row in world.sheet}
    return {(source, "rows"): Served(live, key_of=by_content)}


def served_by_decks(folder: Path, source: str = "decks") -> Truth:
    """Decks by the hash of their bytes: two files of the same content are one."""
    files = (path for path in folder.rglob("*.pptx") if path.is_file() and not path.name.startswith("~$"))
    return {
        (source, "decks"): Served({hashlib.sha256(path.read_bytes()).hexdigest(): None for path in files})
    }


def header(raw: bytes) -> str:
    """The header of a mail without its line ends: what no two different mails share."""
    return "".join(raw.partition(b"\r\n\r\n")[0].decode("latin-1").split())


def by_header(source_id: str, payload: Payload | None) -> Key:
    """The header of a landed mail."""
    return "".join(str(payload["header"]).split()) if payload and payload.get("header") else source_id


def by_content(source_id: str, payload: Payload | None) -> Key:
    """What stands in a landed row."""
    return row_content(payload) if payload else source_id


def milliseconds(moment: datetime) -> str:
    """A moment of the simulator as UTC text, as precise as the vendors are."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def instant(said: Any) -> str | None:
    """A vendor's stamp in any zone as UTC text; None where there is none that can be read."""
    try:
        return milliseconds(datetime.fromisoformat(str(said)))
    except ValueError:
        return None
