"""Differences on pages of code: the lines and counts of a change, beside git's own answer, and what bounds them."""

import html
import re
import time

import pytest
from starlette.testclient import TestClient
from support.factories.code import a_large_folder, a_row, a_tree, a_tree_of
from support.hosts.git_origin import git

from forge.git.browse import patch
from forge.web.code import access
from forge.web.code.token_buckets import TokenBuckets

CODE = "/en/projects/galette/code"


@pytest.fixture
def site(code_site):
    return code_site


def files(repository, **contents):
    """A tree of these files, whose names have dots for double underscores; its id."""
    rows = [("100644", "blob", name.replace("__", ".").encode(), content) for name, content in contents.items()]
    return a_tree(repository, rows)


def a_change(site, before, after, *more_parents):
    """The id of a commit that makes the tree `after` of the tree `before`."""
    parent = git("commit-tree", before, "-m", "Before", cwd=site.repository)
    parents = [argument for oid in (parent, *more_parents) for argument in ("-p", oid)]
    return git("commit-tree", after, *parents, "-m", "After", cwd=site.repository).decode()


def patch_of(answer):
    """The lines of each file that a page shows, with their signs, as git would print them."""
    shown = re.findall(r'<pre class="plain diff" dir="ltr">(.*?)</pre>', answer.text, re.DOTALL)
    texts = [re.sub(r"<b>.*?</b>\n", "@@\n", text) for text in shown]
    texts = [re.sub(r"<i>.*?</i>\n", "\\\\ No newline at end of file\n", text) for text in texts]
    return [html.unescape(re.sub(r"</?(?:ins|del)>", "", text)) for text in texts]


def git_patch(site, before, after):
    said = git("diff-tree", "-r", "-M", "-p", before, after, cwd=site.repository).decode() + "\n"
    sections = re.split(r"^diff --git .*\n", said, flags=re.MULTILINE)[1:]
    bodies = [section.partition("\n@@")[1:] for section in sections if "\n@@" in section]
    return [re.sub(r"^@@.*\n", "@@\n", (mark + body)[1:], flags=re.MULTILINE) for mark, body in bodies]


def test_a_change_shows_the_lines_that_git_shows(site):
    text = b"".join(b"line %d <b>\n" % number for number in range(100))
    before = files(site.repository, a__txt=text, b__txt=b"x\ny\n", c__txt=b"gone\n", old__txt=text + b"unlike\n")
    after = files(
        site.repository,
        a__txt=text.replace(b"line 3 ", b"three ").replace(b"line 90 ", b"ninety "),
        b__txt=b"x\ny\nno end",
        d__txt=b"diff --git a/x b/x\n@@ -1 +1 @@\n+++ plus\n--- minus\n",
        new__txt=text + b"like\n",
    )
    answer = site.get(f"{CODE}/commit/{a_change(site, before, after)}")
    assert patch_of(answer) == git_patch(site, before, after)
    assert len(patch_of(answer)) == 5 and "<b>line" not in answer.text


def test_the_counts_are_those_of_git(site):
    before = files(site.repository, a__txt=b"1\n2\n3\n", gone__txt=b"x\n" * 7)
    after = files(site.repository, a__txt=b"1\nzwei\n3\n4\n", new__txt=b"y\n" * 1500)
    oid = a_change(site, before, after)
    stat = git("diff", "--shortstat", before, after, cwd=site.repository).decode()
    assert stat.split() == ["3", "files", "changed,", "1502", "insertions(+),", "8", "deletions(-)"]
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", site.get(f"{CODE}/commit/{oid}").text))
    assert "3 files, 1,502 lines added, 8 removed" in words


def test_a_long_change_is_cut_and_all_of_it_is_one_press_away(site):
    after = files(site.repository, a__txt=b"x\n" * 3000, b__txt=b"y\n" * 3000)
    oid = a_change(site, files(site.repository, c__txt=b"c\n"), after)
    answer = site.get(f"{CODE}/commit/{oid}")
    assert 200 <= answer.text.count("+x\n") < 3000
    address = re.search(r'href="([^"]*\?all=1)"', answer.text)[1]
    whole = site.get(address)
    assert whole.text.count("+x\n") == whole.text.count("+y\n") == 3000 and "Show all lines" not in whole.text
    assert whole.headers["etag"] != answer.headers["etag"]


