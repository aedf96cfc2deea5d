"""`partnerhub serve` as a browser meets it."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

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


def test_pages_are_served_on_loopback_and_a_port_in_use_is_refused(sqlite_url, tmp_path, run):
    (tmp_path / "partnerhub.yaml").write_text(f"warehouse: {sqlite_url}\n")
    port = free_port(0)
    command = [sys.executable, "-c", PROGRAM, "serve", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=tmp_path, env={"PYTHONPATH": str(REPOSITORY)}, stdout=subprocess.DEVNULL
    ) as server:
        try:
            assert "<title>Sign in" in answered(f"http://127.0.0.1:{port}/partners")
            assert run("serve", "--port", port).code == 2
            with socket.socket() as other:
                assert other.connect_ex(("127.0.0.2", port)) != 0
        finally:
            server.terminate()
