"""A steward's day by the commands: review, merge, split, undo, why, how, pin, evaluate. Each on a hub of its own."""

from __future__ import annotations

import pytest

from tests.cli.conftest import subprocess_command
from tests.cli.stewards.doubt import alike, suggested


def ids(ask):
    found = {}
    for name in ("acme", "bellago", "corvina", "dorado"):
        said = ask("show", f"{name}.example", "--json")
        if said.code == 0:
            found[name] = said.json["organization"]["organization_id"]
    return found


# ---------------------------------------------------------------- merge, split, undo


def test_a_merge_makes_one_partner_and_its_undo_gives_both_ids_back(ask):
    before = ids(ask)
    merged = ask("merge", "bellago.example", "corvina.example", "--reason", "one owner", "--json").json
    survivor = merged["after"][0]["id"]
    assert (len(merged["before"]), len(merged["after"]), merged["after"][0]["records"]) == (2, 1, 2)
    assert survivor in before.values()
    for former in (before["bellago"], before["corvina"]):
        assert ask("show", former, "--json").json["organization"]["organization_id"] == survivor
    undone = ask("undo", "--json").json
    assert undone["undone"]["act"] == merged["act"]
    assert ids(ask) == before


def test_several_partners_become_one_by_one_act_and_its_undo_parts_them_all(ask):
    before = ids(ask)
    merged = ask("merge", "bellago.example", "corvina.example", "dorado.example", "--json").json
    assert (len(merged["before"]), len(merged["after"]), merged["after"][0]["records"]) == (3, 1, 3)
    assert ask("undo", "--json").json["undone"]["act"] == merged["act"]
    assert ids(ask) == before
    ask("review", "different", "corvina.example", "dorado.example", "--actor", "ann")
    assert ask("merge", "bellago.example", "corvina.example", "dorado.example").code == 3
    assert ids(ask) == before


def test_a_merge_takes_every_fact_along_and_its_undo_brings_it_back(ask):
    said = ask("log", "note", "bellago.example", "--when", "2026-09-01", "--text", "Met them.", "--json")
    assert said.code == 0
    merged = ask("merge", "bellago.example", "corvina.example", "--json").json
    assert [merged[f"facts_{name}"] for name in ("before", "after", "lost")] == [1, 1, 0]
    assert merged["after"][0]["facts"] == 1
    ask("undo")
    assert len(ask("show", "bellago.example", "--json").json["timeline"]) == 1
    assert ask("show", "corvina.example", "--json").json["timeline"] == []


def test_a_merge_that_is_only_tried_tells_the_outcome_and_changes_nothing(ask):
    before = ids(ask)
    tried = ask("merge", "bellago.example", "corvina.example", "--dry-run", "--json").json
    assert (len(tried["after"]), tried["act"]) == (1, None)
    assert ids(ask) == before
    assert "Nobody has decided" in ask("undo", "--list").out


def test_a_merge_against_somebody_s_word_is_refused_and_names_the_command_that_takes_it_back(ask):
    said = ask("review", "different", "bellago.example", "corvina.example", "--actor", "ann", "--json").json
    refused = ask("merge", "bellago.example", "corvina.example")
    assert refused.code == 3
    assert "ann said on" in refused.err
    assert f"`partnerhub undo {said['act']}`" in refused.err


def test_what_is_one_already_is_not_merged(ask, keys):
    refused = ask("merge", keys["Acme GmbH"], keys["ACME Gesellschaft mbH"])
    assert refused.code == 3
    assert "are one already" in refused.err


def test_a_split_takes_a_record_out_for_good(ask, folder, keys):
    out = ask("split", "acme.example", keys["ACME Gesellschaft mbH"], "--reason", "sold", "--json").json
    assert [row["records"] for row in out["after"]] == [1, 1]
    assert subprocess_command(folder, "sync", "--full").code == 0
    assert len(set(records_to_ids(ask, keys).values())) == 5


