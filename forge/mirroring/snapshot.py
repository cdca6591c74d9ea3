"""Reads a mirror's head: lists its files, runs the observers on them, renders READMEs and pictures.

It runs in a child process that ends afterwards: license texts take up to 100 MB of memory that an idle service should
not hold. It writes nothing; `forge.mirroring.visit` keeps the result.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from catalog.rules.fact import Statement
from catalog.rules.record_values.screenshot import NamedPictures, StoredPicture
from forge.git import read
from forge.git.history import read_history
from forge.git.listing import list_files
from forge.git.refs import printable_name
from forge.mirroring.cpu_limit import CpuBudget
from forge.mirroring.license_history import last_free, license_history
from forge.mirroring.screenshots import MEMORY as PICTURES
from forge.mirroring.screenshots import PictureReading
from forge.observe.core.activity import Tag
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.readme import Readme
from forge.observe.core.tree import File, Tree
from forge.observe.core.visit_state import bounded
from forge.observe.license_history import LicenseHistory
from forge.observe.observation import Observation, ObserverFailure, Snapshot, observe_snapshot, run_limited
from forge.render import render
from forge.render.document_cache import ANY_COMMIT, document_name
from forge.render.links import LinkBase
from forge.render.text_encoding import decoded

OBSERVER_SECONDS, ALL_SECONDS = 15.0, 90.0  # of the processor; `observer_process` ends the child after 180 by the clock
# Their states in the memory, beside what observers remember; of READMEs what was rendered, which the store has.
LICENSES, READMES_RENDERED = "license history", "readmes rendered"
SEARCHED_CHARACTERS = 20_000  # of a README; the rest says more of how to build than of what it is for
READMES = 3
TOP_HEADING = 3  # the code page has h1 for the project and h2 for the file


@dataclass(frozen=True)
class RenderedText:
    """One text to be kept: HTML, or plain text for search; None where it could not be rendered."""

    oid: str
    renderer: str
    html: str | None


@dataclass(frozen=True)
class MirrorReading:
    """What was read from a mirror's head: JSON-safe `observation`, facts, and `memory` for the next time.

    `texts` and `pictures` are to be kept; what the last reading made already of the very same file is not among them.
    `free_commit` is the last commit known to be free. `faults` are observers that failed: a defect of ours, to be
    logged.
    """

    commit: str
    observation: dict[str, Any]
    facts: tuple[Statement, ...]
    free: bool | None
    free_commit: str | None
    last_commit_at: datetime | None
    texts: tuple[RenderedText, ...]
    pictures: tuple[StoredPicture, ...]
    memory: dict[str, Any]
    faults: tuple[ObserverFailure, ...]

    @property
    def pictured(self) -> frozenset[str]:
        """The ids of all files that show the project's screens or its logo, or were tried."""
        logo = self.observation["logo"]
        return frozenset(
            row["oid"] for row in (*self.observation["pictures"], *([logo] if logo else ())) if "oid" in row
        )


def read_mirror(
    mirror: Path,
    slug: str,
    languages: tuple[str, ...],
    now: datetime,
    memory: Mapping[str, Any] | None = None,
    repositories: tuple[str, ...] = (),
    pictures: NamedPictures = NamedPictures(),  # noqa: B008 - it cannot change
) -> MirrorReading | None:
    """Read the head of a mirror; None when it has none.

    `memory` is that of the last reading, `repositories` are the addresses of the origin, `pictures` are files
    that people name. Raises what `forge.git.read` raises for a damaged mirror.
    """
    head = read.head(mirror)
    if head is None:
        return None
    memory = memory or {}
    pool = read.ReaderPool(1)
    line = read.newest_line(mirror, head)
    history = read_history(mirror, line.oid, now)
    try:
        files = MirrorFiles(mirror, pool)
        licenses = _LicenseHistoryObserver(mirror, head.oid, pool, memory.get(LICENSES))
        limited = CpuBudget(OBSERVER_SECONDS, ALL_SECONDS)
        snapshot = Snapshot(
            head=head.oid,
            default_branch=printable_name(head.name.removeprefix("refs/heads/")),
            committed_at=files.committed_at(head.oid) or now,
            tree=files.tree(head.oid, memory),
            past=history,
            line=printable_name(line.name.removeprefix("refs/heads/")),
            tags=tuple(Tag(printable_name(ref.short), ref.commit, ref.at) for ref in read.tags(mirror) if ref.commit),
            size_bytes=read.disk_bytes(mirror),
            repositories=repositories,
        )
        observation = observe_snapshot(snapshot, now, limited, {"license_history": licenses.facts})
        pages = _Readmes(observation, slug, languages, memory.get(READMES_RENDERED) or ())
        lost, texts = files.lost, tuple(pages.texts())
        free_commit, free_commit_fault = run_limited(
            "free_commit", lambda: licenses.free_commit(observation.free, lambda oid: files.tree(oid, memory)), limited
        )
        readme = observation.readmes[0].path if observation.readmes else None
        drawn = PictureReading(
            observation.snapshot.tree,
            pictures.followed_by(_stated_pictures(observation)),
            readme,
            observation.free,
            memory.get(PICTURES),
            repositories,
        )
        files.check()
    finally:
        pool.close()
    if free_commit_fault is not None:
        observation = replace(observation, faults=(*observation.faults, free_commit_fault))
    states = {LICENSES: licenses.state(), READMES_RENDERED: pages.rendered}
    states[PICTURES] = drawn.memory
    states_left, dropped = bounded({**observation.snapshot.tree.remembered, **states})
    return MirrorReading(
        commit=head.oid,
        observation=observation.record()
        | {"pictures": drawn.rows, "logo": drawn.logo, "forgotten": dropped, "lost": lost},
        facts=tuple(Statement(fact.field, fact.value, observation.source(fact.path)) for fact in observation.facts),
        free=observation.free,
        free_commit=free_commit,
        last_commit_at=history.last_at,
        texts=texts,
        pictures=tuple(drawn.made),
        memory=states_left,
        faults=observation.faults,
    )


