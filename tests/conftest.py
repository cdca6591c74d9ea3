"""What every test may ask for: a store on both databases, real ones, each test with one of its own; a git origin.

The schema is migrated once a run and copied for each test: a file for SQLite, a template database for PostgreSQL.
"""

import gc
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.util import LRUCache
from support.example_counts import FULL, USUAL
from support.factories.visits import LICENSE_TEXT, README, Clock, a_conductor, the_settings
from support.hosts.git_origin import Origin, a_repository, an_origin
from support.hosts.mail import Mailbox, a_mailbox
from support.postgres import NoPostgres, Reused, database, server
from support.public_changes import is_watched, new_holes, watched

import catalog.store.core.engine
from catalog.store.store import Store
from forge.config.settings import Settings
from forge.mirroring.visit import VisitRunner

STATEMENTS = 5_000  # that are kept as SQLAlchemy compiled them

_numbers = count(1)


def pytest_configure(config: pytest.Config) -> None:
    most = FULL if "or full" in config.getoption("markexpr") else USUAL
    hypothesis_settings.register_profile("forge", derandomize=True, deadline=None, database=None, max_examples=most)
    hypothesis_settings.load_profile("forge")


# What of the database differs is tried in tests/store and tests/exchange; of these only the full matrix asks both.
SQLITE_FIRST = {
    *("submissions", "moderation", "merges", "federation", "ownership", "calls", "people"),
    *("projects", "follows", "imports"),
}


@pytest.hookimpl(tryfirst=True)  # before pytest itself leaves out what is `full`
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        first = item.get_closest_marker("sqlite_first") or item.path.parent.name in SQLITE_FIRST
        if first and parameters.get("database_url") == "postgresql":
            item.add_marker("full")


def pytest_collection_finish() -> None:
    """What is imported and collected stays until the end: looking for rubbish in it took a twentieth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """The server of this run, started when the first test needs it. Without one the tests fail, saying why."""
    try:
        with server() as address:
            yield address
    except NoPostgres as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: URL) -> Iterator[str]:
    name = f"forge_template_{os.getpid()}"
    with database(postgres_server, name) as url:
        _migrated(url)
        yield name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "catalog.db"
    _migrated(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session", autouse=True)
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """All sites of a run, in each of its processes, share what they compile: it took up to a second a test."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "compiled"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Settings, "compiled", folder)
        yield


@pytest.fixture(scope="session", autouse=True)
def said_once() -> Iterator[None]:
    """All databases of a process share what SQLAlchemy makes of statements: a third of a store's test was that. It
    tells them apart by dialect, which each engine has its own of: here those of a kind are one."""
    kept: MutableMapping[Any, Any] = LRUCache(STATEMENTS)
    with pytest.MonkeyPatch.context() as patch:
        for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
            patch.setattr(kind, "__eq__", lambda first, other: type(first) is type(other))
            patch.setattr(kind, "__hash__", lambda value: hash(type(value)))
        shared = partial(create_engine, execution_options={"compiled_cache": kept})
        patch.setattr(catalog.store.core.engine, "create_engine", shared)
        yield


@pytest.fixture(scope="session", autouse=True)
def imported_once() -> Iterator[None]:
    """Processes that are begun with an interpreter of their own are forked from one that has everything imported: to
    start Python and to import took 0.7 s of some three hundred of them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["forge.mirroring.worker", "forge.mirroring.snapshot", "support.world"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multiprocessing, "get_context", lambda method: context)
        yield


@pytest.fixture(autouse=True)
def exact_changes(request: pytest.FixtureRequest) -> Iterator[None]:
    """No transaction of a test changes what is public without moving the `change` of the record that shows it."""
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    every = "or full" in request.config.getoption("markexpr")
    if not every and not is_watched(request.path.parent.name, parameters.get("database_url")):
        yield
        return
    with watched() as watch:
        yield
    if watch.writes and not watch.compared:
        pytest.fail("It wrote what pages show, and no record was compared (see tests/support/public_changes.py)")
    if holes := new_holes(watch):
        pytest.fail("Public, but no change number moved (see tests/support/public_changes.py):\n" + "\n".join(holes))


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """The address of a migrated, empty database in a file."""
    file = tmp_path / "catalog.db"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def postgres_reused(postgres_server: URL, postgres_template: str) -> Iterator[Callable[[], Reused]]:
    """Gives the one migrated database that tests use one after another; another when a test spoiled it."""
    with ExitStack() as made:
        used: list[Reused] = []

        def give() -> Reused:
            if not used or used[-1].spoiled:
                name = f"forge_{os.getpid()}_{next(_numbers)}"
                url = made.enter_context(database(postgres_server, name, postgres_template))
                used.append(made.enter_context(closing(Reused(url))))
            return used[-1]

        yield give


@pytest.fixture
def postgres_url(postgres_reused: Callable[[], Reused]) -> Iterator[str]:
    """The address of a migrated, empty database on a real PostgreSQL."""
    held = postgres_reused()
    yield held.url
    held.empty()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated, empty database: each test runs on both."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table: each test runs on both."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with database(request.getfixturevalue("postgres_server"), f"forge_{os.getpid()}_{next(_numbers)}") as url:
            yield url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A migrated, empty store: each test runs on both databases."""
    with _closing(database_url) as opened:
        yield opened


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """A migrated, empty store on SQLite, for tests whose matter is not the database."""
    with _closing(sqlite_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, one for the tests of a file."""
    from support.browser import a_browser  # here, since all tests would wait for its libraries

    with a_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def base(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site with the whole small world in three languages, one for the tests of a file."""
    from support.serving import served
    from support.world import a_filled_site

    with a_filled_site(sqlite_template, tmp_path_factory.mktemp("base"), ("fr", "en", "ar")) as app, served(app) as at:
        yield at


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Origin]:
    """A git origin on loopback with an empty folder of repositories."""
    (tmp_path / "origins").mkdir()
    with an_origin(tmp_path / "origins") as host:
        yield host


