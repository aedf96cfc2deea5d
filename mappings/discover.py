"""Find mappings by name: the module in this folder called like the connector, holding `MAPPING`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

import mappings
from connectors.errors import FixSetup
from mappings.rows import Mapping, StreamMapping

TRIED: Final[dict[str, Mapping]] = {}
"""Mappings that this process uses in place of those in the folder, by connector."""


def mapping_for(connector: str) -> Mapping:
    """The mapping of the connector called `connector`. Raises `FixSetup` when there is none."""
    return TRIED.get(connector) or in_folder(connector)


@contextmanager
def instead(mapping: Mapping | None) -> Iterator[None]:
    """Use a mapping in place of that of its connector for the time of a block; None changes nothing."""
    if mapping is None:
        yield
        return
    TRIED[mapping.connector] = mapping
    try:
        yield
    finally:
        TRIED.pop(mapping.connector, None)


@cache
def in_folder(connector: str) -> Mapping:
    """The mapping this program comes with. Raises `FixSetup` when there is none."""
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
