"""A loopback server of HubSpot-shaped companies for the whole-path benchmark: fast, so that it is never the limit.

Runs in a process of its own; what it costs is not counted. Every company has a name, domain, phone, address and
country of its own, so that no cleaner's cache helps.
"""

from __future__ import annotations

import asyncio
import json
import sys
from email.utils import formatdate
from urllib.parse import parse_qs, urlsplit

WORDS = ("Amber", "Birch", "Cobalt", "Dover", "Ember", "Falcon", "Granite", "Harbor", "Indigo", "Juniper")
TRADES = (
    "Logistics",
    "Analytics",
    "Foods",
    "Robotics",
    "Textiles",
    "Energy",
    "Software",
    "Optics",
    "Paper",
    "Tools",
)
FORMS = ("GmbH", "Ltd", "Inc.", "S.A.", "B.V.", "LLC", "AG", "Oy", "AB", "SARL")
PLACES = (
    ("Berlin", "10115", "Germany", "+49 30 {:07d}"),
    ("London", "EC1A 1BB", "United Kingdom", "+44 20 7{:07d}"),
    ("Chicago", "60601", "United States", "+1 312 55{:05d}"),
    ("Paris", "75001", "France", "+33 1 4{:07d}"),
    ("Madrid", "28001", "Spain", "+34 91{:07d}"),
)
PROPERTIES = ("name", "domain", "website", "phone", "address", "city", "zip", "country", "industry", "createdate",
              "hs_lastmodifieddate", "numberofemployees", "type", "lifecyclestage", "description")  # fmt: skip
PAGE = 100
GRADED_EVERY = 100
"""One company in so many has a grade."""


def company(number: int) -> dict[str, object]:
    """Company `number`, the same at every call."""
    word, trade, form = WORDS[number % 10], TRADES[number // 10 % 10], FORMS[number // 100 % 10]
    city, postcode, country, phone = PLACES[number % 5]
    stamp = f"2026-0{1 + number % 9}-1{number % 9}T08:{number % 60:02d}:00.{number % 1000:03d}Z"
    return {
        "id": str(9_000_000_000 + number),
        "properties": {
            "name": f"{word} {trade} {number} {form}",
            "domain": f"{word}-{trade}-{number}.com".lower(),
            "website": f"https://www.{word}-{trade}-{number}.com/".lower(),
            "phone": phone.format(number),
            "address": f"{1 + number % 300} {WORDS[number // 7 % 10]} Street",
            "city": city,
            "zip": postcode,
            "country": country,
            "industry": trade.upper(),
            "numberofemployees": str(number % 5000),
            "type": "PARTNER" if number % 3 == 0 else "PROSPECT",
            "lifecyclestage": "customer",
            "description": "Sells to wholesalers and keeps a service desk in two time zones.",
            "createdate": "2025-01-01T08:00:00.000Z",
            "hs_lastmodifieddate": stamp,
            "hs_object_id": str(9_000_000_000 + number),
            **({"partner_grade": "Gold"} if number % GRADED_EVERY == 0 else {}),
        },
        "createdAt": "2025-01-01T08:00:00.000Z",
        "updatedAt": stamp,
        "archived": False,
    }


class Server:
    """Answers what the connector asks of an account that holds `total` companies and nothing else."""

    def __init__(self, total: int) -> None:
        """`total` companies."""
        self.total = total
        self.pages: dict[int, bytes] = {}

    def answer(self, target: str, asked: bytes = b"") -> bytes:
        """The body for one request target. asked: the body that came with it."""
        del asked
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        if parts.path == "/account-info/v3/details":
            return b'{"portalId": 1, "timeZone": "UTC"}'
        if parts.path == "/crm/v3/properties/companies":
            return json.dumps({"results": [{"name": name} for name in PROPERTIES]}).encode()
        if parts.path.endswith("/search"):
            return json.dumps({"total": self.total, "results": []}).encode()
        if parts.path != "/crm/v3/objects/companies" or query.get("archived") == ["true"]:
            return b'{"results": []}'
        return self.page(int(query.get("after", ["0"])[0]))

    def page(self, start: int) -> bytes:
        """One list page, rendered once."""
        if start not in self.pages:
            end = min(start + PAGE, self.total)
            body: dict[str, object] = {"results": [company(number) for number in range(start, end)]}
            if end < self.total:
                body["paging"] = {"next": {"after": str(end)}}
            self.pages[start] = json.dumps(body).encode()
        return self.pages[start]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One keep-alive connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                target, asked = head.split(b" ", 2)[1].decode(), b""
                for line in head.split(b"\r\n"):
                    if line.lower().startswith(b"content-length:"):
                        asked = await reader.readexactly(int(line.split(b":")[1]))
                body = self.answer(target, asked)
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: " + formatdate(usegmt=True).encode()
                    + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
                )  # fmt: skip
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main(server: Server) -> None:
    """Render every page, say the port on standard output, then serve until killed."""
    for start in range(0, server.total, PAGE):
        server.page(start)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Server(int(sys.argv[1]))))
