"""What a repository lacks to be reused, as `forge ready` tells it of folders, repositories and addresses."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from support.factories.metadata import PUBLICCODE
from support.factories.readiness import a_head
from support.factories.visits import LICENSE_TEXT
from support.hosts.git_origin import an_origin, git

from forge.cli import forge
from forge.git import local
from forge.observe.core.activity import Tag
from forge.observe.core.tree import tree_of
from forge.readiness import checks
from forge.readiness.steps import LINES, STEPS

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TAG = "SPDX-License-Identifier: MIT\n"
COMPLETE = {
    "LICENSE": LICENSE_TEXT,
    "README.md": "# Medusa\n\nKeeps the books of an association.\n\n## Installation\n\nRun it.\n",
    "README.fr.md": "# Medusa\n\nTient les comptes d'une association.\n",
    "publiccode.yml": PUBLICCODE,
    "img/screen.png": b"\x89PNG\r\n\x1a\n",
    "CHANGELOG.md": "# Changes\n\n## 1.10.0 - 2026-05-01\n\nBetter.\n",
    "CONTRIBUTING.md": "Write to us.\n",
    "SECURITY.md": "Write to us first.\n",
    "ACCESSIBILITY.md": "What we tested.\n",
    "CODE_OF_CONDUCT.md": "Be kind.\n",
    "locale/fr/LC_MESSAGES/app.po": 'msgid ""\nmsgstr "Language: fr\\n"\n\nmsgid "Open"\nmsgstr "Ouvrir"\n',
    "locale/es/LC_MESSAGES/app.po": 'msgid ""\nmsgstr "Language: es\\n"\n\nmsgid "Open"\nmsgstr "Abrir"\n',
}


def the_states(files, address="https://example.org/coop/medusa.git", tags=()):
    contents = {path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()}
    read = checks.read_repository(tree_of(contents), address, tags, nullcontext, NOW)
    return {answer.line: answer.state for answer in checks.answers(read)}


def ready(*arguments, **environment):
    return CliRunner().invoke(forge, ["ready", *map(str, arguments)], env={"LANGUAGE": "en"} | environment)


@pytest.fixture
def complete(tmp_path) -> Path:
    path = tmp_path / "medusa.git"
    a_head(path, COMPLETE)
    git("config", "remote.origin.url", "https://example.org/coop/medusa.git", cwd=path)
    return path


def test_there_are_nine_steps_and_each_line_stands_in_one():
    assert len(STEPS) == 9
    assert sorted(name for step in STEPS for name in step.lines) == sorted(LINES)
    answered = [
        answer.line for answer in checks.answers(checks.read_repository(tree_of({}), None, (), nullcontext, NOW))
    ]
    assert answered == [name for step in STEPS for name in step.lines]


def test_a_complete_repository_lacks_nothing_and_people_are_asked_what_no_file_can_tell():
    states = the_states(COMPLETE)
    assert [line for line, state in states.items() if state == "missing"] == []
    asked = {line for line, state in states.items() if state == "check"}
    assert asked == {"rights", "secrets", "personal", "repository", "answers", "adopter"}


@pytest.mark.parametrize(
    ("path", "line", "state"),
    [
        ("LICENSE", "license", "missing"),
        ("README.fr.md", "second-language", "missing"),
        ("README.md", "install", "missing"),
        ("publiccode.yml", "publiccode", "missing"),
        ("CHANGELOG.md", "release", "missing"),
        ("CONTRIBUTING.md", "contributing", "missing"),
        ("SECURITY.md", "security", "missing"),
        ("ACCESSIBILITY.md", "accessibility", "missing"),
        ("CODE_OF_CONDUCT.md", "conduct", "missing"),
    ],
)
def test_each_file_that_is_taken_away_is_told_missing(path, line, state):
    files = {name: text for name, text in COMPLETE.items() if name != path}
    assert the_states(files)[line] == state


@pytest.mark.parametrize(
    ("files", "line", "state"),
    [
        (
            {"LICENSE": "You may use this on Mondays, after asking us. All rights reserved.\n"},
            "license",
            "check",
        ),
        ({"publiccode.yml": PUBLICCODE.replace("AGPL-3.0-or-later", "MIT")}, "declared", "missing"),
        ({"publiccode.yml": PUBLICCODE.replace("AGPL-3.0-or-later", "free for all")}, "declared", "missing"),
        ({"part/LICENSE": TAG, "part/package.json": '{"license": "MIT"}'}, "declared", "there"),
        ({"part/LICENSE": TAG, "part/package.json": '{"license": "ISC"}'}, "declared", "missing"),
        ({"publiccode.yml": PUBLICCODE.replace("name: Medusa\n", "")}, "publiccode", "missing"),
        ({"publiccode.yml": "a: &b [*b]\n"}, "publiccode", "missing"),
        ({"README.md": "# Medusa\n\nAn installation of art.\n", "Dockerfile": "FROM x\n"}, "install", "check"),
        ({"README.md": "Medusa\n======\n\nInstall it\n----------\n"}, "install", "there"),
        ({"README.md": "# Medusa\n", "docs/INSTALL.md": "Run it.\n"}, "install", "there"),
        ({"ADOPTERS.md": "- Coopérative Medusa\n- Ville de Lyon\n"}, "adopter", "check"),
    ],
)
def test_what_stands_in_a_file_decides(files, line, state):
    assert the_states(COMPLETE | files)[line] == state


def test_screens_in_one_language_lack_a_second_and_without_any_a_person_is_asked():
    files = {name: text for name, text in COMPLETE.items() if name != "publiccode.yml" and "/es/" not in name}
    assert the_states(files)["screens"] == "missing"
    assert the_states({"main.c": "int main;\n"})["screens"] == "check"


def test_a_file_of_another_repository_is_asked_about():
    assert the_states(COMPLETE, "https://example.org/someone/fork")["publiccode"] == "check"


def test_a_tag_of_a_version_is_a_release():
    files = {name: text for name, text in COMPLETE.items() if name != "CHANGELOG.md"}
    assert the_states(files, tags=[Tag("v1.0", "0" * 40, NOW)])["release"] == "there"
    assert the_states(files, tags=[Tag("backup", "0" * 40, NOW)])["release"] == "missing"


def test_the_command_ends_with_0_where_nothing_is_missing(complete):
    ran = ready(complete)
    assert (ran.exit_code, "0 things are missing." in ran.output) == (0, True)


def test_the_command_ends_with_1_where_something_is_and_says_why_and_how(tmp_path):
    a_head(tmp_path / "poor.git", {"main.py": "print()\n"})
    ran = ready(tmp_path / "poor.git")
    assert ran.exit_code == 1
    assert LINES["license"].why in ran.output and LINES["license"].how in ran.output
    assert "git tag -a v1.0" in ran.output


def test_a_code_of_conduct_is_good_to_have_and_nothing_is_missing_without_it(complete):
    a_head(complete, {name: text for name, text in COMPLETE.items() if name != "CODE_OF_CONDUCT.md"})
    ran = ready(complete)
    assert (ran.exit_code, "missing, optional" in ran.output) == (0, True)


@pytest.mark.parametrize("where", ["nowhere", "https://", "file:///etc", "https://127.0.0.1/x.git"])
def test_the_command_ends_with_2_where_there_is_nothing_to_read(tmp_path, monkeypatch, where):
    monkeypatch.chdir(tmp_path)
    assert ready(where).exit_code == 2


def test_a_repository_without_commits_is_said(tmp_path):
    git("init", "-q", tmp_path / "new")
    ran = ready(tmp_path / "new")
    assert ran.exit_code == 2
    assert "no commits yet" in ran.output


def test_words_are_french_when_asked_for_or_when_the_environment_says_so(complete):
    for told in (ready(complete, "--language", "fr"), ready(complete, LANGUAGE="fr_FR:en")):
        assert "1. Clarifier les droits" in told.output
        assert "Why" not in told.output
    assert "1. Clear the rights" in ready(complete, LANGUAGE="xx").output


def test_json_tells_the_same_to_programs(complete):
    told = json.loads(ready(complete, "--json").output)
    assert told["commit"] == local.checked_out(complete)
    by_line = {line["line"]: line for line in told["lines"]}
    assert by_line["license"]["said"] == "AGPL-3.0"
    assert by_line["license"]["path"] == "LICENSE"
    assert (told["history"], told["written"], told["unread"]) == (None, [], [])


def test_a_work_tree_is_read_at_its_commit_and_a_plain_folder_as_it_lies(complete, tmp_path):
    tree, plain = tmp_path / "tree", tmp_path / "plain"
    git("clone", "-q", complete, tree)
    (tree / "LICENSE").unlink()
    states = {line["line"]: line["state"] for line in json.loads(ready(tree, "--json").output)["lines"]}
    assert states["license"] == "there"
    git("worktree", "add", "-q", "--detach", tmp_path / "linked", cwd=tree)
    assert json.loads(ready(tmp_path / "linked", "--json").output)["commit"] == local.checked_out(complete)
    plain.mkdir()
    (plain / "LICENSE").write_text(LICENSE_TEXT)
    (plain / "loop").symlink_to(plain)
    told = json.loads(ready(plain, "--json").output)
    assert told["commit"] is None
    assert {line["line"]: line["state"] for line in told["lines"]}["license"] == "there"


def test_an_address_is_fetched_guarded_and_the_copy_is_deleted(complete, tmp_path, monkeypatch):
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(copies))
    with an_origin(tmp_path) as origin:
        url = origin.url("git/medusa.git")
        assert ready(url, "--json").exit_code == 2  # loopback is no public address
        told = json.loads(ready(url, "--json", FORGE_ALLOW_NETWORKS="127.0.0.1/32").output)
        assert ready(origin.url("missing/x"), FORGE_ALLOW_NETWORKS="127.0.0.1/32").exit_code == 2
    by_line = {line["line"]: line for line in told["lines"]}
    assert (by_line["license"]["state"], by_line["repository"]["state"]) == ("there", "there")
    assert list(copies.iterdir()) == []


def test_addresses_with_a_name_or_a_password_are_not_shown(complete):
    for address in ("https://ana:secret@example.org/x.git", "ssh://ana@example.org/x", "/home/ana/x"):
        git("config", "remote.origin.url", address, cwd=complete)
        assert "ana" not in ready(complete, "--json").output
    git("config", "remote.origin.url", "git@example.org:coop/medusa.git", cwd=complete)
    assert "https://example.org/coop/medusa.git" in ready(complete).output


def test_names_of_strangers_cannot_steer_a_terminal(tmp_path):
    a_head(
        tmp_path / "odd.git", {"SECURITY\u202e.md": "x", b"LICENSE\x1b[2J": LICENSE_TEXT, "README.md": "# \x1b[2Jx\n"}
    )
    assert "\x1b[2J" not in ready(tmp_path / "odd.git", "--language", "fr").output


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.dictionaries(st.sampled_from([*COMPLETE, "INSTALL", "package.json", "ADOPTERS.md"]), st.binary(max_size=200)))
def test_no_content_keeps_a_line_from_being_answered(contents):
    read = checks.read_repository(tree_of(contents), None, (), nullcontext, NOW)
    told = checks.answers(read)
    assert len(told) == len(LINES)
    assert all(answer.said % dict(answer.gaps) is not None for answer in told)
    assert read.unread == ()
