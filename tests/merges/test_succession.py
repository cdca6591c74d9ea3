"""That one record is part of another, or took over from it: said by a moderator here, shown on both pages, exported,
taken back, and never joining anything."""

import re

import pytest
from support.factories.calls import COOP, GALETTE, somebody
from support.factories.core import NOW, a_catalog, a_project, an_organization, identity, later, load
from support.factories.rewriting import rewriting
from support.html_structure import problems
from support.visitors import signed_in
from support.world import a_client, a_site, fill

from catalog import moderation
from catalog.errors import AlreadyExists, Invalid, NotAllowed, NotFound
from catalog.moderation import SuccessionStatement
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.decision import PART_OF, SUCCESSOR_OF
from catalog.store.store import Store
from catalog.tables.core import organization
from catalog.tables.moderation import decision
from tests.api.test_api import check, everything, schema_of

SUITE, UNION = identity("suite"), identity("union", "organization")
WORDS = "It is delivered with it."


@pytest.fixture
def home(store: Store) -> Store:
    load(store, a_catalog(a_project(), a_project("suite"), an_organization(), an_organization("union")))
    return store


def told(store: Store, kind: str, record) -> list[tuple[str, bool, str, str]]:
    return [(tie.says, tie.forward, tie.other[0], tie.words) for tie in store.successors.of_record(kind, record)]


def test_what_a_moderator_says_stands_on_both_records_and_in_the_feed_until_it_is_taken_back(home: Store) -> None:
    bruno = somebody(home, "bruno@example.org", role="moderator")
    number = moderation.tie(home, bruno, SuccessionStatement(PROJECT, GALETTE, SUITE, PART_OF, WORDS), now=NOW)
    after = moderation.tie(home, bruno, SuccessionStatement(ORGANIZATION, COOP, UNION, SUCCESSOR_OF, ""), now=NOW)
    assert told(home, PROJECT, GALETTE) == [(PART_OF, True, "suite", WORDS)]
    assert told(home, PROJECT, SUITE) == [(PART_OF, False, "galette", WORDS)]
    assert told(home, ORGANIZATION, UNION) == [(SUCCESSOR_OF, False, "coop-des-halles", "")]
    assert home.merges.merged_ids(PROJECT) == frozenset() and home.decisions.faults() == ()
    with pytest.raises(AlreadyExists):
        moderation.tie(home, bruno, SuccessionStatement(PROJECT, GALETTE, SUITE, PART_OF, ""), now=NOW)
    with pytest.raises(Invalid):
        moderation.tie(home, bruno, SuccessionStatement(PROJECT, GALETTE, GALETTE, PART_OF, ""), now=NOW)
    with pytest.raises(NotAllowed):
        maker = somebody(home, "ana@example.org", role="moderator", maintained_projects=[SUITE])
        moderation.tie(home, maker, SuccessionStatement(PROJECT, GALETTE, SUITE, SUCCESSOR_OF, ""), now=NOW)
    with rewriting(home.engine) as connection:
        connection.execute(organization.update().where(organization.c.id == UNION).values(hidden="hidden"))
    moderation.undo(home, bruno, number, "mistake", "", now=later(hours=1))
    assert told(home, PROJECT, GALETTE) == told(home, PROJECT, SUITE) == []
    assert told(home, ORGANIZATION, COOP) == []  # the other one is hidden
    moderation.untie(home, bruno, after, "Both went on.", now=later(days=400))
    with pytest.raises(NotFound):
        moderation.untie(home, bruno, after, "", now=later(days=401))


def test_a_log_that_came_without_the_other_record_says_nothing_and_harms_nothing(home: Store) -> None:
    """As a file of all public data brings it."""
    bruno = somebody(home, "bruno@example.org", role="moderator")
    moderation.tie(home, bruno, SuccessionStatement(PROJECT, GALETTE, SUITE, PART_OF, WORDS), now=NOW)
    with rewriting(home.engine) as connection:
        connection.execute(decision.update().values(before={}))
    assert home.successors.of_record(PROJECT, GALETTE) == ()


def test_it_is_said_at_the_desk_and_read_on_the_page_with_a_way_to_the_log(sqlite_store: Store, tmp_path) -> None:
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data") as app:
        desk, reader = signed_in(app, sqlite_store, "bruno@example.org"), a_client(app)
        two = {"kind": PROJECT, "one": "asleep", "other": "galette"}
        form = desk.get("/en/desk/joins", params=two).text
        (value,) = re.findall(rf'value="(part-of:{GALETTE})"', form)
        answer = desk.post("/en/desk/joins", data={**two, "choice": value, "words": "<b>So</b>"})
        assert answer.status_code == 303 and answer.headers["location"] == "/en/projects/galette#ties"
        for slug in ("galette", "asleep"):
            page = reader.get(f"/en/projects/{slug}").text
            assert "is part of" in page, slug
            assert "A moderator here said so on" in page and "&lt;b&gt;So&lt;/b&gt;" in page and 'id="ties"' in page
            assert "had nothing to do" not in page and problems(page) == []
        assert "Recorded as part of another record" in reader.get("/en/log").text
        again = desk.get("/en/desk/joins", params=two).text
        assert problems(form) == problems(again) == []
        (taken,) = re.findall(r'value="(untie:\d+)"', again)
        assert desk.post("/en/desk/joins", data={**two, "choice": taken, "words": ""}).status_code == 303
        assert 'id="ties"' not in reader.get("/en/projects/galette").text
        for wrong in ("untie:99", "part-of:x", f"same:{GALETTE}", "untie:9999999999"):
            assert desk.post("/en/desk/joins", data={**two, "choice": wrong}).status_code in (404, 422)


def test_programs_read_them_in_parts(home: Store, tmp_path) -> None:
    bruno = somebody(home, "bruno@example.org", role="moderator")
    moderation.tie(home, bruno, SuccessionStatement(ORGANIZATION, COOP, UNION, SUCCESSOR_OF, WORDS), now=NOW)
    moderation.tie(home, bruno, SuccessionStatement(PROJECT, GALETTE, SUITE, PART_OF, WORDS), now=later(days=1))
    with a_site(home, tmp_path / "data") as app:
        client = a_client(app)
        found = everything(client, "/api/v1/ties?limit=1", "ties")
        whole = client.get("/api/v1/ties").json()
        assert found == whole["ties"] and len(found) == 2
        ours = next(record for record in found if record["kind"] == ORGANIZATION)
        assert (ours["one"]["id"], ours["other"]["id"]) == (str(COOP), str(UNION)) and ours["words"] == WORDS
        assert client.get(f"/api/v1/decisions/{ours['decision']}").json()["kind"] == SUCCESSOR_OF
        assert client.get("/api/v1/ties?kind=organization").json()["ties"] == [ours]
        assert [(tie["says"], tie["one"]["slug"]) for tie in found if tie is not ours] == [(PART_OF, "galette")]
        document = client.get("/openapi.json").json()
        check(schema_of(document, "/api/v1/ties"), document, whole)
