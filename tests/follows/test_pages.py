"""Following on the site: from the form of a page to the link, to off, without an account and without telling who is
known; what is not here cannot be followed."""

import re
from urllib.parse import parse_qsl, urlencode

import pytest
from sqlalchemy import select
from support.factories.core import NOW
from support.visitors import BROWSER
from support.world import a_client, fill

from catalog.rules.follow import MAX_QUERY
from catalog.store.core.engine import reading
from catalog.tables.follows import follow
from catalog.tables.people import message, session
from catalog.tables.people import message_link as link_of
from catalog.vocabulary import vocabulary
from forge.security import unsubscribe_tokens

HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def store(sqlite_store):
    fill(sqlite_store)
    return sqlite_store


@pytest.fixture
def client(app):
    return a_client(app)


def form_of(text):
    """The hidden fields of a page's form, as a browser would send them."""
    form = re.search(r'<form method="post" action="/fr/follow".*?</form>', text, re.S)[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.replace("&amp;", "&")))


def token(store):
    with reading(store.engine) as connection:
        return list(connection.execute(select(message.c.argument)).scalars())[-1]["token"]


def rows(store, table=follow):
    with reading(store.engine) as connection:
        return connection.execute(select(table)).all()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/projects/galette", "project"),
        ("/organizations/org-60", "organization"),
        ("/domains/accounting", "domain"),
        ("/projects?q=galette&domain=accounting&page=1&sort=name", "search"),
    ],
)
def test_from_the_page_to_the_link_to_off(client, store, app, path, kind):
    fields = form_of(client.get(f"/fr{path}").text)
    assert fields["kind"] == kind
    answer = client.post("/fr/follow", data={**fields, "email": "Ana@Example.org"}, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/fr/follow/sent")
    assert client.get("/fr/follow/sent").status_code == 200 and rows(store) == []
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
    assert kind != "search" or row.query == "q=galette&domain=accounting"
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
    fields = {"kind": "project", "of": "galette"}
    sent = [
        client.post("/fr/follow", data={**fields, "email": email}, headers=BROWSER)
        for email in ("ana@example.org", "nobody@example.org")
    ]
    assert len({(answer.status_code, answer.headers["location"], answer.content) for answer in sent}) == 1
    for email in ("", "ana", HOSTILE):
        answer = client.post("/fr/follow", data={**fields, "email": email}, headers=BROWSER)
        assert answer.status_code == 422 and "<script>" not in answer.text
        assert 'id="email-problem"' in answer.text and 'value="galette"' in answer.text


@pytest.mark.parametrize(
    "fields",
    [{}, {"kind": "x"}, {"kind": "project", "of": "nothing"}, {"kind": "project", "of": "blocked"},
     {"kind": "organization", "of": HOSTILE}, {"kind": "domain", "of": "nothing"}, {"kind": "call", "of": "x"}],
)  # fmt: skip
def test_what_is_not_here_cannot_be_followed(client, store, fields):
    answer = client.post("/fr/follow", data={**fields, "email": "ana@example.org"}, headers=BROWSER)
    assert answer.status_code == 404 and rows(store, message) == []
    assert client.get("/fr/follow", params=fields).status_code == 404


def test_a_long_search_is_followed_as_a_whole_and_one_that_no_page_has_is_not(client, store):
    named = (
        ("domain", "domain"),
        ("audience", "audience"),
        ("kind", "organization-kind"),
        ("inclusion", "inclusion-feature"),
    )
    # Of what stands below each other only the narrower would be kept.
    lowest = {of: [term for term in vocabulary(of).terms if not vocabulary(of).children(term)] for _, of in named}
    chosen = [(name, term) for name, of in named for term in lowest[of][:20]]
    chosen += [("programming", f"a language with a long name {number}") for number in range(20)] + [("q", "word " * 40)]
    query = urlencode(chosen)
    assert 2_000 < len(query) < MAX_QUERY
    asked = {"kind": "search", "email": "ana@example.org"}
    assert client.post("/fr/follow", data=asked | {"query": query}, headers=BROWSER).status_code == 303
    with reading(store.engine) as connection:
        kept = connection.execute(select(message.c.argument)).scalars().all()
        link = connection.execute(select(link_of.c.argument)).scalars().all()[-1]
    assert kept and sorted(parse_qsl(link["query"])) == sorted((name, value.strip()) for name, value in chosen)
    long = {"query": "q=" + "a" * 5_000}
    assert client.post("/fr/follow", data=asked | long, headers=BROWSER).status_code == 404


def test_who_signed_in_follows_at_one_press_sees_it_and_stops_it(client, store):
    link = store.people.invite("ana@example.org", "moderator", "fr", now=NOW)
    client.post(f"/fr/sign-in/{link}", data={"go": ""}, headers=BROWSER)
    assert "ana@example.org" in client.get("/fr/follow?kind=project&of=galette").text
    for fields in ({"kind": "project", "of": "galette"}, {"kind": "search", "query": "q=" + HOSTILE}):
        on = client.post("/fr/follow", data={**fields, "email": ""}, headers=BROWSER)
        assert on.headers["location"] == "/fr/me#follows"
    mine = client.get("/fr/me").text
    assert 'href="/fr/projects/galette"' in mine and "<script>" not in mine
    key = re.search(r'name="unfollow" value="([0-9a-f-]{36})"', mine)[1]
    client.post("/fr/me", data={"unfollow": key}, headers=BROWSER)
    assert len(rows(store)) == 1
    assert client.post("/fr/me", data={"unfollow": "x"}, headers=BROWSER).status_code == 404
    client.post("/fr/me", data={"unfollow": "all"}, headers=BROWSER)
    assert rows(store) == []


def test_nobody_stops_what_others_follow(client, store):
    token = store.people.invite("bo@example.org", "moderator", "fr", now=NOW)
    bo, _, _ = store.people.sign_in(token, "fr", now=NOW)
    theirs = store.follows.begin(bo.id, {"kind": "search", "key": "k", "query": "q=x"}, now=NOW)
    link = store.people.invite("ana@example.org", "moderator", "fr", now=NOW)
    client.post(f"/fr/sign-in/{link}", data={"go": ""}, headers=BROWSER)
    client.post("/fr/me", data={"unfollow": str(theirs.id)}, headers=BROWSER)
    client.post("/fr/me", data={"unfollow": "all"}, headers=BROWSER)
    assert len(rows(store)) == 1


def test_a_mail_program_stops_it_by_itself(client, store, app):
    token = store.people.invite("bo@example.org", "moderator", "fr", now=NOW)
    bo, _, _ = store.people.sign_in(token, "fr", now=NOW)
    for number in range(3):
        store.follows.begin(bo.id, {"kind": "search", "key": str(number), "query": f"q={number}"}, now=NOW)
    stop = f"/off/{unsubscribe_tokens.make_token(app.state.secret, unsubscribe_tokens.FOLLOWS, bo.id)}"
    assert client.get(stop).headers["location"].endswith(stop) and len(rows(store)) == 3
    files = {"List-Unsubscribe": (None, "One-Click")}  # RFC 8058 allows both kinds of form
    assert client.post(stop, files=files).status_code == 200 and rows(store) == []
    assert client.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert client.post("/off/nothing").status_code == 404 == client.get("/fr/off/nothing").status_code


def test_one_press_stops_all_that_one_person_follows(client, store, app):
    token = store.people.invite("bo@example.org", "moderator", "fr", now=NOW)
    bo, _, _ = store.people.sign_in(token, "fr", now=NOW)
    for number in range(3):
        submission = store.follows.begin(bo.id, {"kind": "search", "key": str(number), "query": f"q={number}"}, now=NOW)
    stop = f"/fr/off/{unsubscribe_tokens.make_token(app.state.secret, unsubscribe_tokens.FOLLOW, submission.id)}"
    assert client.post(stop, data={"what": "all"}, headers=BROWSER).status_code == 303 and rows(store) == []
