"""A PostgreSQL server for one run of the tests: found on this machine, started, stopped. It knows no table of ours.

`FORGE_TEST_POSTGRES`, a postgresql:// URL whose user may create databases, names a server to use instead. Ours listens
on no port, only on a socket in a folder that nobody else may enter, and dies with the process that started it.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

PACKAGE = "postgresql"
START_SECONDS = 30
PORT = 5432  # of the name of its socket
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=80")


class NoPostgres(Exception):
    """The tests need a PostgreSQL and there is none; the sentence says what to install."""


@contextmanager
def server(settings: Sequence[str] = FAST, port: int = PORT) -> Iterator[URL]:
    """The address of a running server; one that we started is stopped at the end, whatever happened in between.
    `port`: for settings with which it listens on a network too.

    With the settings of the tests it forgets everything at a power cut; what measures it gives others.
    Raises NoPostgres with one sentence when the machine has none.
    """
    given = os.environ.get("FORGE_TEST_POSTGRES")
    if given:
        yield make_url(given)
        return
    programs, account = _programs(), _account()
    with tempfile.TemporaryDirectory(prefix="forge-pg-") as name:
        folder = Path(name)
        if account:
            shutil.chown(folder, account)
        data = folder / "data"
        initdb = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "forge",
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]
        made = subprocess.run(initdb, user=account, cwd=folder, capture_output=True, text=True, check=False)
        if made.returncode:
            raise NoPostgres(f"initdb failed: {made.stderr.strip()}")
        address = URL.create("postgresql", username="forge", port=port, database="postgres", query={"host": name})
        with _running(programs, folder, account, [*settings, f"port={port}"], address):
            yield address


@contextmanager
def database(server: URL, name: str, template: str | None = None) -> Iterator[str]:
    """A database of this name, a copy of `template` where one is given; its URL. It is dropped at the end."""
    copied = f' TEMPLATE "{template}"' if template else ""
    _run(server, f'CREATE DATABASE "{name}"{copied}')
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


class Reused:
    """One database for many tests, brought back to how it was found. One that was left with other tables or columns is
    spoiled, for good."""

    def __init__(self, url: str):
        self.url, self.spoiled = url, False
        address = make_url(url).set(drivername="postgresql+psycopg")
        self._engine = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._connection = self._engine.connect()
        self._shape = self._ask(_SHAPE)
        tables = [row[0] for row in self._connection.execute(text(_TABLES))]
        self._filled = " UNION ALL ".join(
            f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables
        )
        self._rows = {table: self._ask_all(f'SELECT * FROM "{table}"') for table in self._ask_all(self._filled, 0)}

    def empty(self) -> None:
        """End every other session, and put back what was here."""
        self._ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                  "WHERE datname = current_database() AND pid <> pg_backend_pid()")  # fmt: skip
        if self._ask(_SHAPE) != self._shape:
            self.spoiled = True
            return
        if filled := self._ask_all(self._filled, 0):
            # A row at a time, without their keys: to truncate makes new files of all tables that lead to these.
            self._connection.execute(text("; ".join([_KEYLESS, *(f'DELETE FROM "{table}"' for table in filled)])))
        self._ask(_SEQUENCES)
        for table, rows in self._rows.items():
            for row in rows:
                places = ", ".join(f":{place}" for place in range(len(row)))
                given = {str(place): value for place, value in enumerate(row)}
                self._connection.execute(text(f'INSERT INTO "{table}" VALUES ({places})'), given)

    def close(self) -> None:
        self._connection.close()

    def _ask(self, statement: str) -> Any:
        return self._connection.execute(text(statement)).scalar()

    def _ask_all(self, statement: str, place: int | None = None) -> list[Any]:
        rows = self._connection.execute(text(statement)).all()
        return [row if place is None else row[place] for row in rows]


_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
_SHAPE = (
    "SELECT md5(string_agg(concat(relname, relkind, relnatts), ' ' ORDER BY relname)) FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace"
)
_KEYLESS = "SET session_replication_role = replica"
_SEQUENCES = (
    "SELECT count(setval(oid::regclass, 1, false)) FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'"
)


def _run(server: URL, statement: str) -> None:
    engine = create_engine(
        server.set(drivername="postgresql+psycopg"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(statement))


def _programs() -> Path:
    """The folder that holds initdb and postgres, the newest release first."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    for folder in [*installed, *([Path(on_path).parent] if on_path else [])]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres(
        f"The tests run on a real PostgreSQL and this machine has none: apt-get install {PACKAGE}, "
        "or name a server in FORGE_TEST_POSTGRES."
    )


def _account() -> str | None:
    """PostgreSQL refuses to run as root: the package's own user runs it then."""
    return "postgres" if os.geteuid() == 0 else None


@contextmanager
def _running(
    programs: Path, folder: Path, account: str | None, settings: Sequence[str], address: URL
) -> Iterator[None]:
    options = [part for setting in settings for part in ("-c", setting)]
    command = [programs / "postgres", "-D", folder / "data", "-k", folder, "-c", "listen_addresses=", *options]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            user=account,
            cwd=folder,
            stdout=output,
            stderr=output,
            preexec_fn=_die_with_parent,
            process_group=0,
        )
    try:
        _await(process, folder, log, address)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown: open sessions are ended
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: subprocess.Popen[bytes], folder: Path, log: Path, address: URL) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        if (folder / f".s.PGSQL.{address.port}").exists():
            try:
                return _run(address, "SELECT 1")
            except OperationalError:  # it still reads its own tables
                pass
        time.sleep(0.05)
    raise NoPostgres(f"PostgreSQL did not start: {log.read_text(errors='replace').strip()[-2000:]}")


def _die_with_parent() -> None:
    """Also when the tests are killed (prctl PR_SET_PDEATHSIG, Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)
