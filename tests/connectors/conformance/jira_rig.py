"""Jira's rig: the simulator over issues of one project, seven or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.jira import Jira
from partnerhub.simulator.faults import Fault
from partnerhub.simulator.jira import JiraSimulator
from partnerhub.simulator.world.model import Human, Staff, World
from partnerhub.simulator.world.projects import Issue, IssueProject
from tests.connectors.conformance.rig import PAGE_SIZE, FaultKind, Rig, Scene

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
SEARCH = "* /rest/api/3/search/jql"
"""The data requests of the stream."""


def site_world(issues: int = 0, now: datetime = NOW, *, equal_timestamps: bool = False) -> World:
    """A world of one project, `issues` issues, one colleague and one person of a partner."""
    staff = {"owner-1": Staff("owner-1", "Ida Berg", "ida@example.org", "delivery", has_mailbox=True)}
    human = Human("human-1", "org-1", "Maya", "Ortiz", ["maya@kestrel.example"], None, "Engineer")
    world = World(1, now, "example.org", {}, {"human-1": human}, staff, {}, {}, {}, [], [])
    world.projects.issue_projects["10001"] = IssueProject("10001", "DEL", "Delivery", "owner-1")
    for number in range(1, issues + 1):
        at = now - timedelta(days=1) + timedelta(seconds=0 if equal_timestamps else number)
        one = issue(number, at)
        world.projects.issues[one.id] = one
    return world


def issue(number: int, at: datetime, **changes: object) -> Issue:
    """An issue opened and last changed at a moment."""
    facts: dict[str, object] = {
        "id": str(20000 + number),
        "key": f"DEL-{number}",
        "project_id": "10001",
        "org_id": None,
        "partner": None,
        "issue_type": "Task",
        "summary": f"Issue {number} 🌱",
        "description": "What is to be done.",
        "status": "To Do",
        "status_category": "new",
        "priority": "High",
        "assignee_id": "owner-1",
        "reporter_id": "owner-1",
        "created_at": at,
        "updated_at": at,
    }
    return Issue(**{**facts, **changes})  # type: ignore[arg-type]


def settings_for(simulator: JiraSimulator, **others: object) -> Jira:
    """The connector pointed at a simulator: small pages, waits of milliseconds, no pace."""
    quick = {"first_wait_seconds": 0.001, "requests_per_second": 0, "tries": 4, "page_size": PAGE_SIZE}
    access = {"base_url": simulator.url, "email": simulator.email, "token": simulator.token}
    return Jira.model_validate({**access, **quick, **others})


class JiraRig(Rig):
    name = "jira"

    @contextmanager
    def scene(self, folder: Path, *, records: int, equal_timestamps: bool = False) -> Iterator[Scene]:
        del folder
        world = site_world(records, equal_timestamps=equal_timestamps)
        with JiraSimulator(world) as simulator:
            simulator.store.extra_fields["20003"] = {"customfield_77777": "kept"}

            def fault(kind: FaultKind, times: int) -> None:
                simulator.faults.add(Fault(SEARCH, kind, nth=2 if kind == "repeat_token" else 1, times=times))

            yield Scene(
                settings_for(simulator),
                "issues",
                frozenset(world.projects.issues),
                fault,
                secrets=(simulator.token,),
                unknown_field=("fields.customfield_77777", "kept"),
            )


RIG = JiraRig()
