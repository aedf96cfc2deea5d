"""Draws the Asana workspace: onboarding and enablement projects per partner, and the partner team's own work."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from partnerhub.simulator.world import delivery_texts
from partnerhub.simulator.world.field_values import Named
from partnerhub.simulator.world.model import Org
from partnerhub.simulator.world.organizations import Population
from partnerhub.simulator.world.projects import Projects, Story, Task, TaskProject
from partnerhub.simulator.world.scenes import scene_of, sentence

PROJECT_SHARE, FIELD_ON_TASK_SHARE = 0.22, 0.8
PLANS = (("Onboarding", delivery_texts.ONBOARDING), ("Enablement", delivery_texts.ENABLEMENT))
TEAM_PROJECTS = ("Partner team: weekly", "Partner day", "Website relaunch")
FIRST_GID = 1_204_000_000_000_000
"""Asana's ids are long numbers; they are given out in steps, whatever the kind of thing."""
GID_STEP = 3019
ONBOARDING_TEAM = ("owner-1", "owner-2", "owner-3", "owner-4", "owner-5")


class Gids:
    """Gives out ids."""

    def __init__(self, given: int = 0) -> None:
        """`given`: how many are out already."""
        self.given = given

    def next(self) -> str:
        """The next id."""
        self.given += 1
        return str(FIRST_GID + GID_STEP * self.given)


def draw_tasks(rng: Random, population: Population, projects: Projects, named: Named, now: datetime) -> None:
    """Projects about a fifth of the partners, each with its tasks, and the team's own projects."""
    gids = Gids()
    for org in population.orgs.values():
        if org.role == "partner" and org.id in named.recorded and rng.random() < PROJECT_SHARE:
            draw_partner_project(rng, population, projects, named, org, gids, now)
    for name in TEAM_PROJECTS:
        draw_team_project(rng, population, projects, name, gids, now)


def draw_partner_project(
    rng: Random, population: Population, projects: Projects, named: Named, org: Org, gids: Gids, now: datetime
) -> None:
    """One plan for one partner; each task follows the one before."""
    title, plan = rng.choice(PLANS)
    started = (now - timedelta(days=rng.randint(10, 380), seconds=rng.randint(0, 86399))).replace(
        microsecond=0
    )
    owner = rng.choice(ONBOARDING_TEAM)
    partner = named.fill_in(rng, org) or named.accounts.get(org.id) or named.names.get(org.id)
    project = TaskProject(
        id=gids.next(),
        name=f"{title} – {org.name}",
        notes=sentence("{partner}, {city}. First contact there: {person}.", scene_of(rng, population, org)),
        org_id=org.id,
        owner_id=owner,
        member_ids=list(dict.fromkeys((owner, rng.choice(ONBOARDING_TEAM)))),
        sections=[(gids.next(), name) for name, _ in plan],
        created_at=started,
        modified_at=started,
        partner=partner,
        due=(started + timedelta(days=120)).date(),
        archived=(now - started).days > 300,
    )
    projects.task_projects[project.id] = project
    made = started
    for section, (_, tasks) in zip(project.sections, plan, strict=True):
        for name, notes in rng.sample(tasks, min(len(tasks), rng.randint(1, 3))):
            made = min(made + timedelta(hours=rng.randint(1, 40)), now - timedelta(days=1))
            task = add_task(rng, population, projects, project, section[0], (name, notes), org, gids, made)
            task.partner = partner if rng.random() < FIELD_ON_TASK_SHARE else None
            unfold(rng, population, task, org, gids, now)
            project.modified_at = max(project.modified_at, task.modified_at)


def draw_team_project(
    rng: Random, population: Population, projects: Projects, name: str, gids: Gids, now: datetime
) -> None:
    """A project of the team itself: it concerns no organization."""
    started = (now - timedelta(days=rng.randint(200, 500), seconds=rng.randint(0, 86399))).replace(
        microsecond=0
    )
    owner = rng.choice(ONBOARDING_TEAM)
    project = TaskProject(
        id=gids.next(),
        name=name,
        notes="",
        org_id=None,
        owner_id=owner,
        member_ids=list(ONBOARDING_TEAM),
        sections=[(gids.next(), section) for section in ("Next", "Doing", "Done")],
        created_at=started,
        modified_at=started,
    )
    projects.task_projects[project.id] = project
    for texts in rng.sample(delivery_texts.TEAM_TASKS, rng.randint(3, len(delivery_texts.TEAM_TASKS))):
        made = now - (now - started) * rng.random() - timedelta(days=2)
        section = rng.choice(project.sections)[0]
        task = add_task(rng, population, projects, project, section, texts, None, gids, made)
        unfold(rng, population, task, None, gids, now)
        project.modified_at = max(project.modified_at, task.modified_at)


def add_task(
    rng: Random,
    population: Population,
    projects: Projects,
    project: TaskProject,
    section_id: str,
    texts: tuple[str, str],
    org: Org | None,
    gids: Gids,
    made: datetime,
) -> Task:
    """One task, just made."""
    scene = scene_of(rng, population, org)
    task = Task(
        id=gids.next(),
        project_id=project.id,
        section_id=section_id,
        org_id=org.id if org else None,
        name=sentence(texts[0], scene),
        notes=sentence(texts[1], scene),
        assignee_id=rng.choice(project.member_ids) if rng.random() < 0.9 else None,
        created_at=made.replace(microsecond=0),
        modified_at=made.replace(microsecond=0),
        due=(made + timedelta(days=rng.randint(5, 45))).date() if rng.random() < 0.8 else None,
    )
    projects.tasks[task.id] = task
    return task


def unfold(
    rng: Random, population: Population, task: Task, org: Org | None, gids: Gids, now: datetime
) -> None:
    """Comments, and the moment it was completed; most of what is past its day is done."""
    end = now - timedelta(hours=3)
    author = task.assignee_id or rng.choice(ONBOARDING_TEAM)
    scene = scene_of(rng, population, org)
    texts = [t for t in delivery_texts.TASK_COMMENTS if org or ("{person}" not in t and "{city}" not in t)]
    for text in rng.sample(texts, rng.choice((0, 0, 1, 1, 2))):
        at = (task.modified_at + (end - task.modified_at) * (0.3 * rng.random())).replace(microsecond=0)
        task.stories.append(Story(gids.next(), author, at, "comment", sentence(text, scene)))
        task.modified_at = at
    past = task.due is not None and task.due < now.date()
    if rng.random() < (0.88 if past else 0.3):
        days = rng.randint(1, 20)
        done = min(task.modified_at + timedelta(days=days), end).replace(microsecond=0)
        task.completed_at = task.modified_at = done
        task.stories.append(Story(gids.next(), author, done, "completed", "marked this task complete"))
