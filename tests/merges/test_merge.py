"""What a verified delta of another catalogue becomes here, on both databases: rows, voices, withdrawal, ours first."""

import pytest
from sqlalchemy import func, select
from support.factories import deltas
from support.factories.core import (
    NOW,
    a_catalog,
    a_project,
    an_adoption,
    an_organization,
    identity,
    load,
)
from support.factories.deltas import TakeOverResult, apply_delta
from support.factories.people import a_person
from support.factories.received import (
    COOP,
    PAYROLL,
    USE,
    a_catalogue,
    a_delta,
    key,
    origin_of,
    receive,
    ref,
    theirs,
    use,
)

from catalog import moderation
from catalog.errors import NotFound
from catalog.federation import received_rows
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.decision import APART, JOIN
from catalog.rules.fact import Statement
from catalog.store.adoptions import adoption_rows
from catalog.store.core.public_changes import PublicChange, changing
from catalog.store.documents import overrides
from catalog.store.merges import merge_rows
from catalog.store.moderation.queue import LIKENESS
from catalog.store.store import Store
from catalog.tables.adoptions import adoption
from catalog.tables.public_records import pending_public_record, public_record


def test_a_project_that_is_unknown_here_has_a_page_and_says_whose_it_is(store: Store) -> None:
    home = a_catalogue(store)
    assert receive(store, home, PAYROLL, texts={"payroll": {"es": {"summary": "Calcula nóminas"}}}) == TakeOverResult(
        added=1
    )

    page = store.public_records.project("payroll")
    assert page.record.summary == {"es": "Calcula nóminas"}
    assert {fact.origin for fact in store.facts.page(page.slug).facts} == {origin_of("b.example.org")}
    assert [fact.value for fact in store.facts.page(page.slug).facts if fact.field == "license"] == ["GPL-3.0-or-later"]
    (voice,) = store.received_records.catalogues_stating(PROJECT, page.id)
    assert (voice.name_in("fr"), voice.address) == (
        "Catalogue de b.example.org",
        "https://b.example.org/projects/payroll",
    )
    assert (voice.license, voice.texts_license, voice.updated_at) == ("CC0-1.0", "CC-BY-4.0", NOW)
    assert voice.home_of


def test_what_is_told_again_changes_nothing_and_counts_no_change(store: Store) -> None:
    home = a_catalogue(store)
    receive(store, home, PAYROLL, COOP, USE)
    before = store.change()
    assert receive(store, home, PAYROLL, COOP, USE) == TakeOverResult()
    assert received_rows.settle(store, now=NOW) == 0
    assert store.change() == before


def test_what_is_told_anew_takes_the_place_of_what_stood_there(store: Store) -> None:
    home = a_catalogue(store)
    receive(store, home, PAYROLL, texts={"payroll": {"es": {"summary": "Calcula"}, "en": {"summary": "Work out pay"}}})
    told = theirs("payroll", license="MIT")
    assert receive(store, home, told, texts={"payroll": {"en": {"summary": "Pay people"}}}) == TakeOverResult(changed=1)

    page = store.public_records.project("payroll")
    assert page.record.license == "MIT"
    assert page.record.summary == {"en": "Pay people"}


def test_a_whole_copy_removes_what_it_does_not_hold(store: Store) -> None:
    home = a_catalogue(store)
    receive(store, home, PAYROLL, theirs("other"), COOP, USE)
    assert receive(store, home, theirs("other"), COOP, whole=True) == TakeOverResult(removed=2)
    with pytest.raises(NotFound):
        store.public_records.project("payroll")
    assert store.public_records.project("other").record.name == "Other"
    assert store.public_records.organization("coop").adoptions == ()


