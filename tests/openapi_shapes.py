"""Checks requests and answers against an OpenAPI 3 description: paths, parameters, bodies, and their schemas.

A description that ships beside the repository is only read when a test asks for it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


@dataclass
class Exchange:
    """One request with its answer, as a server saw them."""

    method: str
    path: str
    query: str
    body: bytes
    status: int = 0
    answer: bytes = b""


@dataclass
class Description:
    """An OpenAPI document that says what is wrong with an exchange."""

    document: dict[str, Any]
    patterns: list[tuple[re.Pattern[str], str]] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> Description:
        document = json.loads(path.read_text(encoding="utf-8"))
        # Fixed paths before those with parameters, as routers prefer them.
        names = sorted(document["paths"], key=lambda name: (name.count("{"), name))
        patterns = [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", name)), name) for name in names]
        return cls(document, patterns)

    def faults(self, exchange: Exchange) -> list[str]:
        """What is wrong with the request and, where it was answered well, with the answer."""
        place = f"{exchange.method} {exchange.path}"
        operation = self.operation(exchange)
        if operation is None:
            return [f"{place}: no such operation"]
        found = self.request_faults(operation, exchange)
        if exchange.status == 200:
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            found += self.check(json.loads(exchange.answer), schema, "answer")
        return [f"{place}: {fault}" for fault in found]

    def operation(self, exchange: Exchange) -> dict[str, Any] | None:
        for pattern, name in self.patterns:
            if pattern.fullmatch(exchange.path) and exchange.method.lower() in self.document["paths"][name]:
                found: dict[str, Any] = self.document["paths"][name][exchange.method.lower()]
                return found
        return None

    def request_faults(self, operation: dict[str, Any], exchange: Exchange) -> list[str]:
        known = {one["name"]: one for one in operation.get("parameters", ()) if one["in"] == "query"}
        found = []
        for name, value in parse_qsl(exchange.query, keep_blank_values=True):
            if name not in known:
                found.append(f"query parameter {name} is unknown")
            else:
                schema = known[name]["schema"]
                found += self.check(read_as(value, schema), schema, f"query {name}")
        if exchange.body:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            found += self.check(json.loads(exchange.body), schema, "body")
        return found

    def check(self, value: Any, schema: dict[str, Any], at: str) -> list[str]:
        """What is wrong with a value, place by place."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self.check(value, self.document["components"]["schemas"][name], at)
        found = [fault for part in schema.get("allOf", ()) for fault in self.check(value, part, at)]
        kind = schema.get("type")
        if value is None and schema.get("nullable"):
            return found
        if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
            return [*found, f"{at} is no {kind}: {value!r:.60}"]
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{at} is none of {schema['enum']}: {value!r:.60}")
        if isinstance(value, list):
            found += self.list_faults(value, schema, at)
        if isinstance(value, dict):
            found += self.object_faults(value, schema, at)
        if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get(
            "maximum", value
        ):
            found.append(f"{at} is out of range: {value}")
        return found

    def list_faults(self, value: list[Any], schema: dict[str, Any], at: str) -> list[str]:
        found = [
            fault
            for number, item in enumerate(value)
            for fault in self.check(item, schema.get("items", {}), f"{at}[{number}]")
        ]
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            found.append(f"{at} holds {len(value)} items")
        return found

    def object_faults(self, value: dict[str, Any], schema: dict[str, Any], at: str) -> list[str]:
        properties, further = schema.get("properties", {}), schema.get("additionalProperties", True)
        found = [f"{at}.{name} is missing" for name in schema.get("required", ()) if name not in value]
        for name, item in value.items():
            if name in properties:
                found += self.check(item, properties[name], f"{at}.{name}")
            elif further is False:
                found.append(f"{at}.{name} is unknown")
            elif isinstance(further, dict):
                found += self.check(item, further, f"{at}.{name}")
        return found


def read_as(value: str, schema: dict[str, Any]) -> Any:
    """A query parameter as the type its schema wants."""
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    return {"true": True, "false": False}.get(value, value) if schema.get("type") == "boolean" else value
