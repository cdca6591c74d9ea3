"""What the Open Catalog API keeps and lists, on both databases: our own beside what was posted, in one order; nothing
that people said is written; what may not be shown is in no list."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from support.example_counts import examples
from support.factories.core import NOW, a_catalog, a_maintenance, a_project, an_organization, identity, later, load
from support.factories.rewriting import rewriting

from catalog.errors import AlreadyExists, Invalid, NotFound
from catalog.rules import open_catalog
from catalog.store.core.engine import reading
from catalog.store.opencatalog.bundles import BundleValues
from catalog.store.opencatalog.catalogs import CatalogValues
from catalog.store.opencatalog.events import CALL, EVENT, LONGEST, PAUSE
from catalog.store.opencatalog.logs import LogValues
from catalog.store.opencatalog.pagination import Window
from catalog.store.opencatalog.publishers import PublisherValues
from catalog.store.opencatalog.software import SoftwareValues
from catalog.store.opencatalog.webhooks import WebhookValues
from catalog.tables import core as tables_core
from catalog.tables import moderation as tables_moderation
from catalog.tables.opencatalog import posted_event
from forge.jobs.retention import EVENTS_KEPT, LOGS_KEPT, RETENTION, Retention

ALL = Window(100, everything=True)


def values(name: str, **changes) -> SoftwareValues:
    said = SoftwareValues(f"https://code.example/{name}", (), "name: x", "name: x", None, True)
    return replace(said, **changes)


def a_publisher(name: str, **changes) -> PublisherValues:
    return replace(PublisherValues(name, None, None, ((f"https://code.example/{name}", True),), True), **changes)


def post(store, name: str, *, now=NOW, catalog=None, **changes):
    return store.opencatalog.software.add(values(name, **changes), catalog=catalog, actor="crawler", now=now)


def urls(store, **wanted) -> list[str]:
    return [entry.url for entry in store.opencatalog.software.page(ALL, **wanted)[0]]


@pytest.fixture
def filled(store):
    """Two projects of ours, one that is context, one without a known license; an organization leads the first."""
    load(
        store,
        a_catalog(
            a_project("galette", repository="https://github.com/galette/galette.git",
                      other_repositories=("https://old.example/galette",),
                      maintenance=(a_maintenance("ana-maintains"), a_maintenance("funds-it", role="funder"))),
            a_project("paheko"),
            a_project("coopcycle", context_only=True, license="LicenseRef-Coopyleft"),
            a_project("unsure", license=None),
            a_project("nowhere", repository=None),
            an_organization("ana-maintains"), an_organization("funds-it"),
        ),
    )  # fmt: skip
    return store


def test_a_list_holds_our_free_projects_and_what_was_posted_in_the_order_of_creation(filled):
    early, late = post(filled, "early", now=later(days=-1)), post(filled, "late", now=later(days=1))
    items, page = filled.opencatalog.software.page(ALL)
    assert (items[0].id, items[-1].id) == (early.id, late.id)
    assert {row.id for row in items[1:-1]} == {identity("galette"), identity("paheko")}
    assert [row.id.hex for row in items[1:-1]] == sorted(row.id.hex for row in items[1:-1])
    assert [row.own for row in items] == [False, True, True, False] and not page.earlier and not page.later
    galette = filled.opencatalog.software.get(identity("galette"))
    assert (galette.url, galette.aliases) == (
        "https://github.com/galette/galette.git",
        ("https://old.example/galette",),
    )
    assert galette.active and galette.vitality is None and galette.created_at == NOW


def test_a_project_whose_files_show_a_free_license_is_listed_without_a_stated_one(filled):
    assert identity("unsure") not in {entry.id for entry in filled.opencatalog.software.page(ALL)[0]}
    filled.observations.observe(
        identity("unsure"), "1" * 40, {"commit": "1" * 40}, free=True, last_commit_at=NOW, now=NOW
    )
    assert identity("unsure") in {entry.id for entry in filled.opencatalog.software.page(ALL)[0]}


@pytest.mark.parametrize("how", ["blocked", "opted out"])
def test_what_is_not_to_be_shown_is_no_software_and_nobody_posts_it_either(filled, how):
    if how == "blocked":
        filled.mirrors.block("paheko", "Asked.", now=NOW)
    else:
        with rewriting(filled.engine) as connection:
            gone = update(tables_core.project).where(tables_core.project.c.slug == "paheko")
            connection.execute(gone.values(opted_out_at=NOW))
    software = filled.opencatalog.software
    repository = f"{a_project('paheko').repository}"
    assert identity("paheko") not in {entry.id for entry in software.page(ALL)[0]}
    assert software.page(ALL, url=open_catalog.normalized_url(repository))[0] == ()
    with pytest.raises(NotFound):
        software.get(identity("paheko"))
    for spelled in (repository, repository.removesuffix(".git"), repository.replace("https://", "https://www.")):
        with pytest.raises(AlreadyExists) as taken:
            post(filled, "x", url=open_catalog.normalized_url(spelled))
        assert taken.value.key == ""  # nothing tells whose it is


def test_what_was_posted_of_an_address_is_not_shown_any_more_once_the_catalogue_knows_it(store):
    load(store, a_catalog(a_project("paheko")))
    software = post(store, "galette", url="https://github.com/example/galette", aliases=("https://a.example/b",))
    assert store.opencatalog.software.get(software.id) == software
    bundle = store.opencatalog.bundles.add(
        BundleValues("B", None, (software.id, identity("paheko")), True), actor=None, now=NOW
    )
    load(store, a_catalog(a_project("paheko"), a_project("galette")), digest="2")
    assert [entry.own for entry in store.opencatalog.software.page(ALL)[0]] == [True, True]
    assert store.opencatalog.bundles.get(bundle.id).software_ids == (identity("paheko"),)
    with pytest.raises(NotFound):
        store.opencatalog.software.get(software.id)


def test_an_address_is_looked_up_in_every_spelling_that_a_crawler_uses(filled):
    for url in ("https://github.com/galette/galette", "https://github.com/galette/galette.git",
                "https://github.com/Galette/Galette", "https://old.example/galette"):  # fmt: skip
        assert urls(filled, url=url) == ["https://github.com/galette/galette.git"], url
    software = post(filled, "x", aliases=("https://alias.example/x",))
    assert (
        urls(filled, url="https://alias.example/x") == [software.url] and urls(filled, url="https://no.example/x") == []
    )


def test_a_posted_address_is_somebodys_once_and_a_project_of_ours_keeps_its_own(filled):
    first = post(filled, "x", aliases=("https://alias.example/x",))
    for taken, of in ((first.url, first.id), ("https://alias.example/x", first.id),
                      ("https://github.com/galette/galette", identity("galette")),
                      ("https://old.example/galette", identity("galette"))):  # fmt: skip
        with pytest.raises(AlreadyExists) as error:
            post(filled, "y", aliases=(taken,))
        assert (error.value.kind, error.value.key) == ("url", str(of))
    second = post(filled, "second", active=False)
    with pytest.raises(AlreadyExists):  # also of what is not active: a crawler that sees none of it posts it again
        post(filled, "second")
    with pytest.raises(AlreadyExists):
        filled.opencatalog.software.change(second.id, lambda software: values("x"), actor=None, now=NOW)
    assert filled.opencatalog.software.get(second.id) == second


def test_a_change_that_fails_leaves_all_as_it_was_and_one_that_is_made_moves_the_date_alone(store):
    software = post(store, "x", aliases=("https://alias.example/x",))

    def fails(before):
        raise Invalid({"url": "no"})

    with pytest.raises(Invalid):
        store.opencatalog.software.change(software.id, fails, actor=None, now=later(days=1))
    assert store.opencatalog.software.get(software.id) == software
    swapped = values("x", url="https://alias.example/x", aliases=(software.url,))
    changed = store.opencatalog.software.change(software.id, lambda before: swapped, actor=None, now=later(days=1))
    assert (changed.url, changed.aliases) == ("https://alias.example/x", (software.url,))
    assert (changed.created_at, changed.updated_at) == (NOW, later(days=1))


def test_writing_changes_no_row_that_people_or_the_document_wrote(filled):
    def rows():
        tables = (
            tables_core.project,
            tables_core.organization,
            tables_core.fact,
            tables_core.meta,
            tables_core.maintenance,
            tables_moderation.decision,
        )
        with reading(filled.engine) as connection:
            return [connection.execute(select(table)).all() for table in tables]

    before, store = rows(), filled.opencatalog
    software = post(filled, "x")
    store.software.change(software.id, lambda entry: values("x", vitality="1"), actor="a", now=NOW)
    publisher = store.publishers.add(a_publisher("p"), catalog=None, actor="a", now=NOW)
    store.publishers.change(str(publisher.id), lambda entry: a_publisher("q"), actor="a", now=NOW)
    store.analyses.keep("software", identity("galette"), {"x": {"v": 1}}, actor="a", stamped="t", now=NOW)
    store.logs.add(LogValues("hi", "software", identity("galette")), actor=None, now=NOW)
    store.software.remove(software.id, allowed=lambda entry: None, actor="a", now=NOW)
    assert rows() == before


def test_who_leads_a_project_is_a_publisher_and_no_one_else_is(filled):
    found, _ = filled.opencatalog.publishers.page(ALL)
    assert [(software.alternative_id, software.own, [code.url for code in software.code]) for software in found] == [
        ("ana-maintains", True, ["https://github.com/galette/galette.git"])
    ]
    by_slug = filled.opencatalog.publishers.get("ana-maintains")
    assert by_slug == filled.opencatalog.publishers.get(str(identity("ana-maintains", "organization")))
    with pytest.raises(NotFound):
        filled.opencatalog.publishers.get("funds-it")
    with rewriting(filled.engine) as connection:
        connection.execute(update(tables_core.organization).values(hidden="hidden"))
    assert filled.opencatalog.publishers.page(ALL)[0] == ()


def test_a_publishers_name_other_id_and_addresses_are_its_own(filled):
    store = filled.opencatalog.publishers
    first = store.add(a_publisher("p", alternative_id="a-1"), catalog=None, actor=None, now=NOW)
    ours = filled.opencatalog.publishers.get("ana-maintains")
    for field, changes in {
        "description": {"description": "p"}, "alternativeId": {"alternative_id": "a-1"},
        "codeHosting.url": {"code": (("https://code.example/p", True),)}, "id": {"alternative_id": str(first.id)},
    }.items():  # fmt: skip
        with pytest.raises(AlreadyExists) as taken:
            store.add(a_publisher("other", **changes), catalog=None, actor=None, now=NOW)
        assert taken.value.kind == field
    for field, changes in {
        "description": {"description": ours.description}, "alternativeId": {"alternative_id": "ana-maintains"},
        "codeHosting.url": {"code": (("https://github.com/galette/galette", True),)},
        "id": {"alternative_id": str(ours.id)},
    }.items():  # fmt: skip
        with pytest.raises(AlreadyExists) as taken:
            store.add(a_publisher("other", **changes), catalog=None, actor=None, now=NOW)
        assert taken.value.kind == field
    kept = store.change("a-1", lambda publisher: a_publisher("p", alternative_id="a-1"), actor=None, now=later(days=1))
    assert kept.code == first.code and kept.updated_at == later(days=1)


def test_this_instance_is_the_root_and_keeps_its_name(filled):
    store = filled.opencatalog.catalogs
    (root,), _ = store.page(ALL)
    assert store.get(open_catalog.ROOT) == root == store.get(str(root.id)) and store.place(open_catalog.ROOT) is None
    assert store.place(str(root.id)) is None and root.created_at == NOW
    given = CatalogValues("C", "c", None, (), ({"url": "https://github.com/x"},), True)
    made = store.add(given, actor=None, now=later(days=-1))
    assert [entry.id for entry in store.page(ALL)[0]] == [made.id, root.id]
    assert [entry.id for entry in store.page(replace(ALL, after=(made.created_at, made.id)))[0]] == [root.id]
    assert [entry.id for entry in store.page(replace(ALL, before=(root.created_at, root.id)))[0]] == [made.id]
    for other in ("c", open_catalog.ROOT, str(root.id), str(made.id)):
        with pytest.raises(AlreadyExists):
            store.add(replace(given, alternative_id=other), actor=None, now=NOW)
    software = post(filled, "x", catalog=made.id)
    assert not store.remove("c", allowed=lambda entry: None, actor=None, now=NOW)
    assert urls(filled, catalog=made.id) == [software.url] and software.url not in urls(filled, catalog=None)
    with pytest.raises(NotFound):
        filled.opencatalog.software.get(software.id, catalog=None)
    filled.opencatalog.software.remove(software.id, allowed=lambda entry: None, actor=None, now=NOW)
    assert store.remove("c", allowed=lambda entry: None, actor=None, now=NOW)


def test_a_store_without_a_document_has_no_root(store):
    assert store.opencatalog.catalogs.page(ALL)[0] == ()
    with pytest.raises(NotFound):
        store.opencatalog.catalogs.get(open_catalog.ROOT)


def test_an_analysis_is_merged_by_namespace_and_dated_where_it_changed(store):
    def keep(given, stamped):
        return store.opencatalog.analyses.keep("software", id, given, actor=None, stamped=stamped, now=NOW)

    id = uuid4()
    assert store.opencatalog.analyses.get("software", id) == {}
    keep({"a": {"v": 1, "n": [1, {"x": None}]}, "b": {"v": 1}}, "1")
    kept = keep({"a": {"v": 1, "n": [1, {"x": None}], "t": "lies"}, "b": {"v": 2}}, "2")
    assert {name: publisher["t"] for name, publisher in kept.items()} == {"a": "1", "b": "2"}
    assert store.opencatalog.analyses.get("software", id) == kept


def test_logs_are_found_by_words_and_what_they_are_about_and_those_of_what_is_hidden_are_not_shown(filled):
    logs = filled.opencatalog.logs
    logs.add(LogValues("Bad ÉCOLE 100%", None, None), actor=None, now=NOW)
    about = logs.add(LogValues("other", "software", identity("paheko")), actor=None, now=later(minutes=1))
    newest = Window(100, newest_first=True)
    assert [log.message for log in logs.page(newest)[0]] == ["other", "Bad ÉCOLE 100%"]
    assert [log.message for log in logs.page(newest, search="école 100%")[0]] == ["Bad ÉCOLE 100%"]
    assert logs.page(newest, search="%_")[0] == () and logs.page(newest, exactly="bad école 100%")[0] == ()
    assert [entry.id for entry in logs.page(newest, kind="software", record_id=identity("paheko"))[0]] == [about.id]
    filled.mirrors.block("paheko", "Asked.", now=NOW)
    assert [log.message for log in logs.page(newest)[0]] == ["Bad ÉCOLE 100%"]
    with pytest.raises(NotFound):
        logs.get(about.id)


def test_a_bundle_names_software_that_is_here_each_once(filled):
    bundles, galette = filled.opencatalog.bundles, identity("galette")
    with pytest.raises(Invalid):
        bundles.add(BundleValues("B", None, (uuid4(),), True), actor=None, now=NOW)
    made = bundles.add(BundleValues("B", None, (galette, galette), True), actor=None, now=NOW)
    assert bundles.get(made.id).software_ids == (galette,)
    with pytest.raises(AlreadyExists):
        bundles.add(BundleValues("B", None, (galette,), True), actor=None, now=NOW)
    filled.mirrors.block("galette", "Asked.", now=NOW)
    assert bundles.page(ALL)[0][0].software_ids == ()


def hooked(store, **changes):
    given = {"url": "https://hook.example", "sealed": None, "format": "default"} | changes
    values = WebhookValues("software", given.pop("record", None), **given)
    return store.opencatalog.webhooks.add(values, actor=None, now=NOW)


def jobs(store, kind):
    with reading(store.engine) as connection:
        wanted = select(tables_core.job.c.run_at, tables_core.job.c.argument).where(tables_core.job.c.kind == kind)
        return connection.execute(wanted.order_by(tables_core.job.c.run_at)).all()


def test_what_changes_again_and_again_is_told_once_a_second_later_and_ten_seconds_after_the_first_at_most(store):
    post(store, "silent")
    assert jobs(store, EVENT) == []
    hooked(store)
    software = post(store, "x", now=NOW)
    for tenths in range(5, 150, 5):
        at = NOW + timedelta(seconds=tenths / 10)
        store.opencatalog.software.change(software.id, lambda entry: values("x"), actor=None, now=at)
        due = store.jobs.lease("w", now=at, lease=timedelta(minutes=1), kinds=[EVENT])
        if due:
            first = due[0].argument["type"] == "create" and at == NOW + PAUSE
            assert first or at == NOW + timedelta(seconds=10.5)
    told = jobs(store, EVENT)
    assert [row.argument["type"] for row in told] == ["create", "update", "update"]
    assert told[1].run_at == NOW + timedelta(seconds=0.5) + LONGEST and told[2].run_at == NOW + timedelta(seconds=15.5)
    with reading(store.engine) as connection:
        changed = select(func.count()).where(posted_event.c.kind == "software")
        assert connection.execute(changed).scalar_one() == 31


def test_an_event_calls_those_of_the_kind_and_those_of_the_record_each_once(store):
    software = post(store, "x")
    every, own = hooked(store), hooked(store, record=software.id)
    hooked(store, record=uuid4())
    with pytest.raises(AlreadyExists):
        hooked(store)
    store.opencatalog.software.remove(software.id, allowed=lambda entry: None, actor="a", now=later(seconds=5))
    (event,) = store.jobs.lease("w", now=later(minutes=1), lease=timedelta(minutes=1), kinds=[EVENT])
    store.opencatalog.events.queue_calls(event, now=later(minutes=1))
    assert {UUID(row.argument["hook"]) for row in jobs(store, CALL)} == {every.id, own.id}
    assert {row.argument["type"] for row in jobs(store, CALL)} == {"delete"} and jobs(store, EVENT) == []


def test_events_tell_who_did_what_and_are_found_by_each_of_it(store):
    software = post(store, "x")
    store.opencatalog.publishers.add(a_publisher("p"), catalog=None, actor="other", now=later(minutes=1))
    events, newest = store.opencatalog.events, Window(100, newest_first=True)
    assert [event.kind for event in events.page(newest)[0]] == ["publishers", "software"]
    for wanted in ({"kind": "software"}, {"record_id": software.id}, {"actor": "crawler"}):
        (event,) = events.page(newest, **wanted)[0]
        assert (event.type, event.kind, event.record_id, event.actor) == ("create", "software", software.id, "crawler")
        assert events.get(event.id) == event
    assert events.page(newest, type="delete")[0] == ()
    assert events.forget(later(seconds=1)) == 1 and len(events.page(newest)[0]) == 1


def test_events_and_logs_go_when_they_were_kept_long_enough(store):
    post(store, "x")
    store.opencatalog.logs.add(LogValues("old", None, None), actor=None, now=NOW)
    now, newest = NOW + LOGS_KEPT + timedelta(minutes=1), Window(100, newest_first=True)
    store.opencatalog.logs.add(LogValues("new", None, None), actor=None, now=now)
    retention = Retention(store, lambda: now)
    retention.plan()
    (job,) = store.jobs.lease("w", now=now, lease=timedelta(minutes=1), kinds=[RETENTION])
    retention.run(job)
    assert [log.message for log in store.opencatalog.logs.page(newest)[0]] == ["new"]
    assert len(store.opencatalog.events.page(newest)[0]) == 1
    Retention(store, lambda: NOW + EVENTS_KEPT + timedelta(minutes=1)).run(job)
    assert store.opencatalog.events.page(newest)[0] == () and urls(store) != []


@settings(max_examples=examples(10, 20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    size=st.integers(1, 5),
    backwards=st.booleans(),
    newest_first=st.booleans(),
    before=st.lists(st.integers(0, 3), max_size=9),
    meanwhile=st.lists(st.integers(0, 6), max_size=9),
)
def test_a_walk_by_cursors_meets_each_row_once_while_others_come_in(
    store, size, backwards, newest_first, before, meanwhile
):
    with rewriting(store.engine) as connection:
        for table in ("posted_address", "posted_software"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    load(store, a_catalog(a_project("galette"), a_project("paheko")))
    there = [post(store, f"x{number}", now=later(minutes=at)) for number, at in enumerate(before)]
    wanted = {software.id for software in there} | {identity("galette"), identity("paheko")}
    met, mark, coming = [], None, list(enumerate(meanwhile))
    end = later(days=9) if backwards != newest_first else later(days=-9)
    if backwards:
        mark = (end, UUID(int=0))
    while True:
        window = Window(size, newest_first=newest_first, **{"before" if backwards else "after": mark})
        items, page = store.opencatalog.software.page(window)
        rows = page.rows[::-1] if backwards else page.rows
        met += [row.id for row in rows]
        assert len(items) <= size and [row.id for row in items] == [row.id for row in page.rows]
        if not (page.earlier if backwards else page.later):
            break
        mark = (rows[-1].created_at, rows[-1].id)
        if coming:
            number, at = coming.pop()
            post(store, f"y{number}", now=later(minutes=at))
    assert len(met) == len(set(met)) and wanted <= set(met)