def test_what_is_too_long_for_any_page_says_so(site):
    after = files(site.repository, a__txt=b"x\n" * 30_000)
    answer = site.get(f"{CODE}/commit/{a_change(site, files(site.repository, b__txt=b'b'), after)}?all=1")
    assert answer.text.count("+x\n") == 20_000 and "More lines changed than can be shown here." in answer.text
    assert "30,000 lines added" in answer.text


def test_what_git_did_not_print_to_its_end_keeps_the_list_of_files(site):
    after = files(site.repository, a__txt=b"x" * 900_000 + b"\n", b__txt=b"y" * 900_000 + b"\n")
    answer = site.get(f"{CODE}/commit/{a_change(site, files(site.repository, c__txt=b'c'), after)}")
    assert answer.status_code == 200 and len(answer.content) < 100_000
    assert "a.txt" in answer.text and "b.txt" in answer.text and "?all=1" in answer.text


def test_a_large_file_is_named_and_not_compared(site):
    """Two commits of a file of 2,000,000 lines took a server 3.6 GB."""
    before, after = (files(site.repository, a__txt=b"x\n" * 600_000 + end, b__txt=end) for end in (b"1\n", b"2\n"))
    answer = site.get(f"{CODE}/commit/{a_change(site, before, after)}?all=1")
    assert "a.txt" in answer.text and "This file is too large to be shown here." in answer.text
    assert patch_of(answer) == ["@@\n-1\n+2\n"]


def test_up_to_a_new_file_that_git_may_not_read_whole_lines_are_shown_and_all_files_are_named(site, monkeypatch):
    monkeypatch.setattr(patch, "_DATA_BYTES", 24 << 20)
    before = files(site.repository, a__txt=b"a\n", z__txt=b"z\n")
    after = files(site.repository, a__txt=b"b\n", big__txt=bytes(40 << 20), z__txt=b"y\n")
    answer = site.get(f"{CODE}/commit/{a_change(site, before, after)}")
    assert answer.status_code == 200 and patch_of(answer) == ["@@\n-a\n+b\n"]
    assert (
        "This file is too large to be shown here." in answer.text and "3 files, 2 lines added, 2 removed" in answer.text
    )


def test_a_change_takes_one_of_few_places_and_as_many_tokens_as_a_comparison(site, monkeypatch):
    code_readers, address = site.app.state.code_readers, f"{CODE}/commit/{site.ids['two']}"
    monkeypatch.setattr(access, "PATIENCE_SECONDS", 0.0)
    places = [code_readers._heavy.acquire(reader, 2) for reader in ("203.0.113.1", "203.0.113.2")]
    assert site.get(address).status_code == 503
    for leave in places:
        leave()
    code_readers.tokens = TokenBuckets(tokens=9, per_second=0.001)
    reader = TestClient(site.app, client=("203.0.113.7", 1))
    assert [reader.get(f"{address}?{n}").status_code for n in range(2)] == [200, 503]


def test_a_merge_is_compared_with_its_first_parent(site):
    before = files(site.repository, a__txt=b"1\n")
    after = files(site.repository, a__txt=b"1\n", b__txt=b"merged\n")
    answer = site.get(f"{CODE}/commit/{a_change(site, before, after, site.ids['one'])}")
    assert "It is compared with the first of them." in answer.text
    assert patch_of(answer) == ["@@\n+merged\n"]


def test_modes_binaries_and_projects_inside_are_said(site):
    blob = git("hash-object", "-w", "--stdin", cwd=site.repository, stdin=b"#!/bin/sh\n")
    noise, more = (git("hash-object", "-w", "--stdin", cwd=site.repository, stdin=b"\0" + end) for end in (b"a", b"b"))
    before = a_row(b"100644", b"bin", noise) + a_row(b"100644", b"run", blob) + a_row(b"160000", b"sub", b"1" * 40)
    after = a_row(b"100644", b"bin", more) + a_row(b"100755", b"run", blob) + a_row(b"160000", b"sub", b"2" * 40)
    oid = a_change(site, a_tree_of(site.repository, before), a_tree_of(site.repository, after))
    answer = site.get(f"{CODE}/commit/{oid}")
    assert "It can now be run as a program." in answer.text
    assert "This file is not text, so it is not shown here." in answer.text
    assert f"-Subproject commit {'1' * 40}" in answer.text and f"+Subproject commit {'2' * 40}" in answer.text


