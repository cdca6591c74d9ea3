"""The document at a start or an import: taken over when it changed and has nothing to mend, else left alone."""

from pathlib import Path

import pytest
from support.factories.core import NOW, a_catalog, a_document, a_project, later

from catalog.document import complete, dump
from forge.server import load_document
from forge.server.load_document import digest, hidden_slugs


@pytest.fixture
def path(tmp_path):
    return write(tmp_path, a_document())


def write(folder: Path, document, name="catalog.yaml"):
    path = folder / name
    path.write_text(dump(complete(document)), encoding="utf-8")
    return path


def test_a_first_load_takes_everything_and_a_second_does_nothing(sqlite_store, path):
    first = load_document.load(sqlite_store, path, now=NOW)
    assert len(first.loaded.added) == 3
    assert load_document.load(sqlite_store, path, now=NOW).loaded is None
    assert load_document.load(sqlite_store, path, now=NOW, always=True).loaded.anything is False


def test_a_faulty_document_changes_nothing_and_is_remembered_until_a_good_one(sqlite_store, path):
    load_document.load(sqlite_store, path, now=NOW)
    good, change = path.read_text(), sqlite_store.change()
    path.write_text(good.replace("name: Galette", "naem: Galette"))
    outcome = load_document.load(sqlite_store, path, now=later(hours=1))
    assert (outcome.loaded, len(outcome.problems) > 0) == (None, True)
    assert "catalog.yaml has" in sqlite_store.problem()
    assert sqlite_store.change() == change
    path.write_text(good)
    assert load_document.load(sqlite_store, path, now=later(hours=2)).problems == ()
    assert (sqlite_store.problem(), sqlite_store.change()) == (None, change)


def test_a_faulty_first_document_leaves_an_empty_catalogue(sqlite_store, path):
    path.write_text("catalog: 1\n")
    assert load_document.load(sqlite_store, path, now=NOW).problems
    assert (sqlite_store.manifest(), sqlite_store.problem()) == (None, None)


def test_the_digest_is_of_content(path):
    before = digest(path)
    path.touch()
    assert digest(path) == before
    path.write_text(path.read_text() + "\n")
    assert digest(path) != before


def test_a_file_that_is_away_raises(sqlite_store, tmp_path):
    with pytest.raises(OSError, match=r"none\.yaml"):
        load_document.load(sqlite_store, tmp_path / "none.yaml", now=NOW)


def test_blocked_projects_of_a_document_are_named_and_others_are_not(sqlite_store, tmp_path):
    document = a_catalog(a_project(), a_project("other"), a_project("third"))
    path = write(tmp_path, document)
    load_document.load(sqlite_store, path, now=NOW)
    assert list(hidden_slugs(sqlite_store, document)) == []
    sqlite_store.takedowns.block("other", "Asked for.", now=NOW)
    assert list(hidden_slugs(sqlite_store, document)) == ["other"]
    assert load_document.load(sqlite_store, path, now=NOW, always=True).loaded.skipped == ("other",)
