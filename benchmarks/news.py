"""How soon readers find what another process wrote: a project's page after its record changed, and a search after its
name did, with one web process and with two. It prints how old the last old answer was, and decides nothing.

    python -m benchmarks.news [--projects 3000] [--rounds 20]

Each question comes on a connection of its own, so that each of two processes answers some. What the process that writes
needs for its transaction counts for nothing: the clock starts when it ended.
"""

import argparse
import statistics
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

from benchmarks import peers, words
from catalog.model import Document
from catalog.store import Store

TARGET_SECONDS = 1.0  # until a page or a search shows a change
WATCHED_SECONDS = 2.5  # after each change: an old answer later than that is not seen
BETWEEN_SECONDS = 0.01


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.news", description=__doc__.partition("\n")[0])
    parser.add_argument("--projects", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args(arguments)
    made = words.document(given.projects)
    for processes in (1, 2):
        with tempfile.TemporaryDirectory(prefix="forge-bench-") as temporary:
            data = Path(temporary)
            peers.load_forge(made, data)
            with peers.forge(data, workers=processes) as served, closing(Store(peers.sqlite(data))) as store:
                found = measured(store, made, served.port, given.rounds)
        for what, ages in found.items():
            late = sum(age > TARGET_SECONDS for age in ages)
            print(
                f"{processes} web process{'es' * (processes > 1)}, {what}: new after {statistics.median(ages):.2f} s, "
                f"{max(ages):.2f} s at most of {len(ages)}{f'; {late} MISSED {TARGET_SECONDS:.0f} s' if late else ''}"
            )


def measured(store: Store, made: Document, port: int, rounds: int) -> dict[str, list[float]]:
    """Seconds from the end of a change to the last old answer, by what was asked."""
    first = made.projects[0]
    ages: dict[str, list[float]] = {"page": [], "search": []}
    for number in range(rounds):
        name = f"Zebulon {number} {chr(97 + number % 26) * 7}"
        changed = replace(made, projects=(replace(first, name=name), *made.projects[1:]))
        store.curated_document.load(changed, digest=name, now=datetime.now(UTC))
        asked = {"page": f"/en/projects/{first.slug}", "search": f"/en/projects?q={quote(name)}"}
        began = time.perf_counter()
        last = dict.fromkeys(asked, 0.0)
        while (age := time.perf_counter() - began) < WATCHED_SECONDS:
            for what, path in asked.items():
                # The page of results tells what was asked; a name stands in its list as a link.
                if f">{name}<" not in _text(port, path):
                    last[what] = age
            time.sleep(BETWEEN_SECONDS)
        for what, age in last.items():
            ages[what].append(age)
    return ages


def _text(port: int, path: str) -> str:
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read().decode()


if __name__ == "__main__":
    main()
