"""API tokens: made on one's page, shown once, kept as digests, ended at one press; and what they open."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from support.factories.core import NOW
from support.visitors import BROWSER, signed_in
from support.world import a_client, filled_store

from catalog.rules.api_token import KEPT_AFTER, MOST_TOKENS, PREFIX
from catalog.store.core.engine import reading
from catalog.store.people.api_tokens import SENTENCES
from catalog.tables.people import api_token
from forge.web.api.route import DescribedRoute

store = filled_store
TYPED = {"name": "Our script", "days": "30"}


@pytest.fixture
def ana(app, store):
    return signed_in(app, store, "ana@example.org", None)


def made(client, **typed):
    answer = client.post("/en/me/tokens", data=TYPED | typed, headers=BROWSER)
    found = re.search(rf"{PREFIX}[A-Za-z0-9_-]+", answer.text)
    return found[0] if found else None


def bearer(token):
    return {"authorization": f"Bearer {token}"}


def test_a_token_is_shown_once_and_kept_as_a_digest(ana, store):
    token = made(ana)
    shown = ana.get("/en/me/tokens")
    assert shown.headers["cache-control"] == "private, no-store" and "Our script" in shown.text
    assert token not in shown.text and len(token) == 49 and "never used" in shown.text
    with reading(store.engine) as connection:
        (row,) = connection.execute(select(api_token)).all()
    assert token not in repr(row) and row.expires_at == NOW + timedelta(days=30)


def test_all_that_is_wrong_is_told_at_once_and_no_token_is_made(ana, store):
    answer = ana.post("/fr/me/tokens", data={"name": "", "days": "9999"}, headers=BROWSER)
    assert answer.status_code == 422 and answer.text.count('class="problem"') == 2
    assert PREFIX not in answer.text
    for wrong in ({"name": "x" * 81}, {"days": "31"}):
        assert made(ana, **wrong) is None
    with reading(store.engine) as connection:
        assert connection.execute(select(api_token)).all() == []
    assert all(len(sentence) > 10 for sentence in SENTENCES)


def test_nobody_has_more_than_so_many(ana, store):
    for _ in range(MOST_TOKENS):
        assert made(ana)
    assert made(ana) is None


def test_the_day_of_a_tokens_use_is_noted(app, ana, store):
    token, program = made(ana), a_client(app)
    assert program.get("/api/v1/declarations", headers=bearer(token)).json() == {"declarations": []}
    assert "last used" in ana.get("/en/me/tokens").text


def test_an_ended_token_and_a_strange_one_open_nothing_not_even_what_is_public(app, ana, store):
    token, program = made(ana), a_client(app)
    key = re.search(r'name="end" value="([^"]+)"', ana.get("/en/me/tokens").text)[1]
    stranger = signed_in(app, store, "eva@example.org", None)
    stranger.post("/en/me/tokens", data={"end": key}, headers=BROWSER)
    assert program.get("/api/v1/declarations", headers=bearer(token)).status_code == 200
    for _ in range(2):
        assert ana.post("/en/me/tokens", data={"end": key}, headers=BROWSER).status_code == 303
    ana.post("/en/me/tokens", data={"end": "nonsense"}, headers=BROWSER)
    for given in (bearer(token), bearer("forge_x"), bearer("x" * 5000), {"authorization": "Basic YTpi"}, bearer("")):
        for path in ("/api/v1/declarations", "/api/v1/projects"):
            answer = program.get(path, headers=given)
            assert answer.status_code == 401 and answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.headers["content-type"] == "application/problem+json"


def test_a_token_whose_time_is_over_is_listed_for_a_while_and_opens_nothing(app, ana, store):
    token, program = made(ana), a_client(app)
    app.state.clock = lambda: NOW + timedelta(days=30)
    assert program.get("/api/v1/declarations", headers=bearer(token)).status_code == 401
    someone = store.people.sign_in(store.people.invite("ana@example.org", "moderator", "en", now=NOW), "en", now=NOW)[0]
    assert store.api_tokens.forget(NOW + timedelta(days=30) + KEPT_AFTER) == 0 and store.api_tokens.of_person(
        someone.id
    )
    assert store.api_tokens.forget(NOW + timedelta(days=30, seconds=1) + KEPT_AFTER) == 1


def test_tokens_are_in_the_file_of_all_data_without_what_opens_and_go_with_the_account(app, ana, store):
    token = made(ana)
    (kept,) = json.loads(ana.get("/en/me/data.json").text)["api_token"]
    assert kept["name"] == "Our script" and "digest" not in kept
    assert ana.post("/en/me/delete", data={"go": ""}, headers=BROWSER).status_code == 303
    assert a_client(app).get("/api/v1/declarations", headers=bearer(token)).status_code == 401


def test_no_cookie_is_believed(app, ana):
    for route in app.routes:
        for method, operation in getattr(route, "operations", {}).items() if isinstance(route, DescribedRoute) else ():
            if operation.needs_token:
                path = re.sub(r"\{\w+\}", "x", route.path)
                answer = ana.request(method, path, json={})
                assert answer.status_code == 401, path
                assert "set-cookie" not in answer.headers


def test_another_site_gets_no_leave_to_send_a_token(app):
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    answer = a_client(app).options("/api/v1/declarations", headers=asked)
    assert "POST" not in answer.headers["access-control-allow-methods"]
    assert "authorization" not in answer.headers["access-control-allow-headers"].lower()
