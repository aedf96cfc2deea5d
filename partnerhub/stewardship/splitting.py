"""Taking records out of a partner."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.queries.sides import Side


def belonging(whole: Side, records: list[str]) -> list[str]:
    """The records to take out. Raises WarehouseError unless they are some, not all, of the partner's."""
    from warehouse.errors import WarehouseError

    strange = [record for record in records if record not in whole.records]
    do = f"Its records: {', '.join(whole.records)}."
    if strange:
        raise WarehouseError(f"{strange[0]} is no record of {whole.name}.", do)
    if set(records) == set(whole.records):
        raise WarehouseError(f"These are all records of {whole.name}; none would stay.", do)
    return sorted(set(records))


def part(
    connection: Connection,
    whole: Side,
    leaving: list[str],
    staying: list[str],
    actor: str,
    now: str,
    reason: str | None,
    *,
    each: bool,
) -> int | None:
    """Say that the leaving records are others than those that stay, and one (or none of them one) with each other."""
    from warehouse.commands.acts import Said
    from warehouse.commands.judge import SAME, across, judge_apart

    within = across(leaving, leaving) if each else across(leaving[:1], leaving[1:])
    subject = f"{', '.join(leaving)} out of {whole.name}"
    said = Said(actor, now, reason)
    return judge_apart(
        connection, leaving, staying, subject, said, entity=whole.entity, within=within,
        verdict_within="different" if each else SAME,
    )  # fmt: skip
