"""Every page of code over repositories that were made to break them: each answers in bounded time and says what it
leaves out.
"""

import re
import subprocess
import time

import pytest
from support.factories.code import a_large_folder, a_row, a_tree, a_tree_of, mirrored
from support.factories.core import identity
from support.hosts.git_origin import GIT_ENVIRONMENT, git

from forge.git import read
from forge.web.code.background_results import BackgroundResults
from forge.web.code.token_buckets import TokenBuckets

CODE = "/en/projects/galette/code"
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]")
NAMES = [
    b"-x", b"--output=x", b"<script>alert(1)</script>", b'"><img/src=x/onerror=alert(1)>', b"$(id)", b"a;b|c&d",
    "\u202egnp.exe".encode(), b"caf\xe9\xff", b"%2e%2e", b"HEAD", b"a/b/c/d/e", b"refs/heads/main", "é/ü".encode(),
    b"v1!", b"{{7+7}}", b"'quoted'", b"main+1", b"a,b", b"#hash", b"a&amp;b",
]  # fmt: skip


def percent(name):
    return "".join(f"%{byte:02X}" for byte in name)


def pages(place, path=""):
    """The address of each page that shows a place."""
    rest = f"{place}/{path}" if path else place
    yield from (f"{CODE}/{kind}/{rest}" for kind in ("tree", "blob", "log", "blame", "cite"))
    yield from (f"{CODE}/compare/main...{place}", f"{CODE}/compare/{place}...main", f"{CODE}/search?q=x&at={place}")
    yield from (f"/projects/galette/raw/{rest}", f"/projects/galette/archive/{place}.zip")


def everywhere(place=""):
    yield from (CODE, f"{CODE}/refs", f"{CODE}/search?q=x")
    if place:
        yield f"{CODE}/commit/{place}"
        yield f"{CODE}/commit/{place}?all=1"


def opened(site, address, allowed=(200, 302, 404)):
    """The answer of a page, once what is found behind it is there too; it is safe, and comes in time."""
    for _ in range(2):
        began = time.monotonic()
        answer = site.get(address, headers={"Accept-Language": "en"})
        assert time.monotonic() - began < 120, address
        assert answer.status_code in allowed, (address, answer.status_code)
        if answer.headers.get("cache-control") != "no-store":
            break
        site.app.state.code_readers.background.wait()
    if answer.headers.get("content-type", "").startswith(("text/html", "application/atom")):
        assert "<script" not in answer.text and "<img/" not in answer.text, address
        assert not CONTROL.search(answer.text), address
    return answer


@pytest.fixture
def code_site(code_site):
    code_site.app.state.code_readers.tokens = TokenBuckets(tokens=1e9)  # what one reader may read is tested elsewhere
    return code_site


@pytest.fixture
def named(code_site):
    """A site whose repository has each of NAMES as branch and tag, and as a file in them."""
    rows = [("100644", "blob", name.replace(b"/", b"_"), b"x <script>\n" + name + b"\n") for name in NAMES]
    message = b"</pre><script>" + b"\n".join(NAMES)
    tree = a_tree(code_site.repository, rows)
    oid = git("commit-tree", tree, "-F", "-", cwd=code_site.repository, stdin=message).decode()
    for name in NAMES:
        for kind in (b"refs/heads/", b"refs/tags/t-"):
            git("update-ref", kind + name, oid, cwd=code_site.repository)
    code_site.oid = oid
    return code_site


@pytest.mark.full
def test_hostile_names_of_branches_and_tags(named):
    for address in everywhere(named.oid):
        opened(named, address, (200,))
    for name in NAMES:
        for address in pages(percent(name)):
            # The guard of the site takes no query that is no text; pages name places by full id there.
            opened(named, address, (200, 302, 404, *((400,) if "?" in address else ())))
        assert opened(named, f"{CODE}/tree/{percent(name)}", (200,)).status_code == 200
        assert opened(named, f"/projects/galette/archive/{percent(name)}.zip", (200,)).content[:2] == b"PK"


