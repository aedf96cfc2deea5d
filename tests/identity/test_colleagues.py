from __future__ import annotations

from itertools import permutations

from partnerhub.identity.colleagues import User, one_colleague


def user(record: str, *addresses: str, name: str | None = "jo park") -> User:
    return User(record, record.split("/", maxsplit=1)[0], name, frozenset(addresses))


def groups(*users: User) -> set[frozenset[str]]:
    known_by = one_colleague(users)
    assert all(one_colleague(order) == known_by for order in permutations(users))
    return {
        frozenset(record for record in known_by if known_by[record] == each) for each in known_by.values()
    }


def test_users_of_one_address_are_one_colleague_whatever_they_are_called() -> None:
    found = groups(user("crm/1", "jo@hub.example"), user("jira/1", "jo@hub.example", name="J. Park"))
    assert found == {frozenset({"crm/1", "jira/1"})}


def test_a_user_without_address_is_the_one_of_that_name() -> None:
    found = groups(user("crm/1", "jo@hub.example"), user("jira/1"), user("asana/1"))
    assert found == {frozenset({"crm/1", "jira/1", "asana/1"})}


def test_a_name_two_of_us_have_joins_nobody() -> None:
    two = user("crm/1", "jo@hub.example"), user("crm/2", "jo.park@hub.example")
    assert len(groups(*two, user("jira/1"))) == 3
    assert len(groups(user("jira/1"), user("jira/2"), user("asana/1"))) == 3


def test_a_colleague_is_known_by_the_address() -> None:
    assert one_colleague([user("crm/1", "jo@hub.example"), user("jira/1")])["jira/1"] == "jo@hub.example"
