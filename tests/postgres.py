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

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

PACKAGE = "postgresql"
START_SECONDS = 30
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=80")


class NoPostgres(Exception):
    """The tests need a PostgreSQL and there is none; the sentence says what to install."""


@contextmanager
def server(settings: Sequence[str] = FAST) -> Iterator[URL]:
    """The address of a running server; one that we started is stopped at the end, whatever happened in between.

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
        with _running(programs, data, folder, account, settings):
            yield URL.create("postgresql", username="forge", database="postgres", query={"host": name})


@contextmanager
def database(server: URL, name: str, template: str | None = None) -> Iterator[str]:
    """A database of this name, a copy of `template` where one is given; its URL. It is dropped at the end."""
    copied = f' TEMPLATE "{template}"' if template else ""
    _run(server, f'CREATE DATABASE "{name}"{copied}')
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(server: URL, statement: str) -> None:
    engine = create_engine(
        server.set(drivername="postgresql+psycopg"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(statement))


def _programs() -> Path:
    """The folder that holds initdb and postgres, the newest release first."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: float(one.parent.name), reverse=True)
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
def _running(programs: Path, data: Path, folder: Path, account: str | None, settings: Sequence[str]) -> Iterator[None]:
    options = [part for setting in settings for part in ("-c", setting)]
    command = [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", *options]
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
        _await(process, folder, log)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown: open sessions are ended
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    address = URL.create("postgresql", username="forge", database="postgres", query={"host": str(folder)})
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        if (folder / ".s.PGSQL.5432").exists():
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