def test_hostile_names_of_files(named):
    code_readers = named.app.state.code_readers
    for name in NAMES:
        path = percent(name.replace(b"/", b"_"))
        if name == NAMES[4]:  # enough was drawn behind pages
            code_readers.background.close()
            code_readers.background = BackgroundResults(waiting=0)
        for kind in ("blob", "log", "blame", "cite"):
            opened(named, f"{CODE}/{kind}/{named.oid}/{path}", (200,))
        raw = opened(named, f"/projects/galette/raw/{named.oid}/{path}", (200,))
        assert raw.content == b"x <script>\n" + name + b"\n" and "html" not in raw.headers["content-type"]


def test_each_link_of_a_hostile_repository_leads_somewhere(named):
    found = set()
    for address in (CODE, f"{CODE}/refs", f"{CODE}/tree/{named.oid}", f"{CODE}/commit/{named.oid}"):
        text = opened(named, address, (200,)).text
        found |= set(re.findall(r'href="(/(?:en/)?projects/galette/(?:code|archive|raw)[^"#]*)', text))
    found = {link for link in found if not link.endswith(".tar.gz")}  # read as the other kind of archive is
    assert len(found) > 60
    broken = {link: named.get(link.replace("&amp;", "&")).status_code for link in sorted(found)}
    assert {link: status for link, status in broken.items() if status not in (200, 302)} == {}


def test_a_repository_of_sha256_has_all_pages_and_no_identifiers(code_site, tmp_path):
    repository = tmp_path / "mirrors" / f"{identity('empty-tool')}.git"
    git("init", "-q", "--bare", "--object-format=sha256", "--initial-branch=main", repository)
    first = git(
        "commit-tree", a_tree(repository, [("100644", "blob", b"a.c", b"int x;\n")]), "-m", "One", cwd=repository
    )
    tree = a_tree(repository, [("100644", "blob", b"a.c", b"int x;\nint y;\n")])
    head = git("commit-tree", tree, "-p", first, "-m", "Two", cwd=repository).decode()
    git("update-ref", "refs/heads/main", head, cwd=repository)
    git("tag", "-a", "-m", "Notes", "v1", first, cwd=repository)
    git("pack-refs", "--all", cwd=repository)
    mirrored(code_site.store, "empty-tool", head=head)
    for address in (*everywhere(head), *pages("main", "a.c"), *pages(head), f"{CODE}/compare/v1...main"):
        opened(code_site, address.replace("galette", "empty-tool"))
    base = "/en/projects/empty-tool/code"
    assert "+int y;" in code_site.get(f"{base}/commit/{head}").text
    assert "+int x;" in code_site.get(f"{base}/commit/{first.decode()}").text
    cited = code_site.get(f"{base}/cite/main").text
    assert "swh:1:" not in cited and "there are no such identifiers yet" in cited


def test_an_empty_tree_and_an_empty_message(code_site):
    tree = a_tree_of(code_site.repository, b"")
    oid = git("commit-tree", tree, cwd=code_site.repository).decode()
    mirrored(code_site.store, head=oid)
    for address in (*everywhere(oid), *pages(oid)):
        opened(code_site, address)
    assert "This folder is empty." in code_site.get(CODE).text


@pytest.mark.full
def test_a_folder_of_a_hundred_thousand_files(code_site):
    blob = git("hash-object", "-w", "--stdin", cwd=code_site.repository, stdin=b"x\n")
    tree = a_large_folder(code_site.repository, 100_000, blob)
    oid = git("commit-tree", tree, "-m", "Large", cwd=code_site.repository).decode()
    mirrored(code_site.store, head=oid)
    for address in (*everywhere(oid), *pages(oid), f"{CODE}/blob/{oid}/f099999", f"{CODE}/blame/{oid}/f099999"):
        opened(code_site, address)
    assert "9,000 more are not listed here" in code_site.get(CODE).text
    assert "More files changed than are listed here." in code_site.get(f"{CODE}/commit/{oid}").text


