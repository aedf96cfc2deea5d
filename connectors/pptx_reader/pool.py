"""Children that read decks: started when needed, used again, ended when one hangs, and never trusted."""

from __future__ import annotations

import json
import os
import selectors
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, Self, TypeVar

from connectors.pptx_reader.limits import Limits, Reason

ROOT: Final = Path(__file__).resolve().parent.parent.parent
LENGTH: Final = struct.Struct(">Q")
BLOCK: Final = 1 << 16
FILES_PER_CHILD: Final = 500
"""After so many files a child is replaced, so that nothing a file left behind lasts for ever."""
LONGEST_ANSWER: Final = 256 << 20
SPARE_SECONDS: Final = 10.0
"""For starting a child: not counted against the file."""

Key = TypeVar("Key")


class ReadDeck(NamedTuple):
    """What became of one file.

    deck: `properties`, `slides` and `coverage` as plain JSON; None when nothing could be read. refused: why the file
    is no readable deck, or None; `damaged` beside a deck means that some of its slides are broken. detail: more about
    that, without any text of the file. peak_kilobytes: the child's memory at its highest, 0 when it died.
    """

    deck: dict[str, Any] | None
    refused: Reason | None = None
    detail: str = ""
    peak_kilobytes: int = 0


class ChildLost(Exception):
    """The child died or did not answer in time."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Which of the two."""
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class DeckReaders:
    """Reads decks in children of their own. A context manager; threads may share one.

    children: how many files are read at once; by default as many as this machine has processors. Nothing is started
    before the first file. Each file costs at most `limits`; a file that breaks its child is refused by itself.
    """

    def __init__(self, limits: Limits | None = None, children: int | None = None) -> None:
        """Prepare; starts nothing."""
        self.limits = limits or Limits()
        self.children = children or max(1, os.cpu_count() or 1)
        self._free = threading.Semaphore(self.children)
        self._idle: list[_Child] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Nothing to do yet."""
        return self

    def __exit__(self, *exception: object) -> None:
        """End every child."""
        self.close()

    def close(self) -> None:
        """End every idle child. Safe to call twice; reading afterwards starts new ones."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    def read(self, content: bytes) -> ReadDeck:
        """Read one file; waits for a free child. Raises nothing for a bad file."""
        if len(content) > self.limits.file_bytes:
            return ReadDeck(None, Reason.TOO_LARGE, f"{len(content)} bytes")
        with self._free:
            try:
                return self._ask(content)
            except ChildLost as lost:
                if lost.reason is not Reason.READER_CRASHED:
                    return ReadDeck(None, lost.reason, lost.detail)
            # It may have died of something else than this file (a machine short of memory): once more, afresh.
            try:
                return self._ask(content)
            except ChildLost as lost:
                return ReadDeck(None, lost.reason, lost.detail)

    def read_many(
        self, files: Iterable[tuple[Key, bytes | None]]
    ) -> Iterator[tuple[Key, bytes | None, ReadDeck | None]]:
        """Read files in parallel; answers come in the order of the files, each with its key and bytes.

        Without bytes there is nothing to read, and no answer. Holds one file more than there are children.
        """
        waiting: deque[tuple[Key, bytes | None, Future[ReadDeck] | None]] = deque()
        with ThreadPoolExecutor(self.children, thread_name_prefix="decks") as threads:
            for key, content in files:
                waiting.append(
                    (key, content, None if content is None else threads.submit(self.read, content))
                )
                if len(waiting) > self.children:
                    yield _answered(*waiting.popleft())
            while waiting:
                yield _answered(*waiting.popleft())

    def _ask(self, content: bytes) -> ReadDeck:
        """One try. Raises `ChildLost`; whatever is raised, the child is gone."""
        child = self._take()
        try:
            found = child.ask(content, self.limits.seconds)
        except BaseException:
            child.end()
            raise
        self._give_back(child)
        return _outcome(found)

    def _take(self) -> _Child:
        with self._lock:
            child = self._idle.pop() if self._idle else None
        return child or _Child(self.limits)

    def _give_back(self, child: _Child) -> None:
        if child.files >= FILES_PER_CHILD:
            child.end()
            return
        with self._lock:
            self._idle.append(child)


