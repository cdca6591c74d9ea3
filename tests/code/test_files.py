"""The page of a file: colours, documents, tables, marked lines; rendered behind the page and never run."""

import re
from functools import partial

import pytest
from support.factories.code import a_tree
from support.hosts.git_origin import git

from forge.render import render
from forge.web.code import file_page

CODE = "/en/projects/galette/code"


def a_file(site, name, content):
    """The address of a file in a commit of its own."""
    tree = a_tree(site.repository, [("100644", "blob", name, content)])
    oid = git("commit-tree", tree, "-m", "x", cwd=site.repository).decode()
    return f"{CODE}/blob/{oid}/" + "".join(f"%{byte:02X}" for byte in name), oid


def read(site, address):
    """The page once all that is rendered behind it is there."""
    assert site.get(address).status_code == 200
    site.app.state.code_readers.background.wait()
    return site.get(address)


def lines_of(answer):
    return re.findall(r'<li id="L(\d+)"[^>]*>(.*)</li>', answer.text)


def test_code_has_colours_once_they_are_made(code_site):
    address, _ = a_file(code_site, b"a.py", b"# <b>\ndef f():\n    return '</li>'\n")
    first = code_site.get(address)
    assert lines_of(first)[0] == ("1", "# &lt;b&gt;") and first.headers["cache-control"] == "no-store"
    answer = read(code_site, address)
    assert lines_of(answer)[0] == ("1", '<span class="c1"># &lt;b&gt;</span>') and len(lines_of(answer)) == 3
    assert 'class="kn"' in answer.text or 'class="k"' in answer.text
    assert "must-revalidate" in answer.headers["cache-control"] and "<b>" not in "".join(map(str, lines_of(answer)))


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"x", b"\n\n  x\n\n", b"a\r\nb\r\n", "\u202e\x1b\x00".encode() + b"\xff\n"]
)
def test_colours_change_no_line(code_site, content):
    address, _ = a_file(code_site, b"a.py", content)
    plain = [(number, re.sub("<[^>]*>", "", line)) for number, line in lines_of(code_site.get(address))]
    coloured = [(number, re.sub("<[^>]*>", "", line)) for number, line in lines_of(read(code_site, address))]
    assert plain == coloured and "\u202e" not in str(coloured)


@pytest.mark.parametrize(
    ("content", "encoding", "blamed"),
    [
        ("crème\n".encode("latin-1"), "Windows-1252", True),
        ("\ufeffcrème\n".encode("utf-16-le"), "UTF-16", False),
        ("\ufeffcrème\r\n".encode("utf-16-be"), "UTF-16", False),
        ("\ufeffcrème\n".encode(), None, True),
    ],
)
@pytest.mark.parametrize("name", [b"a.txt", b"a.py", b"a.md"])
def test_letters_of_other_encodings_are_read_and_the_encoding_is_said(code_site, name, content, encoding, blamed):
    address, _ = a_file(code_site, name, content)
    for answer in (code_site.get(address), read(code_site, address)):
        text = re.sub("<[^>]*>", "", answer.text)
        assert "crème" in text and "\ufffd" not in text and "FEFF" not in text
        assert ("This file is not in UTF-8." in text) == bool(encoding) and (encoding or "") in text
        assert ("Line history" in text) == blamed
    blame = code_site.get(address.replace("/blob/", "/blame/"))
    assert (blame.status_code, "crème" in blame.text) == (200 if blamed else 302, blamed)


def test_a_state_with_several_names_is_called_by_the_main_branch(code_site):
    git("update-ref", "refs/heads/develop", code_site.ids["two"], cwd=code_site.repository)
    for place, name in ((code_site.ids["two"], "main"), ("develop", "develop")):
        assert f"<bdi>{name}</bdi>, state" in code_site.get(f"{CODE}/blob/{place}/src/inner.c").text


def test_a_text_with_one_wrong_byte_stays_in_its_encoding(code_site):
    address, _ = a_file(code_site, b"a.txt", "déjà vu \xff\n".encode().replace("\xff".encode(), b"\xff"))
    answer = code_site.get(address)
    assert lines_of(answer) == [("1", "déjà vu \ufffd")] and "not in UTF-8" not in answer.text


def test_a_text_that_shows_the_sign_for_what_cannot_be_read_is_in_its_own_encoding(code_site):
    address, _ = a_file(code_site, b"a.txt", "for what is unread: \ufffd\n".encode())
    answer = code_site.get(address)
    assert lines_of(answer) == [("1", "for what is unread: \ufffd")] and "not in UTF-8" not in answer.text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d" * 32 + b"\nsize 12345\n", True),
        (b"version https://git-lfs.github.com/spec/v1\nis how it is written\n", False),
    ],
)
def test_a_file_that_is_kept_apart_is_no_copy_of_it(code_site, content, told):
    address, _ = a_file(code_site, b"film.mp4", content)
    assert ("The file itself (12,345 bytes) is kept apart" in code_site.get(address).text) == told