class MirrorFiles:
    """Contents from a mirror, for a tree that does not depend on git.

    Observers continue without what cannot be read; `check` raises where the mirror is damaged.
    """

    def __init__(self, mirror: Path, pool: read.ReaderPool):
        self._mirror, self._pool = mirror, pool
        self.lost = 0  # files of the tree that was listed last
        self._fault: read.ObjectMissing | read.MirrorUnreadable | None = None

    def committed_at(self, oid: str) -> datetime | None:
        with self._pool.objects(self._mirror) as objects:
            return read.commit(objects, oid).committed_at

    def tree(self, oid: str, memory: Mapping[str, Any] | None) -> Tree:
        # The whole tree each time: 10,000 files take 50 ms (November 2026), and facts of a whole tree do not follow
        # from a difference alone. Contents are read only where they are new (`memory`).
        listed = list_files(self._mirror, oid)
        self.lost = listed.lost
        return Tree(
            {file.path: File(file.oid, file.size_bytes) for file in listed.files}, self._read, memory, listed.whole
        )

    def check(self) -> None:
        """Raise what reading raised, if it did."""
        if self._fault is not None:
            raise self._fault

    def _read(self, oid: str, max_bytes: int) -> bytes | None:
        try:
            with self._pool.objects(self._mirror) as objects:
                return read.blob(objects, oid, max_bytes)
        except (read.ObjectMissing, read.MirrorUnreadable) as fault:
            self._fault = fault
            return None


class _LicenseHistoryObserver:
    """The license history, as an observer."""

    def __init__(self, mirror: Path, head: str, pool: read.ReaderPool, before: Mapping[str, Any] | None):
        self._mirror, self._head, self._pool, self._before = mirror, head, pool, before
        self._found: LicenseHistory | None = None

    def facts(self) -> list[ObservedFact]:
        """Raises what reading raises: where git took too long, the history is not told."""
        with self._pool.objects(self._mirror) as objects:
            self._found = license_history(self._mirror, self._head, self._before, objects=objects)
        return (
            [ObservedFact("license.history", [dict(entry) for entry in self._found.entries])]
            if self._found.entries
            else []
        )

    def state(self) -> Mapping[str, Any]:
        return self._found.as_dict() if self._found else self._before or {}

    def free_commit(self, free: bool | None, tree: Callable[[str], Tree]) -> str | None:
        """The last commit known to be free, None where that is not known; `tree` returns all files of a commit.

        The history reads license files of the top alone. Where the whole tree raises a doubt, at the head or at the
        commit that the history names, what was known from an earlier reading stays.
        """
        if free or self._found is None:
            return self._head if free else None
        self._found, last = last_free(self._found, free, tree)
        return last


class _Readmes:
    """The READMEs as texts to keep. `before` names those that were rendered already, `rendered` those that are now."""

    def __init__(self, observation: Observation, slug: str, languages: tuple[str, ...], before: Iterable[str]):
        self._tree, self._chosen = observation.snapshot.tree, _choose_readmes(observation.readmes, languages)
        self._slug, self._before = slug, frozenset(before)
        self.rendered: list[str] = []

    def texts(self) -> Iterator[RenderedText]:
        chosen = [(readme, data) for readme in self._chosen if (data := self._tree.read(readme.path)) is not None]
        if chosen:
            first, data = chosen[0]
            yield RenderedText(self._tree.files[first.path].oid, "text", _search_text(data))
        renderer = document_name(LinkBase(slug=self._slug, commit=ANY_COMMIT))
        options = {"slug": self._slug, "commit": ANY_COMMIT, "folder": "", "top": TOP_HEADING}
        for readme, data in chosen:
            if readme.format == "plain":
                continue
            oid = self._tree.files[readme.path].oid
            key, html = f"{oid} {renderer}", None
            if key not in self._before:
                html = render(readme.format, data, options)
                yield RenderedText(oid, renderer, html)
            if html is not None or key in self._before:  # a failure is tried again: the machine may have been busy
                self.rendered.append(key)


def _stated_pictures(observation: Observation) -> NamedPictures:
    """The files that the repository's own metadata names for its screens and its logo."""
    lists = (fact.value for fact in observation.facts_of("screenshots") if isinstance(fact.value, list))
    return NamedPictures(
        tuple(str(path) for paths in lists for path in paths),
        tuple(str(fact.value) for fact in observation.facts_of("logo")),
    )


def _choose_readmes(readmes: tuple[Readme, ...], languages: tuple[str, ...]) -> list[Readme]:
    """The README without a language, or the first, then those in the catalogue's languages."""
    own = [readme for readme in readmes if readme.language and readme.language.split("-")[0] in languages]
    return list(dict.fromkeys([*readmes[:1], *own]))[:READMES]


def _search_text(data: bytes) -> str:
    text = decoded(data[: SEARCHED_CHARACTERS * 4]).text
    return text.replace("\0", "")[:SEARCHED_CHARACTERS]
