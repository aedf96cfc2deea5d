"""What the audit log says of an export: who took which rows where. It stands there before the files do."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from warehouse.commands.audit import Deed, did
from warehouse.exports.destination import without_secret

if TYPE_CHECKING:
    from warehouse.database import Database

BY_JOB: Final = "hub:publish_files"
"""Who exports where no person does: the job, by its schedule or from Dagster's page."""
EXPORTED: Final = "tables.export"
HOW: Final = ("format", "raw", "since", "as_of", "list")
"""What of the manifest tells which rows they are."""


def log_export(database: Database, actor: str, place: str, told: dict[str, Any]) -> None:
    """Write who exports what to where, by the manifest that will stand there."""
    tables = {table["name"]: table["rows"] for table in told["tables"]}
    detail = {
        "to": without_secret(place),
        "tables": tables,
        "rows": sum(tables.values()),
        **{name: told[name] for name in HOW if told.get(name)},
        **({"base": told["base"]["sha256"]} if told.get("base") else {}),
        "manifest_sha256": hashlib.sha256(as_text(told).encode()).hexdigest(),
    }
    with database.session() as connection, connection.transaction():
        did(connection, told["made_at"], actor, Deed(EXPORTED, "tables", detail))


def as_text(data: object) -> str:
    """JSON people can read, as the manifest stands in its file."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
