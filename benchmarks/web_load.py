"""Pages under load: so many requests a second against `partnerhub serve`, and how long each kind of page takes.

    python -m benchmarks.web_load FOLDER [--seconds 180] [--rate 20] [--warm-up 30] [--count 40] [--workers N]
                                         [--database-pid PID]

FOLDER is one of `benchmarks.web_base`. The server is a program of its own on loopback, in as many processes as it
takes by itself, or N. Requests arrive at random moments (Poisson) whether earlier ones were answered or not, and each
is timed from the moment it was due to the last byte, so waiting for others counts. Before that, the same load that is
not counted, and kinds one by one: CPU of the server per request, and sizes. Half of the partners that are opened are
drawn evenly, half by touchpoints: who has more is opened more. PID: PostgreSQL's, whose CPU is told beside the
server's.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path
from random import Random
from threading import local
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from partnerhub.access.sign_in import make_link
from partnerhub.config import load_config
from partnerhub.web.connected import now_text
from warehouse.commands.accounts import By, add_account
from warehouse.database import Database
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection

FLOOR: Final = "floor: /healthz"
SHARES: Final = {"partner": 6, "timeline": 5, "search": 4, "list": 3, FLOOR: 2}
"""How many of twenty requests are of a kind."""
GOALS: Final = {"partner": 100, "timeline": 100, "search": 150, "list": 150}
"""Milliseconds at the 95th percentile."""
LISTS: Final = (
    "", "", "?sort=contact", "?sort=-contact", "?sort=records", "?tier=Gold", "?owner=Nora+Fields&sort=contact",
    "?q=energy", "?attention=1", "?quiet=90", "?country=FR&tier=Silver", "?sort=owner",
)  # fmt: skip
OPEN_AT_ONCE: Final = 32
TICKS: Final = os.sysconf("SC_CLK_TCK")
ASSET: Final = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"')
OK: Final = 200


class Taken(NamedTuple):
    """One answer. seconds: from when it was due to the last byte. size: bytes of the body, packed."""

    kind: str
    seconds: float
    size: int


class Alone(NamedTuple):
    """A kind of page asked one by one. spent: ms of CPU a request, of each program. size: of the largest, packed."""

    spent: list[float]
    size: int


class Browser:
    """Somebody who is signed in, with a connection for each thread."""

    def __init__(self, port: int, cookie: str) -> None:
        """Opens nothing yet."""
        self.port = port
        self.cookie = cookie
        self.mine = local()

    def get(self, path: str) -> tuple[bytes, http.client.HTTPMessage]:
        """The body of an answer and its headers. Raises RuntimeError for anything but 200."""
        try:
            answer = self.asked(path)
        except (http.client.RemoteDisconnected, ConnectionError):  # rested too long: the server closed it
            del self.mine.connection
            answer = self.asked(path)
        body = answer.read()
        if answer.status != OK:
            raise RuntimeError(f"{path}: {answer.status}")
        return body, answer.headers

    def asked(self, path: str) -> http.client.HTTPResponse:
        """The answer to one request, on this thread's connection."""
        if not hasattr(self.mine, "connection"):
            self.mine.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection: http.client.HTTPConnection = self.mine.connection
        connection.request("GET", path, headers={"Cookie": self.cookie, "Accept-Encoding": "gzip"})
        return connection.getresponse()


def addresses(connection: Connection, random: Random) -> dict[str, list[str]]:
    """What is asked of each kind of page, in a random order."""
    evenly = connection.query("SELECT organization_id, name, domain, phone FROM organization")
    facts = connection.query("SELECT organization_id FROM timeline ORDER BY fact_id LIMIT 400")
    some = random.sample(evenly, 400)
    ids = [row[0] for row in (*some, *facts)]
    random.shuffle(ids)
    return {
        "partner": [f"/partners/{each}" for each in ids],
        "timeline": [f"/partners/{each}/timeline{rest}" for each, rest in zip(ids[::-1], cycle(
            ("", "", "?kind=meeting", "", "?since=2025-01-01&until=2025-06-30")))],
        "list": [f"/partners{each}" for each in LISTS],
        "search": [f"/search?q={quote(typed(random, *row))}" for row in some],
        FLOOR: ["/healthz"],
    }  # fmt: skip


