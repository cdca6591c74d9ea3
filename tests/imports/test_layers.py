"""An imported layer is taken, replaced and taken away as a whole, beside what is known here and never instead of it."""

import feedparser
import pytest
from sqlalchemy import func, select
from support.factories.core import NOW, a_catalog, a_document, a_manifest, a_project, identity, later, load
from support.world import a_client, a_site

from catalog.document import dump
from catalog.errors import NotFound
from catalog.rules.fact import Statement
from catalog.store.core.public_changes import changing
from catalog.store.documents import overrides
from catalog.store.documents.imported_lists import ImportedRecord, Layer
from catalog.tables.core import fact, project

LIST = Layer("awesome", "sheet", "CC-BY-SA-3.0", NOW)


def said(name="Tool", repository="https://example.org/x/tool", **record):
    values = {"name": name, "summary": {"en": f"Does {name}"}, "repository": repository} | record
    return ImportedRecord(repository or name, values)


GALETTE = said("Galette!", "http://www.GitHub.com/Galette/galette.git/", homepage="https://list.example.org/galette")


@pytest.fixture
def filled(store):
    load(store, a_catalog(a_project(repository="https://github.com/galette/galette"), a_project("other")))
    return store


def take(store, *records, layer=LIST, **given):
    return store.imported_lists.replace(layer, list(records), a_manifest(), now=given.pop("now", NOW), **given)


def told(verdicts):
    return [(verdict.what, verdict.name, verdict.slug) for verdict in verdicts]


def names(store):
    with store.engine.connect() as connection:
        return set(connection.execute(select(project.c.slug)).scalars())


def test_a_new_project_stands_with_its_licence_and_a_known_one_keeps_its_own_record(filled):
    before = dump(filled.curated_document.document())
    assert told(filled.imported_lists.preview("awesome", [GALETTE, said()])) == [
        ("known", "Galette!", "galette"),
        ("new", "Tool", ""),
    ]
    assert names(filled) == {"galette", "other"}
    take(filled, GALETTE, said(license="MIT", domains=["accounting"], homepage="https://tool.example.org"))
    assert names(filled) == {"galette", "other", "tool"}
    assert dump(filled.curated_document.document()) == before
    page = filled.public_records.project("tool")
    assert (page.record.license, page.record.domains) == ("MIT", ("accounting",))
    told_of_it = [fact for fact in filled.facts.page("galette").facts if fact.origin == "peer:awesome"]
    assert {fact.field for fact in told_of_it} == {"name", "summary", "repository", "homepage"}
    assert all(fact.source["license"] == "CC-BY-SA-3.0" for fact in told_of_it)
    assert filled.public_records.project("galette").record.name == "Galette"
    assert filled.mirrors.mirror(page.id).repository == "https://example.org/x/tool"


def test_importing_again_replaces_that_layer_only(filled):
    other = Layer("second", "sheet", "CC0-1.0", NOW)
    take(filled, said(), said("Old", "https://example.org/x/old"))
    take(filled, said(homepage="https://second.example.org"), layer=other)
    verdicts = take(filled, said(homepage="https://first.example.org"), now=later(days=1))
    assert told(verdicts) == [("changed", "Tool", "tool"), ("gone", "Old", "old")]
    assert names(filled) == {"galette", "other", "tool"}
    facts = {(fact.origin, fact.value) for fact in filled.facts.page("tool").facts if fact.field == "homepage"}
    assert facts == {("peer:awesome", "https://first.example.org"), ("peer:second", "https://second.example.org")}
    assert [(layer.name, layer.records) for layer in filled.imported_lists.all()] == [("awesome", 1), ("second", 1)]
    change = filled.change()
    assert told(take(filled, said(homepage="https://first.example.org"), now=later(days=2))) == [
        ("same", "Tool", "tool")
    ]
    assert filled.change() == change


def test_what_a_broken_source_does_not_show_stays(filled):
    take(filled, said(), said("Old", "https://example.org/x/old"))
    assert told(take(filled, said(), complete=False)) == [("same", "Tool", "tool")]
    assert "old" in names(filled)


