"""How the kit asks a server whose address it is given. It knows no server, and only reads."""

import os
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from tables import PROBLEM, Case, differences, is_text

SECONDS = 30.0


def pytest_addoption(parser: pytest.Parser) -> None:
    address = os.environ.get("CONFORMANCE_URL", "")
    parser.addoption("--base-url", default=address, help="the address of the API, with its /v1 (CONFORMANCE_URL)")


class Server:
    """The server under test."""

    def __init__(self, base_url: str):
        self.base_url = base_url.rstrip("/")
        self.http = httpx2.Client(timeout=SECONDS, follow_redirects=False)

    def ask(self, method: str, path: str) -> httpx2.Response:
        return self.http.request(method, self.base_url + path)


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Iterator[Server]:
    base_url = pytestconfig.getoption("--base-url")
    if not base_url:
        pytest.exit("Give the address of a server: --base-url http://127.0.0.1:8000/v1 (see README.md).", 2)
    asked = Server(base_url)
    yield asked
    asked.http.close()


@pytest.fixture
def check(server: Server) -> Any:
    """Asks what a case says and compares."""

    def checked(case: Case) -> None:
        answer = server.ask(case.method, case.path)
        told = f"{case.method} {case.path} gave {answer.status_code}: {answer.text[:500]}"
        assert answer.status_code == case.status, f"expected {case.status}: {told}"
        if answer.status_code == 204:
            assert answer.content == b"", told
            return
        document = answer.json() if answer.content and case.method != "HEAD" else {}
        type = answer.headers.get("content-type", "").partition(";")[0]
        if answer.status_code >= 400:
            assert type == PROBLEM, f"{type}: {told}"
            assert document["status"] == answer.status_code and is_text(document["title"]), told
        elif case.method != "HEAD":
            assert type == "application/json", f"{type}: {told}"
        wrong = differences(document, case.holds)
        assert not wrong, f"{'; '.join(wrong)}: {told}"

    return checked
