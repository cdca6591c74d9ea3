"""The pages of code over a real repository: what a reader sees, and what a hostile repository cannot do."""

import contextlib
import re
import shutil
import socket
import time
import tracemalloc
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient
from support.factories.code import (
    BIDI,
    HOSTILE_BRANCH,
    a_full_repository,
    a_large_folder,
    a_row,
    a_site,
    a_tree_of,
    mirrored,
)
from support.factories.core import NOW, identity
from support.factories.visits import LICENSE_TEXT, a_catalog_of, queued
from support.hosts.git_origin import a_commit, a_repository, git
from support.html_structure import words
from support.serving import served

from forge.app import create_app
from forge.git.fetch import separate
from forge.render.document_cache import ANY_COMMIT
from forge.render.document_cache import document_name as kept_name
from forge.render.links import LinkBase
from forge.security.client_shares import ClientShares
from forge.server import connections
from forge.web.code import access, raw

CODE = "/en/projects/galette/code"
RAW = "/projects/galette/raw"
PAGES = ("tree", "blob", "log")


class Site(TestClient):
    """A client with the ids of the repository's commits."""

    ids: dict


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    return data, a_full_repository(data / "mirrors" / f"{identity('galette')}.git")


@pytest.fixture
def repository(folder):
    """The mirror itself, to put more into."""
    return folder[0] / "mirrors" / f"{identity('galette')}.git"


@pytest.fixture
def site(code_store, folder):
    data, ids = folder
    app = a_site(code_store, data)
    client = Site(app, follow_redirects=False)
    client.ids = ids
    yield client
    app.state.code_readers.close()


