"""Sites and mail domains that a text names, as ends of relations: the last resort for an issue nobody filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mappings.clean.unreadable import Unreadable
from mappings.clean.web import clean_host, is_generic_host

WRITTEN_SITE: Final = re.compile(
    r"(?<![\w.@/+-])(?:https?://|[\w.+-]+@)?((?:[\w-]+\.)+[a-z]{2,18})(?![\w@-])", re.IGNORECASE
)

FILE_ENDINGS: Final = frozenset(
    {
        "csv", "doc", "docx", "exe", "gif", "html", "htm", "jar", "java", "jpg", "jpeg", "js", "json", "log", "md",
        "msg", "pdf", "php", "png", "ppt", "pptx", "py", "rb", "sh", "sql", "svg", "tar", "ts", "txt", "xls", "xlsx",
        "xml", "yaml", "yml", "zip",
    }
)  # fmt: skip
"""What follows the last dot of a file's name; some are domains too, but in an issue's text they are not."""

LONGEST_READ: Final = 20_000
"""Characters of a text looked at; whom an issue is about is not said at the end of a log."""

MOST_SITES: Final = 10


def sites_in(text: str, own_domains: frozenset[str]) -> list[str]:
    """`domain:` ends for the sites a text names, each once, in order; ours and nobody's left out."""
    found: dict[str, None] = {}
    for host in _hosts_in(text[:LONGEST_READ]):
        if not any(host == own or host.endswith(f".{own}") for own in own_domains):
            found.setdefault(f"domain:{host}")
        if len(found) == MOST_SITES:
            break
    return list(found)


def _hosts_in(text: str) -> Iterator[str]:
    for match in WRITTEN_SITE.finditer(text):
        if match[1].rpartition(".")[2].lower() in FILE_ENDINGS:
            continue
        try:
            host = clean_host(match[1])
        except Unreadable:
            continue
        if host and not is_generic_host(host):
            yield host
