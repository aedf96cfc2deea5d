"""Draws the Jira site: delivery and support for partners and customers, and internal work that concerns nobody."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from partnerhub.simulator.world import delivery_texts
from partnerhub.simulator.world.delivery_texts import IssueScene
from partnerhub.simulator.world.field_values import Named
from partnerhub.simulator.world.model import Org
from partnerhub.simulator.world.organizations import Population
from partnerhub.simulator.world.projects import (
    Comment,
    Issue,
    IssueChange,
    IssueProject,
    Projects,
    Worklog,
)
from partnerhub.simulator.world.scenes import scene_of, sentence

JIRA_PROJECTS = (
    ("10001", "DEL", "Partner Delivery", "owner-4"),
    ("10002", "SUP", "Support", "owner-8"),
    ("10003", "INT", "Integrations", "owner-6"),
    ("10004", "OPS", "Internal Operations", "owner-9"),
)
ISSUE_SHARE = {"partner": 0.32, "customer": 0.12}
INTERNAL_PER_PARTNER = 0.14
STATUSES = (
    ("To Do", "new"),
    ("In Progress", "indeterminate"),
    ("In Review", "indeterminate"),
    ("Done", "done"),
)
PRIORITIES, PRIORITY_WEIGHTS = ("Highest", "High", "Medium", "Low"), (1, 3, 8, 3)
MOVED_SHARE, PARTNER_AUTHOR_SHARE, OVERDUE_SHARE = 0.05, 0.2, 0.3
LABELS = ("rollout", "data", "training", "security", "billing")


def draw_issues(rng: Random, population: Population, named: Named, now: datetime) -> Projects:
    """The four projects and everything in them."""
    projects = Projects()
    for number, key, name, lead in JIRA_PROJECTS:
        projects.issue_projects[number] = IssueProject(number, key, name, lead)
    for org in population.orgs.values():
        if org.id in named.recorded and rng.random() < ISSUE_SHARE.get(org.role, 0.0):
            for _ in range(rng.choice((1, 1, 2, 3))):
                support = org.role == "customer" or rng.random() < 0.35
                project = "10002" if support else rng.choice(("10001", "10001", "10003"))
                scenes = delivery_texts.SUPPORT if support else delivery_texts.DELIVERY
                draw_issue(rng, population, projects, named, project, rng.choice(scenes), org, now)
    partners = sum(org.role == "partner" for org in population.orgs.values())
    for _ in range(round(INTERNAL_PER_PARTNER * partners)):
        scene = rng.choice(delivery_texts.INTERNAL)
        draw_issue(rng, population, projects, named, "10004", scene, None, now)
    return projects


def draw_issue(
    rng: Random,
    population: Population,
    projects: Projects,
    named: Named,
    project_id: str,
    scene: IssueScene,
    org: Org | None,
    now: datetime,
) -> Issue:
    """One issue with what was written and done since it was opened."""
    blanks = scene_of(rng, population, org)
    opened = (now - timedelta(days=rng.randint(3, 420), seconds=rng.randint(0, 86399))).replace(microsecond=0)
    number = 20_000 + 7 * (len(projects.issues) + 1)
    partner = named.fill_in(rng, org) if org else None
    issue = Issue(
        id=str(number),
        key=next_key(projects, project_id),
        project_id=project_id,
        org_id=org.id if org else None,
        partner=partner,
        issue_type=scene.issue_type,
        summary=sentence(scene.summary, blanks),
        description=sentence(scene.description, blanks),
        status="To Do",
        status_category="new",
        priority=rng.choices(PRIORITIES, PRIORITY_WEIGHTS)[0],
        assignee_id=f"owner-{rng.randint(4, 10)}" if rng.random() < 0.85 else None,
        reporter_id=reporter(rng, population, org),
        created_at=opened,
        updated_at=opened,
        due=(opened + timedelta(days=rng.randint(7, 60))).date() if rng.random() < 0.5 else None,
        labels=rng.sample(LABELS, rng.choice((0, 0, 1, 2))),
    )
    if org and partner is None:
        issue.description += " " + naming_line(rng, population, org, blanks)
    projects.issues[issue.id] = issue
    unfold(rng, issue, scene, blanks, now)
    if project_id == "10001" and rng.random() < MOVED_SHARE:
        move(rng, projects, issue, "10003")
    return issue


def next_key(projects: Projects, project_id: str) -> str:
    """The next free key of a project; keys of issues that moved away are never given again."""
    prefix = projects.issue_projects[project_id].key
    taken = (key for issue in projects.issues.values() for key in (issue.key, *issue.former_keys))
    return f"{prefix}-{max((int(k.partition('-')[2]) for k in taken if k.startswith(f'{prefix}-')), default=0) + 1}"


def reporter(rng: Random, population: Population, org: Org | None) -> str:
    """Mostly one of us; now and then somebody of the partner, who has an account for it."""
    people = population.people_of(org.id) if org else []
    if people and rng.random() < PARTNER_AUTHOR_SHARE:
        return people[0].id
    return f"owner-{rng.randint(1, 10)}"


def naming_line(rng: Random, population: Population, org: Org, blanks: dict[str, str]) -> str:
    """How the text says whom the issue is about, when the field is empty."""
    people = population.people_of(org.id)
    line = f"{org.name} ({org.domains[0]})" if org.domains and rng.random() < 0.5 else org.name
    texts = delivery_texts.TEXT_ONLY if people else delivery_texts.TEXT_ONLY[:1]
    address = people[0].emails[0] if people else ""
    return rng.choice(texts).format(**{**blanks, "partner_line": line, "address": address})


def unfold(rng: Random, issue: Issue, scene: IssueScene, blanks: dict[str, str], now: datetime) -> None:
    """Comments, changes of status and time spent, in order; the older, the likelier it is done."""
    age = (now - issue.created_at).days
    late = issue.due is not None and issue.due < now.date()
    done = rng.random() < (0.92 if age > 90 else 0.5 if late else 0.25)
    reach = len(STATUSES) - 1 if done else rng.randint(0, len(STATUSES) - 2)
    shown = scene.comments[: len(scene.comments) if done else rng.randint(0, len(scene.comments))]
    steps = len(shown) + reach
    span = (now - timedelta(hours=2) - issue.created_at) * (0.2 + 0.6 * rng.random())
    moments = [issue.created_at + span * ((at + 1) / (steps + 1)) for at in range(steps)]
    moments = [moment.replace(microsecond=0) for moment in moments]
    people = [p for p in (issue.assignee_id, issue.reporter_id) if p]
    for at, text in enumerate(shown):
        identity = f"{issue.id}{at + 1:02d}"
        author = rng.choice(people)
        issue.comments.append(Comment(identity, author, moments.pop(0), sentence(text, blanks)))
    for at in range(reach):
        before, after = STATUSES[at], STATUSES[at + 1]
        author = issue.assignee_id or issue.reporter_id
        identity = f"{issue.id}{at + 51}"
        issue.changes.append(IssueChange(identity, author, moments.pop(0), "status", before[0], after[0]))
        issue.status, issue.status_category = after
    if done:
        issue.resolved_at = issue.changes[-1].created_at
    if reach and issue.assignee_id and rng.random() < 0.6:
        text = rng.choice(delivery_texts.WORK_DONE).format(**blanks)
        started, seconds = issue.changes[0].created_at, 900 * rng.randint(2, 24)
        issue.worklogs.append(Worklog(f"{issue.id}91", issue.assignee_id, started, seconds, text))
    touched = [comment.created_at for comment in issue.comments]
    touched += [change.created_at for change in issue.changes]
    issue.updated_at = max([issue.created_at, *touched])


def move(rng: Random, projects: Projects, issue: Issue, project_id: str) -> None:
    """To another project: a new key, the same id; the old key leads to it."""
    former, before = issue.key, projects.issue_projects[issue.project_id]
    after = projects.issue_projects[project_id]
    issue.key = next_key(projects, project_id)
    issue.former_keys.append(former)
    issue.project_id = project_id
    at = issue.updated_at + timedelta(minutes=rng.randint(1, 50))
    author = issue.assignee_id or issue.reporter_id
    issue.changes.append(IssueChange(f"{issue.id}81", author, at, "project", before.name, after.name))
    issue.changes.append(IssueChange(f"{issue.id}82", author, at, "Key", former, issue.key))
    issue.updated_at = at
