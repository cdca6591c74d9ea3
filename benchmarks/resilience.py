"""What a service of 1,000 projects takes at rest and under load, how long readers and senders of forms wait while its
worker is killed every second, and how long a backup and its restore take.

    python -m benchmarks.resilience [--projects 1000] [--seconds 30] [--write FILE]

One web process and one worker of their own, SQLite; it takes some three minutes. Memory is PSS of Linux; times of the
processor are shares of one. The worker is killed with SIGKILL and started again at once, as a service manager does.
Forms are those that ask for a link to sign in: each is a message, which is delivered. It decides nothing.
"""

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

import psutil
from support.hosts.mail import a_mailbox

from benchmarks import peers, synthetic, words
from benchmarks.measure import total

READERS, PAUSE_SECONDS = 2, 0.05  # each asks again so long after its answer, as people do not: a steady, bearable load
KILL_EVERY_SECONDS = 1.0
FOUND = rb"<h1>([0-9,]+) (?:program|result)"
_numbers = itertools.count()


@dataclass
class Waited:
    """Seconds of answers by kind, and how many of each were other than expected."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)


class Worker:
    """`forge work` as a service manager runs it."""

    def __init__(self, data: Path, settings: dict[str, str]):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FORGE_")}
        self._environment = kept | {"FORGE_DATA": str(data), "FORGE_CATALOG": str(data / "none.yaml")} | settings
        self.kills = 0
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "forge.cli", "work"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = psutil.Popen(command, cwd=peers.ROOT, env=self._environment, **quiet)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.kills += 1
        self._start()

    def end(self) -> None:
        self.process.terminate()
        with suppress(psutil.TimeoutExpired):
            self.process.wait(20)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resilience", description=__doc__.partition("\n")[0])
    parser.add_argument("--projects", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=30, help="of each part")
    parser.add_argument("--write", type=Path, help="a file that gets the table too")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="forge-bench-") as temporary, a_mailbox() as box:
        told = "\n".join(measured(Path(temporary) / "data", given.projects, given.seconds, box.url)) + "\n"
    print(told)
    if given.write:
        given.write.write_text(told)


def measured(data: Path, projects: int, seconds: float, mail: str) -> Iterator[str]:
    made = words.document(projects)
    # Repositories that are not there would be looked for all the time: that is no rest.
    peers.load_forge(
        replace(made, projects=tuple(replace(project, repository=None) for project in made.projects)), data
    )
    # Readers of this benchmark say that a proxy passed them on, each from another address.
    settings = {"FORGE_MAIL": mail, "FORGE_PROXIES": "127.0.0.0/8"}
    with peers.forge(data, **settings) as web:
        worker = Worker(data, settings)
        try:
            total(web.port, "/en/projects", FOUND)  # the index is made
            time.sleep(max(10.0, seconds / 2))  # the first jobs are done
            yield f"{datetime.now(UTC):%-d %B %Y}, {projects:,} projects, SQLite, {os.cpu_count()} processors"
            yield f"{'':<24}{'web':>10}{'worker':>10}{'web CPU':>10}{'worker CPU':>12}"
            with _shares(web, worker) as rest:
                time.sleep(seconds)
            yield _held("at rest", web, worker, rest)
            with _shares(web, worker) as loaded:
                quiet = _asked(web.port, projects, seconds)
            yield _held("under load", web, worker, loaded)
            stopping = threading.Event()
            killer = threading.Thread(target=_kill, args=(worker, stopping))
            killer.start()
            killed = _asked(web.port, projects, seconds)
            stopping.set()
            killer.join()
            yield ""
            heads = ("median", "95 %", "99 %", "longest", "answers", "failed")
            yield f"{'milliseconds':<24}" + "".join(f"{head:>10}" for head in heads)
            for name, waited in (("", quiet), (f", {worker.kills} kills", killed)):
                for kind, taken in waited.seconds.items():
                    yield _percentiles(f"{kind}{name}", taken, waited.failed[kind])
            yield ""
            yield from _copied(data, settings, projects)
        finally:
            worker.end()


def _copied(data: Path, settings: Mapping[str, str], projects: int) -> Iterator[str]:
    """A backup while the service runs, and its restore into an empty folder, each with the start of Python."""
    backup = data.parent / "backup.tar.gz"
    yield f"{f'{projects:,} projects':<24}{'seconds':>10}{'CPU':>10}"
    for name, command, folder in (
        ("backup, in service", ["backup", str(backup)], data),
        ("restore", ["restore", str(backup)], data.parent / "restored"),
    ):
        began, before = time.perf_counter(), os.times()
        peers.run(command, folder, settings)
        taken, after = time.perf_counter() - began, os.times()
        spent = sum(after[2:4]) - sum(before[2:4])  # of commands that ended; web and worker still run
        yield f"{name:<24}{f'{taken:.1f} s':>10}{f'{spent:.1f} s':>10}"


@contextmanager
def _shares(web: peers.Peer, worker: Worker) -> Iterator[list[float]]:
    """Shares of one processor that each took meanwhile."""
    shares: list[float] = []
    began, before = time.perf_counter(), (web.cpu_seconds, _cpu(worker.process))
    yield shares
    elapsed = time.perf_counter() - began
    shares += [(web.cpu_seconds - before[0]) / elapsed, (_cpu(worker.process) - before[1]) / elapsed]


def _cpu(process: psutil.Process) -> float:
    """With its children, also those that have ended."""
    return sum(sum(part.cpu_times()[:4]) for part in (process, *process.children(recursive=True)))


def _held(name: str, web: peers.Peer, worker: Worker, shares: list[float]) -> str:
    family = [worker.process, *worker.process.children(recursive=True)]
    held = sum(process.memory_full_info().pss for process in family)
    cpu = [f"{share * 100:.1f} %" for share in shares]
    return f"{name:<24}{f'{web.pss_bytes / 1e6:.0f} MB':>10}{f'{held / 1e6:.0f} MB':>10}{cpu[0]:>10}{cpu[1]:>12}"


def _kill(worker: Worker, stopping: threading.Event) -> None:
    while not stopping.wait(KILL_EVERY_SECONDS):
        worker.kill()


def _asked(port: int, projects: int, seconds: float) -> Waited:
    """Pages and forms that ask for a link, by several at once."""
    waited, end, lock = Waited(), time.monotonic() + seconds, threading.Lock()

    def ask() -> None:
        while time.monotonic() < end:
            number = next(_numbers)
            kind = ("project", "find", "form")[number % 3]
            began = time.perf_counter()
            good = _answered(port, kind, number, projects)
            with lock:
                waited.seconds.setdefault(kind, []).append(time.perf_counter() - began)
                waited.failed[kind] += not good
            time.sleep(PAUSE_SECONDS)

    threads = [threading.Thread(target=ask) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waited.seconds = dict(sorted(waited.seconds.items()))
    return waited


def _answered(port: int, kind: str, number: int, projects: int) -> bool:
    """Whether it was answered as expected."""
    # A network (/24) may ask for 30 links in an hour: each reader is in another one.
    headers = {"X-Forwarded-For": f"10.{number // 250 % 250}.{number % 250}.1"}
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        if kind == "form":
            headers |= {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode({"email": f"person-{number}@example.org"})
            connection.request("POST", "/en/sign-in", body, headers)
        else:
            sought = f"/en/projects?q={words.WORDS[number % len(words.WORDS)]}&drawn={number}"
            page = f"/en/projects/{synthetic.slug(number * 37 % projects)}?drawn={number}"
            connection.request("GET", sought if kind == "find" else page, headers=headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return answer.status == (303 if kind == "form" else 200)


def _percentiles(name: str, seconds: list[float], failed: int) -> str:
    cut = quantiles(seconds, n=100, method="inclusive")
    shown = (cut[49], cut[94], cut[98], max(seconds))
    return f"{name:<24}" + "".join(f"{value * 1000:>10.1f}" for value in shown) + f"{len(seconds):>10,}{failed:>10}"


if __name__ == "__main__":
    main()
