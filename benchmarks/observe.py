"""Measures what a visit reads of a repository of 10,000 files and 10,000 commits, and prints a table with the targets.

    python -m benchmarks.observe [--files N] [--commits N] [--repository BARE_FOLDER] [--peers]

Cold is a first reading; then ten commits are pushed and what the first reading left is given to the second. All runs in
the child that the service uses: its start is measured apart, and so is its memory. With `--peers` the same files are
read by Debian's licensecheck and by ScanCode, where they are installed; they tell licenses and nothing else, and
ScanCode takes long. It ends with 0 whatever it measured.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from benchmarks import repository
from forge.mirroring.observer_process import ObserverProcess
from forge.mirroring.snapshot import MirrorReading, read_mirror

NOW = datetime(2026, 11, 24, tzinfo=UTC)
COLD_SECONDS, PUSHED_SECONDS = 5.0, 0.3  # the targets
TASK_SECONDS = 600
SAMPLE_SECONDS = 0.02


@dataclass(frozen=True)
class Row:
    what: str
    seconds: float
    target_seconds: float | None = None
    note: str = ""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.observe", description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=repository.FILES)
    parser.add_argument("--commits", type=int, default=repository.COMMITS)
    parser.add_argument("--repository", type=Path, help="a bare repository to read instead; nothing is pushed to it")
    parser.add_argument("--peers", action="store_true", help="also licensecheck and ScanCode, where installed")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="forge-bench-") as temporary:
        folder, made = given.repository, given.repository is None
        if made:
            print(f"making {given.files:,} files and {given.commits:,} commits", file=sys.stderr, flush=True)
            folder = repository.make(Path(temporary) / "made.git", given.files, given.commits)
        rows = measured(folder, push=made)
        if given.peers:
            rows += _peers(folder, Path(temporary))
    print(printed(rows))


def made(files: int, commits: int) -> list[Row]:
    """What is measured of a repository made for it."""
    with tempfile.TemporaryDirectory(prefix="forge-bench-") as temporary:
        return measured(repository.make(Path(temporary) / "made.git", files, commits), push=True)


def measured(mirror: Path, *, push: bool) -> list[Row]:
    """A first reading, one after ten commits, and one of what has not changed, in a child as the service has it."""
    observers, stopping = ObserverProcess(task_seconds=TASK_SECONDS), threading.Event()

    def reading(memory: dict[str, Any]) -> tuple[float, MirrorReading]:
        began = time.perf_counter()
        told = observers.run(stopping, read_mirror, mirror, "tool", ("en", "fr"), NOW, memory)
        seconds = time.perf_counter() - began
        if told is None:
            raise RuntimeError(f"{mirror} has no branch to read.")
        return seconds, told

    try:
        with _peak() as peak:
            first_seconds, cold = reading({})
        cold_seconds, cold = reading({})
        memory = json.dumps(cold.memory)
        if push:
            repository.push(mirror)
        pushed_seconds, pushed = reading(json.loads(memory))
        again_seconds, _ = reading(pushed.memory)
        fresh_seconds, fresh = reading({})
    finally:
        observers.end()
    same = (fresh.observation, fresh.facts) == (pushed.observation, pushed.facts)
    note = "the same as a first reading tells" if same else "NOT the same as a first reading tells"
    return [
        Row("first reading, child not started", first_seconds, None, f"child at most {peak() >> 20} MB (PSS)"),
        Row("first reading, child warm", cold_seconds, COLD_SECONDS, f"{len(cold.facts)} facts"),
        Row("after ten commits", pushed_seconds, PUSHED_SECONDS, note) if push else Row("again", pushed_seconds),
        Row("nothing new", again_seconds, None, f"memory of {len(memory):,} bytes"),
        Row("first reading after it", fresh_seconds),
    ]


def printed(rows: list[Row]) -> str:
    lines = ["What a visit reads of one repository, in seconds.", ""]
    for row in rows:
        target = ""
        if row.target_seconds is not None:
            missed = "" if row.seconds <= row.target_seconds else "  MISSED"
            target = f"<= {row.target_seconds:g}{missed}"
        lines.append(f"{row.what:<36}{row.seconds:>9.3f}  {target:<16}{row.note}".rstrip())
    return "\n".join(lines)


def _peers(mirror: Path, temporary: Path) -> list[Row]:
    files = temporary / "files"
    files.mkdir()
    archive = subprocess.run(["git", "-C", str(mirror), "archive", "HEAD"], check=True, stdout=subprocess.PIPE).stdout
    subprocess.run(["tar", "-x", "-C", str(files)], input=archive, check=True)
    orders = {
        "licensecheck, same files": ["licensecheck", "--recursive", "--machine", "--shortname-scheme=spdx", str(files)],
        "ScanCode, same files": ["scancode", "--quiet", "--license", "--json", os.devnull, str(files)],
    }
    return [_timed(what, order) for what, order in orders.items()]


def _timed(what: str, order: list[str]) -> Row:
    if shutil.which(order[0]) is None:
        return Row(what, 0.0, None, f"{order[0]} is not installed")
    began = time.perf_counter()
    ended = subprocess.run(order, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    return Row(what, time.perf_counter() - began, None, f"ended with status {ended}" if ended else "")


@contextmanager
def _peak() -> Iterator[Callable[[], int]]:
    """The largest proportional set size that a child of this process had in the block, git's processes among them."""
    most, done, own = [0], threading.Event(), psutil.Process()

    def watch() -> None:
        while not done.wait(SAMPLE_SECONDS):
            sizes = []
            for child in own.children():
                try:
                    sizes.append(child.memory_full_info().pss)
                except psutil.Error:
                    continue
            most[0] = max(most[0], max(sizes, default=0))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield lambda: most[0]
    finally:
        done.set()
        thread.join()


if __name__ == "__main__":
    main()
