"""What a repository lacks to be reused, as `forge ready` and its page tell it."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from support.factories.metadata import PUBLICCODE
from support.factories.readiness import a_head
from support.factories.visits import LICENSE_TEXT
from support.hosts.git_origin import an_origin, git
from support.world import a_client, a_filled_site

from forge.cli import forge
from forge.i18n.languages import page_language
from forge.readiness.lines import FOR_PEOPLE, IN_FILES

COMPLETE = {
    "LICENSE": LICENSE_TEXT,
    "README.md": "# Medusa\n\nKeeps the books of an association.\n",
    "README.fr.md": "# Medusa\n\nTient les comptes d'une association.\n",
    "publiccode.yml": PUBLICCODE,
    "INSTALL.md": "Run it.\n",
    "img/screen.png": b"\x89PNG\r\n\x1a\n",
    "CHANGELOG.md": "# Changes\n\n## 1.10.0 - 2026-05-01\n\nBetter.\n",
    "CONTRIBUTING.md": "Write to us.\n",
    "SECURITY.md": "Write to us first.\n",
    "ACCESSIBILITY.md": "What we tested.\n",
    "CODE_OF_CONDUCT.md": "Be kind.\n",
    "locale/fr/LC_MESSAGES/app.po": 'msgid ""\nmsgstr "Language: fr\\n"\n\nmsgid "Open"\nmsgstr "Ouvrir"\n',
    "locale/es/LC_MESSAGES/app.po": 'msgid ""\nmsgstr "Language: es\\n"\n\nmsgid "Open"\nmsgstr "Abrir"\n',
}


def ready(*arguments, **environment):
    return CliRunner().invoke(forge, ["ready", *map(str, arguments)], env=environment)


def lacking(path: Path, files) -> list[str]:
    """The titles of what the command says is missing in a repository of these files."""
    a_head(path, files)
    rows = ready(path).output.splitlines()
    return [row[2:].partition(":")[0] for row in rows if row.startswith("✗")]


@pytest.fixture
def complete(tmp_path) -> Path:
    path = tmp_path / "medusa.git"
    a_head(path, COMPLETE)
    return path


def test_a_complete_repository_lacks_nothing_and_what_only_people_can_check_is_named(complete):
    ran = ready(complete)
    assert (ran.exit_code, "✗" in ran.output, "0 things are missing." in ran.output) == (0, False, True)
    assert "/help/ready" in ran.output


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("LICENSE", "license"),
        ("README.fr.md", "second-language"),
        ("publiccode.yml", "publiccode"),
        ("INSTALL.md", "install"),
        ("CONTRIBUTING.md", "contributing"),
        ("SECURITY.md", "security"),
        ("ACCESSIBILITY.md", "accessibility"),
    ],
)
def test_each_file_that_is_taken_away_is_told_missing(tmp_path, path, line):
    files = {name: text for name, text in COMPLETE.items() if name != path}
    also = ["release"] if line == "publiccode" else []  # it names the version, where there is no tag
    assert lacking(tmp_path / "x.git", files) == [IN_FILES[name].title for name in (line, *also)]


def test_a_code_of_conduct_is_good_to_have_and_nothing_is_missing_without_it(tmp_path):
    a_head(tmp_path / "x.git", {name: text for name, text in COMPLETE.items() if name != "CODE_OF_CONDUCT.md"})
    ran = ready(tmp_path / "x.git")
    assert (ran.exit_code, "✗ A code of conduct (optional)" in ran.output) == (0, True)


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({"LICENSE": "You may use this on Mondays, after asking us. All rights reserved.\n"}, "license"),
        ({"publiccode.yml": PUBLICCODE.replace("AGPL-3.0-or-later", "MIT")}, "declared"),
        ({"publiccode.yml": "a: &b [*b]\n"}, "publiccode"),
    ],
)
def test_what_stands_in_a_file_decides(tmp_path, files, line):
    assert IN_FILES[line].title in lacking(tmp_path / "x.git", COMPLETE | files)


def test_a_tag_of_a_version_is_a_release(tmp_path):
    files = {name: text for name, text in COMPLETE.items() if name not in ("CHANGELOG.md", "publiccode.yml")}
    path = tmp_path / "x.git"
    assert IN_FILES["release"].title in lacking(path, files)
    git("tag", "v1.0", "main", cwd=path)
    assert "✓ A release: v1.0" in ready(path).output


def test_a_poor_repository_is_told_why_and_how_in_the_language_that_was_asked_for(tmp_path):
    a_head(tmp_path / "poor.git", {"main.py": "print()\n"})
    ran, french = ready(tmp_path / "poor.git"), ready(tmp_path / "poor.git", "--language", "fr")
    assert ran.exit_code == french.exit_code == 1
    for sentence in (IN_FILES["license"].why, IN_FILES["license"].how):
        assert sentence in ran.output
        assert page_language("fr").gettext(sentence) in french.output
    assert "git tag -a v1.0" in ran.output


@pytest.mark.parametrize("where", ["nowhere", "https://", "file:///etc", "https://127.0.0.1/x.git", "new"])
def test_the_command_ends_with_2_where_there_is_nothing_to_read(tmp_path, monkeypatch, where):
    monkeypatch.chdir(tmp_path)
    git("init", "-q", tmp_path / "new")
    assert ready(where).exit_code == 2


def test_a_work_tree_is_read_at_its_commit(complete, tmp_path):
    tree = tmp_path / "tree"
    git("clone", "-q", complete, tree)
    (tree / "LICENSE").unlink()
    git("worktree", "add", "-q", "--detach", tmp_path / "linked", cwd=tree)
    assert ready(tree).exit_code == ready(tmp_path / "linked").exit_code == 0


def test_an_address_is_fetched_guarded_and_the_copy_is_deleted(complete, tmp_path, monkeypatch):
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(copies))
    with an_origin(tmp_path) as origin:
        url = origin.url("git/medusa.git")
        assert ready(url).exit_code == 2  # loopback is no public address
        assert ready(url, FORGE_ALLOW_NETWORKS="127.0.0.1/32").exit_code == 0
        assert ready(origin.url("missing/x"), FORGE_ALLOW_NETWORKS="127.0.0.1/32").exit_code == 2
    assert list(copies.iterdir()) == []


def test_names_of_strangers_cannot_steer_a_terminal(tmp_path):
    a_head(
        tmp_path / "odd.git", {"SECURITY\u202e.md": "x", b"LICENSE\x1b[2J": LICENSE_TEXT, "README.md": "# \x1b[2Jx\n"}
    )
    assert "\x1b[2J" not in ready(tmp_path / "odd.git").output


@pytest.mark.parametrize("tag", ["en", "fr"])
def test_the_page_names_each_thing_and_why(sqlite_template, tmp_path, tag):
    with a_filled_site(sqlite_template, tmp_path) as app:
        text, say = a_client(app).get(f"/{tag}/help/ready").text, page_language(tag).gettext
    for line in (*FOR_PEOPLE, *IN_FILES.values()):
        for sentence in (line.title, line.why, line.how):
            assert say(sentence).replace("'", "&#39;") in text, sentence
