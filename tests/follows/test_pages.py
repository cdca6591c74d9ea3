"""Following on the site: from the form of a page to the link, to off, without an account and without telling who is
known; what is not here cannot be followed."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import select
from support.factories.core import NOW, identity
from support.visitors import BROWSER
from support.world import a_client, filled_store

from catalog.store.core.engine import reading
from catalog.tables.follows import follow
from catalog.tables.people import message, session
from forge.security import unsubscribe_tokens

store = filled_store
FOLLOW = "/fr/projects/galette/follow"
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def client(app):
    return a_client(app)


def token(store):
    with reading(store.engine) as connection:
        return list(connection.execute(select(message.c.argument)).scalars())[-1]["token"]


def rows(store, table=follow):
    with reading(store.engine) as connection:
        return connection.execute(select(table)).all()


def test_from_the_page_to_the_link_to_off(client, store, app):
    assert f'href="{FOLLOW}"' in client.get("/fr/projects/galette").text and client.get(FOLLOW).status_code == 200
    answer = client.post(FOLLOW, data={"email": "Ana@Example.org"}, headers=BROWSER)
    assert answer.status_code == 200 and rows(store) == []
    link = f"/fr/follow/{token(store)}"
    for _ in range(2):  # a mail scanner opens it
        shown = client.get(link)
        assert shown.status_code == 200 and "ana@example.org" in shown.text
        assert shown.headers["cache-control"] == "private, no-store"
    assert rows(store) == []
    on = client.post(link, data={"go": "on"}, headers=BROWSER)
    assert on.status_code == 303 and "set-cookie" not in on.headers and rows(store, session) == []
    (row,) = rows(store)
    assert (
        on.headers["location"]
        == f"/fr/off/{unsubscribe_tokens.make_token(app.state.secret, unsubscribe_tokens.FOLLOW, row.id)}"
    )
    stop = client.get(on.headers["location"])
    assert stop.status_code == 200 and 'value="this"' in stop.text and 'value="all"' in stop.text
    assert client.post(link, data={"go": "on"}, headers=BROWSER).status_code == 410 == client.get(link).status_code
    assert "a déjà servi" in client.get(link).text
    assert client.post(on.headers["location"], data={"what": "this"}, headers=BROWSER).status_code == 303
    assert rows(store) == []
    after = client.get(on.headers["location"])
    assert after.status_code == 200 and "<button" not in after.text


def test_every_address_gets_the_same_answer_and_a_wrong_one_is_told(client, store):
    store.people.sign_in(store.people.invite("ana@example.org", "moderator", "fr", now=NOW), "fr", now=NOW)
    sent = [
        client.post(FOLLOW, data={"email": email}, headers=BROWSER)
        for email in ("ana@example.org", "nobody@example.org")
    ]
    assert len({(answer.status_code, answer.content) for answer in sent}) == 1
    for email in ("", "ana", HOSTILE):
        answer = client.post(FOLLOW, data={"email": email}, headers=BROWSER)
        assert answer.status_code == 422 and "<script>" not in answer.text and 'id="email-problem"' in answer.text


@pytest.mark.parametrize("slug", ["nothing", "blocked"])
def test_what_is_not_here_cannot_be_followed(client, store, slug):
    path = f"/fr/projects/{slug}/follow"
    answer = client.post(path, data={"email": "ana@example.org"}, headers=BROWSER)
    assert answer.status_code in (404, 410) and rows(store, message) == []
    assert client.get(path).status_code == answer.status_code


def test_who_signed_in_follows_at_one_press_sees_it_and_stops_it(client, store):
    link = store.people.invite("ana@example.org", "moderator", "fr", now=NOW)
    client.post(f"/fr/sign-in/{link}", data={"go": ""}, headers=BROWSER)
    assert "ana@example.org" in client.get(FOLLOW).text
    for slug in ("galette", "coopcycle"):
        on = client.post(f"/fr/projects/{slug}/follow", data={"email": ""}, headers=BROWSER)
        assert on.headers["location"] == "/fr/me#follows"
    mine = client.get("/fr/me").text
    assert 'href="/fr/projects/galette"' in mine
    key = re.search(r'name="unfollow" value="([0-9a-f-]{36})"', mine)[1]
    client.post("/fr/me", data={"unfollow": key}, headers=BROWSER)
    assert len(rows(store)) == 1
    assert client.post("/fr/me", data={"unfollow": "x"}, headers=BROWSER).status_code == 404
    client.post("/fr/me", data={"unfollow": "all"}, headers=BROWSER)
    assert rows(store) == []


def test_nobody_stops_what_others_follow(client, store):
    token = store.people.invite("bo@example.org", "moderator", "fr", now=NOW)
    bo, _, _ = store.people.sign_in(token, "fr", now=NOW)
    theirs = store.follows.begin(bo.id, identity("galette"), now=NOW)
    link = store.people.invite("ana@example.org", "moderator", "fr", now=NOW)
    client.post(f"/fr/sign-in/{link}", data={"go": ""}, headers=BROWSER)
    client.post("/fr/me", data={"unfollow": str(theirs.id)}, headers=BROWSER)
    client.post("/fr/me", data={"unfollow": "all"}, headers=BROWSER)
    assert len(rows(store)) == 1


def test_a_mail_program_stops_it_by_itself(client, store, app):
    token = store.people.invite("bo@example.org", "moderator", "fr", now=NOW)
    bo, _, _ = store.people.sign_in(token, "fr", now=NOW)
    for _ in range(3):
        store.follows.begin(bo.id, uuid4(), now=NOW)
    stop = f"/off/{unsubscribe_tokens.make_token(app.state.secret, unsubscribe_tokens.FOLLOWS, bo.id)}"
    assert client.get(stop).headers["location"].endswith(stop) and len(rows(store)) == 3
    files = {"List-Unsubscribe": (None, "One-Click")}  # RFC 8058 allows both kinds of form
    assert client.post(stop, files=files).status_code == 200 and rows(store) == []
    assert client.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert client.post("/off/nothing").status_code == 404 == client.get("/fr/off/nothing").status_code


def test_one_press_stops_all_that_one_person_follows(client, store, app):
    token = store.people.invite("bo@example.org", "moderator", "fr", now=NOW)
    bo, _, _ = store.people.sign_in(token, "fr", now=NOW)
    for _ in range(3):
        submission = store.follows.begin(bo.id, uuid4(), now=NOW)
    stop = f"/fr/off/{unsubscribe_tokens.make_token(app.state.secret, unsubscribe_tokens.FOLLOW, submission.id)}"
    assert client.post(stop, data={"what": "all"}, headers=BROWSER).status_code == 303 and rows(store) == []
