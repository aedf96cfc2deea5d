"""The page of one partner: the whole relationship, now or as it was known on a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from partnerhub.access.roles import Permission
from partnerhub.access.sign_in import Caller
from partnerhub.web import partner_words
from partnerhub.web.connected import Connected, Now
from partnerhub.web.deep_links import deep_link, safe_link
from partnerhub.web.guard import Needs
from partnerhub.web.local_time import local_time
from partnerhub.web.moved import FOR_GOOD, AnswersElsewhere
from partnerhub.web.next_steps import next_steps
from partnerhub.web.overdue_sources import overdue_sources
from partnerhub.web.partner_then import Then, facts_then
from partnerhub.web.rendering import render
from partnerhub.web.source_states import states_of
from warehouse.database import Connection
from warehouse.queries import holdings, known_then, record
from warehouse.queries.asked import questions_about
from warehouse.queries.completeness import completeness_of
from warehouse.queries.health import seconds_since
from warehouse.queries.identity import former_ids
from warehouse.queries.next_words import next_words
from warehouse.queries.partners import surviving_id
from warehouse.queries.person_strength import person_strength
from warehouse.queries.readings import readings, touches_of
from warehouse.queries.relations import relations
from warehouse.queries.signals import signals
from warehouse.queries.sources import Face, faces, record_names

UUID_TEXT: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOT_FOUND: Final = 404
MOVED = 307
NEWEST: Final = 20
"""Entries of the timeline on this page; all of them have a page of their own."""

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Needs(Permission.READ_PARTNERS))]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks about which partner, through what, and when (UTC text)."""

    caller: Caller
    connection: Connection
    organization_id: str
    now: str
    request: Request

    @property
    def sites(self) -> dict[str, str]:
        """Source → address of its web pages."""
        return dict(self.request.app.state.wiring.sites)

    def then(self, as_of: str, moment: str) -> Then:
        """The same partner at the end of a day."""
        recall = self.request.app.state.wiring.recall
        return Then(self.caller.viewer, self.connection, self.organization_id, as_of, moment, recall)


