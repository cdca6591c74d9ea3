"""A second copy of what only we have: a bundle beside the mirrors of all that no origin names any more.

It is written anew whenever that changes, and read when a mirror is damaged. Where the origin is gone, all is what only
we have. https://git-scm.com/docs/gitformat-bundle
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from forge.git import mirror_folder, refs
from forge.git.environment import Limits
from forge.git.objects import is_oid
from forge.git.runner import output_of, run

FOLDER = "second-copies"  # beside the folder of mirrors: an operator may put it on another disk
_LIMITS = Limits(wall_seconds=1800.0, cpu_seconds=1800, data_bytes=1 << 30, niceness=10)
_HEADER_BYTES = 8 << 20


def path_of(mirror: Path) -> Path:
    """The file of the second copy of a mirror, whether it is there or not."""
    return mirror.parent.with_name(FOLDER) / f"{mirror.name.removesuffix('.git')}.bundle"


def write(mirror: Path, lock: int, *, whole: bool = False) -> bool:
    """Bring the second copy to what only we have: all kept refs, and with `whole` branches and tags too. Whether it was
    written anew. Raises GitFailed and OSError; a copy that is there stays until another one is complete."""
    copy, stamp = path_of(mirror), path_of(mirror).with_suffix(".json")
    tips = refs.tips(mirror)
    wanted = [tip for tip in tips if whole or tip.name.startswith(refs.KEPT)]
    state = hashlib.sha256(repr([whole, [(tip.name, tip.oid) for tip in wanted]]).encode()).hexdigest()
    if not wanted:
        copy.unlink(missing_ok=True)
        stamp.unlink(missing_ok=True)
        return False
    if copy.exists() and stamp.exists() and stamp.read_text("ascii", "replace") == state:
        return False
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = copy.with_suffix(".tmp")
    named = b"".join(tip.name + b"\n" for tip in wanted)
    beyond = b"" if whole else b"".join(b"^" + tip.oid + b"\n" for tip in tips if not tip.name.startswith(refs.KEPT))
    made = run(
        ["bundle", "create", "--quiet", str(draft.absolute()), "--stdin"],
        git_dir=mirror,
        limits=_LIMITS,
        stdin=named + beyond,
        pass_fds=(lock,),
    )
    if not made.ok and "empty bundle" in made.err:  # the origin names all of it again
        copy.unlink(missing_ok=True)
    else:
        output_of(made, "bundle")
        os.replace(draft, copy)
    mirror_folder.write(stamp, state)
    return True


def read(mirror: Path) -> tuple[dict[bytes, bytes], Iterator[bytes]]:
    """The refs that a second copy holds, name to id, and the bytes of its pack; ({}, nothing) where there is none or it
    cannot be read."""
    held: dict[bytes, bytes] = {}
    try:
        with path_of(mirror).open("rb") as file:
            while (line := file.readline(1 << 16).rstrip(b"\n")) and file.tell() < _HEADER_BYTES:
                oid, _, name = line.partition(b" ")
                if is_oid(oid.decode("ascii", "replace")):
                    held[name] = oid
            start = file.tell()
    except OSError:
        return {}, iter(())
    return held, _pack_bytes(path_of(mirror), start)


def _pack_bytes(path: Path, start: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while chunk := file.read(1 << 20):
            yield chunk
