"""Signing in and one's own page: no password, no enumeration, nothing that another site could start."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update
from starlette.responses import PlainTextResponse
from support.client import Client
from support.factories.core import NOW
from support.factories.submissions import begin_draft
from support.visitors import BROWSER
from support.world import a_client, a_site, filled_store

from catalog.rules.submission import WITHDRAW
from catalog.store.core.engine import reading, writing
from catalog.store.people.accounts import CONFIRM_SUBMISSION, add_link
from catalog.tables.people import message, rate_limit_count, session
from forge.web.core.form import Form, clean, collected
from forge.web.core.request_guard import RequestGuard
from forge.web.core.session import NAME, safe_next

store = filled_store


@pytest.fixture
def client(store, tmp_path):
    with a_site(store, tmp_path / "data") as app:
        yield a_client(app)


def token(store):
    with reading(store.engine) as connection:
        return list(connection.execute(select(message.c.argument)).scalars())[-1]["token"]


def sign_in(client, store, email="ana@example.org", going=""):
    client.post("/fr/sign-in", data={"email": email, "next": going}, headers=BROWSER)
    return client.post(f"/fr/sign-in/{token(store)}", data={"go": ""}, headers=BROWSER)


def test_the_head_of_a_page_leads_whoever_is_signed_in_to_their_own_page(client, store):
    own, enter = '<a href="/fr/me">Ma page</a>', '<a href="/fr/sign-in" rel="nofollow">Se connecter</a>'
    pages = ("/fr/", "/fr/projects/galette", "/fr/projects?domain=website", "/fr/nothing")
    before = {path: client.get(path) for path in pages}
    assert all(enter in answer.text and own not in answer.text for answer in before.values())
    sign_in(client, store)
    for path in pages:
        answer = client.get(path, headers={"if-none-match": before[path].headers["etag"]})
        assert own in answer.text and "/fr/sign-in" not in answer.text.partition("</header>")[0]
        assert answer.headers["cache-control"].startswith("private")
    with writing(store.engine) as connection:
        connection.execute(update(session).values(expires_at=NOW - timedelta(days=1)))
    assert enter in client.get("/fr/").text


def test_a_reader_without_a_session_asks_for_none(client, store):
    asked = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    for path in ("/fr/", "/fr/help", "/fr/projects/galette", "/fr/nothing"):
        client.get(path)
    assert asked and not [statement for statement in asked if "session" in statement]


def test_an_address_brings_a_link_whose_button_signs_in(client, store):
    assert client.get("/fr/sign-in").status_code == 200
    answer = client.post("/fr/sign-in", data={"email": "Ana@Example.org"}, headers=BROWSER)
    assert answer.status_code == 200
    shown = client.get(f"/fr/sign-in/{token(store)}")
    assert shown.status_code == 200 and "ana@example.org" in shown.text and "set-cookie" not in shown.headers
    answer = client.post(f"/fr/sign-in/{token(store)}", data={"go": ""}, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/fr/me")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    mine = client.get("/fr/me")
    assert "ana@example.org" in mine.text and mine.headers["cache-control"] == "private, no-store"


def test_a_link_works_once_and_leads_on_who_is_signed_in_by_it(client, store):
    client.post("/fr/sign-in", data={"email": "ana@example.org", "next": "/fr/calls"}, headers=BROWSER)
    opened = f"/fr/sign-in/{token(store)}"
    for answer in (
        client.post(opened, data={"go": ""}, headers=BROWSER),
        client.post(opened, data={"go": ""}, headers=BROWSER),
        client.get(opened),
    ):
        assert (answer.status_code, answer.headers["location"]) == (303, "/fr/calls")
    client.cookies.clear()
    answer = client.get(opened)
    assert answer.status_code == 410 and "déjà servi" in answer.text and "set-cookie" not in answer.headers


def test_each_link_that_ended_says_why_and_for_how_long_it_worked(client, store):
    answer = client.get("/fr/sign-in/nothing")
    assert answer.status_code == 410 and "Ce lien ne marche plus" in answer.text
    client.post("/en/sign-in", data={"email": "ana@example.org"}, headers=BROWSER)
    signing, inviting = token(store), store.people.invite("ana@example.org", "moderator", "en", now=NOW)
    _, submission = begin_draft(store, WITHDRAW, "en", answers={}, now=NOW)
    with writing(store.engine) as connection:
        argument = {"declaration": str(submission.id)}
        sending = add_link(
            connection, CONFIRM_SUBMISSION, "ana@example.org", argument, expires_at=NOW + timedelta(days=30), now=NOW
        )
    for opened, day, time in ((signing, 1, "30 minutes"), (inviting, 8, "7 days"), (sending, 31, "30 days")):
        now = NOW + timedelta(days=day)
        client.app.state.clock = lambda now=now: now
        for _ in ("at once", "after its address was forgotten"):
            answer = client.get(f"/en/sign-in/{opened}")
            assert answer.status_code == 410 and f"It was valid for {time}" in answer.text
            store.people.forget(now)
        assert store.people.ended_link(opened).email == ""
    store.people.forget(NOW + timedelta(days=61))
    assert store.people.ended_link(sending) is None


@pytest.mark.parametrize(
    "path, told",
    [
        (f"/en/declarations/{'x' * 43}", "to find it on your page"),
        (f"/en/projects/galette/declare/{'x' * 43}/how", "/en/projects/galette/declare"),
        (f"/en/off/{'x' * 43}", "copy all of it from the message"),
        (f"/en/proofs/{'a' * 40}", "This verification was cancelled"),
    ],
)
def test_an_address_that_was_forgotten_says_what_may_have_happened_and_where_to_go_on(client, path, told):
    answer = client.get(path)
    assert (
        answer.status_code == 404
        and told in answer.text
        and "Nothing is available at this address any more" in answer.text
    )


def test_the_page_of_a_link_is_kept_nowhere_and_ends_with_the_link(client, store):
    client.post("/fr/sign-in", data={"email": "ana@example.org"}, headers=BROWSER)
    shown = client.get(f"/fr/sign-in/{token(store)}")
    assert shown.headers["cache-control"] == "private, no-store"
    with reading(store.engine) as connection:
        opened = list(connection.execute(select(message.c.argument)).scalars())[-1]["token"]
    store.people.sign_in(opened, "fr", now=NOW)  # elsewhere, so that this browser has no cookie
    assert client.get(f"/fr/sign-in/{opened}").status_code == 410


def test_whoever_must_sign_in_comes_back_to_where_they_were(client, store):
    answer = client.get("/fr/me/delete")
    assert answer.status_code == 303 and answer.headers["location"] == "/fr/sign-in?next=%2Ffr%2Fme%2Fdelete"
    assert sign_in(client, store, going="/fr/me/delete").headers["location"] == "/fr/me/delete"


@pytest.mark.parametrize(
    "going",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/a\\b", "javascript:x", "/x\ny", "", "/" * 600],
)
def test_nobody_is_led_to_another_site(going):
    assert safe_next(going) == ""


def test_nobody_who_is_not_signed_in_downloads_anybody_s_data(client):
    answer = client.get("/fr/me/data.json")
    assert answer.status_code == 303 and "/fr/sign-in" in answer.headers["location"]


def test_every_address_gets_the_same_answer(client, store):
    sign_in(client, store)
    known, unknown = (
        client.post("/fr/sign-in", data={"email": email}, headers=BROWSER)
        for email in ("ana@example.org", "nobody@example.org")
    )
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (200, unknown.content)


@pytest.mark.parametrize(
    "email", ["", "ana", "ana@", "x" * 5000, "<script>", "ana@example.org\x00\nBcc: b@example.org"]
)
def test_what_is_no_address_is_told_beside_the_field_and_kept(client, store, email):
    answer = client.post("/fr/sign-in", data={"email": email, "next": "/fr/me"}, headers=BROWSER)
    assert answer.status_code == 422 and "Erreur" in answer.text.split("</title>")[0]
    assert 'aria-invalid="true"' in answer.text and 'href="#email"' in answer.text
    assert 'value="/fr/me"' in answer.text and "<script>" not in answer.text
    with reading(store.engine) as connection:
        assert connection.execute(select(message)).all() == []


def test_limits_keep_no_address_and_no_network_as_they_are(client, store):
    client.post("/fr/sign-in", data={"email": "ana@example.org"}, headers=BROWSER)
    with reading(store.engine) as connection:
        subjects = connection.execute(select(rate_limit_count.c.subject)).scalars().all()
    assert subjects and all(len(subject) == 64 for subject in subjects)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://testserver"}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({}, 200),
    ],
)
def test_what_another_site_starts_is_refused(client, headers, status):
    answer = client.post("/fr/sign-in", data={"email": "ana@example.org"}, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("base_url", "origin", "refused"),
    [
        ("https://catalog.example.org", "https://catalog.example.org", False),
        ("https://catalog.example.org", "https://catalog.example.org:443", False),
        ("https://catalog.example.org:443", "https://catalog.example.org", False),
        ("https://catalog.example.org:8443", "https://catalog.example.org:8443", False),
        ("https://catalog.example.org", "http://catalog.example.org", True),
        ("https://catalog.example.org", "https://catalog.example.org:8443", True),
        ("https://catalog.example.org:8443", "https://catalog.example.org", True),
        ("https://catalog.example.org", "https://evil.example", True),
        ("https://catalog.example.org", "https://catalog.example.org:none", True),
        ("https://catalog.example.org", "null", True),
        ("http://[::1]:8000", "http://[::1]:8000", False),
        (None, "https://testserver", False),
        (None, "http://testserver:81", True),
    ],
)
def test_the_same_site_is_the_same_scheme_host_and_port(base_url, origin, refused):
    guard = RequestGuard(
        PlainTextResponse("in"), lambda request, status: PlainTextResponse("no", status), base_url, 1_000
    )
    answer = Client(guard).post("/fr/sign-in", headers={"origin": origin})
    assert (answer.status_code == 403) is refused


def test_a_session_can_be_ended_here_or_everywhere(client, store):
    sign_in(client, store)
    client.cookies.clear()
    sign_in(client, store)
    other = next(
        part.split('"')[0]
        for part in client.get("/fr/me").text.split('name="session" value="')[1:]
        if "cet appareil" not in part.split("</form>")[0]
    )
    assert client.post("/fr/me", data={"session": other}, headers=BROWSER).headers["location"] == "/fr/me"
    answer = client.post("/fr/me", data={"session": "all"}, headers=BROWSER)
    assert answer.headers["location"] == "/fr/sign-in" and client.get("/fr/me").status_code == 303


def test_signing_out_ends_the_session_in_the_store(client, store):
    sign_in(client, store)
    assert client.post("/fr/sign-out", data={"go": ""}, headers=BROWSER).headers["location"] == "/fr/"
    with reading(store.engine) as connection:
        assert connection.execute(select(session)).all() == []


def test_the_language_of_messages_can_be_chosen(client, store):
    sign_in(client, store)
    assert client.post("/fr/me", data={"language": "en"}, headers=BROWSER).headers["location"] == "/en/me"
    assert client.post("/fr/me", data={"language": "xx"}, headers=BROWSER).headers["location"] == "/fr/me"
    assert json.loads(client.get("/fr/me/data.json").text)["language"] == "en"


def test_an_account_goes_at_one_press_after_a_page_that_says_what_stays(client, store):
    sign_in(client, store)
    assert client.get("/fr/me/delete").status_code == 200
    files = client.app.state.outbox
    files.mkdir()
    for name, to in (("mine", "ana@example.org"), ("another", "diana@example.org")):
        (files / f"{name}.eml").write_bytes(f"To: {to}\nSubject: x\n\nana@example.org\n".encode())
    gone = client.post("/en/me/delete", data={"go": ""}, headers=BROWSER).headers["location"]
    assert gone == "/en/sign-in?deleted=yes" and "Your account is deleted" in client.get(gone).text
    assert client.get("/fr/me").status_code == 303 and [path.stem for path in files.iterdir()] == ["another"]


def test_signing_in_again_ends_the_session_that_the_browser_had_and_its_cookie_signs_nobody_in(client, store):
    sign_in(client, store)
    earlier = client.cookies[NAME]
    sign_in(client, store)
    assert client.cookies[NAME] != earlier and client.get("/fr/me").status_code == 200
    client.cookies.clear()
    client.cookies.set(NAME, earlier)
    assert client.get("/fr/me").status_code == 303
    with reading(store.engine) as connection:
        assert len(connection.execute(select(session)).all()) == 1


def test_a_session_that_is_over_signs_nobody_in(client, store):
    sign_in(client, store)
    with writing(store.engine) as connection:
        connection.execute(update(session).values(expires_at=NOW - timedelta(seconds=1)))
    assert client.get("/fr/me").status_code == 303


def test_what_is_no_form_or_too_much_is_refused(client):
    assert client.post("/fr/sign-in", json={"email": "a@example.org"}, headers=BROWSER).status_code == 415
    assert client.post("/fr/sign-in", data={"email": "a" * 300_000}, headers=BROWSER).status_code == 413
    many = {f"field-{number}": "x" for number in range(400)}
    assert client.post("/fr/sign-in", data=many, headers=BROWSER).status_code == 400


def test_typed_text_keeps_its_words_and_loses_signs_that_nobody_types():
    assert clean("é" * 150_000) == "é" * 150_000
    assert clean(" Caf\u0065\u0301\u202e \x00\r\nb ") == "Café \nb"
    assert clean("\u3164\u200b\u115f \ufeff") == "" and clean("cafe\u034f\u0301") == "café"
    assert clean("می\u200cخواهم") == "می\u200cخواهم"
    assert Form(collected([("a", "x\ty"), ("a", "z"), ("n" * 200, "no")])).values == {"a": ["x\ty", "z"]}


def test_readers_get_no_cookie(client):
    for path in ("/fr/", "/fr/projects", "/fr/sign-in", "/fr/projects/galette"):
        assert "set-cookie" not in client.get(path).headers