@router.get("/partners/{organization_id}")
def partner(
    request: Request,
    caller: Reader,
    connection: Connected,
    now: Now,
    organization_id: str,
    as_of: Annotated[str, Query(max_length=40)] = "",
    changed: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """One partner. An id that was merged answers by its survivor, for good as far as a browser is concerned."""
    survivor = survivor_of(caller, connection, organization_id)
    moment, wrong = moment_of(as_of)
    is_past = moment is not None and moment < now
    if survivor != organization_id and not (
        moment and was_itself(caller, connection, organization_id, moment)
    ):
        days = f"?as_of={as_of}" if is_past else ""
        return RedirectResponse(f"/partners/{survivor}{days}", status_code=MOVED if days else FOR_GOOD)
    asked = Asked(caller, connection, organization_id, now, request)
    if moment is not None and is_past:
        facts = facts_then(asked.then(as_of, moment), now[:10])
        return render(request, "partner_then.html", {**facts, "survivor": survivor})
    facts = {**facts_now(asked), "changed": changed, "wrong_day": wrong}
    return render(request, "partner.html", facts)


def survivor_of(caller: Caller, connection: Connection, organization_id: str) -> str:
    """The id a partner answers by. Raises 404 for one the caller cannot know of."""
    known = UUID_TEXT.fullmatch(organization_id)
    survivor = surviving_id(caller.viewer, connection, organization_id) if known else None
    if survivor is None:
        raise HTTPException(NOT_FOUND)
    return survivor


def survivor_at(caller: Caller, connection: Connection, organization_id: str, page: str) -> str:
    """The id of a partner whose page this is; one that was merged has none any more.

    page: what follows the id in the address. Raises 404 as `survivor_of`, and AnswersElsewhere with the address there.
    """
    survivor = survivor_of(caller, connection, organization_id)
    if survivor != organization_id:
        raise AnswersElsewhere(f"/partners/{survivor}/{page}")
    return survivor


def was_itself(caller: Caller, connection: Connection, organization_id: str, moment: str) -> bool:
    """Whether an id that answers by another one was an organization of its own at a moment."""
    return known_then.redirected_then(caller.viewer, connection, organization_id, moment)


def moment_of(as_of: str) -> tuple[str | None, str]:
    """The end of a day written as `2026-10-01`, as UTC text; and what is wrong with it, in words."""
    if not as_of:
        return None, ""
    try:
        return f"{date.fromisoformat(as_of).isoformat()}T23:59:59.999999Z", ""
    except ValueError:
        return None, f"“{as_of}” is no day. Write it as 2026-10-01."


def facts_now(asked: Asked) -> dict[str, Any]:
    """Everything the page shows of a partner now."""
    viewer, connection, organization_id = asked.caller.viewer, asked.connection, asked.organization_id
    known = faces(connection)
    organization = record.organization(viewer, connection, organization_id) or {}
    records = record.source_records(viewer, connection, organization_id)
    values = record.values(viewer, connection, organization_id)
    names = record_names(connection, partner_words.records_named(values, records))
    events = record.timeline(viewer, connection, organization_id, limit=NEWEST + 1)
    related = relationship(asked, organization)
    groups = partner_words.properties(values, names, known, asked.sites)
    former = former_ids(connection, organization_id)
    return {
        **related,
        "organization": organization,
        "partnerships": record.partnerships(viewer, connection, organization_id),
        **freshness(asked, known, records),
        "there": local_time(organization, asked.now),
        "records": [
            (each, names[each.record], deep_link(each.record, known.get(each.source), asked.sites))
            for each in records
        ],
        "groups": groups,
        "standing": partner_words.standing(groups, related["agreements"], asked.now),
        "relations": relations(viewer, connection, organization_id),
        "work": [
            (each, work_link(each, known, asked))
            for each in holdings.work_items(viewer, connection, organization_id)
        ],
        "documents": holdings.documents(viewer, connection, organization_id),
        "former": former,
        "asked": {
            each.field: each for each in questions_about(viewer, connection, [organization_id, *former])
        },
        "faces": known,
        "months": partner_words.months_of(events[:NEWEST], asked.now),
        "more": len(events) > NEWEST,
        "today": asked.now[:10],
        "tomorrow": day_after(asked.now, 1),
        "in_a_week": day_after(asked.now, 7),
        "age_of": lambda at: partner_words.short_age(seconds_since(at, asked.now)),
        "may_correct": asked.caller.may(Permission.CORRECT_VALUES),
        "website": safe_link(organization.get("website")),
    }


def relationship(asked: Asked, organization: dict[str, Any]) -> dict[str, Any]:
    """The four readings, what to do next, and what they are computed from."""
    viewer, connection, organization_id = asked.caller.viewer, asked.connection, asked.organization_id
    found = signals(viewer, connection, organization_id)
    deals = record.deals(viewer, connection, organization_id)
    promised = (
        record.commitments(viewer, connection, organization_id),
        record.agreements(viewer, connection, organization_id),
    )
    touches = touches_of(viewer, connection, organization_id, asked.now)
    computed = readings(touches, deals, found, promised, asked.now)
    people = record.people(viewer, connection, organization_id)
    words = next_words(viewer, connection, organization_id) if computed.risks else {}
    steps = next_steps(found, computed.risks, words, asked.now[:10])
    return {
        "organization": organization,
        "readings": computed,
        "next": steps.first,
        "steps": steps,
        "signals": found,
        "deals": deals,
        "commitments": promised[0],
        "agreements": promised[1],
        "people": sorted(
            people, key=lambda each: (each.until is not None, -computed.met.get(each.person_id, 0))
        ),
        "close": {each.person_id: person_strength(computed, each.person_id, asked.now) for each in people},
    }


def day_after(now: str, days: int) -> str:
    """The day (ISO) so many days after a moment."""
    return (date.fromisoformat(now[:10]) + timedelta(days=days)).isoformat()


def freshness(asked: Asked, known: dict[str, Face], records: list[record.SourceRecord]) -> dict[str, Any]:
    """The sources of a partner with their state, and which of them are older than agreed."""
    streams = states_of(asked.request.app).now(asked.connection, asked.now)
    complete = completeness_of(asked.caller.viewer, asked.connection, asked.organization_id)
    chips = partner_words.chips(partner_words.every_source(complete, records), streams, known)
    return {"chips": chips, "behind": overdue_sources(chips, streams)}


def work_link(item: holdings.WorkItem, known: dict[str, Face], asked: Asked) -> str | None:
    """The page of a work item at its source."""
    found = deep_link(item.record, known.get(record.source_of(item.record)), asked.sites)
    return safe_link(item.link) or found
