"""What routes of the interface really answer, cut to a size that can be read: the examples of `/openapi.json`.

`make examples` asks a site with a bit of everything and writes them down; test_api_examples holds them against it.
"""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient
from support.factories.calls import a_call, somebody
from support.factories.core import NOW, identity
from support.factories.received import a_catalogue
from support.world import a_client, a_site, fill

from catalog import moderation
from catalog.moderation import DecisionRequest
from catalog.rules.decision import APART
from catalog.rules.submission import PREVIEW, READ
from catalog.store.store import Store
from forge.web.api import openapi
from forge.web.api.route import DescribedRoute
from tests.merges.test_merges import pair

LONGEST = 80  # characters of a text
HERE = "http://testserver"
ELSEWHERE = "https://catalog.example.org"


@contextmanager
def a_furnished_site(folder: Path) -> Iterator[tuple[TestClient, Mapping[str, str]]]:
    """A client who may do everything, and what stands for the names in paths."""
    with closing(Store(f"sqlite:///{folder / 'catalog.db'}")) as store:
        store.migrate()
        fill(store)
        ana = somebody(store, "all@example.org", role="administrator")
        call = a_call(store, "b@example.net")
        desk, wish = (
            somebody(store, "second@example.org", role="moderator"),
            DecisionRequest("hide", "harm", "It does harm.", ""),
        )
        moderation.decide(store, desk, "org-5", wish, kind="organization", now=NOW)
        pair(store, ana, first=identity("org-1", "organization"), other=identity("org-2", "organization"), choice=APART)
        a_catalogue(store)
        token = store.api_tokens.make(ana, "examples", 30, now=NOW)
        with a_site(store, folder / "data") as app:
            client = a_client(app)
            client.headers["authorization"] = f"Bearer {token}"
            body = {"kind": "register", "address": "https://code.example.org/group/tool"}
            mine = client.post("/api/v1/declarations", json=body).json()["reference"]
            draft = store.submissions.by_reference(mine)
            store.submissions.keep_found(draft.id, {PREVIEW: {"state": READ, "outcome": "read", "free": True}}, now=NOW)
            names = {"name": "stage", "country": "ES", "number": "1", "reference": mine, "calls": call.reference}
            names |= {"projects": "galette", "organizations": "coop-des-halles", "collections": "suite"}
            yield client, names


def answers(client: TestClient, names: Mapping[str, str]) -> dict[str, Any]:
    """What each address answers who asks for one record, or for the first of many, by method and path."""
    found = {}
    for route in client.app.routes:  # type: ignore[attr-defined]
        if isinstance(route, DescribedRoute) and "GET" in route.operations:
            known = [parameter.name for parameter in route.operations["GET"].parameters]
            asked = {"limit": "1"} if "limit" in known else {}
            answer = client.get(_path(route, names), params=asked)
            assert answer.status_code == 200, (route.path, answer.text)
            found[f"GET {route.path}"] = small(answer.json())
    return found


def written(client: TestClient, names: Mapping[str, str]) -> dict[str, Any]:
    """What each address that is written to answers to the requests that its description shows, by method and path, and
    by name where it shows several; what takes something back comes last."""
    found: dict[str, Any] = {}
    routes = [described_route for described_route in client.app.routes if isinstance(described_route, DescribedRoute)]  # type: ignore[attr-defined]
    for method in ("POST", "DELETE"):
        for route in routes:
            if operation := route.operations.get(method):
                path, bodies = _path(route, names), operation.bodies or {"": operation.example}
                told = {name: _sent(client, method, path, operation.status, body) for name, body in bodies.items()}
                found[f"{method} {route.path}"] = told if operation.bodies else told[""]
    return found


def _sent(client: TestClient, method: str, path: str, status: int, body: Any) -> Any:
    answer = client.request(method, path, json=body) if body else client.request(method, path)
    assert answer.status_code == status, (method, path, body, answer.text)
    return small(answer.json())


def small(value: Any) -> Any:
    """The first of each list, and the beginning of each text; what stands in a list as a pair stays one."""
    if isinstance(value, list):
        return [part if isinstance(part, list) else small(part) for part in value[:1]]
    if isinstance(value, dict):
        return {key: small(part) for key, part in value.items()}
    if isinstance(value, str):
        value = value.replace(HERE, ELSEWHERE)
        return f"{value[:LONGEST]}…" if len(value) > LONGEST and " " in value else value
    return value


def _path(route: DescribedRoute, names: Mapping[str, str]) -> str:
    return re.sub(r"([\w/]+)/\{(\w+)\}", lambda match: _filled(match, names), route.path)


def _filled(match: re.Match[str], names: Mapping[str, str]) -> str:
    kind = match[1].removeprefix("/api/v1/")
    return f"{match[1]}/{names.get(kind) or names.get(kind.rpartition('/')[2]) or names[match[2]]}"


def write() -> None:
    with tempfile.TemporaryDirectory() as folder, a_furnished_site(Path(folder)) as (client, names):
        every = answers(client, names) | written(client, names)
        text = json.dumps(every, ensure_ascii=False, indent=1, sort_keys=False)
    openapi.EXAMPLES.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    write()
