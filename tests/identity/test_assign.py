"""Lasting ids: merge, split, revive."""

from __future__ import annotations

from dataclasses import replace

from partnerhub.identity.assign import Minted, Standing, assign, founded_id
from partnerhub.identity.grouping import Group


def groups(*letters):
    return [Group(frozenset(word), dict.fromkeys(sorted(word)[1:], ("score", 5.0))) for word in letters]


def ids(changes):
    return {link.record: link.entity_id for link in changes.links}


def of(record):
    return founded_id("organization", record)


def standing(links, minted, redirects=()):
    found = {of(r): Minted(at, of(r), r) for r, at in minted.items()}
    return Standing(
        {r: of(f) for r, f in links.items()}, found, {of(a): of(b) for a, b in dict(redirects).items()}
    )


def test_a_new_group_is_founded_by_its_smallest_record_whatever_the_order():
    forth = assign("organization", groups("ba", "c"), Standing())
    back = assign("organization", reversed(groups("ba", "c")), Standing())
    assert ids(forth) == {"a": of("a"), "b": of("a"), "c": of("c")}
    assert forth == back


def test_after_a_merge_the_oldest_id_stays_and_the_other_redirects_to_it():
    before = standing({"a": "a", "b": "b"}, {"a": "2026-02", "b": "2026-01"})
    changes = assign("organization", groups("ab"), before)
    assert ids(changes) == {"a": of("b")}
    assert changes.opened == {of("a"): of("b")}
    assert changes.touched_ids() == {of("a"), of("b")}


def test_after_a_split_the_founding_record_keeps_the_id_and_the_other_part_mints():
    before = standing({"a": "b", "b": "b", "c": "b"}, {"b": "2026-01"})
    changes = assign("organization", groups("ac", "b"), before)
    assert ids(changes) == {"a": of("a"), "c": of("a")}
    assert {event.kind for event in changes.events} == {"minted", "split", "moved"}


def test_a_part_that_had_an_id_before_the_merge_gets_it_back():
    before = standing({"a": "a", "b": "a"}, {"a": "2026-01", "b": "2026-02"}, {"b": "a"})
    changes = assign("organization", groups("a", "b"), before)
    assert ids(changes) == {"b": of("b")}
    assert changes.closed == [of("b")]


def test_of_several_former_ids_the_one_that_answered_last_comes_back():
    before = standing({"a": "a", "b": "a", "c": "a"}, {"a": "1", "b": "2", "c": "3"}, {"b": "a", "c": "a"})
    before = replace(before, merged={of("b"): "2026-02", of("c"): "2026-03"})
    assert ids(assign("organization", groups("a", "bc"), before)) == {"b": of("c"), "c": of("c")}


def test_a_redirect_follows_the_founding_record_to_its_new_group():
    before = standing({"a": "a", "b": "a", "c": "c"}, {"a": "1", "b": "2", "c": "3"}, {"b": "a"})
    changes = assign("organization", groups("a", "bc"), before)
    assert (changes.closed, changes.opened) == ([of("b")], {of("b"): of("c")})


def test_without_news_nothing_changes():
    before = standing({"a": "a", "b": "a", "c": "c"}, {"a": "1", "b": "2", "c": "3"}, {"b": "a"})
    changes = assign("organization", groups("ab", "c"), before)
    assert (changes.links, changes.opened, changes.closed, changes.events) == ([], {}, [], [])


def test_persons_and_organizations_never_share_an_id():
    assert founded_id("person", "a") != founded_id("organization", "a")
