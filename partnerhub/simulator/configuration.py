"""How a hub is configured to read the simulated vendors: the text of `partnerhub.yaml`, a part for each of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from partnerhub.simulator.asana import AsanaSimulator
    from partnerhub.simulator.hubspot.simulator import HubSpotSimulator
    from partnerhub.simulator.imap import ImapSimulator
    from partnerhub.simulator.jira import JiraSimulator
    from partnerhub.simulator.salesforce import SalesforceSimulator

SHEET_SOURCE, CRM_SOURCE, MAIL_SOURCE_PREFIX = "partner_list", "hubspot", "mail"
SALES_SOURCE, ISSUE_SOURCE, TASK_SOURCE, DECK_SOURCE = "salesforce", "jira", "asana", "decks"
DEFAULT_REGION: Final = "DE"
PARTNER_TYPE: Final = "Channel Partner / Reseller"
"""What Salesforce calls a partner."""


def head(own_domain: str, warehouse: str, clock_file: str) -> str:
    """The lines above the sources. clock_file: where the simulated world says which moment it is."""
    return f"""\
# Written for the simulator: every server it names is on this machine, every password in it is made up.
warehouse: {warehouse}
own_domains: [{own_domain}]
default_region: {DEFAULT_REGION}
clock: ${{FILE:{clock_file}}}

sources:
"""


def sheet_part(file_name: str) -> str:
    """The partner list."""
    return f"""\
  {SHEET_SOURCE}:
    connector: sheets
    path: {file_name}
    schedule: "0 6 * * *"
"""


def hubspot_part(hubspot: HubSpotSimulator) -> str:
    """HubSpot."""
    return f"""\
  {CRM_SOURCE}:
    connector: hubspot
    base_url: {hubspot.url}
    token: {hubspot.token}
    requests_per_second: 0
    searches_per_second: 0
    mail_visibility: everything
    schedule: "*/30 * * * *"
"""


def salesforce_part(salesforce: SalesforceSimulator) -> str:
    """Salesforce, with the custom object in which partners register deals."""
    return f"""\
  {SALES_SOURCE}:
    connector: salesforce
    instance_url: {salesforce.url}
    token: "{salesforce.token}"
    expires: never
    ca_bundle: {salesforce.ca_file.resolve()}
    objects: [Deal_Registration__c]
    mail_visibility: everything
    requests_per_second: 0
    schedule: "*/30 * * * *"
"""


def jira_part(jira: JiraSimulator) -> str:
    """Jira."""
    return f"""\
  {ISSUE_SOURCE}:
    connector: jira
    base_url: {jira.url}
    email: {jira.email}
    token: {jira.token}
    expires: never
    requests_per_second: 0
    schedule: "*/30 * * * *"
"""


def asana_part(asana: AsanaSimulator) -> str:
    """Asana; projects are called after the partner they are about."""
    return f"""\
  {TASK_SOURCE}:
    connector: asana
    base_url: {asana.api_url}
    token: "{asana.token}"
    expires: never
    partner_pattern: "^(Onboarding|Enablement) – (?P<partner>.+)$"
    requests_per_minute: 0
    schedule: "*/30 * * * *"
"""


def decks_part(folder: Path) -> str:
    """The folder of decks."""
    return f"""\
  {DECK_SOURCE}:
    connector: decks
    url: {folder.resolve().as_uri()}
    schedule: "0 7 * * *"
"""


def mailbox_part(name: str, address: str, imap: ImapSimulator) -> str:
    """The source of one mailbox."""
    return f"""\
  {name}:
    connector: imap
    host: {imap.host}
    port: {imap.port}
    ssl: false
    mailbox: {address}
    password: {imap.password(address)}
    expires: never
    bodies: all
    mail_visibility: everything
    schedule: "*/15 * * * *"
"""


def partners_part(*, salesforce: bool) -> str:
    """Who is a partner: everybody on the list, and whoever a CRM calls one."""
    rules = f"""\

partners:
  - source: {SHEET_SOURCE}
  - source: {CRM_SOURCE}
    where:
      account_type: [PARTNER]
"""
    if not salesforce:
        return rules
    return f"""{rules}\
  - source: {SALES_SOURCE}
    where:
      account_type: ["{PARTNER_TYPE}"]
"""
