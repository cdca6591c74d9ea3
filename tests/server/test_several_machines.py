"""Several web and worker processes on one PostgreSQL, as several machines are: some of each are killed, and the
database crashes, while people send forms and repositories are visited. What was answered is not lost, and nothing is
done twice.
"""

import http.client
import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool
from support import forked_command as forked
from support.factories.core import a_catalog, a_project
from support.factories.visits import LICENSE_TEXT
from support.hosts.git_origin import Origin, a_repository, an_origin
from support.hosts.mail import Mailbox
from support.postgres import database, server

from catalog.store.store import Store
from catalog.tables.core import job, mirror, visit
from catalog.tables.people import message
from tests.server.test_serve import HOST, Service, environment, write

PROJECTS, WORKERS, WEBS, SENDERS = 12, 3, 2, 3
KILLS = 6
WAIT_SECONDS = 400.0  # a job of a worker that was killed is taken again after two minutes
DURABLE = ("shared_buffers=32MB", "max_connections=120")  # a crash may lose nothing that was committed


@pytest.fixture(scope="module")
def cluster() -> Iterator[URL]:
    with server(DURABLE) as address:
        yield address


@dataclass
class Restarted:
    """A process that is started again whenever it ends, as a service manager does."""

    start: Callable[[], subprocess.Popen[bytes]]
    stopping: threading.Event = field(default_factory=threading.Event)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        while not self.stopping.is_set():
            self.process = self.start()
            while self.process.poll() is None and not self.stopping.wait(0.05):
                pass
            self.stopping.wait(0.2)

    def kill(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGKILL)

    def end(self) -> None:
        self.stopping.set()
        self.thread.join()
        assert self.process is not None
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()


