"""The page that explains the interface: every command on it does what it says, run by a shell against a real server."""

import html
import re
import subprocess

import pytest
from support.factories.calls import a_call, somebody
from support.factories.core import NOW
from support.serving import served
from support.world import a_client, a_site, fill

from catalog import moderation
from forge.web.api.route import DescribedRoute

COMMAND = re.compile(r'<pre class="curl" tabindex="0"><code>(.*?)</code></pre>', re.S)


def commands(page: str) -> list[str]:
    return [html.unescape(command) for command in COMMAND.findall(page)]


def test_each_command_of_the_page_is_answered_as_it_says(sqlite_store, tmp_path):
    store = sqlite_store
    fill(store)
    ana = somebody(store, role="administrator")
    token = store.api_tokens.make(ana, "the page", 30, now=NOW)
    call = a_call(store, "b@example.net")
    moderation.decide(store, None, "asleep", moderation.DecisionRequest("hide", "harm", "It does harm.", ""), now=NOW)

    with a_site(store, tmp_path / "data") as app, served(app) as base:
        client = a_client(app)
        client.headers["authorization"] = f"Bearer {token}"
        page = client.get("/en/help/api", headers={"host": base.removeprefix("http://")}).text
        found = commands(page)
        operations = sum(len(route.operations) for route in app.routes if isinstance(route, DescribedRoute))
        assert len(found) == operations > 20
        for command in found:
            path = re.search(rf'curl "{base}(/api/v1[^"?]*)', command)[1]
            known = {"TOKEN": token, "NUMBER": "1"}
            if path.startswith("/api/v1/calls"):
                known["REFERENCE"] = call.reference
            elif path.endswith("/send"):
                body = {"kind": "register", "address": "https://code.example.org/group/tool"}
                known["REFERENCE"] = client.post("/api/v1/declarations", json=body).json()["reference"]
                client.post(f"/api/v1/declarations/{known['REFERENCE']}/send", json={"alone": True})
            else:
                body = {"kind": "register", "address": f"https://code.example.org/group/{len(path)}"}
                known["REFERENCE"] = client.post("/api/v1/declarations", json=body).json()["reference"]
            asked = f'curl() {{ command curl -sS --max-time 20 --fail-with-body "$@"; }}\n{command}'
            done = subprocess.run(
                ["bash", "-c", asked], env={"PATH": "/usr/bin:/bin", **known}, capture_output=True, text=True
            )
            assert done.returncode == 0, (command, done.stdout, done.stderr)
            assert done.stdout.startswith("{"), command


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_loads_nothing_from_elsewhere_and_stays_small(sqlite_store, tmp_path, language):
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data") as app:
        answer = a_client(app, packed=True).get(f"/{language}/help/api", headers={"accept-encoding": "gzip"})
        assert answer.status_code == 200 and "<script" not in answer.text
        assert not re.findall(r'(?:src|rel="stylesheet" href)="(?:https?:)?//', answer.text)
        assert f'href="/{language}/help/api"' in a_client(app).get(f"/{language}/help").text
