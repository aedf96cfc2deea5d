"""A folder of decks as the conformance suite wants it, in a file system that fails on demand."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from pydantic import SecretStr

from connectors.decks import DecksConnector
from tests.connectors.conformance.rig import PAGE_SIZE, Rig, Scene
from tests.connectors.deck_files import deck, text_shape
from tests.connectors.faulty_files import SCHEME, FaultyFiles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

KEY = "canary-decks-4711"


class DecksRig(Rig):
    """A few decks of one slide each."""

    name = "decks"
    skips: ClassVar[Mapping[str, str]] = {
        "repeated_token": "fsspec lists a folder whole; its drivers page by themselves.",
        "unknown_fields": "A deck has no fields, only text, and test_pptx_reader.py shows what becomes of it.",
    }

    @contextmanager
    def scene(self, folder: Path, *, records: int, equal_timestamps: bool = False) -> Iterator[Scene]:
        FaultyFiles.fail(None, 0)
        contents = [deck(text_shape(f"Größe {number}")) for number in range(records)]
        for number, content in enumerate(contents):
            path = folder / f"deck {number}.pptx"
            path.write_bytes(content)
            if equal_timestamps:
                os.utime(path, (1_700_000_000, 1_700_000_000))
        connector = DecksConnector(
            source="decks",
            url=f"{SCHEME}{folder}",
            options={"key": SecretStr(KEY)},
            page_size=PAGE_SIZE,
            children=1,
            tries=4,
            first_wait_seconds=0.001,
        )
        yield Scene(
            connector=connector,
            stream="decks",
            expected_ids=frozenset(hashlib.sha256(content).hexdigest() for content in contents),
            fault=FaultyFiles.fail,
            secrets=(KEY,),
        )
        FaultyFiles.fail(None, 0)


RIG = DecksRig()
