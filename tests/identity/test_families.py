"""What two names tell about who is whose parent or branch."""

from __future__ import annotations

import pytest

from partnerhub.identity.families import Seen, related_by_evidence

HEAD = Seen("head", "Acme GmbH", "Bonn", "DE")


def country_of(text: str) -> str | None:
    return {"austria": "AT", "germany": "DE"}.get(text)


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        (Seen("other", "Acme Süd GmbH", "Ulm", "DE"), "branch_of"),
        (Seen("other", "ACME Bad Tölz", "Bad Tölz", "DE"), "branch_of"),
        (Seen("other", "Acme Austria GmbH", "Wien", "AT"), "parent_of"),
    ],
)
def test_who_bears_a_place_or_a_word_for_branches_beside_the_name_stands_below(
    other: Seen, kind: str
) -> None:
    for pair in ((HEAD, other), (other, HEAD)):
        assert related_by_evidence(*pair, country_of) == (kind, "head", "other")


@pytest.mark.parametrize("name", ["Acme", "Acme Bau GmbH", "Kestrel Nord", "Bad Tölz"])
def test_other_names_do_not_tell_who_stands_above(name: str) -> None:
    assert related_by_evidence(HEAD, Seen("other", name, "Ulm", "DE"), country_of).kind == "family"
