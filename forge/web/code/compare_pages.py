"""The page that compares two states of the code: the changes that only the second one has, and their differences."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from forge.git import read
from forge.git.browse.history import changes
from forge.git.browse.ranges import count_apart, merge_base
from forge.web.code.access import (
    PATH_BYTES_KEY,
    CodePlace,
    CodeSource,
    address_of,
    place_named,
    readers_of,
    visible_text,
)
from forge.web.code.code_page import code_page, commit_line, open_objects
from forge.web.code.patches import ALL, difference, extent_of
from forge.web.code.unavailable import from_code

COMMITS = 50


@from_code()
def compare(request: Request, source: CodeSource) -> Response:
    """Answer with the comparison of the address, `a...b`."""
    rest: bytes = request.scope.get(PATH_BYTES_KEY, b"")
    names = rest.split(b"...")
    if len(names) != 2 or not all(names):
        raise read.ObjectMissing(visible_text(rest))
    first, second = (_commit_named(request, source, name) for name in names)
    own = address_of(source.slug, "compare", path=f"{first.oid}...{second.oid}".encode())

    def context() -> dict[str, Any]:
        code_readers = readers_of(request)
        with code_readers.heavy_work(request):
            base = merge_base(source.folder, first.oid, second.oid)
            back, number = count_apart(source.folder, first.oid, second.oid)
            listed = changes(source.folder, second.oid, without=first.oid, most=COMMITS)
            commits = read.commits(source.folder, listed.oids, readers_of(request).pool)
            before = base or first.oid
            with open_objects(request, source) as objects:
                trees = [read.commit(objects, oid).tree for oid in (before, second.oid)]
            changed = difference(request, source, (before, trees[0]), (second.oid, trees[1]))
        return {
            "first": _side(request, source, first),
            "second": _side(request, source, second),
            "common": bool(base),
            "number": number,
            "back": back,
            "commits": [commit_line(source.slug, commit) for commit in commits],
            "left_out": number - len(commits),
            "difference": changed,
            "own": own,
            "turned": address_of(source.slug, "compare", path=f"{second.oid}...{first.oid}".encode()),
        }

    whole = "all" if extent_of(request) is ALL else ""
    return code_page(request, source, "code/compare.html", (first.oid, second.oid, whole), context)


def _commit_named(request: Request, source: CodeSource, name: bytes) -> CodePlace:
    place = place_named(request, source, name)
    with open_objects(request, source) as objects:
        if place.path or objects.info(place.oid).kind != "commit":
            raise read.ObjectMissing(place.oid)
    return place


def _side(request: Request, source: CodeSource, place: CodePlace) -> dict[str, str]:
    name = place.name or readers_of(request).names(source).on(place.oid)
    return {
        "name": visible_text(name) or place.oid[:10],
        "address": address_of(source.slug, "commit", place.oid),
    }
