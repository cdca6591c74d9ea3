"""From a real visit to the desk and back: what files leave unsure is asked, decided, served, and asked again."""

import pytest
from starlette.testclient import TestClient
from support.factories.core import NOW
from support.factories.visits import LICENSE_TEXT, Clock, a_catalog_of, a_conductor, mirror_of, the_settings, visited
from support.hosts.git_origin import a_commit, a_repository, git
from support.open_findings import open_findings

from catalog import moderation
from catalog.errors import Invalid
from catalog.rules.decision import ACCEPT, CLOSE, SERVE, WITHHELD, serving_basis
from catalog.search import Finder
from catalog.store.moderation.findings import LICENSE_UNSURE
from forge.app import create_app

OURS = b"This program belongs to its members, who may pass it on to any other cooperative as they see fit.\n" * 4
CODE = "/en/projects/galette/code/tree/main"


@pytest.fixture
def conductor(sqlite_store, tmp_path):
    with a_conductor(sqlite_store, the_settings(tmp_path)) as given:
        yield given


@pytest.fixture
def bruno(sqlite_store):
    token = sqlite_store.people.invite("bruno@example.org", "moderator", "fr", now=NOW)
    return sqlite_store.people.sign_in(token, "fr", now=NOW)[0]


def waiting(store, kind):
    return [case for case in open_findings(store) if case.kind == kind]


def test_what_a_visit_leaves_unsure_is_asked_until_a_person_decides_and_again_when_the_license_file_changes(
    origin, conductor, sqlite_store, bruno
):
    def commit(**files):
        names = {name.replace("__", "."): content for name, content in files.items()}
        oid = a_commit(tool, names, git("rev-parse", "main", cwd=tool))
        git("update-ref", "refs/heads/main", oid, cwd=tool)
        visited(conductor, "galette")

    def decide(choice):
        (asked,) = open_findings(sqlite_store)
        seen = serving_basis(sqlite_store.decisions.subject("galette").observation)
        assert (asked.kind, asked.key) == (LICENSE_UNSURE, seen)
        wish = moderation.DecisionRequest(choice, "read", "Read by a person.", seen)
        moderation.decide(sqlite_store, bruno, "galette", wish, finding=asked.number, now=NOW)

    tool = a_repository(origin.folder, LICENSE=OURS)
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    app = create_app(conductor.settings, sqlite_store, Finder(conductor.settings.search), conductor.clock)
    with TestClient(app) as client:
        assert mirror_of(sqlite_store).free is None and client.get(CODE).status_code == 403
        decide(SERVE)
        assert client.get(CODE).status_code == 403
        visited(conductor)  # due at once by the decision: it makes ready what may be served
        assert client.get(CODE).status_code == 200
        commit(LICENSE=OURS, a__txt=b"new\n")
        assert open_findings(sqlite_store) == () and client.get(CODE).status_code == 200
        assert b"a.txt" in client.get(CODE).content
        commit(LICENSE=OURS + b"But for a fee.\n")
        # What was served stays served, under the license that it had; the new state, which has no a.txt, is not shown.
        assert b"a.txt" in client.get(CODE).content
        assert client.get("/projects/galette/raw/main/LICENSE").content == OURS
        decide(CLOSE)
        assert client.get(CODE).status_code == 403 and open_findings(sqlite_store) == ()


def test_what_vanished_at_its_origin_stays_until_a_person_lets_it_go_and_then_the_next_visit_takes_it_over(
    origin, conductor, sqlite_store, bruno
):
    def names():
        return git("for-each-ref", "--format=%(refname)", "refs/heads", cwd=mirror).split()

    def accept():
        (asked,) = open_findings(sqlite_store)
        wish = moderation.DecisionRequest(ACCEPT, "as-it-should-be", "", "")
        return moderation.decide(sqlite_store, bruno, "galette", wish, finding=asked.number, now=NOW)

    tool = a_repository(origin.folder, LICENSE=OURS)
    for number in range(8):
        git("branch", f"topic{number}", "main", cwd=tool)
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    mirror = conductor.settings.mirrors / f"{mirror_of(sqlite_store).project_id}.git"
    sqlite_store.findings.withdraw(mirror_of(sqlite_store).project_id, LICENSE_UNSURE, now=NOW)
    git("branch", "-D", *(f"topic{number}" for number in range(8)), cwd=tool)
    for _ in range(2):
        visited(conductor)
    (told,) = open_findings(sqlite_store)
    assert (told.kind, told.detail, len(names())) == (WITHHELD, {"number": 8}, 9)
    line = accept()
    assert mirror_of(sqlite_store).accepted == told.key and open_findings(sqlite_store) == ()
    moderation.undo(sqlite_store, bruno, line, "mistake", "", now=NOW)
    assert mirror_of(sqlite_store).accepted is None and len(open_findings(sqlite_store)) == 1
    line = accept()
    assert visited(conductor).outcome == "full"
    assert names() == [b"refs/heads/main"]
    assert mirror_of(sqlite_store).accepted is None and open_findings(sqlite_store) == ()
    with pytest.raises(Invalid):  # the names are gone; their commits are kept
        moderation.undo(sqlite_store, bruno, line, "mistake", "", now=NOW)


def test_what_was_accepted_is_what_was_seen_and_no_later_deletion(origin, conductor, sqlite_store, bruno):
    tool = a_repository(origin.folder, LICENSE=LICENSE_TEXT.encode())
    for number in range(8):
        git("branch", f"topic{number}", "main", cwd=tool)
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    git("branch", "-D", *(f"topic{number}" for number in range(7)), cwd=tool)
    visited(conductor)
    (first,) = waiting(sqlite_store, WITHHELD)
    wish = moderation.DecisionRequest(ACCEPT, "as-it-should-be", "", "")
    moderation.decide(sqlite_store, bruno, "galette", wish, finding=first.number, now=NOW)
    git("branch", "-D", "topic7", cwd=tool)
    assert visited(conductor).outcome == "partial"
    (second,) = waiting(sqlite_store, WITHHELD)
    assert second.detail["number"] == 8 and second.key != first.key


def test_a_repository_that_is_away_for_good_is_a_matter_until_it_is_back(origin, sqlite_store, tmp_path):
    clock = Clock()
    with a_conductor(sqlite_store, the_settings(tmp_path), clock=clock) as conductor:
        tool = a_repository(origin.folder, LICENSE=LICENSE_TEXT.encode())
        a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
        visited(conductor)
        away = tool.rename(tool.with_name("away"))
        for _ in range(8):
            clock.move(days=3)
            visited(conductor)
        (told,) = waiting(sqlite_store, "code-gone")
        assert told.detail["url"] == origin.url("git/tool.git")
        away.rename(tool)
        visited(conductor)
        assert waiting(sqlite_store, "code-gone") == []
