"""A site that serves a mirror of its own, with everything in it that pages of code stumble over."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.factories.code import a_full_repository, a_site, mirrored
from support.factories.core import identity


class CodeSite(TestClient):
    """A client with the mirror that is served, the ids of its commits by name, and its store."""

    repository: Path
    ids: dict[str, str]


@pytest.fixture
def code_site(sqlite_store, tmp_path):
    repository = tmp_path / "mirrors" / f"{identity('galette')}.git"
    ids = a_full_repository(repository)
    app = a_site(sqlite_store, tmp_path)
    mirrored(sqlite_store, head=ids["two"])
    client = CodeSite(app, follow_redirects=False)
    client.repository, client.ids, client.store = repository, ids, sqlite_store
    yield client
    app.state.code_readers.close()
