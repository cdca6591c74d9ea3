"""The commit that last changed each entry of one folder, from one stream of `git log` that ends when all are found.

Asking git for each entry takes seventy times as long. Where a file was not touched for years, it is still too slow for
a request, so callers run it in the background.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from forge.git.environment import Limits, environment
from forge.git.objects import ObjectMissing, is_oid
from forge.git.runner import output_pieces, pipes, start, stop

SECONDS = 20.0
_OUTPUT_BYTES = 256 << 20  # read at most; nothing of it is kept
_LIMITS = Limits(cpu_seconds=int(SECONDS) + 5, niceness=10)
_ORDER = (
    "log -z --format=C%H --raw -c --no-renames --no-abbrev --no-color --no-ext-diff --no-textconv --no-show-signature"
)


def last_commits(
    mirror: Path,
    oid: str,
    folder: bytes,
    entries: Mapping[bytes, str],
    *,
    seconds: float = SECONDS,
    stopping: Callable[[], bool] = lambda: False,
) -> dict[bytes, str]:
    """The id of the last commit of each entry of `folder` ("" at the top) as it is at commit `oid`. `entries` are their
    names and object ids. Those that were not found in time are left out. Raises ObjectMissing.
    """
    if not is_oid(oid):
        raise ObjectMissing(oid)
    prefix = folder.strip(b"/") + b"/" if folder.strip(b"/") else b""
    missing, found = dict(entries), dict[bytes, str]()
    at_once = environment(extra={"GIT_FLUSH": "1"})  # what was found before the time is over is told
    order: list[str | bytes] = [*_ORDER.split(), oid, "--", *([prefix] if prefix else [])]
    process = start(order, git_dir=mirror, variables=at_once, limits=_LIMITS)
    try:
        stdin, stdout, _ = pipes(process)
        stdin.close()
        for commit, path, blob in _changes(output_pieces(stdout, time.monotonic() + seconds, _OUTPUT_BYTES, stopping)):
            name, _, below = path.removeprefix(prefix).partition(b"/")
            # A file is as this commit made it, or the change was undone by a merge that took the other side.
            if name in missing and (below or blob == missing[name]):
                found[name] = commit
                del missing[name]
                if not missing:
                    break
    finally:
        stop(process, 0.2)
    return found


def _changes(pieces: Iterator[bytes]) -> Iterator[tuple[str, bytes, str]]:
    """The commit, the path, and the id that the file has from then on."""
    commit, row = "", b""
    for token in _tokens(pieces):
        if row:
            words = row.lstrip(b":").split(b" ")
            yield commit, token, words[-2].decode("ascii", "replace")
            row = b""
        elif token.lstrip(b"\n").startswith(b":"):
            row = token.lstrip(b"\n")
        elif token.startswith(b"C"):
            commit = token[1:].decode("ascii", "replace")


def _tokens(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *tokens, rest = (rest + piece).split(b"\0")
        yield from tokens