def test_more_branches_and_tags_than_are_listed(code_site, monkeypatch):
    """Those that are not listed are found by their names, and so are the files in them; some of both are listed."""
    monkeypatch.setattr(read, "REFS", 20)
    oid = code_site.ids["two"]
    names = [f"refs/{kind}/{number:02}" for number in range(30) for kind in ("heads/b/c", "tags/v/w")]
    rows = b"".join(f"create {name} {oid}\n".encode() for name in names)
    git("update-ref", "--stdin", cwd=code_site.repository, stdin=rows)
    git("pack-refs", "--all", cwd=code_site.repository)
    mirrored(code_site.store, head=oid, digest="another")
    for address in (*everywhere(oid), *pages("v/w/29", "src/inner.c")):
        opened(code_site, address)
    for name in ("b/c/00", "b/c/29", "v/w/29"):
        assert opened(code_site, f"/projects/galette/raw/{name}/src/inner.c", (200,)).text == "int x;\n"
    for name in ("b", "b/c", "b/c/30", "heads/b/c/00"):
        opened(code_site, f"{CODE}/tree/{name}", (404,))
    listed = opened(code_site, f"{CODE}/refs", (200,)).text
    assert "b/c/00" in listed and "v/w/19" in listed and "v/w/29" not in listed


@pytest.mark.full
def test_a_line_of_ten_megabytes(code_site):
    rows = [("100644", "blob", b"line.txt", b"x" * 10_000_000 + b"\nnext\n")]
    first = git("commit-tree", a_tree(code_site.repository, rows), "-m", "First", cwd=code_site.repository)
    rows = [("100644", "blob", b"line.txt", b"y" * 10_000_000 + b"\nnext\n")]
    tree = a_tree(code_site.repository, rows)
    oid = git("commit-tree", tree, "-p", first, "-m", "Second", cwd=code_site.repository).decode()
    for address in (*everywhere(oid), *pages(oid, "line.txt"), f"{CODE}/compare/{first.decode()}...{oid}"):
        answer = opened(code_site, address, (200, 302, 403, 404))
        assert "html" not in answer.headers.get("content-type", "") or len(answer.content) < 1_000_000, address


@pytest.mark.full
def test_a_tree_without_bounds(code_site):
    inner = git("hash-object", "-w", "--stdin", cwd=code_site.repository, stdin=b"x\n")
    mode = b"100644"
    for _ in range(12):
        inner = a_tree_of(code_site.repository, b"".join(a_row(mode, b"d%d" % number, inner) for number in range(10)))
        mode = b"40000"
    oid = git("commit-tree", inner, "-m", "Bomb", cwd=code_site.repository).decode()
    mirrored(code_site.store, head=oid)
    for address in (
        f"{CODE}/tree/{oid}",
        f"{CODE}/log/{oid}",
        f"{CODE}/cite/{oid}",
        f"{CODE}/compare/v1...{oid}",
        CODE,
    ):
        opened(code_site, address, (200,))
    opened(code_site, f"/projects/galette/archive/{oid}.zip", (403,))


@pytest.mark.full
def test_a_file_of_two_hundred_megabytes(code_site):
    size = 200_000_000
    header = f"blob\nmark :1\ndata {size}\n".encode()
    commit = b"\ncommit refs/heads/huge\ncommitter Ana <a@b> 1700000000 +0000\ndata 1\nx\nM 100644 :1 huge.bin\n\n"
    with subprocess.Popen(
        ["git", "fast-import", "--quiet"], cwd=code_site.repository, stdin=subprocess.PIPE, env=GIT_ENVIRONMENT
    ) as importing:
        importing.stdin.write(header)
        for _ in range(size // 1_000_000):
            importing.stdin.write(b"0123456789" * 100_000)
        importing.stdin.write(commit)
    oid = git("rev-parse", "refs/heads/huge", cwd=code_site.repository).decode()
    for address in (
        f"{CODE}/commit/{oid}",
        f"{CODE}/tree/{oid}",
        f"{CODE}/compare/v1...{oid}",
        f"{CODE}/search?q=0&at={oid}",
    ):
        opened(code_site, address, (200,))
    shown = opened(code_site, f"{CODE}/blob/{oid}/huge.bin", (200,))
    assert "This file is too large to be shown here." in shown.text and "200,000,000 bytes" in shown.text
    assert opened(code_site, f"{CODE}/blame/{oid}/huge.bin").status_code in (200, 302)
    assert opened(code_site, f"/projects/galette/raw/{oid}/huge.bin", (403,)).status_code == 403
