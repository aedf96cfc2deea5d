"""A terminal, or a file in its place, on which every command can be copied."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from partnerhub.cli.copyable import copyable
from partnerhub.cli.output import folded


class Screen(Console):
    """What commands print on."""

    def print(self, *objects: Any, **how: Any) -> None:
        """Print as rich does; the commands in texts begin as the one that was called, and are broken by nothing."""
        if len(objects) == 1 and isinstance(text := objects[0], str):
            text = copyable(text)
            if self.is_terminal and not how.get("soft_wrap") and "`" in text:
                text, how = "\n".join(folded(text, self.width)), {**how, "soft_wrap": True}
            objects = (text,)
        super().print(*objects, **how)
