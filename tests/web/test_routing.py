"""Every address gets its own route, and what is no address, or takes no such method, is told so."""

import re
from pathlib import Path

import pytest
from starlette.routing import Match, Route
from support.world import a_client, a_filled_site


@pytest.fixture(scope="module")
def app(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory):
    with a_filled_site(sqlite_template, tmp_path_factory.mktemp("routing")) as site:
        yield site


@pytest.fixture(scope="module")
def client(app):
    return a_client(app)


def route_of(app, path: str, method: str) -> Route:
    scope = {"type": "http", "path": path, "method": method, "root_path": "", "headers": []}
    return next(route for route in app.routes if route.matches(scope)[0] is Match.FULL)


def test_no_route_is_hidden_by_one_that_stands_before_it(app):
    assert len(app.routes) > 200
    for route in app.routes:
        path = re.sub(r"\{language[^}]*\}", "en", route.path)
        address = re.sub(r"\{[^}]*\}", "x", path)
        for method in route.methods or ["GET"]:
            assert route_of(app, address, method) is route, f"{method} {address}"


@pytest.mark.parametrize(("path", "status"), [
    ("/nothing", 404),
    ("/en/nothing", 404),
    ("/en/projects/galette/nothing", 404),
    ("/en//projects", 404),
    ("/en/%2e%2e/projects", 404),
    ("/api/v1/nothing/at/all", 404),
    ("/v1/nothing", 404),
    ("/en/projects%0A", 400),
    ("/%00", 400),
])  # fmt: skip
def test_what_has_no_route_leads_nowhere(client, path, status):
    assert client.get(path, follow_redirects=False).status_code == status


def test_an_address_is_found_by_what_its_bytes_mean(client):
    assert client.get("/en/projects/galette%2Fusers").text == client.get("/en/projects/galette/users").text
    assert client.get("//evil.example/", follow_redirects=False).headers["location"] == "/en/"


@pytest.mark.parametrize("path", ["/en/", "/en/projects/galette", "/livez", "/feeds/projects.atom", "/api/v1/projects"])
def test_head_is_answered_as_get_without_a_body(client, path):
    whole, head = client.get(path), client.head(path)
    assert head.status_code == whole.status_code == 200 and whole.content and not head.content
    assert head.headers["content-type"] == whole.headers["content-type"]


@pytest.mark.parametrize(("method", "path", "allowed"), [
    ("DELETE", "/en/projects/galette", {"GET", "HEAD"}),
    ("OPTIONS", "/en/projects/galette", {"GET", "HEAD"}),
    ("POST", "/en/projects/galette", {"GET", "HEAD"}),
    ("DELETE", "/feeds/projects.atom", {"GET", "HEAD"}),
    ("PUT", "/v1/software", {"GET", "HEAD", "OPTIONS"}),
])  # fmt: skip
def test_a_method_that_an_address_does_not_have_is_refused_with_those_that_it_has(client, method, path, allowed):
    answer = client.request(method, path)
    assert answer.status_code == 405 and set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize(("path", "target"), [
    ("/en", "/en/"),
    ("/en/projects/", "/en/projects"),
    ("/en/projects/galette/?page=2", "/en/projects/galette?page=2"),
    ("/projects/galette", "/en/projects/galette"),
    ("/projects/galette/", "/en/projects/galette"),
    ("/me/", "/en/me"),
])  # fmt: skip
def test_an_address_without_its_language_or_with_a_stroke_at_its_end_leads_to_the_page(client, path, target):
    answer = client.get(path, headers={"accept-language": "en"}, follow_redirects=False)
    assert answer.status_code in (301, 302) and answer.headers["location"] == target
