"""A site that serves a mirror of its own, with everything in it that pages of code stumble over."""

import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.factories.code import a_full_repository, a_site, load_galette, mirrored
from support.factories.core import identity

from catalog.store.store import Store


class CodeSite(TestClient):
    """A client with the mirror that is served, the ids of its commits by name, and its store."""

    repository: Path
    ids: dict[str, str]


@pytest.fixture(scope="session")
def code_template(sqlite_template, tmp_path_factory):
    """A database that knows `galette` and its mirror, made once: `code_store` copies it."""
    folder = tmp_path_factory.mktemp("code")
    shutil.copyfile(sqlite_template, folder / "catalog.db")
    store = Store(f"sqlite:///{folder / 'catalog.db'}")
    load_galette(store)
    mirrored(store, head=a_full_repository(folder / "full.git")["two"])
    store.close()
    return folder / "catalog.db"


@pytest.fixture
def code_store(code_template, tmp_path):
    """A store that knows `galette`, whose mirror is `a_full_repository`."""
    shutil.copyfile(code_template, tmp_path / "code.db")
    store = Store(f"sqlite:///{tmp_path / 'code.db'}")
    yield store
    store.close()


@pytest.fixture
def code_site(code_store, tmp_path):
    repository = tmp_path / "mirrors" / f"{identity('galette')}.git"
    ids = a_full_repository(repository)
    app = a_site(code_store, tmp_path)
    client = CodeSite(app, follow_redirects=False)
    client.repository, client.ids, client.store = repository, ids, code_store
    yield client
    app.state.code_readers.close()
