"""Bare names that mint no id."""

from __future__ import annotations

from partnerhub.identity.assign import Standing
from partnerhub.identity.grouping import Group, Guarded
from partnerhub.identity.waiting import placed

DECK, OTHER_DECK, ACCOUNT = "decks/files/1#partner", "decks/files/2#partner", "crm/accounts/1"
BARE = Guarded(mention=True)


def placed_records(*records: str, standing: Standing | None = None, **guarded: Guarded) -> list[set[str]]:
    known = dict.fromkeys(records, BARE) | {DECK: guarded.get("deck", BARE)}
    groups = [Group(frozenset(records), {})]
    return [set(group.records) for group in placed(groups, known, standing or Standing())]


def test_decks_that_name_the_same_unknown_wait_together() -> None:
    assert placed_records(DECK, OTHER_DECK) == []


def test_an_account_exists_even_if_only_its_name_is_filled_in() -> None:
    assert placed_records(ACCOUNT) == [{ACCOUNT}]
    assert placed_records(ACCOUNT, DECK) == [{ACCOUNT, DECK}]


def test_a_deck_that_tells_more_than_a_name_does_not_wait() -> None:
    assert placed_records(DECK, deck=Guarded()) == [{DECK}]


def test_what_belonged_to_an_organization_keeps_an_id() -> None:
    assert placed_records(DECK, standing=Standing(links={DECK: "organization"})) == [{DECK}]


def test_a_record_that_is_no_longer_staged_does_not_wait() -> None:
    assert placed([Group(frozenset([DECK]), {})], {}, Standing()) == [Group(frozenset([DECK]), {})]