def test_what_is_known_here_by_its_code_is_shown_once_with_both_voices(store: Store) -> None:
    load(store, a_catalog(a_project(repository="https://git.example.org/Galette.git")))
    home = a_catalogue(store)
    receive(
        store,
        home,
        theirs("galette-es", repository="https://www.git.example.org/galette", homepage="https://g.example.org"),
    )

    page = store.public_records.project("galette")
    assert page.record.homepage is None
    assert [(fact.value, fact.origin) for fact in store.facts.page(page.slug).facts if fact.field == "homepage"] == [
        ("https://g.example.org", origin_of("b.example.org"))
    ]
    assert [statement.home_of for statement in store.received_records.catalogues_stating(PROJECT, page.id)] == [False]
    with pytest.raises(NotFound):
        store.public_records.project("galette-es")
    assert store.home_page.totals().projects == 1


def test_our_own_word_is_shown_before_theirs(store: Store) -> None:
    load(store, a_catalog(a_project(repository="https://git.example.org/galette", license="GPL-3.0-or-later")))
    receive(store, a_catalogue(store), theirs("galette", license="MIT"))
    page = store.public_records.project("galette")
    assert page.record.license == "GPL-3.0-or-later"
    assert [fact.origin for fact in store.facts.page(page.slug).facts if fact.field == "license"] == [
        "curated",
        origin_of("b.example.org"),
    ]


def test_an_organization_that_three_catalogues_know_counts_once(store: Store) -> None:
    load(
        store,
        a_catalog(
            a_project(repository="https://git.example.org/galette", adoptions=(an_adoption("halles"),)),
            an_organization("halles", homepage="https://halles.example.org", identifiers={"siren": "732829320"}),
        ),
    )
    for host in ("b.example.org", "c.example.org"):
        home = a_catalogue(store, host)
        name = f"halles-{host[0]}"
        told = theirs(name, ORGANIZATION, home=host[0], identifiers={"siren": "732 829 320"}, country="FR")
        galette = theirs(f"galette-{host[0]}", home=host[0], repository="https://git.example.org/galette")
        receive(store, home, told, galette, use(f"galette-{host[0]}", name, home=host[0]))

    page = store.public_records.project("galette")
    assert [(line.organization.slug, line.origin) for line in page.adoptions] == [("halles", "curated")]
    assert (page.uses.found, page.uses.confirmed, page.uses.declared) == (1, 0, 0)
    assert store.home_page.totals().organizations == 1
    assert len(store.received_records.catalogues_stating(ORGANIZATION, identity("halles", "organization"))) == 2
    with store.engine.connect() as connection:
        rows = connection.execute(select(adoption.c.origin, adoption.c.stands).order_by(adoption.c.origin)).all()
    assert [tuple(row) for row in rows] == [
        ("curated", True), (origin_of("b.example.org"), False), (origin_of("c.example.org"), False)
    ]  # fmt: skip


def test_three_catalogues_tell_of_one_organization_that_is_unknown_here(store: Store) -> None:
    for host in ("b.example.org", "c.example.org", "d.example.org"):
        letter = host[0]
        home = a_catalogue(store, host)
        told = theirs(f"halles-{letter}", ORGANIZATION, home=letter, identifiers={"wikidata": "Q42"})
        galette = theirs(f"galette-{letter}", home=letter, repository="https://git.example.org/galette")
        receive(store, home, told, galette, use(f"galette-{letter}", f"halles-{letter}", home=letter))
    page = store.public_records.project("galette-b")
    assert [line.origin for line in page.adoptions] == [origin_of("b.example.org")]
    assert page.uses.declared == 1
    assert store.home_page.totals().organizations == 1


def test_a_use_that_another_catalogue_confirmed_counts_here_as_declared(store: Store) -> None:
    receive(store, a_catalogue(store), PAYROLL, COOP, USE)
    uses = store.public_records.project("payroll").uses
    assert (uses.confirmed, uses.declared) == (0, 1)


