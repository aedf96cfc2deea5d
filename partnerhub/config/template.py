"""The configuration file `partnerhub init` writes: everything there is to say, with what to put in."""

from __future__ import annotations

from typing import Final

TEMPLATE: Final = """\
# Partner Hub. Check this file with `partnerhub check`; docs/connect/configuration.md explains every key.

# Where the hub keeps everything. SQLite beside this file, or postgresql://user@host/name.
warehouse: sqlite:///warehouse.db

# Our own mail domains: people there are colleagues, never partners.
own_domains: []            # [northwind.example]

# For phone numbers without a country code, and amounts without a currency.
default_region: US         # two letters: DE, GB, FR, US
default_currency: USD      # three letters: EUR, USD

# Secrets never stand in this file: ${NAME} is an environment variable, ${FILE:/run/secrets/name} a file.
sources:
#  partner_list:
#    connector: sheets
#    path: partners.xlsx
#    priority: 20          # when sources disagree, the higher priority wins

#  hubspot:
#    connector: hubspot
#    token: ${HUBSPOT_TOKEN}
#    schedule: "*/15 * * * *"
#    priority: 10
#    fields: {tier: partner_tier}      # our field: its name there

# Who is a partner. Everybody else is kept too, but stays off the partner list.
partners:
#  - {source: partner_list}
#  - {source: hubspot, where: {account_type: [PARTNER, RESELLER]}}

# When records join by themselves, and when a person is asked (`partnerhub review`): probabilities.
matching:
#  auto: 0.43              # from here on records join by themselves
#  review: 0.03            # from here up to there a person is asked
#  weights: weights.json   # of your own, as `partnerhub learn` writes them

# Where one field should follow another order than the priorities.
survivorship:
#  fields: {tier: [partner_list, hubspot]}
#  by: {address: complete, industry: frequent}
"""
