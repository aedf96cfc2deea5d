"""Where Dagster's own settings are looked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

DAGSTER_HOME: Final = "DAGSTER_HOME"


def home_of(folder: Path) -> Path | None:
    """The folder with dagster.yaml: as the environment says, else where the configuration or the command is."""
    named = os.environ.get(DAGSTER_HOME)
    places = [Path(named)] if named else [folder, Path.cwd()]
    found = next((place for place in places if (place / "dagster.yaml").is_file()), None)
    return found.absolute() if found else None
