"""The last change of each row of a directory, as far as it is known: it is computed in the background, never in a
request.
"""

from dataclasses import replace
from typing import Any

from starlette.requests import Request

from forge.git import read
from forge.git.browse.last_commits import last_commits
from forge.web.code.access import CodeReaders, CodeSource
from forge.web.code.code_page import CommitLine, commit_line
from forge.web.code.content import ROWS, TreeRow

SUBJECT_CHARACTERS = 80

Known = dict[bytes, CommitLine]


def known_changes(
    request: Request, source: CodeSource, oid: str, path: bytes, entries: list[read.Entry]
) -> Known | None:
    """Return the last change of each entry by its name; None while that is being found."""
    code_readers: CodeReaders = request.app.state.code_readers
    wanted = {entry.name: entry.oid for entry in sorted(entries, key=lambda entry: entry.kind != "tree")[:ROWS]}

    def find(stopping: Any) -> tuple[Known, int]:
        found = last_commits(source.folder, oid, path, wanted, stopping=stopping)
        with code_readers.pool.objects(source.folder) as objects:
            commits = {commit: read.commit(objects, commit) for commit in dict.fromkeys(found.values())}
        lines = {commit: commit_line(source.slug, made, SUBJECT_CHARACTERS) for commit, made in commits.items()}
        return {name: lines[commit] for name, commit in found.items()}, 600 * len(lines) + 200 * len(found)

    key = "last changes", source.folder, source.state, source.slug, oid, path.strip(b"/")
    done, known = code_readers.background.result(key, find)
    return known or {} if done else None


def with_changes(rows: list[TreeRow], known: Known | None) -> list[TreeRow]:
    """Return the rows with the last change of each, where it is known."""
    return [replace(row, last=known.get(row.raw_name)) for row in rows] if known else rows
