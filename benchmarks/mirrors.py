"""Measures visits of mirrors beside git: 200 small repositories over smart HTTP, first, idle and with news, and a large
one. Each figure is of one run on one machine; the ratios are what to look at.

    python -m benchmarks.mirrors [--repositories 200] [--large-files 4000] [--profile]

Both ask the same server, a process of its own: `git http-backend` behind Python's HTTP server, on loopback, where no
host has a pause. Forge's figures hold the database and, but for "copying alone", the reading of what was copied. Time
of processors is that of the asking side alone.
"""

import argparse
import contextlib
import cProfile
import ipaddress
import os
import pstats
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from benchmarks import repository

REPOSITORIES, CHANGED_SHARE = 200, 20  # one in so many has news
AT_ONCE = 4
ROUNDS = 3
LOOPBACK = ipaddress.ip_network("127.0.0.1/32")
QUIET = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
}
PERSON = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Someone"), ("EMAIL", "someone@example.org"), ("DATE", "1700000000 +0000"))
}
# What our downloads run with, so that one large repository is compared under the same settings.
SAME = (
    "pack.threads=1",
    "transfer.fsckObjects=true",
    "core.bigFileThreshold=4m",
    "fetch.unpackLimit=1",
    "core.fsync=objects,derived-metadata,reference",
)


class Cost(NamedTuple):
    seconds: float
    processor_seconds: float


@dataclass(frozen=True)
class Line:
    what: str
    ours: Cost
    git: Cost
    target: str

    def printed(self) -> str:
        time_ratio = self.ours.seconds / self.git.seconds
        processor_ratio = self.ours.processor_seconds / self.git.processor_seconds
        return (
            f"| {self.what} | {self.ours.seconds:.2f} s | {self.git.seconds:.2f} s | {time_ratio:.3f} "
            f"| {self.ours.processor_seconds:.2f} s | {self.git.processor_seconds:.2f} s | {processor_ratio:.3f} "
            f"| {self.target} |"
        )


