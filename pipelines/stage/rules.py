"""The compiled rules of every stream: how its records are staged, and the fingerprint that tells when to redo it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mappings.compile import compile_stream
from mappings.discover import mapping_for, stream_mapping_for
from mappings.fingerprint import rules_fingerprint
from pipelines.stage.mass_change import ChangeGuard

if TYPE_CHECKING:
    from mappings.rows import Stager, StreamMapping

HUB = "hub"
"""The source of what people enter by hand; always there, never configured."""

ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True)
class SourceRules:
    """What a deployment says about one source. fields: stream → {staged field: source path}; "" for organizations."""

    connector: str
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StageSettings:
    """What staging may know of a deployment. guard: how much may change at once; no part of the rules."""

    sources: Mapping[str, SourceRules]
    own_domains: frozenset[str] = frozenset()
    own_addresses: frozenset[str] = frozenset()
    default_region: str = "US"
    default_currency: str = "USD"
    guard: ChangeGuard = field(default_factory=ChangeGuard)

    def shared(self) -> dict[str, Any]:
        """The facts of the deployment every stream's output may depend on."""
        return {
            "own_domains": sorted(self.own_domains),
            "own_addresses": sorted(self.own_addresses),
            "default_region": self.default_region,
            "default_currency": self.default_currency,
        }


@dataclass(frozen=True, slots=True)
class StreamRules:
    """One stream's compiled stager and its fingerprint, and what they were made of."""

    stager: Stager
    fingerprint: str
    settings: Mapping[str, Any]
    mapping: StreamMapping
    connector: str


def stream_rules(settings: StageSettings, source: str, stream: str) -> StreamRules | None:
    """Compile a stream's mapping, or None for a stream (or a source no longer configured) that stays raw."""
    rules = settings.sources.get(source) or (SourceRules(HUB) if source == HUB else None)
    if rules is None:
        return None
    mapping = stream_mapping_for(mapping_for(rules.connector).with_settings(rules.settings), stream)
    if mapping is None:
        return None
    overrides = {
        **(rules.fields.get("", {}) if holds_organizations(mapping) else {}),
        **rules.fields.get(stream, {}),
    }
    facts = {**settings.shared(), **rules.settings}
    return StreamRules(
        compile_stream(mapping, overrides),
        rules_fingerprint(mapping, overrides, facts),
        facts,
        mapping,
        rules.connector,
    )


def holds_organizations(mapping: StreamMapping) -> bool:
    """Whether a flat `fields:` block of the configuration means this stream."""
    return mapping.kind == ORGANIZATION
