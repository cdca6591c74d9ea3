"""What groups ask of a project, gathered: counted reasons of past uses, on its page of users and for programs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import a_catalog, a_project, an_adoption, an_organization, load
from starlette.testclient import TestClient
from test_api import check, schema_of
from world import a_client, a_site

from catalog.store import Store


@pytest.fixture(scope="module")
def store(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Sixty groups use it; three do not any more, one of which tells that to nobody."""
    folder = tmp_path_factory.mktemp("asked")
    (folder / "catalog.db").write_bytes(sqlite_template.read_bytes())
    store = Store(f"sqlite:///{folder / 'catalog.db'}")
    slugs = [f"coop-{number:02}" for number in range(60)]
    over = {"stage": "stopped", "until": "2025", "seen_at": "2026-01-10"}
    past = (
        an_adoption("left", reasons=("cost", "no-support"), lesson={"en": "Ask the price of help first."}, **over),
        an_adoption("gone", reasons=("cost",), **over),
        an_adoption("quiet", reasons=("security",), visibility="counted", lesson={"en": "zzplanted"}, **over),
    )
    uses = (*map(an_adoption, slugs), *past)
    groups = map(an_organization, (*slugs, "left", "gone", "quiet"))
    load(store, a_catalog(a_project(adoptions=uses), a_project("zeta"), *groups))
    yield store
    store.close()


@pytest.fixture(scope="module")
def client(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with a_site(store, tmp_path_factory.mktemp("site")) as app:
        yield a_client(app)


def test_why_groups_stopped_stands_once_with_its_numbers_where_past_uses_do(client: TestClient) -> None:
    first, second = (client.get(f"/en/projects/galette/users?page={page}").text for page in (1, 2))
    assert "Why they stopped" not in first and second.count("Why they stopped") == 1
    assert "<li>Cost: 2 groups</li><li>No one to help: 1 group</li>" in second
    assert "Security problem" not in second
    assert "<li>Coût : 2 groupes</li>" in client.get("/fr/projects/galette/users?page=2").text


def test_programs_are_told_why_uses_ended(client: TestClient) -> None:
    answer = client.get("/api/v1/projects/galette/adoptions?limit=1").json()
    description = client.get("/openapi.json").json()
    check(schema_of(description, "/api/v1/projects/{slug}/adoptions", "get", "200"), description, answer)
    assert answer["stop_reasons"] == [
        {"reason": "cost", "organizations": 2},
        {"reason": "no-support", "organizations": 1},
    ]
