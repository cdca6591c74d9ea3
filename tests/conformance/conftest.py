"""How the kit asks a server: its address and token, new entries for each case, and what is deleted at the end.

It knows no server: whatever it needs it makes by the interface itself.
"""

import json
import os
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from tables import MISSING, PROBLEM, Case, differences, is_text

OPTIONS = {
    "--base-url": ("CONFORMANCE_URL", "the address of the API, with its /v1"),
    "--token": ("CONFORMANCE_TOKEN", "a token that may write"),
    "--level": ("CONFORMANCE_LEVEL", "up to which level: 1 to 4"),
    "--line": ("CONFORMANCE_LINE", "newer or older"),
}
WRONG = "v2.local.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
SECONDS = 30.0


def pytest_addoption(parser: pytest.Parser) -> None:
    for name, (variable, does) in OPTIONS.items():
        parser.addoption(name, default=os.environ.get(variable, ""), help=f"{does} ({variable})")


class Server:
    """The server under test. `ask` gives an answer; `made` is deleted at the end."""

    def __init__(self, base_url: str, token: str, level: int, newer: bool):
        self.base_url, self.token, self.level, self.newer = base_url.rstrip("/"), token, level, newer
        self.http = httpx2.Client(timeout=SECONDS, follow_redirects=False)
        self.made: list[str] = []

    def ask(self, method: str, path: str, *, body: Any = None, type: str = "application/json", token: str = "right",
            headers: dict[str, str] | None = None) -> httpx2.Response:  # fmt: skip
        sent = dict(headers or {})
        if token != "none" and self.token:
            sent["Authorization"] = f"Bearer {self.token if token == 'right' else WRONG}"
        content = None
        if body is not None:
            content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            sent["Content-Type"] = type
        answer = self.http.request(method, self.base_url + path, content=content, headers=sent)
        if method == "POST" and answer.status_code == 200 and "id" in (made := answer.json()):
            place = path.rpartition("/")[2]
            kind = place if place in ("software", "publishers", "catalogs", "logs", "webhooks", "bundles") else None
            if kind:
                self.made.append(f"/{kind}/{made['id']}")
        return answer

    def make(self, path: str, body: Any) -> dict[str, Any]:
        """Post what must be accepted, so that a case can begin."""
        answer = self.ask("POST", path, body=body)
        assert answer.status_code == 200, (
            f"the kit could not begin: POST {path} {body} gave {answer.status_code}: {answer.text}"
        )
        return dict(answer.json())

    def suits(self, level: int, newer: bool, writes: bool) -> None:
        """Leave a case out that is not for this server."""
        if level > self.level:
            pytest.skip(f"level {level}")
        if newer and not self.newer:
            pytest.skip("servers of the older line answer otherwise")
        if writes and not self.token:
            pytest.skip("no token")


def _named(word: str) -> Callable[["World"], tuple[str, Any]]:
    return lambda world: ("/publishers", {
        "description": world[f"name_{word}"], "alternativeId": world[f"other_{word}"],
        "codeHosting": [{"url": world[f"url_{word}"]}], "email": "office@conformance.example",
    })  # fmt: skip


# What is posted, where, for the names in braces.
MAKERS: dict[str, Callable[["World"], tuple[str, Any]]] = {
    "software": lambda world: ("/software", {
        "url": world["url_own"], "aliases": [world["url_alias"]], "publiccodeYml": "-", "vitality": "90,80"}),
    "second": lambda world: ("/software", {"url": world["url_second"], "publiccodeYml": "-"}),
    "inactive": lambda world: ("/software", {"url": world["url_inactive"], "publiccodeYml": "-", "active": False}),
    "publisher": _named("publisher"),
    "neighbor": _named("neighbor"),
    "catalog": lambda world: ("/catalogs", {
        "name": world["name_catalog"], "alternativeId": world["other_catalog"], 
        "sources": [{"url": world["url_source"]}]}),
    "empty": lambda world: ("/catalogs", {"name": world["name_empty"], "sources": [{"url": world["url_empty"]}]}),
    "held": lambda world: (f"/catalogs/{world['catalog']}/software", {"url": world["url_held"], "publiccodeYml": "-"}),
    "heldpublisher": lambda world: (f"/catalogs/{world['catalog']}/publishers", {
        "description": world["name_held"], "codeHosting": [{"url": world["url_heldcode"]}]}),
    "log": lambda world: ("/logs", {"message": f"Bad publiccode.yml of {world['name_log']}"}),
    "hook": lambda world: ("/software/webhooks", {"url": world["url_hook"], "secret": "0123456789abcdef"}),
    "bundle": lambda world: ("/bundles", {"name": world["name_bundle"], "softwareIds": [world["software"]]}),
}  # fmt: skip


