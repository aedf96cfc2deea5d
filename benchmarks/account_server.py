"""A loopback server of Salesforce-shaped accounts for the path benchmark: fast, so that it is never the limit.

Runs in a process of its own; what it costs is not counted. The accounts are the companies of `company_server` in
Salesforce's words, each with values of its own, so that no cleaner's cache helps. Pages are rendered before it starts.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import tempfile
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.company_server import company
from partnerhub.simulator.salesforce.certificate import certify
from partnerhub.simulator.world.sales_ids import sales_id

PAGE = 2000
TYPES = {"Id": "id", "OwnerId": "reference", "ParentId": "reference", "MasterRecordId": "reference"}


def account(number: int) -> dict[str, Any]:
    """Account `number`, the same at every call."""
    found: Any = company(number)
    said, identifier = found["properties"], sales_id("account", number + 1)
    stamp = (
        f"2026-01-01T{number // 36_000 % 24:02d}:{number // 600 % 60:02d}:{number // 10 % 60:02d}.000+0000"
    )
    return {
        "attributes": {"type": "Account", "url": f"/services/data/v61.0/sobjects/Account/{identifier}"},
        "Id": identifier,
        "IsDeleted": False,
        "MasterRecordId": None,
        "Name": said["name"],
        "Type": "Channel Partner / Reseller" if number % 3 == 0 else "Prospect",
        "ParentId": None,
        "BillingStreet": said["address"],
        "BillingCity": said["city"],
        "BillingState": None,
        "BillingPostalCode": said["zip"],
        "BillingCountry": said["country"],
        "Phone": said["phone"],
        "Website": said["website"],
        "Industry": said["industry"],
        "NumberOfEmployees": number % 5000,
        "Description": said["description"],
        "CurrencyIsoCode": "EUR",
        "OwnerId": sales_id("user", 1 + number % 40),
        "Partner_Tier__c": ("Gold", "Silver", None)[number % 3],
        "Annual_Value__c": 1000.0 * (number % 900),
        "CreatedDate": "2025-01-01T08:00:00.000+0000",
        "CreatedById": sales_id("user", 1),
        "LastModifiedDate": stamp,
        "LastModifiedById": sales_id("user", 1 + number % 40),
        "SystemModstamp": stamp,
    }


class Server:
    """Answers what the connector asks of an org that holds `total` accounts."""

    def __init__(self, total: int) -> None:
        """Renders every page."""
        self.total = total
        self.fields = [
            {"name": name, "type": TYPES.get(name, "string")} for name in account(0) if name != "attributes"
        ]
        self.pages = [self.page(start, total) for start in range(0, total, PAGE)]

    def page(self, start: int, total: int) -> bytes:
        """One answer of the query."""
        end = min(start + PAGE, total)
        body: dict[str, Any] = {"totalSize": total, "done": end >= total}
        if end < total:
            body["nextRecordsUrl"] = f"/services/data/v61.0/query/01g000000000000-{end}"
        return json.dumps({**body, "records": [account(number) for number in range(start, end)]}).encode()

    def answer(self, target: str) -> bytes:
        """The body for one request target."""
        parts = urlsplit(target)
        if parts.path.endswith("/describe"):
            return json.dumps({"name": "Account", "fields": self.fields, "childRelationships": []}).encode()
        if "/query/01g" in parts.path:
            return self.pages[int(parts.path.rpartition("-")[2]) // PAGE]
        soql = parse_qs(parts.query).get("q", [""])[0]
        if parts.path.endswith("/sobjects/"):
            return b'{"sobjects": [{"name": "Account", "queryable": true}]}'
        if parts.path.endswith("/limits/"):
            return b"{}"
        if "FROM Organization" in soql:
            return b'{"totalSize": 1, "done": true, "records": [{"Id": "00D5g0000000001EAA", "Name": "Benchmark"}]}'
        if "count()" in soql:
            return b'{"totalSize": %d, "done": true, "records": []}' % self.total
        return self.pages[0] if " WHERE " not in soql else b'{"totalSize": 0, "done": true, "records": []}'

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One keep-alive connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                body = self.answer(head.split(b" ", 2)[1].decode())
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: "
                    + formatdate(usegmt=True).encode()
                    + b"\r\nContent-Length: %d\r\n\r\n" % len(body)
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main(total: int) -> None:
    """Say port and authority on standard output, then serve until killed."""
    with tempfile.TemporaryDirectory() as folder:
        made = certify(Path(folder))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made.chain, made.key)
        listening = await asyncio.start_server(Server(total).serve, "127.0.0.1", 0, ssl=context)
        print(listening.sockets[0].getsockname()[1], made.authority, flush=True)
        await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
