"""Keep files in memory while something else is measured: `python -m benchmarks.in_memory FILE...`, until it is ended.

A virtual machine may take back memory whose content rests. Every page of the files is read once in some seconds.
"""

from __future__ import annotations

import mmap
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

EVERY_SECONDS = 4


def pages_of(path: Path) -> NDArray[np.uint8]:
    """The first byte of every page of a file."""
    with path.open("rb") as file:
        held = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    return np.frombuffer(held, np.uint8)[:: mmap.PAGESIZE]


def main() -> None:
    """Read all pages again and again, and say how long it takes."""
    files = [pages_of(path) for path in map(Path, sys.argv[1:]) if path.stat().st_size]
    while True:
        began = time.monotonic()
        for pages in files:
            pages.max()
        megabytes = sum(len(pages) for pages in files) * mmap.PAGESIZE >> 20
        print(f"{megabytes:,} MB read in {time.monotonic() - began:.2f} s", flush=True)
        time.sleep(EVERY_SECONDS)


if __name__ == "__main__":
    main()
