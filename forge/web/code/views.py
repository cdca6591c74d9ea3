"""The pages of a mirror's code: top, directories, files, history, commits, refs. Plain and bounded; git is run by
`forge.git`.

Pages link by full id with the name in words, so that what a reader copies stays true. Each has an `ETag` of the ids
it shows, and is drawn only for a reader who has another. All are kept out of search engines: they show people's
names.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from forge.git import free_part, read
from forge.i18n import languages
from forge.web.code import large_trees
from forge.web.code.access import (
    LAYOUT,
    PATH_BYTES_KEY,
    CodePlace,
    CodeReaders,
    CodeSource,
    address_of,
    place_of,
    visible_text,
)
from forge.web.code.content import ROWS, file_content, numbered_lines, readme_content, tree_rows
from forge.web.code.diff import compare_trees
from forge.web.code.unavailable import answer_from_code
from forge.web.core.render import (
    CACHE,
    OWN_CACHE,
    Site,
    manifest_of,
    offered_languages,
    page,
    tongue_of,
)
from forge.web.core.session import person_of

COMMITS = 50
PAGES_BACK = 200
MESSAGE_CHARACTERS = 20_000
SUBJECT_CHARACTERS, PERSON_CHARACTERS = 200, 100
PARENTS = 100  # of a commit; the most in Linux are 66


def overview(request: Request) -> Response:
    return answer_from_code(request, partial(_overview, request), closed=200)


def tree(request: Request) -> Response:
    return answer_from_code(request, partial(_tree, request))


def blob(request: Request) -> Response:
    return answer_from_code(request, partial(_blob, request))


def log(request: Request) -> Response:
    return answer_from_code(request, partial(_log, request))


def commit(request: Request) -> Response:
    return answer_from_code(request, partial(_commit, request))


def refs(request: Request) -> Response:
    return answer_from_code(request, partial(_refs, request))


def unprefixed(request: Request) -> Response:
    """Redirect to the page in the reader's language, with the very bytes of the address."""
    tag = languages.choose_language(request.headers.get("accept-language", ""), offered_languages(request))
    query = f"?{request.url.query}" if request.url.query else ""
    headers = {"Vary": "Accept-Language", "Cache-Control": "private, max-age=0"}
    return RedirectResponse(f"/{tag}{_own_address(request)}{query}", 302, headers=headers)


def _overview(request: Request, source: CodeSource) -> Response:
    head = source.mirror.head or ""

    def context() -> dict[str, Any]:
        with _open_objects(request, source) as objects:
            last = read.commit(objects, head)
            entries = large_trees.entries(request, objects, last.tree)
            shown = readme_content(request, source, objects, entries)
        return {
            "last": _commit_line(source.slug, last),
            "branch": visible_text(source.mirror.branch or ""),
            "rows": tree_rows(source.slug, head, b"", entries),
            "left_out": max(0, len(entries) - ROWS),
            "readme": shown,
            "history": address_of(source.slug, "log", head),
        }

    return _page(request, source, "code/overview.html", (head,), context)


def _tree(request: Request, source: CodeSource) -> Response:
    place = place_of(request, source)
    with _open_objects(request, source) as objects:
        entry = large_trees.find(request, objects, place.oid, place.path)
    if entry.kind != "tree":
        return _redirect(request, address_of(source.slug, "blob", place.oid, place.path))

    def context() -> dict[str, Any]:
        with _open_objects(request, source) as objects:
            entries = large_trees.entries(request, objects, entry.oid)
        return {
            "where": _place_in_words(request, source, place),
            "rows": tree_rows(source.slug, place.oid, place.path, entries),
            "left_out": max(0, len(entries) - ROWS),
            "history": address_of(source.slug, "log", place.oid, place.path),
        }

    return _page(request, source, "code/tree.html", (place.oid, place.path, entry.oid), context)


