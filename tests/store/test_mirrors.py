"""Mirrors and visits as rows: what a visit leaves, what counts as a public change, which address is visited next."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from support.factories.core import (
    NOW,
    a_catalog,
    a_declared_adoption,
    a_document,
    a_project,
    a_visit,
    an_adoption,
    an_organization,
    identity,
    later,
)
from support.factories.visits import load_for_visits as load
from support.waiting_rows import next_job_at

from catalog.errors import NotFound
from catalog.model import Collection, CollectionProject, Maintenance, Runs
from catalog.store.core.jobs import Job
from catalog.store.mirrors.mirror_rows import VISIT, visit_key
from catalog.store.store import Store

GALETTE = identity("galette")


def the_job(store: Store, **changes: Any) -> Job:
    (job,) = store.jobs.lease("ana", **{"now": NOW, "lease": later(minutes=5) - NOW} | changes)
    return job


def test_a_loaded_project_waits_for_its_first_visit_the_most_used_first(store: Store) -> None:
    used = a_project("used", adoptions=(an_adoption("ana"), an_adoption("bruno")))
    load(store, a_catalog(a_project("plain"), used, an_organization("ana"), an_organization("bruno")))
    assert store.mirrors.mirror(identity("used")).state == "waiting"
    assert the_job(store).key == visit_key(identity("used"))
    assert [slug for slug, _ in store.mirrors.due([])] == ["used", "plain"]


@pytest.mark.parametrize("changes", [{"context_only": True}, {"repository": None}])
def test_what_is_not_free_or_has_no_repository_is_not_mirrored(store: Store, changes: dict[str, Any]) -> None:
    load(store, a_document())
    load(store, a_catalog(a_project(**changes)))
    with pytest.raises(NotFound):
        store.mirrors.mirror(GALETTE)
    assert store.mirrors.due(["galette"]) == ()


def test_a_mirror_once_made_outlives_the_record_that_leaves_the_document(store: Store) -> None:
    load(store, a_document())
    mirrored = replace(store.mirrors.mirror(GALETTE), state="mirrored", first_mirrored_at=NOW, head="a" * 40)
    store.mirrors.end_visit(a_visit(GALETTE, outcome="full", ended_at=NOW), mirrored, None, at=later(hours=6))
    load(store, a_catalog(an_organization()))
    assert store.mirrors.mirror(GALETTE).head == "a" * 40 and store.mirrors.slug(GALETTE) is None
    assert [visit.outcome for visit in store.mirrors.visits(GALETTE)] == ["full"]
    load(store, a_document())
    page = store.public_records.project("galette")
    assert page.mirror is not None and page.mirror.state == "mirrored"


def test_a_visit_is_written_before_refs_move_and_completed_once(store: Store) -> None:
    load(store, a_document())
    job, before = the_job(store), store.change()
    number = store.mirrors.begin_visit(a_visit(GALETTE))
    assert [visit.outcome for visit in store.mirrors.visits(GALETTE)] == ["running"]
    moved = {"ref": "refs/heads/main", "old": None, "new": "b" * 40, "kind": "new"}
    ended = a_visit(GALETTE, outcome="full", ended_at=later(seconds=9), changes=(moved,), size_bytes=12)
    kept = replace(store.mirrors.mirror(GALETTE), state="mirrored", head="b" * 40, size_bytes=12)
    store.mirrors.end_visit(ended, kept, job, at=later(hours=6), number=number, priority=50)
    assert store.mirrors.visits(GALETTE) == (replace(ended, changes=[moved]),)
    assert store.change() == before + 1 == store.public_records.project("galette").change
    assert store.mirrors.mirror(GALETTE) == kept and store.mirrors.size_bytes() == 12
    assert store.mirrors.states() == {"mirrored": 1}
    assert the_job(store, now=later(hours=6)).priority == 50


def test_a_visit_that_changed_no_page_counts_no_change(store: Store) -> None:
    load(store, a_document())
    before = store.change()
    kept = replace(store.mirrors.mirror(GALETTE), failures=1, last_visit_at=NOW)
    store.mirrors.end_visit(a_visit(GALETTE, outcome="failed"), kept, the_job(store), at=later(hours=1), public=False)
    assert store.change() == before and store.mirrors.mirror(GALETTE).failures == 1
    assert next_job_at(store) == later(hours=1)


def test_a_visit_beside_the_queue_puts_off_the_one_that_waits(store: Store) -> None:
    load(store, a_document())
    kept = store.mirrors.mirror(GALETTE)
    store.mirrors.end_visit(a_visit(GALETTE, outcome="unchanged"), kept, None, at=later(hours=6), public=False)
    assert next_job_at(store) == later(hours=6)


def test_idle_visits_leave_no_record_and_count_no_change(store: Store) -> None:
    load(store, a_catalog(a_project("one"), a_project("two")))
    before = store.change()
    jobs = {job.key: job for job in store.jobs.lease("ana", now=NOW, lease=later(minutes=5) - NOW, limit=5)}
    for slug in ("one", "two"):
        kept = replace(
            store.mirrors.mirror(identity(slug)), last_visit_at=NOW, last_success_at=NOW, interval_seconds=99
        )
        store.mirrors.end_visit(None, kept, jobs[visit_key(identity(slug))], at=later(hours=12), public=False)
    assert store.change() == before and store.mirrors.visits(identity("one")) == ()
    assert store.mirrors.mirror(identity("two")).interval_seconds == 99
    assert next_job_at(store) == later(hours=12)


def test_the_week_of_the_last_look_is_public_where_code_was_read(store: Store) -> None:
    load(store, a_document())
    store.observations.observe(GALETTE, "1" * 40, {}, free=True, last_commit_at=NOW, now=NOW)
    for days in (0, 8, 16):
        kept = replace(store.mirrors.mirror(GALETTE), last_success_at=later(days=days))
        store.mirrors.end_visit(None, kept, None, at=later(days=days + 1), public=False)
        looked_at = store.public_records.project("galette").looked_at
        assert looked_at is not None and later(days=days - 7) < looked_at <= later(days=days)
    before = store.change()
    kept = replace(kept, last_success_at=later(days=16, minutes=1))
    store.mirrors.end_visit(None, kept, None, at=later(days=17), public=False)
    assert store.change() == before or looked_at != store.public_records.project("galette").looked_at


def test_an_observation_counts_as_a_change_and_is_what_pages_show(store: Store) -> None:
    load(store, a_document())
    before = store.change()
    for name, commit in (("first", "1" * 40), ("second", "2" * 40), ("again", "1" * 40)):
        store.observations.observe(GALETTE, commit, {"name": name}, free=True, last_commit_at=NOW, now=later(minutes=1))
    mirror = store.mirrors.mirror(GALETTE)
    assert (mirror.observation, mirror.free, mirror.last_commit_at) == ({"name": "again"}, True, NOW)
    assert store.change() == before + 3
    assert store.public_records.project("galette").changed_at == NOW


def test_another_repository_starts_again_with_what_we_have(store: Store) -> None:
    load(store, a_document())
    first = store.mirrors.mirror(GALETTE)
    store.mirrors.end_visit(
        a_visit(GALETTE, outcome="full"),
        replace(first, state="mirrored", head="a" * 40, digest="d", canonical_url="https://x.example/", failures=2),
        None,
        at=later(hours=6),
    )
    load(store, a_catalog(a_project(repository="https://elsewhere.example/galette.git")))
    mirror = store.mirrors.mirror(GALETTE)
    assert (mirror.repository, mirror.head) == ("https://elsewhere.example/galette.git", "a" * 40)
    assert (mirror.digest, mirror.canonical_url, mirror.failures, mirror.state) == (None, None, 0, "mirrored")
    assert the_job(store).key == visit_key(GALETTE)  # though the visit to the old address was hours away


def test_a_visit_under_way_is_not_taken_from_its_worker_by_another_repository(store: Store) -> None:
    load(store, a_document())
    job, before = the_job(store), store.mirrors.mirror(GALETTE)
    load(store, a_catalog(a_project(repository="https://elsewhere.example/galette.git")))
    assert store.jobs.lease("bruno", now=NOW, lease=later(minutes=5) - NOW) == ()
    old = replace(before, state="mirrored", canonical_url="https://old.example/", digest="d")
    store.mirrors.end_visit(a_visit(GALETTE, outcome="full"), old, job, at=later(hours=6))
    mirror = store.mirrors.mirror(GALETTE)
    assert (mirror.repository, mirror.canonical_url) == ("https://elsewhere.example/galette.git", None)
    assert (mirror.digest, mirror.state) == (None, "waiting")


@pytest.mark.parametrize("how", ["begin", "end", "idle"])
def test_a_visit_that_was_killed_is_closed_as_interrupted_by_the_next_one(store: Store, how: str) -> None:
    load(store, a_catalog(a_project(), a_project("other")))
    store.mirrors.begin_visit(a_visit(GALETTE))
    store.mirrors.begin_visit(a_visit(identity("other")))
    kept = replace(store.mirrors.mirror(GALETTE), last_visit_at=later(hours=1))
    match how:
        case "begin":
            number = store.mirrors.begin_visit(a_visit(GALETTE, started_at=later(hours=1)))
            assert [visit.outcome for visit in store.mirrors.visits(GALETTE)] == ["running", "interrupted"]
            ended = a_visit(GALETTE, started_at=later(hours=1), outcome="full")
            store.mirrors.end_visit(ended, kept, None, at=later(hours=6), number=number)
            assert [visit.outcome for visit in store.mirrors.visits(GALETTE)] == ["full", "interrupted"]
        case "end":
            failed = a_visit(GALETTE, started_at=later(hours=1), outcome="failed")
            store.mirrors.end_visit(failed, kept, None, at=later(hours=6))
            assert [visit.outcome for visit in store.mirrors.visits(GALETTE)] == ["failed", "interrupted"]
        case "idle":
            store.mirrors.end_visit(None, kept, None, at=later(hours=6), public=False)
            assert [visit.outcome for visit in store.mirrors.visits(GALETTE)] == ["interrupted"]
    assert [visit.outcome for visit in store.mirrors.visits(identity("other"))] == ["running"]


def test_a_blocked_project_is_not_due_and_has_no_slug_to_serve_under(store: Store) -> None:
    load(store, a_document())
    assert store.mirrors.slug(GALETTE) == "galette"
    store.takedowns.block("galette", "A court said so.", now=NOW)
    assert store.mirrors.due([]) == () and store.mirrors.slug(GALETTE) is None
    with pytest.raises(NotFound):
        store.takedowns.block("nothing", "No reason.", now=NOW)


def test_a_rendering_is_kept_also_when_it_could_not_be_made(store: Store) -> None:
    assert (store.mirrors.rendered("a" * 40, "md-1"), store.mirrors.rendering("a" * 40, "md-1")) == (False, None)
    store.mirrors.keep_rendering("a" * 40, "md-1", None)
    assert (store.mirrors.rendered("a" * 40, "md-1"), store.mirrors.rendering("a" * 40, "md-1")) == (True, None)
    store.mirrors.keep_rendering("a" * 40, "md-1", "<p>Hi</p>")
    assert store.mirrors.rendering("a" * 40, "md-1") == "<p>Hi</p>"


def test_followers_are_given_what_changed_since_a_number_each_row_as_of_it_or_later(store: Store) -> None:
    load(store, a_catalog(a_project("one"), a_project("two"), a_project("three")))
    first, every, dropped = store.index_rows.changed(0)
    assert (first, set(every), dropped) == (store.change(), {identity(slug) for slug in ("one", "two", "three")}, ())
    assert store.index_rows.changed(first) == (first, (), ())
    load(store, a_catalog(a_project("one", name="Changed"), a_project("two")))
    number, changed, dropped = store.index_rows.changed(first)
    assert (changed, dropped) == ((identity("one"),), (identity("three"),))
    store.observations.observe(identity("one"), "1" * 40, {}, free=True, last_commit_at=NOW, now=NOW)
    (row,) = store.index_rows.rows([*changed, identity("three")])
    assert row.record.name == "Changed" and row.change >= number > first
    store.takedowns.block("two", "A court said so.", now=NOW)
    assert store.index_rows.changed(number)[1:] == ((identity("one"),), (identity("two"),))


def test_a_row_of_the_index_holds_names_kinds_and_countries_of_who_uses_and_who_helps(store: Store) -> None:
    project = a_project(
        adoptions=(an_adoption("user"), an_adoption("other", verification="domain-confirmed")),
        maintenance=(
            Maintenance("lead", "maintainer"),
            Maintenance("integrator", "helper"),
        ),  # who makes it may not help
        runs=Runs(hosted=("host",)),
        deployment_countries=("BE",),
    )
    countries = {"user": "FR", "other": "ES", "maintainer": "BR", "host": "MA", "helper": "TN"}
    load(store, a_catalog(project, *(an_organization(slug, country=country) for slug, country in countries.items())))
    a_declared_adoption(store, organization="maintainer", visibility="counted")
    readme = {"readmes": [{"oid": "c" * 40}], "license_files": [{"value": "MIT"}, {"value": "MIT"}, {"value": "0BSD"}]}
    store.observations.observe(GALETTE, "1" * 40, readme, free=True, last_commit_at=NOW, now=NOW)
    store.mirrors.keep_rendering("c" * 40, "text", "Read me")
    (row,) = store.index_rows.rows([GALETTE])
    assert row.organization_names == ("maintainer", "helper", "other", "user")
    assert row.adopter_kinds == ("cooperative",)
    assert (row.countries, row.helper_countries) == (("BE", "ES", "FR"), ("MA", "TN"))
    assert (row.confirmed_uses, row.found_uses, row.readme, row.detected_licenses) == (1, 1, "Read me", ("MIT", "0BSD"))


def test_an_observation_that_tells_the_same_again_counts_no_change(store: Store) -> None:
    load(store, a_document())
    given: dict[str, Any] = {"free": True, "last_commit_at": NOW}
    assert store.observations.observe(GALETTE, "1" * 40, {"commit": "1" * 40}, now=NOW, **given)
    before = store.change()
    assert not store.observations.observe(GALETTE, "1" * 40, {"commit": "1" * 40}, now=later(days=1), **given)
    assert store.change() == before and store.mirrors.mirror(GALETTE).observed_at == later(days=1)
    for changes in ({"free": None}, {"last_commit_at": later(days=-1)}):
        assert store.observations.observe(GALETTE, "1" * 40, {"commit": "1" * 40}, now=later(days=2), **given | changes)
    assert store.change() == before + 2


def test_the_last_commit_known_to_be_free_stays_known_after_a_change_of_license(store: Store) -> None:
    load(store, a_document())
    readings = [("1", True, None), ("2", False, None), ("3", None, None), ("4", False, "2"), ("2", False, None)]
    known = []
    for commit, free, stated in readings:
        store.observations.observe(GALETTE, commit, {}, free=free, free_commit=stated, last_commit_at=None, now=NOW)
        known.append(store.mirrors.mirror(GALETTE).free_commit)
    assert known == ["1", "1", "1", "2", None]  # the last one is judged anew
    kept = store.mirrors.mirror(GALETTE)
    store.mirrors.end_visit(a_visit(GALETTE), replace(kept, free_commit="9", free=True), None, at=later(hours=6))
    assert store.mirrors.mirror(GALETTE).free_commit is None


def test_a_last_free_commit_that_another_version_judged_is_not_kept_unless_it_is_told_anew(store: Store) -> None:
    load(store, a_document())
    readings = [("1", 1, True, None), ("2", 1, None, None), ("3", 2, None, None), ("4", 3, None, "1")]
    known = []
    for commit, version, free, stated in readings:
        record = {"version": version, "commit": commit}
        store.observations.observe(GALETTE, commit, record, free=free, free_commit=stated, last_commit_at=None, now=NOW)
        known.append(store.mirrors.mirror(GALETTE).free_commit)
    assert known == ["1", "1", None, "1"]


def test_what_observers_remember_is_given_back_and_stays_until_it_is_replaced(store: Store) -> None:
    load(store, a_document())
    assert store.observations.memory(GALETTE) == {}
    for memory, kept in (({"a": [1, None, "é"]}, {"a": [1, None, "é"]}), (None, {"a": [1, None, "é"]}), ({}, {})):
        store.observations.observe(GALETTE, "1", {}, memory=memory, free=None, last_commit_at=None, now=NOW)
        assert store.observations.memory(GALETTE) == kept


def test_repositories_of_selections_and_of_solidarity_finance_are_copied_first(store: Store) -> None:
    used = a_project("used", adoptions=(an_adoption(), an_adoption("other-coop")))
    lender = a_project("lender", domains=("solidarity-finance",))
    selected = a_project("selected")
    organizations = (an_organization(), an_organization("other-coop"))
    chosen = Collection(slug="chosen", title={"en": "Chosen"}, projects=(CollectionProject("selected"),))
    load(store, a_catalog(used, lender, selected, *organizations, collections=(chosen,)))
    jobs = store.jobs.lease("ana", now=later(), lease=timedelta(0), kinds=[VISIT], limit=3)
    assert [store.mirrors.slug(UUID(job.argument["project"])) for job in jobs] == ["lender", "selected", "used"]