class Senders:
    """People who ask for a link to sign in, each with an address of their own; `answered` are those who were told that
    a message goes out.
    """

    def __init__(self, webs: Sequence[tuple[str, int]]):
        """`webs`: hosts and ports."""
        self.answered: list[str] = []
        self.refused: Counter[str] = Counter()
        self._webs, self._stopping, self._numbers = webs, threading.Event(), itertools.count(1)
        self._threads = [threading.Thread(target=self._run) for _ in range(SENDERS)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(0.1):
            number = next(self._numbers)
            email = f"person-{number}@example.org"
            host, port = random.choice(self._webs)
            headers = {
                "Sec-Fetch-Site": "same-origin",
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Forwarded-For": f"10.{number // 250 % 250}.{number % 250}.1",
                "Connection": "close",
            }
            connection = http.client.HTTPConnection(host, port, timeout=30)
            try:
                connection.request("POST", "/en/sign-in", urlencode({"email": email}), headers)
                status = connection.getresponse().status
            except (OSError, http.client.HTTPException) as wrong:  # killed meanwhile: nobody was promised anything
                self.refused[type(wrong).__name__] += 1
            else:
                if status == 200:
                    self.answered.append(email)
                else:
                    self.refused[str(status)] += 1
            finally:
                connection.close()


def crash(address: URL) -> None:
    """Kill one process of the database: all others end their connections, and it recovers from its log."""
    engine = create_engine(address.set(drivername="postgresql+psycopg"), poolclass=NullPool)
    serving = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"

    def killed() -> bool:
        with engine.connect() as connection:
            processes = connection.execute(text(serving)).scalars().all()
        for process in processes:  # this connection has ended: otherwise it would break with the others
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
                return True
        return False

    until(killed)


@contextmanager
def running(folder: Path, url: str, mail: str) -> Iterator[tuple[list[Restarted], list[Restarted], tuple[int, ...]]]:
    """Web and worker processes on one database and one data folder; their ports."""
    given = {"database": url, "mail": mail, "proxies": "127.0.0.0/8"}
    with ExitStack() as stack:
        first = []
        for _ in range(WEBS):
            service = Service(folder, "--no-worker", **given)
            first.append(int(service.address.rpartition(":")[2]))
            service.end()

        def started(*arguments: str) -> Callable[[], subprocess.Popen[bytes]]:
            log = stack.enter_context(
                (folder / f"{'-'.join(arguments[-1:])}-{len(webs) + len(workers)}.log").open("ab")
            )
            command = [sys.executable, "-m", "forge.cli", *arguments]
            return lambda: subprocess.Popen(command, cwd=folder, env=environment(**given), stdout=log, stderr=log)

        webs: list[Restarted] = []
        workers: list[Restarted] = []
        try:
            for port in first:
                webs.append(Restarted(started("serve", "--no-worker", "--host", HOST, "--port", str(port))))
            for _ in range(WORKERS):
                workers.append(Restarted(started("work")))
            yield webs, workers, tuple(first)
        finally:
            for process in (*webs, *workers):
                process.end()


@pytest.mark.full
def test_killing_workers_web_processes_and_the_database_loses_nothing_and_does_nothing_twice(
    cluster: URL, tmp_path: Path, box: Mailbox
) -> None:
    home = tmp_path / "home"
    (home / "origins").mkdir(parents=True)
    names = [f"tool-{number}" for number in range(PROJECTS)]
    for name in names:
        a_repository(home / "origins", f"{name}.git", LICENSE=LICENSE_TEXT)
    chance = random.Random(7)
    with (
        an_origin(home / "origins") as origin,
        database(make_url(cluster), "several") as url,
        a_catalogue(home, url, origin, names),
        running(home, url, box.url) as (webs, workers, ports),
    ):
        senders = Senders([(HOST, port) for port in ports])
        until(lambda: len(senders.answered) > 5)
        for number in range(KILLS):
            answered = len(senders.answered)
            chance.choice(workers).kill()
            if number % 2:
                chance.choice(webs).kill()
            if number == KILLS // 2:
                crash(cluster.set(database="several"))
            until(lambda answered=answered: len(senders.answered) > answered + 5)
        senders.end()
        store = Store(url)
        until(lambda: settled(store), WAIT_SECONDS)
        with store.engine.connect() as connection:
            sent = connection.execute(select(func.count()).where(message.c.sent_at.is_not(None))).scalar_one()
            given_up = connection.execute(select(func.count()).where(message.c.error.is_not(None))).scalar_one()
            visits = Counter(connection.execute(select(visit.c.project_id)).scalars())
            jobs = Counter(connection.execute(select(job.c.key)).scalars())
        store.close()
    arrived: dict[str, set[str]] = {}
    for mail in box.messages:
        arrived.setdefault(str(mail["To"]), set()).add(str(mail["Message-ID"]))
    lost = [email for email in senders.answered if email not in arrived]
    assert lost == [] and given_up == 0 and sent >= len(senders.answered)
    assert all(len(ids) == 1 for ids in arrived.values())  # a second copy, after a kill, is known as one
    assert len(box.messages) - len(arrived) <= KILLS + 1
    assert len(visits) == PROJECTS and max(jobs.values()) == 1


def settled(store: Store) -> bool:
    """Whether every message went out and every repository is here."""
    with suppress(Exception), store.engine.connect() as connection:
        waiting = connection.execute(select(func.count()).where(message.c.email.is_not(None))).scalar_one()
        states = connection.execute(select(mirror.c.state)).scalars().all()
        return waiting == 0 and len(states) == PROJECTS and set(states) == {"mirrored"}
    return False


@contextmanager
def a_catalogue(home: Path, url: str, origin: Origin, names: list[str]) -> Iterator[None]:
    write(home, a_catalog(*(a_project(name, repository=origin.url(f"git/{name}.git")) for name in names)))
    ran = forked.run(["import", "catalog.yaml"], cwd=home, env=environment(database=url), timeout=60)
    assert ran.returncode == 0, ran.stderr
    yield


def until(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
