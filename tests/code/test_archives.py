"""Archives of code: the bytes that git makes, the same each time, streamed and bounded."""

import gzip
import io
import os
import tarfile
import threading
import zipfile

import httpx2
import pytest
from support.factories.code import HOSTILE_BRANCH, a_row, a_tree, a_tree_of, mirrored
from support.hosts.git_origin import git
from support.serving import served

from forge.git import archive
from forge.security.client_shares import ClientShares
from forge.web.code import archives

ARCHIVE = "/projects/galette/archive"


@pytest.fixture
def site(code_site):
    return code_site


def test_a_tar_is_what_git_makes_and_the_same_each_time(site):
    first, again = (site.get(f"{ARCHIVE}/v1.tar.gz") for _ in range(2))
    assert first.status_code == 200 and first.content == again.content
    order = "archive", "--format=tar", "--prefix=galette-v1/", site.ids["one"]
    made = git(*order, cwd=site.repository)
    assert gzip.decompress(first.content) == made
    assert first.headers["content-type"] == "application/gzip" and "content-encoding" not in first.headers
    assert 'attachment; filename="galette-v1.tar.gz"' in first.headers["content-disposition"]


def test_a_zip_holds_the_same_files(site):
    answer = site.get(f"{ARCHIVE}/{site.ids['two']}.zip")
    held = zipfile.ZipFile(io.BytesIO(answer.content))
    folder = f"galette-{site.ids['two'][:10]}"
    assert held.read(f"{folder}/src/inner.c") == b"int x;\n" and held.comment.decode() == site.ids["two"]
    assert answer.content == site.get(f"{ARCHIVE}/{site.ids['two']}.zip").content


def test_branches_with_slashes_and_hostile_names_make_harmless_file_names(site):
    names = {"feature/x": "galette-feature-x", HOSTILE_BRANCH: "galette-feature-script-alert-1-script"}
    for name, folder in names.items():
        answer = site.get(f"{ARCHIVE}/{name}.tar.gz")
        assert f'filename="{folder}.tar.gz"' in answer.headers["content-disposition"]
        with tarfile.open(fileobj=io.BytesIO(answer.content)) as held:
            inside = held.getnames()
        assert inside and all(path == folder or path.startswith(f"{folder}/") for path in inside)


@pytest.mark.parametrize("rest", ["v1", "v1.tar", "nothing.zip", ".zip", "v1/README.md.zip", "../v1.zip", "%00.zip"])
def test_what_is_no_archive_is_not_found(site, rest):
    assert site.get(f"{ARCHIVE}/{rest}").status_code == 404


def test_files_and_folders_by_id_are_no_archives(site):
    tree = git("rev-parse", f"{site.ids['two']}^{{tree}}", cwd=site.repository).decode()
    assert site.get(f"{ARCHIVE}/{tree}.zip").status_code == 404


def test_a_reader_who_has_it_or_asks_only_about_it_makes_nobody_work(site):
    tag = site.get(f"{ARCHIVE}/v1.zip").headers["etag"]
    assert site.get(f"{ARCHIVE}/v1.zip", headers={"If-None-Match": tag}).status_code == 304
    asked = site.head(f"{ARCHIVE}/v1.zip")
    assert asked.status_code == 200 and asked.headers["etag"] == tag and asked.content == b""
    assert site.get(f"{ARCHIVE}/v1.tar.gz").headers["etag"] != tag


def test_no_attribute_of_the_repository_changes_what_is_in_it(site, code_store):
    (site.repository / "info").mkdir(exist_ok=True)
    (site.repository / "info" / "attributes").write_text("* -export-ignore -export-subst\n")  # as every mirror has it
    rows = [
        ("100644", "blob", b".gitattributes", b"secret.txt export-ignore\nid.txt export-subst\n"),
        ("100644", "blob", b"secret.txt", b"here\n"),
        ("100644", "blob", b"id.txt", b"$Format:%H$\n"),
    ]
    oid = git("commit-tree", a_tree(site.repository, rows), "-m", "x", cwd=site.repository).decode()
    held = zipfile.ZipFile(io.BytesIO(site.get(f"{ARCHIVE}/{oid}.zip").content))
    assert held.read(f"galette-{oid[:10]}/secret.txt") == b"here\n"
    assert held.read(f"galette-{oid[:10]}/id.txt") == b"$Format:%H$\n"


