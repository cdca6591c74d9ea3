"""What tests of following share: another catalogue on a static host, and the job that visits it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.factories.core import a_catalog, a_manifest, a_project, load
from support.factories.following import a_following
from support.factories.visits import Clock
from support.hosts.exchange import Home
from support.hosts.static import Served, served

from catalog.store.store import Store
from forge.exchange.follow.visit_job import PeerVisitor


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two projects, an organization that uses one; not published yet."""
    home = Home(tmp_path / "home")
    galette, coop = home.project(1, "Contarapido"), home.organization(3, "Coop Sol", country="ES", kind="cooperative")
    home.project(2, "Turnos")
    home.uses(galette, coop)
    return home


@pytest.fixture
def host(home: Home) -> Iterator[Served]:
    """The same, published and served."""
    with served(home.folder) as found:
        home.address = found.url
        home.publish()
        yield found


@pytest.fixture
def here(store: Store) -> Store:
    """A French and Spanish catalogue with a project of its own, on both databases."""
    load(store, a_catalog(a_project(), manifest=a_manifest(languages=("fr", "es"))))
    return store


@pytest.fixture
def following(here: Store, tmp_path: Path, clock: Clock) -> PeerVisitor:
    return a_following(here, tmp_path / "peers", clock)


@pytest.fixture
def on_sqlite(sqlite_store: Store, tmp_path: Path, clock: Clock) -> PeerVisitor:
    """The same where one database says all: what is tested comes before any row."""
    load(sqlite_store, a_catalog(a_project(), manifest=a_manifest(languages=("fr", "es"))))
    return a_following(sqlite_store, tmp_path / "peers", clock)
