"""`partnerhub how` of a person: the records in the order they came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from partnerhub.cli.output import day, prose
from partnerhub.stewardship.persons import JOINED

if TYPE_CHECKING:
    from rich.console import Console


def show_history(console: Console, data: dict[str, Any]) -> None:
    """The records in the order they came, each with how it came."""
    person = data["person"]
    prose(console, person["name"], style="bold")
    prose(console, f"answers by {person['person_id']}", style="dim")
    for former in data["former_ids"]:
        prose(console, f"{former} answers by it, too", indent=2)
    for each in data["links"]:
        how = JOINED.get(each["method"], each["method"])
        prose(console, f"{day(each['started_at'])}: {each['called']} ({each['record']}): {how}", indent=2)
    console.print("→ `partnerhub undo --list` shows what people decided.", markup=False)
