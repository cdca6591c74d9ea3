"""The pages of a mirror's code: its top, directories, branches with their former states, and versions. Plain and
bounded.

A former state is one before the origin rewrote or deleted a branch or version: we keep it, and say when that was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from catalog.rules.version import Version, version
from forge.git import read
from forge.git.read import Ref
from forge.web.code import large_trees
from forge.web.code.access import CodeSource, address_of, place_of, readers_of, visible_text, whole_of
from forge.web.code.code_page import (
    code_page,
    commit_line,
    open_objects,
    place_in_words,
    redirect_to,
)
from forge.web.code.content import ROWS, readme_content, tree_rows
from forge.web.code.unavailable import from_code

VERSIONS = 20  # with their notes; the others by name
OFFERED = 200  # branches and versions that are offered to be compared; any other may be typed


@from_code(closed=200)
def overview(request: Request, source: CodeSource) -> Response:
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


@from_code()
def tree(request: Request, source: CodeSource) -> Response:
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


@from_code()
def refs(request: Request, source: CodeSource) -> Response:
    """The page, or the way to the comparison of what was typed there."""
    first, second = (request.query_params.get(name, "").strip() for name in ("a", "b"))
    if first and second:
        chosen = "...".join(quote(name.encode("utf-8", "surrogateescape"), safe="/") for name in (first, second))
        return redirect_to(request, f"/projects/{source.slug}/code/compare/{chosen}")

    def context() -> dict[str, Any]:
        names = readers_of(request).names(source)
        newest = sorted(names.refs, key=lambda ref: ref.at.timestamp() if ref.at else 0.0, reverse=True)
        branches = [ref for ref in newest if ref.name.startswith("refs/heads/")]
        tags = newest_tags(request, source)
        former, more_former = former_states(request, source)
        code_readers = readers_of(request)
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


NOTE_CHARACTERS = 5000
OLDER = 200  # tags that are looked through for the version before
TAGS = "refs/tags/"
_SIGNATURES = ("-----BEGIN PGP SIGNATURE-----", "-----BEGIN SSH SIGNATURE-----", "-----BEGIN SIGNED MESSAGE-----")


def newest_tags(request: Request, source: CodeSource) -> list[Ref]:
    """Return the tags of commits, newest first."""
    tags = [ref for ref in readers_of(request).names(source).refs if ref.name.startswith(TAGS) and ref.commit]
    return sorted(tags, key=lambda ref: (ref.at.timestamp() if ref.at else 0.0, ref.short), reverse=True)


def version_before(ref: Ref, older: Sequence[Ref]) -> Ref | None:
    """Return the version before a tag among `older` ones, newest first: the next lower one of the same package, and no
    trial before a version that is none. Where its name has no numbers it is the one made before.
    """
    own = version(ref.short)
    if own is None:
        return older[0] if older else None
    best: tuple[Version, Ref] | None = None
    for other in older[:OLDER]:
        earlier_version = version(other.short)
        if earlier_version is None or earlier_version.package != own.package or earlier_version.order >= own.order:
            continue
        if (own.is_trial or not earlier_version.is_trial) and (best is None or earlier_version.order > best[0].order):
            best = earlier_version, other
    return best[1] if best else None


def notes_of(objects: read.ObjectReader, ref: Ref) -> tuple[str, bool]:
    """Return what a tag says without its signature, and whether it says more; "" for a tag that says nothing."""
    if ref.kind != "tag":
        return "", False
    tag_object = objects.object(ref.oid)
    if tag_object.data is None:
        return "", True
    text = tag_object.data.partition(b"\n\n")[2].decode("utf-8", "replace").replace("\r\n", "\n")
    for mark in _SIGNATURES:
        text = text.partition(mark)[0]
    text = text.strip()
    if text == ref.short:
        return "", False
    return visible_text(text[:NOTE_CHARACTERS], "\n\t"), len(text) > NOTE_CHARACTERS


def described_versions(request: Request, source: CodeSource, tags: Sequence[Ref], most: int) -> list[dict[str, Any]]:
    """Return the first `most` of these tags, newest first, each with its notes and what can be done with it."""
    with open_objects(request, source) as objects:
        return [
            _in_words(request, source, objects, ref, version_before(ref, tags[index + 1 :]))
            for index, ref in enumerate(tags[:most])
        ]


def _in_words(
    request: Request, source: CodeSource, objects: read.ObjectReader, ref: Ref, previous: Ref | None
) -> dict[str, Any]:
    notes, more = notes_of(objects, ref)
    # A branch of the same name would be meant instead.
    is_named = readers_of(request).names(source).by_name.get(ref.short) == ref
    place = ref.short.encode("utf-8", "surrogateescape") if is_named else ref.commit.encode()
    return {
        "name": visible_text(ref.short),
        "anchor": f"v{ref.oid}",
        "at": ref.at,
        "notes": notes,
        "more": more,
        "tree": address_of(source.slug, "tree", ref.commit),
        "cite": address_of(source.slug, "cite", path=place),
        "archive": f"/projects/{source.slug}/archive/{quote(place, safe='/')}",
        "since": address_of(source.slug, "compare", path=f"{previous.commit}...{ref.commit}".encode())
        if previous
        else "",
        "previous": visible_text(previous.short) if previous else "",
    }


VISITS = 200  # that are looked through; idle ones leave no record
STATES = 100
_LOST = ("rewritten", "deleted")


@dataclass(frozen=True)
class FormerState:
    """A branch or version that is not what it was. `address` leads to its former history, "" where that is not free or
    no history; `erased`: it was removed from our copy.
    """

    name: str
    kind: str  # rewritten, deleted
    at: datetime
    address: str
    erased: bool = False


def former_states(request: Request, source: CodeSource) -> tuple[list[FormerState], bool]:
    """Return the former states, newest first, and whether there may be more."""
    visits = request.app.state.store.mirrors.visits(source.found.id, VISITS)
    lost = [(visit.started_at, change) for visit in visits for change in visit.changes if change.get("kind") in _LOST]
    states = []
    with open_objects(request, source) as objects:
        for at, change in lost[:STATES]:
            name = visible_text(str(change["ref"]).split("/", 2)[-1])
            address = _address(objects, source, str(change["old"]))
            gone = not address and _is_gone(request, source, str(change["old"]))
            states.append(FormerState(name, str(change["kind"]), at, address, gone))
    return states, len(lost) > STATES or len(visits) == VISITS


def _is_gone(request: Request, source: CodeSource, oid: str) -> bool:
    """Whether our mirror itself, and not only what of it is free, has no such object."""
    code_readers = readers_of(request)
    try:
        with code_readers.pool.objects(code_readers.mirrors / f"{source.found.id}.git") as objects:
            objects.info(oid)
    except read.ObjectMissing:
        return True
    return False


def _address(objects: read.ObjectReader, source: CodeSource, oid: str) -> str:
    try:
        return address_of(source.slug, "log", read.commit(objects, oid).oid)
    except (read.ObjectMissing, read.TooLarge):
        return ""
