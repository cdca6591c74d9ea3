"""Webhooks: a push whose sender knows the secret makes the visit due, whatever the forge; anything else learns nothing.
And warnings to adopters, of whom those who maintain a project learn how many at least."""

import hashlib
import hmac
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from support.client import Client
from support.factories.code import mirrored
from support.factories.core import NOW, a_declared_adoption, identity, later
from support.factories.memberships import a_member
from support.factories.rewriting import rewriting
from support.visitors import BROWSER
from support.world import a_client, a_site, fill

from catalog.store.core.engine import reading
from catalog.store.mirrors.push_webhooks import AFTER_RUNNING_VISIT, PAUSE, PUSH_WEBHOOK_JOB
from catalog.store.mirrors.rows import VISIT, visit_key
from catalog.tables.core import job, mirror
from catalog.tables.follows import alert_subscription, push_webhook
from catalog.tables.ownership import membership
from catalog.tables.people import message, person
from forge.git.fetch.separate import serve_up_to
from forge.security.webhook_signatures import is_signed, webhook_secret
from forge.web.ownership.push_webhooks import MAX_BYTES
from tests.follows.test_follows import Post
from tests.git.test_free_part import Changed

pytestmark = pytest.mark.sqlite_first

BODY = b'{"ref": "refs/heads/main"}'
GALETTE = identity("galette")


@pytest.fixture
def app(store, tmp_path):
    fill(store)
    with a_site(store, tmp_path / "data") as site:
        a_client(site)
        yield site


def somebody(app, store, email, *, is_maintainer=False, speaks=None, language="en"):
    """A client that is signed in."""
    client = Client(app, follow_redirects=False)
    token = store.people.invite(email, "moderator", language, now=NOW)
    client.post(f"/{language}/sign-in/{token}", data={"go": ""}, headers=BROWSER)
    with rewriting(store.engine) as connection:
        key = connection.execute(select(person.c.id).where(person.c.email == email)).scalar_one()
        connection.execute(update(person).where(person.c.id == key).values(role=None))
        if is_maintainer:
            a_member(connection, key, project_id=GALETTE)
        if speaks:
            a_member(connection, key, organization_id=identity(speaks, "organization"))
    return client


def a_secret(client):
    answer = client.post("/en/projects/galette/hooks", data={"step": "make"}, headers=BROWSER)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-store"
    return re.search(r"<code dir=\"ltr\">([0-9a-f]{64})</code>", answer.text)[1]


def digits(secret, body=BODY, kind="sha256"):
    return hmac.new(secret.encode(), body, kind).hexdigest()


def ways(secret):
    """How each forge shows that it knows the secret: headers, and what stands behind the address."""
    return {
        "github": ({"X-Hub-Signature-256": f"sha256={digits(secret)}", "X-Hub-Signature": "sha1=00"}, ""),
        "bitbucket": ({"X-Hub-Signature": f"sha256={digits(secret)}"}, ""),
        "forgejo": ({"X-Forgejo-Signature": digits(secret), "X-Gitea-Signature": digits(secret)}, ""),
        "gitea": ({"X-Gitea-Signature": digits(secret)}, ""),
        "gogs": ({"X-Gogs-Signature": digits(secret)}, ""),
        "gitlab": ({"X-Gitlab-Token": secret}, ""),
        "sourcehut": ({"X-Payload-Signature": "of its own key"}, f"?key={secret}"),
        "script": ({"Authorization": f"Bearer {secret}"}, ""),
    }


def run_at(store, key=None):
    with reading(store.engine) as connection:
        return connection.execute(select(job.c.run_at).where(job.c.key == (key or visit_key(GALETTE)))).scalar()


def later_visit(store):
    with rewriting(store.engine) as connection:
        connection.execute(update(job).where(job.c.key == visit_key(GALETTE)).values(run_at=later(days=3)))
        connection.execute(update(push_webhook).values(used_at=None))