def _answered(
    key: Key, content: bytes | None, answer: Future[ReadDeck] | None
) -> tuple[Key, bytes | None, ReadDeck | None]:
    return key, content, answer.result() if answer else None


def _outcome(found: dict[str, Any]) -> ReadDeck:
    refused, detail = found.pop("refused", None), found.pop("detail", "")
    peak = found.pop("peak_kilobytes", 0)
    deck = found if "slides" in found else None
    return ReadDeck(deck, Reason(refused) if refused else None, detail, peak)


class _Child:
    """One child process. Used by one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        """Start it with nothing of this process but where Python and this package are."""
        self.files = 0
        known = {
            name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ
        }
        self.process = subprocess.Popen(  # noqa: S603  # our own module, by our own interpreter
            [sys.executable, "-s", "-m", "connectors.pptx_reader.child", json.dumps(list(limits))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**known, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"},
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)

    def ask(self, content: bytes, seconds: float) -> dict[str, Any]:
        """Hand over one file and wait for the answer. Raises `ChildLost` when it dies or takes too long."""
        first = self.files == 0
        self.files += 1
        deadline = time.monotonic() + seconds + (SPARE_SECONDS if first else 0)
        answer = self._exchange(LENGTH.pack(len(content)), memoryview(content), deadline)
        try:
            found: dict[str, Any] = json.loads(answer)
        except ValueError:
            raise ChildLost(Reason.READER_CRASHED, "an answer that cannot be read") from None
        return found

    def _exchange(self, head: bytes, content: memoryview, deadline: float) -> bytes:
        """Write the message and read the answer, whichever side is ready first."""
        outgoing: deque[memoryview] = deque([memoryview(head), content])
        answer = bytearray()
        with selectors.DefaultSelector() as ready:
            ready.register(_pipe(self.process.stdin), selectors.EVENT_WRITE)
            ready.register(_pipe(self.process.stdout), selectors.EVENT_READ)
            while True:
                events = ready.select(max(0.0, deadline - time.monotonic()))
                if not events and time.monotonic() >= deadline:
                    raise ChildLost(Reason.TOO_SLOW, "not read within the time limit")
                for key, _ in events:
                    if key.fd == _pipe(self.process.stdin):
                        self._write(outgoing, ready)
                    elif self._read(answer):
                        return bytes(answer[LENGTH.size :])

    def _write(self, outgoing: deque[memoryview], ready: selectors.BaseSelector) -> None:
        while outgoing and not outgoing[0]:
            outgoing.popleft()
        if not outgoing:
            ready.unregister(_pipe(self.process.stdin))
            return
        try:
            written = os.write(_pipe(self.process.stdin), outgoing[0][:BLOCK])
        except BlockingIOError:
            return
        except OSError:
            raise ChildLost(Reason.READER_CRASHED, self._how_it_died()) from None
        outgoing[0] = outgoing[0][written:]

    def _read(self, answer: bytearray) -> bool:
        """Take what has arrived; whether the answer is complete."""
        try:
            block = os.read(_pipe(self.process.stdout), BLOCK)
        except BlockingIOError:
            return False
        if not block:
            raise ChildLost(Reason.READER_CRASHED, self._how_it_died())
        answer += block
        if len(answer) < LENGTH.size:
            return False
        size = int(LENGTH.unpack(answer[: LENGTH.size])[0])
        if size > LONGEST_ANSWER:
            raise ChildLost(Reason.READER_CRASHED, "an answer without end")
        return len(answer) >= LENGTH.size + size

    def _how_it_died(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
        return f"the reading process ended with {self.process.returncode}"

    def end(self) -> None:
        """Kill it: it holds nothing that would have to be saved."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self.process.wait()


def _pipe(file: Any) -> int:
    return int(file.fileno())
