"""Facts kept: what is said now, since when, what was said before, and that a change counts once or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from support.example_counts import examples
from support.factories.core import (
    NOW,
    a_catalog,
    a_declared_adoption,
    a_maintenance,
    a_project,
    an_adoption,
    an_organization,
    identity,
    later,
    load,
)
from support.factories.rewriting import rewriting
from support.facts import facts_of_all

from catalog.errors import NotFound, Removed
from catalog.model import Relation, Runs, ScreenLanguage
from catalog.rules.fact import CURATED, OBSERVED, Fact, Statement, choose_facts
from catalog.store.core.read_models import HistoryLine
from catalog.store.projects.fact_history import MOST_LINES, replace_facts
from catalog.store.store import Store
from catalog.tables.core import fact, fact_change, organization
from tests.store.test_pages import counted

GALETTE = identity("galette")


def a_statement(field: str, value: Any, file: str | None = None, *, commit: str = "1" * 40, oid: str = "a" * 40) -> Any:
    source = {"file": file, "oid": oid, "commit": commit} if file else {"commit": commit}
    return Statement(field, value, source)


def observe(store: Store, commit: str, *facts: Statement, **changes: Any) -> bool:
    """One visit that read a commit; `days` is when."""
    given = {"free": True, "last_commit_at": NOW, "now": later(days=changes.pop("days", 1))} | changes
    return store.observations.observe(GALETTE, commit * 40, {"commit": commit * 40}, facts=facts, **given)


def observed(store: Store) -> list[Fact]:
    return [fact for fact in store.facts.page("galette").facts if fact.origin == OBSERVED]


def told(lines: tuple[HistoryLine, ...]) -> list[tuple[Any, ...]]:
    """Each line in short: kind, field, value before, value after."""
    return [
        (
            history_line.kind,
            history_line.field,
            history_line.before and history_line.before.value,
            history_line.after and history_line.after.value,
        )
        for history_line in lines
    ]


def history(store: Store) -> list[tuple[Any, ...]]:
    return told(store.facts.history("galette").lines)


def rows(store: Store, table: Any = fact) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.fixture
def galette(store: Store) -> Store:
    load(store, a_catalog(a_project(sources=("https://galette.eu",)), an_organization()))
    return store


def test_a_record_says_its_facts_from_the_day_it_was_added(galette: Store) -> None:
    page = galette.facts.page("galette")
    assert (page.id, page.slug, page.name, page.change) == (GALETTE, "galette", "Galette", galette.change())
    assert [fact.field for fact in page.facts] == ["name", "summary", "license", "domains", "repository"]
    assert {(fact.origin, fact.first_seen_at, fact.seen_at, fact.until) for fact in page.facts} == {
        (CURATED, NOW, NOW, None)
    }
    assert all(fact.source == {"urls": ["https://galette.eu"]} for fact in page.facts)
    (line,) = galette.facts.history("galette").lines
    assert (line.kind, line.origin, line.at, line.before, line.after) == ("first", CURATED, NOW, None, None)
    assert galette.facts.changes().lines == ()


def test_a_changed_record_closes_what_it_said_and_tells_both_in_one_line(galette: Store) -> None:
    before = galette.change()
    changed = a_project(license="MIT", homepage="https://galette.eu", domains=())
    load(galette, a_catalog(changed, an_organization()), now=later(days=1))
    assert galette.change() == before + 1
    assert history(galette) == [
        ("changed", "license", "GPL-3.0-or-later", "MIT"),
        ("vanished", "domains", ["member-management"], None),
        ("appeared", "homepage", None, "https://galette.eu"),
        ("first", "", None, None),
    ]
    line = galette.facts.history("galette").lines[0]
    assert line.before and line.after and line.at == later(days=1)
    assert (line.before.first_seen_at, line.before.until) == (NOW, later(days=1))
    assert line.before.source == {"urls": ["https://galette.eu"]}
    assert (line.after.first_seen_at, line.after.until) == (later(days=1), None)
    since = {fact.field: fact.first_seen_at for fact in galette.facts.page("galette").facts}
    assert (since["license"], since["homepage"], since["name"]) == (later(days=1), later(days=1), NOW)
    assert told(galette.facts.changes().lines) == history(galette)[:-1]


def test_the_same_record_again_writes_nothing(galette: Store) -> None:
    load(galette, a_catalog(a_project(license="MIT"), an_organization()), now=later(days=1))
    before = (rows(galette), rows(galette, fact_change), galette.change(), galette.facts.page("galette"))
    load(galette, a_catalog(a_project(license="MIT"), an_organization()), now=later(days=2))
    assert (rows(galette), rows(galette, fact_change), galette.change(), galette.facts.page("galette")) == before


def test_new_sources_and_a_percent_more_of_a_language_are_shown_and_no_line_of_history(galette: Store) -> None:
    for day, percent in ((1, 60), (2, 61)):
        languages = (ScreenLanguage("fr"), ScreenLanguage("ar", percent))
        changed = a_project(languages=languages, sources=(f"https://galette.eu/{day}",))
        load(galette, a_catalog(changed, an_organization()), now=later(days=day))
    assert [line[:2] for line in history(galette)] == [("appeared", "languages"), ("first", "")]
    spoken = choose_facts(galette.facts.page("galette").facts)["languages"]
    assert spoken.value == [{"term": "fr"}, {"term": "ar", "percent": 61}]
    assert spoken.fact.source == {"urls": ["https://galette.eu/2"]} and spoken.fact.first_seen_at == later(days=1)


def test_a_value_that_comes_back_is_said_anew(galette: Store) -> None:
    for day, license in enumerate(("MIT", "GPL-3.0-or-later"), 1):
        load(galette, a_catalog(a_project(license=license), an_organization()), now=later(days=day))
    assert [line[2:] for line in history(galette) if line[1] == "license"] == [
        ("MIT", "GPL-3.0-or-later"),
        ("GPL-3.0-or-later", "MIT"),
    ]
    (now,) = [fact for fact in galette.facts.page("galette").facts if fact.field == "license"]
    assert now.first_seen_at == later(days=2)


def test_a_dropped_record_that_stays_for_a_declaration_says_nothing_any_more(galette: Store) -> None:
    a_declared_adoption(galette)
    load(galette, a_catalog(an_organization()), now=later(days=1))
    assert galette.facts.page("galette").facts == ()
    assert [(line.kind, line.facts) for line in galette.facts.history("galette").lines] == [("ended", 5)]
    load(galette, a_catalog(a_project(), an_organization()), now=later(days=2))
    assert {fact.first_seen_at for fact in galette.facts.page("galette").facts} == {later(days=2)}
    assert [line.kind for line in galette.facts.history("galette").lines] == ["first", "ended", "first"]


def test_a_dropped_record_is_gone_and_its_facts_are_closed(galette: Store) -> None:
    load(galette, a_catalog(a_project(license="MIT"), an_organization()), now=later(days=1))
    load(galette, a_catalog(an_organization()), now=later(days=2))
    with pytest.raises(NotFound):
        galette.facts.page("galette")
    with galette.engine.connect() as connection:
        assert set(connection.execute(select(fact.c.until)).scalars()) == {later(days=1), later(days=2)}
    assert list(facts_of_all(galette)) == [] and galette.facts.changes().lines == ()
    load(galette, a_catalog(a_project(license="MIT"), an_organization()), now=later(days=3))
    assert {fact.first_seen_at for fact in galette.facts.page("galette").facts} == {later(days=3)}


def test_facts_of_a_blocked_project_leave_by_no_reading_and_are_there_again_after_it(galette: Store) -> None:
    observe(galette, "1", a_statement("license", "MIT", "LICENSE"))
    observe(galette, "2", a_statement("license", "ISC", "LICENSE"), days=2)
    before = (galette.facts.page("galette").facts, history(galette))
    galette.takedowns.block("galette", "A court said so.", now=NOW)
    for read in (galette.facts.page, galette.facts.history):
        with pytest.raises(Removed):
            read("galette")
    assert galette.facts.changes().lines == () and list(facts_of_all(galette)) == []
    galette.takedowns.unblock("galette")
    assert (galette.facts.page("galette").facts, history(galette)) == before


def test_the_first_reading_of_a_repository_is_one_line(galette: Store) -> None:
    facts = [a_statement("license.file", {"license": "MIT"}, f"{n}/LICENSE") for n in range(200)]
    assert observe(galette, "1", *facts)
    assert [(line.kind, line.origin, line.facts) for line in galette.facts.history("galette").lines] == [
        ("first", OBSERVED, 200),
        ("first", CURATED, 0),
    ]
    assert galette.facts.changes().lines == () and len(observed(galette)) == 200


def test_what_is_seen_again_keeps_its_row_and_is_seen_with_the_newer_commit(galette: Store) -> None:
    observe(galette, "1", a_statement("license", "MIT", "LICENSE"))
    assert observe(galette, "2", a_statement("license", "MIT", "LICENSE", commit="2" * 40), days=2)
    (seen,) = observed(galette)
    assert (seen.first_seen_at, seen.seen_at) == (later(days=1), later(days=2))
    assert seen.source["commit"] == "1" * 40  # the same bytes are still there to be looked at
    assert rows(galette) == 1 and len(history(galette)) == 2


def test_a_license_that_changes_in_its_file_is_one_line_and_one_change(galette: Store) -> None:
    observe(galette, "1", a_statement("license", "MIT", "LICENSE"))
    before = galette.change()
    observe(galette, "2", a_statement("license", "BUSL-1.1", "LICENSE", commit="2" * 40, oid="b" * 40), days=2)
    assert galette.change() == before + 1 == galette.facts.page("galette").change
    assert history(galette)[0] == ("changed", "license", "MIT", "BUSL-1.1")
    line = galette.facts.history("galette").lines[0]
    assert line.before and line.after
    assert (line.before.until, line.before.source["commit"]) == (later(days=2), "1" * 40)
    assert (line.after.first_seen_at, line.after.source["commit"]) == (later(days=2), "2" * 40)
    assert [fact.value for fact in observed(galette)] == ["BUSL-1.1"]


def test_a_file_that_moves_or_is_written_anew_with_the_same_meaning_is_no_news(galette: Store) -> None:
    observe(galette, "1", a_statement("license", "MIT", "COPYING"))
    observe(galette, "2", a_statement("license", "MIT", "LICENSE.md", commit="2" * 40, oid="b" * 40), days=2)
    (seen,) = observed(galette)
    assert (seen.first_seen_at, seen.source["file"], seen.source["oid"]) == (later(days=1), "LICENSE.md", "b" * 40)
    assert [line.kind for line in galette.facts.history("galette").lines] == ["first", "first"]


def test_several_facts_of_one_field_are_told_apart_by_file_and_within_a_file_by_value(galette: Store) -> None:
    def folder(name: str, license: str) -> Statement:
        return a_statement("license.folder", {"folder": name, "license": license}, "REUSE.toml")

    observe(galette, "1", folder("a", "MIT"), folder("b", "ISC"), folder("c", "0BSD"))
    observe(galette, "2", folder("b", "ISC"), folder("c", "0BSD"), folder("a", "Apache-2.0"), days=2)
    before, after = {"folder": "a", "license": "MIT"}, {"folder": "a", "license": "Apache-2.0"}
    assert history(galette)[0] == ("changed", "license.folder", before, after)
    observe(galette, "3", folder("c", "0BSD"), days=3)
    assert [line[0] for line in history(galette)[:2]] == ["vanished", "vanished"] and len(observed(galette)) == 1


def test_what_moves_with_every_push_keeps_the_present_row_only(galette: Store) -> None:
    for day in (1, 2, 3):
        observe(
            galette, str(day), a_statement("activity", {"commits": day}), a_statement("code", {"files": day}), days=day
        )
    assert {fact.field: fact.value for fact in observed(galette)} == {"activity": {"commits": 3}, "code": {"files": 3}}
    assert rows(galette) == 2 and [line[0] for line in history(galette)] == ["first", "first"]
    observe(galette, "4", a_statement("activity", {"commits": 4}), days=4)
    assert rows(galette) == 1 and len(history(galette)) == 2


def test_the_same_commit_read_by_a_newer_forge_is_one_line_that_is_no_news(galette: Store) -> None:
    observe(galette, "1", a_statement("name", "Galette", "composer.json"))
    more = [a_statement("installs", ["docker"]), a_statement("status", "active", "publiccode.yml")]
    assert observe(galette, "1", a_statement("name", "Galette 2", "composer.json"), *more, days=2)
    line = galette.facts.history("galette").lines[0]
    assert (line.kind, line.facts, line.before) == ("reread", 3, None)
    assert len(observed(galette)) == 3 and galette.facts.changes().lines == ()


def test_reading_the_same_once_more_changes_nothing(galette: Store) -> None:
    facts = [a_statement("name", "Galette", "composer.json"), a_statement("activity", {"commits": 9})]
    assert observe(galette, "1", *facts)
    before = (galette.change(), galette.facts.page("galette"), history(galette))
    assert not observe(galette, "1", *facts, days=9)
    assert (galette.change(), galette.facts.page("galette"), history(galette)) == before


def test_too_many_changes_at_once_are_one_line_but_for_those_that_matter(galette: Store) -> None:
    files = range(MOST_LINES + 5)
    observe(galette, "1", *(a_statement("license.file", {"license": "MIT"}, f"{n}/LICENSE") for n in files),
            a_statement("license", "MIT", "LICENSE"))  # fmt: skip
    observe(galette, "2", *(a_statement("license.file", {"license": "ISC"}, f"{n}/LICENSE") for n in files),
            a_statement("license", "ISC", "LICENSE"), days=2)  # fmt: skip
    lines = galette.facts.history("galette").lines
    assert [(line.kind, line.field, line.facts) for line in lines[:2]] == [("changed", "license", 1), ("many", "", 30)]
    assert len(galette.facts.changes().lines) == 2


def test_facts_of_other_origins_stand_beside_and_are_chosen_by_trust(galette: Store) -> None:
    observe(galette, "1", a_statement("license", "MIT", "LICENSE"), a_statement("homepage", "https://seen.example"))
    declared = Statement("homepage", "https://said.example", {"declaration": "7"})
    with rewriting(galette.engine) as connection:
        replace_facts(connection, "declared", {GALETTE: [declared]}, now=later(days=3))
        replace_facts(
            connection,
            "peer:coop.example",
            {GALETTE: [Statement("license", "ISC"), Statement("cost", {"en": "0"})]},
            now=later(days=3),
        )
    chosen = choose_facts(galette.facts.page("galette").facts)
    assert (chosen["license"].value, chosen["license.detected"].value) == ("GPL-3.0-or-later", "MIT")
    assert (chosen["homepage"].fact.origin, chosen["cost"].fact.origin) == ("declared", "peer:coop.example")
    assert chosen["homepage"].disputed and chosen["license"].disputed and not chosen["cost"].disputed
    load(galette, a_catalog(a_project(license="MIT"), an_organization()), now=later(days=4))
    assert {fact.origin for fact in galette.facts.page("galette").facts} == {
        "curated", "declared", "observed", "peer:coop.example",
    }  # fmt: skip


def test_each_declaration_is_a_line_also_the_first_and_the_withdrawn_one(galette: Store) -> None:
    declared = Statement("homepage", "https://said.example", {"declaration": "7"})
    for day, said in ((1, [declared]), (2, [])):
        with rewriting(galette.engine) as connection:
            assert replace_facts(connection, "declared", {GALETTE: said}, now=later(days=day)) == {GALETTE}
    assert told(galette.facts.changes().lines) == [
        ("vanished", "homepage", "https://said.example", None),
        ("appeared", "homepage", None, "https://said.example"),
    ]


def test_a_person_who_maintains_is_in_no_fact_and_no_history(store: Store) -> None:
    kept = a_maintenance(None, person="Zz Planted")
    load(store, a_catalog(a_project(maintenance=(kept, a_maintenance("coop-des-halles"))), an_organization()))
    load(store, a_catalog(a_project(), an_organization()), now=later(days=1))
    assert history(store)[0][:2] == ("vanished", "maintenance")
    assert "Zz Planted" not in repr((store.facts.page("galette"), store.facts.history("galette")))


def test_history_is_read_a_page_at_a_time(galette: Store) -> None:
    for n in range(1, 8):
        observe(galette, "abcdef0123"[n], a_statement("status", f"s{n}", "publiccode.yml"), days=n)
    first = galette.facts.history("galette", limit=3)
    assert told(first.lines) == [("changed", "status", f"s{n - 1}", f"s{n}") for n in (7, 6, 5)]
    second = galette.facts.history("galette", before=first.next, limit=3)
    assert [line[3] for line in told(second.lines)] == ["s4", "s3", "s2"]
    last = galette.facts.history("galette", before=second.next, limit=3)
    assert [line[0] for line in told(last.lines)] == ["first", "first"] and last.next is None
    everywhere = galette.facts.changes(limit=4)
    assert [(line.slug, line.name) for line in everywhere.lines] == [("galette", "Galette")] * 4
    assert len(galette.facts.changes(before=everywhere.next).lines) == 2


def test_a_page_of_facts_takes_as_many_queries_for_three_hundred_facts_as_for_one(galette: Store) -> None:
    numbers = []
    for commit, many in (("1", 1), ("2", 300)):
        observe(galette, commit, *(a_statement("license.file", {"n": n}, f"{n}/LICENSE") for n in range(many)))
        sent = []
        for read in (galette.facts.page, galette.facts.history, galette.public_records.project):
            with counted(galette) as statements:
                read("galette")
            sent.append(len(statements))
        numbers.append(sent)
    assert numbers[0] == numbers[1] and numbers[0][:2] == [2, 2] and numbers[0][2] == 1


def test_an_export_gives_every_project_that_may_be_shown_with_its_facts(store: Store) -> None:
    load(store, a_catalog(*(a_project(slug) for slug in ("paheko", "galette", "noalyss", "zeta"))))
    store.takedowns.block("noalyss", "A court said so.", now=NOW)
    observe(store, "1", a_statement("license", "MIT", "LICENSE"))
    exported = list(facts_of_all(store))
    assert [page.slug for page in exported] == ["galette", "paheko", "zeta"]
    assert exported[0] == store.facts.page("galette")


def test_a_project_page_holds_its_facts_but_for_the_long_lists(galette: Store) -> None:
    observe(galette, "1", a_statement("installs", ["pip"]), a_statement("unreadable", {"problem": "No."}, "setup.py"))
    fields = set(galette.public_records.project("galette").chosen)
    assert {"installs", "license", "name"} <= fields and "unreadable" not in fields


NAMES = st.text(st.characters(codec=None), min_size=1, max_size=40)
SAID = st.lists(
    st.builds(
        lambda field, value, file: a_statement(field, value, file),
        st.sampled_from(["license", "license.file", "languages", "activity", "policies", "newer"]),
        st.sampled_from(
            ["MIT", {"license": "MIT", "confidence": 1.0}, [{"term": "fr"}], {"a\ud800": "\x00"}, None, 1.5]
        ),
        st.none() | NAMES,
    ),
    max_size=12,
)


@settings(
    max_examples=examples(15, 40), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(readings=st.lists(SAID, min_size=1, max_size=4))
def test_what_is_read_back_is_what_the_last_reading_said_whatever_was_said_before(
    galette: Store, readings: list[list[Statement]]
) -> None:
    for day, said in enumerate(readings):
        galette.observations.observe(
            GALETTE, f"{day}", {"commit": f"{day}"}, facts=said, free=None, last_commit_at=None, now=later(days=day)
        )

    def known(field: str, value: Any, source: Any) -> str:
        return repr((field, value, source.get("file")))

    assert sorted(known(fact.field, fact.value, fact.source) for fact in observed(galette)) == sorted(
        known(statement.field, statement.value, statement.source) for statement in readings[-1]
    )
    for line in galette.facts.history("galette", limit=500).lines:
        assert line.kind not in ("changed", "vanished") or (line.before and line.before.until == line.at)
        assert line.kind not in ("changed", "appeared") or (line.after and line.after.first_seen_at == line.at)


def test_an_unnamed_adoption_moves_no_fact(galette: Store) -> None:
    before = (galette.facts.page("galette"), history(galette))
    hidden = a_project(sources=("https://galette.eu",), adoptions=(an_adoption(visibility="counted"),))
    load(galette, a_catalog(hidden, an_organization()), now=later(days=1))
    assert (galette.facts.page("galette"), history(galette)) == before


def test_times_come_back_aware(galette: Store) -> None:
    observe(galette, "1", a_statement("license", "MIT", "LICENSE"))
    observe(galette, "2", a_statement("license", "ISC", "LICENSE"), days=2)
    (line, *_) = galette.facts.changes().lines
    assert line.before and line.before.until
    for time in (line.at, line.before.first_seen_at, line.before.seen_at, line.before.until):
        assert time.utcoffset() == timedelta(0)


def test_rows_that_follow_the_change_counter_take_languages_of_the_mirror_where_the_record_says_none(
    store: Store,
) -> None:
    load(
        store,
        a_catalog(a_project(), a_project("other", languages=(ScreenLanguage("es"),), programming_languages=("Go",))),
    )
    seen = [
        a_statement("languages", [{"term": "fr", "percent": 90}, {"term": "ar", "percent": 3}], "locale"),
        a_statement("code", {"languages": [{"name": "PHP", "percent": 90}, {"name": "CSS", "percent": 4}]}),
    ]
    for slug in ("galette", "other"):
        store.observations.observe(identity(slug), "1", {}, facts=seen, free=True, last_commit_at=NOW, now=NOW)
    mine, other = store.index_rows.rows([GALETTE, identity("other")])
    assert (mine.languages, mine.observed_programming_languages) == (("fr",), ("PHP",))
    assert other.observed_programming_languages == ()


def test_a_relation_to_a_blocked_project_leaves_by_no_reading_either(store: Store) -> None:
    def loaded(*relations: Relation, day: int) -> None:
        kept = a_project(relations=relations)
        load(store, a_catalog(kept, a_project("paheko"), a_project("noalyss")), now=later(days=day))

    loaded(Relation("works-with", "paheko"), Relation("works-with", "noalyss"), day=0)
    loaded(Relation("works-with", "noalyss"), day=1)
    loaded(Relation("works-with", "paheko"), day=2)
    store.takedowns.block("noalyss", "A court said so.", now=NOW)
    answers = [
        store.facts.page("galette").facts,
        store.facts.history("galette").lines,
        store.facts.changes().lines,
        [page.facts for page in facts_of_all(store)],
    ]
    assert "noalyss" not in repr(answers) and "paheko" in repr(answers[0]) and answers[1]
    store.takedowns.unblock("noalyss")
    assert "noalyss" in repr(store.facts.history("galette").lines)


def test_a_hidden_organization_is_named_by_no_reading_although_the_document_states_it(store: Store) -> None:
    def loaded(day: int, **changes: Any) -> None:
        kept = a_project(**changes)
        organizations = (an_organization("lemon"), an_organization("quince", former=("medlar",)))
        load(store, a_catalog(kept, *organizations), now=later(days=day))

    both = (a_maintenance("lemon"), a_maintenance("quince", role="host"))
    loaded(0, maintenance=both, runs=Runs(online="https://galette.eu", hosted=("lemon", "quince")))
    loaded(1, maintenance=(a_maintenance("quince"),), runs=Runs(hosted=("quince",)))
    loaded(2, maintenance=both, runs=Runs(hosted=("quince", "lemon")))
    with rewriting(store.engine) as connection:
        ours = update(organization).where(organization.c.slug == "quince")
        connection.execute(ours.values(hidden="hidden"))
        said = {GALETTE: [a_statement("maintenance", [{"organization": "medlar"}])]}
        replace_facts(connection, OBSERVED, said, now=later(days=3))
    answers = [
        store.facts.page("galette").facts,
        store.facts.history("galette").lines,
        store.facts.changes().lines,
        [page.facts for page in facts_of_all(store)],
    ]
    assert "quince" not in repr(answers) and "medlar" not in repr(answers)
    assert "medlar" not in repr(store.public_records.project("galette").chosen)
    assert "lemon" in repr(answers[0]) and answers[1]
    with rewriting(store.engine) as connection:
        connection.execute(ours.values(hidden=None))
    assert "quince" in repr(store.facts.history("galette").lines) and "medlar" in repr(store.facts.page("galette"))
