"""The fingerprint of the rules a staged row was made by: when it differs, the row is made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from mappings.canonical import STAGED_KINDS
from mappings.clean.registry import CLEANERS_VERSION
from mappings.plan import NO_OVERRIDES, Overrides, effective_rows, variants_with
from mappings.rows import StreamMapping

LIBRARIES = (
    "rigour",
    "tldextract",
    "phonenumberslite",
    "phonenumbers",
    "email-validator",
    "idna",
    "pycountry",
    "inscriptis",
    "nh3",
    "selectolax",
)
"""Libraries whose next release may clean a value differently."""
NO_SETTINGS: Mapping[str, Any] = {}


def rules_fingerprint(
    stream_mapping: StreamMapping,
    overrides: Overrides = NO_OVERRIDES,
    settings: Mapping[str, Any] = NO_SETTINGS,
) -> str:
    """16 hex digits over the rows that apply, code tables, versions, libraries, settings and canonical fields.

    settings: what of the deployment a cleaner may see (default region, currency, own domains); secrets do not belong
    here. The same rules give the same fingerprint in every process.
    """
    extra = stream_mapping.extra
    variants = variants_with(stream_mapping, overrides) if stream_mapping.choose else {}
    own = NO_OVERRIDES if variants else overrides
    facts: dict[str, Any] = {
        "kind": stream_mapping.kind,
        "base": stream_mapping.base,
        "rows": [list(row) for row in effective_rows(stream_mapping, own)],
        "ignored": sorted(stream_mapping.ignored),
        "codes": {name: dict(table) for name, table in stream_mapping.codes.items()},
        "extra": f"{extra.__module__}.{extra.__qualname__}" if extra else None,
        "version": stream_mapping.version,
        "settings": dict(settings),
        "cleaners": CLEANERS_VERSION,
        "libraries": library_versions(),
        "fields": {kind.kind_name: sorted(kind.model_fields) for kind in STAGED_KINDS},
    }
    if variants:
        facts["variants"] = {name: rules_fingerprint(*each) for name, each in variants.items()}
    text = json.dumps(facts, sort_keys=True, default=_plain)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@cache
def library_versions() -> dict[str, str]:
    """Installed versions of the cleaning libraries, by distribution name."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except (
            ModuleNotFoundError
        ):  # PackageNotFoundError: only one of the two phonenumbers packages is installed
            continue
    return found


def _plain(value: object) -> object:
    """Sets in a fixed order, anything else as text."""
    return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else str(value)
