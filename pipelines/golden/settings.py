"""What a deployment decides about publication, and its fingerprint: a changed decision republishes everything."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any

from partnerhub.identity.survivorship import Survivorship
from pipelines.golden.partners import PartnerRule

PUBLISH_VERSION = 3
"""Raised whenever the code here would publish other rows from the same records."""


@dataclass(frozen=True)
class PublishSettings:
    """Rules of publication.

    survivorship: which source wins. partner_rules: who is a partner. own_domains, own_addresses: us, in lower case.
    identity: handed to `pipelines.resolve` unread; it takes no part in the fingerprint.
    """

    survivorship: Survivorship = field(default_factory=Survivorship)
    partner_rules: tuple[PartnerRule, ...] = ()
    own_domains: frozenset[str] = frozenset()
    own_addresses: frozenset[str] = frozenset()
    identity: Any = None

    @cached_property
    def declaring(self) -> frozenset[str]:
        """The sources that have a partner rule."""
        return frozenset(rule.source for rule in self.partner_rules)

    def fingerprint(self) -> str:
        """Equal for settings that publish the same rows. 16 hexadecimal digits."""
        said = [
            PUBLISH_VERSION,
            sorted(self.survivorship.source_priority.items()),
            sorted((name, list(order)) for name, order in self.survivorship.field_priority.items()),
            # Only where there are any: hubs without them need not publish everything again.
            *([sorted(self.survivorship.strategies.items())] if self.survivorship.strategies else []),
            [rule.facts() for rule in self.partner_rules],
            sorted(self.own_domains),
            sorted(self.own_addresses),
        ]
        return blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=8).hexdigest()
