"""Mail from bytes to a staged row: decoding, reply splitting, classification. Messages a second of one core.

Reads real mail from ../shared (`--folder` for another folder of message files). The work measured is what the hub does
with a message it has fetched: MIME parts, charsets, HTML to text, quotes and signatures, nature, people, validation.

    .venv/bin/python -m benchmarks.mail [--rounds 3] [--folder DIR] [--profile FILE]
"""

from __future__ import annotations

import argparse
import cProfile
import re
import statistics
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from connectors.errors import SkipRecord
from connectors.imap.records import body_from_bytes
from mappings.compile import compile_stream
from mappings.imap import MAPPING
from mappings.mail.bodies import message_text
from mappings.mail.headers import Headers
from mappings.mail.quotes import split_quoted
from mappings.rows import Context

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpora" / "email" / "dev" / "eml"
GOAL = 400
MOST_TEXT = 10 * 1024 * 1024
HEADER_END = re.compile(rb"\r?\n\r?\n")
OWN = frozenset({"hub.example"})
CONTEXT = Context("mail", "messages", "1", 1, "rules", None, None, "DE", OWN, frozenset(), {})


def payload_of(raw: bytes) -> dict[str, Any]:
    """A message as the connector lands it."""
    end = HEADER_END.search(raw)
    body, parts = body_from_bytes(raw, MOST_TEXT)
    header = raw[: end.end()] if end else raw
    facts = {"header": header.decode("latin-1"), "mailbox": "desk@hub.example"}
    facts |= {"internaldate": "2026-09-01T12:00:00.000000Z", "structure": [part.facts() for part in parts]}
    return facts | body


def staged(payload: dict[str, Any], stage: Any) -> bool:
    """Stage a message; false when it is quarantined."""
    try:
        stage(payload, CONTEXT)
    except SkipRecord:
        return False
    return True


def measured(folder: Path) -> list[tuple[str, float]]:
    """CPU seconds of the parts of one round over all messages."""
    messages = [path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()]
    stage = compile_stream(MAPPING.streams["messages"])
    began = [time.process_time()]
    payloads = [payload_of(raw) for raw in messages]
    began.append(time.process_time())
    kept = sum(staged(payload, stage) for payload in payloads)
    began.append(time.process_time())
    texts = [message_text(list(payload["body"] or [])) for payload in payloads]
    began.append(time.process_time())
    for text in texts:
        split_quoted(text)
    began.append(time.process_time())
    for payload in payloads:
        Headers(payload["header"]).participants()
    began.append(time.process_time())
    spent = [later - earlier for earlier, later in pairwise(began)]
    whole = spent[0] + spent[1]
    names = ("MIME parts and charsets", "staging", "of it text from parts", "of it quotes and signatures")
    rows = [*zip(names, spent, strict=False), ("of it people in headers", spent[4]), ("whole", whole)]
    print(f"{len(messages)} messages, {kept} staged, {sum(map(len, messages)) / 1e6:.1f} MB", file=sys.stderr)
    return [(name, seconds / len(messages)) for name, seconds in rows]


def rounds(count: int, folder: Path) -> list[list[tuple[str, float]]]:
    """Each round in a fresh process: caches begin empty, as at the first sync."""
    found = []
    for _ in range(count):
        said = subprocess.run(
            [sys.executable, "-m", "benchmarks.mail", "--one-round", "--folder", str(folder)],
            check=True,
            capture_output=True,
            text=True,
        )
        lines = [line.rsplit("\t", 1) for line in said.stdout.splitlines()]
        found.append([(name, float(value)) for name, value in lines])
        print(said.stderr.strip())
    return found


def main() -> None:
    """Print the table, or one round's figures for the parent process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=CORPUS)
    parser.add_argument("--one-round", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--profile", type=Path, help="write a profile of one round in this process")
    asked = parser.parse_args()
    if not asked.folder.is_dir():
        parser.error(f"no folder {asked.folder}: name one of message files with --folder")
    if asked.profile:
        cProfile.runctx(
            "measured(folder)", {"measured": measured}, {"folder": asked.folder}, str(asked.profile)
        )
        return
    if asked.one_round:
        for name, seconds in measured(asked.folder):
            print(f"{name}\t{seconds}")
        return
    each = rounds(asked.rounds, asked.folder)
    print("\n| part | µs CPU per message | messages a second |\n|---|---|---|")
    for at, (name, _) in enumerate(each[0]):
        seconds = statistics.median(found[at][1] for found in each)
        print(f"| {name} | {seconds * 1e6:,.0f} | {1 / seconds:,.0f} |")
    print(f"\nGoal: {GOAL} messages a second per core for the whole.")


if __name__ == "__main__":
    main()