def test_a_split_gives_each_part_its_facts_and_its_undo_restores_both_and_says_what_came_since(ask, keys):
    merged = ask("merge", "bellago.example", "corvina.example", "--json").json["after"][0]["id"]
    for name in ("bellago", "corvina"):
        ask("log", "note", f"{name}.example", "--when", "2026-09-01", "--text", f"Met {name}.")
    ask("undo", "--yes")
    before = {name: ask("show", f"{name}.example", "--json").json for name in ("bellago", "corvina")}
    assert {len(page["timeline"]) for page in before.values()} <= {0, 1, 2}
    again = ask("merge", "bellago.example", "corvina.example", "--json").json
    assert (again["after"][0]["id"], again["facts_lost"]) == (merged, 0)
    split = ask("split", merged, keys["Corvina Kft."], "--json").json
    assert (split["facts_before"], split["facts_after"], split["facts_lost"]) == (2, 2, 0)
    for name, page in before.items():
        now = ask("show", f"{name}.example", "--json").json
        assert (now["organization"], now["timeline"]) == (page["organization"], page["timeline"])
    ask("log", "note", "corvina.example", "--when", "2026-09-02", "--text", "Met again.")
    refused = ask("undo", split["act"])
    assert (refused.code, "1 record came" in refused.err or "on the timeline" in refused.err) == (3, True)


def records_to_ids(ask, keys):
    found = {}
    for record in keys.values():
        side = ask("why", record, keys["Dorado Ltd"], "--json").json["left"]
        found[record] = side["id"]
    return found


@pytest.mark.parametrize(
    ("which", "words"),
    [
        (["Bellago S.r.l."], "is no record of"),
        (["Acme GmbH", "ACME Gesellschaft mbH"], "none would stay"),
    ],
)
def test_a_split_of_strange_or_of_all_records_is_refused(ask, keys, which, words):
    refused = ask("split", "acme.example", *(keys[name] for name in which))
    assert refused.code == 3
    assert words in refused.err


def test_an_undo_says_what_came_since_and_wants_to_be_told_to_go_on(ask):
    first = ask("merge", "bellago.example", "corvina.example", "--json").json["act"]
    second = ask("merge", "bellago.example", "dorado.example", "--json").json["act"]
    refused = ask("undo", first)
    assert refused.code == 3
    assert f"act {second}, merge" in refused.err
    assert f"partnerhub undo {first} --yes" in refused.err
    assert "They are still one" in ask("undo", first, "--yes").out
    assert len(ask("undo", second, "--json").json["after"]) == 3


def test_an_earlier_verdict_is_not_taken_back_under_a_later_one_on_the_same_pair(ask, keys):
    pair = (keys["Bellago S.r.l."], keys["Corvina Kft."])
    ask("decide", *pair, "different")
    ask("decide", *pair, "same", "--actor", "bo")
    refused = ask("undo", 1, "--yes")
    assert refused.code == 3
    assert "bo said same" in refused.err
    assert ask("undo", "--json").json["undone"]["act"] == 2
    assert len({ids(ask)["bellago"], ids(ask)["corvina"]}) == 2
    assert "are different" in ask("why-not", *pair).out


@pytest.mark.parametrize("number", [(), (99,)])
def test_without_anything_to_take_back_undo_says_so(ask, number):
    said = ask("undo", *number)
    assert said.code == 1
    assert "partnerhub undo --list" in said.err


# ---------------------------------------------------------------- review


def test_the_queue_asks_about_what_is_worth_most_and_likeliest_first(ask, database, keys):
    alike(database, keys["Bellago S.r.l."], keys["Corvina Kft."], -4.0)
    alike(database, keys["Corvina Kft."], keys["Dorado Ltd"], -1.0)
    waiting = ask("review", "queue", "--json").json["questions"]
    assert [round(each["probability"], 2) for each in waiting] == [0.33, 0.06]
    assert waiting[0]["rank"] == pytest.approx(waiting[0]["value"] * waiting[0]["probability"], abs=0.01)
    assert waiting[0]["id"] in ask("review").out


def test_next_puts_both_side_by_side_with_the_evidence_and_how_to_answer(ask, database, keys):
    alike(database, keys["Bellago S.r.l."], keys["Corvina Kft."], -1.0)
    said = ask("review", "next").out
    for shown in ("Bellago S.r.l.", "Corvina Kft.", "Milano", "Budapest", "nearly the same", "-1.0", "33%"):
        assert shown in said
    question = ask("review", "next", "--json").json["question"]
    assert f"partnerhub review same|different|related|unsure {question['id']}" in said


