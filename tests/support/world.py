"""A small world for tests of pages: a store with a bit of everything, its index, and the site over both.

Cast: `galette` is mirrored and used, `asleep` has not changed for years, `ended` is over, `coopcycle` is not free,
`unknown` says nothing about itself, `blocked` was taken away; `coop-des-halles` confirms what it uses.
"""

import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID
from weakref import WeakKeyDictionary

import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.testclient import TestClient
from support.client import Client
from support.factories.core import NOW, a_declared_adoption, a_store, a_visit, identity, load
from support.factories.document import (
    a_collection,
    a_maintenance,
    a_manifest,
    a_project,
    an_adoption,
    an_organization,
)
from support.paths import ROOT

from catalog import document, model
from catalog.rules.fact import Statement
from catalog.search import Finder, IndexWriter
from catalog.store.store import Store
from forge.app import create_app
from forge.config.settings import Settings
from forge.server.index_follower import catch_up
from forge.web.core.page_cache import PageCache

OLD = "abcdef1234567890abcdef1234567890abcdef12"
HEAD = "1234567890abcdef1234567890abcdef12345678"
FIRST_READ = NOW - timedelta(days=60)
MANY = 60  # further organizations that use galette


def the_document(languages: tuple[str, ...] = ("en", "fr")) -> model.Document:
    galette = a_project(
        id=identity("galette"),
        former=("galette-old",),
        description={"fr": "Gère les **adhérents**."},
        easy_to_read={
            "fr": model.EasyText("Galette est un logiciel.\nIl aide une association.", "Nous Aussi", "2026-05"),
            "en": model.EasyText("Galette is a program.\nIt helps an association."),
        },
        features={"fr": ("Fiches", "Cotisations"), "en": ("Cards", "Fees")},
        homepage="https://galette.eu",
        demo="https://demo.galette.eu",
        domains=("member-management", "accounting"),
        made_for=("association", "volunteers-only"),
        languages=(model.ScreenLanguage("fr"), model.ScreenLanguage("ar", 60)),
        runs=model.Runs(hosted=("ana-maintains",), self_hosted="easy"),
        cost={"fr": "L’hébergement coûte 5 € par mois."},
        accessibility=model.Accessibility("WCAG 2.2 AA", "partial", "https://example.org/report", "2026"),
        maintenance=(a_maintenance(sources=("galette/galette:README.md",)),),
        relations=(model.Relation("works-with", "asleep"),),
        adoptions=(
            *(an_adoption(f"org-{number}") for number in range(MANY)),
            an_adoption("org-60", stage="piloting", since="2019-05"),
            an_adoption("org-61", visibility="counted"),
        ),
    )
    others = (
        a_project("asleep", domains=("loan-portfolio",)),
        a_project("ended", status="ended"),
        a_project("coopcycle", context_only=True, license="LicenseRef-Coopyleft"),
        a_project("unknown", license=None, repository=None, domains=(), sources=(), summary={"es": "Lleva cuentas"}),
        a_project("blocked"),
        *(a_project(f"tool-{number}") for number in range(25)),
    )
    organizations = (
        an_organization(name="Coop des Halles"),
        an_organization("ana-maintains", kind="tech-collective", name="Ana <maintains> & co"),
        *(an_organization(f"org-{number}", country="ES") for number in range(MANY + 2)),
    )
    manifest = a_manifest(
        name={"en": "Forge: a test", "fr": "Forge : un essai"},
        languages=languages,
        contact="https://example.org/contact",
    )
    return model.Document(manifest, (a_collection(text={"en": "Chosen."}),), (galette, *others), organizations)


def an_observation(license: str = "AGPL-3.0") -> dict[str, object]:
    """What `forge.observe` would say of a repository with one licence file."""
    at = {"file": "LICENSE", "oid": "0" * 40, "commit": HEAD}
    return {
        "version": 1, "commit": HEAD, "default_branch": "main", "free": True,
        "license": {"value": license, "files": ["LICENSE"], **at},
        "license_files": [{"value": license, "confidence": 1.0, **at}],
        "activity": {
            "first_commit_at": "2011-01-01T00:00:00Z", "last_commit_at": "2026-11-21T12:30:00Z", "commits": 5120,
            "whole": True, "people_in_year": 3, "changes_in_year": 78, "automatic_in_year": 0, "top_share_percent": 70,
            "months": [*range(1, 13)], "as_of": "2026-11-24T12:30:00Z",
        },
        "release": {"value": "1.2", "commit": HEAD, "date": "2026-05-04T00:00:00Z"},
        "readmes": [], "declared_licenses": [], "unidentified_license_files": [], "size_bytes": 1000,
    }  # fmt: skip


