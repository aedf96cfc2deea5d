"""Find connectors by name: a module or package in this folder that defines exactly one `Connector` subclass.

Modules are imported on first use, so that one missing vendor SDK never takes another source down.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache

import connectors
from connectors.errors import FixSetup
from connectors.record import Connector

NOT_CONNECTORS = frozenset(
    {"credential", "errors", "oauth", "record", "registry", "transport", "pptx_reader"}
)


def connector_names() -> tuple[str, ...]:
    """The names of all connectors in this folder, sorted. Imports none of them."""
    found = (module.name for module in pkgutil.iter_modules(connectors.__path__))
    return tuple(sorted(name for name in found if name not in NOT_CONNECTORS))


@cache
def connector_class(name: str) -> type[Connector]:
    """The connector called `name`. Raises `FixSetup` naming the known ones when there is none."""
    if name not in connector_names():
        raise FixSetup(
            code="unknown_connector",
            do=f"Use one of: {', '.join(connector_names())}.",
            happened=f"There is no connector called {name!r}.",
        )
    module = importlib.import_module(f"connectors.{name}")
    for _, member in inspect.getmembers(module, inspect.isclass):
        if (
            issubclass(member, Connector)
            and member is not Connector
            and getattr(member, "name", None) == name
        ):
            return member
    raise FixSetup(
        code="broken_connector",
        do=f"Define a Connector subclass with name = {name!r} in connectors/{name}.",
        happened="The module was found but holds no connector of its own name.",
    )
