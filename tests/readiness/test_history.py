"""Searching a history for secrets and people: what is planted is found and shown masked, what only looks so is not."""

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.factories.readiness import CLEAN, Planted, a_head, a_state, planted
from support.hosts.git_origin import git

from forge.cli import forge
from forge.git import local
from forge.readiness import personal
from forge.readiness.history import HistoryFindings, search_history

LEAST = 0.95


def found_in(repository: Path) -> HistoryFindings:
    *_, found = search_history(repository, str(local.checked_out(repository)))
    assert isinstance(found, HistoryFindings)
    return found


def every(found: HistoryFindings):
    return [*found.secrets, *found.personal, *found.samples]


def is_found(planted: Planted, found: HistoryFindings) -> bool:
    told = found.secrets if planted.secret else found.personal
    start = planted.value[:2] if planted.value is not None else None
    fitting = [finding for finding in told if finding.path == planted.path]
    if start is None:
        return any(finding.kind == personal.LIST for finding in fitting)
    return any(finding.masked == f"{start}… ({len(planted.value)})" for finding in fitting)


@pytest.fixture(scope="module")
def things() -> list[Planted]:
    return planted()


@pytest.fixture(scope="module")
def repository(tmp_path_factory, things) -> Path:
    """A history of clean files in which each thing came with a commit and most went with the next.

    A third lies on a branch that was never merged, the last one came with a merge.
    """
    path = tmp_path_factory.mktemp("planted") / "tool.git"
    head = side = a_head(path, CLEAN)
    for place, thing in enumerate(things[:-1]):
        files = CLEAN | {thing.path: thing.content}
        if place % 3 == 0:
            side = a_state(path, files, side)
        else:
            head = a_state(path, files, head)
    head = a_state(path, CLEAN, head)
    other = a_state(path, CLEAN | {"other.txt": "other\n"}, head)
    mine = a_state(path, CLEAN | {"mine.txt": "mine\n"}, head)
    last = CLEAN | {"other.txt": "other\n", "mine.txt": "mine\n", things[-1].path: things[-1].content}
    git("update-ref", "refs/heads/main", a_state(path, last, mine, other), cwd=path)
    git("update-ref", "refs/heads/draft", side, cwd=path)
    return path


def test_at_least_forty_planted_things_of_many_kinds_are_found(repository, things):
    assert len(things) >= 40
    assert len({thing.path.rpartition(".")[2] for thing in things}) >= 15
    found = found_in(repository)
    missed = [thing.path for thing in things if not is_found(thing, found)]
    assert len(missed) <= (1 - LEAST) * len(things), missed
    assert missed == []


def test_a_clean_history_raises_no_alarm(tmp_path):
    path = tmp_path / "tool.git"
    a_head(path, {name: text + "\n" for name, text in CLEAN.items()}, CLEAN)
    found = found_in(path)
    assert every(found) == []
    assert found.searched > len(CLEAN)


def test_nothing_beside_what_was_planted_is_told(repository, things):
    found = found_in(repository)
    planted_paths = {thing.path for thing in things}
    assert [finding for finding in (*found.secrets, *found.personal) if finding.path not in planted_paths] == []


def test_no_value_is_shown_but_its_first_two_characters(repository, things):
    told = json.dumps([vars(finding) for finding in every(found_in(repository))], ensure_ascii=False)
    assert [thing.value for thing in things if thing.value and thing.value[:8] in told] == []


def test_what_stands_in_the_head_and_what_was_deleted_are_told_apart(repository, things):
    found = found_in(repository)
    in_head = {finding.path for finding in every(found) if finding.in_head}
    assert in_head == {things[-1].path}
    assert all(len(finding.commit) == 40 for finding in every(found))


def test_a_secret_that_moved_to_another_file_is_still_there_and_told_once(tmp_path, things):
    path, thing = tmp_path / "tool.git", things[0]
    first = a_head(path, {"old.py": thing.content})
    git("update-ref", "refs/heads/main", a_state(path, {"new.py": thing.content}, first), cwd=path)
    (told,) = found_in(path).secrets
    assert (told.path, told.row, told.commit, told.in_head) == ("old.py", 2, first, True)


def test_passwords_and_addresses_in_tests_are_told_apart_but_keys_are_not(tmp_path, things):
    path = tmp_path / "tool.git"
    password = next(thing for thing in things if thing.path == "settings.py")
    key = next(thing for thing in things if thing.path == "src/github.sh")
    a_head(path, {"tests/settings.py": password.content, "tests/login.sh": key.content})
    found = found_in(path)
    assert [finding.path for finding in found.secrets] == ["tests/login.sh"]
    assert [finding.path for finding in found.samples] == ["tests/settings.py"]


def test_pictures_large_files_and_closed_tables_are_not_read_and_the_latter_are_counted(tmp_path, things):
    path = tmp_path / "tool.git"
    files = {
        "picture.png": things[0].content,
        "members.xlsx": b"PK\3\4",
        "large.txt": b"x\n" * (5 << 20),
        "binary": b"\0" + str(things[0].content).encode(),
    }
    a_head(path, files)
    found = found_in(path)
    assert every(found) == []
    assert sorted(found.left_out.values()) == [1, 1]


def test_hostile_names_and_lines_do_not_stop_the_search(tmp_path, things):
    path = tmp_path / "tool.git"
    files = {
        b"\xff\x1b[31m.py": things[0].content,
        "long.js": "a" * 300_000 + " " + str(things[2].content),
        "brackets.sql": "insert into x (" * 5_000,
        "colons.txt": "://" * 20_000,
    }
    a_head(path, files)
    ran = CliRunner().invoke(forge, ["ready", str(path), "--history", "--language", "en"])
    assert ran.exit_code == 1
    assert "\x1b[31m" not in ran.output
    assert len(found_in(path).secrets) == 2


def test_the_command_lists_what_it_found_and_leaves_no_trace(repository, things, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = _digest(repository)
    ran = CliRunner().invoke(forge, ["ready", str(repository), "--history", "--json"])
    told = json.loads(ran.output)
    assert ran.exit_code == 1
    states = {line["line"]: line["state"] for line in told["lines"]}
    assert (states["secrets"], states["personal"]) == ("missing", "missing")
    assert len(told["history"]["secrets"]) + len(told["history"]["personal"]) >= len(things)
    assert _digest(repository) == before
    assert list(tmp_path.iterdir()) == []


def test_the_history_of_an_address_is_never_searched():
    ran = CliRunner().invoke(forge, ["ready", "https://git.example.org/tool", "--history"])
    assert ran.exit_code == 2
    assert "on this machine only" in ran.output


def test_without_the_scanner_the_command_says_how_to_get_it(repository, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    ran = CliRunner().invoke(forge, ["ready", str(repository), "--history"])
    assert ran.exit_code == 2
    assert "pip install" in ran.output


def _digest(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_many_of_one_kind_in_one_file_are_counted_on_a_terminal_and_all_told_to_programs(tmp_path):
    rows = "".join(f"'ana{number}.souza@coop-tools.fr'\n" for number in range(30))
    a_head(tmp_path / "tool.git", {"notes.txt": rows})
    arguments = ["ready", str(tmp_path / "tool.git"), "--history", "--language", "en"]
    ran = CliRunner().invoke(forge, arguments)
    assert "and 27 more of this kind in notes.txt" in ran.output
    assert len(json.loads(CliRunner().invoke(forge, [*arguments, "--json"]).output)["history"]["personal"]) == 30