def the_statements(license: str = "AGPL-3.0", commit: str = HEAD) -> list[Statement]:
    """What observers would say of galette's repository: a bit of every field."""

    def of(path: str | None = None) -> dict[str, str]:
        return {"commit": commit} | ({"file": path, "oid": "0" * 40} if path else {})

    manifest = of("composer.json")
    past = [
        {"commit": OLD, "at": "2012-03-01T10:00:00Z", "license": "GPL-3.0-or-later", "free": True, "path": "LICENSE"},
        {"commit": HEAD, "at": "2026-10-01T10:00:00Z", "license": "AGPL-3.0", "free": True, "path": "LICENSE"},
    ]
    languages = [{"term": "fr", "percent": 100}, {"term": "ar", "percent": 60}, {"term": "oc", "percent": 12}]
    return [
        Statement("license", license, of("LICENSE")),
        Statement("license.file", {"license": license, "confidence": 1.0}, of("LICENSE")),
        Statement("license.folder", {"folder": "plugins/map", "license": "MIT", "confidence": 0.9}, of()),
        Statement("license.manifest", {"license": "GPL-3.0-or-later", "stated": "GPLv3+"}, manifest),
        Statement("license.history", past, of()),
        Statement("name", "Galette", of("publiccode.yml")),
        Statement("homepage", "https://galette.example.org/<b>", manifest),
        Statement("documentation", "https://doc.galette.eu", of("publiccode.yml")),
        Statement("languages", languages, of()),
        Statement("translations", {"format": "gettext", "catalogs": 3}, of("lang")),
        Statement("policies", {"security": True}, of("SECURITY.md")),
        Statement("policies", {"contributing": True}, of("docs/\udce9\u202etirbuer.md")),
        Statement("installs", ["docker", "yunohost", "<script>"], of("Dockerfile")),
        Statement("code", {
            "languages": [{"name": "PHP", "percent": 81.4, "size_bytes": 81, "files": 8}],
            "files": 1234, "size_bytes": 2_400_000, "whole": False,
        }, of()),
        Statement("releases", [{"version": "1.2", "date": "2026-05-04"}, {"version": "1.1", "date": "2025"}], of()),
        Statement("activity", {
            "first_commit_at": "2011-01-01T00:00:00Z", "last_commit_at": "2026-11-21T12:30:00Z", "commits": 5120,
            "whole": True, "people_in_year": 3, "top_share_percent": 70, "months": [1] * 12,
            "as_of": "2026-11-24T12:30:00Z",
        }, of()),
        Statement("maintenance", [{"organization name": "Les Amis", "role": "lead"}], of("publiccode.yml")),
        Statement("unreadable", {"problem": "It is no JSON.", "line": 3}, of("package.json")),
        Statement("something_newer", {"of": ["a", {"peer": "<i>"}]}, of()),
    ]  # fmt: skip


class _Filled:
    """A world that was filled once in this process, to be copied: filling and indexing one takes 0.4 s."""

    def __init__(self, store: Store):
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(store.engine.raw_connection()) as held:
            held.driver_connection.backup(self.database)  # type: ignore[union-attr]
        self.change = store.change()
        self.index: tempfile.TemporaryDirectory[str] | None = None

    def copy(self, store: Store) -> None:
        with closing(store.engine.raw_connection()) as held:
            self.database.backup(held.driver_connection)  # type: ignore[arg-type]


_FILLED: dict[tuple[str, ...], _Filled] = {}
_HELD: WeakKeyDictionary[Store, _Filled] = WeakKeyDictionary()


def fill(store: Store, languages: tuple[str, ...] = ("en", "fr")) -> None:
    """Put the whole world into an empty store."""
    if store.engine.dialect.name != "sqlite" or store.change():
        return _fill(store, languages)
    if languages in _FILLED:
        _FILLED[languages].copy(store)
    else:
        _fill(store, languages)
        _FILLED[languages] = _Filled(store)
    _HELD[store] = _FILLED[languages]


@pytest.fixture
def filled_store(sqlite_store: Store) -> Store:
    """A store on SQLite with the whole world; where a file of tests calls it `store`, its site is over this one."""
    fill(sqlite_store)
    return sqlite_store


def _fill(store: Store, languages: tuple[str, ...]) -> None:
    load(store, the_document(languages))
    a_declared_adoption(store, stage="in-production", since="2021")
    _mirrored(store, "galette", NOW - timedelta(days=3), the_statements())
    _mirrored(store, "asleep", datetime(2020, 1, 1, tzinfo=UTC))
    store.takedowns.block("blocked", "Requested by the maintainers.", now=NOW)


