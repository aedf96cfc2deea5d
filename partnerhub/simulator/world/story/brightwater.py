"""Brightwater Energy: every tool says something else, and none of them says that the renewal is about to fail."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from partnerhub.simulator.world.decks import Slide
from partnerhub.simulator.world.delivery import next_key
from partnerhub.simulator.world.model import Human, Org, Staff
from partnerhub.simulator.world.projects import Comment, Issue, IssueChange, Story, Task, TaskProject
from partnerhub.simulator.world.sales import Opportunity, SalesAccount, SalesActivity, SalesContract
from partnerhub.simulator.world.sales_ids import sales_id
from partnerhub.simulator.world.story.stage import Stage

DOMAIN = "brightwaterenergy.com"
PLACE = ("418 Western Avenue", "98104", "Seattle", "WA", "US", "+1 206 555 0143")
UNTOUCHED_DAYS, UNANSWERED_DAYS, OVERDUE_DAYS, RENEWAL_DAYS = 97, 12, 9, 24
PROMISED_DAYS, BOUNCED_DAYS, REVIEWED_DAYS = 425, 4, 31
CRM_TIER, CRM_VALUE_MINOR = "Silver", 31_000_000
DECK_VALUES = {"Status": "On track", "Tier": "Gold", "ARR": "$480k"}
OTHER_TIER = "Bronze"
"""The tier on the duplicate in HubSpot, which neither the CRM nor the deck agrees with."""


class Brightwater(NamedTuple):
    """Who plays in it."""

    org: Org
    account: SalesAccount
    renewal: Opportunity
    maya: Human
    tom: Human
    blocker: Issue


def tell(stage: Stage, former: Staff) -> Brightwater:
    """Place Brightwater and everything said and written about it. former: the manager who has left."""
    nora, ivo = stage.world.staff["owner-1"], stage.world.staff["owner-7"]
    org = stage.org(
        "partner", "Brightwater Energy", [DOMAIN], PLACE, tier=CRM_TIER, owner_id=former.id, employees=640
    )
    maya = stage.human(org, "Maya Lindholm", f"maya.lindholm@{DOMAIN}", "VP Operations")
    tom = stage.human(org, "Tom Okafor", f"tom.okafor@{DOMAIN}", "IT Security Lead")
    stage.company(org, days=120)
    stage.company(
        org, "BrightWater", days=260, tier=OTHER_TIER, phone=None, street=None, postcode=None, region=None
    )
    account, renewal = keep_in_crm(stage, org, maya, tom)
    discovery(stage, org, former, nora, maya)
    rollout(stage, org, nora, maya, tom)
    blocker = delivery(stage, org, nora, ivo)
    onboarding(stage, org)
    review(stage, org)
    return Brightwater(org, account, renewal, maya, tom, blocker)


def keep_in_crm(stage: Stage, org: Org, maya: Human, tom: Human) -> tuple[SalesAccount, Opportunity]:
    """Salesforce: the account, the agreement, and the renewal that nobody has touched for 97 days."""
    account = stage.account(
        org,
        days=UNTOUCHED_DAYS,
        annual_value_minor=CRM_VALUE_MINOR,
        currency="USD",
        last_review=stage.ago(200).date(),
    )
    contacts = [stage.contact(human, account, days=150).id for human in (maya, tom)]
    ends = (stage.world.now + timedelta(days=RENEWAL_DAYS)).date()
    signed, touched = stage.ago(341, 11), stage.ago(UNTOUCHED_DAYS)
    contract = SalesContract(
        id=sales_id("contract", stage.number()),
        org_id=org.id,
        account_id=account.id,
        number="00090001",
        status="Activated",
        starts_on=ends - timedelta(days=364),
        ends_on=ends,
        term_months=12,
        owner_id=org.owner_id,
        special_terms="Renews only after single sign-on has passed Brightwater's security review.",
        created_at=signed,
        modified_at=signed,
    )
    stage.world.sales.contracts[contract.id] = contract
    renewal = Opportunity(
        id=sales_id("opportunity", stage.number()),
        account_id=account.id,
        org_id=org.id,
        name="Brightwater Energy - renewal",
        amount_minor=CRM_VALUE_MINOR,
        currency="USD",
        stage="Negotiation",
        opportunity_type="Renewal",
        close_date=ends,
        owner_id=org.owner_id,
        history=[("Qualification", stage.ago(140)), ("Proposal", stage.ago(118)), ("Negotiation", touched)],
        contact_ids=contacts[:1],
        partner_account_ids=[],
        created_at=stage.ago(140),
        modified_at=touched,
    )
    stage.world.sales.opportunities[renewal.id] = renewal
    return account, renewal


def discovery(stage: Stage, org: Org, former: Staff, nora: Staff, maya: Human) -> None:
    """Fourteen months ago: the first talks, and a promise that went into no list."""
    first = stage.mail(
        org, maya, [former], "Field planning for Brightwater",
        "Hi Dana,\n\nthank you for the walkthrough on Tuesday. Two things decide this for us: my six field planners"
        " have to be able to work with it without me in the room, and it has to sit behind our single sign-on before we"
        " let the other four depots in.\n\nHow would you handle the first part?\n\nMaya",
        stage.ago(PROMISED_DAYS + 2, 8, 40), cc=[nora],
    )  # fmt: skip
    promise = stage.mail(
        org, former, [maya], "",
        "Hi Maya,\n\nthat is fair. We will train your six field planners on site in Seattle, two days, at no cost,"
        " before the second depot goes live. Single sign-on is on our list for the release in spring; I will connect"
        " you with Ivo who builds it.\n\nShall I send the order form?\n\nDana",
        stage.ago(PROMISED_DAYS, 10, 5), cc=[nora], answers=first,
    )  # fmt: skip
    stage.mail(
        org, maya, [former], "",
        "Yes please. With the training in writing I can sign for the first depot this month.\n\nMaya",
        stage.ago(PROMISED_DAYS - 1, 15, 20), cc=[nora], answers=promise,
    )  # fmt: skip


def rollout(stage: Stage, org: Org, nora: Staff, maya: Human, tom: Human) -> None:
    """This year: the rollout slows down, is paused, and nobody answers."""
    asked = stage.mail(
        org, nora, [maya], "Depots two to five",
        "Hi Maya,\n\ndepot one has been running for half a year now. Shall we set dates for the other four?\n\nNora",
        stage.ago(52, 9, 15), cc=[],
    )  # fmt: skip
    test = stage.mail(
        org, maya, [nora], "",
        "Hi Nora,\n\nas soon as Tom's team has tested single sign-on. He wrote that sign-in loops when somebody comes"
        " from the plant network. Tom is in copy.\n\nMaya",
        stage.ago(50, 17, 2), cc=[tom], answers=asked,
    )  # fmt: skip
    stage.mail(
        org, nora, [maya, tom], "",
        "Understood. Ivo has opened a ticket for the loop, I keep you posted.\n\nNora",
        stage.ago(49, 8, 30), answers=test,
    )  # fmt: skip
    paused = stage.ago(UNANSWERED_DAYS)
    stage.mail(
        org, maya, [nora], "Pausing the rollout",
        "Hi Nora,\n\nI have to pause the rollout: no further depot until single sign-on passes our security review."
        " Tom's test failed again on Monday, and I cannot explain a third date to my board.\n\nYou should also know"
        f" that I am leaving Brightwater, my last day is {paused + timedelta(days=6):%d %B}. I have"
        " not been told who takes this over, so please settle the renewal with Tom until then.\n\n"
        "Sorry to leave you with this,\nMaya",
        paused,
    )  # fmt: skip
    lost = stage.mail(
        None, ("Mail Delivery System", f"mailer-daemon@{stage.world.own_domain}"), [nora],
        "Undelivered Mail Returned to Sender",
        'Your invitation "Partner day: your seat" could not be delivered to one recipient.\n\n'
        f"<{maya.emails[0]}>: 550 5.1.1 user unknown",
        stage.ago(BOUNCED_DAYS, 6, 12), kind="bounce",
    )  # fmt: skip
    lost.bounced = maya.emails[0]


def delivery(stage: Stage, org: Org, nora: Staff, ivo: Staff) -> Issue:
    """Jira: the blocker, overdue."""
    projects, number = stage.world.projects, stage.number()
    opened, last = stage.ago(49, 8, 20), stage.ago(13, 11, 40)
    issue = Issue(
        id=str(number),
        key=next_key(projects, "10003"),
        project_id="10003",
        org_id=org.id,
        partner=DOMAIN,
        issue_type="Bug",
        summary="Blocker: single sign-on loops from Brightwater's plant network",
        description="Sign-in comes back to the start page when the browser sends no referrer, as their proxy makes it."
        " Brightwater opens no further depot until their security review has passed.",
        status="In Progress",
        status_category="indeterminate",
        priority="Highest",
        assignee_id=ivo.id,
        reporter_id=nora.id,
        created_at=opened,
        updated_at=last,
        due=stage.ago(OVERDUE_DAYS).date(),
        labels=["blocker"],
    )
    issue.comments = [
        Comment(
            f"{number}01", ivo.id, stage.ago(30, 14), "Fixed on staging for browsers that send a referrer."
        ),
        Comment(
            f"{number}02",
            ivo.id,
            last,
            "Their test failed again: the proxy also drops the cookie. Needs a new idea.",
        ),
    ]
    issue.changes = [IssueChange(f"{number}51", ivo.id, stage.ago(44), "status", "To Do", "In Progress")]
    projects.issues[issue.id] = issue
    stage_task = SalesActivity(
        id=sales_id("task", stage.number()),
        kind="task",
        org_id=org.id,
        account_id=next(a.id for a in stage.world.sales.accounts.values() if a.org_id == org.id),
        contact_id=None,
        opportunity_id=None,
        owner_id=org.owner_id,
        subject="Call Maya about depot dates",
        text="Ask for dates for depots two to five and send the renewal paper afterwards.",
        status="Not Started",
        happened_at=stage.ago(UNTOUCHED_DAYS, 16),
        created_at=stage.ago(UNTOUCHED_DAYS, 16),
        modified_at=stage.ago(UNTOUCHED_DAYS, 16),
        due=stage.ago(80).date(),
    )
    stage.world.sales.activities[stage_task.id] = stage_task
    return issue


ONBOARDING_TASKS = (
    ("Create tenant for depot one", 398, True),
    ("Import meter points of depot one", 380, True),
    ("Directory entry with logo", 371, True),
    ("Plan depots two to five with Maya", 60, False),
)
"""Name, how many days ago it was made, whether it is done. Nobody wrote down the training that was promised."""


def onboarding(stage: Stage, org: Org) -> None:
    """Asana: what was planned."""
    numbers = [f"12049{stage.number():011d}" for _ in range(3)]
    made = stage.ago(400)
    project = TaskProject(
        id=numbers[0],
        name="Onboarding – Brightwater Energy",
        notes="Five depots, one after the other. Depot one first.",
        org_id=org.id,
        owner_id="owner-2",
        member_ids=["owner-1", "owner-2"],
        sections=[(numbers[1], "Depot one"), (numbers[2], "Other depots")],
        created_at=made,
        modified_at=stage.ago(60),
        partner=DOMAIN,
    )
    stage.world.projects.task_projects[project.id] = project
    for name, days, done in ONBOARDING_TASKS:
        task = Task(
            id=f"12049{stage.number():011d}",
            project_id=project.id,
            section_id=numbers[1] if done else numbers[2],
            org_id=org.id,
            name=name,
            notes="",
            assignee_id="owner-2",
            created_at=stage.ago(days),
            modified_at=stage.ago(days - 12 if done else days),
            partner=DOMAIN,
            due=stage.ago(days - 14).date(),
            completed_at=stage.ago(days - 12) if done else None,
        )
        if done:
            task.stories.append(
                Story(
                    f"12049{stage.number():011d}",
                    "owner-2",
                    stage.ago(days - 12),
                    "completed",
                    "completed",
                )
            )
        stage.world.projects.tasks[task.id] = task


def review(stage: Stage, org: Org) -> None:
    """The quarterly deck, which was made from the one before."""
    at = stage.ago(REVIEWED_DAYS, 13)
    quarter = f"Q{(at.month - 1) // 3 + 1} {at.year}"
    slides = [
        Slide(f"Brightwater Energy: quarterly review {quarter}", ["Partner team", DOMAIN]),
        Slide("Where we stand", table=[["Field", "Value"], *([k, v] for k, v in DECK_VALUES.items())]),
        Slide("Highlights", ["Depot one live since spring", "Depots two to five follow this quarter"]),
        Slide("Figures", chart=("Meter points, thousands", ["Q1", "Q2", "Q3"], [14.0, 15.5, 15.6])),
        Slide("Next steps", grouped=["Set dates for depots two to five", "Prepare renewal paper"],
              notes="Numbers are those of last quarter, Dana wanted to update them."),
    ]  # fmt: skip
    path = f"Reviews/{at.year}/brightwater-energy-{quarter.replace(' ', '-').lower()}.pptx"
    stage.deck(org, path, slides, dict(DECK_VALUES), at)