@pytest.mark.parametrize(
    ("left", "right"),
    [("Bellago S.r.l.", "Corvina Kft."), ("Corvina Kft.", "Dorado Ltd"), ("Bellago S.r.l.", "Dorado Ltd")],
)
def test_both_sides_stand_in_the_order_of_their_records(ask, database, keys, left, right):
    alike(database, keys[left], keys[right], -1.0)
    question = ask("review", "queue", "--json").json["questions"][0]
    assert (question["left"]["name"], question["right"]["name"]) == (left, right)
    assert question["pair"] == [keys[left], keys[right]]


@pytest.mark.parametrize("verdict", ["same", "different"])
def test_an_answered_question_is_not_asked_again(ask, database, keys, verdict):
    alike(database, keys["Bellago S.r.l."], keys["Corvina Kft."], -1.0)
    question = ask("review", "queue", "--json").json["questions"][0]["id"]
    answered = ask("review", verdict, question, "--reason", "asked them", "--json").json
    assert len(answered["after"]) == (1 if verdict == "same" else 2)
    assert ask("review", "queue", "--json").json["waiting"] == 0
    assert ask("review", verdict, question).code == 1


def test_what_nobody_can_tell_waits_apart_from_the_rest(ask, database, keys):
    alike(database, keys["Bellago S.r.l."], keys["Corvina Kft."], -1.0)
    question = ask("review", "queue", "--json").json["questions"][0]["id"]
    ask("review", "unsure", question)
    assert ask("review", "queue", "--json").json["waiting"] == 0
    again = ask("review", "queue", "--unsure", "--json").json["questions"]
    assert [(each["id"], each["unsure"]) for each in again] == [(question, True)]


def test_two_that_are_different_are_not_asked_about_by_way_of_another_record(ask, database, keys):
    ask("review", "different", "acme.example", "bellago.example")
    alike(database, keys["ACME Gesellschaft mbH"], keys["Bellago S.r.l."], -0.5)
    assert ask("review", "queue", "--json").json["waiting"] == 0


def test_two_partners_that_are_different_are_so_in_all_their_records(ask, database):
    ask("review", "different", "acme.example", "bellago.example")
    with database.session() as connection:
        assert connection.query("SELECT count(*), min(verdict) FROM decision") == [(2, "different")]


def test_what_a_guard_held_back_is_asked_with_its_reason(ask, database, keys):
    suggested(database, keys["Bellago S.r.l."], keys["Corvina Kft."], "join", "registry")
    question = ask("review", "queue", "--json").json["questions"][0]
    assert (question["proposal"], question["reason"]) == ("join", "registry")
    assert "different numbers in one register" in ask("review").out
    assert len(ask("review", "same", question["id"], "--json").json["after"]) == 1


@pytest.mark.parametrize(("verdict", "partners"), [("same", 1), ("different", 2)])
def test_whether_one_partner_should_be_two_is_asked_of_two_of_its_records(
    ask, database, keys, verdict, partners
):
    suggested(database, keys["Acme GmbH"], keys["ACME Gesellschaft mbH"], "part", "retrained")
    question = ask("review", "queue", "--json").json["questions"][0]
    assert "would part them" in ask("review", "next", question["id"]).out
    assert len(ask("review", verdict, question["id"], "--json").json["after"]) == partners
    assert ask("review", "queue", "--json").json["waiting"] == 0


# ---------------------------------------------------------------- why, how


def test_why_tells_the_evidence_field_by_field_with_its_weight(ask, keys):
    said = ask("why", keys["Acme GmbH"], keys["ACME Gesellschaft mbH"], "--json").json
    assert said["one"] is True
    assert said["strongest"]["why"]
    assert {"what", "left", "right", "weight", "words"} <= said["strongest"]["why"][0].keys()
    assert "bits" in ask("why", keys["Acme GmbH"], keys["ACME Gesellschaft mbH"]).out


def test_why_not_names_who_keeps_them_apart_and_how_to_join_them(ask):
    ask("review", "different", "acme.example", "bellago.example", "--actor", "ann", "--reason", "asked both")
    said = ask("why-not", "acme.example", "bellago.example").out
    assert "are not one. ann said on" in said
    assert "asked both" in said
    assert "partnerhub merge" in ask("why-not", "corvina.example", "dorado.example").out


