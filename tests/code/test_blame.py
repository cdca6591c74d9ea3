"""The page that says of each line which change it comes from, with git's own answer beside it."""

import re

import pytest
from support.factories.code import a_tree, mirrored
from support.hosts.git_origin import git

from forge.git.browse import blame

CODE = "/en/projects/galette/code"


def a_history(site, name, *versions, messages=()):
    """A commit for each content of a file; the id of the last."""
    parent: tuple[str, ...] = ()
    for number, content in enumerate(versions):
        tree = a_tree(site.repository, [("100644", "blob", name, content)])
        message = messages[number] if messages else f"Change {number}"
        parent = "-p", git("commit-tree", tree, *parent, "-m", message, cwd=site.repository).decode()
    return parent[1]


def origins(answer):
    """The commit of each line on the page, by its number."""
    found = {}
    for oid, _start, lines in re.findall(
        r'<li><p class="aside"><a [^>]*commit/([0-9a-f]+)">.*?<ol class="source[^>]*start="(\d+)"[^>]*>(.*?)</ol>',
        answer.text,
        re.DOTALL,
    ):
        found.update({int(number): oid for number in re.findall(r'id="L(\d+)"', lines)})
    return found


def git_origins(site, oid, path):
    said = git("blame", "--porcelain", oid, "--", path, cwd=site.repository).decode("utf-8", "replace")
    return {int(row[2]): row[0] for line in said.split("\n") if len(row := line.split(" ")) > 2 and len(row[0]) == 40}


def test_lines_come_from_where_git_says(code_site):
    lines = [b"line %d\n" % number for number in range(200)]
    second = [*lines[:50], b"new <b>\n", *lines[50:]]
    third = [b"first\n", *second[:150], b"changed\n", *second[151:]]
    oid = a_history(code_site, b"a.txt", b"".join(lines), b"".join(second), b"".join(third))
    answer = code_site.get(f"{CODE}/blame/{oid}/a.txt")
    assert answer.status_code == 200 and origins(answer) == git_origins(code_site, oid, "a.txt")
    assert len(set(origins(answer).values())) == 3 and "Change 2" in answer.text and "new &lt;b&gt;" in answer.text


def test_a_file_leads_to_its_lines_origins(code_site):
    address = re.search(r'href="([^"]*/blame/[^"]*)"', code_site.get(f"{CODE}/blob/main/src/inner.c").text)[1]
    assert origins(code_site.get(address)) == {1: code_site.ids["two"]}
    assert "/blame/" not in code_site.get(f"{CODE}/blob/main/noise.bin").text


def test_long_files_take_several_pages(code_site):
    oid = a_history(code_site, b"a.txt", b"x\n" * 1250)
    pages = [code_site.get(f"{CODE}/blame/{oid}/a.txt{query}") for query in ("", "?from=501", "?from=1001")]
    assert [len(origins(answer)) for answer in pages] == [500, 500, 250]
    assert "?from=501" in pages[0].text and "?from=1" in pages[1].text
    for query in ("?from=0", "?from=1251", "?from=x", "?from=99999999"):
        assert code_site.get(f"{CODE}/blame/{oid}/a.txt{query}").status_code == 404


@pytest.mark.parametrize("path", ["noise.bin", "huge.txt", "long.txt", "dot.png", "pointer", "src", "vendor"])
def test_what_is_no_text_of_bounded_length_leads_to_its_page(code_site, path):
    answer = code_site.get(f"{CODE}/blame/main/{path}")
    assert answer.status_code == 302 and "/blame/" not in answer.headers["location"]
    shown = code_site.get(answer.headers["location"], follow_redirects=True)
    assert shown.status_code == 200


def test_hostile_names_persons_and_subjects_stay_text(code_site):
    name = "-<script>\u202e\n".encode() + b"\xff"
    oid = a_history(code_site, name, b"x\n", b"x\ny\n", messages=["</p><script>\u202e\x1b[31m"] * 2)
    answer = code_site.get(f"{CODE}/tree/{oid}")
    path = re.search(rf"blob/{oid}/([^\"]*)", answer.text)[1]
    answer = code_site.get(f"{CODE}/blame/{oid}/{path}")
    assert answer.status_code == 200 and len(origins(answer)) == 2
    assert "<script>" not in answer.text and not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", answer.text)
    assert code_site.get(f"{CODE}/blame/main/caf%E9.txt").status_code == 200


def test_empty_files_have_a_page(code_site):
    oid = a_history(code_site, b"empty", b"")
    assert code_site.get(f"{CODE}/blame/{oid}/empty").status_code == 200


def test_what_git_did_not_finish_is_shown_as_far_as_it_is_known(code_site, monkeypatch):
    oid = a_history(code_site, b"a.txt", b"x\n" * 5)
    run = blame.run
    monkeypatch.setattr(
        blame, "run", lambda order, **given: run(order, **given | {"limits": blame.Limits(wall_seconds=0)})
    )
    answer = code_site.get(f"{CODE}/blame/{oid}/a.txt")
    assert answer.status_code == 200 and "Only what was found in a few seconds is shown" in answer.text
    assert answer.text.count('id="L') == 5 and answer.headers["cache-control"] == "no-store"


def test_no_line_is_shown_where_no_free_license_is_known(code_site):
    mirrored(code_site.store, head=code_site.ids["two"], free=None)
    assert code_site.get(f"{CODE}/blame/main/src/inner.c").status_code == 403
