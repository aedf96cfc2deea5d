"""`--column name="Company"`: which heading holds which of our fields."""

from __future__ import annotations

from collections.abc import Iterable

import typer


def column_choices(written: list[str] | None, known: Iterable[str] | None = None) -> dict[str, str]:
    """Our field → their heading. Raises a usage error for what cannot be read or, with `known`, is no field of ours."""
    chosen: dict[str, str] = {}
    for each in written or ():
        ours, equals, theirs = each.partition("=")
        if not equals or not ours.strip() or not theirs.strip():
            raise typer.BadParameter(
                f'`--column {each}` cannot be read. Write it as `--column name="Company"`.'
            )
        field = ours.strip()
        if known is not None and field not in known:
            from partnerhub.config.problems import closest

            raise typer.BadParameter(f"There is no field `{field}`. {closest(field, known)}")
        chosen[field] = theirs.strip().strip('"')
    return chosen
