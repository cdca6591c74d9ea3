"""The page on how to cite a state of the code: its identifiers of Software Heritage, and a citation to copy."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from forge.git import read
from forge.git.browse.swhid import identifier, qualified
from forge.web.code import large_trees
from forge.web.code.access import CodePlace, CodeSource, RefNames, address_of, place_of, readers_of, visible_text
from forge.web.code.code_page import code_page, open_objects, place_in_words
from forge.web.code.unavailable import from_code
from forge.web.core.render import base_url, page_language_of

OWN_FILE = b"CITATION.cff"  # in which its authors say how they want to be cited
_BIBTEX = str.maketrans({sign: f"\\{sign}" for sign in "&%$#_"} | {"{": "", "}": "", "\\": "", "~": " ", "^": " "})
_AUTHORS = "Contributors of {}"  # in what programs read, whose readers may speak any language
_VIEW = "https://archive.softwareheritage.org/"


@dataclass(frozen=True)
class Citation:
    """What a citation states."""

    name: str
    authors: str  # no person: the contributors together, in the reader's language
    version: str
    at: datetime | None
    repository: str
    address: str  # of the page of this state, here
    commit: str
    swhid: str


@from_code()
def cite(request: Request, source: CodeSource) -> Response:
    """Answer with the identifiers of a file, folder or state, and with how to cite the state."""
    place = place_of(request, source)
    with open_objects(request, source) as objects:
        entry = large_trees.find(request, objects, place.oid, place.path)
        if entry.kind not in ("tree", "blob", "link") or objects.info(place.oid).kind != "commit":
            raise read.ObjectMissing(place.oid)
        top = large_trees.entries(request, objects, place.oid)
        commit = read.commit(objects, place.oid)
    names = readers_of(request).names(source)

    def context() -> dict[str, Any]:
        version = place.name or names.on(place.oid)
        cited = _cited(request, source, commit, version)
        own = any(row.name == OWN_FILE and row.kind == "blob" for row in top)
        return {
            "where": place_in_words(request, source, place),
            "identifiers": _identifiers(source, names, place, commit, entry),
            "view": _VIEW,
            "as_text": text_citation(cited),
            "as_bibtex": bibtex(cited, source.slug),
            "own": address_of(source.slug, "blob", place.oid, OWN_FILE) if own else "",
        }

    return code_page(request, source, "code/cite.html", (place.oid, place.path, entry.oid), context)


def _identifiers(
    source: CodeSource, names: RefNames, place: CodePlace, commit: read.Commit, entry: read.TreeEntry
) -> list[tuple[str, str, str]]:
    """The identifiers with what each is of ("content", "directory", "revision", "release"): the bare one,
    and the one that tells where it was found.
    """
    revision = identifier("commit", commit.oid)
    if not revision:
        return []
    origin = source.mirror.canonical_url or source.mirror.repository
    identifiers = []
    if place.path:
        kind = "tree" if entry.kind == "tree" else "blob"
        core = identifier(kind, entry.oid)
        path = b"/" + place.path.strip(b"/")
        where = (("origin", origin), ("anchor", revision), ("path", path))
        identifiers.append(("directory" if kind == "tree" else "content", core, qualified(core, where)))
    else:
        core = identifier("tree", commit.tree)
        identifiers.append(("directory", core, qualified(core, (("origin", origin), ("anchor", revision)))))
    within = (("origin", origin),)
    identifiers.append(("revision", revision, qualified(revision, within)))
    tag = names.by_name.get(place.name)
    if tag is not None and tag.kind == "tag" and tag.commit == commit.oid:
        core = identifier("tag", tag.oid)
        identifiers.append(("release", core, qualified(core, within)))
    return identifiers


def _cited(request: Request, source: CodeSource, commit: read.Commit, version: str) -> Citation:
    page_language, base = page_language_of(request), base_url(request)
    name = visible_text(source.found.record.name)
    return Citation(
        name=name,
        authors=visible_text(page_language.gettext("Contributors of %(name)s") % {"name": name}),
        version=visible_text(version) or commit.oid[:10],
        at=commit.committed_at,
        repository=visible_text(source.mirror.canonical_url or source.mirror.repository),
        address=f"{base}{address_of(source.slug, 'tree', commit.oid)}",
        commit=commit.oid,
        swhid=identifier("commit", commit.oid),
    )


def text_citation(cited: Citation) -> str:
    """Return a citation as a sentence of a list of references has it."""
    year = f" ({cited.at.year})" if cited.at else ""
    parts = [f"{cited.authors}{year}. {cited.name}, {cited.version}.", cited.repository, cited.swhid or cited.commit]
    return " ".join(part for part in parts if part)


def bibtex(cited: Citation, slug: str) -> str:
    """Return a citation for BibTeX, as biblatex-software has it.

    https://ctan.org/pkg/biblatex-software
    """
    key = re.sub(r"[^A-Za-z0-9.-]+", "-", f"{slug}-{cited.version}").strip("-")
    fields = {
        "title": cited.name,
        "author": f"{{{_AUTHORS.format(cited.name).translate(_BIBTEX)}}}",
        "version": cited.version,
        "date": cited.at.date().isoformat() if cited.at else "",
        "year": str(cited.at.year) if cited.at else "",
        "repository": cited.repository,
        "url": cited.address,
        "swhid": cited.swhid,
    }
    verbatim = ("author", "repository", "url", "swhid")
    rows = [
        f"  {name} = {{{value if name in verbatim else value.translate(_BIBTEX)}}},"
        for name, value in fields.items()
        if value
    ]
    return "\n".join([f"@softwareversion{{{key},", *rows, "}"])