@contextlib.contextmanager
def taking_slowly(url, source="127.0.0.1"):
    """A connection from `source` that asked for a large file, and has room for little of it."""
    host, port = url.removeprefix("http://").split(":")
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.bind((source, 0))
        slow.connect((host, int(port)))
        slow.sendall(f"GET {RAW}/main/large.txt HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        yield slow


def changes_of(answer):
    return re.findall(r'commit/([0-9a-f]{40})"><bdi>', answer.text)


def until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_top_shows_how_to_copy_the_last_change_the_files_and_the_readme(site):
    answer = site.get(CODE)
    assert answer.status_code == 200
    assert "git clone http://testserver/git/galette.git" in answer.text
    said = words(answer)
    assert "Second &lt;b&gt;" in said and "src /" in said and "README.md" in said
    assert "Read &lt;b&gt;me&lt;/b&gt;." in answer.text


def test_a_page_is_drawn_once_and_gone_with_the_next_request_after_its_withdrawal(site, code_store, repository):
    pages = [CODE, f"{CODE}/tree/main/src", f"{CODE}/log/main", f"{CODE}/refs", f"{CODE}/commit/{site.ids['two']}"]
    until(lambda: all(site.get(path).headers["cache-control"].startswith("public") for path in pages))
    first = [site.get(path) for path in pages]
    assert [answer.status_code for answer in first] == [200] * 5
    objects = repository / "objects"
    objects.rename(repository / "elsewhere")  # nothing is read to give them again
    try:
        again = [site.get(path) for path in pages]
    finally:
        (repository / "elsewhere").rename(objects)
    assert [(answer.content, dict(answer.headers)) for answer in again] == [
        (answer.content, dict(answer.headers)) for answer in first
    ]
    code_store.takedowns.block("galette", "A person asked.", now=NOW)
    assert [site.get(path).status_code for path in pages] == [410] * 5


def test_a_page_of_a_branch_is_drawn_anew_once_a_visit_moves_it_or_holds_it_before_that_is_counted(
    sqlite_store, tmp_path
):
    mirror = tmp_path / "mirrors" / f"{identity('galette')}.git"
    ids = a_full_repository(mirror)
    site = TestClient(a_site(sqlite_store, tmp_path), follow_redirects=False)
    mirrored(sqlite_store, head=ids["two"])
    pages = [CODE, f"{CODE}/log/main", f"{CODE}/refs", f"{CODE}/tree/{ids['two']}/src"]
    until(lambda: all(site.get(path).headers["cache-control"].startswith("public") for path in pages))
    assert ids["two"] in changes_of(site.get(f"{CODE}/log/main"))
    separate.withdraw(mirror)  # a visit begins to move what is there
    assert not any("/git/galette.git" in site.get(path).text for path in pages)
    assert separate.serve_up_to(mirror, ids["two"])
    withheld = site.get(f"{CODE}/refs").text.partition('id="withheld"')[2]
    assert "/git/galette.git" in site.get(CODE).text and "feature/x" in withheld
    assert separate.serve_up_to(mirror, ids["two"], {ids["third"]})
    assert 'id="withheld"' not in site.get(f"{CODE}/refs").text
    site.app.state.code_readers.close()


def test_a_readme_that_was_rendered_is_shown_as_such(site, code_store):
    oid = re.search(r"[0-9a-f]{40}", site.get(f"{RAW}/main/README.md").headers["etag"])[0]
    key = kept_name(LinkBase("galette", ANY_COMMIT))
    code_store.mirrors.keep_rendering(oid, key, '<h3>Tool</h3><a href="/projects/galette/code/blob/-/a.md">a</a>')
    assert f'<h3>Tool</h3><a href="/projects/galette/code/blob/{site.ids["two"]}/a.md">a</a>' in site.get(CODE).text


def test_a_directory_lists_folders_first_and_links_by_full_id(site):
    answer = site.get(f"{CODE}/tree/main")
    assert 0 < answer.text.index(">src<") < answer.text.index(">README.md<")
    assert f"{CODE}/tree/{site.ids['two']}/src" in answer.text
    assert "main , state" in words(answer)
    assert words(site.get(f"{CODE}/tree/{site.ids['two']}/src")).count("inner.c") == 1


def test_a_file_has_numbered_lines_that_can_be_linked(site):
    answer = site.get(f"{CODE}/blob/main/src/inner.c")
    assert '<li id="L1">int x;</li>' in answer.text


def test_a_line_that_is_too_long_for_a_page_is_cut_and_leads_to_the_whole(site):
    answer = site.get(f"{CODE}/blob/main/line.txt")
    assert answer.text.count("&lt;") == 2000 and '<li id="L2">next</li>' in answer.text
    assert f'… <a rel="nofollow" href="{RAW}/{site.ids["two"]}/line.txt">Raw file</a></li>' in answer.text
    assert site.get(f"{CODE.replace('/en/', '/fr/')}/blob/main/line.txt").text.count("Fichier brut") == 2


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("noise.bin", "This file is not text, so it is not shown here."),
        ("huge.txt", "This file is too large to be shown here."),
        ("long.txt", "This file is too large to be shown here."),
        ("pointer", "This is a pointer to another file: src/inner.c"),
        ("vendor", f"It is used in this state: {'1' * 40}"),
        ("dot.png", "Raw file (28 bytes)"),
        ("page.html", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_what_cannot_be_shown_as_lines_is_said(site, path, sentence):
    answer = site.get(f"{CODE}/blob/main/{path}")
    assert answer.status_code == 200 and sentence in words(answer)
    assert "<script>" not in answer.text


def test_a_path_that_is_no_utf8_can_be_followed_from_its_listing(site):
    listing = site.get(f"{CODE}/tree/main")
    assert f"{CODE}/blob/{site.ids['two']}/caf%E9.txt" in listing.text
    assert r"caf\xe9.txt" in listing.text
    answer = site.get(f"{CODE}/blob/main/caf%E9.txt")
    assert answer.status_code == 200 and f'{CODE}/blob/main/caf%E9.txt">' in answer.text
    raw = site.get(f"{RAW}/main/caf%E9.txt")
    assert (raw.content, raw.text) == (b"caf\xe9\n", "café\n")
    moved = site.get("/projects/galette/code/blob/main/caf%E9.txt", headers={"Accept-Language": "fr"})
    assert (moved.status_code, moved.headers["location"]) == (302, "/fr/projects/galette/code/blob/main/caf%E9.txt")


@pytest.mark.parametrize("path", ["what%3F%23.txt", "line%0Abreak.txt"])
def test_names_with_signs_of_addresses_and_lines_are_found(site, path):
    assert f"/{path}" in site.get(f"{CODE}/tree/main").text
    answer = site.get(f"{CODE}/blob/main/{path}")
    assert answer.status_code == 200 and f'href="http://testserver{CODE}/blob/main/{path}"' in answer.text


def test_hidden_characters_of_names_and_messages_are_visible(site):
    listing = site.get(f"{CODE}/tree/main")
    assert "\u202e" not in listing.text and "ab[U+202E]gnp.txt" in listing.text and BIDI not in listing.text
    message = site.get(f"{CODE}/commit/{site.ids['two']}")
    assert "Why [U+202E]it is." in message.text and "\u202e" not in message.text
    assert "Second <b>" not in message.text


def test_control_characters_reach_no_page_of_code(conductor, origin):
    """ESC, BEL and the C1 sequence opener, as bytes and as references, in all that a repository shows as text."""
    red, sound = "\x1b[31m", "\x07\x9b"
    name, subject = f"na{red}me{sound}.txt", f"Sub{red}ject {sound}"
    readme = f"# To{red}ol\n\nRed {red} {sound} &#27; &#x1b; text.\n\n<b title='a{red}'>x</b>\n\n```\nco{red}de\n```\n"
    files = {"README.md": readme, "LICENSE": LICENSE_TEXT, "code.c": f"int x; {red} {sound}\n", name: "x\n"}
    repository = a_repository(origin.folder, commits=0)
    head = a_commit(repository, files, message=f"{subject}\n\nBody {red}\n").decode()
    git("update-ref", "refs/heads/main", head, cwd=repository)
    a_catalog_of(conductor.store, galette=origin.url("git/tool.git"))
    app = create_app(conductor.settings, conductor.store, None, conductor.clock)
    client = TestClient(app)
    try:
        assert queued(conductor).good
        pages = {rest: client.get(f"{CODE}{rest}") for rest in (
            "", "/refs", f"/tree/{head}", f"/log/{head}", f"/commit/{head}", f"/blob/{head}/code.c",
            f"/blob/{head}/README.md", f"/blob/{head}/{quote(name)}", f"/log/{head}/{quote(name)}",
        )}  # fmt: skip
        bytes_of_file = client.get(f"{RAW}/{head}/code.c").text
    finally:
        app.state.code_readers.close()
    for rest, answer in pages.items():
        assert answer.status_code == 200, rest
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", answer.text), rest
    assert "Red \ufffd[31m \ufffd\ufffd \ufffd \ufffd text." in pages[""].text and "co\ufffd[31mde" in pages[""].text
    assert "na[U+001B][31mme[U+0007][U+009B].txt" in words(pages[f"/tree/{head}"])
    assert bytes_of_file == files["code.c"]


def test_the_longest_name_wins(site):
    assert site.get(f"{CODE}/blob/feature/x/gone.txt").status_code == 200
    assert site.get(f"{CODE}/blob/feature/gone.txt").status_code == 404
    answer = site.get(f"{CODE}/tree/{HOSTILE_BRANCH.replace('<', '%3C').replace('>', '%3E')}")
    assert answer.status_code == 200 and "<script>" not in answer.text


def test_a_branch_that_looks_like_an_id_is_opened_and_hides_no_commit_of_that_id(site, repository):
    other = "c0ffee" * 6 + "beef"
    for name in (other, site.ids["two"]):
        git("update-ref", f"refs/heads/{name}", site.ids["one"], cwd=repository)
    try:
        assert site.get(f"{CODE}/blob/{other}/gone.txt").status_code == 200
        assert site.get(f"{CODE}/blob/{site.ids['two']}/gone.txt").status_code == 404
        assert site.get(f"{CODE}/blob/{site.ids['two']}/page.html").status_code == 200
    finally:
        for name in (other, site.ids["two"]):
            git("update-ref", "-d", f"refs/heads/{name}", cwd=repository)


def test_branches_and_versions_have_dates_and_lead_to_full_ids(site):
    answer = site.get(f"{CODE}/refs")
    said = words(answer)
    assert "feature/x" in said and "v1 1 January 2026" in said and "v2" in said
    assert f"{CODE}/tree/{site.ids['one']}" in answer.text and "<script>" not in answer.text


def test_the_history_lists_changes_and_ends(site):
    answer = site.get(f"{CODE}/log/main")
    assert changes_of(answer) == [site.ids["two"], site.ids["one"]]
    assert "Older" not in words(answer) and "Second &lt;b&gt; Ana , 1 January 2026" in words(answer)
    assert changes_of(site.get(f"{CODE}/log/main/src")) == [site.ids["two"]]
    assert site.get(f"{CODE}/log/main?after=9999999").status_code == 404
    assert site.get(f"{CODE}/log/main?after=-1").status_code == 404


def test_a_commit_tells_which_files_changed(site):
    answer = site.get(f"{CODE}/commit/{site.ids['two']}")
    said = words(answer)
    assert "README.md changed" in said and "gone.txt removed" in said and "src/inner.c new" in said
    assert f"{CODE}/blob/{site.ids['one']}/gone.txt" in answer.text
    assert "ana@example.org" not in answer.text
    assert site.get(f"{CODE}/commit/main").status_code == 404
    first = words(site.get(f"{CODE}/commit/{site.ids['one']}"))
    assert "README.md new +1 −0 1 line added, 0 removed gone.txt new" in first


def listed(answer):
    return re.findall(r"<bdi>([^<]*)</bdi></a>\s+<span class=\"aside\">([^<]*)<", answer.text)


def a_change(repository, before, after):
    """The id of a commit that makes the tree `after` of the tree `before`, None: it has no parent."""
    parent = ["-p", git("commit-tree", before, "-m", "Before", cwd=repository)] if before else []
    return git("commit-tree", after, *parent, "-m", "After", cwd=repository).decode()


def test_a_change_tells_the_same_as_git(site, repository):
    first, two = (git("hash-object", "-w", "--stdin", cwd=repository, stdin=text) for text in (b"1\n", b"2\n"))
    deep = a_tree_of(repository, a_row(b"100644", b"x", first) + a_row(b"100644", b"y", first))
    deeper = a_tree_of(repository, a_row(b"100644", b"x", two) + a_row(b"100755", b"y", first))
    before = a_tree_of(
        repository,
        a_row(b"100644", b"a", first) + a_row(b"100644", b"a-b", first) + a_row(b"100644", b"b.c", first)
        + a_row(b"40000", b"b", deep) + a_row(b"40000", b"c", deep) + a_row(b"40000", b"e", deep)
        + a_row(b"120000", b"link", first) + a_row(b"160000", b"sub", first),
    )  # fmt: skip
    after = a_tree_of(
        repository,
        a_row(b"100644", b"a-b", two) + a_row(b"40000", b"a", deep) + a_row(b"100644", b"b", first)
        + a_row(b"40000", b"c", deeper) + a_row(b"40000", b"e", deep) + a_row(b"100644", b"f", first)
        + a_row(b"100644", b"link", first) + a_row(b"160000", b"sub", two),
    )  # fmt: skip
    kinds = {"A": "new", "M": "changed", "D": "removed", "T": "changed", "R": "moved from "}
    for old, new in ((before, after), (after, before)):
        said = git("diff-tree", "-r", "-M", "--name-status", old, new, cwd=repository).decode().split("\n")
        wanted = [(line.split("\t")[-1], kinds[line[0]]) for line in said]
        answer = site.get(f"{CODE}/commit/{a_change(repository, old, new)}")
        assert listed(answer) == wanted and len(wanted) > 6 and "moved from " in dict(wanted).values()
        assert "More files changed" not in answer.text and "not compared" not in answer.text


def test_a_new_file_in_a_large_folder_is_the_only_one_that_changed(site, repository):
    oid = git("hash-object", "-w", "--stdin", cwd=repository, stdin=b"1\n")
    before = a_large_folder(repository, 12_000, oid)
    rows = git("cat-file", "tree", before, cwd=repository)
    after = a_tree_of(repository, a_row(b"100644", b"a", oid) + rows)
    answer = site.get(f"{CODE}/commit/{a_change(repository, before, after)}")
    assert listed(answer) == [("a", "new")] and "not compared" not in answer.text


def test_a_change_of_many_files_lists_some_and_says_that_there_are_more(site, repository):
    oid = git("hash-object", "-w", "--stdin", cwd=repository, stdin=b"1\n")
    answer = site.get(f"{CODE}/commit/{a_change(repository, None, a_large_folder(repository, 300, oid))}")
    assert listed(answer) == [(f"f{number:06}", "new") for number in range(200)]
    assert "More files changed than are listed here." in answer.text and "not compared" not in answer.text


def test_a_change_of_many_nested_folders_takes_little_memory(site, repository):
    """Of 190 such folders, 200 kB on the wire, a reader was shown a page after 14 seconds and 1.7 GB."""
    nothing = a_tree_of(repository, b"")
    oid = git("hash-object", "-w", "--stdin", cwd=repository, stdin=b"1\n")
    inner = nothing
    many = b"".join(a_row(b"40000", b"b%05d" % number, nothing) for number in range(10_000))
    for _ in range(60):
        inner = a_tree_of(repository, a_row(b"40000", b"aaaaaa", inner) + many)
    top = a_tree_of(repository, a_row(b"100644", b"README.md", oid) + a_row(b"40000", b"a", inner))
    commit = a_change(repository, None, top)
    site.get(CODE)  # what the first page loads is not counted
    tracemalloc.start()
    try:
        answer = site.get(f"{CODE}/commit/{commit}")
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.status_code == 200 and listed(answer) == [("README.md", "new")]
    assert peak_bytes < 64 << 20


def test_a_path_through_large_folders_is_followed_so_far_and_no_further(site, repository, monkeypatch):
    oid = git("hash-object", "-w", "--stdin", cwd=repository, stdin=b"large\n")
    tree = a_large_folder(repository, 440_000, oid)
    two = a_large_folder(repository, 440_000, oid, tree)
    three = a_large_folder(repository, 440_000, oid, two)
    small = a_tree_of(repository, a_row(b"100644", b"f439990", oid))
    commits = [git("commit-tree", tree, "-m", "Large", cwd=repository).decode() for tree in (small, two, three)]
    assert site.get(f"{RAW}/{commits[1]}/d/f439990").content == b"large\n"
    for address in (f"{RAW}/{commits[2]}/d/d/f439990", *(f"{CODE}/{page}/{commits[2]}/d/d/f439990" for page in PAGES)):
        answer = site.get(address)
        assert answer.status_code == 403 and "These folders are too large" in answer.text, address
    places = site.app.state.code_readers._heavy
    monkeypatch.setattr(access, "PATIENCE_SECONDS", 0.0)
    mine = [places.acquire("192.0.2.200") for _ in range(2)]
    other, same = (TestClient(site.app, client=(host, 50_000)) for host in ("198.51.100.1", "192.0.2.200"))
    answer = same.get(f"{RAW}/{commits[1]}/d/f439990")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert same.get(f"{CODE}/tree/{commits[1]}").status_code == 503
    assert same.get(f"{RAW}/{commits[0]}/f439990").content == b"large\n"
    assert other.get(f"{RAW}/{commits[1]}/d/f439990").content == b"large\n"
    others = [places.acquire("203.0.113.1") for _ in range(2)]
    assert other.get(f"{RAW}/{commits[1]}/d/f439990").status_code == 503
    for leave in (*mine, *others):
        leave()
    assert same.get(f"{RAW}/{commits[1]}/d/f439990").content == b"large\n"


@pytest.mark.parametrize(
    "rest",
    [
        "tree/nowhere",
        "blob/main/no.txt",
        f"tree/{'a' * 40}",
        "tree/",
        "tree/main~1",
        "blob/main/../../x",
        "log/:/First",
        "tree/main/%00",
        "blob/--output=x/y",
    ],
)
def test_what_is_not_there_is_a_page_with_a_way_to_the_top(site, rest):
    answer = site.get(f"{CODE}/{rest}")
    assert answer.status_code == 404
    if rest != "blob/main/../../x":
        assert f'href="{CODE}"' in answer.text and "Traceback" not in answer.text


def test_a_file_asked_for_as_folder_and_the_reverse_lead_to_each_other(site):
    answer = site.get(f"{CODE}/tree/main/README.md")
    assert (answer.status_code, answer.headers["location"]) == (302, f"{CODE}/blob/{site.ids['two']}/README.md")
    assert site.get(f"{CODE}/blob/main/src").headers["location"] == f"{CODE}/tree/{site.ids['two']}/src"


def test_every_page_is_kept_out_of_search_engines_and_known_again(site):
    for rest in ("", "/tree/main", "/blob/main/README.md", "/log/main", f"/commit/{site.ids['two']}", "/refs"):
        answer = site.get(CODE + rest)
        assert 'content="noindex' in answer.text, rest
        again = site.get(CODE + rest, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), rest


def test_a_known_page_is_answered_without_a_look_into_the_mirror(site):
    address = f"{CODE}/refs"
    tag = site.get(address).headers["etag"]
    code_readers = site.app.state.code_readers
    code_readers._names.clear()
    assert site.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert not code_readers._names


def test_a_new_visit_makes_a_page_new(site, code_store):
    tag = site.get(CODE).headers["etag"]
    mirrored(code_store, head=site.ids["third"])
    answer = site.get(CODE, headers={"If-None-Match": tag})
    assert answer.status_code == 200 and "Aside" in answer.text


def test_addresses_without_language_lead_to_the_readers(site):
    for rest in ("", "/refs", "/tree/main", f"/commit/{site.ids['two']}"):
        answer = site.get(f"/projects/galette/code{rest}", headers={"Accept-Language": "fr"})
        assert (answer.status_code, answer.headers["location"]) == (302, f"/fr/projects/galette/code{rest}")


@pytest.mark.parametrize(
    ("path", "kind", "disposition"),
    [
        ("page.html", "text/plain; charset=utf-8", "inline"),
        ("picture.svg", "text/plain; charset=utf-8", "attachment"),
        ("dot.png", "image/png", "inline"),
        ("noise.bin", "application/octet-stream", "attachment"),
    ],
)
def test_raw_bytes_are_never_a_document_of_ours(site, path, kind, disposition):
    answer = site.get(f"{RAW}/{site.ids['two']}/{path}")
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"].startswith(disposition)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_raw_bytes_by_full_id_are_kept_by_browsers_alone_and_by_name_asked_for_again(site):
    fixed = site.get(f"{RAW}/{site.ids['two']}/README.md")
    named = site.get(f"{RAW}/main/README.md")
    assert fixed.headers["cache-control"] == "private, max-age=3600, immutable"  # a block must reach every cache
    assert "must-revalidate" in named.headers["cache-control"]
    again = site.get(f"{RAW}/main/README.md", headers={"If-None-Match": named.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert site.get(f"{RAW}/main/huge.txt").status_code == 403
    assert site.get(f"{RAW}/main/pointer").status_code == 404
    assert site.get(f"{RAW}/main/src").status_code == 404


def test_large_files_go_out_whole_and_few_at_once_until_their_readers_have_them(site):
    code_readers = site.app.state.code_readers
    code_readers.large_files = ClientShares(5 << 20, 5 << 20)
    for _ in range(2):
        answer = site.get(f"{RAW}/main/large.txt")
        assert answer.content == b"0123456789\n" * 400_000
    with served(site.app) as url:
        with taking_slowly(url) as slow:
            assert slow.recv(100).startswith(b"HTTP/1.1 200")
            assert site.get(f"{RAW}/main/large.txt").status_code == 503
            assert site.get(f"{RAW}/main/README.md").status_code == 200
        until(lambda: code_readers.large_files.taken() == 0)
    assert site.get(f"{RAW}/main/large.txt").status_code == 200


def test_who_takes_a_large_file_in_drops_is_left(site, monkeypatch):
    monkeypatch.setattr(raw, "LARGE_SECONDS", 0.2)
    code_readers = site.app.state.code_readers
    with served(site.app) as url, taking_slowly(url) as slow:
        assert slow.recv(100)
        until(lambda: code_readers.large_files.taken() == 0)


def test_slow_readers_at_one_address_leave_large_files_to_others(site):
    """Of eight, three have room at their address; the others are asked to come back, and other addresses are served."""
    code_readers = site.app.state.code_readers
    with served(site.app) as url, contextlib.ExitStack() as open_lines:
        slow = [open_lines.enter_context(taking_slowly(url)) for _ in range(8)]
        told = sorted(line.recv(12) for line in slow)
        assert told == [b"HTTP/1.1 200"] * 3 + [b"HTTP/1.1 503"] * 5
        assert code_readers.large_files.taken("127.0.0.1") == code_readers.large_files.taken() == 3 * 4_400_000
        assert site.get(f"{RAW}/main/large.txt").status_code == 200
        with taking_slowly(url, "127.0.0.2") as other:
            assert other.recv(12) == b"HTTP/1.1 200"
        assert site.get(f"{RAW}/main/README.md").status_code == 200
    until(lambda: code_readers.large_files.taken() == 0)


def test_who_takes_nothing_of_a_large_file_gives_its_room_back(site, monkeypatch):
    monkeypatch.setattr(connections, "SEND_SECONDS", 0.2)
    code_readers = site.app.state.code_readers
    with served(site.app) as url, taking_slowly(url) as slow:
        assert slow.recv(12) == b"HTTP/1.1 200"
        until(lambda: code_readers.large_files.taken() == 0)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"free": False}, "Its licence is not a free one."),
        ({"free": None}, "We found no free licence in its files."),
        (
            {"free": None, "observation": {"license_files": [{}], "license_doubts": ["icons/\u202eLICENSE"]}},
            "We only show code when we are sure. "
            "It is not clear whether all of it is free software, because of: icons/",
        ),
        ({"free": None, "observed_at": None}, "have not read its licence yet"),
        ({"first_mirrored_at": None, "free": None}, "We do not have a copy of its code yet."),
    ],
)
def test_nothing_is_served_where_no_free_license_is_known(site, code_store, changes, sentence):
    mirrored(code_store, head=site.ids["two"], **changes)
    answer = site.get(CODE)
    assert answer.status_code == 200 and sentence in words(answer)
    assert "https://github.com/example/galette.git" in answer.text and "README" not in answer.text
    for rest in ("tree/main", "blob/main/README.md", "log/main", f"commit/{site.ids['two']}", "refs"):
        assert site.get(f"{CODE}/{rest}").status_code == 403, rest
    raw = site.get(f"{RAW}/main/README.md")
    assert raw.status_code == 403 and "Tool" not in raw.text and sentence in words(raw)


