"""Two web processes on one data folder are restarted in turn, as an upgrade does, and no reader notices: whoever finds
one of them away goes to the other, as the proxies of `deploy/proxy` do.
"""

import contextlib
import http.client
import threading
from collections import Counter
from itertools import cycle
from pathlib import Path

import pytest
from support.factories.core import a_catalog, a_document, a_project

from tests.server.test_serve import HOST, a_service, forge, until, write

READERS = 4
SECONDS = 180  # a machine that does much else draws a first page slowly; a request that hangs ends here
PATHS = ("/en/", "/en/projects/galette", "/en/projects?q=member", "/en/organizations", "/livez", "/api/v1/projects")


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest) -> dict[str, str]:
    """With SQLite the database is in the data folder."""
    return {} if request.param == "sqlite" else {"database": request.getfixturevalue("postgres_url")}


@pytest.fixture
def folder(tmp_path: Path, settings: dict[str, str]) -> Path:
    (tmp_path / "home").mkdir()
    extra = [a_project(f"tool-{number}", repository=None) for number in range(20)]
    write(tmp_path / "home", a_catalog(a_project(repository=None), *extra, *a_document().organizations))
    assert forge(tmp_path / "home", "import", "catalog.yaml", **settings).returncode == 0
    return tmp_path / "home"


class Readers:
    """Threads that ask without pause; `answers` by status, `failures` with what went wrong."""

    def __init__(self, ports: tuple[int, ...]):
        self.answers: Counter[int] = Counter()
        self.failures: list[str] = []
        self.turned: Counter[int] = Counter()  # requests that found a port closed
        self._ports, self._stopping = ports, threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(READERS)]

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        for path in cycle(PATHS):
            if self._stopping.is_set():
                return
            order = self._ports if number % 2 else self._ports[::-1]
            self._ask(path, order)

    def _ask(self, path: str, order: tuple[int, ...]) -> None:
        for port in order:
            connection = http.client.HTTPConnection(HOST, port, timeout=SECONDS)
            try:
                connection.connect()
            except ConnectionRefusedError:
                self.turned[port] += 1
                continue
            try:
                connection.request("GET", path, headers={"Connection": "close"})
                answer = connection.getresponse()
                answer.read()
                self.answers[answer.status] += 1
                return
            except ConnectionResetError:  # before a byte of an answer: proxies ask another one, as of a closed port
                self.turned[port] += 1
            except (OSError, http.client.HTTPException) as wrong:
                self.failures.append(f"{path} at {port}: {wrong!r}")
                return
            finally:
                connection.close()
        self.failures.append(f"{path}: nobody answered")


@pytest.mark.full
def test_two_web_processes_restarted_in_turn_fail_no_request(folder: Path, settings: dict[str, str]) -> None:
    with contextlib.ExitStack() as first, contextlib.ExitStack() as second:
        one, two = (stack.enter_context(a_service(folder, "--no-worker", **settings)) for stack in (first, second))
        ports = tuple(int(service.address.rpartition(":")[2]) for service in (one, two))
        with Readers(ports) as readers:
            for stack, port in ((first, ports[0]), (second, ports[1])):
                asked = readers.answers[200]
                until(lambda asked=asked: readers.answers[200] > asked + 50)
                stack.close()
                until(lambda port=port: readers.turned[port] > 5)
                stack.enter_context(a_service(folder, "--no-worker", at=port, **settings))
            asked = readers.answers[200]
            until(lambda: readers.answers[200] > asked + 50)
    assert readers.failures == [] and set(readers.answers) == {200}
