"""What the benchmark measures on: the same made-up records each time. Its numbers are nobody's test."""

import subprocess
from pathlib import Path

import pytest
from support.hosts.git_origin import git

from benchmarks import repository, synthetic, words
from benchmarks.__main__ import FOUND
from benchmarks.measure import total
from catalog.document import dump


def test_the_made_up_catalogue_is_the_same_each_time():
    assert words.document(60) == words.document(60)
    assert dump(synthetic.document(60)) == dump(synthetic.document(60))


def test_the_made_up_repository_is_the_same_each_time_and_has_as_many_files_and_commits_as_asked(tmp_path):
    first, other = (repository.make(tmp_path / name, 400, 60) for name in ("one", "other"))
    assert git("rev-parse", "main", cwd=first) == git("rev-parse", "main", cwd=other)
    assert int(git("rev-list", "--count", "main", cwd=first)) == 60
    assert len(git("ls-tree", "-r", "main", cwd=first).split(b"\n")) == 400
    repository.push(first, 3)
    assert int(git("rev-list", "--count", "main", cwd=first)) == 63


@pytest.mark.full
def test_forge_answers_what_the_benchmark_asks_at_a_hundred_projects(tmp_path):
    from benchmarks import peers
    from benchmarks.__main__ import KINDS, QUICK, _forge_paths
    from benchmarks.measure import alternate

    peers.load_forge(words.document(100), tmp_path / "data")
    with peers.forge(tmp_path / "data") as forge:
        assert 10 <= total(forge.port, _forge_paths("find", 100)(0), FOUND) <= 40
        for kind in KINDS:
            asked = {forge.name: (forge.port, _forge_paths(kind, 100))}
            measured = alternate(asked, most=QUICK.most, least=QUICK.least, budget_seconds=QUICK.budget_seconds)
            assert len(measured["Forge"].seconds) >= QUICK.least


def test_what_is_told_of_labelled_repositories_is_scored_part_by_part(tmp_path):
    from benchmarks.licenses import report_repositories
    from tests.labelled import labelled_repositories

    names = [row.name for row in labelled_repositories() if row.part == "tuned" and row.expression == "AGPL-3.0"][:2]
    for name, content in zip(
        names, (Path("LICENSE").read_bytes(), b"Companies pay a fee for each use of it."), strict=True
    ):
        clone = tmp_path / name.replace("/", "+") / "repo"
        clone.mkdir(parents=True)
        (clone / "LICENSE").write_bytes(content)
        for order in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a", "commit", "-qm", "a"]):
            subprocess.run(["git", "-C", clone, *order], check=True)
    told = list(report_repositories(tmp_path))
    assert told[0].startswith(f"{names[1]}: AGPL-3.0 (free), told None, free None  missed")
    assert told[1] == "tuned: 2 here, 1 of 2 that are free called so, 1 with their license"
    assert told[2].startswith("reported: 0 here") and told[3].startswith("untuned: 0 here")
