"""Every type of entry is logged by hand from a template whose required fields hold."""

from __future__ import annotations

import pytest

from partnerhub.web.log_form import FIELDS, SHOWN_KINDS, is_required, read_form
from warehouse.commands.enter import PARTNER, TEMPLATES, Entry, EntryIncomplete, check

NOW = "2026-10-01T09:00:00.000000Z"
ASKED_FOR = {
    "call", "meeting", "message", "task", "check_in", "document", "deliverable", "outcome", "review", "deal", "order",
    "ticket", "training", "certification", "campaign", "quality_report", "joint_project", "agreement", "commitment",
}  # fmt: skip
FILLED = {
    "happened_at": "2026-09-30 10:00", "text": "It went well", "subject": "Module 3", "title": "Frame",
    "starts_on": "2026-09-01", "ends_on": "2027-09-01", "due_on": "2026-12-01",
}  # fmt: skip


def test_each_type_has_a_template_and_a_form():
    assert set(SHOWN_KINDS) >= ASKED_FOR
    assert set(FIELDS) == set(SHOWN_KINDS) == set(TEMPLATES) - {PARTNER}


@pytest.mark.parametrize("kind", sorted(SHOWN_KINDS))
def test_a_filled_form_is_an_entry_and_each_required_field_is_missed(kind):
    filled = read_form(kind, FILLED, ["Ann"], NOW)
    assert filled.errors == {}
    check(Entry(kind, [], filled.fields), NOW)
    for group in TEMPLATES[kind].required:
        assert set(group) <= {each.name for each in FIELDS[kind]}
        rest = {name: value for name, value in filled.fields.items() if name not in group}
        with pytest.raises(EntryIncomplete):
            check(Entry(kind, [], rest), NOW)


def test_what_ends_before_it_begins_is_refused_at_its_field():
    filled = read_form("training", {**FILLED, "ended_at": "2026-09-29"}, ["Ann"], NOW)
    assert filled.errors == {"ended_at": "It would end before it begins."}
    assert is_required("training", "participants")
    assert not is_required("task", "participants")


def test_a_training_stands_on_the_timeline_under_its_name(hub):
    partner = hub.one("SELECT organization_id FROM organization WHERE name = 'Acme GmbH'")[0]
    said = {
        "kind": "training",
        "happened_at": "2026-01-02T10:00",
        "subject": "Module 3",
        "participants": "Ann Weber",
    }
    with hub.browser("manager") as manager:
        assert manager.post(f"/partners/{partner}/log", data=said, follow_redirects=False).status_code == 303
        page = manager.get(f"/partners/{partner}/timeline").text
    assert "Training" in page
    assert "Module 3" in page
