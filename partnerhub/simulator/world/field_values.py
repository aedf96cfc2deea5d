"""How colleagues fill in the field "Partner" of an issue or a task: a domain, the CRM's account id, or a name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

from partnerhub.simulator.world.accounts import live_accounts
from partnerhub.simulator.world.model import Org
from partnerhub.simulator.world.organizations import Population
from partnerhub.simulator.world.records import Records
from partnerhub.simulator.world.sales import Sales

KINDS, WEIGHTS = ("domain", "account", "name", "text"), (38, 24, 20, 18)


@dataclass(slots=True)
class Named:
    """What identifies each organization that the sources have a record of.

    domains: organization id → a domain only it has. accounts: → id of its live account. names: → a name only it has.
    """

    recorded: set[str]
    domains: dict[str, str]
    accounts: dict[str, str]
    names: dict[str, str]

    def fill_in(self, rng: Random, org: Org) -> str | None:
        """What somebody writes into the field; None when they leave it empty."""
        kind = rng.choices(KINDS, WEIGHTS)[0]
        known = {"domain": self.domains, "account": self.accounts, "name": self.names}.get(kind)
        if known is None:
            return None
        return (
            known.get(org.id)
            or self.accounts.get(org.id)
            or self.domains.get(org.id)
            or self.names.get(org.id)
        )


def names_of(population: Population, records: Records, sales: Sales) -> Named:
    """What identifies whom, once everything was typed."""
    recorded = {c.org_id for c in records.companies.values() if not c.archived_at and not c.merged_into}
    recorded |= {row.org_id for row in records.sheet}
    accounts = {org_id: found[0].id for org_id, found in live_accounts(sales).items()}
    recorded |= accounts.keys()
    hosts = Counter(host for org in population.orgs.values() for host in org.domains)
    cores = Counter(population.cores[org_id].casefold() for org_id in population.orgs)
    domains = {
        org.id: org.domains[0]
        for org in population.orgs.values()
        if org.id in recorded
        and org.domains
        and hosts[org.domains[0]] == 1
        and org.id not in population.careful
    }
    names = {
        org.id: org.name
        for org in population.orgs.values()
        if org.id in recorded
        and cores[population.cores[org.id].casefold()] == 1
        and org.id not in population.careful
    }
    return Named(recorded, domains, accounts, names)
