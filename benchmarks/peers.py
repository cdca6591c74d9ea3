"""Forge and Datasette, filled with the same catalogue and started as their users would. It measures nothing.

Datasette stands in an environment of its own, from `requirements.lock`: one table with a row a project, its texts in a
full-text index that stems (FTS5, porter), an index on each column that is a facet. Facets get the time that they need:
with its default of 200 ms Datasette leaves out those that take longer.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import psutil

from catalog.model import Document, Project
from catalog.store.store import Store

ROOT = Path(__file__).parents[1]
LOCK = Path(__file__).parent / "requirements.lock"
START_SECONDS = 9000  # the first start builds the search index: a million projects
COLUMNS = ("domain", "made_for", "language", "country", "license", "self_hosted")
_TEXTS = ("name", "summary", "description", "features", "replaces")


@dataclass(frozen=True)
class Peer:
    """A running server: where it listens, its process, and the seconds from its start to its first answer."""

    name: str
    port: int
    process: psutil.Process
    start_seconds: float

    @property
    def cpu_seconds(self) -> float:
        """Time of the processor that the process and its children took, as far as these run still."""
        every = [self.process, *self.process.children(recursive=True)]
        return sum(sum(process.cpu_times()[:2]) for process in every)

    @property
    def pss_bytes(self) -> int:
        """Memory of the process and its children, shared pages counted by share."""
        every = [self.process, *self.process.children(recursive=True)]
        return sum(process.memory_full_info().pss for process in every)


def environment(folder: Path) -> Path:
    """The Python of Datasette's environment in `folder`, made from the lock when it is not there yet."""
    made = folder / "datasette"
    python, mark = made / "bin" / "python", made / "installed.lock"
    if not mark.is_file() or mark.read_bytes() != LOCK.read_bytes():
        print("Datasette is installed into .bench (once).", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", made], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", LOCK], check=True)
        mark.write_bytes(LOCK.read_bytes())
    return python


def load_forge(document: Document, data: Path, database: str | None = None) -> float:
    """Load the catalogue through the store, as `forge import` does after its checks; the seconds it took.

    `database`: the URL of another one than the file in the data folder.
    """
    (data / "search").mkdir(parents=True)
    store = Store(database or sqlite(data))
    store.migrate()
    begun = time.perf_counter()
    store.curated_document.load(document, digest="synthetic", now=datetime.now(UTC))
    store.close()
    return time.perf_counter() - begun


def sqlite(data: Path) -> str:
    """The URL of the database in a data folder."""
    return f"sqlite:///{data / 'catalog.db'}"


def load_datasette(document: Document, path: Path) -> None:
    """The same projects as one table with a full-text index and an index a facet."""
    with closing(sqlite3.connect(path)) as connection, connection:
        columns = ("slug", *_TEXTS, *COLUMNS, "homepage", "repository", "uses", "record")
        connection.execute(f"CREATE TABLE projects (slug TEXT PRIMARY KEY, {', '.join(columns[1:])})")
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO projects VALUES ({marks})", map(_row, document.projects))
        for name in COLUMNS:
            connection.execute(f"CREATE INDEX projects_{name} ON projects ({name})")
        texts = ", ".join(_TEXTS)
        # Datasette finds the index by these quotes; without it, `_search` is passed over in silence.
        connection.execute(
            f"CREATE VIRTUAL TABLE projects_fts USING fts5({texts}, tokenize='porter unicode61', content=\"projects\")"
        )
        connection.execute(f"INSERT INTO projects_fts (rowid, {texts}) SELECT rowid, {texts} FROM projects")
        connection.execute("ANALYZE")


def _row(project: Project) -> tuple[object, ...]:
    def told(words: object) -> str:
        return json.dumps(words, ensure_ascii=False)

    def first(values: tuple[str, ...]) -> str | None:
        return values[0] if values else None

    uses = [
        [adoption.organization, adoption.stage, adoption.since, adoption.purpose, adoption.sources]
        for adoption in project.adoptions
    ]
    return (
        project.slug,
        project.name,
        "\n".join(project.summary.values()),
        "\n".join(project.description.values()),
        "\n".join(line for lines in project.feature_lines.values() for line in lines),
        ", ".join(project.replaces),
        first(project.domains),
        first(project.made_for),
        first(tuple(language.term for language in project.languages)),
        first(project.deployment_countries),
        project.license,
        project.runs.self_hosted if project.runs else None,
        project.homepage,
        project.repository,
        len(project.adoptions),
        told(
            {
                "uses": uses,
                "maintenance": [[maintenance.organization, maintenance.role] for maintenance in project.maintenance],
            }
        ),
    )


@contextmanager
def forge(data: Path, *, worker: bool = False, **more: str) -> Iterator[Peer]:
    """`forge serve` on a data folder; `worker`: with the work behind the pages, `more`: settings by name."""
    port = free_port()
    command = [sys.executable, "-m", "forge.cli", "serve", "--port", str(port)]
    command += [] if worker else ["--no-worker"]
    settings = {name: value for name, value in os.environ.items() if not name.startswith("FORGE_")}
    settings |= {"FORGE_DATA": str(data), "FORGE_CATALOG": str(data / "none.yaml")} | more
    with _running("Forge", command, port, "/en/", settings) as peer:
        yield peer


def run(command: Sequence[str], data: Path, settings: Mapping[str, str]) -> None:
    """A command of Forge on a data folder; `doctor` ends with 1 or 3 where nobody set up what is around a catalogue."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FORGE_")}
    given = kept | {"FORGE_DATA": str(data), "FORGE_CATALOG": str(data / "none.yaml")} | dict(settings)
    ran = subprocess.run(
        [sys.executable, "-m", "forge.cli", *command], cwd=ROOT, env=given, capture_output=True, text=True
    )
    if ran.returncode not in ((0, 1, 3) if command[0] == "doctor" else (0,)):
        raise RuntimeError(f"forge {command[0]}: {ran.stderr}")


@contextmanager
def datasette(python: Path, path: Path) -> Iterator[Peer]:
    """One process of Datasette on a file that it may take as never changing, as it is fastest."""
    port = free_port()
    command = [str(python), "-m", "datasette", "serve", "--immutable", str(path), "--port", str(port)]
    for name, value in (
        ("default_page_size", 20),
        ("suggest_facets", 0),
        ("facet_time_limit_ms", 60_000),
        ("sql_time_limit_ms", 60_000),
    ):
        command += ["--setting", name, str(value)]
    with _running("Datasette", command, port, "/", dict(os.environ)) as peer:
        yield peer


@contextmanager
def _running(name: str, command: list[str], port: int, page: str, environment: dict[str, str]) -> Iterator[Peer]:
    begun = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait(name, process, port, page)
            yield Peer(name, port, psutil.Process(process.pid), time.perf_counter() - begun)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(name: str, process: subprocess.Popen[bytes], port: int, page: str) -> None:
    """Until the first page that is answered."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended at its start with status {process.returncode}.")
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", page)
            status = connection.getresponse().status
        except (ConnectionError, TimeoutError):  # among a million projects the first page counts for a while
            time.sleep(0.01)
        else:
            if status != 200:
                raise RuntimeError(f"{name} answered its first page with status {status}.")
            return
        finally:
            connection.close()
    raise RuntimeError(f"{name} did not answer within {START_SECONDS} s.")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