def test_projects_without_a_repository_and_empty_ones_say_so(site, code_store):
    assert "We know no address of its code." in site.get("/en/projects/codeless/code").text
    mirrored(code_store, "empty-tool", state="empty", head=None, free=None)
    assert "There is no code at its address yet." in site.get("/en/projects/empty-tool/code").text


def test_unknown_former_and_blocked_projects_answer_as_their_pages_do(site, code_store):
    assert site.get("/en/projects/nothing/code").status_code == 404
    moved = site.get("/en/projects/galette-old/code/refs")
    assert (moved.status_code, moved.headers["location"]) == (301, "/en/projects/galette/code/refs")
    code_store.takedowns.block("galette", "A court said so.", now=NOW)
    for address in (CODE, f"{CODE}/tree/main", f"{RAW}/main/README.md"):
        answer = site.get(address)
        assert answer.status_code == 410 and "A court said so." in answer.text


def test_a_copy_that_is_not_on_the_disk_is_not_called_damaged(site, code_store):
    mirrored(code_store, "empty-tool", head="a" * 40)
    answer = site.get("/en/projects/empty-tool/code")
    assert answer.status_code == 200 and "We do not have a copy of its code yet." in answer.text
    for rest in ("refs", f"tree/{'a' * 40}"):
        answer = site.get(f"/en/projects/empty-tool/code/{rest}")
        assert answer.status_code == 403 and "Our copy of the code cannot be read" not in answer.text
    assert "Last copied on" not in site.get("/en/projects/empty-tool").text