@pytest.mark.parametrize("forge", ways("x"))
def test_a_signed_push_of_any_forge_makes_the_visit_due(app, store, forge):
    secret = a_secret(somebody(app, store, "ana@example.org", is_maintainer=True))
    later_visit(store)
    headers, behind = ways(secret)[forge]
    answer = Client(app).post(f"/hooks/galette{behind}", content=BODY, headers=headers)
    assert (answer.status_code, answer.content) == (202, b"") and run_at(store) == NOW
    later_visit(store)
    answer = Client(app).post(f"/hooks/galette-old{behind}", content=BODY, headers=headers)
    assert answer.status_code == 202 and run_at(store) == NOW


def test_what_is_not_signed_by_the_secret_learns_and_changes_nothing(app, store):
    client, outside = somebody(app, store, "ana@example.org", is_maintainer=True), Client(app)
    secret = a_secret(client)
    later_visit(store)
    wrong = [({}, ""), ({"X-Gitlab-Token": ""}, ""), ({"X-Gitlab-Token": secret[:-1]}, ""), ({}, "?key=")]
    wrong += [({"X-Hub-Signature": f"sha1={digits(secret, kind='sha1')}"}, "")]
    wrong += [({"X-Hub-Signature-256": digits(secret)}, ""), ({"X-Hub-Signature-256": "sha256="}, "")]
    wrong += [({"X-Gitea-Signature": digits(secret, b"other")}, ""), ({"X-Gitea-Signature": "é".encode()}, "")]
    answers = {}
    for headers, behind in wrong:
        answer = outside.post(f"/hooks/galette{behind}", content=BODY, headers=headers)
        answers[(answer.status_code, answer.content, tuple(sorted(answer.headers.items())))] = headers
    for slug in ("nothing", "asleep", "blocked", "x" * 300):  # not here, without a webhook, taken away
        answer = outside.post(f"/hooks/{slug}", content=BODY, headers=ways(secret)["gitlab"][0])
        answers[(answer.status_code, answer.content, tuple(sorted(answer.headers.items())))] = slug
    assert len(answers) == 1 and next(iter(answers))[0] == 403
    assert run_at(store) == later(days=3)


def test_a_body_is_bounded(app, store):
    secret = a_secret(somebody(app, store, "ana@example.org", is_maintainer=True))
    whole, more = b"x" * MAX_BYTES, b"x" * (MAX_BYTES + 1)
    outside = Client(app)
    for body, status in ((whole, 202), (more, 413)):
        headers = {"X-Gitea-Signature": digits(secret, body)}
        assert outside.post("/hooks/galette", content=body, headers=headers).status_code == status
    assert outside.get("/hooks/galette").status_code in (404, 405)


def test_replays_and_rows_of_pushes_are_one_visit_a_minute(app, store):
    secret = a_secret(somebody(app, store, "ana@example.org", is_maintainer=True))
    later_visit(store)
    for _ in range(5):
        sent = Client(app).post("/hooks/galette", content=BODY, headers=ways(secret)["github"][0])
        assert sent.status_code == 202
    with rewriting(store.engine) as connection:
        connection.execute(update(job).where(job.c.key == visit_key(GALETTE)).values(run_at=later(days=3)))
    assert not store.push_webhooks.trigger_visit(GALETTE, now=NOW + PAUSE - timedelta(seconds=1))
    assert run_at(store) == later(days=3)
    assert store.push_webhooks.trigger_visit(GALETTE, now=NOW + PAUSE) and run_at(store) == NOW + PAUSE


def test_a_push_during_a_visit_brings_another_after_it(app, store, tmp_path, shared_box):
    a_secret(somebody(app, store, "ana@example.org", is_maintainer=True))
    with rewriting(store.engine) as connection:
        connection.execute(update(job).where(job.c.key == visit_key(GALETTE)).values(run_at=NOW, priority=0))
        connection.execute(job.delete().where(job.c.key != visit_key(GALETTE)))
    (taken,) = store.jobs.lease("w", now=NOW, lease=timedelta(hours=1), kinds=[VISIT])
    assert (
        store.push_webhooks.trigger_visit(GALETTE, now=NOW)
        and run_at(store, f"{PUSH_WEBHOOK_JOB}:{GALETTE}") == NOW + AFTER_RUNNING_VISIT
    )
    post = Post(store, shared_box, tmp_path / "search")
    post.goes_out(NOW + AFTER_RUNNING_VISIT)
    assert run_at(store, f"{PUSH_WEBHOOK_JOB}:{GALETTE}") == NOW + 2 * AFTER_RUNNING_VISIT  # it is still under way
    store.jobs.requeue(taken, at=later(days=3))
    post.goes_out(NOW + 2 * AFTER_RUNNING_VISIT)
    assert run_at(store) == NOW + 2 * AFTER_RUNNING_VISIT and run_at(store, f"{PUSH_WEBHOOK_JOB}:{GALETTE}") is None


