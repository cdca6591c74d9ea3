"""How much memory the service holds over the shipped catalogue: after a start, once pages and searches were read in
five languages, after a crawl, and during mixed load.

    python -m benchmarks.memory [--minutes 60] [--data FOLDER]

PSS of Linux, in MB. The first document takes a while to load; `--data` keeps it for the next run.
"""

import argparse
import contextlib
import random
import re
import tempfile
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import psutil

from benchmarks import peers

LANGUAGES = ("en", "fr", "es", "pt", "ar")
SEARCHES = ("association", "comptabilité", "gestión de socios", "agenda", "محاسبة", "wiki", "crm", "sondage")
PAGES = ("/", "/projects", "/domains", "/organizations", "/places", "/calls", "/about", "/help", "/statistics", "/log")
BELOW = ("", "/users", "/facts", "/history", "/help", "/declare")
LIMIT_MB = 220


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60, help="of mixed load")
    parser.add_argument("--data", type=Path, help="a folder that keeps the data for the next run")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="forge-bench-") as temporary:
        data = given.data or Path(temporary)
        document = str(peers.ROOT / "catalog.yaml")
        # The worker visits what the network lets it visit, and keeps next to nothing of it.
        with peers.forge(data, worker=True, FORGE_CATALOG=document, FORGE_MIRRORS_MAX_BYTES="1000000") as forge:
            told = _teller(forge.process)
            time.sleep(10)  # the worker starts beside the web
            told("after the start")
            paths = _paths(forge.port)
            for path in paths:
                _read(forge.port, path)
            told("pages and searches in five languages")
            _crawl(forge.port, told)
            _load(forge.port, paths, given.minutes * 60, told)


def _teller(process: psutil.Process) -> Callable[[str], None]:
    began = time.monotonic()

    def tell(what: str) -> None:
        own, every = process.memory_full_info().pss / 1e6, _held(process)
        minutes = (time.monotonic() - began) / 60
        mark = "" if every <= LIMIT_MB else f"  > {LIMIT_MB}"
        shares = f"service {own:5.0f}  with its children {every:5.0f} MB"
        print(f"{minutes:6.1f} min  {shares}{mark}  {what}", flush=True)

    print("PSS")
    return tell


def _held(process: psutil.Process) -> float:
    """PSS of a process and of those it started, in MB; what ended meanwhile holds nothing."""
    held = 0.0
    for running in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            held += running.memory_full_info().pss / 1e6
    return held


def _paths(port: int) -> list[str]:
    """The pages of every language, and searches."""
    found = (path.rpartition("/") for path in _addresses(port, "projects-1"))
    slugs = [slug for head, _, slug in found if head.endswith("/en/projects")][:8]
    return [
        f"/{tag}{path}"
        for tag in LANGUAGES
        for path in (
            *PAGES,
            *(f"/projects/{slug}{below}" for slug in slugs for below in BELOW),
            *(f"/projects?q={quote(words)}" for words in SEARCHES),
        )
    ]


def _crawl(port: int, told: Callable[[str], None]) -> None:
    every = [path for part in ("projects-1", "organizations-1", "pages-1") for path in _addresses(port, part)]
    for path in every:
        _read(port, "/" + path.split("/", 3)[3])
    told(f"a crawl of {len(every)} addresses of the site map")


def _load(port: int, paths: list[str], seconds: float, told: Callable[[str], None]) -> None:
    """Read at random, with addresses that no cache has, and say twelve times what is held."""
    chance, ends = random.Random(1), time.monotonic() + seconds
    for part in range(1, 13) if seconds else ():
        until = ends - seconds * (12 - part) / 12
        read = 0
        while time.monotonic() < until:
            path = chance.choice(paths)
            _read(port, f"{path}{'&' if '?' in path else '?'}drawn={chance.randrange(10**6)}")
            read += 1
        told(f"mixed load, {read} pages")


def _addresses(port: int, part: str) -> list[str]:
    """What the site map lists of this part, in every language."""
    return re.findall(r"<loc>([^<]+)</loc>", _read(port, f"/sitemap/{part}.xml"))


def _read(port: int, path: str) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


if __name__ == "__main__":
    main()
