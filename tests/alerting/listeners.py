"""A mail server and a web server on loopback that keep what they are sent: small, real, over sockets."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class MailServer:
    """mails: what arrived. recipients: of each. refuses: the answer to DATA instead of taking it."""

    port: int = 0
    mails: list[Message] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refuses: str = ""


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """An SMTP server without encryption, as RFC 5321 has it."""
    kept = MailServer()

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            named: list[str] = []
            self.say("220 loopback")
            while line := self.rfile.readline().decode().rstrip("\r\n"):
                verb = line[:4].upper()
                if verb == "RCPT":
                    named.append(line[line.index("<") + 1 : line.index(">")])
                if verb == "DATA":
                    self.take(named)
                    named = []
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 fine")

        def take(self, named: list[str]) -> None:
            if kept.refuses:
                self.say(kept.refuses)
                return
            self.say("354 go on")
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            kept.mails.append(message_from_bytes(b"".join(lines)))
            kept.recipients.append(named)
            self.say("250 taken")

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        kept.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield kept
        finally:
            server.shutdown()


@dataclass
class WebServer:
    """posts: path, headers (names in lower case) and body of each. status: what it answers; answer: asked each time."""

    url: str = ""
    status: int = 200
    answer: Callable[[], int] | None = None
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def web_server() -> Iterator[WebServer]:
    """A web server that takes every POST."""
    kept = WebServer()

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.posts.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status = kept.answer() if kept.answer else kept.status
            self.send_response(status)
            if status in range(300, 400):
                self.send_header("Location", kept.url + "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_given: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
