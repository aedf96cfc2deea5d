"""A terminal, or a file in its place, on which every command can be copied."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from partnerhub.cli.copyable import copyable


class Screen(Console):
    """What commands print on."""

    def print(self, *objects: Any, **how: Any) -> None:
        """Print as rich does; the commands in texts begin as the one that was called."""
        super().print(*(copyable(one) if isinstance(one, str) else one for one in objects), **how)