def test_how_tells_every_record_and_every_value_that_lost(ask):
    said = ask("how", "acme.example", "--json").json
    tier = next(value for value in said["values"] if value["field"] == "tier")
    assert (tier["value"], [other["value"] for other in tier["others"]]) == ("Silver", ["Gold"])
    assert [link["method"] for link in said["links"]] == ["founding", "score"]
    assert said["events"][0]["kind"] == "minted"
    assert "Gold" in ask("how", "acme.example").out


# ---------------------------------------------------------------- pins


def test_a_pin_stands_until_it_is_lifted_or_taken_back(ask):
    assert ask("pin", "acme.example", "tier", "Platinum", "--json").json["value"] == "Platinum"
    assert ask("unpin", "acme.example", "tier", "--json").json["value"] == "Silver"
    ask("undo")
    assert ask("show", "acme.example", "--json").json["organization"]["tier"] == "Platinum"


def test_a_source_that_says_something_new_against_a_pin_is_a_conflict_until_it_is_settled(ask, folder):
    ask("pin", "acme.example", "tier", "Platinum", "--actor", "ann")
    assert ask("review", "queue", "--json").json["pin_conflicts"] == []
    partners = folder / "partners.csv"
    partners.write_text(partners.read_text(encoding="utf-8").replace("Gold", "Bronze"), encoding="utf-8")
    assert subprocess_command(folder, "sync").code == 0
    conflict = ask("review", "queue", "--json").json["pin_conflicts"]
    assert [(each["pinned"], each["says"], each["heard"]) for each in conflict] == [
        ("Platinum", "Bronze", "Gold")
    ]
    assert "now says Bronze (it said Gold then)" in ask("errors").out
    ask("pin", "acme.example", "tier", "Platinum")
    assert ask("review", "queue", "--json").json["pin_conflicts"] == []


@pytest.mark.parametrize("said", [("tier",), ("tier", "Gold", "--empty"), ("record_count", "7")])
def test_a_pin_that_makes_no_sense_is_refused(ask, said):
    assert ask("pin", "acme.example", *said).code in {2, 3}


# ---------------------------------------------------------------- evaluate


def thresholds(folder, auto):
    path = folder / "partnerhub.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\nmatching:", f"\nmatching: {{auto: {auto}}}"), encoding="utf-8")


def test_decisions_judge_the_rules_as_if_they_had_not_been_made(ask, keys):
    ask("split", "acme.example", keys["ACME Gesellschaft mbH"])
    ask("merge", "bellago.example", "corvina.example")
    judged = ask("evaluate", "--json").json
    assert (judged["precision"], judged["recall"], judged["over_merges"]) == (0.0, 0.0, 1)
    assert judged["apart_wrongly"] == [sorted([keys["Bellago S.r.l."], keys["Corvina Kft."]])]
    assert ask("evaluate", "--json").code == 0
    assert len(set(records_to_ids(ask, keys).values())) == 4


def test_rules_that_got_worse_fail_until_somebody_accepts_them(ask, folder, keys):
    ask("decide", keys["Acme GmbH"], keys["ACME Gesellschaft mbH"], "same")
    assert ask("evaluate", "--json").json["recall"] == 1.0
    thresholds(folder, "0.99999999999999")
    worse = ask("evaluate", "--json")
    assert (worse.code, worse.json["recall"], worse.json["regressed"]) == (5, 0.0, True)
    assert ask("evaluate").code == 5
    assert ask("evaluate", "--accept").code == 0
    assert ask("evaluate").code == 0


def test_a_label_that_came_since_is_no_regression(ask, keys):
    ask("decide", keys["Acme GmbH"], keys["ACME Gesellschaft mbH"], "same")
    assert ask("evaluate").code == 0
    ask("merge", "bellago.example", "corvina.example")
    assert ask("evaluate", "--json").json["recall"] == 0.5
    assert ask("evaluate").code == 0


def test_without_decisions_there_is_nothing_to_judge_by(ask):
    said = ask("evaluate")
    assert said.code == 0
    assert "partnerhub review" in said.out


@pytest.mark.slow
def test_other_thresholds_count_from_the_next_sync_on(ask, folder, keys):
    assert len(set(records_to_ids(ask, keys).values())) == 4
    thresholds(folder, "0.99999999999999")
    assert subprocess_command(folder, "sync").code == 0
    assert len(set(records_to_ids(ask, keys).values())) == 5
