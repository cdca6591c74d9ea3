"""The folder over HTTP: exact bytes, strong tags, little for who has it already; its errand; what a reader finds after
the records were handed over."""

from contextlib import closing
from types import SimpleNamespace

import pytest
from sqlalchemy import update
from support.factories.core import a_catalog, a_project, an_adoption, an_organization, identity, later, load
from support.feed_follower import Follower
from support.world import a_client, a_site

from catalog.federation import parsing, signing
from catalog.store import Store
from catalog.store.core.public_changes import changing
from catalog.tables.adoptions import adoption
from forge.federation.publish.errand import EXCHANGE, PATIENCE, Exchange
from forge.federation.publish.keys import keys

USED = a_catalog(a_project(adoptions=(an_adoption(),)), a_project("paheko"), an_organization())


@pytest.fixture
def world(tmp_path, sqlite_url):
    """A store with its site, and the errand that writes beside it."""
    with closing(Store(sqlite_url)) as store:
        load(store, USED)
        with a_site(store, tmp_path / "data") as app:
            yield from _world(store, app)


def _world(store, app):
    with a_client(app, packed=True) as client:
        clock = SimpleNamespace(now=later())
        app.state.clock = lambda: clock.now
        errand = Exchange(store, app.state.exchange.parent, "https://forge.example", lambda: clock.now)
        errand.plan()
        yield SimpleNamespace(store=store, client=client, errand=errand, clock=clock, folder=app.state.exchange)


def work(world, **passed: float) -> None:
    """The errand as the worker takes it, so much later."""
    world.clock.now = later(**passed)
    (job,) = world.store.jobs.lease("here", now=world.clock.now, lease=PATIENCE, kinds=[EXCHANGE], limit=1)
    world.errand.run(job)


def take_back(world) -> None:
    with changing(world.store.engine) as (connection, change):
        change()
        connection.execute(update(adoption).values(visibility="maintainers"))


def test_each_file_goes_out_as_it_was_signed(world) -> None:
    work(world)
    given = world.client.get("/exchange/entry.json", headers={"Accept-Encoding": "gzip"})
    raw = given.content
    assert "content-encoding" not in given.headers and len(raw) > 500
    lines = parsing.signatures(world.client.get("/exchange/entry.sig").content)
    public = signing.public_bytes(parsing.card(world.client.get("/exchange/instance.json").content).key.public)
    assert signing.signed_by(public, raw, lines)
    entry = parsing.entry(raw)
    for file in (entry.card, *(part.file for part in entry.parts)):
        answer = world.client.get(f"/exchange/{file.path}")
        assert answer.content == (world.folder / file.path).read_bytes()
        assert answer.headers["content-type"] == "application/gzip" and "immutable" in answer.headers["cache-control"]
        assert answer.headers["access-control-allow-origin"] == "*"


def test_a_visit_without_change_costs_less_than_two_kilobytes(world) -> None:
    work(world)
    first = world.client.get("/exchange/entry.json")
    again = world.client.get("/exchange/entry.json", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content
    head = f"HTTP/1.1 304 Not Modified\r\n{again.headers}"
    asked = "".join(f"{name}: {value}\r\n" for name, value in again.request.headers.items())
    assert len(head) + len(asked) <= 2_000
    assert not first.headers["etag"].startswith("W/")
    entry = parsing.entry(first.content)
    file = f"/exchange/{entry.parts[0].file.path}"
    tag = world.client.get(file).headers["etag"]
    assert world.client.get(file, headers={"If-None-Match": f'"other", {tag}'}).status_code == 304


def test_a_slow_line_goes_on_where_it_broke(world) -> None:
    work(world)
    entry = parsing.entry(world.client.get("/exchange/entry.json").content)
    file = entry.parts[0].file
    rest = world.client.get(f"/exchange/{file.path}", headers={"Range": "bytes=10-"})
    assert rest.status_code == 206 and rest.content == (world.folder / file.path).read_bytes()[10:]


def test_another_sites_program_may_ask_with_a_condition(world) -> None:
    work(world)
    for path in ("/exchange/entry.json", "/exchange/snapshot/project.0123456789abcdef.json.gz"):
        allowed = world.client.options(path)
        assert allowed.status_code == 204 and "If-None-Match" in allowed.headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    "path",
    ["entry.json", "other.json", ".lock", "snapshot/project.json.gz", "snapshot/%2e%2e%2fentry.json", "changes/x"],
)
def test_what_no_entry_names_is_not_there(world, path) -> None:
    if path != "entry.json":
        work(world)
    assert world.client.get(f"/exchange/{path}").status_code == 404