def test_a_new_secret_ends_the_one_before_and_none_is_kept(app, store):
    client = somebody(app, store, "ana@example.org", is_maintainer=True)
    first, second = a_secret(client), a_secret(client)
    outside = Client(app)
    sent = [
        outside.post("/hooks/galette", content=BODY, headers={"X-Gitlab-Token": secret}) for secret in (first, second)
    ]
    assert [answer.status_code for answer in sent] == [403, 202]
    assert first not in (shown := client.get("/en/projects/galette/hooks").text) and second not in shown
    with reading(store.engine) as connection:
        row = connection.execute(select(push_webhook)).one()
    assert second not in str(row) and webhook_secret(app.state.secret, row.nonce) == second
    client.post("/en/projects/galette/hooks", data={"step": "end"}, headers=BROWSER)
    assert outside.post("/hooks/galette", content=BODY, headers={"X-Gitlab-Token": second}).status_code == 403


def test_only_those_who_keep_the_project_come_there(app, store):
    stranger = somebody(app, store, "bo@example.org")
    assert Client(app, follow_redirects=False).get("/en/projects/galette/hooks").status_code == 303
    assert stranger.get("/en/projects/galette/hooks").status_code == 403
    for path in ("hooks", "advisory"):
        assert stranger.post(f"/en/projects/galette/{path}", data={"x": "y"}, headers=BROWSER).status_code == 403
    maintainer_of_galette = somebody(app, store, "ana@example.org", is_maintainer=True)
    assert maintainer_of_galette.get("/en/projects/asleep/hooks").status_code == 403


def test_an_empty_header_shows_no_secret():
    assert not is_signed({"x-hub-signature-256": "sha256="}, "", b"", "s")
    good = {"x-hub-signature-256": f"sha256={hmac.new(b's', b'', hashlib.sha256).hexdigest().upper()}"}
    assert is_signed(good, "", b"", "s")


def agrees(client, organization="coop-des-halles"):
    wanted = f"{GALETTE} {identity(organization, 'organization')}"
    return client.post("/en/me", data={"hear": wanted}, headers=BROWSER)


def test_who_agreed_is_warned_and_those_who_keep_it_learn_how_many_at_least(app, store, tmp_path, shared_box):
    shared_box.messages.clear()
    keeps = somebody(app, store, "ana@example.org", is_maintainer=True)
    bo = somebody(app, store, "bo@example.org", speaks="coop-des-halles", language="en")
    assert "Galette" in bo.get("/en/me").text and agrees(bo).status_code == 303
    a_stranger = somebody(app, store, "cem@example.org")
    assert agrees(a_stranger).status_code == 404
    words = {"words": "Change <b>all</b> keys.", "affected": "before 1.2", "fixed": "1.2", "url": ""}
    refused = keeps.post("/en/projects/galette/advisory", data={**words, "words": "", "url": "x"}, headers=BROWSER)
    assert refused.status_code == 422 and "Error:" in refused.text and 'value="before 1.2"' in refused.text
    sent = keeps.post("/en/projects/galette/advisory", data=words, headers=BROWSER)
    assert sent.status_code == 303
    shown = keeps.get("/en/projects/galette/hooks").text
    assert "to fewer than 5 people" in shown and "bo@example.org" not in shown and "Halles" not in shown
    post = Post(store, shared_box, tmp_path / "search")
    texts = [text for text in post.goes_out(NOW) if "Affected versions" in text]
    assert len(texts) == 1 and "Change <b>all</b> keys." in texts[0] and "before 1.2" in texts[0]
    warned = next(message for message in shared_box.messages if "Security advisory" in message["Subject"])
    assert warned["To"] == "bo@example.org" and "<b>all" not in warned.get_body(("html",)).get_content()
    assert warned["List-Unsubscribe"]
    with reading(store.engine) as connection:
        key = connection.execute(select(alert_subscription.c.id)).scalar_one()
    assert bo.post("/en/me", data={"deaf": str(key)}, headers=BROWSER).status_code == 303
    keeps.post("/en/projects/galette/advisory", data={**words, "words": "Again."}, headers=BROWSER)
    assert not any("Again." in text for text in post.goes_out(later(hours=1)))


