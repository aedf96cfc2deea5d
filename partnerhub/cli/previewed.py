"""What a change would do, on the screen: the rules, who changes, every field with its count, examples, figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnerhub.amounts import money
from partnerhub.cli.output import counted, duration, prose, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from pipelines.preview.effects import Effects
    from pipelines.preview.fields import Changed, ValueEffects
    from pipelines.preview.figures import Figure
    from pipelines.preview.standing import ComingAndGoing, Move

LONGEST: Final = 60
CHANGES_SHOWN: Final = 6
IN_MINOR_UNITS: Final = ", minor units"
MOVES: Final = {"merged": "would become one with", "split": "would part from"}
SIGNS: Final = ("+", "–")


def show(console: Console, effects: Effects) -> None:
    """Most important first: who merges and parts, then values, then everything that is counted."""
    for line in effects.rules or ["No key differs from partnerhub.yaml."]:
        prose(console, f"· {line}")
    for note in effects.notes:
        prose(console, f"! {note}")
    if effects.nothing:
        prose(console, f"✓ Nothing would change. {told_seconds(effects)}")
        return
    show_moves(console, effects.moves, effects.shown)
    for values in effects.values.values():
        show_values(console, values)
    for found in effects.sorts:
        show_sort(console, found)
    show_findings(console, effects.findings, effects.shown)
    if effects.figures:
        rows = [(each.name.removesuffix(IN_MINOR_UNITS), each.of, *amounts(each)) for each in effects.figures]
        console.print(table(("figure", "of", "#before", "#after"), rows))
    prose(console, f"Nothing was changed in the hub. {told_seconds(effects)}")
    prose(console, "→ To apply it, write it into partnerhub.yaml or mappings/ and run `partnerhub sync`.")


def told_seconds(effects: Effects) -> str:
    """How long it took."""
    return f"Tried in {duration(effects.seconds['whole'])}."


def show_moves(console: Console, moves: list[Move], most: int) -> None:
    """Who would become one, and who would part, by name; organizations before persons."""
    for kind, words in MOVES.items():
        found = sorted((each for each in moves if each.kind == kind), key=lambda each: each.entity)
        for each in found[:most]:
            prose(
                console,
                f"! {each.entity} {each.name} {words} {each.other_name} ({each.id[:8]} {each.other_id[:8]})",
            )
        if len(found) > most:
            prose(console, f"… and {len(found) - most:,} more.", indent=2)


def show_values(console: Console, values: ValueEffects) -> None:
    """How many would change, a line for each field, then examples with old and new value."""
    if values.appear or values.vanish:
        prose(console, f"{values.kind}: {values.appear:,} would come, {values.vanish:,} would go.")
    if not values.things:
        return
    of_them = f", {values.partners:,} of them partners" if values.partners else ""
    prose(console, f"{counted(values.things, values.kind)} would change{of_them}:", style="bold")
    rows = [
        (each.field, each.changed, each.filled, each.emptied)
        for each in sorted(values.fields.values(), key=lambda each: each.field)
    ]
    console.print(table(("field", "#changed", "#filled", "#emptied"), rows))
    for changed in values.examples:
        show_changed(console, changed)


def show_changed(console: Console, changed: Changed) -> None:
    """One thing with its first changes."""
    prose(console, f"{changed.name} ({changed.id[:8]})" if changed.name != changed.id else changed.id)
    for each in changed.changes[:CHANGES_SHOWN]:
        where = f"  [{each.record}, {each.rule}]" if each.record else ""
        prose(console, f"{each.field}: {cut(each.before)} → {cut(each.after)}{where}", indent=2)
    if len(changed.changes) > CHANGES_SHOWN:
        prose(console, f"… and {len(changed.changes) - CHANGES_SHOWN} more fields", indent=2)


def show_sort(console: Console, found: ComingAndGoing) -> None:
    """How many come and go, and the first of them."""
    if not (found.come or found.go or found.differ):
        return
    others = f", {found.differ:,} in other words" if found.differ else ""
    prose(console, f"{found.sort}: {found.come:,} would come, {found.go:,} would go{others}.", style="bold")
    for sign, kept in zip(SIGNS, (found.came, found.went), strict=True):
        for each in kept:
            prose(
                console, f"{sign} {each.name}: {each.of}{f' – {each.words}' if each.words else ''}", indent=2
            )


def show_findings(console: Console, findings: Iterable[dict[str, Any]], most: int) -> None:
    """What staging would newly complain of."""
    for each in list(findings)[:most]:
        where = "/".join(filter(None, (each["source"], each["stream"], each["source_id"])))
        prose(console, f"! {where}: {each['happened']} ({each['count']:,} ×) {each['to_do']}")


def amounts(figure: Figure) -> tuple[str, str]:
    """A figure before and after; amounts in whole units of their currency."""
    if figure.name.endswith(IN_MINOR_UNITS):
        currency = figure.of.rpartition(" ")[2]
        return money(figure.before, currency), money(figure.after, currency)
    return f"{figure.before:,}", f"{figure.after:,}"


def cut(value: object) -> str:
    """A value in a line; a dash for none."""
    if value is None:
        return "–"
    line = " ".join(str(value).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
