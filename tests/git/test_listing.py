"""The listing of all files of a commit, on real repositories, also hostile ones."""

import pytest
from support.hosts.git_origin import a_repository, git

from forge.git.listing import ListedFile, list_files
from forge.git.read import ObjectMissing


def a_tree(path, *rows: bytes) -> str:
    return git("mktree", "-z", "--missing", cwd=path, stdin=b"".join(row + b"\0" for row in rows)).decode()


@pytest.fixture
def repository(tmp_path):
    return a_repository(tmp_path)


@pytest.fixture
def blob(repository):
    return git("hash-object", "-w", "--stdin", cwd=repository, stdin=b"hello")


def test_files_of_all_folders_are_listed_with_ids_and_sizes_and_links_and_submodules_are_not(repository, blob):
    inner = a_tree(repository, b"100755 blob %s\trun.sh" % blob)
    top = a_tree(
        repository,
        b"100644 blob %s\ta b.txt" % blob,
        b"040000 tree %s\tbin" % inner.encode(),
        b"120000 blob %s\tlink" % blob,
        b"160000 commit %s\tmodule" % (b"1" * 40),
    )
    found = list_files(repository, top)
    assert found.files == (ListedFile("a b.txt", blob.decode(), 5), ListedFile("bin/run.sh", blob.decode(), 5))
    assert (found.whole, found.odd) == (True, 0)


def test_names_that_no_page_could_bear_are_counted_and_left_out(repository, blob):
    names = [b"caf\xc3\xa9", b"bad\xff", b"line\nbreak", b"right\xe2\x80\xaeleft", b"x" * 1001]
    found = list_files(repository, a_tree(repository, *(b"100644 blob %s\t%s" % (blob, name) for name in names)))
    assert [file.path for file in found.files] == ["café"]
    assert found.odd == 4


def test_a_longer_listing_is_cut_and_says_so(repository, blob):
    tree = a_tree(repository, *(b"100644 blob %s\t%d" % (blob, number) for number in range(10)))
    assert (len(list_files(repository, tree, 9).files), list_files(repository, tree, 9).whole) == (9, False)
    assert list_files(repository, tree, 10).whole


def test_a_tree_that_unfolds_into_millions_of_files_is_cut(repository, blob, monkeypatch):
    monkeypatch.setattr("forge.git.listing.LISTING_BYTES", 1 << 20)
    tree = a_tree(repository, *(b"100644 blob %s\t%d" % (blob, number) for number in range(10)))
    for _level in range(7):
        tree = a_tree(repository, *(b"040000 tree %s\t%d" % (tree.encode(), number) for number in range(10)))
    found = list_files(repository, tree)
    assert not found.whole
    assert 1000 < len(found.files) < 40_000


def test_a_file_that_was_erased_or_lost_is_counted_and_left_out(repository, blob):
    rows = (b"100644 blob %s\there" % blob, b"100644 blob %s\tlost" % (b"2" * 40))
    found = list_files(repository, a_tree(repository, *rows))
    assert ([file.path for file in found.files], found.lost) == (["here"], 1)


def test_a_folder_that_a_damaged_mirror_has_lost_is_missing(repository):
    with pytest.raises(ObjectMissing):
        list_files(repository, a_tree(repository, b"040000 tree %s\tlost" % (b"2" * 40)))


@pytest.mark.parametrize("oid", ["HEAD", "--help", "f" * 40])
def test_what_is_not_there_is_missing(repository, oid):
    with pytest.raises(ObjectMissing):
        list_files(repository, oid)