def test_a_mirror_that_is_damaged_is_a_page_with_a_clear_sentence(site, code_store, folder, request):
    damaged = folder[0] / "mirrors" / f"{identity('empty-tool')}.git"
    damaged.mkdir()
    request.addfinalizer(lambda: shutil.rmtree(damaged))
    for name in ("HEAD", "packed-refs"):
        (damaged / name).write_text("no mirror\n")
    mirrored(code_store, "empty-tool", head="a" * 40)
    for rest in ("", "/refs", f"/tree/{'a' * 40}"):
        answer = site.get(f"/en/projects/empty-tool/code{rest}")
        assert answer.status_code == 503 and "Our copy of the code cannot be read" in answer.text
        assert answer.headers["retry-after"]


def test_too_many_readers_are_asked_to_come_back(site):
    code_readers = site.app.state.code_readers
    code_readers._readers = ClientShares(1, 1)
    leave = code_readers._readers.acquire("198.51.100.1")
    answer = site.get(CODE)
    assert answer.status_code == 503 and answer.headers["retry-after"] == "5"
    assert site.get(f"{RAW}/main/README.md").status_code == 503
    leave()
    assert site.get(CODE).status_code == 200


def a_commit_of(path, headers, message=b"Odd\n", kind="commit"):
    """A commit or tag with these very headers, as a hostile origin may send it; its id."""
    order = ["hash-object", "-t", kind, "-w", "--literally", "--stdin"]
    return git(*order, cwd=path, stdin=headers + b"\n" + message).decode()


