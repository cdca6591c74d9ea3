"""The page of the changes of a branch, a file or a folder, fifty at a time.

The ids of the first pages come from the mirror's commit graph, without a process. Where it does not tell them, as for a
file, the first page asks git for its ids alone; and pages far behind get them from the list of all ids. What git listed
is kept in memory: the thousandth page costs what the next one does.
"""

from collections.abc import Hashable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from forge.git import read
from forge.git.browse import commit_graph
from forge.web.code import large_trees
from forge.web.code.access import CodePlace, CodeReaders, CodeSource, address_of, place_of, reader_of
from forge.web.code.code_page import code_page, commit_line, open_objects, place_in_words, pool_of
from forge.web.code.memory.histories import Ids
from forge.web.code.unavailable import answer_from_code

COMMITS = 50
GRAPH_PAGES = 40  # 2,000 commits are walked through in 5 ms, in which git would just have started
PAGES_BACK = read.HISTORY // COMMITS


def log(request: Request) -> Response:
    """Answer with the changes of the place of the address; `page` of them from 1."""
    return answer_from_code(request, partial(_log, request))


def _log(request: Request, source: CodeSource) -> Response:
    place = place_of(request, source)
    written = request.query_params.get("page", "1")
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 6 else 0
    if not 1 <= number <= PAGES_BACK:
        raise read.ObjectMissing(place.oid)
    with open_objects(request, source) as objects:
        large_trees.find(request, objects, place.oid, place.path)

    def context() -> dict[str, Any]:
        commits, more, whole = _commits(request, source, place, number)
        address = address_of(source.slug, "log", place.oid, place.path)
        return {
            "where": place_in_words(request, source, place),
            "commits": [commit_line(source.slug, commit) for commit in commits],
            "unfinished": not more and not whole,
            "older": f"{address}?page={number + 1}" if more and number < PAGES_BACK else "",
            "newer": f"{address}?page={number - 1}" if number > 1 else "",
        }

    return code_page(request, source, "code/log.html", (place.oid, place.path, str(number)), context)


def _commits(
    request: Request, source: CodeSource, place: CodePlace, number: int
) -> tuple[list[read.Commit], bool, bool]:
    """The commits of a page, whether there are more, and whether the list that they come from is whole."""
    code_readers: CodeReaders = request.app.state.code_readers
    key, width = (source.folder, source.state, place.oid, place.path), len(place.oid) // 2
    found = code_readers.histories.ids(key)
    if found is None and number <= GRAPH_PAGES and not place.path:
        found = commit_graph.newest(source.folder, place.oid, number * COMMITS + 1)
    if found is None and number == 1:
        found = _first_ids(code_readers, source, place, (*key, COMMITS))
    elif found is None:
        with code_readers.heavy_work(reader_of(request)):
            found = read.history_ids(source.folder, place.oid, place.path)
        code_readers.histories.keep(key, found)
    ids, whole = found
    start = (number - 1) * COMMITS * width
    oids = [ids[at : at + width].hex() for at in range(start, min(start + COMMITS * width, len(ids)), width)]
    if not oids and number > 1:
        raise read.ObjectMissing(place.oid)
    return read.commits(source.folder, oids, pool_of(request)), start + COMMITS * width < len(ids), whole


def _first_ids(code_readers: CodeReaders, source: CodeSource, place: CodePlace, key: Hashable) -> Ids:
    """The ids of the first page, and one more where there is a second."""
    found = code_readers.histories.ids(key)
    if found is None:
        ids, whole = found = read.history_ids(source.folder, place.oid, place.path, COMMITS + 1)
        if (
            whole or len(ids) > COMMITS * len(place.oid) // 2
        ):  # else git was stopped: it may have more time the next time
            code_readers.histories.keep(key, found)
    return found
