"""The child process: takes decks on its standard input one after the other, answers each with JSON, ends with it.

It may use so much memory and so much processor time a file, writes no files and inherits no settings. A message is its
length in eight bytes, then its bytes.
"""

from __future__ import annotations

import json
import os
import resource
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from connectors.pptx_reader.container import said
from connectors.pptx_reader.deck import read_deck
from connectors.pptx_reader.limits import Limits, Reason, Refused

LENGTH: Final = struct.Struct(">Q")
SPARE_SECONDS: Final = 1
KILOBYTE: Final = 1 << 10


def main() -> None:
    """Answer until the parent closes the pipe. The one argument: the limits, as a JSON list."""
    limits = Limits(*json.loads(sys.argv[1]))
    answers = private_output()
    restrict(limits)
    while True:
        content = receive(sys.stdin.buffer)
        if content is None:
            return
        allow_seconds(limits.seconds)
        send(answers, json.dumps(answer(content, limits), ensure_ascii=True).encode())


def answer(content: bytes, limits: Limits) -> dict[str, Any]:
    """What became of one file: the deck, or `refused` and `detail`; and the memory this process has used at most."""
    try:
        found = read_deck(content, limits)
    except Refused as refused:
        found = {"refused": refused.reason.value, "detail": refused.detail}
    except MemoryError:
        found = {"refused": Reason.TOO_LARGE.value, "detail": "more memory than allowed"}
    except Exception as error:  # noqa: BLE001  # whatever one file does, the next one is read
        found = {"refused": Reason.DAMAGED.value, "detail": f"cannot be read ({said(error)})"}
    found["peak_kilobytes"] = peak_kilobytes()
    return found


def private_output() -> BinaryIO:
    """The pipe to the parent, out of reach of anything that prints."""
    output = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return output


def restrict(limits: Limits) -> None:
    """Memory as asked, no core dump, no file of any size. What a system does not know is left out."""
    for name, most in (("RLIMIT_AS", limits.memory), ("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", 0)):
        with suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (most, most))


def allow_seconds(seconds: float) -> None:
    """Processor time for one more file: ends this process even when nobody is left to end it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + seconds) + SPARE_SECONDS
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def peak_kilobytes() -> int:
    """The most memory this process held since it began.

    Linux says so in its status; `ru_maxrss` would count what the parent held when it forked.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak // KILOBYTE if sys.platform == "darwin" else peak
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1])


def receive(pipe: BinaryIO) -> bytes | None:
    """The next message, or None when the other side is gone."""
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    size = LENGTH.unpack(head)[0]
    content = pipe.read(size)
    return content if len(content) == size else None


def send(pipe: BinaryIO, content: bytes) -> None:
    """Write one message."""
    pipe.write(LENGTH.pack(len(content)) + content)
    pipe.flush()


if __name__ == "__main__":
    main()
