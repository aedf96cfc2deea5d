"""Queries over a store: which rows, in which order, in which shape, and the places in results not yet fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from partnerhub.simulator.salesforce.identifiers import made_id
from partnerhub.simulator.salesforce.soql import BadQueryError, Query, Row, parse, sort_key
from partnerhub.simulator.salesforce.store import POLYMORPHIC, Store

LARGEST_PAGE: Final = 2000
MOST_LOCATORS: Final = 10
"""Open places per user; an eleventh drops the oldest (Salesforce's own limit)."""


class RefusedError(Exception):
    """A request Salesforce answers with a status and an error code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """The three things an error consists of."""
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(slots=True)
class Result:
    """A result being paged. session: the token that opened it; another one may not go on."""

    session: str
    query: Query
    rows: list[Row]
    size: int


class Queries:
    """Answers queries; keeps the places that `nextRecordsUrl` names."""

    def __init__(self, store: Store) -> None:
        """Serves `store`. A query that finds more than `most_rows` takes too long, and ends as `too_long` says."""
        self.store = store
        self.most_rows: int | None = None
        self.too_long = "QUERY_TIMEOUT"
        self.results: dict[str, Result] = {}
        self._opened = 0

    def first(self, soql: str, session: str, version: str, *, deleted: bool, size: int) -> dict[str, Any]:
        """The first answer of a query; raises `RefusedError`."""
        try:
            query = parse(soql, self.store.now)
        except BadQueryError as bad:
            raise RefusedError(400, "MALFORMED_QUERY", str(bad)) from bad
        self._check(query)
        with self.store.lock:
            rows = self._rows(query, deleted=deleted)
        self._in_time(rows)
        if query.counts:
            return {"totalSize": len(rows), "done": True, "records": []}
        found = Result(session, query, rows, min(max(1, size), LARGEST_PAGE))
        self._opened += 1
        locator = made_id("Query", self._opened)[:15]
        self.results[locator] = found
        while len(self.results) > MOST_LOCATORS:
            del self.results[next(iter(self.results))]
        return self._page(locator, found, 0, version)

    def more(self, locator: str, session: str, version: str) -> dict[str, Any]:
        """The answer from a place on; raises `RefusedError` for one that is forgotten or another session's."""
        name, _, start = locator.rpartition("-")
        found = self.results.get(name)
        if found is None or found.session != session or not start.isdecimal():
            raise RefusedError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        self._in_time(found.rows)
        return self._page(name, found, int(start), version)

    def _in_time(self, rows: list[Row]) -> None:
        """Raise `RefusedError` for a result that takes too long to find."""
        if self.most_rows is not None and len(rows) > self.most_rows:
            raise RefusedError(400, self.too_long, "Your query request was running for too long.")

    def forget(self) -> None:
        """Let every place expire."""
        self.results.clear()

    def _page(self, locator: str, found: Result, start: int, version: str) -> dict[str, Any]:
        following = start + found.size
        done = following >= len(found.rows)
        records = [self._shown(found.query, row, version) for row in found.rows[start:following]]
        answer: dict[str, Any] = {"totalSize": len(found.rows), "done": done}
        if not done:
            answer["nextRecordsUrl"] = f"/services/data/v{version}/query/{locator}-{following}"
        return {**answer, "records": records}

    # ---- which rows

    def _rows(self, query: Query, *, deleted: bool) -> list[Row]:
        kind = query.object
        rows = [
            row
            for row in self.store.rows[kind].values()
            if (deleted or not (row.get("IsDeleted") or row.get("IsArchived")))
            and row["Id"] not in self.store.hidden_rows
        ]
        if query.where:
            test = query.where
            rows = [row for row in rows if test(lambda path, row=row: self.store.look(kind, row, path))]  # type: ignore[misc]
        for path, descending, nulls_last in reversed(query.order):
            rows.sort(key=lambda row: sort_key(self.store.look(kind, row, path)), reverse=descending)
            if nulls_last is not None:
                rows.sort(key=lambda row: (self.store.look(kind, row, path) is None) == nulls_last)
        end = None if query.limit is None else query.offset + query.limit
        return rows[query.offset : end]

    # ---- in which shape

    def _shown(self, query: Query, row: Row, version: str) -> dict[str, Any]:
        shown = self._fields(query.object, row, query.fields, version)
        for child in query.children:
            shown[child.object] = self._children(query.object, child, row, version)
        return shown

    def _fields(self, kind: str, row: Row, paths: list[str], version: str) -> dict[str, Any]:
        """A row's own fields, and what lies behind its relationships nested under their names."""
        shown: dict[str, Any] = {"attributes": attributes(kind, row, version)}
        behind: dict[str, list[str]] = {}
        for path in paths:
            relation, _, rest = path.partition(".")
            if rest:
                behind.setdefault(relation, []).append(rest)
            else:
                shown[path] = row.get(path)
        for relation, rests in behind.items():
            target = self.store.follow(kind, row, relation)
            if target is None:
                shown[relation] = None
            elif relation in POLYMORPHIC:
                known = {rest: self.store.look(kind, row, f"{relation}.{rest}") for rest in rests}
                shown[relation] = {"attributes": attributes("Name", target[1], version), **known}
            else:
                shown[relation] = self._fields(*target, rests, version)
        return shown

    def _children(self, kind: str, child: Query, row: Row, version: str) -> dict[str, Any] | None:
        """The rows of a child subquery as a result of their own; null where there are none, as at Salesforce."""
        name, rows = self.store.children(kind, row, child.object) or ("", [])
        if not rows:
            return None
        inner = Query(name, fields=child.fields)
        records = [self._shown(inner, one, version) for one in rows]
        return {"totalSize": len(rows), "done": True, "records": records}

    # ---- what the user may ask

    def _check(self, query: Query) -> None:
        """Raise `RefusedError` for an object or field that is not there, or not for this user."""
        if self.store.visible(query.object) is None:
            message = f"sObject type '{query.object}' is not supported."
            raise RefusedError(400, "INVALID_TYPE", message)
        for path in query.named:
            if not self._named(query.object, path):
                message = f"No such column '{path}' on entity '{query.object}'."
                raise RefusedError(400, "INVALID_FIELD", message)
        for child in query.children:
            found = self.store.children(query.object, {"Id": ""}, child.object)
            if found is None:
                message = f"Didn't understand relationship '{child.object}' in FROM part of query call."
                raise RefusedError(400, "INVALID_TYPE", message)
            self._check(Query(found[0], named=child.named))

    def _named(self, kind: str, path: str) -> bool:
        """Whether a field or path is one the user may name."""
        visible = self.store.visible(kind)
        relation, _, rest = path.partition(".")
        if visible is None:
            return False
        if not rest:
            return path in visible
        target = self.store.relation(kind, relation, visible)
        if target is None:
            return False
        return (
            rest in {"Type", "Name", "Id", "Email"} if relation in POLYMORPHIC else self._named(target, rest)
        )


def attributes(kind: str, row: Row, version: str) -> dict[str, str]:
    """What Salesforce puts before a record's fields."""
    return {"type": kind, "url": f"/services/data/v{version}/sobjects/{kind}/{row['Id']}"}