def test_what_an_organization_says_here_stands_before_what_others_tell(store: Store) -> None:
    load(
        store,
        a_catalog(
            a_project(repository="https://git.example.org/galette"),
            an_organization("coop-des-halles", identifiers={"siren": "1"}),
        ),
    )
    receive(
        store,
        a_catalogue(store),
        theirs("galette"),
        theirs("halles-es", ORGANIZATION, identifiers={"siren": "1"}),
        use("galette", "halles-es"),
    )
    assert [line.origin for line in store.public_records.project("galette").adoptions] == [origin_of("b.example.org")]
    with changing(store.engine) as (connection, change):
        ids = identity("galette"), identity("coop-des-halles", "organization")
        said = an_adoption("coop-des-halles", verification="domain-confirmed")
        adoption_rows.write_adoption(connection, *ids, said, change=change, now=NOW)
    assert [line.origin for line in store.public_records.project("galette").adoptions] == ["declared"]
    assert store.public_records.project("galette").uses.confirmed == 1


def test_a_project_that_is_blocked_here_stays_so_whoever_tells_of_it(store: Store) -> None:
    home = a_catalogue(store)
    receive(store, home, PAYROLL)
    store.takedowns.block("payroll", "Not free.", now=NOW)
    receive(store, home, theirs("payroll", license="MIT"))
    assert store.record_pages.slugs is not None
    assert [slug for _, slug in store.record_pages.slugs()] == []


def test_a_record_of_ours_that_comes_later_takes_the_place_of_theirs(store: Store) -> None:
    home = a_catalogue(store)
    receive(store, home, theirs("galette"), COOP, use("galette", "coop"))
    load(store, a_catalog(a_project("galette-ours", repository="https://git.example.org/galette")))
    received_rows.settle(store, now=NOW)
    assert sorted(slug for kind, slug in store.record_pages.slugs() if kind == "project") == ["galette-ours"]
    assert [line.organization.slug for line in store.public_records.project("galette-ours").adoptions] == ["coop"]


def test_a_record_of_ours_that_goes_leaves_theirs_standing(store: Store) -> None:
    load(store, a_catalog(a_project("galette-ours", repository="https://git.example.org/galette")))
    receive(store, a_catalogue(store), theirs("galette"))
    load(store, a_catalog(), digest="2")
    received_rows.settle(store, now=NOW)
    assert [slug for _, slug in store.record_pages.slugs()] == ["galette"]


def test_two_records_of_one_home_are_never_one(store: Store) -> None:
    home = a_catalogue(store)
    same = "https://git.example.org/one"
    receive(store, home, theirs("one", repository=same), theirs("two", repository=same))
    assert sorted(slug for _, slug in store.record_pages.slugs()) == ["one", "two"]
    load(store, a_catalog(a_project("ours", repository=same)))
    received_rows.settle(store, now=NOW)
    other = a_catalogue(store, "c.example.org")
    receive(store, other, theirs("third", repository=same))
    slugs = sorted(slug for _, slug in store.record_pages.slugs())
    assert slugs == ["one", "ours", "two"]  # the other catalogue's is one with ours, and neither of the two is


def test_who_is_told_not_to_be_the_same_is_not_joined(store: Store) -> None:
    load(store, a_catalog(a_project(repository="https://git.example.org/galette")))
    home = a_catalogue(store)
    receive(store, home, theirs("galette-es", repository="https://git.example.org/galette"))
    assert [slug for _, slug in store.record_pages.slugs()] == ["galette"]
    moderation.separate(store, a_person(store), PROJECT, key("galette-es"), "", now=NOW)
    assert sorted(slug for _, slug in store.record_pages.slugs()) == ["galette", "galette-es"]
    receive(store, home, theirs("galette-es", repository="https://git.example.org/galette"))
    assert sorted(slug for _, slug in store.record_pages.slugs()) == ["galette", "galette-es"]
    assert store.moderation_queue.counts(now=NOW).get("likeness", 0) == 0  # nobody is asked again
    (line,) = store.decisions.lines()
    moderation.undo(store, a_person(store), line.number, "mistake", "", now=NOW)
    received_rows.settle(store, now=NOW)
    assert [slug for _, slug in store.record_pages.slugs()] == ["galette"]