def typed(random: Random, organization_id: str, name: str, domain: str, phone: str) -> str:
    """What somebody might type to find a partner, or what they spoke of with it."""
    first, trade = name.split()[:2]
    at = random.randrange(1, len(first) - 2)
    slip = first[:at] + first[at + 1] + first[at] + first[at + 2 :]
    return random.choice((
        name, first, first[:4], f"{first} {trade}", slip, domain, phone, organization_id, f"p0@{domain}",
        f"contract {first}", "invoice proposal", "training dates in may", trade, "gmbh", "zzqqxx",
    ))  # fmt: skip


@contextmanager
def served(folder: Path, workers: int) -> Iterator[tuple[int, int]]:
    """The pages of a folder in a program of their own: its id and its port. workers: 0 for as many as it takes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [str(Path(sys.executable).parent / "partnerhub"), "serve", "--port", str(port)]
    command += ["--workers", str(workers), "--json"]
    environment = {**os.environ, "PARTNERHUB_CONFIG": str(folder / "partnerhub.yaml")}
    with subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL) as server:
        try:
            until = monotonic() + 120
            while True:
                try:
                    Browser(port, "").get("/healthz")
                    break
                except OSError:
                    if monotonic() > until or server.poll() is not None:
                        raise
                    sleep(0.2)
            yield server.pid, port
        finally:
            server.terminate()


def signed_in(database: Database, port: int) -> Browser:
    """A channel manager's browser."""
    by, login = By("benchmark", now_text()), f"{secrets.token_hex(6)}@hub.example"
    with database.session() as connection, connection.transaction():
        add_account(connection, login, "Benchmark", ["manager"], None, by)
        secret = make_link(connection, login, by)
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    asking.request("POST", f"/sign-in/{secret}", headers={"Sec-Fetch-Site": "same-origin"})
    cookie = asking.getresponse().headers["Set-Cookie"].partition(";")[0]
    asking.close()
    return Browser(port, cookie)


def family(pid: int) -> list[int]:
    """A process and all that it started, as far as they live."""
    children = [
        int(each)
        for file in Path(f"/proc/{pid}/task").glob("*/children")
        for each in file.read_text().split()
    ]
    return [pid, *(each for child in children for each in family(child))]


