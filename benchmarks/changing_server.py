"""The companies of `company_server`, of which a share changes on demand, and which counts what it is asked.

    python -m benchmarks.changing_server RECORDS

Beside HubSpot's paths it answers `/benchmark/change?share=0.01` and `/benchmark/requests`, which it does not count. Of
every ten changes eight are edits, one is a new company and one is archived.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from benchmarks.company_server import PAGE, Server, company, main

FIRST_ID = 9_000_000_000
EDITED_OF_TEN, ARCHIVED = 8, 8
SEED = 1


class ChangingServer(Server):
    """Remembers which companies changed, by number: they are what a search since then finds, in order of ids."""

    def __init__(self, total: int) -> None:
        """`total` companies, none changed."""
        super().__init__(total)
        self.requests = 0
        self.changed: dict[int, dict[str, Any]] = {}
        self.archived: dict[int, dict[str, Any]] = {}

    def answer(self, target: str, asked: bytes = b"") -> bytes:
        """The body for one request, a counted one unless it is the benchmark's own."""
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        if parts.path == "/benchmark/requests":
            return json.dumps({"requests": self.requests}).encode()
        if parts.path == "/benchmark/change":
            return json.dumps({"changed": self.change(float(query["share"][0]))}).encode()
        self.requests += 1
        if parts.path.endswith("/search"):
            return json.dumps(self.found(json.loads(asked))).encode()
        if query.get("archived") == ["true"] and parts.path == "/crm/v3/objects/companies":
            return json.dumps({"results": list(self.archived.values())}).encode()
        return super().answer(target, asked)

    def change(self, share: float) -> int:
        """Let a share of the companies change now, drawn at random by a fixed seed; returns how many."""
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        numbers = Random(SEED).sample(range(self.total), round(self.total * share))
        for n, number in enumerate(numbers):
            if n % 10 < EDITED_OF_TEN:
                self.changed[number] = edited(company(number), stamp)
            elif n % 10 == ARCHIVED:
                self.archived[number] = company(number) | {"archived": True, "archivedAt": stamp}
            else:
                self.changed[self.total] = edited(company(self.total), stamp)
                self.total += 1
        self.pages.clear()
        return len(numbers)

    def found(self, asked: dict[str, Any]) -> dict[str, Any]:
        """One search: changed companies beyond an id, or how many live ones there are."""
        filters = [one for group in asked["filterGroups"] for one in group["filters"]]
        if not filters:
            return {"total": self.total - len(self.archived), "results": []}
        last = next((int(one["value"]) for one in filters if one["operator"] == "GT"), 0)
        numbers = sorted(number for number in self.changed if number + FIRST_ID > last)
        results = [self.changed[number] for number in islice(numbers, asked["limit"])]
        more = {"paging": {"next": {"after": str(asked["limit"])}}} if len(numbers) > asked["limit"] else {}
        return {"total": len(numbers), "results": results, **more}

    def page(self, start: int) -> bytes:
        """One list page, rendered once, without what is archived."""
        if start not in self.pages:
            end = min(start + PAGE, self.total)
            body: dict[str, Any] = {"results": list(self.live(start, end))}
            if end < self.total:
                body["paging"] = {"next": {"after": str(end)}}
            self.pages[start] = json.dumps(body).encode()
        return self.pages[start]

    def live(self, start: int, end: int) -> Iterator[dict[str, Any]]:
        """The companies of a range as they are now."""
        for number in range(start, end):
            if number not in self.archived:
                yield self.changed.get(number) or company(number)


def edited(found: dict[str, Any], stamp: str) -> dict[str, Any]:
    """A company whose people, street and words about itself are others now."""
    new = {"address": "1 New Quay", "numberofemployees": "77", "hs_lastmodifieddate": stamp}
    said = found["properties"] | new | {"description": f"Moved; told us at {stamp}."}
    return found | {"properties": said, "updatedAt": stamp}


def asked_of(port: str, path: str) -> dict[str, int]:
    """What the server answers to one of the benchmark's own questions: `requests`, `change?share=0.01`."""
    with urlopen(f"http://127.0.0.1:{port}/benchmark/{path}", timeout=120) as answer:
        found: dict[str, int] = json.load(answer)
    return found


if __name__ == "__main__":
    asyncio.run(main(ChangingServer(int(sys.argv[1]))))
