"""A static host on loopback that gives out a folder, with the misbehaviours that hosts have."""

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Served:
    """A static host: `asked` are path, status and bytes sent of each answer, headers included."""

    port: int = 0
    asked: list[tuple[str, int, int]] = field(default_factory=list)
    redirects: dict[str, str] = field(default_factory=dict)  # path -> address
    slow: dict[str, float] = field(default_factory=dict)  # path -> seconds between two bytes
    statuses: dict[str, int] = field(default_factory=dict)  # path -> another status than 200
    bodies: dict[str, bytes] = field(default_factory=dict)  # path -> what comes in the place of the file
    cuts: set[str] = field(default_factory=set)  # paths of which half comes, then the connection ends
    date: str = ""  # of the header
    etags: bool = True
    down: bool = False
    before: Callable[[str], None] = lambda path: None  # what happens at the host before a path is answered

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def served(folder: Path, below: str = "") -> Iterator[Served]:
    """The folder under `below` (such as "/exchange") of a host on loopback, as any web server serves it."""
    host = Served()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.removeprefix(below).lstrip("/")
            host.before(path)
            file = folder / path
            if host.down:
                self.close_connection = True
                return
            if path in host.statuses:
                self.answer(host.statuses[path], b"<html>", {})
            elif path in host.bodies:
                self.file(path, host.bodies[path])
            elif path in host.redirects:
                self.answer(302, b"", {"Location": host.redirects[path]})
            elif not self.path.startswith(below) or not file.is_file():
                self.answer(404, b"", {})
            else:
                self.file(path, file.read_bytes())

        def file(self, path: str, body: bytes) -> None:
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if host.etags and self.headers.get("If-None-Match") == tag:
                self.answer(304, b"", {"ETag": tag})
            else:
                self.answer(200, body, {"ETag": tag} if host.etags else {}, host.slow.get(path, 0), path in host.cuts)

        def answer(
            self, status: int, body: bytes, headers: dict[str, str], pause: float = 0, cut: bool = False
        ) -> None:
            lines = {"Content-Length": str(len(body)), "Connection": "close", **headers}
            lines |= {"Date": host.date} if host.date else {}
            head = (
                f"HTTP/1.1 {status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
            )
            host.asked.append((self.path, status, len(head) + len(body) + len(str(self.headers)) + len(self.path)))
            with contextlib.suppress(OSError):
                self.wfile.write(head.encode())
                body = body[: len(body) // 2] if cut else body
                for at in range(0, len(body), 1 if pause else max(1, len(body))):
                    self.wfile.write(body[at : at + (1 if pause else len(body))])
                    time.sleep(pause)

        def log_message(self, *_arguments: object) -> None:
            """Quiet: tests look at `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    host.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