def _blob(request: Request, source: CodeSource) -> Response:
    place = place_of(request, source)
    with _open_objects(request, source) as objects:
        entry = large_trees.find(request, objects, place.oid, place.path)
    if entry.kind == "tree":
        return _redirect(request, address_of(source.slug, "tree", place.oid, place.path))

    def context() -> dict[str, Any]:
        kind, text, size_bytes = entry.kind, "", None
        if entry.kind != "commit":
            with _open_objects(request, source) as objects:
                kind, text, size_bytes = file_content(objects, entry)
        raw = f"/projects/{source.slug}/raw/{place.oid}/{quote(place.path, safe='/')}"
        return {
            "where": _place_in_words(request, source, place),
            "kind": kind,  # text, binary, picture, large, link, commit
            "text": numbered_lines(text, raw, tongue_of(request).gettext("The file as it is"))
            if kind == "text"
            else text,
            "lines": text.count("\n") + 1 if kind == "text" else 0,
            "size_bytes": size_bytes,
            "target": entry.oid,
            "raw": raw if entry.kind == "blob" else "",
            "history": address_of(source.slug, "log", place.oid, place.path),
        }

    return _page(request, source, "code/blob.html", (place.oid, place.path, entry.oid), context)


def _log(request: Request, source: CodeSource) -> Response:
    place = place_of(request, source)
    written = request.query_params.get("page", "1")
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 5 else 0
    if not 1 <= number <= PAGES_BACK:
        raise read.ObjectMissing(place.oid)
    with _open_objects(request, source) as objects:
        large_trees.find(request, objects, place.oid, place.path)

    def context() -> dict[str, Any]:
        skip = (number - 1) * COMMITS
        commits = read.log(source.folder, place.oid, _pool(request), path=place.path, maximum=COMMITS + 1, skip=skip)
        address = address_of(source.slug, "log", place.oid, place.path)
        older = len(commits) > COMMITS and number < PAGES_BACK
        return {
            "where": _place_in_words(request, source, place),
            "commits": [_commit_line(source.slug, entry) for entry in commits[:COMMITS]],
            "older": f"{address}?page={number + 1}" if older else "",
            "newer": f"{address}?page={number - 1}" if number > 1 else "",
        }

    return _page(request, source, "code/log.html", (place.oid, place.path, str(number)), context)


def _commit(request: Request, source: CodeSource) -> Response:
    oid = request.path_params["id"]
    if not read.is_oid(oid):
        raise read.ObjectMissing(oid)

    def context() -> dict[str, Any]:
        with _open_objects(request, source) as objects:
            shown = read.commit(objects, oid)
            before = read.commit(objects, shown.parents[0]).tree if len(shown.parents) == 1 else ""
            changed = compare_trees(objects, before, shown.tree) if len(shown.parents) <= 1 else None
        message = shown.message.strip()
        holder = {"added": oid, "changed": oid, "removed": shown.parents[0] if shown.parents else oid}
        files = [
            (file.kind, visible_text(file.path), address_of(source.slug, "blob", holder[file.kind], file.path))
            for file in (changed.files if changed else ())
        ]
        return {
            "oid": shown.oid,
            "at": shown.committed_at,
            "subject": _short(shown.subject, SUBJECT_CHARACTERS),
            "message": visible_text(message[:MESSAGE_CHARACTERS], LAYOUT),
            "author": _short(shown.author, PERSON_CHARACTERS),
            "named": visible_text(_names_of(request, source).on(oid)),
            "parents": [(parent, address_of(source.slug, "commit", parent)) for parent in shown.parents[:PARENTS]],
            "cut": shown.cut or len(message) > MESSAGE_CHARACTERS or len(shown.parents) > PARENTS,
            "files": files,
            "more": changed is not None and changed.more,
            "skipped": changed is not None and changed.skipped,
            "tree": address_of(source.slug, "tree", oid),
            "history": address_of(source.slug, "log", oid),
        }

    return _page(request, source, "code/commit.html", (oid,), context)


def _refs(request: Request, source: CodeSource) -> Response:
    def context() -> dict[str, Any]:
        names = _names_of(request, source)
        groups = []
        for prefix in ("refs/heads/", "refs/tags/"):
            listed = [ref for ref in names.refs if ref.name.startswith(prefix)]
            listed.sort(key=lambda ref: ref.at.timestamp() if ref.at else 0.0, reverse=True)
            shown = [
                (visible_text(ref.short), address_of(source.slug, "tree", ref.commit) if ref.commit else "", ref.at)
                for ref in listed[:ROWS]
            ]
            groups.append((shown, len(listed) - len(shown)))
        withheld, more = free_part.withheld_refs(shelf.mirrors / f"{source.found.id}.git")
        listed = [(visible_text(name.split("/", 2)[2]), why) for name, why in list(withheld.items())[:ROWS]]
        return {
            "branches": groups[0],
            "tags": groups[1],
            "default": visible_text(source.mirror.branch or ""),
            "withheld": listed,
            "withheld_more": more + len(withheld) - len(listed),
        }

    shelf: CodeReaders = request.app.state.shelf
    return _page(request, source, "code/refs.html", (source.mirror.digest or "",), context)


