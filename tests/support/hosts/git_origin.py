"""A git origin on loopback for tests: smart HTTP by git's own `http-backend`, with the misbehaviours origins have.

`an_origin()` serves the bare repositories of a folder and counts what it is asked. Modes, by first part:
`/git/NAME` normal, `/v0/NAME` knows no protocol 2, `/redirect/…` goes to `redirect_to` + rest, `/password/…` 401,
`/missing/…` 404, `/silent/…` never answers, `/garbage/…` bytes that mean nothing, `/slow/…` a byte now and then,
`/busy/…` 429 with Retry-After, `/page/…` an HTML page, `/forged/…` whatever `refs` and `pack` say, `/said/…` the bytes
of `said` as smart HTTP (the first for the advertisement, the second for a list), `/dumb/…` dumb HTTP.
`/hush/NAME` is normal until something is to be downloaded, of which it then sends nothing, `/mute/NAME` not even a
head, `/drip/NAME` a length that never ends, `/trickle/NAME` what keeps a line alive and no more, `/late/NAME` that for
three seconds and then everything, `/flood/NAME` messages for ever where a pack should begin, `/begun/NAME` the same
after most of a pack; `/unseen/NAME` lists its refs to us and never answers git, `/endless/NAME` answers git with a list
of refs that never ends. With `-v0` behind the mode they know no protocol 2.
"""

import contextlib
import gzip
import hashlib
import ipaddress
import itertools
import os
import shutil
import struct
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

from forge.git.fetch.sync import Bounds, Sync
from forge.security.safe_http import AddressRules

RULES = AddressRules((ipaddress.ip_network("127.0.0.1/32"),))
GIT_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "Ana",
    "GIT_AUTHOR_EMAIL": "ana@example.org",
    "GIT_COMMITTER_NAME": "Ana",
    "GIT_COMMITTER_EMAIL": "ana@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "LC_ALL": "C.UTF-8",
}


def git(*arguments: str | bytes | Path, cwd: Path | None = None, stdin: bytes = b"", check: bool = True) -> bytes:
    """Run git plainly, as an origin's owner or a reader's client would; its output without the last newline."""
    ran = subprocess.run(["git", *arguments], cwd=cwd, input=stdin, capture_output=True, env=GIT_ENVIRONMENT)
    if check and ran.returncode:
        raise AssertionError(f"git {arguments}: {ran.stderr.decode(errors='replace')}")
    return ran.stdout.rstrip(b"\n")


STALLING = ("hush", "mute", "drip", "trickle", "flood", "begun", "late")


class Origin(ThreadingHTTPServer):
    """What a test holds: `folder` of repositories, `url(path)`, `requests` seen, and `redirect_to`."""

    daemon_threads = True

    def __init__(self, folder: Path, host: str):
        super().__init__((host, 0), _Handler)
        self.folder, self.redirect_to = folder, ""
        self.said = b"", b""  # what `/said/…` answers to GET and to POST
        self.said_packed = b""  # what it answers to GET instead, as gzip
        self.then: tuple[bytes, bytes] | None = None  # what it answers after its first GET, when that is something else
        self.pack, self.refs = b"", {}  # what `/forged/…` serves: any bytes as a pack, any names as refs
        self.requests: list[str] = []
        self.protocols: list[str] = []
        self.released = threading.Event()

    def url(self, path: str) -> str:
        return f"http://{self.server_address[0]}:{self.server_address[1]}/{path}"

    def handle_error(self, request, client_address) -> None:
        """Clients that are killed or give up are what these tests are about."""


