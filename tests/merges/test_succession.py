"""That one record is part of another, or took over from it: said by a moderator here or heard from another catalogue,
shown on both pages with whose word it is, exported, taken back, and never joining anything."""

import re

import pytest
from support.factories.calls import COOP, GALETTE, somebody
from support.factories.core import NOW, a_catalog, a_project, an_organization, identity, later, load
from support.factories.received import a_catalogue, key, receive, theirs
from support.factories.rewriting import rewriting
from support.factories.told import Tombstone
from support.html_structure import problems
from support.visitors import signed_in
from support.world import a_client, a_site, fill

from catalog import moderation
from catalog.errors import AlreadyExists, Invalid, NotAllowed, NotFound
from catalog.federation.shapes import ORGANIZATION, PROJECT
from catalog.moderation import Tying
from catalog.rules.decision import PART_OF, SUCCESSOR_OF
from catalog.store import Store
from catalog.tables.core import organization
from catalog.tables.moderation import decision
from tests.api.test_api import check, everything, schema_of
from tests.merges.test_same_as_claims import a_join

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
    number = moderation.tie(home, bruno, Tying(PROJECT, GALETTE, SUITE, PART_OF, WORDS), now=NOW)
    after = moderation.tie(home, bruno, Tying(ORGANIZATION, COOP, UNION, SUCCESSOR_OF, ""), now=NOW)
    assert told(home, PROJECT, GALETTE) == [(PART_OF, True, "suite", WORDS)]
    assert told(home, PROJECT, SUITE) == [(PART_OF, False, "galette", WORDS)]
    assert told(home, ORGANIZATION, UNION) == [(SUCCESSOR_OF, False, "coop-des-halles", "")]
    assert home.merges.merged_ids(PROJECT) == frozenset() and home.decisions.faults() == ()
    with pytest.raises(AlreadyExists):
        moderation.tie(home, bruno, Tying(PROJECT, GALETTE, SUITE, PART_OF, ""), now=NOW)
    with pytest.raises(Invalid):
        moderation.tie(home, bruno, Tying(PROJECT, GALETTE, GALETTE, PART_OF, ""), now=NOW)
    with pytest.raises(NotAllowed):
        maker = somebody(home, "ana@example.org", role="moderator", keeps=[SUITE])
        moderation.tie(home, maker, Tying(PROJECT, GALETTE, SUITE, SUCCESSOR_OF, ""), now=NOW)
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
    moderation.tie(home, bruno, Tying(PROJECT, GALETTE, SUITE, PART_OF, WORDS), now=NOW)
    with rewriting(home.engine) as connection:
        connection.execute(decision.update().values(before={}))
    assert home.successors.of_record(PROJECT, GALETTE) == ()


def test_what_another_catalogue_says_is_shown_as_its_word_and_joins_nothing(home: Store) -> None:
    peer, before = a_catalogue(home), home.change()
    said = a_join(says=PART_OF, reason="Write to ana@example.org")
    receive(home, peer, theirs("galeta", name="Lista"), joins=(said, a_join(id=key("2"), b=SUITE, says=SUCCESSOR_OF)))
    assert told(home, PROJECT, key("galeta")) == [(PART_OF, False, "galette", "")]
    assert {line[0] for line in told(home, PROJECT, GALETTE)} == {PART_OF, SUCCESSOR_OF}
    assert all(tie.peer is not None and tie.peer.id == peer.id for tie in home.successors.of_record(PROJECT, GALETTE))
    assert home.moderation_queue.queue(now=NOW) == ()
    assert home.public_records.project("galeta").record.name == "Lista" and home.change() > before
    before = home.change()
    receive(home, peer, tombstones=[Tombstone("join", key("2"), NOW, "withdrawn", 1)])
    assert told(home, PROJECT, SUITE) == [] and home.change() > before


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


def test_programs_read_both_kinds_of_word_with_whose_it_is_in_parts(home: Store, tmp_path) -> None:
    bruno, peer = somebody(home, "bruno@example.org", role="moderator"), a_catalogue(home)
    moderation.tie(home, bruno, Tying(ORGANIZATION, COOP, UNION, SUCCESSOR_OF, WORDS), now=NOW)
    receive(home, peer, joins=(a_join(b=SUITE, says=PART_OF), a_join(id=key("2"), b=SUITE, says=SUCCESSOR_OF)))
    with a_site(home, tmp_path / "data") as app:
        client = a_client(app)
        found = everything(client, "/api/v1/ties?limit=1", "ties")
        whole = client.get("/api/v1/ties").json()
        assert found == whole["ties"] and len(found) == 3
        ours = next(record for record in found if record["said_by"] is None)
        assert (ours["one"]["id"], ours["other"]["id"]) == (str(COOP), str(UNION)) and ours["words"] == WORDS
        assert client.get(f"/api/v1/decisions/{ours['decision']}").json()["kind"] == SUCCESSOR_OF
        theirs_said = [
            (record["says"], record["said_by"]["slug"], record["decision"]) for record in found if record is not ours
        ]
        assert sorted(theirs_said) == [(PART_OF, peer.slug, None), (SUCCESSOR_OF, peer.slug, None)]
        assert client.get("/api/v1/ties?kind=organization").json()["ties"] == [ours]
        document = client.get("/openapi.json").json()
        check(schema_of(document, "/api/v1/ties"), document, whole)
