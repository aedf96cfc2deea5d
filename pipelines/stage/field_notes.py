"""Notes about fields of a stream: opened, kept as they stand, closed when nothing is left to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.problems import Problem, record_problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.database import Connection

MOST_NAMED: Final = 5


def tell_fields(
    connection: Connection,
    place: tuple[str, str],
    problems: Sequence[Problem],
    codes: tuple[str, ...],
    run: tuple[str, str],
) -> None:
    """Make these the stream's only open problems of these codes. What stands already is left alone.

    run: its id, and now (UTC text).
    """
    standing = {
        str(row[0]): (row[1], row[2], row[3], row[4])
        for row in connection.query(
            "SELECT fingerprint, severity, happened, to_do, state FROM sync_error WHERE source = ? AND stream = ?"
            f" AND code IN ({', '.join('?' * len(codes))})",
            (*place, *codes),
        )
    }
    said = {name: facts[:3] for name, facts in standing.items() if facts[3] != "resolved"}
    news = [one for one in problems if said.get(one.fingerprint) != (one.severity, one.happened, one.do)]
    kept = {one.fingerprint for one in problems}
    over = [(name,) for name, facts in standing.items() if name not in kept and facts[3] == "open"]
    if not news and not over:
        return
    with connection.transaction():
        record_problems(connection, news, *run)
        connection.execute_many("UPDATE sync_error SET state = 'resolved' WHERE fingerprint = ?", over)


def accepting(place: tuple[str, str], name: str) -> str:
    """The command by which a person accepts what became of a field."""
    return f"partnerhub drift accept {place[0]} {quoted(f'{place[1]}.{name}')}"


def quoted(name: str) -> str:
    """A name as a shell takes it."""
    return name if name.replace("_", "").replace(".", "").isalnum() else f"'{name}'"


def listed(names: tuple[str, ...]) -> str:
    """The first names, and how many more."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