@contextlib.contextmanager
def an_origin(folder: Path, host: str = "127.0.0.1") -> Iterator[Origin]:
    origin = Origin(folder, host)
    thread = threading.Thread(target=origin.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield origin
    finally:
        origin.released.set()
        origin.shutdown()
        origin.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Origin

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_GET

    def log_message(self, *_arguments) -> None:
        """Quiet: tests look at `requests`."""

    def _answer(self) -> None:
        self.server.requests.append(f"{self.command} {self.path}")
        self.server.protocols.append(self.headers.get("Git-Protocol", ""))
        mode, _, rest = self.path.lstrip("/").partition("/")
        length = int(self.headers.get("Content-Length") or 0)
        body = self._chunks() if self.headers.get("Transfer-Encoding") == "chunked" else self.rfile.read(length)
        kind, _, old = mode.partition("-")
        if mode in ("git", "v0"):
            self._backend(f"/{rest}", body, mode)
        elif kind in STALLING and not (b"want " in body or b"command=fetch" in body):
            self._backend(f"/{rest}", body, old)
        elif kind in STALLING:
            self._stall(kind, body)
        elif kind in ("unseen", "endless") and self.command == "POST":
            self._backend(f"/{rest}", body, old)
        elif kind == "endless":
            self._list_refs_for_ever()
        elif kind == "unseen":
            self.server.released.wait(60)
        elif mode == "forged":
            self._forged(body)
        elif mode == "silent":
            self.server.released.wait(60)
        elif mode == "slow":
            self._drip()
        elif mode == "garbage":
            self.wfile.write(b"\x00\xff\x1b[2Jnot http at all\r\n" * 50)
        elif mode in ("redirect", "aside"):
            self._plain(301 if mode == "redirect" else 302, b"", Location=self.server.redirect_to + rest)
        elif mode == "password":
            self._plain(401, b"", WWW_Authenticate='Basic realm="x"')
        elif mode == "busy":
            self._plain(429, b"", Retry_After="120")
        elif mode == "page":
            self._plain(200, b"<html>hello</html>", Content_Type="text/html")
        elif mode == "said":
            get, post = self.server.said
            kind, told = ("result", post) if self.command == "POST" else ("advertisement", get)
            if self.command == "GET" and self.server.then is not None:
                self.server.said = self.server.then
            packed = self.server.said_packed if self.command == "GET" else b""
            headers = {"Content_Encoding": "gzip"} if packed else {}
            self._plain(200, packed or told, Content_Type=f"application/x-git-upload-pack-{kind}", **headers)
        elif mode == "dumb" and self.command == "GET":
            folder = self.server.folder / rest.split("/")[0]
            told = git("for-each-ref", "--format=%(objectname)%09%(refname)", cwd=folder)
            self._plain(200, told and told + b"\n", Content_Type="text/plain")
        elif mode == "nonsense":
            self._plain(200, b"zzzz" * 100, Content_Type="application/x-git-upload-pack-result")
        else:
            self._plain(404, b"")

    def _plain(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _forged(self, body: bytes) -> None:
        if self.headers.get("Content-Encoding") == "gzip":  # a long request of git
            body = gzip.decompress(body)
        if self.command == "GET":
            told = lines(b"version 2\n", b"ls-refs\n", b"fetch\n", b"object-format=sha1\n", None)
            self._plain(200, told, Content_Type="application/x-git-upload-pack-advertisement")
        elif b"command=ls-refs" in body:
            told = lines(*(oid + b" " + name + b"\n" for name, oid in self.server.refs.items()), None)
            self._plain(200, told, Content_Type="application/x-git-upload-pack-result")
        else:
            opening = b"" if b"done\n" in body else lines(b"acknowledgments\n", b"ready\n") + b"0001"
            pieces = [b"\x01" + self.server.pack[at : at + 60000] for at in range(0, len(self.server.pack), 60000)]
            told = opening + lines(b"packfile\n", b"\x02\x1b[2Jhello\n", *pieces, None)
            self._plain(200, told, Content_Type="application/x-git-upload-pack-result")

    def _stall(self, kind: str, body: bytes) -> None:
        if kind != "mute":
            self.protocol_version = "HTTP/1.1"
            self.send_response(200)
            self.send_header("Content-Type", "application/x-git-upload-pack-result")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
        said = lines(b"NAK\n")
        if b"command=fetch" in body:
            opening = b"" if b"done\n" in body else lines(b"acknowledgments\n", b"ready\n") + b"0001"
            said = opening + lines(b"packfile\n")
        pack = git("pack-objects", "--stdout", "--all", "-q", cwd=self.server.folder / self.path.split("/")[2])
        if kind == "begun":
            said += lines(b"\x01" + pack[:-30])
        if kind in ("trickle", "flood", "begun", "late"):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(said), said))
        for _ in range(60 if kind == "late" else 1_000_000):
            if self.server.released.wait(0.05):
                return
            if kind in ("trickle", "late"):
                self.wfile.write(b"5\r\n0005\x01\r\n")
            elif kind in ("flood", "begun"):
                chat = lines(b"\x02" + b"." * 4000)
                self.wfile.write(b"%x\r\n%s\r\n" % (len(chat), chat))
            elif kind == "drip":
                self.wfile.write(b"0")
        sent = lines(*(b"\x01" + pack[at : at + 60000] for at in range(0, len(pack), 60000)), None)
        self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(sent), sent))

    def _list_refs_for_ever(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-git-upload-pack-advertisement")
        self.end_headers()
        self.wfile.write(lines(b"# service=git-upload-pack\n", None, b"1" * 40 + b" refs/heads/0\0ofs-delta\n"))
        for number in range(1, 1_000_000):
            if self.server.released.wait(0.05):
                return
            self.wfile.write(lines(*(b"1" * 40 + b" refs/heads/%d-%d\n" % (number, at) for at in range(100))))

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not self.server.released.is_set():
            self.wfile.write(b"x")
            time.sleep(0.05)

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        return body

    def _backend(self, path: str, body: bytes, mode: str) -> None:
        path, _, query = path.partition("?")
        environment = GIT_ENVIRONMENT | {
            "GIT_PROJECT_ROOT": str(self.server.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": "127.0.0.1",
            "GIT_PROTOCOL": "" if mode == "v0" else self.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        backend = subprocess.Popen(
            ["git", "-c", "safe.directory=*", "http-backend"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
        with backend, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            with contextlib.suppress(BrokenPipeError):
                backend.stdin.write(body)
                backend.stdin.close()
            self._relay(backend.stdout)

    def _relay(self, stream) -> None:
        headers, status = [], "200 OK"
        while line := stream.readline().strip().decode():
            name, _, value = line.partition(": ")
            status = value if name == "Status" else status
            headers.append((name, value))
        self.send_response(int(status.split()[0]))
        for name, value in headers:
            if name != "Status":
                self.send_header(name, value)
        self.end_headers()
        while chunk := stream.read(65536):
            self.wfile.write(chunk)


def lines(*texts: bytes | None) -> bytes:
    """Texts as pkt-lines, None as a flush."""
    return b"".join(b"0000" if text is None else b"%04x" % (len(text) + 4) + text for text in texts)


_SERVICE, _REF, _ABILITIES = b"# service=git-upload-pack\n", b"1" * 40 + b" refs/heads/main", b"agent=git/2.47.3\n"
_NO_REF = b"0" * 40 + b" capabilities^{}\0" + _ABILITIES
_MODERN = (b"version 2\n", b"ls-refs=unborn\n", b"fetch=shallow\n", b"object-format=sha1\n", None)
_EMPTY = lines(_SERVICE, None, _NO_REF, None)
# What says in each version of the protocol that a repository is empty, as `Origin.said`.
EMPTY_ADVERTISEMENTS = {
    "version 0": (_EMPTY, b""),
    "version 0 of an old server": (lines(_SERVICE, None, None), b""),
    "version 1": (lines(_SERVICE, None, b"version 1\n", _NO_REF, None), b""),
    "version 2": (lines(*_MODERN), b"0000"),
    "version 2 behind the service's name": (lines(_SERVICE, None, *_MODERN), b"0000"),
    "version 2, and version 0 for who asks so": (_EMPTY, b"0000"),
}
# What says nothing of a repository, though it may look like one without refs.
BROKEN_ADVERTISEMENTS = {
    "nothing": (b"", b""),
    "an error": (lines(_SERVICE, None, b"ERR access denied\n", None), b""),
    "an error alone": (lines(b"ERR access denied"), lines(b"ERR access denied")),
    "an error in a list": (_EMPTY, lines(b"ERR access denied\n", None)),
    "a flush": (b"0000", b"0000"),
    "a flush, then nothing": (b"", b"0000"),
    "a flush, then an error": (lines(_SERVICE, None, b"ERR access denied\n", None), b"0000"),
    "the service's name": (lines(_SERVICE, None), b""),
    "another service": (lines(b"# service=git-receive-pack\n", None, _NO_REF, None), b""),
    "cut before the end": (lines(_SERVICE, None, _NO_REF), b""),
    "cut in a line": (lines(_SERVICE, None, _NO_REF, None)[:-20], b""),
    "a list cut before the end": (lines(_SERVICE, None, _REF + b"\0" + _ABILITIES), lines(_REF)),
    "a length beyond the end": (lines(_SERVICE, None) + b"ffff" + _NO_REF + b"0000", b""),
    "a length of three": (lines(_SERVICE, None) + b"00030000", b""),
    "a length with a sign": (lines(_SERVICE, None) + b"+00800000000", b""),
    "no id": (lines(_SERVICE, None, b"hello world\0" + _ABILITIES, None), b""),
    "more behind the end": (_EMPTY + b"<html>", b""),
    "a page": (b"<html>Sign in</html>", b"<html>Sign in</html>0000"),
    "version 2 without a list": (lines(*_MODERN), b""),
    "version 2 that lists no refs": (lines(b"version 2\n", b"fetch\n", None), b"0000"),
    "version 2 cut before the end": (lines(*_MODERN[:-1]), b"0000"),
}


def a_repository(folder: Path, name: str = "tool.git", commits: int = 2, **files: bytes | str) -> Path:
    """A bare repository with `commits` commits on main; keyword names are file names with `__` for the dot."""
    path = folder / name
    shutil.rmtree(path, ignore_errors=True)  # the copy that `support.world` puts there is none for git
    git("init", "-q", "--bare", "--initial-branch=main", path)
    parent, wanted = b"", {"README.md": "# Tool\n"} | {key.replace("__", "."): text for key, text in files.items()}
    for number in range(commits):
        parent = a_commit(path, wanted | {"count.txt": f"{number}\n"}, parent, f"Commit {number}")
    if commits:
        git("update-ref", "refs/heads/main", parent, cwd=path)
    return path


def a_commit(repository: Path, files: dict, parent: bytes = b"", message: str = "A commit") -> bytes:
    """Write one commit with these top-level files, without naming it; its id."""
    rows = b""
    for name, text in sorted(files.items()):
        data = text.encode() if isinstance(text, str) else text
        blob = git("hash-object", "-w", "--stdin", cwd=repository, stdin=data)
        rows += b"100644 blob %s\t%s\0" % (blob, os.fsencode(name))
    tree = git("mktree", "-z", cwd=repository, stdin=rows)
    return git("commit-tree", tree, *((b"-p", parent) if parent else ()), "-m", message, cwd=repository)


_GIVEN = ("accept_deletions", "all_served", "erased", "damaged", "ever_seen")


def visit(mirror: Path, url: str, **changes):
    """One visit under this test's rules: loopback 127.0.0.1 allowed; `records` may be given as a list. An origin has as
    long to answer as it always has: a machine that is busy is none that fails."""
    records = changes.pop("records", [])
    options = {name: changes.pop(name) for name in (*_GIVEN, "checkpoint") if name in changes}
    bounds = Bounds(**{"timeout_seconds": 30.0, "spare_bytes": lambda: 1 << 40} | changes)
    return Sync(mirror, url, RULES, bounds, records.append, **options).run()


def descendants(chosen: Callable[[psutil.Process], bool]) -> list[psutil.Process]:
    """Those of our processes, and of theirs, that are chosen. Others, such as a database's, end while they are looked
    at."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [child] if chosen(child) else []
    return found


def listing(repository: Path, *namespaces: str) -> bytes:
    """The refs of a repository, one `id name` a line."""
    wanted = namespaces or ("refs/heads", "refs/tags")
    return git("for-each-ref", "--format=%(objectname) %(refname)", *wanted, cwd=repository)


def every_object(repository: Path) -> set[bytes]:
    """Ids of all objects in a repository, reachable or not."""
    asked = git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)", cwd=repository)
    return set(asked.splitlines())


def a_pack(*objects: tuple[int, bytes]) -> bytes:
    """A pack of (type number, content) as they are; 6 is a delta against the object before it."""
    body = b"PACK" + struct.pack(">II", 2, len(objects))
    starts: list[int] = []
    for kind, content in objects:
        starts.append(len(body))
        size, head = len(content), bytearray([(kind << 4) | (len(content) & 15)])
        size >>= 4
        while size:
            head[-1] |= 0x80
            head.append(size & 0x7F)
            size >>= 7
        body += bytes(head)
        if kind == 6:
            back = starts[-1] - starts[-2]
            assert back < 128
            body += bytes([back])
        body += zlib.compress(content, 9)
    return body + hashlib.sha1(body).digest()


def a_delta_bomb() -> bytes:
    """A pack of a few hundred bytes whose last object unfolds into two gigabytes."""
    sizes = [1 << 16, 1 << 20, 1 << 24, 1 << 28, 1 << 31]
    deltas = []
    for source, target in itertools.pairwise(sizes):
        step = min(source, 1 << 23)
        copy = b"\xc0" + bytes([step >> 16 & 255]) if step > 1 << 16 else b"\x80"
        deltas.append((6, _varint(source) + _varint(target) + copy * (target // step)))
    return a_pack((3, bytes(sizes[0])), *deltas)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])
