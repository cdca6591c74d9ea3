"""Mirrors real repositories through the command, beside `git clone --mirror` of the same, and clones them back.

    python -m benchmarks.real FOLDER [FOLDER ...] [--work FOLDER] [--skip-clone]

Each FOLDER is a bare git directory, or holds some; they are read only. Their heads and tags are served on loopback by
git's own `http-backend`. Prints a table: time, peak memory (resident set of the command with all its children, so that
shared pages count more than once), detected license, outcome, and whether what is cloned back is whole and has the same
refs.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.hosts.git_origin import GIT_ENVIRONMENT, an_origin, git, listing  # noqa: E402

from catalog.document import complete, dump  # noqa: E402
from catalog.model import Document, Manifest, Project  # noqa: E402

SAMPLE_SECONDS = 0.05
START_SECONDS = 30.0
MANIFEST = UUID("7d4b7a52-8f0e-4b1c-9a53-0f4c5f1f7a10")
FORGE = [sys.executable, "-m", "forge.cli"]


@dataclass
class Row:
    """What was measured of one repository; seconds and bytes."""

    slug: str
    commits: int = 0
    seconds: float = 0.0
    peak_bytes: int = 0
    mirror_bytes: int = 0
    outcome: str = ""
    reason: str = ""
    license: str = ""
    clone_seconds: float = 0.0
    clone_peak_bytes: int = 0
    clone_bytes: int = 0
    clone_failed: bool = False  # as a snapshot that lacks objects makes it
    back: str = ""


class Peak:
    """The largest resident set of a process and its children since it was last asked, sampled in a thread."""

    def __init__(self, pid: int):
        self._process, self._most, self._done = psutil.Process(pid), 0, threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def taken(self) -> int:
        most, self._most = self._most, 0
        return most

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            total = 0
            try:
                family = [self._process, *self._process.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            for process in family:
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self._most = max(self._most, total)


def repositories(folders: list[Path]) -> dict[str, Path]:
    """Bare git directories below these folders by a slug: of their own name, or their parent's where it is `repo`."""
    found: dict[str, Path] = {}
    for folder in folders:
        places = [folder] if (folder / "HEAD").is_file() else sorted(path.parent for path in folder.glob("*/HEAD"))
        places = places or sorted(path.parent for path in folder.glob("*/*/HEAD"))
        for place in places:
            name = place.parent.name if place.name in ("repo", ".git") else place.name
            slug = name.rpartition("+")[2].removesuffix(".git").lower().replace("_", "-").replace(".", "-")
            found[slug] = place.resolve()
    return found


def publish(place: Path, shown: Path) -> None:
    """A repository that shows the heads and tags of another and borrows its objects: what a mirror here is to hold."""
    git("init", "--quiet", "--bare", shown)
    (shown / "objects" / "info" / "alternates").write_text(f"{place / 'objects'}\n")
    rows = [line for line in listing(place).decode("utf-8", "surrogateescape").splitlines() if line]
    (shown / "packed-refs").write_text("".join(f"{row}\n" for row in rows), errors="surrogateescape")
    shutil.copy(place / "HEAD", shown / "HEAD")


def document(slugs: list[str], base: str) -> str:
    projects = tuple(
        Project(
            slug=slug,
            name=slug,
            summary={"en": f"Shows that {slug} can be mirrored"},
            repository=f"{base}{slug}.git",
            domains=("member-management",),
            sources=("https://example.org",),
        )
        for slug in slugs
    )
    manifest = Manifest(id=MANIFEST, name={"en": "Real repositories"}, languages=("en", "fr"))
    return dump(complete(Document(manifest=manifest, projects=projects)))