def test_what_is_new_waits_half_an_hour_and_what_was_taken_back_does_not(world) -> None:
    work(world)
    follower = Follower(world.folder, keys(world.store, world.folder.parent).private.public).take_snapshot()
    load(world.store, a_catalog(*USED.projects, a_project("dolibarr"), *USED.organizations), now=later(minutes=1))
    work(world, minutes=2)
    assert follower.entry().sequence == 1
    take_back(world)
    work(world, minutes=3)
    follower.catch_up()
    assert follower.sequence == 2 and not follower.named("adoption") and follower.stones
    load(world.store, a_catalog(*USED.projects, *USED.organizations), now=later(minutes=4))
    load(world.store, a_catalog(*USED.projects, a_project("gone"), *USED.organizations), now=later(minutes=5))
    work(world, minutes=6)
    assert follower.catch_up().sequence == 3  # "dolibarr" left, which does not wait; "gone" went out with it
    load(world.store, a_catalog(*USED.projects, a_project("gone"), a_project("more"), *USED.organizations))
    work(world, minutes=20)
    assert follower.catch_up().sequence == 3
    work(world, minutes=40)
    assert "more" in follower.catch_up().named("project")


def test_what_may_have_been_taken_back_is_not_given_while_nobody_looks(world) -> None:
    work(world)
    path = f"/exchange/{parsing.entry(world.client.get('/exchange/entry.json').content).parts[0].file.path}"
    take_back(world)
    world.clock.now = later(minutes=9)
    assert world.client.get(path).status_code == 200
    world.clock.now = later(minutes=11)
    for refused in ("/exchange/entry.json", path):
        answer = world.client.get(refused)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "600")
    assert world.client.get("/exchange/instance.json").status_code == 200
    work(world, minutes=12)
    assert world.client.get("/exchange/entry.json").status_code == 200


def test_the_errand_rests_while_nothing_changed(world) -> None:
    work(world)
    before = {path: path.stat().st_mtime_ns for path in world.folder.rglob("*")}
    for minutes in (1, 20, 45, 70, 140):
        work(world, minutes=minutes)
    assert {path: path.stat().st_mtime_ns for path in world.folder.rglob("*")} == before
    work(world, days=7)
    assert parsing.entry((world.folder / "entry.json").read_bytes()).at == later(days=7)


def test_after_a_transfer_the_pages_of_records_lead_to_their_new_home(world) -> None:
    work(world)
    assert world.client.get("/en/projects/galette").status_code == 200
    to = signing.key_of(signing.Private(b"n" * 32).public)
    said = {"address": "https://new.example", "public": to.public, "fingerprint": to.fingerprint}
    world.store.exchange_state.note_moved(said | {"at": later().isoformat()})
    answer = world.client.get("/en/projects/galette/users", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (301, "https://new.example/en/projects/galette/users")
    assert world.client.get("/en/projects", follow_redirects=False).status_code == 200
    work(world, hours=1)
    card = parsing.card(world.client.get("/exchange/instance.json").content)
    assert signing.hands_over(card) and card.moved_to.address == "https://new.example"
    world.store.exchange_state.note_moved(None)
    assert world.client.get("/en/projects/galette").status_code == 200


def test_records_have_identities_that_pages_know(world) -> None:
    work(world)
    follower = Follower(world.folder, keys(world.store, world.folder.parent).private.public).take_snapshot()
    assert follower.named("project")["galette"].id == identity("galette")
