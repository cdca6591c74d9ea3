"""Webhooks of the Open Catalog API as those who are called see them: what comes, how it is signed, once for a burst;
and what is done where nobody answers."""

import base64
import contextlib
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select
from support.factories.core import NOW
from support.factories.visits import LOOPBACK, Clock, a_conductor, the_settings
from support.world import a_client, a_site, fill

from catalog.store.core.engine import reading
from catalog.tables.opencatalog import posted_webhook
from forge.jobs.opencatalog_webhooks import WebhookJobs
from forge.mirroring.worker import JobHandlers, Worker
from forge.security.safe_http import AddressRules
from forge.security.sealed_secrets import seal, unseal
from forge.web.opencatalog import tokens

KEY = b"test-paseto-key-dont-use-in-prod"
SECRET = "0123456789abcdef"
STANDARD = "whsec_" + base64.b64encode(b"a secret of the standard").decode()


@contextlib.contextmanager
def a_listener(status: int = 204) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A server on loopback that keeps what it is sent."""
    came: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", came
    finally:
        server.shutdown()
        server.server_close()


class Here:
    """The site, a crawler's client, and a worker that does what is due."""

    def __init__(self, app, store, settings, clock):
        self.client, self.store, self.settings, self.clock, self.app = a_client(app), store, settings, clock, app
        made = tokens.make(KEY, "crawler", now=NOW, lifetime=timedelta(days=9))
        self.headers = {"authorization": f"Bearer {made}"}

    def post(self, path, **body):
        answer = self.client.post(f"/v1{path}", json=body, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def work(self, allow=LOOPBACK):
        """What is due now, until nothing is."""
        out = WebhookJobs(self.store, AddressRules(allow), self.app.state.secret, self.clock, seconds=1.0)
        with a_conductor(self.store, self.settings, clock=self.clock) as conductor:
            Worker(self.store, conductor, jobs=1, handlers=JobHandlers(out.handlers)).run(once=True)


@pytest.fixture
def here(sqlite_store, tmp_path):
    fill(sqlite_store)
    with reading(sqlite_store.engine):
        pass
    clock = Clock()
    with a_site(sqlite_store, tmp_path / "data", open_catalog_key=KEY) as app:
        app.state.clock = clock
        sqlite_store.jobs.lease("nobody", now=NOW, lease=timedelta(days=9), limit=1000)  # what the world waits for
        yield Here(app, sqlite_store, the_settings(tmp_path / "visits"), clock)


def digest(secret: bytes, text: bytes) -> bytes:
    return hmac.new(secret, text, hashlib.sha256).digest()


def kept(store):
    with reading(store.engine) as connection:
        return connection.execute(select(posted_webhook.c.sealed, posted_webhook.c.outcome)).all()


def test_who_asked_is_called_once_for_a_burst_and_both_signatures_hold(here):
    with a_listener() as (url, came):
        here.post("/software/webhooks", url=f"{url}/hook?x=1", secret=SECRET)
        made = here.post("/software", url="https://code.example/x", publiccodeYml="-")
        here.work()
        assert came == []  # it waits a second for more
        here.clock.move(seconds=1)
        here.work()
        for _ in range(3):
            here.client.patch(f"/v1/software/{made['id']}", json={"vitality": "1"}, headers=here.headers)
            here.clock.move(seconds=0.5)
        here.clock.move(seconds=1)
        here.work()
    assert [json.loads(body) for _, body in came] == [
        {"event": event, "subject": f"/software/{made['id']}"} for event in ("create", "update")
    ]
    for headers, body in came:
        assert headers["content-type"] == "application/json"
        assert headers["x-webhook-signature"] == digest(SECRET.encode(), body).hex()
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        assert headers["webhook-signature"] == "v1," + base64.b64encode(digest(SECRET.encode(), signed)).decode()
    assert len({headers["webhook-id"] for headers, _ in came}) == 2
    ((sealed, outcome),) = kept(here.store)
    assert outcome == "204" and SECRET not in sealed


@pytest.mark.parametrize(
    ("format", "secret", "there", "missing"),
    [
        ("github", SECRET, {"x-hub-signature-256", "x-webhook-signature", "webhook-signature"}, set()),
        ("standard-webhooks", STANDARD, {"webhook-signature"}, {"x-webhook-signature", "x-hub-signature-256"}),
        (None, None, {"webhook-id"}, {"webhook-signature", "x-webhook-signature", "x-hub-signature-256"}),
    ],
)
def test_a_webhook_is_signed_in_the_form_that_it_asked_for(here, format, secret, there, missing):
    with a_listener() as (url, came):
        asked = {"url": url} | ({"format": format} if format else {}) | ({"secret": secret} if secret else {})
        here.post("/publishers/webhooks", **asked)
        here.post("/publishers", description="P", codeHosting=[{"url": "https://code.example/p"}])
        here.clock.move(seconds=2)
        here.work()
    ((headers, body),) = came
    assert there <= headers.keys() and not missing & headers.keys()
    if format == "github":
        assert headers["x-hub-signature-256"] == f"sha256={digest(SECRET.encode(), body).hex()}"
    if format == "standard-webhooks":
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mac = base64.b64encode(digest(b"a secret of the standard", signed)).decode()
        assert headers["webhook-signature"] == f"v1,{mac}"


@pytest.mark.parametrize(
    ("body", "kind", "signed"),
    [
        ({"secret": None}, "application/merge-patch+json", False),
        ([{"op": "remove", "path": "/secret"}], "application/json-patch+json", False),
        ({"format": "github"}, "application/merge-patch+json", True),
        ([{"op": "add", "path": "/format", "value": "github"}], "application/json-patch+json", True),
    ],
)
def test_null_takes_a_secret_away_and_a_patch_that_does_not_name_it_leaves_it(here, body, kind, signed):
    with a_listener() as (url, came):
        hook = here.post("/software/webhooks", url=url, secret=SECRET)
        headers = here.headers | {"content-type": kind}
        answer = here.client.patch(f"/v1/webhooks/{hook['id']}", content=json.dumps(body), headers=headers)
        assert answer.status_code == 200 and "secret" not in answer.json()
        here.post("/software", url="https://code.example/x", publiccodeYml="-")
        here.clock.move(seconds=2)
        here.work()
    ((headers, body),) = came
    wanted = f"sha256={digest(SECRET.encode(), body).hex()}" if signed else None
    assert headers.get("x-hub-signature-256") == wanted and ("webhook-signature" in headers) == signed


def test_no_patch_tells_a_secret(here):
    hook = here.post("/software/webhooks", url="https://hook.example/", secret=SECRET)
    headers = here.headers | {"content-type": "application/json-patch+json"}
    for operation in (
        {"op": "test", "path": "/secret", "value": SECRET},
        {"op": "copy", "from": "/secret", "path": "/url"},
    ):
        answer = here.client.patch(f"/v1/webhooks/{hook['id']}", content=json.dumps([operation]), headers=headers)
        assert answer.status_code == 422 and SECRET not in answer.text


def test_a_webhook_of_one_record_is_not_called_for_another_and_not_when_it_was_taken_away(here):
    with a_listener() as (url, came):
        first = here.post("/software", url="https://code.example/1", publiccodeYml="-")["id"]
        second = here.post("/software", url="https://code.example/2", publiccodeYml="-")["id"]
        hook = here.post(f"/software/{first}/webhooks", url=url)["id"]
        for webhook in (first, second):
            here.client.patch(f"/v1/software/{webhook}", json={"vitality": "1"}, headers=here.headers)
        here.clock.move(seconds=2)
        here.work()
        assert [json.loads(body)["subject"] for _, body in came] == [f"/software/{first}"]
        here.client.patch(f"/v1/software/{first}", json={"vitality": "2"}, headers=here.headers)
        here.client.delete(f"/v1/webhooks/{hook}", headers=here.headers)
        here.clock.move(seconds=2)
        here.work()
        assert len(came) == 1


def test_a_call_that_fails_is_a_row_and_is_not_repeated(here):
    with a_listener(500) as (url, came):
        here.post("/software/webhooks", url=url)
        here.post("/software", url="https://code.example/x", publiccodeYml="-")
        here.clock.move(seconds=2)
        here.work()
        here.clock.move(hours=9)
        here.work()
        assert len(came) == 1 and [outcome for _, outcome in kept(here.store)] == ["500"]


def test_nobody_is_called_at_an_address_that_may_not_be_contacted(here):
    with a_listener() as (url, came):
        here.post("/software/webhooks", url=url)
        here.post("/software", url="https://code.example/x", publiccodeYml="-")
        here.clock.move(seconds=2)
        here.work(allow=())
    ((_, outcome),) = kept(here.store)
    assert came == [] and "https" in outcome and here.store.jobs.waiting().get("v1-call", 0) == 0


def test_a_secret_is_opened_by_its_own_key_alone():
    sealed = seal(b"k" * 32, SECRET)
    assert unseal(b"k" * 32, sealed) == SECRET and unseal(b"x" * 32, sealed) is None and SECRET not in sealed
