"""Pages of code and clones of the same mirrors in one run: Forge beside klaus, cgit with and without cache, and git.

    python -m benchmarks.code [--files 500] [--commits 5000] [--megabytes 100] [--kinds cold]

The peers are Debian's packages (`apt-get install --no-install-recommends klaus cgit fcgiwrap nginx`); those that are
not there are named and left out. klaus runs as its own command does, cgit and `git http-backend` by fcgiwrap behind
nginx, Forge by itself. Requests alternate over kept connections, medians are told. "Warm": four addresses again and
again. "Cold": each address once, of another commit each time. Each figure is of one run on one machine; look at the
ratios.
"""

import argparse
import platform
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

import psutil

from benchmarks import code_peers, mirrors, peers, repository
from benchmarks.measure import Paths, alternate, once

FORGE, KLAUS, CGIT, CGIT_CACHED, GIT = "Forge", "klaus", "cgit", "cgit, cache", "http-backend"
FAR_PAGE = 40
KLAUS_COMMITS, CGIT_COMMITS, FORGE_COMMITS = 20, 50, 50  # on a page of their histories
CLONES_AT_ONCE = 20
JUST_STARTED_SECONDS = 0.2
WARM_ADDRESSES = 4
# By kind of page: how many times as fast as which peer.
TARGETS: Mapping[str, Mapping[str, float]] = {
    **{f"warm {kind}": {KLAUS: 40.0, CGIT_CACHED: 2.0} for kind in ("summary", "tree", "file", "log")},
    "cold tree": {CGIT: 1.0},
    "cold log, page 1": {KLAUS: 5.0},
    f"cold log, page {FAR_PAGE}": {KLAUS: 5.0},
}
CLONE_RATIO, MEMORY_MB, PAGE_RATIO = 1.2, 100.0, 2.0  # at most
AT_ONCE = "clones at once"
CLONES = {"clone": (), "shallow clone": ("--depth", "1"), "partial clone": ("--filter", "blob:none")}


@dataclass(frozen=True)
class Tried:
    """What is asked for: folders and files of the newest commit, and ids of older ones, none of them twice."""

    folders: list[str]
    files: list[str]
    commits: list[str]