def test_taking_a_layer_away_leaves_what_people_declared_and_what_others_say(filled):
    second = Layer("second", "sheet", "CC0-1.0", NOW)
    take(filled, GALETTE, said(), said("Two", "https://example.org/x/two"), said("Three", "https://example.org/x/3"))
    take(filled, said("Two", "https://example.org/x/two", homepage="https://two.example.org"), layer=second)
    three = filled.public_records.project("three").id
    with changing(filled.engine) as (connection, change):
        number = change
        overrides.declare_values(
            connection, three, {"homepage": Statement("homepage", "https://own.example.org")}, now=NOW
        )
        overrides.rebuild_records(connection, [three], change=number, now=NOW)
    assert filled.public_records.project("three").record.repository == "https://example.org/x/3"
    assert filled.imported_lists.remove("awesome", now=later(days=1)) == 4
    assert names(filled) == {"galette", "other", "two", "three"}
    assert filled.public_records.project("two").record.homepage == "https://two.example.org"
    record = filled.public_records.project("three").record
    assert (record.homepage, record.repository) == ("https://own.example.org", None)
    with filled.engine.connect() as connection:
        mine = select(func.count()).select_from(fact).where(fact.c.origin == "peer:awesome")
        assert connection.execute(mine).scalar_one() == 0
    with pytest.raises(NotFound):
        filled.imported_lists.remove("awesome", now=NOW)


def test_what_is_blocked_or_not_to_be_listed_is_skipped_and_named(filled):
    take(filled, said())
    filled.takedowns.block("galette", "Asked for.", now=NOW)
    from catalog.store.ownership import unlisted

    with changing(filled.engine) as (connection, change):
        unlisted.opt_out(connection, identity("other"), None, None, change=change, now=NOW)
    verdicts = take(filled, GALETTE, said("Other", a_project("other").repository), said())
    assert [(verdict.what, verdict.why) for verdict in verdicts] == [
        ("skipped", "blocked"),
        ("skipped", "unlisted"),
        ("same", ""),
    ]


def test_a_project_that_the_document_takes_up_later_is_the_same_one_and_loses_nothing(filled):
    take(filled, said())
    key = filled.public_records.project("tool").id
    own = a_project("tool", name="Tool of ours", repository="https://example.org/x/tool")
    load(filled, a_catalog(a_project(), a_project("other"), own), digest="2")
    page = filled.public_records.project("tool")
    assert (page.id, page.record.name) == (key, "Tool of ours")
    load(filled, a_catalog(a_project(), a_project("other")), digest="3")
    assert filled.public_records.project("tool").record.name == "Tool"


def test_a_project_that_is_only_called_the_same_is_new_and_the_other_is_named(filled):
    (verdict,) = filled.imported_lists.preview("awesome", [said("Galette", "https://elsewhere.example.org/x/galette")])
    assert (verdict.what, verdict.alike) == ("new", ("galette",))


def test_a_preview_of_a_document_writes_nothing(store):
    load(store, a_document())
    change = store.change()
    planned = store.curated_document.preview(a_catalog(a_project("fresh")), now=later(days=1))
    assert "fresh" in planned.added and planned.dropped
    assert store.change() == change and "fresh" not in names(store)


def test_a_page_of_facts_names_the_layer_with_its_licence(sqlite_store, tmp_path):
    load(sqlite_store, a_catalog(a_project(repository="https://github.com/galette/galette")))
    take(sqlite_store, GALETTE)
    with a_site(sqlite_store, tmp_path / "data") as app:
        text = " ".join(a_client(app).get("/en/projects/galette/facts").text.split())
    assert "From <bdi>awesome</bdi>, under CC-BY-SA-3.0." in text


def test_a_feed_names_whose_word_an_entry_is(sqlite_store, tmp_path):
    load(sqlite_store, a_catalog(a_project(repository="https://github.com/galette/galette")))
    take(sqlite_store, GALETTE, said())
    with a_site(sqlite_store, tmp_path / "data") as app:
        entries = feedparser.parse(a_client(app).get("/feeds/projects.atom").content).entries
    told_by = {entry.title: (entry.get("author"), entry.get("rights")) for entry in entries}
    assert told_by["Tool"] == ("awesome", "CC-BY-SA-3.0")
    assert "awesome" not in str(told_by["Galette"])
