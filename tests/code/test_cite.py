"""Identifiers of Software Heritage, against its own library, and citations, against the checker of their format."""

import re
from html import unescape

import pytest
from support.factories.code import LATIN, a_tree, mirrored
from support.hosts.git_origin import git
from swh.model.swhids import CoreSWHID, ObjectType, QualifiedSWHID

from forge.git.browse.swhid import identifier

CODE = "/en/projects/galette/code"


def blocks(answer):
    """The texts to copy: as text and BibTeX."""
    return [unescape(text) for text in re.findall(r'<pre class="plain"[^>]*>(.*?)</pre>', answer.text, re.DOTALL)]


def identifiers(answer):
    return [unescape(text) for text in re.findall(r"<code dir=\"ltr\">(swh:[^<]*)</code>", answer.text)]


def test_a_commit_has_the_identifier_that_their_library_gives_it():
    assert identifier("commit", "1" * 40) == str(CoreSWHID(object_type=ObjectType.REVISION, object_id=b"\x11" * 20))
    assert identifier("commit", "0" * 64) == ""


@pytest.mark.parametrize(
    ("place", "kinds"),
    [
        ("main", {"dir", "rev"}),
        ("v2", {"dir", "rev", "rel"}),
        ("v1", {"dir", "rev"}),  # a tag without a text of its own
        ("main/src", {"dir", "rev"}),
        ("main/src/inner.c", {"cnt", "rev"}),
    ],
)
def test_each_identifier_names_what_is_shown_and_reads_as_their_library_writes_it(code_site, place, kinds):
    shown = identifiers(code_site.get(f"{CODE}/cite/{place}"))
    assert {text.split(":")[2] for text in shown} == kinds
    name, _, path = place.partition("/")
    named = {"rev": f"{name}^{{commit}}", "dir": f"{name}:{path}" if path else f"{name}^{{tree}}", "rel": name}
    named |= {"cnt": f"{name}:{path}"}
    for text in shown:
        read = QualifiedSWHID.from_string(text)
        assert str(read) == text
        if (kind := text.split(":")[2]) in named:
            wanted = git("rev-parse", named[kind], cwd=code_site.repository).decode()
            assert read.object_id.hex() == wanted
        if ";" in text:
            assert read.origin == "https://github.com/example/galette.git" and read.visit is None


@pytest.mark.parametrize("name", [LATIN, "ab\u202egnp.txt".encode(), b"line\nbreak.txt", b"what?#.txt"])
def test_paths_of_any_bytes_are_told(code_site, name):
    address = "".join(f"%{byte:02X}" for byte in name)
    full = next(text for text in identifiers(code_site.get(f"{CODE}/cite/main/{address}")) if "path=" in text)
    assert QualifiedSWHID.from_string(full).path == b"/" + name


def test_signs_that_end_a_qualifier_do_not(code_site):
    name = b"a;origin=evil;%3B.txt"
    tree = a_tree(code_site.repository, [("100644", "blob", name, b"x\n")])
    oid = git("commit-tree", tree, "-m", "x", cwd=code_site.repository).decode()
    address = "".join(f"%{byte:02X}" for byte in name)
    full = next(text for text in identifiers(code_site.get(f"{CODE}/cite/{oid}/{address}")) if "path=" in text)
    read = QualifiedSWHID.from_string(full)
    assert read.path == b"/" + name and read.origin == "https://github.com/example/galette.git"


def test_citations_are_what_their_formats_ask_for(code_site):
    text, bibtex = blocks(code_site.get(f"{CODE}/cite/v2"))
    assert f"swh:1:rev:{code_site.ids['two']}" in bibtex and "date = {2026-01-01}" in bibtex
    assert bibtex.startswith("@softwareversion{galette-v2,") and bibtex.count("{") == bibtex.count("}")
    assert text.startswith("Contributors of Galette (2026). Galette, v2.")
    assert "Ana" not in text + bibtex


def test_hostile_names_of_versions_break_no_format(code_site):
    name = 'v"}, author={x}\\<script>'.replace("\\", "").replace(" ", "")
    git("update-ref", f"refs/tags/{name}", code_site.ids["third"], cwd=code_site.repository)
    address = "".join(f"%{byte:02X}" for byte in name.encode())
    answer = code_site.get(f"{CODE}/cite/{address}")
    _text, bibtex = blocks(answer)
    assert answer.status_code == 200 and "<script>" not in answer.text
    assert bibtex.count("{") == bibtex.count("}") and bibtex.count("author") == 3  # the field, and twice the name


def test_the_authors_own_wish_is_named(code_site):
    tree = a_tree(code_site.repository, [("100644", "blob", b"CITATION.cff", b"cff-version: 1.2.0\n")])
    oid = git("commit-tree", tree, "-m", "x", cwd=code_site.repository).decode()
    assert f'href="{CODE}/blob/{oid}/CITATION.cff"' in code_site.get(f"{CODE}/cite/{oid}").text
    assert "CITATION.cff</code></a>" not in code_site.get(f"{CODE}/cite/main").text


@pytest.mark.parametrize("place", ["nothing", "main/nothing", "main/vendor", "", "%00"])
def test_what_is_not_there_is_not_cited(code_site, place):
    assert code_site.get(f"{CODE}/cite/{place}").status_code == 404


def test_nothing_is_named_where_no_free_license_is_known(code_site):
    mirrored(code_site.store, head=code_site.ids["two"], free=None)
    assert code_site.get(f"{CODE}/cite/main").status_code == 403