@pytest.fixture
def tool(origin: Origin) -> Path:
    """A repository of it with a README and a license."""
    return a_repository(origin.folder, README__md=README, LICENSE=LICENSE_TEXT)


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """Where a mirror of it will be."""
    return tmp_path / "mirrors" / "m.git"


@pytest.fixture
def clock() -> Clock:
    """Stands still until a test moves it."""
    return Clock()


@pytest.fixture
def app(store: Store, tmp_path: Path) -> Iterator[Any]:
    """The site over the store of this test."""
    from support.world import a_site

    with a_site(store, tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def reader(app: Any) -> Any:
    """A client of the site that nobody is signed in with, and that sends what a browser sends."""
    from support.visitors import BROWSER
    from support.world import a_client

    client = a_client(app)
    client.headers.update(BROWSER)
    return client


@pytest.fixture(scope="module")
def client(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of a site with the small world, one for the tests of a file, which only read."""
    from support.world import a_client, a_filled_site

    with a_filled_site(sqlite_template, tmp_path_factory.mktemp("client")) as app:
        yield a_client(app)


@pytest.fixture
def own_client(sqlite_store: Store, tmp_path: Path) -> Iterator[Any]:
    """The same of a site of its own, for a test that changes something."""
    from support.world import a_client, a_site, fill

    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data") as opened:
        yield a_client(opened)


@pytest.fixture
def client_of(sqlite_store: Store, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Gives a client of a site over these records, as `a_catalog` takes them."""
    from support.factories.core import a_catalog, load
    from support.world import a_client, a_site

    with ExitStack() as stack:

        def give(*records: Any, **more: Any) -> Any:
            load(sqlite_store, a_catalog(*records, **more))
            return a_client(stack.enter_context(a_site(sqlite_store, tmp_path / "data")))

        yield give


@pytest.fixture(scope="module")
def shared_box() -> Iterator[Mailbox]:
    """A mail server, one for the tests of a file."""
    with a_mailbox() as opened:
        yield opened


@pytest.fixture
def box(shared_box: Mailbox) -> Mailbox:
    """What the mail server took in this test."""
    shared_box.messages.clear()
    shared_box.answer = ""
    return shared_box


@pytest.fixture
def begin(tmp_path: Path, sqlite_template: Path, clock: Clock) -> Iterator[Callable[..., Any]]:
    """Starts an instance of its own by name, with languages and records, on SQLite or on `url`."""
    from support.hosts.instances import a_database, an_instance

    with ExitStack() as stack:

        def start(name: str, *languages: str, records: Any = (), url: str | None = None) -> Any:
            at = url or a_database(sqlite_template, tmp_path, name)
            return stack.enter_context(an_instance(tmp_path, at, clock, name, *languages, records=records))

        yield start


@pytest.fixture
def french(begin: Callable[..., Any]) -> Any:
    """An instance that knows `galette`, used by a cooperative, and `paheko`."""
    from support.hosts.instances_cast import the_french

    return the_french(begin)


@pytest.fixture
def spanish(begin: Callable[..., Any]) -> Any:
    """Another one, which may follow it."""
    from support.hosts.instances_cast import the_spanish

    return the_spanish(begin)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a scratch data folder that may visit loopback."""
    return the_settings(tmp_path)


@pytest.fixture
def conductor(sqlite_store: Store, settings: Settings, clock: Clock) -> Iterator[VisitRunner]:
    """What visits repositories for a store on SQLite."""
    with a_conductor(sqlite_store, settings, clock=clock) as given:
        yield given


@contextmanager
def _closing(url: str) -> Iterator[Store]:
    opened = Store(url)
    try:
        yield opened
    finally:
        opened.close()


def _migrated(url: str) -> None:
    with _closing(url) as opened:
        opened.migrate()