def test_lines_in_another_encoding_are_read_and_a_mark_that_changed_is_seen(site):
    before = files(site.repository, a="crème\n".encode("latin-1"), b="\ufeffx\n".encode())
    oid = a_change(site, before, files(site.repository, a="crèmes\n".encode("latin-1"), b=b"x\n"))
    text = re.sub("<[^>]*>", "", site.get(f"{CODE}/commit/{oid}").text)
    assert "crème" in text and "crèmes" in text and "\ufffd" not in text and "[U+FEFF]x" in text


def test_hostile_names_and_lines_stay_text(site):
    name = '"><script>\u202e\n\x1b'.encode() + b"\xff"
    lines = "</pre><script>alert(1)</script>\u202e\x1b[31m\x00".encode() + b"\xff\n"
    rows = [("100644", "blob", name, b"ok\n" * 5000 + lines)]
    oid = a_change(site, files(site.repository, a=b"a"), a_tree(site.repository, rows))
    for query in ("", "?all=1"):
        answer = site.get(f"{CODE}/commit/{oid}{query}")
        assert answer.status_code == 200 and "<script>" not in answer.text
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", answer.text)
    assert "&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;[U+202E][U+001B][31m[U+0000]\ufffd" in answer.text


def test_line_ends_are_shown_only_where_they_differ(site):
    dos, unix = b"a\r\nb\r\n", b"a\nb\n"
    same = a_change(site, files(site.repository, x=dos), files(site.repository, x=dos + b"c\r\n"))
    changed = a_change(site, files(site.repository, x=dos), files(site.repository, x=unix))
    assert "[U+000D]" not in site.get(f"{CODE}/commit/{same}").text
    assert "-a[U+000D]\n" in site.get(f"{CODE}/commit/{changed}").text


def test_a_change_in_a_tree_without_bounds_answers_in_time(site):
    """Twelve trees that unfold into 10 ** 12 files."""
    inner = git("hash-object", "-w", "--stdin", cwd=site.repository, stdin=b"x\n")
    mode = b"100644"
    for _ in range(12):
        inner = a_tree_of(site.repository, b"".join(a_row(mode, b"d%d" % number, inner) for number in range(10)))
        mode = b"40000"
    began = time.monotonic()
    answer = site.get(f"{CODE}/commit/{a_change(site, files(site.repository, a=b'a'), inner)}?all=1")
    assert answer.status_code == 200 and "Some folders were not compared" in answer.text
    assert time.monotonic() - began < 60


def test_one_line_in_a_folder_of_a_hundred_thousand_files(site):
    blob, other = (git("hash-object", "-w", "--stdin", cwd=site.repository, stdin=text) for text in (b"1\n", b"2\n"))
    before = a_large_folder(site.repository, 100_000, blob)
    rows = git("cat-file", "tree", before, cwd=site.repository)
    after = a_tree_of(site.repository, a_row(b"100644", b"a", other) + rows)
    answer = site.get(f"{CODE}/commit/{a_change(site, before, after)}")
    assert patch_of(answer) == ["@@\n+2\n"]


def test_each_file_of_the_list_leads_to_its_own_lines(site):
    noise = git("hash-object", "-w", "--stdin", cwd=site.repository, stdin=b"x\n" * 300)
    rows = b"".join(a_row(b"100644", b"f%d" % number, noise) for number in range(4)) + a_row(b"160000", b"g", b"1" * 40)
    oid = a_change(site, files(site.repository, a=b"a"), a_tree_of(site.repository, rows))
    for query in ("", "?all=1"):
        text = site.get(f"{CODE}/commit/{oid}{query}").text
        led = re.findall(r"<bdi>([^<]*)</bdi></a>\s+<span[^>]*>[^<]*</span>\s+<a [^>]*href=\"#(f\d+)\"", text)
        assert (
            led == [(name, anchor) for anchor, name in re.findall(r'<h3 id="(f\d+)"><bdi>([^<]*)</bdi>', text)] and led
        )
