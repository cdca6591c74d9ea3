"""A commit as an archive, as git makes it: the same bytes for the same commit, name and version of zlib.

The attributes of a mirror turn off what a repository may change or leave out (`forge.git.mirror_folder`), so that an
archive holds what the commit holds. https://git-scm.com/docs/git-archive
"""

import signal
import subprocess
import time
from pathlib import Path
from typing import IO

from forge.git.environment import Limits, environment
from forge.git.objects import MirrorUnreadable, ObjectMissing, TooLarge, is_oid
from forge.git.runner import output_pieces, pipes, start, stop

FORMATS = {"tar.gz": "application/gzip", "zip": "application/zip"}
ARCHIVE_BYTES = 512 << 20
WALL_SECONDS = 180.0
# Git holds the list of all files in memory: 128 MB are enough for half a million.
_LIMITS = Limits(cpu_seconds=60, data_bytes=128 << 20, niceness=10)
_CONFIG = {"tar.tar.gz.command": "git archive gzip"}  # git's own, which writes no date and no name


def write_archive(
    mirror: Path, oid: str, kind: str, folder: str, into: IO[bytes], *, most_bytes: int = ARCHIVE_BYTES
) -> None:
    """Write the archive of a commit, a full id; all its files are below `folder`. `kind` is one of FORMATS.

    Raises ObjectMissing for what is no id, TooLarge where it needs more bytes, memory or time than it may have,
    MirrorUnreadable where git does not write it to its end. OSError: there is no room for it.
    """
    if not is_oid(oid) or kind not in FORMATS:
        raise ObjectMissing(oid)
    order = ["archive", f"--format={kind}", f"--prefix={folder}/", "-6", oid]
    process = start(order, git_dir=mirror, variables=environment(_CONFIG), limits=_LIMITS)
    deadline, size_bytes = time.monotonic() + WALL_SECONDS, 0
    try:
        stdin, stdout, stderr = pipes(process)
        stdin.close()
        for piece in output_pieces(stdout, deadline, most_bytes + 1):
            size_bytes += len(piece)
            into.write(piece)
        if size_bytes > most_bytes:
            raise TooLarge(f"archive of {oid}")
        status = process.wait(max(0.1, deadline - time.monotonic()))
        if status in (-signal.SIGXCPU, -signal.SIGKILL) or (status and b"memory" in stderr.read()):
            raise TooLarge(f"archive of {oid}")
        if status:
            raise MirrorUnreadable(f"git archive ended with {status}")
    except (TimeoutError, subprocess.TimeoutExpired):
        raise TooLarge(f"archive of {oid}") from None
    finally:
        stop(process, 0.2)
