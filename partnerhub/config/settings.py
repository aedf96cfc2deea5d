"""A source's own settings, checked by its connector's settings class without opening a connection."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from connectors.errors import SyncError
from connectors.record import Connector
from partnerhub.config.document import Marked
from partnerhub.config.expect import Findings
from partnerhub.config.problems import closest

MEANT: Final = {
    "bool_parsing": "Write `true` or `false`.",
    "bool_type": "Write `true` or `false`.",
    "int_parsing": "Write a whole number, for example `100`.",
    "int_type": "Write a whole number, for example `100`.",
    "int_from_float": "Write a whole number, for example `100`.",
    "float_parsing": "Write a number, for example `1.5`.",
    "float_type": "Write a number, for example `1.5`.",
    "list_type": "Write a list: `[one, two]`.",
    "tuple_type": "Write a list: `[one, two]`.",
    "dict_type": "Write keys and values: `key: value`.",
    "string_type": "Write text; put a number into quotes.",
    "url_parsing": "Write a whole address: `https://…`.",
    "url_scheme": "Write a whole address: `https://…`.",
}
"""pydantic's error type → what to write. Everything else carries pydantic's own message, which never holds the value."""


def setting_names(connector: type[Connector]) -> tuple[str, ...]:
    """The settings a person may write for a connector."""
    return tuple(sorted(name for name in connector.model_fields if name != "source"))


def absolute_paths(connector: type[Connector], settings: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The settings with every file path made absolute, relative to the configuration's folder.

    A setting is a path when its declared type says so, or when it is called `path` or ends in `_path` or `_file`.
    """
    return {
        key: absolute(value, folder) if is_path(connector, key) else value for key, value in settings.items()
    }


def is_path(connector: type[Connector], key: str) -> bool:
    """Whether a setting holds a path of this machine."""
    declared = connector.model_fields.get(key)
    typed = declared is not None and re.search(r"\bPath\b", str(declared.annotation)) is not None
    return typed or bool(re.search(r"(^|_)(path|file)$", key))


def absolute(value: Any, folder: Path) -> Any:
    """One path, or a list of them, relative to `folder`; `~` is the home folder."""
    if isinstance(value, str):
        return str(folder / Path(value).expanduser())
    if isinstance(value, list):
        return [absolute(each, folder) for each in value]
    return value


def build(
    connector: type[Connector],
    settings: dict[str, Any],
    written: dict[str, Marked],
    line: int,
    where: str,
    findings: Findings,
) -> Connector | None:
    """The connector made from these settings, or None after reporting every setting it refuses."""
    try:
        return connector(source=where.rpartition(".")[2], **settings)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_input=False):
            report(connector, details, settings, written, line, where, findings)
    except SyncError as error:
        findings.note(line, where, error.happened, error.do)
    return None


def report(
    connector: type[Connector],
    details: ErrorDetails,
    settings: dict[str, Any],
    written: dict[str, Marked],
    line: int,
    where: str,
    findings: Findings,
) -> None:
    """One of pydantic's complaints as a problem with its line."""
    place = [str(part) for part in details["loc"] if not str(part).startswith(("function-", "is-instance"))]
    key = place[0] if place else ""
    at = ".".join([where, *place])
    if details["type"] == "missing":
        findings.note(
            line,
            at,
            f"{connector.title} needs the setting `{key}`.",
            f"Add `{key}: …`{meaning(connector, key)}.",
        )
        return
    at_line = written[key].line if key in written else line
    if details["type"] == "extra_forbidden":
        do = closest(key, (*setting_names(connector), *SOURCE_KEYS))
        findings.note(at_line, at, f"{connector.title} has no setting `{key}`.", do)
        return
    message = without_values(details["msg"].removeprefix("Value error, "), settings)
    findings.note(at_line, at, message.rstrip(".") + ".", MEANT.get(details["type"], ""))


def meaning(connector: type[Connector], key: str) -> str:
    """What a missing setting is, as its declaration describes it, with the safe way to write a secret."""
    field = connector.model_fields.get(key)
    described = f" ({field.description})" if field and field.description else ""
    secret = field is not None and SecretStr.__name__ in str(field.annotation)
    example = f", for example `{key}: ${{{key.upper()}}}`" if secret else ""
    return f"{described}{example}"


def without_values(message: str, settings: dict[str, Any]) -> str:
    """A validator's message with every text the settings hold taken out: one of them may be a secret."""
    for value in sorted(
        (v for v in settings.values() if isinstance(v, str) and len(v) > 3), key=len, reverse=True
    ):
        message = message.replace(value, "…")
    return message


SOURCE_KEYS: Final = ("connector", "schedule", "priority", "fields", "streams")
"""Keys of a source that are the hub's, beside the connector's settings."""
