"""Experiences and calls of other catalogues, on both databases: whose they are, whom they are about, who may see them,
and that nothing of them is counted or told as ours."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from support.factories import deltas
from support.factories.core import NOW, a_catalog, a_project, an_adoption, an_organization, identity, load
from support.factories.deltas import TakeOverResult
from support.factories.received import a_catalogue, a_delta, a_received_call, gone, key, receive, ref, theirs, went
from support.factories.rewriting import rewriting

from catalog.errors import NotFound
from catalog.federation import received_rows
from catalog.record_kind import CALL, EXPERIENCE, ORGANIZATION, PROJECT
from catalog.rules.call import CallFilter
from catalog.rules.submission import adoption_id
from catalog.store.adoptions import rows as adoption_rows
from catalog.store.core.public_changes import changing
from catalog.store.federation import peers
from catalog.store.federation.taken_over import erased_of
from catalog.store.merges import rows as merge_rows
from catalog.store.store import Store
from catalog.tables.core import organization
from catalog.tables.federation import received_record

COOP = theirs("coop", ORGANIZATION, country="ES", kind="cooperative")
PAYROLL = theirs("payroll")
WENT = went("how", "payroll", "coop", effort_days="d2-5", replaced="A spreadsheet")
HELP, NEED = a_received_call("help", "payroll", organization=ref("coop")), a_received_call("need")
TEXTS = {
    "experience:how": {
        "es": {"context": "Cien socias.", "advice": "Limpiad la lista."},
        "en": {"answer": "Thank you."},
    },
    "call:help": {"es": {"text": "Faltan textos en árabe. Son pocos.", "effort": "Dos días"}},
    "call:need": {"es": {"text": "Un registro de partes."}},
}


@pytest.fixture
def home(store: Store):
    return a_catalogue(store)


def all_of(store: Store, home, *more, **delta):
    return receive(store, home, PAYROLL, COOP, WENT, HELP, NEED, *more, texts=TEXTS, **delta)


def learned(store: Store, name: str = "payroll"):
    return store.received_experiences.of_project(store.record_pages.project_id(name))


def listed(store: Store, now=NOW, per_page=20, **chosen):
    return store.received_calls.find(CallFilter(**chosen), per_page=per_page, now=now)


def test_both_say_whose_they_are_and_stand_beside_ours_without_counting(store: Store, home) -> None:
    assert all_of(store, home) == TakeOverResult(added=5)
    (experience,) = learned(store)
    assert (experience.organization.slug, experience.at.isoformat(), experience.record["again"]) == (
        "coop",
        "2026-05-04",
        "yes",
    )
    assert experience.record["advice"] == {"es": "Limpiad la lista."} and experience.record["answer"] == {
        "en": "Thank you."
    }
    assert experience.catalogue.address == "https://b.example.org/projects/payroll/experiences#e-how"
    assert (experience.catalogue.license, experience.catalogue.texts_license, experience.catalogue.updated_at) == (
        "CC0-1.0",
        "CC-BY-4.0",
        NOW,
    )
    found = listed(store)
    assert found.total == 2 and found.facets["kind"] == {"translate": 1, "need": 1}
    assert (found.facets["country"], found.facets["language"]) == ({"ES": 1}, {"es": 2})
    (helping,) = store.received_calls.of_project(PAYROLL.id, now=NOW)
    assert (helping.project, helping.title) == (("payroll", "Payroll"), {"es": "Faltan textos en árabe."})
    assert helping.organization is not None and helping.organization.slug == "coop"
    assert store.received_calls.of_organization(COOP.id, now=NOW) == (helping,)
    assert store.received_calls.get(helping.key, now=NOW) == helping
    assert listed(store, kind="need", language="es", country="ES").lines[0].key == NEED.id
    assert [line.key for line in listed(store, project_slug="payroll", per_page=1).lines] == [HELP.id]
    assert store.experiences.count(PAYROLL.id) == 0 and store.experiences.of_project(PAYROLL.id) == ()
    assert store.calls.find().total == 0 and store.calls.awaiting(5) == ()
    with store.outgoing_records.view() as view:
        assert view.ids("calls") == [] and list(view.records("projects", view.ids("projects"))) == []


def test_what_is_told_again_changes_nothing_and_another_word_is_a_public_change(store: Store, home) -> None:
    all_of(store, home)
    before = store.change()
    assert all_of(store, home) == TakeOverResult()
    assert store.change() == before
    again = went("how", "payroll", "coop", again="no")
    assert receive(store, home, again) == TakeOverResult(changed=1)
    assert learned(store)[0].record["again"] == "no" and store.change() > before


def test_what_its_home_takes_back_is_gone_at_once_and_remembered(store: Store, home) -> None:
    all_of(store, home)
    before = store.change()
    assert receive(store, home, tombstones=[gone(WENT), gone(HELP)]) == TakeOverResult(withdrawn=2)
    assert learned(store) == () and [line.key for line in listed(store).lines] == [NEED.id]
    with pytest.raises(NotFound):
        store.received_calls.get(HELP.id, now=NOW)
    assert store.change() > before
    with store.engine.connect() as connection:
        assert set(erased_of(connection, home.instance_id)) == {(EXPERIENCE, WENT.id), (CALL, HELP.id)}
    with store.engine.connect() as connection:
        ids = received_record.c.record_id.in_([WENT.id, HELP.id])
        assert connection.execute(select(func.count()).select_from(received_record).where(ids)).scalar_one() == 0
    assert receive(store, home, PAYROLL, COOP, whole=True).removed == 1
    assert listed(store).total == 0


@pytest.mark.parametrize("choice", ["block", "none"])
def test_a_kind_that_is_not_read_any_more_leaves_and_a_paused_one_stays(store: Store, home, choice: str) -> None:
    all_of(store, home)
    for decision, left in (("pause", (1, 2)), (choice, (1, 0))):
        before = store.change()
        with changing(store.engine) as (connection, change):
            peer = peers.held(connection, home.id)
            peers.decide(connection, peer, {"call": decision}, role="operator", person_id=None, now=NOW)
            received_rows.decided(connection, home.id, change=change, now=NOW)
        assert (len(learned(store)), listed(store).total) == left
        assert (store.change() > before) is (decision != "pause")
        receive(store, home, a_received_call("help", "payroll"))
        assert listed(store).total == left[1]


def test_with_the_catalogue_go_all_its_words(store: Store, home) -> None:
    load(store, a_catalog(a_project("payroll-ours", repository="https://git.example.org/payroll")))
    all_of(store, home)
    assert len(learned(store, "payroll-ours")) == 1
    with changing(store.engine) as (connection, change):
        received_rows.forget(connection, home.id, change=change, now=NOW)
        peers.remove(connection, peers.held(connection, home.id), now=NOW)
    assert learned(store, "payroll-ours") == () and listed(store).total == 0


def test_they_wait_for_the_records_that_they_are_about(store: Store, home) -> None:
    receive(store, home, WENT, HELP, NEED, texts=TEXTS)
    assert [line.key for line in listed(store).lines] == [NEED.id]
    receive(store, home, PAYROLL)
    assert learned(store) == ()
    assert store.received_calls.of_project(PAYROLL.id, now=NOW)[0].organization is None
    receive(store, home, COOP)
    assert len(learned(store)) == 1
    assert store.received_calls.of_project(PAYROLL.id, now=NOW)[0].organization is not None
    receive(store, home, tombstones=[gone(PAYROLL)])
    assert [line.key for line in listed(store).lines] == [NEED.id]


def test_people_join_and_part_what_they_are_about_and_they_follow(store: Store, home) -> None:
    load(store, a_catalog(a_project()))
    all_of(store, home)
    with changing(store.engine) as (connection, change):
        merge_rows.merge_records(connection, PROJECT, PAYROLL.id, identity("galette"), change, now=NOW)
    assert len(learned(store, "galette")) == 1
    assert [line.project for line in listed(store, project_slug="galette").lines] == [("galette", "Galette")]
    assert received_rows.settle(store, now=NOW) == 0
    with changing(store.engine) as (connection, change):
        merged = merge_rows.merge_of(connection, PROJECT, PAYROLL.id)
        assert merged is not None
        merge_rows.separate_records(connection, merged, change)
    assert learned(store, "galette") == () and len(learned(store)) == 1


def test_what_is_hidden_blocked_or_taken_back_here_no_other_catalogue_tells(store: Store, home) -> None:
    all_of(store, home)
    said = an_adoption("coop", verification="domain-confirmed", visibility="counted")
    ids = PAYROLL.id, COOP.id
    for word, shown in ((said, 0), (None, 0), (an_adoption("coop", verification="domain-confirmed"), 1)):
        before, was = store.change(), len(learned(store))
        with changing(store.engine) as (connection, change):
            if word is None:
                adoption_rows.withdraw_adoption(connection, *ids, change=change, now=NOW)
            else:
                adoption_rows.write_adoption(connection, *ids, word, change=change, now=NOW)
        assert len(learned(store)) == shown
        assert was == shown or store.change() > before  # a finished page is not given again
    with rewriting(store.engine) as connection:
        connection.execute(organization.update().where(organization.c.id == COOP.id).values(hidden="unnamed"))
    assert learned(store) == () and store.received_calls.of_organization(COOP.id, now=NOW) == ()
    assert store.received_calls.of_project(PAYROLL.id, now=NOW)[0].organization is None
    store.mirrors.block("payroll", "Not free.", now=NOW)
    assert [line.key for line in listed(store).lines] == [NEED.id]
    assert store.received_calls.of_project(PAYROLL.id, now=NOW) == ()
    assert adoption_id(*ids) != WENT.id


def test_a_call_is_over_when_its_home_says_so_or_its_last_day_has_passed(store: Store, home) -> None:
    ended = a_received_call("over", state="answered", ended_at="2026-11-20")
    receive(store, home, PAYROLL, HELP, ended, a_received_call("far", ends_at="2031-01-01"), texts=TEXTS)
    assert [line.key for line in listed(store, ended=True).lines] == [ended.id]
    assert listed(store, ended=True).lines[0].state == "answered" and listed(store).total == 2
    later = NOW + timedelta(days=300)
    assert {line.key: line.state for line in listed(store, later, ended=True).lines} == {
        ended.id: "answered",
        HELP.id: "ended",
    }
    assert [line.key for line in listed(store, later).lines] == [key("far")]


def test_what_does_not_fit_our_rules_is_kept_and_not_shown(store: Store, home) -> None:
    odd = {
        "again": "perhaps", "effort_days": "ages", "cost_band": 7, "replaced": "Write to ana@example.org",
        "at": "2026-05-04", "context": {"xx-bad": "x"}, "mood": {"a": 1},
    }  # fmt: skip
    texts = {
        "experience:how": {"es": {"hurt": "x" * 1001, "advice": "Llamad al 01 23 45 67 89", "context": "Sí\x00."}},
        "call:help": {"es": {"text": "Escribid a ana@example.org", "today": "Nada."}},
    }
    help_ = a_received_call(
        "help", "payroll", country="XX", tag="klingon!", handed=["rights", "soul"], group=["x"], language=5
    )
    bad = [
        went("no-day", "payroll", "coop", at="2026"), went("nobody", "payroll", "coop", organization={"id": "x"}),
        a_received_call("no-kind", kind="prayer"), a_received_call("no-state", state="withdrawn"),
        a_received_call("about-nothing", kind="code"), a_received_call("no-date", opened_at="9999-99-99"),
    ]  # fmt: skip
    receive(store, home, PAYROLL, COOP, went("how", "payroll", "coop", **odd), help_, *bad, texts=texts)
    (experience,) = learned(store)
    assert set(experience.record) == {"project", "organization", "at"}
    (call,) = listed(store).lines
    assert (call.country, call.language, call.record.get("tag"), call.record["handed"]) == (
        None,
        None,
        None,
        ["rights"],
    )
    assert (call.title, call.record["today"]) == ({}, {"es": "Nada."})
    with store.engine.connect() as connection:
        assert len(connection.execute(select(received_record.c.record_id)).all()) == 10


def test_what_a_kill_left_half_done_is_finished_by_the_next_run(store: Store, home) -> None:
    receive(store, home, PAYROLL, COOP)
    deltas.taken_half_way(store, home.id, a_delta(WENT), now=NOW)
    assert learned(store) == ()
    assert received_rows.settle(store, now=NOW) == 1
    assert len(learned(store)) == 1


def test_two_catalogues_tell_of_one_use_each_in_its_own_words(store: Store, home) -> None:
    load(store, a_catalog(a_project(repository="https://git.example.org/payroll"), an_organization("coop", id=COOP.id)))
    all_of(store, home)
    other = a_catalogue(store, "c.example.org")
    there = theirs("nominas", home="c", repository="https://git.example.org/payroll")
    receive(store, other, there, went("other", "nominas", "coop", home="c", at="2026-06-01"))
    assert [experience.catalogue.host for experience in learned(store, "galette")] == ["c.example.org", "b.example.org"]
