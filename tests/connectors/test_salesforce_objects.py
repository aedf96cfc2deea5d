"""Salesforce's objects beside the usual ones, and what is read together with a record: guests, stages, mails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.errors import SkipStream
from connectors.salesforce import Salesforce
from connectors.salesforce.client import Reading, SalesforceClient
from partnerhub.simulator.salesforce import SalesforceSimulator
from partnerhub.simulator.salesforce.identifiers import made_id
from tests.connectors.conformance.salesforce_rig import NOW, account_id, empty_world, settings_for
from tests.connectors.test_salesforce import read

BEFORE = NOW - timedelta(days=9)
CONTACT, EVENT, DEAL = made_id("Contact", 1), made_id("Event", 1), made_id("Opportunity", 1)


@pytest.fixture
def salesforce(tmp_path):
    with SalesforceSimulator(empty_world(), directory=tmp_path) as simulator:
        yield simulator


def put(simulator, kind, identifier, **values: Any) -> str:
    return simulator.store.put(kind, identifier, values, created=BEFORE, changed=BEFORE)


def test_everybody_invited_to_an_event_is_read_with_it(salesforce):
    put(salesforce, "Contact", CONTACT, Name="Ada L", Email="ada@a.example")
    put(salesforce, "Event", EVENT, Subject="Review")
    put(
        salesforce,
        "EventRelation",
        made_id("EventRelation", 1),
        EventId=EVENT,
        RelationId=CONTACT,
        Status="Accepted",
    )
    (record,), _ = read(settings_for(salesforce), "Event")
    (guest,) = record.payload["EventRelations"]["records"]
    assert (guest["RelationId"], guest["Relation"]["Type"], guest["Relation"]["Email"]) == (
        CONTACT, "Contact", "ada@a.example",
    )  # fmt: skip


def test_an_opportunity_comes_with_its_stages_and_in_full_after_they_could_not_be_read(salesforce):
    put(salesforce, "Opportunity", DEAL, Name="Big", StageName="Won")
    put(
        salesforce,
        "OpportunityHistory",
        made_id("OpportunityHistory", 1),
        OpportunityId=DEAL,
        StageName="Won",
    )
    (record,), cursor = read(settings_for(salesforce), "Opportunity")
    assert [one["StageName"] for one in record.payload["OpportunityHistories"]["records"]] == ["Won"]
    cursor["fields"] = cursor["fields"].replace(",OpportunityHistories", "")
    assert len(read(settings_for(salesforce), "Opportunity", cursor)[0]) == 1


def test_children_that_are_cut_off_are_fetched_to_their_end(salesforce, monkeypatch):
    put(salesforce, "Opportunity", DEAL, Name="Big", StageName="Won")
    for number in range(3):
        put(
            salesforce,
            "OpportunityHistory",
            made_id("History", number),
            OpportunityId=DEAL,
            StageName=f"S{number}",
        )
    query, more = SalesforceClient.query, SalesforceClient.more
    left: list[Any] = []

    def cut(self: SalesforceClient, *args: Any, **how: Any) -> Reading:
        answer = query(self, *args, **how)
        for record in answer.json["records"]:
            children = record["OpportunityHistories"]
            left.extend(children["records"][1:])
            children |= {"records": children["records"][:1], "done": False, "nextRecordsUrl": "/cut-0"}
        return answer

    def rest(self: SalesforceClient, address: str, **how: Any) -> Reading:
        if not address.startswith("/cut-"):
            return more(self, address, **how)
        following = {"nextRecordsUrl": f"/cut-{len(left)}"} if len(left) > 1 else {}
        return Reading({"records": [left.pop(0)], **following}, NOW)

    monkeypatch.setattr(SalesforceClient, "query", cut)
    monkeypatch.setattr(SalesforceClient, "more", rest)
    (record,), _ = read(settings_for(salesforce), "Opportunity")
    stages = [one["StageName"] for one in record.payload["OpportunityHistories"]["records"]]
    assert sorted(stages) == ["S0", "S1", "S2"]


def test_stages_that_can_no_longer_be_seen_stop_the_stream_with_their_name(salesforce):
    put(salesforce, "Opportunity", DEAL, Name="Big", StageName="Won")
    _, cursor = read(settings_for(salesforce), "Opportunity")
    cursor["fields"] += ",Gone_Children"
    with pytest.raises(SkipStream, match="Gone_Children"):
        read(settings_for(salesforce), "Opportunity", cursor)


def test_an_object_with_too_many_fields_for_one_address_keeps_what_is_read_with_it(salesforce):
    wide = {f"A_Field_With_A_Rather_Long_Name_{number}__c": "x" for number in range(400)}
    put(salesforce, "Opportunity", DEAL, Name="Big", StageName="Won", **wide)
    put(
        salesforce,
        "OpportunityHistory",
        made_id("OpportunityHistory", 1),
        OpportunityId=DEAL,
        StageName="Won",
    )
    (record,), _ = read(settings_for(salesforce), "Opportunity")
    assert record.payload["A_Field_With_A_Rather_Long_Name_399__c"] == "x"
    assert [one["StageName"] for one in record.payload["OpportunityHistories"]["records"]] == ["Won"]


@pytest.mark.parametrize("objects", [["Visit__c"], {"Visit__c": "meeting"}])
def test_a_further_object_is_a_stream_with_short_references_made_long(salesforce, objects):
    put(salesforce, "Visit__c", made_id("Visit__c", 1), Name="V-1", Account__c=account_id(1)[:15])
    connector = settings_for(salesforce, objects=objects)
    assert "Visit__c" in {stream.name for stream in connector.streams()}
    (record,), _ = read(connector, "Visit__c")
    assert record.payload["Account__c"] == account_id(1)


def test_an_object_the_org_does_not_have_is_named_by_check_and_skipped(salesforce):
    connector = settings_for(salesforce, objects={"Nowhere__c": "work_item"})
    assert "object Nowhere__c: Read" in connector.check().missing_scopes
    with pytest.raises(SkipStream) as caught:
        read(connector, "Nowhere__c")
    assert (caught.value.code, caught.value.stream) == ("forbidden", "Nowhere__c")


@pytest.mark.parametrize(
    ("objects", "said"),
    [({"Visit__c": "party"}, "'meeting', 'call' or 'note'"), ({"Case": "meeting"}, "read anyway")],
)
def test_an_unknown_kind_and_an_object_that_has_its_own_are_refused(objects, said):
    with pytest.raises(ValidationError, match=said):
        Salesforce.model_validate({"token": "t", "instance_url": "https://a.example", "objects": objects})
