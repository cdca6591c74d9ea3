"""The search in the files of a project, with git's own answer beside it."""

import re
import time
from functools import partial
from html import unescape
from urllib.parse import quote

import pytest
from support.factories.code import a_large_folder, a_row, a_tree, a_tree_of, mirrored
from support.hosts.git_origin import git

from forge.git.browse import grep
from forge.web.code import search_page

PAGE = "/en/projects/galette/code/search"


def found(answer):
    """Path and number of each line on the page."""
    rows = re.findall(r'<h3><a [^>]*><bdi>(.*?)</bdi>|#L(\d+)">Line', answer.text)
    path, lines = "", []
    for name, number in rows:
        path = unescape(name) or path
        if number:
            lines.append((path, int(number)))
    return lines


def a_commit_of(site, rows):
    return git("commit-tree", a_tree(site.repository, rows), "-m", "x", cwd=site.repository).decode()


def test_what_git_finds_is_found(code_site):
    rows = [
        ("100644", "blob", b"f%02d.txt" % number, b"one\nTwo words\ntwo WORDS\n" * (number % 3)) for number in range(20)
    ]
    oid = a_commit_of(code_site, rows)
    answer = code_site.get(f"{PAGE}?q=two+words&at={oid}")
    said = git("grep", "-n", "-i", "-F", "-m4", "two words", oid, cwd=code_site.repository).decode().split("\n")
    assert found(answer) == [(line.split(":")[1], int(line.split(":")[2])) for line in said] and len(said) == 38
    assert "<mark>Two words</mark>" in answer.text and "Some results are missing" not in answer.text


def test_each_line_leads_to_itself(code_site):
    answer = code_site.get(f"{PAGE}?q=int")
    address = re.search(r'href="([^"]*)#L1">', answer.text)[1]
    assert '<li id="L1">int x;</li>' in code_site.get(address).text


def test_names_of_files_are_searched_too(code_site):
    assert "src/inner.c" in code_site.get(f"{PAGE}?q=INNER").text
    latin = code_site.get(f"{PAGE}?q=caf")
    assert "/caf%E9.txt" in latin.text and r"caf\xe9.txt" in latin.text


@pytest.mark.parametrize(
    "words",
    [
        "--open-files-in-pager=touch",
        "-e",
        ".*",
        "\\",
        "$(id)",
        "%",
        "'\"<script>",
        "\u202e",
        ":(exclude)x",
        "é",
        "[z-a]",
    ],
)
def test_no_words_are_more_than_words(code_site, words):
    answer = code_site.get(f"{PAGE}?q={quote(words)}")
    assert answer.status_code == 200 and "<script>" not in answer.text


@pytest.mark.parametrize("words", ["a%0Ab", "x" * 201])
def test_what_cannot_be_searched_is_said(code_site, words):
    answer = code_site.get(f"{PAGE}?q={words}")
    assert answer.status_code == 200 and "Write one line of 200 characters at most." in answer.text


def test_nothing_found_and_nothing_asked(code_site):
    assert "Nothing was found." in code_site.get(f"{PAGE}?q=zzzzqqqq").text
    empty = code_site.get(PAGE)
    assert empty.status_code == 200 and "Nothing was found" not in empty.text


def test_branches_versions_and_nonsense_as_places(code_site):
    assert found(code_site.get(f"{PAGE}?q=bye&at=v1")) == [("gone.txt", 1)]
    assert found(code_site.get(f"{PAGE}?q=bye&at=feature/x")) == [("gone.txt", 1)]
    assert found(code_site.get(f"{PAGE}?q=bye")) == []
    for place in ("nothing", "v1/src", "HEAD~1", "--output=x", "%00"):
        assert code_site.get(f"{PAGE}?q=bye&at={place}").status_code == 404


def test_hostile_lines_and_names_stay_text(code_site):
    name = '<script>\u202e\n"'.encode() + b"\xff"
    oid = a_commit_of(code_site, [("100644", "blob", name, "needle </code><script>\u202e\x1b\xe9\n".encode() * 3)])
    answer = code_site.get(f"{PAGE}?q=needle&at={oid}")
    assert answer.status_code == 200 and "<script>" not in answer.text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", answer.text)


def test_lines_of_any_length_and_encoding_are_read_and_cut_around_what_was_found(code_site):
    latin = ("100644", "blob", b"a.txt", "crème needle\n".encode("latin-1"))
    bundle = ("100644", "blob", b"x.js", b"a" * 3_000_000 + b"needle" + b"b" * 100_000)
    oid = a_commit_of(code_site, [latin, bundle, ("100644", "blob", b"z.py", b"needle\n")])
    answer = code_site.get(f"{PAGE}?q=needle&at={oid}")
    assert found(answer) == [("a.txt", 1), ("x.js", 1), ("z.py", 1)] and "Some results are missing" not in answer.text
    assert "crème <mark>needle</mark>" in answer.text
    assert answer.text.count("<mark>needle</mark>") == 3 and len(answer.content) < 20_000


def test_a_tree_without_bounds_is_searched_for_seconds_and_that_is_said(code_site, monkeypatch):
    monkeypatch.setattr(search_page, "search", partial(grep.search, seconds=0.5))
    monkeypatch.setattr(grep, "NAME_SECONDS", 0.5)
    inner = git("hash-object", "-w", "--stdin", cwd=code_site.repository, stdin=b"needle\n")
    mode = b"100644"
    for _ in range(12):
        inner = a_tree_of(code_site.repository, b"".join(a_row(mode, b"d%d" % number, inner) for number in range(10)))
        mode = b"40000"
    oid = git("commit-tree", inner, "-m", "Bomb", cwd=code_site.repository).decode()
    began = time.monotonic()
    for words in ("needle", "absent"):
        answer = code_site.get(f"{PAGE}?q={words}&at={oid}")
        assert answer.status_code == 200 and ("Some results are missing" in answer.text or "in the part" in answer.text)
    assert time.monotonic() - began < 120


def test_a_folder_of_a_hundred_thousand_files_is_searched(code_site):
    blob = git("hash-object", "-w", "--stdin", cwd=code_site.repository, stdin=b"needle\n")
    tree = a_large_folder(code_site.repository, 100_000, blob)
    oid = git("commit-tree", tree, "-m", "Large", cwd=code_site.repository).decode()
    answer = code_site.get(f"{PAGE}?q=needle&at={oid}")
    assert len(found(answer)) == 60 and "Some results are missing" in answer.text
    assert len(answer.content) < 60_000


def test_nothing_is_searched_where_no_free_license_is_known(code_site):
    mirrored(code_site.store, head=code_site.ids["two"], free=None)
    answer = code_site.get(f"{PAGE}?q=int")
    assert answer.status_code == 403 and "int x;" not in answer.text