def mirror(rows: Mapping[str, Row], environment: Mapping[str, str]) -> float:
    """`forge refresh --all`, one at a time, each line measured as it comes; the whole time in seconds."""
    began = last = time.monotonic()
    command = [*FORGE, "refresh", "--all", "--jobs", "1", "--json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        peak = Peak(process.pid)
        for line in process.stdout or ():
            told, now = json.loads(line), time.monotonic()
            row = rows[told["slug"]]
            row.seconds, row.peak_bytes, last = now - last, peak.taken(), now
            row.outcome, row.reason, row.license = told["outcome"], told["reason"], told["license"] or "none"
            print(f"{row.slug}: {row.outcome}, {row.seconds:.1f} s", file=sys.stderr)
        peak.stop()
    return time.monotonic() - began


def clone_mirrors(rows: Mapping[str, Row], base: str, work: Path) -> None:
    """`git clone --mirror` of each, its time and memory, for comparison."""
    for slug, row in rows.items():
        place, began = work / "clone.git", time.monotonic()
        command = ["git", "clone", "--quiet", "--mirror", f"{base}{slug}.git", str(place)]
        with subprocess.Popen(command, env=GIT_ENVIRONMENT) as process:
            peak = Peak(process.pid)
            process.wait()
            row.clone_seconds, row.clone_peak_bytes = time.monotonic() - began, peak.taken()
            peak.stop()
            row.clone_failed = process.returncode != 0
        row.clone_bytes = size_bytes(place)
        shutil.rmtree(place, ignore_errors=True)


def clone_back(rows: Mapping[str, Row], origins: Mapping[str, Path], address: str, work: Path) -> None:
    """Clone each from the catalogue: is it whole, and are heads and tags those of the origin?"""
    for slug, row in rows.items():
        place = work / "back.git"
        shutil.rmtree(place, ignore_errors=True)
        command = ["git", "clone", "--quiet", "--mirror", f"{address}/git/{slug}.git", str(place)]
        began = time.monotonic()
        cloned = subprocess.run(command, env=GIT_ENVIRONMENT, capture_output=True, text=True)
        if cloned.returncode:
            row.back = "refused: " + cloned.stderr.strip().splitlines()[-1][:80]
            continue
        seconds = time.monotonic() - began
        fsck = subprocess.run(["git", "fsck", "--full"], cwd=place, env=GIT_ENVIRONMENT, capture_output=True, text=True)
        same = "same refs" if listing(place) == listing(origins[slug]) else "OTHER REFS"
        row.back = f"{seconds:.1f} s, fsck {'clean' if fsck.returncode == 0 else 'NOT CLEAN'}, {same}"
        shutil.rmtree(place)


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.monotonic()
    process = subprocess.Popen([*FORGE, "serve", "--no-worker", "--port", str(port)], env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                urllib.request.urlopen(f"{address}/livez").close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() - began > START_SECONDS:
                    raise
                time.sleep(0.05)
        print(f"first answer after {time.monotonic() - began:.2f} s", file=sys.stderr)
        yield address
    finally:
        process.terminate()
        process.wait()


def size_bytes(folder: Path) -> int:
    """Of all files below it; 0 where there is no such folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def table(rows: Mapping[str, Row]) -> str:
    lines = [
        "| repository | commits | mirror | time | peak | outcome | license | git clone --mirror | peak | size |"
        " cloned back |",
        "|---|--:|--:|--:|--:|---|---|--:|--:|--:|---|",
    ]
    for row in sorted(rows.values(), key=lambda row: row.commits):
        lines.append(
            f"| {row.slug} | {row.commits:,} | {row.mirror_bytes / 1e6:.1f} MB | {row.seconds:.1f} s"
            f" | {row.peak_bytes / 1e6:.0f} MB | {row.outcome} | {row.license}"
            f" | {'failed, ' if row.clone_failed else ''}{row.clone_seconds:.1f} s"
            f" | {row.clone_peak_bytes / 1e6:.0f} MB | {row.clone_bytes / 1e6:.1f} MB | {row.back} |"
        )
    return "\n".join(lines)


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("folders", nargs="+", type=Path)
    asked.add_argument("--work", type=Path, help="Where mirrors and clones are made, and left; else a draft.")
    asked.add_argument("--skip-clone", action="store_true", help="Do not measure git clone --mirror.")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as draft:
        run(repositories(given.folders), (given.work or Path(draft)).absolute(), compare=not given.skip_clone)


def run(origins: Mapping[str, Path], work: Path, *, compare: bool) -> None:
    served = work / "origins"
    for slug, place in origins.items():
        publish(place, served / f"{slug}.git")
    rows = {slug: Row(slug) for slug in origins}
    for slug, row in rows.items():
        count = ["git", "rev-list", "--count", "--branches", "--tags"]
        row.commits = int(subprocess.run(count, cwd=origins[slug], env=GIT_ENVIRONMENT, capture_output=True).stdout)
    with an_origin(served) as origin:
        base = origin.url("git/")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FORGE_")} | {
            "PYTHONPATH": str(ROOT),
            "FORGE_CATALOG": str(work / "catalog.yaml"),
            "FORGE_DATA": str(work / "data"),
            "FORGE_ALLOW_NETWORKS": "127.0.0.1/32",
        }
        (work / "catalog.yaml").write_text(document(list(origins), base))
        subprocess.run([*FORGE, "import", str(work / "catalog.yaml")], env=environment, check=True)
        first = mirror(rows, environment)
        for folder in sorted((work / "data" / "mirrors").iterdir()):
            slug = next(slug for slug in rows if _identity(slug) == folder.name.removesuffix(".git"))
            rows[slug].mirror_bytes = size_bytes(folder)
        idle = mirror({slug: Row(slug) for slug in rows}, environment)
        if compare:
            clone_mirrors(rows, base, work)
    with serving(environment) as address:
        clone_back(rows, origins, address, work)
    print(table(rows))
    print(f"\nAll first visits one after another: {first:.1f} s; all again with nothing new: {idle:.1f} s.")


def _identity(slug: str) -> str:
    manifest = Manifest(id=MANIFEST, name={"en": ""}, languages=("en",))
    return str(manifest.identity("project", slug))


if __name__ == "__main__":
    main()