def test_a_tree_without_bounds_is_refused_in_words(site):
    inner = git("hash-object", "-w", "--stdin", cwd=site.repository, stdin=b"x\n")
    mode = b"100644"
    for _ in range(10):
        inner = a_tree_of(site.repository, b"".join(a_row(mode, b"d%d" % number, inner) for number in range(10)))
        mode = b"40000"
    oid = git("commit-tree", inner, "-m", "Bomb", cwd=site.repository).decode()
    answer = site.get(f"{ARCHIVE}/{oid}.zip", headers={"Accept-Language": "en"})
    assert answer.status_code == 403 and "too large to be packed into one file" in answer.text


def test_nothing_is_packed_where_no_free_license_is_known(site, code_store):
    mirrored(code_store, head=site.ids["two"], free=None)
    answer = site.get(f"{ARCHIVE}/v1.zip", headers={"Accept-Language": "en"})
    assert answer.status_code == 403 and "We found no free licence in its files." in answer.text


def test_places_are_few_and_given_back(site):
    code_readers = site.app.state.code_readers
    code_readers.archives = ClientShares(1, 1)
    leave = code_readers.archives.acquire("somebody")
    busy = site.get(f"{ARCHIVE}/v1.zip")
    assert busy.status_code == 503 and int(busy.headers["retry-after"]) > 0
    leave()
    for _ in range(3):
        assert site.get(f"{ARCHIVE}/v1.zip").status_code == 200
    assert code_readers.archives.taken() == 0


def test_a_slow_reader_holds_no_place_of_git_and_one_who_goes_away_no_file(site):
    noise = git("hash-object", "-w", "--stdin", cwd=site.repository, stdin=os.urandom(12 << 20))
    tree = a_tree_of(site.repository, a_row(b"100644", b"noise", noise))
    oid = git("commit-tree", tree, "-m", "x", cwd=site.repository).decode()
    code_readers, free = site.app.state.code_readers, threading.Event()
    acquire = code_readers.archive_files.acquire

    def noticed(reader):
        leave = acquire(reader)
        return lambda: (leave(), free.set())

    code_readers.archive_files.acquire = noticed
    with served(site.app) as url:
        with httpx2.stream("GET", f"{url}{ARCHIVE}/{oid}.zip", timeout=300) as answer:
            assert answer.status_code == 200 and next(answer.iter_raw())
            assert code_readers.archives.taken() == 0 and code_readers.archive_files.taken() == 1
        assert free.wait(60)
    assert code_readers.archive_files.taken() == 0


def test_what_is_too_large_is_found_within_the_place_and_remembered(site, monkeypatch):
    code_readers, made = site.app.state.code_readers, []
    write = archives.write_archive

    def counted(*order):
        made.append(code_readers.archives.taken())
        write(*order, most_bytes=100)

    monkeypatch.setattr(archives, "write_archive", counted)
    assert [site.get(f"{ARCHIVE}/v1.zip").status_code for _ in range(15)] == [403] * 15
    assert made == [1] and code_readers.archives.taken() == code_readers.archive_files.taken() == 0


def test_what_takes_git_too_long_is_not_tried_again(site, monkeypatch):
    """Its output is ready all the time: that alone must not let it go on."""
    monkeypatch.setattr(archive, "WALL_SECONDS", -1.0)
    assert site.get(f"{ARCHIVE}/v1.zip").status_code == 403
    monkeypatch.undo()
    assert site.get(f"{ARCHIVE}/v1.zip").status_code == 403
    assert site.app.state.code_readers.archives.taken() == 0