class World(dict):  # type: ignore[type-arg]
    """What names in braces stand for in a case, made when it is asked for."""

    def __init__(self, server: Server):
        super().__init__(missing=MISSING, root="%E2%88%85")
        self.server = server

    def __missing__(self, name: str) -> str:
        base, _, part = name.partition("_")
        if base in ("url", "name", "other"):
            word = uuid.uuid4().hex[:12]
            self[name] = f"https://conformance-{word}.example/code" if base == "url" else f"conformance-{word}"
            return str(self[name])
        if part and base in MAKERS:
            self.__missing__(base)  # it is made, and with it its parts
            return str(self[name])
        if base not in MAKERS:
            raise KeyError(name)
        path, body = MAKERS[base](self)
        made = self.server.make(path, body)
        for member, value in made.items():
            self[f"{base}_{member}"] = value
            for number, entry in enumerate(value if isinstance(value, list) else ()):
                self[f"{base}_{member}_{number}"] = entry
                self.update(
                    {f"{base}_{member}_{key}": inner for key, inner in entry.items()} if isinstance(entry, dict) else {}
                )
        self[base] = made["id"]
        return str(made["id"])


def _makes(case: Case) -> bool:
    """Whether something must be posted first."""
    named = re.findall(r"\{(\w+)\}", f"{case.path} {case.body} {case.holds}")
    return any(name.partition("_")[0] in MAKERS for name in named)


def filled(value: Any, world: World) -> Any:
    """A value with its names in braces filled in; a brace that names nothing stays."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: str(world[found[1]]), value)
    if isinstance(value, dict):
        return {key: filled(part, world) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, world) for part in value]
    return value


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Iterator[Server]:
    base_url = pytestconfig.getoption("--base-url")
    if not base_url:
        pytest.exit("Give the address of a server: --base-url http://127.0.0.1:8000/v1 (see README.md).", 2)
    token = pytestconfig.getoption("--token")
    level = int(pytestconfig.getoption("--level") or 4) if token else 1
    found = Server(base_url, token, level, pytestconfig.getoption("--line") != "older")
    yield found
    for path in reversed(found.made):
        found.ask("DELETE", path)
    found.http.close()


@pytest.fixture
def world(server: Server) -> World:
    return World(server)


@pytest.fixture
def check(server: Server, world: World) -> Any:
    """Asks what a case says and compares."""

    def checked(case: Case) -> Any:
        server.suits(case.level, case.newer, case.writes or _makes(case))
        path, body = filled(case.path, world), filled(case.body, world)
        answer = server.ask(case.method, path, body=body, type=case.type, token=case.token)
        told = f"{case.method} {path} {body if body is not None else ''} gave {answer.status_code}: {answer.text[:500]}"
        wanted = case.status if isinstance(case.status, tuple) else (case.status,)
        assert answer.status_code in wanted, f"expected {case.status}: {told}"
        if answer.status_code == 204:
            assert answer.content == b"", told
            return None
        document = answer.json() if answer.content and case.method != "HEAD" else {}
        type = answer.headers.get("content-type", "").partition(";")[0]
        if answer.status_code >= 400:
            assert type == PROBLEM, f"{type}: {told}"
            assert document["status"] == answer.status_code and is_text(document["title"]), told
        elif case.method != "HEAD":
            assert type == "application/json", f"{type}: {told}"
        wrong = differences(document, filled(dict(case.holds), world), case.lacks)
        assert not wrong, f"{'; '.join(wrong)}: {told}"
        return document

    return checked
