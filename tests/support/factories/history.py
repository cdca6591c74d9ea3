"""Histories of any shape for tests: who committed what when, written by `git fast-import` in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from support.factories.core import NOW
from support.hosts.git_origin import git

ANA = ("Ana Souza", "ana@example.org")
BRUNO = ("Bruno Lima", "bruno@example.org")


@dataclass(frozen=True)
class Made:
    """A commit of so many days ago. Parents are places in the list, or ids; the one before where nothing is said."""

    days: float = 1
    who: tuple[str, str] = ANA
    authored_days: float | None = None
    parents: Sequence[int | str] | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    at: int | None = None  # seconds, where days cannot say it


def a_history(
    path: Path, *commits: Made, branch: str = "main", on: str | None = None, now: datetime = NOW
) -> list[str]:
    """Write the commits into a bare repository, which is made where there is none; their ids.

    The branch ends at the last one. `on` is an id that the first one stands on.
    """
    if not path.exists():
        git("init", "-q", "--bare", "--initial-branch=main", path)
    lines = [b"feature done\n"]
    for place, made in enumerate(commits):
        before = [place - 1] if place else [on] if on else []
        parents = [f":{parent + 1}" if isinstance(parent, int) else parent for parent in _given(made.parents, before)]
        name, address = made.who
        committed = made.at if made.at is not None else _seconds(made.days, now)
        authored = committed if made.authored_days is None else _seconds(made.authored_days, now)
        lines.append(b"reset refs/heads/%s\n" % branch.encode())  # a commit without parents begins anew
        lines.append(b"commit refs/heads/%s\nmark :%d\n" % (branch.encode(), place + 1))
        for role, at in ("author", authored), ("committer", committed):
            lines.append(f"{role} {name} <{address}> {at} +0000\n".encode())
        lines.append(b"data 2\nx\n")
        lines += [f"{'merge' if at else 'from'} {parent}\n".encode() for at, parent in enumerate(parents)]
        for file, text in ({f"file-{place}.txt": f"{place}\n"} | dict(made.files)).items():
            data = text.encode()
            lines.append(b"M 100644 inline %s\ndata %d\n%s\n" % (file.encode(), len(data), data))
    marks = path / "marks"
    order = ["fast-import", "--quiet", "--force", "--date-format=raw-permissive", f"--export-marks={marks}"]
    git(*order, cwd=path, stdin=b"".join(lines) + b"done\n")
    by_mark = dict(line.split() for line in marks.read_text().splitlines())
    marks.unlink()
    return [by_mark[f":{place + 1}"] for place in range(len(commits))]


def _given(stated: Sequence[int | str] | None, default: list[int] | list[str]) -> Sequence[int | str]:
    return default if stated is None else stated


def _seconds(days: float, now: datetime) -> int:
    return int((now - timedelta(days=days)).timestamp())
