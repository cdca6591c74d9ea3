"""The refs of a mirror: listing them, and moving them in transactions that lose nothing. No remote is contacted.

`update-ref --stdin` is given every old value, so that what changed meanwhile is never overwritten.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from forge.git.environment import Limits, environment
from forge.git.faults import is_disk_full
from forge.git.mirror_folder import write
from forge.git.runner import GitFailed, output_of, run

KEPT = b"refs/kept/"  # each named by its object id, so that no name of an origin can clash with it
ALL = ("refs/heads/", "refs/tags/", "refs/kept/")
_LIMITS = Limits(wall_seconds=120.0)
_MOVES_A_SECOND = 100  # on a slow disk: a moved ref is a file that is made durable
_TIP_FORMAT = "%(objectname)%00%(objecttype)%00%(*objectname)%00%(*objecttype)%00%(refname)%00"


@dataclass(frozen=True)
class RefTip:
    """A ref, the id that it names, and the commit behind that; b"" for tags of files or trees."""

    name: bytes
    oid: bytes
    commit: bytes


def printable_name(name: str) -> str:
    """A ref's name as JSON and every database accept it: bytes that are not UTF-8 are replaced. PostgreSQL returns
    nothing of a record that holds half a character."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def branches_and_tags(mirror: Path) -> dict[bytes, bytes]:
    """Branches and tags: full name to the id it names (a tag's own id where it is annotated)."""
    listed = ["for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/", "refs/tags/"]
    out = output_of(run(listed, git_dir=mirror, limits=_LIMITS), "for-each-ref")
    return {name: oid for oid, _, name in (line.partition(b" ") for line in out.splitlines())}


def tips(mirror: Path, *filters: str) -> list[RefTip]:
    """Branches, tags and kept refs by name, those that the filters of `for-each-ref` leave. Raises GitFailed."""
    listed = run(["for-each-ref", f"--format={_TIP_FORMAT}", *filters, *ALL], git_dir=mirror, limits=_LIMITS)
    ref_tips = []
    for row in output_of(listed, "for-each-ref").split(b"\0\n"):
        fields = row.split(b"\0")
        if len(fields) == 5:
            oid, kind, behind, behind_kind, name = fields
            commit = oid if kind == b"commit" else behind if behind_kind == b"commit" else b""
            ref_tips.append(RefTip(name, oid, commit))
    return ref_tips


def object_kinds(mirror: Path, oids: Iterable[bytes], objects: Path) -> dict[bytes, tuple[bytes, bytes]]:
    """The kind of each object in the folder `objects`, and the object that a tag leads to; absent ones are left out."""
    distinct = list(dict.fromkeys(oids))
    result = run(
        ["cat-file", "--batch-check"],
        git_dir=mirror,
        variables=environment(extra={"GIT_OBJECT_DIRECTORY": str(objects)}),
        limits=_LIMITS,
        stdin=b"".join(b"%s\n%s^{}\n" % (oid, oid) for oid in distinct),
    )
    answers = [line.split(b" ") for line in output_of(result, "cat-file").splitlines()]
    pairs = zip(distinct, answers[::2], answers[1::2], strict=True)
    return {oid: (own[1], behind[0]) for oid, own, behind in pairs if own[1] != b"missing"}


def create_all(mirror: Path, new_refs: dict[bytes, bytes], refs_there: dict[bytes, tuple[bytes, bytes]]) -> None:
    """Create the refs of a mirror that has none, in one file and one rename; `refs_there` as from `object_kinds`.

    Twenty thousand refs as files, each made durable, would take seconds.
    """
    rows = [b"# pack-refs with: peeled fully-peeled sorted "]
    for name, oid in sorted(new_refs.items()):
        kind, behind = refs_there[oid]
        rows.append(oid + b" " + name)
        if kind == b"tag":
            rows.append(b"^" + behind)
    write(mirror / "packed-refs", b"\n".join(rows) + b"\n")


def keep_objects(mirror: Path, oids: Sequence[bytes], lock: int) -> None:
    """Name every object `refs/kept/<id>`, for ever. Raises GitFailed."""
    refused = move(mirror, [update(b"refs/kept/" + oid, oid) for oid in dict.fromkeys(oids)], lock)
    if refused:
        raise GitFailed("update-ref", f"{len(refused)} objects could not be kept")


def update(name: bytes, new: bytes, old: bytes | None = None) -> bytes:
    """One order of `move`: set a ref, from `old` (b"" means: it must not exist; None: whatever it is)."""
    if old is None:
        return b"update %s\0%s\0\0" % (name, new)
    return b"update %s\0%s\0%s\0" % (name, new, old or b"0" * len(new))


def delete(name: bytes, old: bytes) -> bytes:
    """One order of `move`: remove a ref that is still `old`."""
    return b"delete %s\0%s\0" % (name, old)


def move(mirror: Path, orders: Sequence[bytes], lock: int) -> list[bytes]:
    """Carry out orders in one transaction; where it fails, halve it until only the impossible ones are left over.

    Gives back the orders that were refused.
    """
    if not orders:
        return []
    ran = run(
        ["update-ref", "--no-deref", "-z", "--stdin"],
        git_dir=mirror,
        limits=replace(_LIMITS, wall_seconds=_LIMITS.wall_seconds + len(orders) / _MOVES_A_SECOND),
        stdin=b"start\0" + b"".join(orders) + b"prepare\0commit\0",
        pass_fds=(lock,),
    )
    if ran.ok:
        return []
    if ran.stopped or ran.status < 0 or is_disk_full(ran.err):  # not because of a ref's name
        raise GitFailed("update-ref", ran.stopped or ran.err)
    if len(orders) == 1:
        return list(orders)
    half = len(orders) // 2
    return move(mirror, orders[:half], lock) + move(mirror, orders[half:], lock)


def is_ancestor(mirror: Path, old: bytes, new: bytes) -> bool:
    """Whether commit `new` has `old` in its history."""
    ran = run(["merge-base", "--is-ancestor", old, new], git_dir=mirror, limits=_LIMITS)
    return ran.status == 0 and not ran.stopped


def share_history(mirror: Path, old: bytes, new: bytes) -> bool:
    """Whether two commits share any history."""
    ran = run(["merge-base", old, new], git_dir=mirror, limits=_LIMITS)
    return not (ran.status == 1 and not ran.stopped)
