"""The page of one change: what it says, by whom, which files and lines it changed."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from forge.git import read
from forge.web.code.access import LAYOUT, CodeSource, address_of, readers_of, visible_text
from forge.web.code.code_page import (
    PERSON_CHARACTERS,
    SUBJECT_CHARACTERS,
    code_page,
    open_objects,
    short_text,
)
from forge.web.code.patches import ALL, difference, extent_of
from forge.web.code.unavailable import from_code

MESSAGE_CHARACTERS = 20_000
PARENTS = 100  # of a commit; the most in Linux are 66


@from_code()
def commit(request: Request, source: CodeSource) -> Response:
    oid = request.path_params["id"]
    if not read.is_oid(oid):
        raise read.ObjectMissing(oid)

    def context() -> dict[str, Any]:
        with open_objects(request, source) as objects:
            commit = read.commit(objects, oid)
            before = (commit.parents[0], read.commit(objects, commit.parents[0]).tree) if commit.parents else ("", "")
        with readers_of(request).heavy_work(request):
            changed = difference(request, source, before, (commit.oid, commit.tree))
        message = commit.message.strip()
        if len(commit.subject) <= SUBJECT_CHARACTERS:  # it is whole in the heading
            message = message.partition("\n")[2].strip("\n")
        return {
            "oid": commit.oid,
            "at": commit.committed_at,
            "subject": short_text(commit.subject, SUBJECT_CHARACTERS),
            "message": visible_text(message[:MESSAGE_CHARACTERS], LAYOUT),
            "author": short_text(commit.author, PERSON_CHARACTERS),
            "named": visible_text(readers_of(request).names(source).on(oid)),
            "parents": [(parent, address_of(source.slug, "commit", parent)) for parent in commit.parents[:PARENTS]],
            "merge": len(commit.parents) > 1,
            "says_more": commit.cut or len(message) > MESSAGE_CHARACTERS or len(commit.parents) > PARENTS,
            "difference": changed,
            "own": address_of(source.slug, "commit", oid),
            "tree": address_of(source.slug, "tree", oid),
            "cite": address_of(source.slug, "cite", oid),
            "history": address_of(source.slug, "log", oid),
        }

    whole = "all" if extent_of(request) is ALL else ""
    return code_page(request, source, "code/commit.html", (oid, whole), context)
