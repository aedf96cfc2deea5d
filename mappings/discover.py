"""Find mappings by name: the module in this folder called like the connector, holding `MAPPING`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import mappings
from connectors.errors import FixSetup
from mappings.rows import Mapping, StreamMapping


@cache
def mapping_for(connector: str) -> Mapping:
    """The mapping of the connector called `connector`. Raises `FixSetup` when there is none."""
    if connector not in {module.name for module in pkgutil.iter_modules(mappings.__path__)}:
        raise _missing(connector)
    found = getattr(importlib.import_module(f"mappings.{connector}"), "MAPPING", None)
    if not isinstance(found, Mapping) or found.connector != connector:
        raise _missing(connector)
    return found


def stream_mapping_for(mapping: Mapping, stream: str) -> StreamMapping | None:
    """The stream's mapping, the connector's default for streams named by configuration, or None: it stays raw."""
    return mapping.streams.get(stream, mapping.default)


def _missing(connector: str) -> FixSetup:
    return FixSetup(
        code="missing_mapping",
        do=f"Write mappings/{connector}.py with MAPPING = Mapping(connector={connector!r}, …).",
        happened=f"The connector {connector!r} has no mapping.",
    )
