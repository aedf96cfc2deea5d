"""Run the validation rules over a warehouse. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.validate.rules import RULES, SAMPLE, Outcome, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection


def check_rules(connection: Connection, rules: Iterable[Rule] = RULES) -> list[Outcome]:
    """Every rule with how many violations it found and a few of their keys."""
    return [check_rule(connection, rule) for rule in rules]


def check_rule(connection: Connection, rule: Rule) -> Outcome:
    """One rule."""
    counted = connection.one(f"SELECT count(*) FROM ({rule.query}) AS violations")
    violations = int(counted[0]) if counted else 0
    rows = connection.query(f"{rule.query} LIMIT {SAMPLE}") if violations else []
    return Outcome(rule, violations, ["/".join(map(str, row)) for row in rows])
