"""Partner Hub, the application: command line, configuration, identity logic, web, simulator.

`partnerhub.frame` and `partnerhub.tables` hand published tables to pandas: see `partnerhub.frames`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

OF_FRAMES = ("frame", "tables")


def __getattr__(name: str) -> Any:
    """Load what reads tables when somebody asks for it: whoever imports the rest does not need it."""
    if name in OF_FRAMES:
        return getattr(import_module("partnerhub.frames"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
