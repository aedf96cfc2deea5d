"""Why each index is there: what is asked that would read a whole table without it, and the query that asks.

An index without a reason here fails a test, and so does a reason whose query either engine answers without its index.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Served(NamedTuple):
    """What an index is for. query: on both engines, with `?` for what is asked for.

    `{by NAME}` stands where SQLite has to be told the index, `{never}` for the time before all others.
    """

    reason: str
    query: str


def lookup(reason: str, name: str, condition: str, columns: str = "*") -> Served:
    """An index by which rows are found."""
    return Served(reason, f"SELECT {columns} FROM {name} WHERE {condition}")


SERVED: Final[dict[str, Served]] = {
    "audit_entry_subject": lookup(
        "what was done to one thing", "audit_entry", "subject = ? ORDER BY number DESC LIMIT 50"
    ),
    "change_log_organization": lookup(
        "how a partner's values changed, newest first",
        "change_log",
        "organization_id = ? ORDER BY recorded_at DESC LIMIT 50",
    ),
    "colleague_record_colleague": lookup(
        "the records of a colleague", "colleague_record", "colleague_id = ?"
    ),
    "deal_stage_version_deal": lookup(
        "what was published of a deal's stages", "deal_stage_version", "deal_record = ?"
    ),
    "deal_version_deal": lookup(
        "what was published of a deal", "deal_version", "fact_id = ? ORDER BY version_id"
    ),
    "fact_link_anchor": lookup("the facts of a record or an address", "fact_link", "anchor = ?"),
    "fact_link_stated_by": lookup(
        "the facts that a record tells of others", "fact_link", "stated_by = ? AND stated_by IS NOT NULL"
    ),
    "fact_source_fact": lookup(
        "the copies of a fact, read off the index alone",
        "fact_source",
        "fact_id = ? ORDER BY record",
        "fact_id, record",
    ),
    "fact_source_past_fact": lookup(
        "records that were copies of a fact before", "fact_source_past", "fact_id = ? ORDER BY record"
    ),
    "fact_unmatched": lookup(
        "conversations of nobody known, newest first",
        "fact",
        "deleted_at IS NULL AND attached IN ('unknown', 'ambiguous', 'generic')"
        " ORDER BY happened_at DESC, fact_id DESC LIMIT 50",
        "happened_at, fact_id",
    ),
    "fact_waiting": lookup(
        "how many facts wait for a partner, and which",
        "fact",
        "attached IN ('unknown', 'generic')",
        "fact_id",
    ),
    "identity_event_entity": lookup("what happened to an id", "identity_event", "entity_id = ?"),
    "identity_event_other": lookup(
        "which ids went into one, or came out of it", "identity_event", "other_id = ?"
    ),
    "identity_review_closed": lookup("questions answered since a day", "identity_review", "closed_at >= ?"),
    "identity_review_opened": lookup("questions asked since a day", "identity_review", "opened_at >= ?"),
    "identity_review_right": lookup(
        "questions about a record, on its other side", "identity_review", "right_record = ?"
    ),
    "incident_open": lookup(
        "what is wrong with a source now", "incident", "closed_at IS NULL AND source = ?"
    ),
    "job_open": lookup(
        "what was asked to run and did not",
        "job",
        "state IN ('waiting', 'running') ORDER BY created_at LIMIT 50",
    ),
    "job_run": lookup("what asked for a run", "job", "run_id = ?"),
    "job_target": lookup(
        "the last time something was asked to run", "job", "target = ? ORDER BY created_at DESC LIMIT 1"
    ),
    "key_value": lookup(
        "the records that hold an address, a domain, a number or a name", "key", "normalized = ? AND kind = ?"
    ),
    "mail_visibility_subject": lookup(
        "who may read a mailbox or a conversation",
        "mail_visibility",
        "scope = ? AND subject = ? ORDER BY number DESC LIMIT 1",
    ),
    "match_edge_right": lookup("pairs of a record, on its other side", "match_edge", "right_record = ?"),
    "next_word_organization": lookup(
        "what was said of a partner's next action", "next_word", "organization_id = ? AND ended_at IS NULL"
    ),
    "organization_by_country": lookup(
        "the list of partners by country",
        "organization",
        "deleted_at IS NULL ORDER BY coalesce(country, '~'), organization_id LIMIT 50",
    ),
    "organization_by_name": lookup(
        "the list of partners by name",
        "organization",
        "deleted_at IS NULL ORDER BY lower(name), organization_id LIMIT 50",
    ),
    "organization_by_owner": lookup(
        "the list of partners by owner",
        "organization",
        "deleted_at IS NULL ORDER BY coalesce(lower(owner), '~'), organization_id LIMIT 50",
    ),
    "organization_by_records": lookup(
        "the list of partners by how many records are behind them",
        "organization",
        "deleted_at IS NULL ORDER BY record_count DESC, organization_id DESC LIMIT 50",
    ),
    "organization_by_tier": lookup(
        "the list of partners by tier",
        "organization",
        "deleted_at IS NULL ORDER BY coalesce(tier, '~'), organization_id LIMIT 50",
    ),
    "organization_link_id": lookup(
        "the records of an organization", "organization_link", "organization_id = ?"
    ),
    "organization_live": lookup(
        "which organizations live, read off the index alone",
        "organization",
        "deleted_at IS NULL",
        "organization_id",
    ),
    "participant_address": lookup("the mails and meetings of an address", "participant", "address = ?"),
    "partner_quality_standing": lookup(
        "the scores of an organization that stand",
        "partner_quality",
        "measured_to_at IS NULL AND organization_id = ?",
    ),
    "person_link_id": lookup("the records of a person", "person_link", "person_id = ?"),
    "person_organization_org": lookup(
        "the people of an organization", "person_organization", "organization_id = ?"
    ),
    "person_organization_record": lookup(
        "where a record says somebody works", "person_organization", "record = ?"
    ),
    "question_left": lookup("open questions about an organization, on one side", "question", "left_id = ?"),
    "question_name": lookup("a question by the name people call it", "question", "question_id = ?"),
    "question_order": lookup(
        "open questions in the order of the queue",
        "question",
        "unsure > ? ORDER BY unsure, behind, left_record LIMIT 50",
    ),
    "question_right": lookup(
        "open questions about an organization, on the other side", "question", "right_id = ?"
    ),
    "raw_current_pending": lookup(
        "records that landed and wait for staging",
        "raw_current {by raw_current_pending}",
        "source = ? AND stream = ? AND staged_raw_id <> raw_id",
    ),
    "raw_current_set_aside": Served(
        "records in quarantine, by stream",
        "SELECT source, stream, count(*) FROM raw_current WHERE quarantine IS NOT NULL GROUP BY source, stream",
    ),
    "raw_record_key": lookup(
        "every version of a record", "raw_record", "source = ? AND stream = ? AND source_id = ?"
    ),
    "reconciliation_stream": lookup(
        "the last comparison of a stream",
        "reconciliation",
        "source = ? AND stream = ? ORDER BY checked_at DESC LIMIT 1",
    ),
    "redirect_target": lookup("ids that answer by this one", "redirect", "to_id = ?"),
    "saved_view_account": lookup("the lists somebody saved", "saved_view", "account_id = ?"),
    "search_entry_contact": lookup(
        "partners by their newest touchpoint, newest first",
        "search_entry {by search_entry_contact}",
        "kind = 'organization' ORDER BY coalesce(happened_at, {never}) DESC, organization_id DESC LIMIT 50",
    ),
    "search_entry_name": lookup(
        "things whose name begins with what is typed",
        "search_entry",
        "kind = ? AND names >= ? AND names < ? AND names IS NOT NULL",
    ),
    "search_entry_thing": lookup("the entries of one thing", "search_entry", "kind = ? AND id = ?"),
    "signal_open": lookup(
        "which partners need somebody, by level",
        "signal",
        "closed_at IS NULL AND level = ? ORDER BY organization_id LIMIT 50",
    ),
    "signal_opening_organization": lookup(
        "earlier openings of a partner's signals", "signal_opening", "organization_id = ?"
    ),
    "signal_organization": lookup("the signals of a partner", "signal", "organization_id = ?"),
    "staged_agreement_by_day": lookup(
        "agreements with all partners by the day they renew or end, a page at a time",
        "staged_agreement",
        "deleted_at IS NULL ORDER BY coalesce(renews_on, ends_on, '9999-12-31'), record LIMIT 50",
    ),
    "staged_commitment_by_day": lookup(
        "what is promised with all partners by the day it is due, a page at a time",
        "staged_commitment",
        "deleted_at IS NULL ORDER BY coalesce(due_on, '9999-12-31'), record LIMIT 50",
    ),
    "staged_document_parent": lookup("the attachments of a record", "staged_document", "parent_record = ?"),
    "staged_location_organization": lookup(
        "the places of an organization's record", "staged_location", "organization_record = ?"
    ),
    "staged_relation_from": lookup("what a record is related to", "staged_relation", "from_record = ?"),
    "staged_relation_to": lookup("what is related to a record", "staged_relation", "to_record = ?"),
    "staged_touchpoint_left_out": lookup(
        "mails of a mailbox whose text was left there",
        "staged_touchpoint",
        "source = ? AND left_out = ? AND left_out IS NOT NULL",
    ),
    "staged_touchpoint_same_as": lookup("records of one mail or meeting", "staged_touchpoint", "same_as = ?"),
    "staged_touchpoint_thread": lookup("the mails of a conversation", "staged_touchpoint", "thread = ?"),
    "stays_with_whom": lookup("what came along with a record that is gone", "stays_with", "with_record = ?"),
    "stream_run_complete": lookup(
        "when a stream was last read whole",
        "stream_run",
        "source = ? AND stream = ? AND state = 'complete' ORDER BY finished_at DESC LIMIT 1",
        "finished_at",
    ),
    "stream_run_started": lookup(
        "what ran lately", "stream_run", "started_at >= ? ORDER BY started_at DESC LIMIT 50"
    ),
    "stream_run_stream": lookup(
        "the runs of a stream, newest first",
        "stream_run",
        "source = ? AND stream = ? ORDER BY started_at DESC LIMIT 50",
    ),
    "sync_error_record": lookup(
        "what is wrong with a record", "sync_error", "source = ? AND stream = ? AND source_id = ?"
    ),
    "timeline_beside": lookup(
        "a partner's deals, work and documents without reading its touchpoints",
        "timeline",
        "organization_id = ? AND entity = 'deal' AND entity <> 'touchpoint'"
        " ORDER BY happened_at DESC, fact_id DESC LIMIT 50",
    ),
    "timeline_fact": lookup("the partners of a fact", "timeline", "fact_id = ?"),
    "user_account_login": lookup("an account by its address", "user_account", "login = ?"),
    "value_question_open": lookup(
        "open questions to owners", "value_question", "closed_at IS NULL ORDER BY number", "number"
    ),
    "value_question_organization": lookup(
        "what was asked about a partner", "value_question", "organization_id = ? ORDER BY asked_at DESC"
    ),
    "value_question_to": lookup(
        "what was asked of somebody", "value_question", "to_email = ? ORDER BY number DESC"
    ),
    "web_session_account": lookup("the sessions of an account, to end them", "web_session", "account_id = ?"),
}
"""Index → what it is for. Primary keys need no reason, nor the indexes of words and names over `search_entry`."""
