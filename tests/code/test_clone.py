"""Clones of a project from a real server: what git gets, what it is told, and what the server pays."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil
import pytest
from starlette.requests import Request
from support.factories.code import a_full_repository, a_site, mirrored
from support.factories.core import NOW, identity
from support.hosts.git_origin import git
from support.serving import served

from forge.git.http_backend import CloneLimit
from forge.security.client_shares import ClientShares
from forge.web.code.access import reader_of

INFO = "/git/galette.git/info/refs?service=git-upload-pack"
PACK = "/git/galette.git/git-upload-pack"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "mirrors" / f"{identity('galette')}.git"


@pytest.fixture
def gate():
    return CloneLimit(2, wait_seconds=0.2)


@pytest.fixture
def url(code_store, path, tmp_path, gate):
    a_full_repository(path)
    app = a_site(code_store, tmp_path / "data", gate)
    with served(app) as address:
        yield address
    app.state.code_readers.close()


def asked(address, data=None, **headers):
    """Status, headers and body, without following redirects."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_arguments):
            return None

    names = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.build_opener(Stay).open(urllib.request.Request(address, data, names), timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers, answer.read()


def listing(folder):
    return git("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags", cwd=folder)


def test_a_clone_has_the_same_names_and_is_whole(url, path, tmp_path):
    git("clone", "-q", "--mirror", f"{url}/git/galette.git", tmp_path / "copy.git")
    assert listing(tmp_path / "copy.git") == listing(path)
    assert git("fsck", "--full", cwd=tmp_path / "copy.git") == b""


def test_shallow_partial_and_single_commits_can_be_fetched(url, path, tmp_path):
    address = f"{url}/git/galette.git"
    git("clone", "-q", "--bare", "--depth=1", address, tmp_path / "shallow.git")
    assert git("rev-list", "--count", "main", cwd=tmp_path / "shallow.git") == b"1"
    git("clone", "-q", "--bare", "--filter=blob:none", address, tmp_path / "partial.git")
    found = git("rev-list", "--objects", "--missing=print", "main", cwd=tmp_path / "partial.git").splitlines()
    assert any(line.startswith(b"?") for line in found)
    git("init", "-q", "--bare", tmp_path / "one.git")
    oid = git("rev-parse", "refs/tags/v1^{commit}", cwd=path)
    git("fetch", "-q", address, oid, cwd=tmp_path / "one.git")
    assert git("cat-file", "-t", oid, cwd=tmp_path / "one.git") == b"commit"


def test_answers_to_git_are_not_packed_again(url):
    status, headers, body = asked(url + INFO, Git_Protocol="version=2", Accept_Encoding="gzip")
    assert status == 200 and headers["content-encoding"] is None and body.startswith(b"000eversion 2\n")
    assert headers["content-type"] == "application/x-git-upload-pack-advertisement"
    assert "no-cache" in headers["cache-control"]


def test_pushing_and_plain_files_are_refused(url, path):
    assert asked(f"{url}/git/galette.git/info/refs")[0] == 403
    assert asked(f"{url}/git/galette.git/info/refs?service=git-receive-pack")[0] == 403
    assert asked(f"{url}/git/galette.git/git-receive-pack", b"")[0] in (404, 405)
    assert asked(f"{url}/git/galette.git/HEAD")[0] == 404
    with pytest.raises(AssertionError, match=r"403|Nothing can be pushed"):
        git("push", "-q", f"{url}/git/galette.git", "main:refs/heads/mine", cwd=path)
    assert b"mine" not in listing(path)


def test_a_former_slug_leads_to_the_present_one(url, path, tmp_path):
    status, headers, _ = asked(url + INFO.replace("galette", "galette-old"))
    assert (status, headers["location"]) == (301, INFO)
    git("clone", "-q", "--mirror", f"{url}/git/galette-old.git", tmp_path / "copy.git")
    assert listing(tmp_path / "copy.git") == listing(path)


def test_a_blocked_project_is_gone_and_says_why(url, code_store, tmp_path):
    code_store.takedowns.block("galette", "A court said so.", now=NOW)
    for answer in (asked(url + INFO), asked(url + PACK, b"0000", Content_Type="application/x-git-upload-pack-request")):
        assert answer[0] == 410 and b"A court said so." in answer[2]


@pytest.mark.parametrize("free", [False, None])
def test_nothing_is_cloned_where_no_free_license_is_known(url, code_store, path, free):
    mirrored(code_store, head="a" * 40, free=free)
    for answer in (asked(url + INFO), asked(url + PACK, b"0000", Content_Type="application/x-git-upload-pack-request")):
        assert answer[0] == 403 and b"https://github.com/example/galette.git" in answer[2]


def test_unknown_projects_and_other_types_are_refused(url):
    assert asked(url + INFO.replace("galette", "nothing"))[0] == 404
    assert asked(url + PACK, b"0000", Content_Type="text/plain")[0] == 415
    assert asked(url + PACK)[0] in (404, 405)


def test_a_mirror_that_is_damaged_says_so(url, path):
    (path / "HEAD").write_text("no ref\n")
    assert asked(url + INFO)[0] == 503


def test_a_mirror_that_is_not_on_the_disk_is_not_offered(url, path):
    (path / "packed-refs").rename(path / "elsewhere")
    assert asked(url + INFO)[0] == 403


def test_a_request_above_the_sites_own_bound_is_read_and_one_above_gits_is_not(url):
    wants = b"0032want " + b"1" * 40 + b"\n"
    kind = "application/x-git-upload-pack-request"
    status, _, body = asked(url + PACK, wants * 40_000, Content_Type=kind)  # 2 MB: the site's forms end at 1 MB
    assert status == 200 and b"not our ref" in body
    with contextlib.suppress(OSError):  # the server may close before all is sent, or before its answer is read
        assert asked(url + PACK, b"x" * (11 << 20), Content_Type=kind)[0] == 413
    assert asked(url + INFO)[0] == 200


def test_a_clone_that_finds_no_place_is_told_when_to_come_back(url, gate):
    gate.places = ClientShares(0, 1)
    began = time.monotonic()
    for answer in (asked(url + INFO), asked(url + PACK, b"0000", Content_Type="application/x-git-upload-pack-request")):
        assert answer[0] == 503 and answer[1]["retry-after"] == "60"
    assert time.monotonic() - began < 30


def test_a_client_that_goes_away_frees_its_place(url, gate, path):
    noise = git("hash-object", "-w", "--stdin", cwd=path, stdin=os.urandom(20 << 20))
    tree = git("mktree", cwd=path, stdin=b"100644 blob %s\tnoise\n" % noise)
    git("update-ref", "refs/heads/noise", git("commit-tree", tree, "-m", "Noise", cwd=path), cwd=path)
    want = git("rev-parse", "refs/heads/noise", cwd=path)
    lines = [b"command=fetch", b"object-format=sha1"], [b"no-progress", b"want " + want, b"done"]
    body = b"0001".join(b"".join(b"%04x%s\n" % (len(line) + 5, line) for line in part) for part in lines) + b"0000"
    host, port = url.removeprefix("http://").split(":")
    gate.wait_seconds = 20  # that the first one left is noticed in a moment, not at once
    for _ in range(3):
        with socket.create_connection((host, int(port))) as raw:
            head = f"POST {PACK} HTTP/1.1\r\nHost: x\r\nGit-Protocol: version=2\r\nContent-Length: {len(body)}\r\n"
            kind = "Content-Type: application/x-git-upload-pack-request\r\n\r\n"
            raw.sendall((head + kind).encode() + body)
            assert raw.recv(1000).startswith(b"HTTP/1.1 200")
    deadline = time.monotonic() + 20
    while gate.places.taken() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not gate.places.taken()


@pytest.mark.parametrize(
    ("client", "reader"),
    [
        (("192.0.2.7", 5), "192.0.2.7"),
        (("2001:db8::1:2:3", 5), "2001:db8::/48"),
        (("2001:db8:0:ffff::9", 6), "2001:db8::/48"),
        (("2001:db8:1::9", 6), "2001:db8:1::/48"),
        (("testclient", 5), "testclient"),
        (None, ""),
    ],
)
def test_a_share_belongs_to_an_address_or_to_a_network_of_a_provider(client, reader):
    assert reader_of(Request({"type": "http", "client": client})) == reader


def test_one_reader_does_not_hold_all_places(url, gate):
    gate.places = ClientShares(2, 1)
    leave = gate.places.acquire("127.0.0.1")
    answer = asked(url + INFO)
    assert answer[0] == 503 and answer[1]["retry-after"] == "60"
    leave()
    assert asked(url + INFO)[0] == 200


def test_requests_that_do_not_arrive_hold_no_place(url, tmp_path):
    """Three addresses with three each stopped all clones."""
    host, port = url.removeprefix("http://").split(":")
    head = f"POST {PACK} HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\nExpect: 100-continue\r\n"
    kind = "Content-Type: application/x-git-upload-pack-request\r\n\r\n"
    with contextlib.ExitStack() as opened:
        for number in range(9):
            slow = opened.enter_context(
                socket.create_connection((host, int(port)), 60, (f"127.0.0.{2 + number % 3}", 0))
            )
            slow.sendall((head + kind).encode())
            assert slow.recv(1000).startswith(b"HTTP/1.1 100")  # its body is awaited
            slow.sendall(b"0")
        assert asked(url + INFO)[0] == 200
        git("clone", "-q", "--mirror", f"{url}/git/galette.git", tmp_path / "copy.git")


def test_pages_start_no_git_and_load_no_library_of_it():
    script = "import sys, forge.app; sys.exit('git.cmd' in sys.modules or 'git' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


@pytest.mark.full
def test_memory_stays_flat_while_a_large_repository_is_cloned(sqlite_store, tmp_path, path):
    git("init", "-q", "--bare", "--initial-branch=main", path)
    rows = b""
    for number in range(12):
        oid = git("hash-object", "-w", "--stdin", cwd=path, stdin=os.urandom(9 << 20))
        rows += b"100644 blob %s\tnoise%d\n" % (oid, number)
    tree = git("mktree", cwd=path, stdin=rows)
    commit = git("commit-tree", tree, "-m", "Noise", cwd=path)
    git("update-ref", "refs/heads/main", commit, cwd=path)
    git("pack-refs", "--all", cwd=path)
    app = a_site(sqlite_store, tmp_path / "data")
    mirrored(sqlite_store, head=commit.decode())
    with served(app) as url:
        git("ls-remote", f"{url}/git/galette.git")
        before, most = psutil.Process().memory_info().rss, 0
        clone = subprocess.Popen(["git", "clone", "-q", "--bare", f"{url}/git/galette.git", tmp_path / "copy.git"])
        while clone.poll() is None:
            most = max(most, psutil.Process().memory_info().rss)
            time.sleep(0.02)
    assert clone.returncode == 0
    assert most - before < 16 << 20
