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
from support.factories.calls import BRUNO, COOP, GALETTE, a_call, a_support, published, somebody
from support.factories.core import NOW, identity
from support.factories.received import a_catalogue, a_received_call, receive, went
from support.world import a_client, a_site, fill

from catalog import moderation
from catalog.moderation import DecisionRequest
from catalog.rules.decision import APART
from catalog.rules.person import Person
from catalog.rules.submission import PREVIEW, READ
from catalog.store.store import Store
from catalog.submissions import answering
from forge.web.api import openapi
from forge.web.api.route import DescribedRoute
from tests.merges.test_merges import pair
from tests.submissions.test_experience import send_experience
from tests.submissions.test_obstacle import a_report

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
        a_support(store, call.reference, COOP, BRUNO)
        published(store, send_experience(store))
        desk, wish = (
            somebody(store, "second@example.org", role="moderator"),
            DecisionRequest("hide", "harm", "It does harm.", ""),
        )
        moderation.decide(store, desk, "org-5", wish, kind="organization", now=NOW)
        representative = somebody(store, "c@example.org", represented_organizations=[COOP])
        answering.allow(store, representative, GALETTE, COOP, languages=["en"], monthly="", now=NOW)
        published(store, a_report(store))
        pair(store, ana, first=identity("org-1", "organization"), other=identity("org-2", "organization"), choice=APART)
        here = {"project": {"id": str(GALETTE)}, "organization": {"id": str(COOP)}}
        told_there = went("how", "galette", "coop", **here), a_received_call("help", "galette", **here)
        texts = {
            "experience:how": {"es": {"advice": "Limpiad la lista."}},
            "call:help": {"es": {"text": "Faltan textos."}},
        }
        receive(store, a_catalogue(store), *told_there, texts=texts)
        token = store.api_tokens.make(ana, "examples", ("read", "declare"), 30, now=NOW)
        with a_site(store, folder / "data") as app:
            client = a_client(app)
            client.headers["authorization"] = f"Bearer {token}"
            body = {"kind": "register", "address": "https://code.example.org/group/tool"}
            mine = client.post("/api/v1/declarations", json=body).json()["reference"]
            draft = store.submissions.by_reference(mine)
            store.submissions.keep_found(draft.id, {PREVIEW: {"state": READ, "outcome": "read", "free": True}}, now=NOW)
            names = {"name": "stage", "country": "ES", "number": "1", "reference": mine, "calls": call.reference}
            names |= {"projects": "galette", "organizations": "coop-des-halles", "collections": "suite"}
            yield client, names | {"POST /api/v1/declarations/{reference}/reply": questioned(client, store, desk)}


def questioned(client: TestClient, store: Store, desk: Person) -> str:
    """A declaration of the client's to which the desk asked something."""
    body = {"kind": "claim", "project": "asleep", "words": "I keep it."}
    submission = store.submissions.by_reference(client.post("/api/v1/declarations", json=body).json()["reference"])
    moderation.answer(
        store, desk, submission.id, DecisionRequest("ask", "", "Since when?", moderation.stamp(submission)), now=NOW
    )
    return str(submission.reference)


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
                path, bodies = _path(route, names, method), operation.bodies or {"": operation.example}
                told = {
                    name: _sent(client, method, path, operation.status, body, names) for name, body in bodies.items()
                }
                found[f"{method} {route.path}"] = told if operation.bodies else told[""]
    return found


def _sent(client: TestClient, method: str, path: str, status: int, body: Any, names: Mapping[str, str]) -> Any:
    if "seen" in (body or {}):
        body = body | {"seen": client.get(path).json()["seen"]}
    if (body or {}).get("kind") == "support":  # whose example names some call
        body = body | {"call": names["calls"]}
    answer = client.request(method, path, json=body) if body else client.request(method, path)
    assert answer.status_code == status, (method, path, body, answer.text)
    return small(answer.json())


def small(value: Any) -> Any:
    """The first of each list, and the beginning of each text."""
    if isinstance(value, list):
        return [small(part) for part in value[:1]]
    if isinstance(value, dict):
        return {key: small(part) for key, part in value.items()}
    if isinstance(value, str):
        value = value.replace(HERE, ELSEWHERE)
        return f"{value[:LONGEST]}…" if len(value) > LONGEST and " " in value else value
    return value


def _path(route: DescribedRoute, names: Mapping[str, str], method: str = "GET") -> str:
    its = {**names, "reference": names.get(f"{method} {route.path}", names["reference"])}
    return re.sub(r"([\w/]+)/\{(\w+)\}", lambda match: _filled(match, its), route.path)


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