@pytest.mark.parametrize("odd", [b" " * 50_000 + b"1700000000 +0000", b"1" * 50_000 + b"x", b"<" * 50_000])
def test_a_long_line_about_a_person_is_read_at_once(site, repository, odd):
    """It took a minute, in which no other page was answered."""
    tree = git("rev-parse", f"{site.ids['two']}^{{tree}}", cwd=repository)
    person = b" Ana <ana@example.org> " + odd + b"\n"
    oid = a_commit_of(repository, b"tree " + tree + b"\nauthor" + person + b"committer" + person)
    began = time.monotonic()
    answer = site.get(f"{CODE}/commit/{oid}")
    assert answer.status_code == 200 and "<bdi>Ana</bdi>" in answer.text
    assert ("2023" in words(answer)) is odd.endswith(b"+0000")
    assert time.monotonic() - began < 10


ANA = b" Ana <ana@example.org> 1700000000 +0000\n"
MEGABYTES = 15_000_000


@pytest.fixture
def large_commits(site, repository):
    """Commits of 15 MB, each large in another part, and the ids of a tag and of a branch of them all."""
    tree = b"tree " + git("rev-parse", f"{site.ids['two']}^{{tree}}", cwd=repository) + b"\n"
    parent = b"parent " + site.ids["one"].encode() + b"\n"
    hidden = "\u202e".encode() * (MEGABYTES // 3)
    people = b"author" + ANA + b"committer" + ANA
    made = {
        "author": a_commit_of(repository, tree + b"author " + hidden + ANA + b"committer" + ANA),
        "headers": a_commit_of(repository, tree + people + b"x y  z\n" * (MEGABYTES // 7)),
        "message": a_commit_of(repository, tree + people, hidden),
        "parents": a_commit_of(repository, tree + parent * (MEGABYTES // 48) + people),
    }
    line = site.ids["one"]
    for _ in range(3):
        line = a_commit_of(repository, tree + b"parent " + line.encode() + b"\n" + people, hidden)
    made["line"] = line
    about = b"object " + line.encode() + b"\ntype commit\ntag x\ntagger" + ANA
    made["tag"] = a_commit_of(repository, about + b"x y  z\n" * (MEGABYTES // 7), kind="tag")
    return made


@pytest.mark.parametrize("page", ["commit", "log", "tree"])
def test_of_a_commit_or_tag_of_many_megabytes_pages_show_the_beginning(site, large_commits, page):
    for name, oid in large_commits.items():
        tracemalloc.start()
        answer = site.get(f"{CODE}/{page}/{oid}")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert answer.status_code == 200, name
        assert len(answer.content) < 1 << 18 and most < 16 << 20, name
        if page == "commit":
            assert "This message is longer than what is shown here." in words(answer), name


def test_the_changes_up_to_a_large_one_are_listed(site, large_commits):
    listed = changes_of(site.get(f"{CODE}/log/{large_commits['line']}"))
    assert len(listed) == 4 and listed[0] == large_commits["line"] and listed[-1] == site.ids["one"]


def test_a_change_that_is_shown_whole_does_not_say_that_it_is_cut(site):
    assert "longer than what is shown" not in words(site.get(f"{CODE}/commit/{site.ids['two']}"))


def test_more_parents_than_any_merge_has_are_cut_off_and_that_is_said(site, repository):
    tree = b"tree " + git("rev-parse", f"{site.ids['two']}^{{tree}}", cwd=repository) + b"\n"
    parent = b"parent " + site.ids["one"].encode() + b"\n"
    for count, cut in ((100, False), (101, True)):
        oid = a_commit_of(repository, tree + parent * count + b"author" + ANA + b"committer" + ANA)
        answer = site.get(f"{CODE}/commit/{oid}")
        assert answer.text.count(f'commit/{site.ids["one"]}"') == 100
        assert ("longer than what is shown" in words(answer)) is cut


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "windows-1252"])
def test_a_commit_in_an_older_encoding_is_read_in_it(site, repository, encoding):
    tree = b"tree " + git("rev-parse", f"{site.ids['two']}^{{tree}}", cwd=repository) + b"\n"
    person = " Zoé <zoe@example.org> 1700000000 +0000\n".encode("latin-1")
    headers = tree + b"author" + person + b"committer" + person + b"encoding " + encoding.encode() + b"\n"
    oid = a_commit_of(repository, headers, "Écrit\n".encode("latin-1"))
    for page in ("commit", "log"):
        assert {"Zoé", "Écrit"} <= set(re.findall(r"\w+", words(site.get(f"{CODE}/{page}/{oid}"))))


def test_an_encoding_that_is_none_of_text_is_not_used(site, repository):
    tree = b"tree " + git("rev-parse", f"{site.ids['two']}^{{tree}}", cwd=repository) + b"\n"
    people = b"author" + ANA + b"committer" + ANA
    for encoding in (b"zlib", b"punycode", b"utf-16", b"no such", b"\xff" * 50):
        oid = a_commit_of(repository, tree + people + b"encoding " + encoding + b"\n", b"plain words\n")
        assert "plain words" in words(site.get(f"{CODE}/commit/{oid}"))
