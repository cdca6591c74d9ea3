"""The small world, and a moderator who decides in it."""

import pytest
from support.visitors import signed_in
from support.world import fill


@pytest.fixture
def store(sqlite_store):
    fill(sqlite_store)
    return sqlite_store


@pytest.fixture
def bruno(app, store):
    return signed_in(app, store, "bruno@example.org")