def test_what_does_not_fit_our_rules_is_not_shown(store: Store) -> None:
    home = a_catalogue(store)
    odd = theirs(
        "payroll",
        domains=["member-management", "not-a-term"],
        homepage="javascript:alert(1)",
        future={"a": [1, 2]},
        status="unheard-of",
        maintenance=[{"organization": ref("coop"), "role": "lead"}, {"person": "Ana", "role": "lead"}],
    )
    receive(
        store,
        home,
        odd,
        COOP,
        texts={"payroll": {"en": {"summary": "Write to ana@example.org"}, "xx-bad": {"summary": "x"}}},
    )
    page = store.public_records.project("payroll")
    assert page.record.domains == ("member-management",)
    assert (page.record.homepage, page.record.status, page.record.summary) == (None, None, {})
    assert [(line.organization.slug, line.origin) for line in page.maintenance if line.organization] == [
        ("coop", origin_of("b.example.org"))
    ]
    assert len(page.maintenance) == 1


def test_a_use_waits_until_both_sides_of_it_are_known(store: Store) -> None:
    home = a_catalogue(store)
    receive(store, home, USE, PAYROLL)
    assert store.public_records.project("payroll").adoptions == ()
    receive(store, home, COOP)
    assert [line.organization.slug for line in store.public_records.project("payroll").adoptions] == ["coop"]


def test_a_use_of_our_own_project_is_told_by_another_catalogue(store: Store) -> None:
    load(store, a_catalog(a_project(repository="https://git.example.org/galette")))
    home = a_catalogue(store)
    receive(store, home, theirs("galette"), COOP, use("galette", "coop"))
    assert [line.origin for line in store.public_records.project("galette").adoptions] == [origin_of("b.example.org")]


def test_people_join_and_part_a_foreign_record_and_everything_follows(store: Store) -> None:
    load(store, a_catalog(a_project(repository="https://git.example.org/galette")))
    home = a_catalogue(store)
    receive(store, home, PAYROLL, COOP, USE)
    with changing(store.engine) as (connection, change):
        merge_rows.merge_records(connection, PROJECT, PAYROLL.id, identity("galette"), change, now=NOW)
    assert [line.organization.slug for line in store.public_records.project("galette").adoptions] == ["coop"]
    assert len(store.received_records.catalogues_stating(PROJECT, identity("galette"))) == 1
    receive(store, home, theirs("payroll", license="MIT"), use("payroll", "coop", version="2"))
    assert [line.adoption.version for line in store.public_records.project("galette").adoptions] == ["2"]
    with changing(store.engine) as (connection, change):
        merge = merge_rows.merge_of(connection, PROJECT, PAYROLL.id)
        assert merge is not None
        merge_rows.separate_records(connection, merge, change)
    assert store.public_records.project("galette").adoptions == ()
    assert [line.organization.slug for line in store.public_records.project("payroll").adoptions] == ["coop"]
    assert store.public_records.project("payroll").record.slug == "payroll"


def test_much_at_once_is_built_once_and_ends_as_a_little_at_a_time(store: Store) -> None:
    """Each organization is named by uses that come in different parts, and by a project that it maintains."""
    load(store, a_catalog(a_project(repository="https://git.example.org/galette"), an_organization()))
    home, names = a_catalogue(store), [f"n{number:02}" for number in range(60)]
    lead = [{"organization": ref("coop-n00"), "role": "lead"}]
    projects = [theirs(name, maintenance=lead) for name in names]
    groups = [theirs(f"coop-{name}", ORGANIZATION) for name in names]
    uses = [use(name, f"coop-{names[(at * step) % 60]}") for at, name in enumerate(names) for step in (7, 11) if at]
    told_uses = {record.id: record for record in uses}.values()
    receive(store, home, *projects, *groups, *told_uses)
    assert store.public_record_upkeep.differing()[1] == ()
    with store.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(pending_public_record)).scalar_one() == 0
        assert connection.execute(select(func.count()).select_from(public_record)).scalar_one() == 122
    users = store.public_records.project("n01").adoptions
    assert {line.organization.slug for line in users} == {"coop-n07", "coop-n11"}
    again = [theirs(f"coop-{name}", ORGANIZATION, country="ES") for name in names]
    receive(store, home, *again, *(theirs(name, maintenance=lead, license="MIT") for name in names))
    assert store.public_record_upkeep.differing()[1] == ()
    assert store.public_records.organization("coop-n07").record.country == "ES"


