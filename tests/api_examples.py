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

from factories import NOW, identity, later
from factories_calling import BRUNO, COOP, GALETTE, a_call, a_support, published, somebody
from factories_foreign import a_catalogue, asked, take, went
from starlette.testclient import TestClient
from test_blocks import a_report
from test_experiences import told
from test_joins import pair
from test_web_desk import a_finding
from world import a_client, a_site, fill

from catalog.decisions import APART
from catalog.store import Store
from forge.web.api import openapi
from forge.web.api.described import Described

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
        call, finding = a_call(store, "b@example.net"), a_finding(store)
        a_support(store, call.reference, COOP, BRUNO)
        published(store, told(store))
        published(store, a_report(store))
        waiting = a_report(store, now=later(hours=1))
        pair(store, ana, one=identity("org-1", "organization"), other=identity("org-2", "organization"), choice=APART)
        here = {"project": {"id": str(GALETTE)}, "organization": {"id": str(COOP)}}
        told_there = went("how", "galette", "coop", **here), asked("help", "galette", **here)
        texts = {
            "experience:how": {"es": {"advice": "Limpiad la lista."}},
            "call:help": {"es": {"text": "Faltan textos."}},
        }
        take(store, a_catalogue(store), *told_there, texts=texts)
        token = store.tokens.make(ana, "examples", ("read", "declare", "decide"), 30, now=NOW)
        with a_site(store, folder / "data") as app:
            client = a_client(app)
            client.headers["authorization"] = f"Bearer {token}"
            body = {"kind": "register", "address": "https://code.example.org/group/tool"}
            mine = client.post("/api/v1/declarations", json=body).json()["reference"]
            names = {"name": "stage", "country": "ES", "number": "1", "reference": mine, "calls": call.reference}
            names |= {"projects": "galette", "organizations": "coop-des-halles", "collections": "suite"}
            yield client, names | {"findings": str(finding), "desk/declarations": waiting.reference}


def answers(client: TestClient, names: Mapping[str, str]) -> dict[str, Any]:
    """What each address answers who asks for one record, or for the first of many, by method and path."""
    found = {}
    for route in client.app.routes:  # type: ignore[attr-defined]
        if isinstance(route, Described) and "GET" in route.operations:
            known = [each.name for each in route.operations["GET"].parameters]
            asked = {"limit": "1"} if "limit" in known else {}
            answer = client.get(
                re.sub(r"([\w/]+)/\{(\w+)\}", lambda one: _filled(one, names), route.path), params=asked
            )
            assert answer.status_code == 200, (route.path, answer.text)
            found[f"GET {route.path}"] = small(answer.json())
    body = {"kind": "register", "address": "https://code.example.org/group/another"}
    sent = client.post("/api/v1/declarations", json=body)
    assert sent.status_code == 201, sent.text
    return found | {"POST /api/v1/declarations": small(sent.json())}


def small(value: Any) -> Any:
    """The first of each list, and the beginning of each text."""
    if isinstance(value, list):
        return [small(one) for one in value[:1]]
    if isinstance(value, dict):
        return {key: small(one) for key, one in value.items()}
    if isinstance(value, str):
        value = value.replace(HERE, ELSEWHERE)
        return f"{value[:LONGEST]}…" if len(value) > LONGEST and " " in value else value
    return value


def _filled(one: re.Match[str], names: Mapping[str, str]) -> str:
    kind = one[1].removeprefix("/api/v1/")
    return f"{one[1]}/{names.get(kind) or names.get(kind.rpartition('/')[2]) or names[one[2]]}"


def write() -> None:
    with tempfile.TemporaryDirectory() as folder, a_furnished_site(Path(folder)) as (client, names):
        text = json.dumps(answers(client, names), ensure_ascii=False, indent=1, sort_keys=False)
    openapi.EXAMPLES.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    write()
