"""A mirror whose pack rots, is cut or vanishes is made anew by one visit, with all that can still be read."""

import os
import shutil
import signal

import pytest
from support.hosts.git_origin import a_commit, a_repository, every_object, git, listing, visit

from forge.git import maintenance, refs
from forge.git.fetch import repair


@pytest.fixture
def story(origin, mirror):
    """An origin that rewrote its history, a mirror of it that kept all, and what that holds."""
    tool = a_repository(origin.folder, commits=5)
    git("tag", "-a", "-m", "One", "v1", "main", cwd=tool)
    git("branch", "old", "main", cwd=tool)
    visit(mirror, origin.url("git/tool.git"))
    other = a_commit(tool, {"README.md": "other\n" * 500}, git("rev-parse", "main~3", cwd=tool))
    git("update-ref", "refs/heads/main", other, cwd=tool)
    git("tag", "-d", "v1", cwd=tool)
    git("branch", "-D", "old", cwd=tool)
    visit(mirror, origin.url("git/tool.git"))
    git("reflog", "expire", "--expire=now", "--all", cwd=tool)
    git("gc", "-q", "--prune=now", cwd=tool)
    return tool, every_object(mirror), git("for-each-ref", cwd=mirror)


def packs(mirror, ending="pack"):
    return sorted((mirror / "objects/pack").glob(f"*.{ending}"), key=lambda path: path.stat().st_size)


def rot(mirror):
    """Bytes flip in every pack, which keeps its length."""
    for pack in packs(mirror):
        data = bytearray(pack.read_bytes())
        for place in range(20, len(data) - 20, 40):
            data[place] ^= 255
        pack.chmod(0o600)
        pack.write_bytes(data)


def cut(mirror):
    for pack in packs(mirror):
        pack.chmod(0o600)
        os.truncate(pack, pack.stat().st_size // 2)


def cut_newest(mirror):
    """The smaller pack, of what the origin still shows."""
    newest = packs(mirror)[0]
    newest.chmod(0o600)
    os.truncate(newest, 30)


def lose_packs(mirror):
    for pack in packs(mirror):
        pack.unlink()


def lose_indexes(mirror):
    for index in packs(mirror, "idx"):
        index.unlink()


def lose_names(mirror):
    (mirror / "packed-refs").unlink()


def lose_objects(mirror):
    shutil.rmtree(mirror / "objects")


HARM = [cut, lose_packs, lose_indexes, lose_names, lose_objects]


@pytest.mark.parametrize("harm", [rot, *HARM])
def test_one_visit_makes_a_damaged_mirror_show_what_its_origin_shows(origin, mirror, story, harm):
    tool, _, _ = story
    harm(mirror)
    # What is cut or gone is seen by the visit itself; what rots, by a full check before.
    damaged = harm is rot and bool(maintenance.find_damage(mirror))
    assert damaged == (harm is rot)
    seen = visit(mirror, origin.url("git/tool.git"), damaged=damaged)
    assert (seen.outcome, seen.repaired) == ("full", True)
    assert listing(mirror) == listing(tool)
    assert maintenance.find_damage(mirror) == ""
    assert visit(mirror, origin.url("git/tool.git")).outcome == "unchanged"


def test_what_can_be_read_is_salvaged(origin, mirror, story):
    _, ever, _ = story
    cut_newest(mirror)
    seen = visit(mirror, origin.url("git/tool.git"))
    assert (seen.repaired, seen.lost) == (True, 0)
    assert ever <= every_object(mirror) and maintenance.find_damage(mirror) == ""


def test_what_nobody_has_any_more_is_said_and_the_damaged_files_stay_aside(origin, mirror, story):
    tool, _, _ = story
    rot(mirror)
    seen = visit(mirror, origin.url("git/tool.git"), damaged=True)
    assert seen.repaired and seen.lost > 0 and any("could not be saved" in warning for warning in seen.warnings)
    assert listing(mirror) == listing(tool) and maintenance.find_damage(mirror) == ""
    assert repair.damaged_folder(mirror).is_dir()


def test_names_that_only_records_of_visits_know_are_kept_again(origin, mirror, story):
    _, ever, _ = story
    kept = {tip.oid.decode() for tip in refs.tips(mirror) if tip.name.startswith(refs.KEPT)}
    lose_names(mirror)
    seen = visit(mirror, origin.url("git/tool.git"), ever_seen=lambda: kept | {"1" * 40})
    assert seen.repaired
    assert {tip.oid.decode() for tip in refs.tips(mirror) if tip.name.startswith(refs.KEPT)} == kept
    assert ever <= every_object(mirror)


def test_without_its_origin_nothing_is_replaced(origin, mirror, story):
    lose_packs(mirror)
    before = sorted(path.name for path in mirror.rglob("*"))
    seen = visit(mirror, origin.url("gone/tool.git"))
    assert (seen.outcome, seen.repaired) == ("not_found", False)
    assert sorted(path.name for path in mirror.rglob("*") if path.name != "mirror.lock") == [
        name for name in before if name != "mirror.lock"
    ]


@pytest.mark.parametrize("point", repair.POINTS)
def test_a_repair_killed_at_any_point_is_completed_by_the_next_visit(origin, mirror, story, point):
    _, ever, names = story
    cut_newest(mirror)

    def die(reached):
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        visit(mirror, origin.url("git/tool.git"), checkpoint=die)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    seen = visit(mirror, origin.url("git/tool.git"))
    assert seen.outcome == "full"
    assert git("for-each-ref", cwd=mirror) == names and ever <= every_object(mirror)
    assert maintenance.find_damage(mirror) == ""
