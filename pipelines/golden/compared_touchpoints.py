"""What mails and meetings are compared by: what they are about, when, and who outside takes part.

Works on the temporary table `frontier` of record keys.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from mappings.clean.web import is_generic_host, registrable_domain
from mappings.copy_keys import topic_of
from pipelines.golden.attach import is_own
from pipelines.golden.same_touchpoints import Seen

if TYPE_CHECKING:
    from pipelines.golden.settings import PublishSettings
    from warehouse.database import Connection

LONGEST_TEXT = 1_000
TOUCHPOINTS = (
    "SELECT t.record, t.source, t.kind, t.same_as, t.happened_at, t.subject, t.direction,"
    f" substr(t.text, 1, {LONGEST_TEXT}), t.deleted_at FROM frontier f CROSS JOIN staged_touchpoint t"
    " WHERE t.record = f.record"
)
ADDRESSES = (
    (
        "SELECT f.record, p.address FROM frontier f CROSS JOIN participant p"
        " WHERE p.record = f.record AND p.address IS NOT NULL"
    ),
    (
        "SELECT f.record, k.normalized FROM frontier f CROSS JOIN participant p CROSS JOIN key k"
        " WHERE p.record = f.record AND k.record = p.person_record AND k.kind = 'email'"
    ),
    (
        "SELECT f.record, k.normalized FROM frontier f CROSS JOIN staged_relation r CROSS JOIN key k"
        " WHERE r.from_record = f.record AND r.kind = 'about' AND r.deleted_at IS NULL AND k.record = r.to_record"
        " AND k.kind = 'email' AND k.entity = 'person'"
    ),
)
"""Who takes part: by address, as a person the source names, and as a person it is about."""

DOMAINS = (
    "SELECT f.record, k.normalized FROM frontier f CROSS JOIN staged_relation r CROSS JOIN key k"
    " WHERE r.from_record = f.record AND r.kind = 'about' AND r.deleted_at IS NULL AND k.record = r.to_record"
    " AND k.kind = 'domain' AND k.entity = 'organization'"
)
OWN = (
    "SELECT DISTINCT k.normalized FROM frontier f CROSS JOIN participant p CROSS JOIN key k"
    " WHERE p.record = f.record AND k.normalized = p.address AND k.kind = 'email' AND k.entity = 'colleague'"
)


def load_touchpoints(connection: Connection, settings: PublishSettings) -> list[Seen]:
    """The staged touchpoints in `frontier`, with the people outside only."""
    ours = {row[0] for row in connection.query(OWN)}
    addresses: dict[str, set[str]] = defaultdict(set)
    for select in ADDRESSES:
        for record, address in connection.query(select):
            if address not in ours and not is_own(address, settings.own_domains, settings.own_addresses):
                addresses[record].add(address)
    domains: dict[str, set[str]] = defaultdict(set)
    for record, domain in connection.query(DOMAINS):
        domains[record].add(domain)
    return [
        Seen(
            record,
            source,
            kind,
            same_as,
            happened_at,
            topic_of(kind, subject),
            direction,
            text,
            deleted_at is None,
            frozenset(addresses[record]),
            frozenset(domains[record] | domains_of(addresses[record])),
        )
        for record, source, kind, same_as, happened_at, subject, direction, text, deleted_at in connection.query(
            TOUCHPOINTS
        )
    ]


def domains_of(addresses: set[str]) -> set[str]:
    """The registrable domains of addresses; none for free mail."""
    hosts = {address.rpartition("@")[2] for address in addresses}
    return {domain for host in hosts if not is_generic_host(host) and (domain := registrable_domain(host))}
