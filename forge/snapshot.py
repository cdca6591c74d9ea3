"""From a mirror's head to what is told of it: reads the files worth reading, observes, renders the READMEs.

It runs in a child process that ends with it: license texts take up to 100 MB of memory that a service at rest should
not hold. It writes nothing; `refresh` keeps what comes back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from forge.git import read
from forge.git.history import history
from forge.observe.activity import Commit, Tag
from forge.observe.files import MAX_FILE_BYTES, wanted
from forge.observe.observation import Observation, Snapshot, observe
from forge.observe.readme import Readme
from forge.render import run
from forge.render.kept import name
from forge.render.links import LinkBase

SEARCHED_CHARACTERS = 20_000  # of a README; the rest says more of how to build than of what it is for
READMES = 3
TOP_HEADING = 3  # the code page has h1 for the project and h2 for the file


@dataclass(frozen=True)
class Rendered:
    """One text to be kept: HTML, or plain text for search; None where it could not be rendered."""

    oid: str
    renderer: str
    html: str | None


@dataclass(frozen=True)
class Told:
    """What a mirror's head tells: JSON-safe `observation`, and texts to keep."""

    commit: str
    observation: dict[str, Any]
    free: bool | None
    last_commit_at: datetime | None
    texts: tuple[Rendered, ...]


def tell(mirror: Path, slug: str, languages: tuple[str, ...], now: datetime) -> Told | None:
    """Read the head of a mirror; None when it has none. Raises what `forge.git.read` raises for a damaged mirror."""
    head = read.head(mirror)
    if head is None:
        return None
    pool = read.Pool(1)
    try:
        with pool.objects(mirror) as objects:
            committed_at = read.commit(objects, head.oid).committed_at
            files, oids = _files(objects, head.oid)
    finally:
        pool.close()
    snapshot = Snapshot(
        head=head.oid,
        default_branch=head.name.removeprefix("refs/heads/"),
        committed_at=committed_at or now,
        files=files,
        oids=oids,
        commits=_commits(mirror, head.oid),
        tags=tuple(Tag(ref.short, ref.commit, ref.at) for ref in read.tags(mirror) if ref.commit),
        size_bytes=read.disk_bytes(mirror),
    )
    seen = observe(snapshot, now)
    return Told(
        commit=head.oid,
        observation=seen.as_dict(),
        free=seen.free,
        last_commit_at=seen.activity.last_commit_at,
        texts=tuple(_texts(seen, files, slug, languages)),
    )


def _files(objects: read.Objects, oid: str) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files worth reading at the top and in LICENSES/, and the ids of all that are shown there."""
    rows = {entry.name.decode("utf-8", "surrogateescape"): entry for entry in read.entries(objects, oid)}
    folder = rows.get("LICENSES")
    if folder is not None and folder.kind == "tree":
        for entry in read.entries(objects, folder.oid, 200):
            rows["LICENSES/" + entry.name.decode("utf-8", "surrogateescape")] = entry
    blobs = {path: entry.oid for path, entry in rows.items() if entry.kind == "blob" and path.isprintable()}
    files = {}
    for path in wanted(blobs):
        data = read.blob(objects, blobs[path], MAX_FILE_BYTES)
        if data is not None:
            files[path] = data
    return files, {path: blobs[path] for path in files}


def _commits(mirror: Path, oid: str) -> Iterator[Commit]:
    for step in history(mirror, oid):
        yield Commit(step.oid, step.committed_at, step.author)


def _texts(seen: Observation, files: dict[str, bytes], slug: str, languages: tuple[str, ...]) -> Iterator[Rendered]:
    chosen = _chosen(seen.readmes, languages)
    if chosen:
        first = chosen[0]
        yield Rendered(seen.oids[first.path], "text", _searched(files[first.path]))
    base = LinkBase(slug=slug, commit=seen.head)
    for one in chosen:
        if one.format == "plain":
            continue
        options = {"slug": slug, "commit": seen.head, "folder": "", "top": TOP_HEADING}
        yield Rendered(seen.oids[one.path], name(base), run(one.format, files[one.path], options))


def _chosen(readmes: tuple[Readme, ...], languages: tuple[str, ...]) -> list[Readme]:
    """The README without a language, or the first, then those in the catalogue's languages."""
    own = [one for one in readmes if one.language and one.language.split("-")[0] in languages]
    return list(dict.fromkeys([*readmes[:1], *own]))[:READMES]


def _searched(data: bytes) -> str:
    text = data[: SEARCHED_CHARACTERS * 4].decode("utf-8", "replace")
    return text.replace("\0", "")[:SEARCHED_CHARACTERS]
