"""The fingerprint of publication: whoever changes who is a partner has everything published again."""

from __future__ import annotations

from pipelines.golden.partners import PartnerRule
from pipelines.golden.settings import PublishSettings


def fingerprint(*values: str) -> str:
    rule = PartnerRule(source="crm", where={"account_type": values})
    return PublishSettings(partner_rules=(rule,)).fingerprint()


def test_rules_that_read_alike_but_accept_other_values_differ() -> None:
    assert fingerprint("A or B") != fingerprint("A", "B")


def test_the_order_of_accepted_values_changes_nothing() -> None:
    assert fingerprint("A", "B") == fingerprint("B", "A")
