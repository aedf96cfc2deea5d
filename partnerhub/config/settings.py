"""A source's own settings, checked by its connector's settings class without opening a connection."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from connectors.errors import SyncError
from connectors.record import Connector
from partnerhub.config.expect import Place
from partnerhub.config.problems import closest

SOURCE_KEYS: Final = ("connector", "schedule", "priority", "fields", "streams", "quota", "mail_visibility")
"""Keys of a source that are the hub's, beside the connector's settings."""

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
"""pydantic's error type → what to write. All others carry pydantic's own message, which never holds the value."""

SHORTEST_SECRET: Final = 4
PATH_NAME: Final = re.compile(r"(^|_)(path|file)$")


def setting_names(connector: type[Connector]) -> tuple[str, ...]:
    """The settings a person may write for a connector."""
    return tuple(sorted(name for name in connector.model_fields if name != "source"))


def absolute_paths(connector: type[Connector], settings: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The settings with every file path made absolute, relative to the configuration's folder.

    A setting is a path when its declared type says so, or when its name is or ends in `path` or `file`.
    """
    return {
        key: absolute(each, folder) if is_path(connector, key) else each for key, each in settings.items()
    }


def is_path(connector: type[Connector], key: str) -> bool:
    """Whether a setting holds a path of this machine."""
    declared = connector.model_fields.get(key)
    typed = declared is not None and re.search(r"\bPath\b", str(declared.annotation)) is not None
    return typed or PATH_NAME.search(key) is not None


def absolute(value: Any, folder: Path) -> Any:
    """One path, or a list of them, relative to `folder`; `~` is the home folder."""
    if isinstance(value, str):
        return str(folder / Path(value).expanduser())
    if isinstance(value, list):
        return [absolute(each, folder) for each in value]
    return value


def build(
    connector: type[Connector], settings: dict[str, Any], source: str, place: Place
) -> Connector | None:
    """The connector made from these settings, or None after reporting every setting it refuses."""
    try:
        return connector(source=source, **settings)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_input=False):
            report(connector, settings, details, place)
    except SyncError as error:
        place.note(error.happened, error.do)
    return None


def report(connector: type[Connector], settings: dict[str, Any], details: ErrorDetails, place: Place) -> None:
    """One of pydantic's complaints, at the line of the setting it is about."""
    path = [str(part) for part in details["loc"] if not str(part).startswith("function-")]
    key = path[0] if path else ""
    written = place.item.value if isinstance(place.item.value, dict) else {}
    at = place.child(".".join(path), written.get(key)) if path else place
    if details["type"] == "missing" and len(path) == 1:
        at.note(
            f"{connector.title} needs the setting `{key}`{meaning(connector, key)}.",
            example(connector, key, place),
        )
    elif details["type"] == "extra_forbidden":
        at.note(
            f"{connector.title} has no setting `{key}`.",
            closest(key, (*setting_names(connector), *SOURCE_KEYS)),
        )
    else:
        message = without_values(details["msg"].removeprefix("Value error, "), settings)
        at.note(message.rstrip(".") + ".", MEANT.get(details["type"], ""))


def meaning(connector: type[Connector], key: str) -> str:
    """What a setting is, as its declaration describes it."""
    described = connector.model_fields[key].description if key in connector.model_fields else None
    return f" ({described})" if described else ""


def example(connector: type[Connector], key: str, place: Place) -> str:
    """How to write a setting that is missing; a secret by reference."""
    field = connector.model_fields.get(key)
    secret = field is not None and SecretStr.__name__ in str(field.annotation)
    variable = f"{place.where.rpartition('.')[2]}_{key}".upper()
    return f"Add `{key}: ${{{variable}}}`." if secret else f"Add `{key}: …`."


def without_values(message: str, settings: dict[str, Any]) -> str:
    """A validator's message with every text the settings hold taken out: one of them may be a secret."""
    texts = [each for each in settings.values() if isinstance(each, str) and len(each) >= SHORTEST_SECRET]
    for each in sorted(texts, key=len, reverse=True):
        message = message.replace(each, "…")
    return message
