"""Reads Asana's own API description: which requests it knows, and whether an answer has the shape it promises."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TYPES: dict[str, Any] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}


@cache
def description(path: Path) -> dict[str, Any]:
    """The description as it was parsed once."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as file:
        found: dict[str, Any] = yaml.load(file, loader)
    return found


@dataclass
class Description:
    """Asana's OpenAPI description."""

    document: dict[str, Any]

    def resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    def operation(self, path: str) -> tuple[str, dict[str, Any]]:
        """The path template and GET operation behind a request's path."""
        for template, item in self.document["paths"].items():
            pattern = re.sub(r"\{[^}]+\}", r"[0-9]+", template)
            if "get" in item and re.fullmatch(pattern, path):
                return template, item
        if path == "/users/me":
            return self.operation("/users/1")
        raise AssertionError(f"Asana's description has no GET {path}")

    def refused_query(self, path: str, query: dict[str, str]) -> list[str]:
        """Parameters and fields of a request that the description does not know."""
        _, item = self.operation(path)
        known = {
            one["name"]: one
            for one in map(self.resolved, [*item.get("parameters", []), *item["get"].get("parameters", [])])
        }
        strange = [name for name in query if name not in known]
        fields = set(known["opt_fields"]["schema"]["items"]["enum"]) if "opt_fields" in known else set()
        asked = filter(None, query.get("opt_fields", "").split(","))
        return strange + [name for name in asked if name not in fields and not is_whole(name, fields)]

    def violations(self, path: str, status: int, answer: Any) -> list[str]:
        """Where an answer differs from its schema; empty when it does not."""
        _, item = self.operation(path)
        response = self.resolved(item["get"]["responses"][status])
        schema = response["content"]["application/json"]["schema"]
        return list(self._differences(schema, answer, "$"))

    def _differences(self, schema: dict[str, Any], value: Any, place: str) -> list[str]:
        schema = self.resolved(schema)
        if value is None:
            return [] if self._may_be_null(schema) else [f"{place}: null"]
        if "allOf" in schema:
            return [one for part in schema["allOf"] for one in self._differences(part, value, place)]
        kind = schema.get("type")
        if kind and (not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
            return [f"{place}: {type(value).__name__} instead of {kind}"]
        found = []
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{place}: {value!r} is none of its values")
        if schema.get("format") in {"date", "date-time"} and not is_moment(value, schema["format"]):
            found.append(f"{place}: {value!r} is no {schema['format']}")
        for name, inner in schema.get("properties", {}).items():
            if isinstance(value, dict) and name in value:
                found += self._differences(inner, value[name], f"{place}.{name}")
        if isinstance(value, list) and "items" in schema:
            found += [
                d
                for at, one in enumerate(value)
                for d in self._differences(schema["items"], one, f"{place}[{at}]")
            ]
        return found

    def _may_be_null(self, schema: dict[str, Any]) -> bool:
        """Asana writes `nullable` beside a reference or in a part of it; objects it refers to are often absent."""
        parts = [self.resolved(part) for part in schema.get("allOf", [])]
        return bool(schema.get("nullable") or any(map(self._may_be_null, parts)) or "properties" in schema)


def is_whole(name: str, fields: set[str]) -> bool:
    """Whether a field stands for everything below it: `owner` where the description lists `owner.name`."""
    return any(field.startswith(f"{name}.") for field in fields)


def is_moment(value: str, form: str) -> bool:
    try:
        datetime.fromisoformat(value) if form == "date-time" else date.fromisoformat(value)
    except ValueError:
        return False
    return True