def cpu_of(pid: int) -> float:
    """Seconds of CPU a process took so far, with those it started, ended ones included."""
    spent = 0
    for each in family(pid):
        with suppress(FileNotFoundError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            spent += sum(map(int, fields[11:15]))
    return spent / TICKS


def peak_of(pid: int) -> int:
    """The most memory a process and those it started held, each at its own time, in MB."""
    said = [Path(f"/proc/{each}/status").read_text() for each in family(pid)]
    found = [re.search(r"VmHWM:\s+(\d+) kB", each) for each in said]
    return sum(int(each.group(1)) for each in found if each) // 1024


def one_by_one(browser: Browser, pids: list[int], paths: list[str], count: int) -> Alone:
    """What a request costs and brings where nobody else asks."""
    begun = [cpu_of(pid) for pid in pids]
    asked = (paths * count)[:count]
    bodies = [browser.get(path)[0] for path in asked]
    spent = [(cpu_of(pid) - before) / count * 1e3 for pid, before in zip(pids, begun, strict=True)]
    return Alone(spent, max(len(gzip.compress(body, 6)) for body in bodies))


def under_load(
    browser: Browser, found: dict[str, list[str]], rate: float, seconds: float, seed: int
) -> list[Taken]:
    """Ask at random moments, so many times a second."""
    random = Random(seed)
    kinds = [kind for kind, share in SHARES.items() for _ in range(share)]
    turns = {kind: cycle(paths) for kind, paths in found.items()}
    taken: list[Taken] = []

    def ask(kind: str, path: str, due: float) -> None:
        body, _ = browser.get(path)
        taken.append(Taken(kind, monotonic() - due, len(body)))

    with ThreadPoolExecutor(OPEN_AT_ONCE) as pool:
        due = begun = monotonic()
        waiting = []
        while due < begun + seconds:
            sleep(max(0.0, due - monotonic()))
            kind = random.choice(kinds)
            waiting.append(pool.submit(ask, kind, next(turns[kind]), due))
            due += random.expovariate(rate)
        for each in waiting:
            each.result()
    return taken


def assets(browser: Browser, path: str) -> tuple[int, bool]:
    """Bytes of a page's styles and scripts, packed as they are sent, and whether all of them may be kept for good."""
    size, kept = 0, True
    for address in dict.fromkeys(ASSET.findall(browser.get(path)[0].decode())):
        body, headers = browser.get(address)
        size += len(body)
        kept = kept and "immutable" in headers["Cache-Control"] and headers["Content-Encoding"] == "gzip"
    return size, kept


def report(taken: list[Taken], alone: dict[str, Alone], seconds: float) -> bool:
    """Print the table; whether every goal is met."""
    by_kind: dict[str, list[float]] = defaultdict(list)
    for each in taken:
        by_kind[each.kind].append(each.seconds * 1e3)
    floor = statistics.median(by_kind[FLOOR])
    say(f"{len(taken)} requests in {seconds:.0f} s, {len(taken) / seconds:.1f} a second\n")
    say("| page | CPU ms alone | p50 ms | p95 ms | p99 ms | p50 × floor | largest, kB gzip | goal p95 |")
    say("|---|---|---|---|---|---|---|---|")
    met = True
    for kind in SHARES:
        times = by_kind[kind]
        cuts = statistics.quantiles(times, n=100)
        cpu, size = " + ".join(f"{each:.1f}" for each in alone[kind].spent), alone[kind].size
        goal = GOALS.get(kind)
        met = met and (goal is None or cuts[94] < goal)
        say(
            f"| {kind} | {cpu} | {statistics.median(times):.1f} | {cuts[94]:.1f} | {cuts[98]:.1f}"
            f" | {statistics.median(times) / floor:.1f} | {size / 1e3:.1f} | {goal or ''} |"
        )
    return met


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Measure; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--warm-up", type=float, default=30, help="seconds of the same load before it counts")
    parser.add_argument("--count", type=int, default=40, help="requests of each kind one by one")
    parser.add_argument("--workers", type=int, default=0, help="processes that answer")
    parser.add_argument("--database-pid", type=int, help="PostgreSQL's own process, for its CPU")
    given = parser.parse_args()
    folder = given.folder.resolve()
    database = Database(load_config(folder / "partnerhub.yaml").warehouse_url)
    migrate(database.url)
    with database.session() as connection:
        found = addresses(connection, Random(5))
    with served(folder, given.workers) as (pid, port):
        browser = signed_in(database, port)
        pids = [pid, *([given.database_pid] if given.database_pid else [])]
        under_load(
            browser, {kind: paths[::-1] for kind, paths in found.items()}, given.rate, given.warm_up, seed=3
        )
        alone = {kind: one_by_one(browser, pids, paths, given.count) for kind, paths in found.items()}
        begun = [cpu_of(each) for each in pids]
        taken = under_load(browser, found, given.rate, given.seconds, seed=11)
        shares = [(cpu_of(each) - before) / given.seconds for each, before in zip(pids, begun, strict=True)]
        met = report(taken, alone, given.seconds)
        size, kept = assets(browser, found["partner"][0])
        say(f"\nserver: {shares[0]:.2f} of a core, at most {peak_of(pid)} MB")
        for share in shares[1:]:
            say(f"database: {share:.2f} of a core")
        lasts = "kept for good" if kept else "NOT KEPT"
        say(f"styles and scripts of a partner's page: {size / 1e3:.1f} kB gzip, {lasts}")
    return int(not met)


if __name__ == "__main__":
    sys.exit(main())
