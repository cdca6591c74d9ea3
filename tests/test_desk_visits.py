"""From a real visit to the desk and back: what files leave unsure is asked, decided, served, and asked again."""

import pytest
from factories import NOW
from factories_visits import a_catalog_of, a_conductor, kept, the_settings, visited
from githost import a_commit, a_repository, an_origin, git
from starlette.testclient import TestClient

from catalog import moderate
from catalog.decisions import CLOSE, SERVE, basis
from catalog.search import Finder
from forge.app import create_app

OURS = b"This program belongs to its members, who may pass it on to any other cooperative as they see fit.\n" * 4
CODE = "/en/projects/galette/code/tree/main"


@pytest.fixture
def origin(tmp_path):
    (tmp_path / "origins").mkdir()
    with an_origin(tmp_path / "origins") as host:
        yield host


@pytest.fixture
def conductor(sqlite_store, tmp_path):
    with a_conductor(sqlite_store, the_settings(tmp_path)) as given:
        yield given


@pytest.fixture
def bruno(sqlite_store):
    token = sqlite_store.people.invite("bruno@example.org", "moderator", "fr", now=NOW)
    return sqlite_store.people.sign_in(token, "fr", now=NOW)[0]


def test_what_a_visit_leaves_unsure_is_asked_until_a_person_decides_and_again_when_the_license_file_changes(
    origin, conductor, sqlite_store, bruno
):
    def commit(**files):
        names = {name.replace("__", "."): content for name, content in files.items()}
        oid = a_commit(tool, names, git("rev-parse", "main", cwd=tool))
        git("update-ref", "refs/heads/main", oid, cwd=tool)
        visited(conductor, "galette")

    def decide(choice):
        (asked,) = sqlite_store.findings.queue()
        seen = basis(sqlite_store.decisions.subject("galette").observation)
        assert (asked.kind, asked.key) == (moderate.UNSURE, seen)
        wish = moderate.Wish(choice, "read", "Read by a person.", seen)
        moderate.decide(sqlite_store, bruno, "galette", wish, finding=asked.number, now=NOW)

    tool = a_repository(origin.folder, LICENSE=OURS)
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    app = create_app(conductor.settings, sqlite_store, Finder(conductor.settings.search), conductor.clock)
    with TestClient(app) as client:
        assert kept(sqlite_store).free is None and client.get(CODE).status_code == 403
        decide(SERVE)
        assert client.get(CODE).status_code == 200
        commit(LICENSE=OURS, a__txt=b"new\n")
        assert sqlite_store.findings.queue() == () and client.get(CODE).status_code == 200
        assert b"a.txt" in client.get(CODE).content
        commit(LICENSE=OURS + b"But for a fee.\n")
        assert client.get(CODE).status_code == 403
        decide(CLOSE)
        assert client.get(CODE).status_code == 403 and sqlite_store.findings.queue() == ()