def _mirrored(store: Store, slug: str, last_commit_at: datetime, said: Sequence[Statement] = ()) -> None:
    """A mirror that was read twice; with what its files say, its license was another at the first time."""
    key = identity(slug)
    if said:
        before = the_statements("GPL-3.0", OLD)[:-1]
        store.observations.observe(
            key,
            OLD,
            an_observation() | {"commit": OLD},
            facts=before,
            free=True,
            last_commit_at=last_commit_at,
            now=FIRST_READ,
        )
    store.observations.observe(
        key, HEAD, an_observation(), facts=said, free=True, last_commit_at=last_commit_at, now=NOW
    )
    kept = store.mirrors.mirror(key)
    mirrored = replace(kept, state="mirrored", head=HEAD, branch="main", last_visit_at=NOW, last_success_at=NOW)
    visit = a_visit(key, outcome="changed", ended_at=NOW)
    store.mirrors.end_visit(visit, mirrored, None, at=NOW)


@contextmanager
def a_site(store: Store, folder: Path, **settings: object) -> Iterator[Starlette]:
    """The site over a filled store, its index written once."""
    chosen = Settings(data=folder, **settings)  # type: ignore[arg-type]
    _indexed(store, chosen.search)
    for _, kept in store.mirrors.due(()):
        if kept.head is not None:
            put_copy(chosen.mirrors, kept.project_id)
    app = create_app(chosen, store, Finder(chosen.search), clock=lambda: NOW)
    try:
        yield app
    finally:
        if hasattr(app.state, "code_readers"):
            app.state.code_readers.close()


def put_copy(mirrors: Path, project_id: UUID) -> Path:
    """A folder in which a copy of code stands, as far as a page looks: its objects are read by pages of code alone."""
    folder = mirrors / f"{project_id}.git"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("HEAD", "packed-refs"):
        if not (folder / name).exists():
            (folder / name).write_text("")
    return folder


@contextmanager
def a_shipped_site(template: Path, folder: Path) -> Iterator[Starlette]:
    """The site of the catalogue that is shipped; to load it and to write its index took four seconds a file."""
    shipped = Path(_shipped_data(template).name)
    shutil.copytree(shipped / "search", Settings(data=folder / "data").search)
    with a_store(shipped / "catalog.db", folder) as store, a_site(store, folder / "data") as app:
        yield app


@cache
def _shipped_data(template: Path) -> tempfile.TemporaryDirectory[str]:
    """A database into which the shipped catalogue was loaded, and its index, for all tests of a process."""
    folder = tempfile.TemporaryDirectory(prefix="forge-shipped-")
    with a_store(template, Path(folder.name)) as store:
        load(store, document.load(ROOT / "catalog.yaml"))
        _indexed(store, Path(folder.name) / "search")
    return folder


def _indexed(store: Store, folder: Path) -> None:
    """The index of a store; a copy where it holds the world as it was filled and nothing more."""
    world = _HELD.get(store)
    untouched = world is not None and store.change() == world.change and not folder.exists()
    if world and untouched and world.index:
        shutil.copytree(world.index.name, folder)
        return
    writer = IndexWriter.open(folder)
    assert writer is not None
    with closing(writer):
        catch_up(store, writer)
    if world and untouched:
        world.index = tempfile.TemporaryDirectory(prefix="forge-world-")
        shutil.copytree(folder, world.index.name, dirs_exist_ok=True)


@contextmanager
def a_filled_site(template: Path, folder: Path, languages: tuple[str, ...] = ("en", "fr")) -> Iterator[Starlette]:
    """The site over a new store with the whole world; `template` is a migrated, empty database file."""
    with a_store(template, folder) as store:
        fill(store, languages)
        with a_site(store, folder / "data") as app:
            yield app


def a_client(app: Starlette, *, packed: bool = False) -> TestClient:
    """A client that sees errors as readers do, and which template drew a page.

    That is hidden by compression and by pages that are kept: both are left out unless `packed`.
    """
    if not packed:
        app.user_middleware = [
            middleware for middleware in app.user_middleware if middleware.cls not in (GZipMiddleware, PageCache)
        ]
    return Client(app, follow_redirects=False, raise_server_exceptions=False)


def without_data(html: str) -> str:
    """A page without its JSON-LD, which is a script element by name and data by its type."""
    return re.sub(r'<script type="application/ld\+json">[^<]*</script>', "", html)
