"""The tags that are versions of a project, and what they say."""

from starlette.requests import Request

from forge.git import read
from forge.git.read import Ref
from forge.web.code.access import CodeSource, visible_text
from forge.web.code.code_page import names_of

NOTE_CHARACTERS = 5000
TAGS = "refs/tags/"
_SIGNATURES = ("-----BEGIN PGP SIGNATURE-----", "-----BEGIN SSH SIGNATURE-----", "-----BEGIN SIGNED MESSAGE-----")


def newest_tags(request: Request, source: CodeSource) -> list[Ref]:
    """Return the tags of commits, newest first."""
    tags = [ref for ref in names_of(request, source).refs if ref.name.startswith(TAGS) and ref.commit]
    return sorted(tags, key=lambda ref: (ref.at.timestamp() if ref.at else 0.0, ref.short), reverse=True)


def notes_of(objects: read.ObjectReader, ref: Ref) -> tuple[str, bool]:
    """Return what a tag says without its signature, and whether it says more; "" for a tag that says nothing."""
    if ref.kind != "tag":
        return "", False
    found = objects.object(ref.oid)
    if found.data is None:
        return "", True
    text = found.data.partition(b"\n\n")[2].decode("utf-8", "replace").replace("\r\n", "\n")
    for mark in _SIGNATURES:
        text = text.partition(mark)[0]
    text = text.strip()
    return visible_text(text[:NOTE_CHARACTERS], "\n\t"), len(text) > NOTE_CHARACTERS
