"""Asana's rig: the simulator over one project with seven tasks, or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.asana import Asana
from partnerhub.simulator.asana import AsanaSimulator
from partnerhub.simulator.faults import Fault
from partnerhub.simulator.world.model import Staff, World
from partnerhub.simulator.world.projects import Task, TaskProject
from tests.connectors.conformance.rig import PAGE_SIZE, FaultKind, Rig, Scene

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
DATA = "GET /api/1.0/tasks"
"""The data requests of the stream."""


def asana_world(*projects: TaskProject, tasks: tuple[Task, ...] = (), now: datetime = NOW) -> World:
    """A world of one colleague and the given projects and tasks."""
    ana = Staff("owner-1", "Ana Sommer", "ana.sommer@northwind.example", "Partners", has_mailbox=False)
    ben = Staff("owner-2", "Ben Okafor", "ben.okafor@northwind.example", "Delivery", has_mailbox=False)
    staff = {one.id: one for one in (ana, ben)}
    world = World(1, now, "northwind.example", {}, {}, staff, {}, {}, {}, [], [])
    world.projects.task_projects = {project.id: project for project in projects}
    world.projects.tasks = {task.id: task for task in tasks}
    return world


def project(number: int = 1, name: str = "Onboarding – Kestrel", **others: object) -> TaskProject:
    """A project with two sections; its gid is `9000` and its number."""
    gid, begun = f"9000{number}", NOW - timedelta(days=90)
    sections = [(f"{gid}01", "To do"), (f"{gid}02", "Done")]
    given = {"notes": "", "org_id": None, "owner_id": "owner-1", "member_ids": ["owner-1", "owner-2"]}
    return TaskProject(
        gid, name, sections=sections, created_at=begun, modified_at=begun, **{**given, **others}
    )


def task(number: int, project_number: int = 1, modified_at: datetime | None = None, **others: object) -> Task:
    """A task in the first section of a project; its gid is its number."""
    gid, stamp = f"9000{project_number}", modified_at or NOW - timedelta(days=30)
    given = {
        "org_id": None,
        "name": f"Task {number} 🌱",
        "notes": "",
        "assignee_id": None,
        "created_at": stamp,
    }
    return Task(str(number), gid, f"{gid}01", modified_at=stamp, **{**given, **others})


def settings_for(simulator: AsanaSimulator, **others: object) -> Asana:
    """The connector pointed at a simulator: small pages, waits of milliseconds, no pace."""
    quick = {"first_wait_seconds": 0.001, "requests_per_minute": 0, "tries": 4, "page_size": PAGE_SIZE}
    return Asana.model_validate({"base_url": simulator.api_url, "token": simulator.token, **quick, **others})


class AsanaRig(Rig):
    name = "asana"

    @contextmanager
    def scene(self, folder: Path, *, records: int, equal_timestamps: bool = False) -> Iterator[Scene]:
        first = NOW - timedelta(days=1)
        stamps = [first + timedelta(seconds=0 if equal_timestamps else number) for number in range(records)]
        tasks = tuple(task(1001 + number, modified_at=stamp) for number, stamp in enumerate(stamps))
        with AsanaSimulator(asana_world(project(), tasks=tasks)) as simulator:
            if records:
                simulator.store.held.tasks["1001"].body["brand_new_field"] = "kept"

            def fault(kind: FaultKind, times: int) -> None:
                simulator.faults.add(Fault(DATA, kind, nth=2 if kind == "repeat_token" else 1, times=times))

            yield Scene(
                settings_for(simulator, extra_fields={"tasks": ("brand_new_field",)}),
                "tasks",
                frozenset(one.id for one in tasks),
                fault,
                secrets=(simulator.token,),
                unknown_field=("brand_new_field", "kept"),
            )


RIG = AsanaRig()