def _page(
    request: Request, source: CodeSource, name: str, shows: Sequence[str | bytes], context: Callable[[], dict[str, Any]]
) -> Response:
    """Draw the page, or answer 304 without reading the mirror when the reader has what `shows` names.

    Besides those ids a page shows the project's record, the site's name and our own texts: they are in the tag too.
    """
    site: Site = request.app.state.site
    shelf: CodeReaders = request.app.state.shelf
    tongue, base = tongue_of(request), site.base_url or str(request.base_url).rstrip("/")
    tail, change, manifest = _own_address(request), str(source.found.change), repr(manifest_of(request))
    cache = OWN_CACHE if person_of(request) else CACHE
    parts = [name, tongue.tag, base, tail, shelf.edition, change, manifest, cache, source.state, repr(shows)]
    tag = f'W/"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:24]}"'
    headers = {"Cache-Control": cache, "ETag": tag, "Content-Language": tongue.tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    answer = page(
        request,
        name,
        project=source.found.record,
        mirror=source.mirror,
        later=source.later,
        code=f"/projects/{source.slug}/code",
        clone=f"{base}/git/{source.slug}.git",
        tail=tail,
        canonical=f"/{tongue.tag}{tail}",
        languages=[
            (languages.tongue(tag_offered), f"/{tag_offered}{tail}") for tag_offered in offered_languages(request)
        ],
        noindex=True,
        **context(),
    )
    answer.headers["ETag"] = tag
    return answer


def _own_address(request: Request) -> str:
    """Return the address of the request below its language, its bytes kept."""
    head, rest = request.scope["raw_path"], request.scope.get(PATH_BYTES_KEY)
    path = quote(head, safe="/%:@+~,") if rest is None else f"{quote(head, safe='/%')}{quote(rest, safe='/')}"
    spoken = getattr(request.state, "tongue", None)
    prefix = f"/{spoken.tag}/" if spoken else "/"
    return f"/{path.removeprefix(prefix)}" if path.startswith(prefix) else path


def _redirect(request: Request, address: str) -> Response:
    return RedirectResponse(f"/{tongue_of(request).tag}{address}", 302)


def _open_objects(request: Request, source: CodeSource) -> Any:
    return _pool(request).objects(source.folder)


def _pool(request: Request) -> read.ReaderPool:
    shelf: CodeReaders = request.app.state.shelf
    return shelf.pool


def _names_of(request: Request, source: CodeSource) -> Any:
    return request.app.state.shelf.names(source)


def _place_in_words(request: Request, source: CodeSource, place: CodePlace) -> dict[str, Any]:
    """Return the place in words: its commit, the name it has, and each folder above with its address."""
    parts = [part for part in place.path.split(b"/") if part]
    above = [
        (visible_text(part), address_of(source.slug, "tree", place.oid, b"/".join(parts[: index + 1])))
        for index, part in enumerate(parts[:-1])
    ]
    name = place.name or _names_of(request, source).on(place.oid)
    return {
        "oid": place.oid,
        "name": visible_text(name),
        "path": visible_text(place.path),
        "last": visible_text(parts[-1]) if parts else "",
        "above": above,
        "top": address_of(source.slug, "tree", place.oid),
        "commit": address_of(source.slug, "commit", place.oid),
    }


def _commit_line(slug: str, commit_read: read.Commit) -> dict[str, Any]:
    return {
        "subject": _short(commit_read.subject, SUBJECT_CHARACTERS) or (commit_read.oid[:10] if commit_read.cut else ""),
        "author": _short(commit_read.author, PERSON_CHARACTERS),
        "at": commit_read.committed_at,
        "address": address_of(slug, "commit", commit_read.oid),
    }


def _short(text: str, most: int) -> str:
    """The beginning of a stranger's text: it is cut first, since cleaning it makes up to nine characters of one."""
    return visible_text(text[:most]) + ("…" if len(text) > most else "")
