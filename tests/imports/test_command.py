"""`forge import`: a preview first, then a layer that can be named, replaced and taken away from the command line."""

import json

import pytest
from click.testing import CliRunner
from support.factories.core import a_catalog, a_project
from support.facts import facts_of_all

from catalog.document import complete, dump
from catalog.search import IndexWriter
from catalog.store.store import Store
from forge.cli import forge

ROWS = """name,description,repository,licence
Galette here too,Manages members,https://www.github.com/galette/galette.git,GPL-3.0-or-later
Fresh,Does fresh things,https://example.org/x/fresh,MIT
Wrong,Has no place,nowhere,MIT
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, value in {"FORGE_DATA": tmp_path / "data", "FORGE_CATALOG": tmp_path / "catalog.yaml"}.items():
        monkeypatch.setenv(name, str(value))
    (tmp_path / "catalog.yaml").write_text(
        dump(complete(a_catalog(a_project(repository="https://github.com/galette/galette"))))
    )
    (tmp_path / "Tools.csv").write_text(ROWS)

    def run(*arguments):
        return CliRunner().invoke(forge, ["import", *arguments])

    return run


def slugs(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'data' / 'catalog.db'}")
    try:
        return {page.slug for page in facts_of_all(store)}
    finally:
        store.close()


def test_a_layer_needs_a_document_and_a_licence_first(run):
    no = run("Tools.csv", "--license", "CC0-1.0")
    assert no.exit_code == 1 and "Nothing has been loaded yet" in no.output
    assert run("catalog.yaml").exit_code == 0
    no = run("Tools.csv")
    assert no.exit_code == 1 and "--license" in no.output
    no = run("Tools.csv", "--license", "nonsense")
    assert no.exit_code == 1
    assert run("Tools.csv", "--license", "CC0-1.0", "--name", "No such name!").exit_code == 2
    assert run().exit_code == 2


def test_a_dry_run_says_what_would_happen_and_changes_nothing(run, tmp_path):
    run("catalog.yaml")
    said = run("Tools.csv", "--dry-run")
    assert said.exit_code == 0, said.output
    assert "new      Fresh" in said.output
    assert "known    Galette here too (galette)" in said.output
    assert "refused  Tools.csv:4: repository: Write the https address" in said.output
    assert "1 new" in said.output and "1 refused" in said.output
    assert slugs(tmp_path) == {"galette"}
    lines = [json.loads(line) for line in run("Tools.csv", "--dry-run", "--json").stdout.splitlines()]
    assert [(line["what"], line.get("name") or line.get("key")) for line in lines] == [
        ("known", "Galette here too"),
        ("new", "Fresh"),
        ("refused", "repository"),
    ]


def test_what_a_file_calls_its_entries_moves_no_terminal(run, tmp_path):
    run("catalog.yaml")
    name = "1\x1b]0;mine\x07\x1b[2J\x9b2J\u202e"
    (tmp_path / f"{name}.csv").write_text(ROWS)
    said = run(f"{name}.csv", "--license", "CC0-1.0", "--dry-run", "--name", "tools")
    assert "refused" in said.output and "]0;mine" in said.output
    assert [character for character in said.output if not character.isprintable() and character != "\n"] == []


def test_a_layer_is_taken_named_replaced_and_taken_away(run, tmp_path):
    run("catalog.yaml")
    assert run("Tools.csv", "--license", "cc-by-sa-4.0").exit_code == 0
    assert slugs(tmp_path) == {"galette", "fresh"}
    listed = run("--list", "--json")
    assert json.loads(listed.stdout)["license"] == "CC-BY-SA-4.0"
    (tmp_path / "Tools.csv").write_text("\n".join(ROWS.splitlines()[:2]))
    again = run("Tools.csv", "--license", "CC-BY-SA-4.0")
    assert "1 no longer in the source" in again.output
    assert slugs(tmp_path) == {"galette"}
    assert run("--remove", "tools").exit_code == 0
    missing = run("--remove", "tools")
    assert missing.exit_code == 1 and "--list" in missing.output


def test_a_dry_run_of_a_document_names_what_it_would_add_and_drop(run, tmp_path):
    run("catalog.yaml")
    (tmp_path / "next.yaml").write_text(dump(complete(a_catalog(a_project("fresh")))))
    said = run("next.yaml", "--dry-run")
    assert "fresh would be added." in said.output and "galette would be dropped." in said.output
    assert slugs(tmp_path) == {"galette"}
    (tmp_path / "next.yaml").write_text("catalog: 1\nnothing: here\n")
    assert run("next.yaml", "--dry-run").exit_code == 1


def test_a_source_that_is_not_there_is_told(run):
    said = run("missing.yaml")
    assert said.exit_code == 1 and "no file missing.yaml" in said.output


def test_a_catalogue_goes_into_a_file_and_comes_back_from_the_command_line(run, tmp_path, monkeypatch):
    run("catalog.yaml")
    made = CliRunner().invoke(forge, ["backup", "copy.tar.gz"])
    assert made.exit_code == 0 and "rows" in made.output
    no = CliRunner().invoke(forge, ["restore", "copy.tar.gz"])
    assert no.exit_code == 1 and "--replace" in no.output
    assert CliRunner().invoke(forge, ["restore", "copy.tar.gz", "--replace"]).exit_code == 0
    monkeypatch.setenv("FORGE_DATA", str(tmp_path / "other"))
    assert CliRunner().invoke(forge, ["restore", "copy.tar.gz"]).exit_code == 0
    writer = IndexWriter.open(tmp_path / "other" / "search")
    with writer:
        running = CliRunner().invoke(forge, ["restore", "copy.tar.gz", "--replace"])
    assert running.exit_code == 1 and "stop it first" in running.output
    (tmp_path / "wrong").write_text("no archive")
    assert "no archive" in CliRunner().invoke(forge, ["restore", "wrong", "--replace"]).output
