"""A commit as an archive, streamed as git makes it: the same bytes for the same commit, name and version of zlib.

The attributes of a mirror turn off what a repository may change or leave out (`forge.git.mirror_folder`), so that an
archive holds what the commit holds. https://git-scm.com/docs/git-archive
"""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

from forge.git.environment import Limits, environment
from forge.git.objects import ObjectMissing, is_oid
from forge.git.runner import GitFailed
from forge.git.streaming import CHUNK_BYTES, end, start

FORMATS = {"tar.gz": "application/gzip", "zip": "application/zip"}
FILES = 200_000
UNPACKED_BYTES = 2 << 30
WALL_SECONDS = 1800.0
_LIMITS = Limits(wall_seconds=WALL_SECONDS, cpu_seconds=300, niceness=10)
_CONFIG = {"tar.tar.gz.command": "git archive gzip"}  # git's own, which writes no date and no name


async def archive(mirror: Path, oid: str, kind: str, folder: str) -> AsyncGenerator[bytes, None]:
    """The archive of a commit, a full id, in pieces; all its files are below `folder`. `kind` is one of FORMATS.

    Raises ObjectMissing for what is no id, GitFailed where git does not write it to its end, and TimeoutError.
    """
    if not is_oid(oid) or kind not in FORMATS:
        raise ObjectMissing(oid)
    order = ["archive", f"--format={kind}", f"--prefix={folder}/", "-6", oid]
    process = await start([f"--git-dir={mirror.absolute()}", *order], environment(_CONFIG), _LIMITS)
    try:
        process.stdin.close()
        deadline = asyncio.get_running_loop().time() + WALL_SECONDS
        while True:
            async with asyncio.timeout_at(deadline):
                chunk = await process.stdout.read(CHUNK_BYTES)
            if not chunk:
                break
            yield chunk
        status = await process.wait()
        if status:
            raise GitFailed("archive", f"git ended with {status}")
    finally:
        await end(process)
