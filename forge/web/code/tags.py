"""The tags of a project's repository that are versions, and their messages."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from starlette.requests import Request

from catalog.rules.version import Version, version
from forge.git import read
from forge.git.read import Ref
from forge.web.code.access import CodeSource, address_of, visible_text
from forge.web.code.code_page import names_of, open_objects

NOTE_CHARACTERS = 5000
OLDER = 200  # tags that are looked through for the version before
TAGS = "refs/tags/"
_SIGNATURES = ("-----BEGIN PGP SIGNATURE-----", "-----BEGIN SSH SIGNATURE-----", "-----BEGIN SIGNED MESSAGE-----")


def newest_tags(request: Request, source: CodeSource) -> list[Ref]:
    """Return the tags of commits, newest first."""
    tags = [ref for ref in names_of(request, source).refs if ref.name.startswith(TAGS) and ref.commit]
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
    is_named = names_of(request, source).by_name.get(ref.short) == ref
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
