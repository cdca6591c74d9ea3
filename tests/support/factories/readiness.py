"""Repositories written state by state, of any names and contents."""

from collections.abc import Mapping
from pathlib import Path

from support.hosts.git_origin import git


def a_state(repository: Path, files: Mapping[str | bytes, str | bytes], *parents: str) -> str:
    """Write one commit that holds these files, at any depth, and nothing else; its id. No ref stays on it."""
    lines = [b"reset refs/heads/new\ncommit refs/heads/new\ncommitter A <a@example.org> 1750000000 +0000\ndata 1\nx\n"]
    lines += [f"{'merge' if place else 'from'} {parent}\n".encode() for place, parent in enumerate(parents)]
    lines.append(b"deleteall\n")
    for path, content in files.items():
        name, data = (value.encode() if isinstance(value, str) else value for value in (path, content))
        quoted = b"".join(b"\\%03o" % byte for byte in name)
        lines.append(b'M 100644 inline "%s"\ndata %d\n%s\n' % (quoted, len(data), data))
    git("fast-import", "--quiet", "--force", "--date-format=raw", cwd=repository, stdin=b"".join(lines))
    oid = git("rev-parse", "refs/heads/new", cwd=repository).decode()
    git("update-ref", "-d", "refs/heads/new", cwd=repository)
    return oid


def a_head(repository: Path, *states: Mapping[str | bytes, str | bytes]) -> str:
    """A repository, made where there is none, whose main branch went through these states; the id of the last."""
    if not repository.exists():
        git("init", "-q", "--bare", "--initial-branch=main", repository)
    oid = ""
    for state in states:
        oid = a_state(repository, state, *([oid] if oid else []))
    git("update-ref", "refs/heads/main", oid, cwd=repository)
    return oid
