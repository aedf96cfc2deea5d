"""The fingerprint of publication: whoever changes who is a partner has everything published again."""

from __future__ import annotations

from partnerhub.identity.survivorship import Survivorship
from pipelines.golden.partners import PartnerRule
from pipelines.golden.settings import PublishSettings


def fingerprint(*values: str) -> str:
    rule = PartnerRule(source="crm", where={"account_type": values})
    return PublishSettings(partner_rules=(rule,)).fingerprint()


def test_rules_that_read_alike_but_accept_other_values_differ() -> None:
    assert fingerprint("A or B") != fingerprint("A", "B")


def test_the_order_of_accepted_values_changes_nothing() -> None:
    assert fingerprint("A", "B") == fingerprint("B", "A")


def test_a_field_settled_by_another_strategy_is_published_again() -> None:
    often = PublishSettings(Survivorship(strategies={"industry": "frequent"}))
    assert often.fingerprint() != PublishSettings().fingerprint()