def git(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> bytes:
    done = subprocess.run(["git", *map(str, arguments)], cwd=cwd, input=stdin, env=QUIET | PERSON, capture_output=True)
    if done.returncode:
        raise RuntimeError(done.stderr.decode("utf-8", "replace"))
    return done.stdout.strip()


class _Backend(BaseHTTPRequestHandler):
    folder = ""

    def do_POST(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
        answer = subprocess.run(
            ["git", "http-backend"],
            input=body,
            capture_output=True,
            env=QUIET
            | {
                "GIT_PROJECT_ROOT": self.folder,
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            },
            check=False,
        ).stdout
        head, _, content = answer.partition(b"\r\n\r\n")
        lines = [line.partition(b": ")[::2] for line in head.split(b"\r\n")]
        self.send_response(next((int(value.split()[0]) for name, value in lines if name == b"Status"), 200))
        for name, value in lines:
            if name != b"Status":
                self.send_header(name.decode(), value.decode())
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST

    def log_message(self, format: str, *arguments: object) -> None:
        """Quiet."""


@contextlib.contextmanager
def origins(folder: Path) -> Iterator[str]:
    """The address of a server of its own process for the repositories in a folder."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    order = [sys.executable, "-m", "benchmarks.mirrors", "--serve", str(folder), "--port", str(port)]
    server = subprocess.Popen(order)
    try:
        for _try in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def serve(folder: Path, port: int) -> None:
    _Backend.folder = str(folder)
    ThreadingHTTPServer(("127.0.0.1", port), _Backend).serve_forever()


def small_repositories(folder: Path, number: int) -> list[str]:
    """So many copies of a small project, each with commits of its own; their names."""
    folder.mkdir()
    pattern = repository.make(folder / "pattern.git", files=40, commits=60)
    names = []
    for index in range(number):
        name = f"tool-{index:03}"
        shutil.copytree(pattern, folder / f"{name}.git")
        push(folder / f"{name}.git", f"The first of {name}")
        names.append(name)
    shutil.rmtree(pattern)
    return names


def push(origin: Path, message: str) -> None:
    """One more commit, with one more file."""
    blob = git("hash-object", "-w", "--stdin", cwd=origin, stdin=message.encode())
    tree = git("ls-tree", "-z", "main", cwd=origin)
    rows = [row for row in tree.split(b"\0") if row and not row.endswith(b"\tnews.txt")]
    rows.append(b"100644 blob %s\tnews.txt" % blob)
    made = git("mktree", "-z", cwd=origin, stdin=b"".join(row + b"\0" for row in rows)).decode()
    commit = git("commit-tree", made, "-p", "main", "-m", message, cwd=origin).decode()
    git("update-ref", "refs/heads/main", commit, cwd=origin)


def measured(work: Callable[[], object]) -> Cost:
    """How long something takes, and the time of processors of this process and of all that it started."""

    def spent() -> float:
        both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(usage.ru_utime + usage.ru_stime for usage in both)

    before, begun = spent(), time.perf_counter()
    work()
    return Cost(time.perf_counter() - begun, spent() - before)


def at_once(orders: list[list[str]], most: int) -> None:
    """Run commands, so many at once."""
    running: list[subprocess.Popen[bytes]] = []
    for order in orders:
        if len(running) >= most:
            running.pop(0).wait()
        running.append(subprocess.Popen(order, env=QUIET, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    for process in running:
        process.wait()


class Catalogue:
    """A catalogue of these projects, with the worker that visits them."""

    def __init__(self, data: Path, base: str, names: list[str], **settings: object):
        from catalog.document import complete
        from catalog.model import Document, Manifest, Project
        from catalog.store.core.migrate import migrate
        from catalog.store.store import Store
        from forge.config.settings import Settings

        (data / "mirrors").mkdir(parents=True)
        self.settings = Settings(data=data, allow_networks=(LOOPBACK,), mirror_jobs=AT_ONCE, **settings)
        self.store = Store(f"sqlite:///{data / 'catalog.db'}")
        migrate(self.store.engine)
        self.now = datetime.now(UTC)
        projects = tuple(
            Project(slug=name, name=name, summary={"en": "Measures"}, repository=f"{base}/{name}.git") for name in names
        )
        manifest = Manifest(uuid4(), name={"en": "Benchmark"}, languages=("en",))
        document = complete(Document(manifest=manifest, projects=projects))
        self.ids = {project.slug: project.id for project in document.projects}
        self.store.curated_document.load(document, digest="1", now=self.now)

    def visits(self) -> list[str]:
        """Visit what is due now, as a worker does; the outcomes."""
        from forge.mirroring.worker import Worker, visit_runner

        outcomes: list[str] = []
        with visit_runner(self.store, self.settings) as runner:
            from dataclasses import replace

            runner = replace(runner, clock=lambda: self.now)
            Worker(self.store, runner, jobs=AT_ONCE, poll_seconds=0.01).run(
                once=True, report_visit=lambda report: outcomes.append(report.outcome)
            )
        return outcomes

    def wait(self) -> None:
        """Let a month pass, as a service that is not stopped sees it: day by day, so that nothing takes it for a clock
        that somebody set."""
        for _day in range(30):
            self.now += timedelta(days=1)
            self.store.clock_watch.look(self.now)


def compared(folder: Path, number: int, *, profile: bool = False) -> Iterator[Line]:
    """The lines of the small repositories: first, idle, with news."""
    names = small_repositories(folder / "origins", number)
    with origins(folder / "origins") as base:
        copies = folder / "copies"
        copies.mkdir()
        clones = [
            ["git", "clone", "-q", "--mirror", f"{base}/{name}.git", str(copies / f"{name}.git")] for name in names
        ]
        catalogue = Catalogue(folder / "data", base, names)
        theirs = measured(lambda: at_once(clones, 1))
        alone = folder / "alone"
        copying = measured(lambda: _copied(alone, base, names))
        yield Line(f"first mirror of {number}, copying alone", copying, theirs, "≤ 0.5 of the time")
        ours = measured(lambda: _expect(catalogue.visits(), {"full": number}))
        yield Line(f"first mirror of {number}, with reading", ours, theirs, "")
        fetches = [["git", "--git-dir", str(copies / f"{name}.git"), "fetch", "-q", "--prune"] for name in names]
        idle_ours, idle_theirs = [], []
        for _round in range(ROUNDS):
            catalogue.wait()
            idle_ours.append(measured(lambda: _expect(catalogue.visits(), {"unchanged": number})))
            idle_theirs.append(measured(lambda: at_once(fetches, AT_ONCE)))
        yield Line(
            f"idle visit of {number}", min(idle_ours), min(idle_theirs), "≤ 1/8 of the time, 1/20 of the processor"
        )
        changed = max(1, number // CHANGED_SHARE)
        news_ours, news_theirs = [], []
        for round_number in range(ROUNDS):
            catalogue.wait()
            for name in names[:: max(1, number // changed)][:changed]:
                push(folder / "origins" / f"{name}.git", f"News {round_number}")
            news_ours.append(
                measured(lambda: _expect(catalogue.visits(), {"full": changed, "unchanged": number - changed}))
            )
            news_theirs.append(measured(lambda: at_once(fetches, AT_ONCE)))
        yield Line(f"visit of {number}, {changed} with news", min(news_ours), min(news_theirs), "≤ 1/8 of the time")
        if profile:
            catalogue.wait()
            with cProfile.Profile() as profiler:
                catalogue.visits()
            pstats.Stats(profiler).sort_stats("cumulative").print_stats(40)
        catalogue.store.close()


def _copied(folder: Path, base: str, names: list[str]) -> None:
    """Copy without a database and without reading: what git does too."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda name: _synced(folder / f"{name}.git", f"{base}/{name}.git"), names))


def _synced(mirror: Path, url: str) -> None:
    from forge.git.fetch.sync import Bounds, Sync
    from forge.security.safe_http import AddressRules

    bounds = Bounds(max_bytes=8 << 30, timeout_seconds=3600, spare_bytes=lambda: 1 << 40)
    seen = Sync(mirror, url, AddressRules((LOOPBACK,)), bounds).run()
    if seen.outcome != "full":
        raise RuntimeError(f"{url}: {seen}")


def _expect(outcomes: list[str], wanted: dict[str, int]) -> None:
    found = {outcome: outcomes.count(outcome) for outcome in set(outcomes)}
    if found != wanted:
        raise RuntimeError(f"{found} instead of {wanted}")


def large(folder: Path, files: int, commits: int) -> Line:
    """The line of one large repository, under the same settings."""
    (folder / "large").mkdir()
    repository.make(folder / "large" / "large.git", files, commits)
    git("repack", "-a", "-d", "-q", cwd=folder / "large" / "large.git")
    settings = [part for name in SAME for part in ("-c", name)]
    ours, theirs = [], []
    with origins(folder / "large") as base:
        for number in range(ROUNDS):
            clone = [
                "git",
                *settings,
                "clone",
                "-q",
                "--mirror",
                f"{base}/large.git",
                str(folder / f"clone-{number}.git"),
            ]
            theirs.append(measured(lambda clone=clone: at_once([clone], 1)))
            ours.append(measured(lambda number=number: _synced(folder / f"mirror-{number}.git", f"{base}/large.git")))
    size = sum(path.stat().st_size for path in (folder / "mirror-0.git").rglob("*.pack")) >> 20
    return Line(f"first mirror of one of {size} MB", min(ours), min(theirs), "≤ 1.05 of the time")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mirrors", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--repositories", type=int, default=REPOSITORIES)
    parser.add_argument("--large-files", type=int, default=20_000)
    parser.add_argument("--large-commits", type=int, default=20_000)
    parser.add_argument("--profile", action="store_true", help="where the time of an idle visit goes")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve is not None:
        serve(given.serve, given.port)
        return
    print("| | Forge, time | git, time | ratio | Forge, processor | git, processor | ratio | target |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory(prefix="forge-bench-mirrors-") as temporary:
        folder = Path(temporary)
        for line in compared(folder, given.repositories, profile=given.profile):
            print(line.printed(), flush=True)
        print(large(folder, given.large_files, given.large_commits).printed(), flush=True)


if __name__ == "__main__":
    main()
