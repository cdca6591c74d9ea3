"""The pages of a mirror's code: its top, directories, branches and versions. Plain and bounded."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from forge.git import read
from forge.web.code import large_trees
from forge.web.code.access import CodeReaders, CodeSource, address_of, place_of, visible_text, whole_of
from forge.web.code.code_page import (
    code_page,
    commit_line,
    names_of,
    open_objects,
    place_in_words,
    redirect_to,
)
from forge.web.code.content import ROWS, readme_content, tree_rows
from forge.web.code.former_states import former_states
from forge.web.code.tags import described_versions, newest_tags
from forge.web.code.unavailable import answer_from_code

VERSIONS = 20  # with their notes; the others by name
OFFERED = 200  # branches and versions that are offered to be compared; any other may be typed


def overview(request: Request) -> Response:
    return answer_from_code(request, partial(_overview, request), closed=200)


def tree(request: Request) -> Response:
    return answer_from_code(request, partial(_tree, request))


def refs(request: Request) -> Response:
    return answer_from_code(request, partial(_refs, request))


def _overview(request: Request, source: CodeSource) -> Response:
    head = source.mirror.head or ""

    def context() -> dict[str, Any]:
        with open_objects(request, source) as objects:
            last = read.commit(objects, head)
            entries = large_trees.entries(request, objects, last.tree)
            readme = readme_content(request, source, objects, entries)
        return {
            "last": commit_line(source.slug, last),
            "branch": visible_text(source.mirror.branch or ""),
            "rows": tree_rows(source.slug, head, b"", entries),
            "left_out": max(0, len(entries) - ROWS),
            "readme": readme,
            "history": address_of(source.slug, "log", head),
            "cite": address_of(source.slug, "cite", head),
        }

    return code_page(request, source, "code/overview.html", (head,), context)


def _tree(request: Request, source: CodeSource) -> Response:
    place = place_of(request, source)
    with open_objects(request, source) as objects:
        entry = large_trees.find(request, objects, place.oid, place.path)
    if entry.kind != "tree":
        return redirect_to(request, address_of(source.slug, "blob", place.oid, place.path))

    def context() -> dict[str, Any]:
        with open_objects(request, source) as objects:
            entries = large_trees.entries(request, objects, entry.oid)
            is_commit = objects.info(place.oid).kind == "commit"
        return {
            "where": place_in_words(request, source, place),
            "rows": tree_rows(source.slug, place.oid, place.path, entries),
            "left_out": max(0, len(entries) - ROWS),
            "history": address_of(source.slug, "log", place.oid, place.path),
            "cite": address_of(source.slug, "cite", place.oid, place.path) if is_commit else "",
        }

    return code_page(request, source, "code/tree.html", (place.oid, place.path, entry.oid), context)


def _refs(request: Request, source: CodeSource) -> Response:
    """The page, or the way to the comparison of what was typed there."""
    first, second = (request.query_params.get(name, "").strip() for name in ("a", "b"))
    if first and second:
        chosen = "...".join(quote(name.encode("utf-8", "surrogateescape"), safe="/") for name in (first, second))
        return redirect_to(request, f"/projects/{source.slug}/code/compare/{chosen}")

    def context() -> dict[str, Any]:
        names = names_of(request, source)
        newest = sorted(names.refs, key=lambda ref: ref.at.timestamp() if ref.at else 0.0, reverse=True)
        branches = [ref for ref in newest if ref.name.startswith("refs/heads/")]
        tags = newest_tags(request, source)
        former, more_former = former_states(request, source)
        code_readers: CodeReaders = request.app.state.code_readers
        served = {ref.name for ref in names.refs}
        every = code_readers.names(whole_of(request, source)).refs if source.until else ()
        withheld = [visible_text(ref.short) for ref in every if ref.name not in served]
        return {
            "branches": _names(source, branches),
            "versions": described_versions(request, source, tags, VERSIONS),
            "older_versions": _names(source, tags[VERSIONS:]),
            "default": visible_text(source.mirror.branch or ""),
            "former": former,
            "more_former": more_former,
            "offered": [ref.short for ref in newest if ref.commit and ref.short.isprintable()][:OFFERED],
            "withheld": withheld[:ROWS],
            "withheld_more": max(0, len(withheld) - ROWS),
        }

    return code_page(request, source, "code/refs.html", (source.mirror.digest or "",), context)


def _names(source: CodeSource, refs: Sequence[read.Ref]) -> tuple[list[tuple[str, str, datetime | None]], int]:
    """The first ROWS of these names with their addresses and dates, and how many more there are."""
    names = [(visible_text(ref.short), address_of(source.slug, "tree", ref.commit), ref.at) for ref in refs[:ROWS]]
    return names, len(refs) - len(names)
