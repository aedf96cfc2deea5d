"""A port before a PostgreSQL: it refuses whoever comes first in the server's own protocol, then lets everybody in.

A process of its own, as libpq asks a server whether it is there without letting another thread of Python run.
"""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).resolve().parents[2]
ASKS_FOR_ENCRYPTION = {80877103, 80877104}
"""What a client says before its startup message: TLS, or GSSAPI."""
STARTS = "57P03", "the database system is starting up"
STARTS_IN_GERMAN = "57P03", "das Datenbanksystem startet"
WRONG_PASSWORD = "28P01", 'password authentication failed for user "hub"'


class Refusal(NamedTuple):
    """How many are refused, with which SQLSTATE and words."""

    times: int
    state: str
    words: str


class Doorkeeper:
    """The door, as who tries it sees it."""

    def __init__(self, server_url: str, port: str) -> None:
        """server_url: the database behind the door. came: how many did, known once the door is closed."""
        parts, self.came = urlsplit(server_url), 0
        login, at, _ = parts.netloc.rpartition("@")
        self.url = urlunsplit(parts._replace(netloc=f"{login}{at}127.0.0.1:{port}"))


def serve(behind: tuple[str, int], refusal: Refusal) -> None:
    """The body of that process: says its port, and a line for each who comes."""
    door = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{door.getsockname()[1]}\n")
    for number in count(1):
        sys.stdout.flush()
        client, _ = door.accept()
        sys.stdout.write(f"{number}\n")
        given = (refuse, refusal) if number <= refusal.times else (let_in, behind)
        threading.Thread(target=given[0], args=(client, given[1]), daemon=True).start()


def refuse(client: socket.socket, refusal: Refusal) -> None:
    """An ErrorResponse to the startup message."""
    with client, suppress(OSError, struct.error):
        while struct.unpack("!II", client.recv(8, socket.MSG_WAITALL))[1] in ASKS_FOR_ENCRYPTION:
            client.sendall(b"N")
        fields = ("SFATAL", "VFATAL", f"C{refusal.state}", f"M{refusal.words}", "")
        body = b"".join(each.encode() + b"\0" for each in fields)
        client.sendall(b"E" + struct.pack("!I", 4 + len(body)) + body)
        client.shutdown(socket.SHUT_WR)
        while client.recv(4096):
            pass


def let_in(client: socket.socket, behind: tuple[str, int]) -> None:
    """Pass on what both sides say."""
    server = socket.create_connection(behind)
    threading.Thread(target=pass_on, args=(server, client), daemon=True).start()
    pass_on(client, server)


def pass_on(one: socket.socket, other: socket.socket) -> None:
    """Everything one side says, to the other."""
    with suppress(OSError):
        while said := one.recv(65536):
            other.sendall(said)
        other.shutdown(socket.SHUT_WR)


@contextmanager
def doorkeeper(server_url: str, times: int, state: str, words: str) -> Iterator[Doorkeeper]:
    """A door before a server that refuses so many times."""
    behind = urlsplit(server_url)
    command = [sys.executable, "-m", "tests.faults.doorkeeper", behind.hostname or "", str(behind.port)]
    command += [str(times), state, words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        assert process.stdout is not None
        keeper = Doorkeeper(server_url, process.stdout.readline().strip())
        try:
            yield keeper
        finally:
            process.kill()
            keeper.came = len(process.stdout.readlines())


if __name__ == "__main__":
    host, port, times, *refusal = sys.argv[1:]
    serve((host, int(port)), Refusal(int(times), *refusal))
