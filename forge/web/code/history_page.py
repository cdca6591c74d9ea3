"""The page of the changes of a branch, a file or a folder, fifty at a time."""

from contextlib import nullcontext
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from forge.git import read
from forge.git.browse.history import changes
from forge.web.code import large_trees
from forge.web.code.access import CodeSource, address_of, place_of, readers_of
from forge.web.code.code_page import code_page, commit_line, open_objects, place_in_words
from forge.web.code.unavailable import from_code

COMMITS = 50
NEAR = 5_000  # commits that git skips in a few milliseconds


@from_code()
def log(request: Request, source: CodeSource) -> Response:
    """Answer with the changes of the place of the address, those behind the first `after` commits."""
    place = place_of(request, source)
    written = request.query_params.get("after", "0")
    after = int(written) if written.isascii() and written.isdigit() and len(written) < 8 else -1
    if after < 0:
        raise read.ObjectMissing(place.oid)
    with open_objects(request, source) as objects:
        large_trees.find(request, objects, place.oid, place.path)

    def context() -> dict[str, Any]:
        code_readers = readers_of(request)
        with code_readers.heavy_work(request) if place.path or after > NEAR else nullcontext():
            part = changes(source.folder, place.oid, place.path, after=after, most=COMMITS)
        if after and part.whole and not part.oids:
            raise read.ObjectMissing(place.oid)
        commits = read.commits(source.folder, part.oids, readers_of(request).pool)
        address = address_of(source.slug, "log", place.oid, place.path)
        before = max(0, after - COMMITS)
        return {
            "where": place_in_words(request, source, place),
            "commits": [commit_line(source.slug, commit) for commit in commits],
            "unfinished": not part.whole,
            "older": f"{address}?after={part.following}" if part.following is not None else "",
            "newer": (f"{address}?after={before}" if before else address) if after else "",
        }

    return code_page(request, source, "code/log.html", (place.oid, place.path, str(after)), context)
