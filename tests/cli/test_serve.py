"""`partnerhub serve` as a browser meets it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from partnerhub.cli.demo_world import free_port
from tests.conftest import REPOSITORY

PROGRAM = "import sys; from partnerhub.cli.app import main; main(sys.argv[1:])"


def answered(address: str) -> str:
    """What the server says once it is up."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                return response.read().decode()
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError("the server never came up")


def children(pid: int) -> list[int]:
    """The processes that answer for a server."""
    started = [
        int(each)
        for file in Path(f"/proc/{pid}/task").glob("*/children")
        for each in file.read_text().split()
    ]
    return [each for each in started if "spawn_main" in Path(f"/proc/{each}/cmdline").read_text()]


@contextmanager
def serving(folder: Path, url: str):
    """Two processes that answer on a port; nobody is left behind."""
    (folder / "partnerhub.yaml").write_text(f"warehouse: {url}\n")
    port = free_port(0)
    command = [sys.executable, "-c", PROGRAM, "serve", "--port", str(port), "--workers", "2"]
    environment = {"PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            yield server, port
        finally:
            server.kill()


def is_free_within(port: int, seconds: float) -> bool:
    """Whether nobody listens there any more, at the end of that time at the latest."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return True
        time.sleep(0.1)
    return False


def test_pages_are_served_on_loopback_and_a_port_in_use_is_refused(sqlite_url, tmp_path, run):
    with serving(tmp_path, sqlite_url) as (_, port):
        assert "<title>Sign in" in answered(f"http://127.0.0.1:{port}/partners")
        assert run("serve", "--port", port).code == 2
        with socket.socket() as other:
            assert other.connect_ex(("127.0.0.2", port)) != 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_all_processes_that_answer_are_gone_within_ten_seconds(number, sqlite_url, tmp_path):
    with serving(tmp_path, sqlite_url) as (server, port):
        answered(f"http://127.0.0.1:{port}/healthz")
        answering = children(server.pid)
        server.send_signal(number)
        assert len(answering) == 2
        assert is_free_within(port, 10)
        server.wait(10)


def test_a_process_that_dies_is_replaced(sqlite_url, tmp_path):
    with serving(tmp_path, sqlite_url) as (server, port):
        answered(f"http://127.0.0.1:{port}/healthz")
        first = children(server.pid)
        os.kill(first[0], signal.SIGKILL)
        until = time.monotonic() + 20
        while (now := children(server.pid)) == first or len(now) < 2:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert "ok" in answered(f"http://127.0.0.1:{port}/healthz")