def test_what_a_kill_left_half_done_is_finished_by_the_next_run(store: Store) -> None:
    home = a_catalogue(store)
    layers = {"payroll": {"es": {"summary": "Calcula"}}}
    delta = a_delta(PAYROLL, COOP, USE, texts=layers)
    deltas.taken_half_way(store, home.id, a_delta(PAYROLL), now=NOW)
    assert list(store.record_pages.slugs()) == []
    assert received_rows.settle(store, now=NOW) == 1
    apply_delta(store, home.id, delta, now=NOW)
    assert store.public_records.project("payroll").record.summary == {"es": "Calcula"}


def test_what_another_catalogue_calls_the_same_waits_at_the_desk_beside_our_own_likenesses(store: Store) -> None:
    load(
        store,
        a_catalog(a_project(name="Galette"), an_organization("halles", name="Coopérative des Halles", country="FR")),
    )
    home = a_catalogue(store)
    receive(
        store,
        home,
        theirs("galette-es", name="Galette"),
        theirs("halles-es", ORGANIZATION, name="Coopérative des Halles", country="FR"),
    )
    assert moderation.find_likenesses(store, now=NOW) == 1
    waiting = [case for case in store.moderation_queue.queue(now=NOW) if case.source == LIKENESS]
    assert [case.kind for case in waiting] == ["organization"]
    assert moderation.find_likenesses(store, now=NOW) == 0

    someone = a_person(store)
    same = moderation.MergeChoice(PROJECT, identity("galette"), key("galette-es"), JOIN, identity("galette"), "", "")
    moderation.pair(store, someone, same, now=NOW)
    halles = identity("halles", "organization")
    other = moderation.MergeChoice(ORGANIZATION, halles, key("halles-es"), APART, None, "", "")
    moderation.pair(store, someone, other, now=NOW)
    receive(store, home, theirs("galette-es", name="Galette", homepage="https://g.example.org"))
    assert [fact.value for fact in store.facts.page("galette").facts if fact.field == "homepage"] == [
        "https://g.example.org"
    ]
    assert sorted(slug for _, slug in store.record_pages.slugs()) == ["galette", "halles", "halles-es"]
    assert [case for case in store.moderation_queue.queue(now=NOW) if case.source == LIKENESS] == []


def test_two_records_of_one_other_catalogue_are_not_asked_about(store: Store) -> None:
    home = a_catalogue(store)
    receive(store, home, *(theirs(slug, ORGANIZATION, name="Les Halles", country="FR") for slug in ("one", "two")))
    assert moderation.find_likenesses(store, now=NOW) == 0
    assert store.moderation_queue.queue(now=NOW) == ()


def test_a_person_s_word_here_about_a_foreign_record_is_shown_before_theirs(store: Store) -> None:
    home = a_catalogue(store)
    receive(store, home, theirs("payroll", license="MIT"))
    with changing(store.engine) as (connection, change):
        said = {"license": Statement("license", "GPL-3.0-only", {"declaration": "7K3Q-9M2X"})}
        overrides.declare_values(connection, PAYROLL.id, said, now=NOW)
        overrides.rebuild_records(connection, [PAYROLL.id], change=change, now=NOW)
    assert store.public_records.project("payroll").record.license == "GPL-3.0-only"
    receive(store, home, theirs("payroll", license="MIT", homepage="https://p.example.org"))
    record = store.public_records.project("payroll").record
    assert (record.license, record.homepage) == ("GPL-3.0-only", "https://p.example.org")
    with changing(store.engine) as (connection, change):
        overrides.declare_values(connection, PAYROLL.id, {"license": None}, now=NOW)
        overrides.rebuild_records(connection, [PAYROLL.id], change=change, now=NOW)
        overrides.rebuild_records(connection, [PAYROLL.id], change=PublicChange(connection), now=NOW, silent_too=True)
    assert store.public_records.project("payroll").record.license == "MIT"