def tried(mirror: Path) -> Tried:
    def lines(*arguments: str) -> list[str]:
        return mirrors.git(*arguments, cwd=mirror).decode().split("\n")

    chance = random.Random(3)
    folders = [path for path in lines("ls-tree", "-r", "-d", "--name-only", "main") if path.startswith("src/")]
    files = [path for path in lines("ls-tree", "-r", "--name-only", "main") if path.endswith((".py", ".js"))]
    commits = lines("rev-list", "main")
    # The older half is left out: a page far behind has to be there.
    return Tried(
        chance.sample(folders, WARM_ADDRESSES), chance.sample(files, WARM_ADDRESSES), commits[: len(commits) // 2]
    )


def asked(of: Tried, slug: str, name: str) -> dict[str, dict[str, Paths]]:
    """By kind of page the address at each peer; `name` is that of the mirror's folder."""
    code, short = f"/en/projects/{slug}/code", name.removesuffix(".git")  # as klaus calls it

    def warm(paths: list[str]) -> Callable[[str], Paths]:
        return lambda address: lambda number: address.format(path=paths[number % len(paths)])

    def cold(first: int) -> Callable[[str], Paths]:
        def paths(address: str) -> Paths:
            return lambda number: address.format(oid=of.commits[(first + 3 * number) % len(of.commits)])

        return paths

    def of_each(make: Callable[[str], Paths], ours: str, of_klaus: str, of_cgit: str) -> dict[str, Paths]:
        cgit = make(f"/{name}{of_cgit}")
        return {FORGE: make(code + ours), KLAUS: make(f"/{short}{of_klaus}"), CGIT: cgit, CGIT_CACHED: cgit}

    folders, files = warm(of.folders), warm(of.files)
    offset = (FAR_PAGE - 1) * FORGE_COMMITS
    klaus_page = offset // KLAUS_COMMITS
    log = ("/log/{oid}", "/tree/{oid}/", "/log/?id={oid}")
    far = f"{log[0]}?page={FAR_PAGE}", f"{log[1]}?page={klaus_page}", f"{log[2]}&ofs={offset}"
    return {
        "warm summary": of_each(warm(["main"]), "", "/", "/"),
        "warm tree": of_each(folders, "/tree/main/{path}", "/tree/main/{path}", "/tree/{path}"),
        "warm file": of_each(files, "/blob/main/{path}", "/blob/main/{path}", "/tree/{path}"),
        "warm log": of_each(warm(["main"]), "/log/main", "/tree/main/", "/log/"),
        "cold tree": of_each(cold(0), "/tree/{oid}/src", "/tree/{oid}/src", "/tree/src?id={oid}"),
        "cold log, page 1": of_each(cold(1), *log),
        f"cold log, page {FAR_PAGE}": of_each(cold(2), *far),
    }


def pages(kinds: dict[str, dict[str, Paths]], ports: dict[str, int], budget_seconds: float) -> Iterable[str]:
    """The lines of the pages."""
    names = [name for name in (FORGE, KLAUS, CGIT, CGIT_CACHED) if name in ports]
    yield f"| page | {' | '.join(f'{name}, ms' for name in names)} | ratio, target |"
    yield "| --- |" + " --- |" * (len(names) + 1)
    for kind, paths in kinds.items():
        found = alternate(
            {name: (ports[name], paths[name]) for name in names}, most=200, least=10, budget_seconds=budget_seconds
        )
        ours = found[FORGE].median_seconds
        told = []
        for peer, target in TARGETS[kind].items():
            if peer in found:
                ratio = found[peer].median_seconds / ours
                told.append(f"{ratio:.2f} × {peer}, ≥ {target:g}{'' if ratio >= target else ' MISSED'}")
            else:
                told.append(f"{peer} is not there, ≥ {target:g}")
        times = " | ".join(f"{found[name].median_seconds * 1000:.2f}" for name in names)
        yield f"| {kind} ({len(found[FORGE].seconds)} each) | {times} | {'; '.join(told)} |"


def clones(folder: Path, ours: str, theirs: str, rounds: int, named: str) -> Iterable[str]:
    """The lines of clones by git itself, in alternating pairs; of those whose name has the letters `named`."""
    wanted = {kind: options for kind, options in CLONES.items() if named in kind}
    if not wanted:
        return
    yield f"| clone | {FORGE}, ms | {GIT}, ms | ratio, target |"
    yield "| --- | --- | --- | --- |"
    for kind, options in wanted.items():
        seconds: dict[str, list[float]] = {ours: [], theirs: []}
        for number in range(rounds + 1):
            for url in (ours, theirs):
                with tempfile.TemporaryDirectory(dir=folder) as into:
                    begun = time.perf_counter()
                    mirrors.git("clone", "-q", "--bare", *options, url, into, cwd=folder)
                    if number:  # the first of each is to warm up
                        seconds[url].append(time.perf_counter() - begun)
        own, other = median(seconds[ours]), median(seconds[theirs])
        ratio = own / other
        yield (
            f"| {kind} ({rounds} each) | {own * 1000:.0f} | {other * 1000:.0f} "
            f"| {ratio:.2f}, ≤ {CLONE_RATIO}{'' if ratio <= CLONE_RATIO else ' MISSED'} |"
        )


class Memory(threading.Thread):
    """Watches a server and its children: the most of PSS, and of what of it is no page of a file."""

    def __init__(self, processes: list[psutil.Process]):
        super().__init__(daemon=True)
        self._processes, self._ended = processes, threading.Event()
        self.before = self.most = self.most_anonymous = (0.0, 0.0)
        self.before = self._now()
        self.most = self.before

    def run(self) -> None:
        while not self._ended.wait(0.05):
            now = self._now()
            self.most = max(self.most[0], now[0]), max(self.most[1], now[1])

    def end(self) -> tuple[float, float]:
        """MB more than before: all, and without pages of files."""
        self._ended.set()
        self.join()
        return self.most[0] - self.before[0], self.most[1] - self.before[1]

    def _now(self) -> tuple[float, float]:
        whole = anonymous = 0
        for root in self._processes:
            for process in (root, *root.children(recursive=True)):
                try:
                    # A child that is not another program yet borrows its parent's memory: it would count twice.
                    if process is not root and time.time() - process.create_time() < JUST_STARTED_SECONDS:
                        continue
                    text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
                except (OSError, psutil.Error):  # ended meanwhile
                    continue
                kilobytes = {line.split()[0]: int(line.split()[1]) for line in text.splitlines()[1:]}
                whole += kilobytes["Pss:"]
                anonymous += kilobytes["Pss_Anon:"]
        return whole / 1024, anonymous / 1024


def many_clones(
    url: str, oid: str, megabytes: int, processes: list[psutil.Process], page: Callable[[], float]
) -> tuple[float, float, float, list[float], int]:
    """Twenty readers take the large repository at once, from a process of their own that drops what it gets: seconds
    until all have it, MB more of memory, MB without pages of files, seconds of pages meanwhile, and answers of "busy".
    """
    memory = Memory(processes)
    memory.start()
    begun = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.code", "--take", url, "--oid", oid, "--megabytes", str(megabytes)]
    meanwhile = []
    with subprocess.Popen(command, cwd=peers.ROOT, stdout=subprocess.PIPE) as takers:
        assert takers.stdout is not None
        while takers.poll() is None:
            meanwhile.append(page())
        busy = int(takers.stdout.read() or -1)
    if takers.returncode:
        raise RuntimeError(f"The clones of {url} ended with status {takers.returncode}.")
    return time.perf_counter() - begun, *memory.end(), meanwhile, busy


def take(url: str, oid: str, megabytes: int) -> None:
    """Be twenty readers, each with an address of its own; prints how many were told to come again."""
    busy, faults = [], []
    host, _, path = url.removeprefix("http://").partition("/")
    lines = ("command=fetch", "", "no-progress", "ofs-delta", f"want {oid}", "done")
    body = b"".join(b"%04x%s\n" % (len(line) + 5, line.encode()) if line else b"0001" for line in lines) + b"0000"

    def one_reader(number: int) -> None:
        while True:
            connection = HTTPConnection(host, timeout=300)
            headers = {
                "Content-Type": "application/x-git-upload-pack-request",
                "Git-Protocol": "version=2",
                "X-Forwarded-For": f"192.0.2.{number + 1}",
            }
            connection.request("POST", f"/{path}/git-upload-pack", body, headers)
            answer, size = connection.getresponse(), 0
            while piece := answer.read1(1 << 16):
                size += len(piece)
            connection.close()
            if answer.status != 503:
                break
            busy.append(number)
            time.sleep(1)
        if answer.status != 200 or size < megabytes << 20:
            faults.append(f"{answer.status}, {size} bytes")

    threads = [threading.Thread(target=one_reader, args=(number,)) for number in range(CLONES_AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise SystemExit(f"{len(faults)} clones failed: {faults[0]}")
    print(len(busy))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.code", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--commits", type=int, default=5_000, help=f"at least {4 * FAR_PAGE * FORGE_COMMITS // 2}")
    parser.add_argument("--megabytes", type=int, default=100, help="of the repository that is cloned at once")
    parser.add_argument("--seconds", type=float, default=10, help="for each kind of page")
    parser.add_argument("--rounds", type=int, default=9, help="of each kind of clone")
    parser.add_argument("--kinds", default="", help="only lines whose name has these letters")
    parser.add_argument("--take", help=argparse.SUPPRESS)
    parser.add_argument("--oid", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.take:
        take(given.take, given.oid, given.megabytes)
        return
    with tempfile.TemporaryDirectory(prefix="forge-bench-code-") as temporary, ExitStack() as open_servers:
        run(given, Path(temporary), open_servers)


def run(given: argparse.Namespace, folder: Path, open_servers: ExitStack) -> None:
    data = folder / "data"
    (folder / "origins").mkdir()
    book = repository.make(folder / "origins" / "book.git", given.files, given.commits)
    large = repository.make(folder / "origins" / "large.git", 40, 60)
    for made in (book, large):
        repository.remove(made, "plugins/map/LICENSE")  # its text is not recognized, and no such code is served
    repository.add_random(large, files=given.megabytes, bytes_each=1 << 20)
    with mirrors.origins(folder / "origins") as base:
        catalogue = mirrors.Catalogue(data, base, ["book", "large"])
        outcomes = catalogue.visits()
        if outcomes.count("full") != 2:  # a large one is read before it is copied: "on-hold" comes first
            raise RuntimeError(f"The mirrors were not made: {outcomes}")
    ids = catalogue.ids
    catalogue.store.close()
    book, oid = data / "mirrors" / f"{ids['book']}.git", mirrors.git("rev-parse", "main", cwd=large).decode()

    forge = open_servers.enter_context(peers.forge(data, FORGE_PROXIES="127.0.0.1"))
    others, missing = code_peers.started(open_servers, folder / "peers", data / "mirrors", [book])
    ports = {FORGE: forge.port} | {name: peer.port for name, peer in others.items()}
    load = psutil.getloadavg()[0]
    print(f"Processors: {psutil.cpu_count()}; load before: {load:.1f}; Python {platform.python_version()}")
    for line in (*code_peers.versions(), *(f"Missing: {name}" for name in missing)):
        print(line)
    kinds = {kind: paths for kind, paths in asked(tried(book), "book", book.name).items() if given.kinds in kind}
    for line in pages(kinds, ports, given.seconds) if kinds else ():
        print(line, flush=True)
    if GIT not in others:
        return
    print()
    theirs = f"http://127.0.0.1:{others[GIT].port}"
    for line in clones(
        folder, f"http://127.0.0.1:{forge.port}/git/book.git", f"{theirs}/{book.name}", given.rounds, given.kinds
    ):
        print(line, flush=True)
    if given.kinds not in AT_ONCE:
        return

    connection = HTTPConnection("127.0.0.1", forge.port, timeout=60)
    path = asked(tried(book), "book", book.name)["warm file"][FORGE](0)
    quiet = [once(connection, path)[0] for _ in range(100)]
    print(f"\n| {CLONES_AT_ONCE} clones of {given.megabytes} MB at once | {FORGE} | {GIT} | target |")
    print("| --- | --- | --- | --- |")
    address = f"http://127.0.0.1:{forge.port}/git/large.git"
    ours = many_clones(address, oid, given.megabytes, [forge.process], lambda: once(connection, path)[0])
    address = f"{theirs}/{ids['large']}.git"
    git = many_clones(address, oid, given.megabytes, others[GIT].processes, lambda: once(connection, path)[0])
    slower = [median(measured[3]) / median(quiet) for measured in (ours, git)]
    print(f"| seconds until all have it | {ours[0]:.1f} | {git[0]:.1f} | |")
    missed = " MISSED" if ours[2] > MEMORY_MB else ""
    print(f"| memory beside pages of files, MB more | {ours[2]:.0f} | {git[2]:.0f} | ≤ {MEMORY_MB:.0f}{missed} |")
    print(f"| with the pages of the pack, MB more (PSS) | {ours[1]:.0f} | {git[1]:.0f} | |")
    missed = " MISSED" if slower[0] > PAGE_RATIO else ""
    print(
        f"| a page of a file meanwhile, times as slow | {slower[0]:.1f} | {slower[1]:.1f} | ≤ {PAGE_RATIO:g}{missed} |"
    )
    print(f"| pages meanwhile; told to come again | {len(ours[3])}; {ours[4]} | {len(git[3])}; {git[4]} | |")


if __name__ == "__main__":
    main()
