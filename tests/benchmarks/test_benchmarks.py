"""What the benchmark measures on: the same made-up records each time. Its numbers are nobody's test."""

import json
import subprocess
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from support.hosts.git_origin import git

from benchmarks import repository, synthetic, words
from benchmarks.__main__ import FOUND
from benchmarks.measure import Series, total
from benchmarks.table import Row, printed
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


def test_each_word_to_search_for_stands_in_about_a_quarter_of_the_records():
    texts = [project.description["en"].lower().rstrip(".").split() for project in words.document(1_000).projects]
    shares = [sum(word in text for text in texts) / len(texts) for word in words.WORDS]
    assert all(0.18 < share < 0.3 for share in shares)


def test_the_table_puts_ratios_beside_targets_and_says_what_is_missed():
    def series(seconds: float) -> Series:
        return Series([seconds] * 20, [14_000] * 20, 1 / seconds)

    slow, fast = series(0.1), series(0.01)
    kinds = {
        "find": {"Forge": fast, "Datasette": slow},
        "find and filter": {"Forge": slow, "Datasette": slow},
        "project": {"Forge": fast, "Datasette": slow},
    }
    seconds, sizes = {"Forge": 0.5, "Datasette": 0.7}, {"Forge": 70_000_000, "Datasette": 40_000_000}
    row = Row(10_000, 1.0, 2.0, kinds, seconds, sizes, {"Forge": 2_341, "Datasette": 2_341})
    told = printed([row]).splitlines()
    assert any("find " in line and "10.0x  >= 4.5x" in line and "MISSED" not in line for line in told)
    assert any("find and filter" in line and "1.0x  >= 4.5x  MISSED" in line for line in told)
    assert any("project" in line and "10.0x  >= 0.8x" in line for line in told)


def test_a_peer_that_is_not_ready_yet_is_asked_again():
    states = iter((503, 503, 200))

    class Starting(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            state = next(states)
            said = b"<h1>1,234 programs" if state == 200 else b"Find is being prepared."
            self.send_response(state)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Starting) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        assert total(server.server_port, "/en/projects", FOUND) == 1_234
        server.shutdown()


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


def test_what_licensecheck_says_is_compared_in_the_words_of_spdx():
    from benchmarks.licenses import _of_licensecheck, _of_scancode

    told = _of_licensecheck(
        "/a/LICENSE\tMIT\n/b/LICENSE\tMIT and/or GPL-2.0-or-later\n/c\tUNKNOWN\n/d\tAGPLv3\n", Path("/")
    )
    assert told["/a/LICENSE"] == "MIT"
    assert told["/b/LICENSE"] == "MIT AND GPL-2.0-or-later"
    assert (told["/c"], told["/d"]) == (None, "LicenseRef-another-spelling")
    files = [{"path": "x/1/LICENSE", "type": "file", "detected_license_expression_spdx": "mit"}]
    assert _of_scancode(json.dumps({"files": files}), Path("/tmp/x")) == {"/tmp/x/1/LICENSE": "MIT"}
