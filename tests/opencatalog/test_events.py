"""Our own entries in the Open Catalog API, as those see them who ask for events and are called: what was made, changed
or taken away is told once, on both databases; what shows there as nothing is not."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event as events_of
from sqlalchemy import update
from support.factories.calls import somebody
from support.factories.core import (
    NOW,
    a_catalog,
    a_declared_adoption,
    a_maintenance,
    a_project,
    an_organization,
    identity,
    later,
    load,
)
from support.factories.registration import a_draft, published
from support.factories.visits import LOOPBACK, Clock, a_conductor, the_settings

from catalog import submissions
from catalog.store.core.engine import get_meta, reading
from catalog.store.core.public_changes import changing
from catalog.store.core.render_cache import PUBLICCODE
from catalog.store.opencatalog.change_events import LOOKED
from catalog.store.opencatalog.pagination import Window
from catalog.store.opencatalog.webhooks import WebhookValues
from catalog.store.store import Store
from catalog.tables.core import project
from forge.jobs.opencatalog_webhooks import EVERY, WebhookJobs
from forge.mirroring.worker import JobHandlers, Worker
from forge.security.safe_http import AddressRules
from tests.merges.test_merges import pair
from tests.opencatalog.test_webhooks import a_listener

GALETTE, PAHEKO = identity("galette"), identity("paheko")
ANA = identity("ana-maintains", "organization")


def a_world(*more, name: str = "Galette", **galette):
    led = {"maintenance": (a_maintenance("ana-maintains"),)} | galette
    return a_catalog(a_project("galette", name=name, **led), an_organization("ana-maintains"), *more)


@pytest.fixture
def told(store):
    """A catalogue that was looked at; a function that looks again and says what was told, as the listing has it."""
    load(store, a_world())
    minutes = iter(range(1, 100))
    assert store.opencatalog.entries.write_events(now=NOW) == 0

    def look(*, of: Store = store) -> set[tuple[str, str, UUID]]:
        now = later(minutes=next(minutes))
        count = of.opencatalog.entries.write_events(now=now)
        found = of.opencatalog.events.page(Window(100, newest_first=True, since=now - timedelta(seconds=1)))[0]
        assert len(found) == count and all(event.actor is None for event in found)
        return {(event.type, event.kind, event.record_id) for event in found}

    return look


def test_the_first_look_tells_nothing_and_an_unchanged_catalogue_is_not_read_again(store, told):
    assert told() == set() and store.opencatalog.events.page(Window(100))[0] == ()
    asked: list[str] = []
    events_of.listen(store.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert told() == set()
    assert not [statement for statement in asked if "own_entry_digest" in statement or statement.startswith("INSERT")]


def test_a_project_of_the_document_is_told_of_when_it_comes_is_corrected_and_goes(store, told):
    load(store, a_world(a_project("paheko")), digest="2")
    assert told() == {("create", "software", PAHEKO)} and told() == set()
    load(store, a_world(a_project("paheko", repository="https://git.example/paheko")), digest="3")
    assert told() == {("update", "software", PAHEKO)} and told() == set()
    load(store, a_world(), digest="4")
    assert told() == {("delete", "software", PAHEKO)} and told() == set()


@pytest.mark.parametrize("how", ["blocked", "opted out"])
def test_a_project_that_is_hidden_is_gone_with_its_publisher_and_comes_again(store, told, how):
    def mark(at):
        with changing(store.engine) as (connection, change):
            this = update(project).where(project.c.id == GALETTE)
            connection.execute(this.values(opted_out_at=at, change=change()))

    store.mirrors.block("galette", "Asked.", now=NOW) if how == "blocked" else mark(NOW)
    assert told() == {("delete", "software", GALETTE), ("delete", "publishers", ANA)}
    store.mirrors.unblock("galette") if how == "blocked" else mark(None)
    assert told() == {("create", "software", GALETTE), ("create", "publishers", ANA)}


def test_a_registration_is_told_of_when_it_is_published_and_when_it_is_taken_back(store, told):
    submission = published(store, a_draft(store), later(minutes=1))
    made = store.record_pages.project_id("caisse-commune")
    assert told() == {("create", "software", made)}
    with changing(store.engine) as (connection, change):
        held = store.submissions.get(submission.id)
        submissions.take_back(connection, held, change, now=later(minutes=2))
    assert told() == {("delete", "software", made)}


def test_a_project_that_is_joined_with_another_is_told_of_as_gone(store, told):
    load(store, a_world(a_project("paheko")), digest="2")
    assert told() == {("create", "software", PAHEKO)}
    pair(store, somebody(store, role="moderator"), first=PAHEKO, other=GALETTE, stays=GALETTE, kind="project")
    assert told() == {("delete", "software", PAHEKO)}


def test_an_organization_is_told_of_as_a_publisher_when_its_name_or_what_it_leads_changes(store, told):
    renamed = (replace(an_organization("ana-maintains"), name="Ana"),)
    load(store, replace(a_world(), organizations=renamed), digest="2", now=later(minutes=1))
    assert told() == {("update", "publishers", ANA)}
    more = a_project("paheko", maintenance=(a_maintenance("ana-maintains"),))
    load(store, replace(a_world(more), organizations=renamed), digest="3", now=later(minutes=2))
    assert told() == {("create", "software", PAHEKO), ("update", "publishers", ANA)}
    load(store, replace(a_world(more, maintenance=()), organizations=renamed), digest="4", now=later(minutes=3))
    assert told() == {("update", "software", GALETTE), ("update", "publishers", ANA)}
    load(store, replace(a_world(maintenance=()), organizations=renamed), digest="5", now=later(minutes=4))
    assert told() == {("delete", "software", PAHEKO), ("delete", "publishers", ANA)}


def test_a_use_is_told_of_since_the_analysis_counts_it(store, told):
    load(store, a_world(an_organization("user")), digest="2")
    assert told() == set()
    a_declared_adoption(store, organization="user")
    assert told() == {("update", "software", GALETTE)}


def test_a_visit_is_told_of_where_it_changed_what_is_shown(store, told):
    def visit(commit, **seen):
        record = {"commit": commit * 40} | seen
        assert store.observations.observe(GALETTE, commit * 40, record, free=True, last_commit_at=NOW, now=NOW)

    visit("1")
    assert told() == set()  # a push: nothing of it is shown
    store.mirrors.keep_rendering("a" * 40, PUBLICCODE, "name: Galette\n")
    visit("2", publiccode={"oid": "a" * 40})
    assert told() == {("update", "software", GALETTE)}


def test_what_another_process_began_is_told_once(store, told, database_url, monkeypatch):
    """It dies after an entry was told of, before the number was noted."""
    load(store, a_world(a_project("paheko")), digest="2")
    dying = "catalog.store.opencatalog.change_events.set_meta"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(dying, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        store.opencatalog.entries.write_events(now=NOW)
    found = store.opencatalog.events.page(Window(100))[0]
    assert [(event.type, event.record_id) for event in found] == [("create", PAHEKO)]
    other = Store(database_url)
    try:
        assert told(of=other) == set()
        with reading(other.engine) as connection:
            assert get_meta(connection, LOOKED) == other.change()
    finally:
        other.close()


def test_who_asked_about_our_own_is_called_once_for_all_that_changed_meanwhile(store, told, tmp_path):
    clock, settings = Clock(), the_settings(tmp_path)
    webhooks = store.opencatalog.webhooks
    out = WebhookJobs(store, AddressRules(LOOPBACK), b"k" * 32, clock, seconds=5.0)
    store.jobs.lease("nobody", now=NOW, lease=timedelta(days=9), limit=1000)  # what the world waits for

    def work():
        with a_conductor(store, settings, clock=clock) as conductor:
            Worker(store, conductor, jobs=1, handlers=JobHandlers(out.handlers)).run(once=True)

    with a_listener() as (url, came):
        for kind, id, path in (("software", None, "all"), ("software", GALETTE, "galette"), ("publishers", ANA, "ana")):
            webhooks.add(WebhookValues(kind, id, f"{url}/{path}", None, "default"), actor=None, now=NOW)
        out.plan()
        work()
        for number in range(3):
            renamed = a_world(a_project("paheko"), name=f"Galette {number}")
            load(store, renamed, digest=f"{number}", now=clock.move(seconds=1))
        clock.move(seconds=EVERY.total_seconds())
        work()
        assert came == []  # it waits a second for more
        clock.move(seconds=1)
        work()
        clock.move(hours=1)
        work()
    assert sorted(tuple(json.loads(body).values()) for _, body in came) == [
        ("create", f"/software/{PAHEKO}"),
        ("update", f"/software/{GALETTE}"),  # to who asked about all
        ("update", f"/software/{GALETTE}"),  # and to who asked about this one
    ]