def test_a_document_is_shown_as_one_and_its_lines_are_one_press_away(code_site):
    text = b"# Title\n\nSee [it](other.md), ![p](p.png) <script>alert(1)</script>\n"
    address, oid = a_file(code_site, b"doc.md", text)
    assert '<li id="L1">' in code_site.get(address).text
    answer = read(code_site, address)
    assert "Title</h2>" in answer.text and "<script>" not in answer.text and '<li id="L1">' not in answer.text
    assert f'href="/projects/galette/code/blob/{oid}/other.md"' in answer.text
    assert f'src="/projects/galette/raw/{oid}/p.png"' in answer.text
    lines = code_site.get(f"{address}?lines=1")
    assert '<li id="L1" class="marked">' in lines.text and "As a document" in lines.text


def test_restructured_text_includes_nothing(code_site):
    text = b"Title\n=====\n\n.. include:: /etc/passwd\n\n.. raw:: html\n\n   <script>alert(1)</script>\n\nEnd.\n"
    address, _ = a_file(code_site, b"doc.rst", text)
    answer = read(code_site, address)
    assert "End.</p>" in answer.text and "root:" not in answer.text and "<script>" not in answer.text


def test_a_document_that_cannot_be_rendered_stays_its_lines(code_site, monkeypatch):
    monkeypatch.setattr(file_page, "render", partial(render, timeout_seconds=0.1))
    address, _ = a_file(code_site, b"bomb.md", b"[" * 60_000)
    answer = read(code_site, address)
    assert answer.status_code == 200 and '<li id="L1">' in answer.text


def test_a_table_of_values_is_a_table(code_site):
    address, _ = a_file(code_site, b"a.csv", b'Name;"A; <b>"\nx;1\ny;"2\n3"\n')
    answer = code_site.get(address)
    assert '<th scope="col">A; &lt;b&gt;</th>' in answer.text and "<td>2\n3</td>" in answer.text
    assert lines_of(code_site.get(f"{address}?lines=2"))[1] == ("2", "x;1")
    large, _ = a_file(code_site, b"b.csv", b"a,b\n" * 4000)
    answer = code_site.get(large)
    assert answer.text.count("<tr>") == 501 and "The table is larger than what is shown here." in answer.text
    for odd in (b"no table\n", b'a,"b\n' * 10, b"\0,\0\n", b"a" * 200_000 + b",b\n"):
        address, _ = a_file(code_site, b"odd.csv", odd)
        assert code_site.get(address).status_code == 200


@pytest.mark.parametrize(("wanted", "marked"), [("2", [2]), ("2-4", [2, 3, 4]), ("4-2", []), ("x", []), ("1-99999", 5)])
def test_lines_that_an_address_names_are_marked(code_site, wanted, marked):
    address, _ = a_file(code_site, b"a.txt", b"1\n2\n3\n4\n5\n")
    for answer in (code_site.get(f"{address}?lines={wanted}"), read(code_site, f"{address}?lines={wanted}")):
        found = [int(number) for number in re.findall(r'id="L(\d+)" class="marked"', answer.text)]
        assert found == (list(range(1, 6)) if marked == 5 else marked)


def test_pictures_that_are_programs_and_pages_are_text(code_site):
    for name in ("picture.svg", "page.html"):
        answer = read(code_site, f"{CODE}/blob/main/{name}")
        assert "<img" not in answer.text.partition("<main")[2] and "<script>" not in answer.text
        raw = code_site.get(f"/projects/galette/raw/main/{name}")
        assert (
            raw.headers["content-type"] == "text/plain; charset=utf-8"
            and "sandbox" in raw.headers["content-security-policy"]
        )


def test_what_was_rendered_is_kept_by_the_id_of_the_file(code_site):
    first, _ = a_file(code_site, b"a.py", b"x = 1\n")
    read(code_site, first)
    made = code_site.app.state.code_readers.background.bytes
    tree = a_tree(code_site.repository, [("100644", "blob", b"a.py", b"x = 1\n"), ("100644", "blob", b"b", b"")])
    other = git("commit-tree", tree, "-m", "other", cwd=code_site.repository).decode()
    assert '<span class="' in "".join(line for _, line in lines_of(code_site.get(f"{CODE}/blob/{other}/a.py")))
    assert code_site.app.state.code_readers.background.bytes == made
