"""The route of an address is the one that Starlette finds by trying all, whatever the address is."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Match, Router
from support.world import a_client, a_filled_site

METHODS = ("GET", "POST", "HEAD", "DELETE")
FILLED = ("galette", "en", "fr-CA", "projects", "api", "v1", "1", "x.git", "a-b", "é", "", "{slug}")


@pytest.fixture(scope="module")
def app(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory):
    with a_filled_site(sqlite_template, tmp_path_factory.mktemp("routing")) as site:
        yield site


def found(router: Router, path: str, method: str) -> list:
    """The routes that may answer, in their order, with what each reads from the address."""
    scope = {"type": "http", "path": path, "method": method, "root_path": "", "headers": []}
    matches = [(route, *route.matches(scope)) for route in router.routes]
    return [(route, match, scope) for route, match, scope in matches if match is not Match.NONE]


@given(data=st.data())
def test_it_is_what_trying_all_finds(app, data):
    patterns = sorted({route.path for route in app.routes})
    parts = st.lists(st.sampled_from(FILLED), max_size=5).map(lambda every: "/" + "/".join(every))
    shaped = st.sampled_from(patterns).map(
        lambda pattern: re.sub(r"\{[^}]*\}", lambda _: data.draw(st.sampled_from(FILLED)), pattern)
    )
    path = data.draw(parts | shaped | shaped.map(lambda shape: f"{shape}/") | st.text("/ab", max_size=6))
    method = data.draw(st.sampled_from(METHODS))
    assert found(app.router._of(path), path, method) == found(app.router, path, method)


def test_every_route_is_among_the_few_of_its_own_address(app):
    for route in app.routes:
        path = re.sub(r"\{language[^}]*\}", "en", route.path)
        assert route in app.router._of(re.sub(r"\{[^}]*\}", "x", path)).routes, route.path
    assert len(app.router._of("/en/projects/galette").routes) < len(app.routes) / 5


def test_what_has_no_route_and_what_takes_no_such_method_is_told_as_before(app):
    client = a_client(app)
    assert client.get("/api/v1/nothing/at/all").status_code == 404
    assert client.request("DELETE", "/en/projects/galette").status_code == 405