def test_a_changed_license_is_told_to_adopters_the_same_day(app, store, tmp_path, shared_box):
    shared_box.messages.clear()
    bo = somebody(app, store, "bo@example.org", speaks="coop-des-halles")
    agrees(bo)
    detail = {"before": "AGPL-3.0", "after": "SSPL-1.0", "free_before": True, "free": False, "commit": "9" * 40}
    with rewriting(store.engine) as connection:
        this = update(mirror).where(mirror.c.project_id == GALETTE)
        connection.execute(this.values(free=False, free_commit="8" * 40))
        connection.execute(job.delete())
    for _ in range(2):  # seen again, told once
        store.findings.add(GALETTE, "license-changed", "9" * 40, detail, now=later(hours=1))
    texts = Post(store, shared_box, tmp_path / "search").goes_out(later(hours=1))
    (text,) = [text for text in texts if "SSPL" in text]
    assert "no longer free software" in text and "Before: AGPL-3.0" in text
    assert f"/en/projects/galette/code/tree/{'8' * 40}\n" in text and "/en/projects/galette/users" in text
    with reading(store.engine) as connection:
        assert connection.execute(select(message.c.email).where(message.c.kind == "license-changed")).all() == [(None,)]


def test_every_address_in_the_message_about_a_license_opens_and_a_license_without_a_name_is_said_to_be_one(
    app, store, tmp_path, shared_box
):
    shared_box.messages.clear()
    agrees(somebody(app, store, "bo@example.org", speaks="coop-des-halles"))
    folder = tmp_path / "data" / "mirrors"
    folder.mkdir(parents=True, exist_ok=True)
    code = Changed(folder / f"{GALETTE}.git")
    mirrored(store, head=code.after, free=None, free_commit=code.last)
    assert serve_up_to(code.path, code.last)
    detail = {"before": "AGPL-3.0", "after": None, "free_before": True, "free": None, "commit": code.after}
    store.findings.add(GALETTE, "license-changed", code.after, detail, now=later(hours=1))
    texts = Post(store, shared_box, tmp_path / "search", app.state.secret).goes_out(later(hours=1))
    (text,) = [text for text in texts if "AGPL" in text]
    assert "Now: an unknown licence" in text and "?" not in text
    addresses = re.findall(r"https://forge\.example(/\S+)", text)
    assert f"/en/projects/galette/code/tree/{code.last}" in addresses
    reader = Client(app)
    for address in addresses:
        assert reader.get(address).status_code == 200, address


def test_who_speaks_no_more_hears_no_more(app, store, tmp_path, shared_box):
    agrees(somebody(app, store, "bo@example.org", speaks="coop-des-halles"))
    with rewriting(store.engine) as connection:
        connection.execute(membership.delete().where(membership.c.kind == "organization"))
    assert store.alert_subscriptions.step(GALETTE) == 0
    store.findings.add(GALETTE, "license-changed", "k", {"before": "MIT", "after": "X"}, now=NOW)
    assert not any("MIT" in text for text in Post(store, shared_box, tmp_path / "search").goes_out(NOW))


def test_what_one_uses_in_private_is_offered_too_and_to_nobody_else(app, store):
    a_declared_adoption(store, "asleep", "org-61", visibility="network")
    bo = somebody(app, store, "bo@example.org", speaks="org-61")
    assert 'href="/en/projects/asleep"' in bo.get("/en/me").text
    assert 'href="/en/projects/asleep"' not in somebody(app, store, "cem@example.org").get("/en/me").text
