"""Every page reads large tables by an index: no statement of a page, for a visitor or a moderator, reads one whole.

A synthetic catalogue is asked for an address of each route, and the database how it would answer each statement
(`support.query_plans`).
"""

import pytest
from support.factories.core import NOW
from support.query_plans import addresses, large_tables, reads_whole, statements
from support.visitors import signed_in
from support.world import a_client, a_site

from benchmarks import synthetic
from catalog.store.store import Store

PROJECTS = 3_000
FEWEST_ROWS = 1_000  # of a table in this catalogue: SQLite reads smaller ones whole, and is right


pytestmark = pytest.mark.full  # a catalogue of 3,000 projects, and every address, twice on each database


@pytest.fixture
def filled(store: Store) -> Store:
    store.curated_document.load(synthetic.document(PROJECTS), digest="plans", now=NOW)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    return store


def test_no_page_reads_a_large_table_whole(filled: Store, tmp_path) -> None:
    with a_site(filled, tmp_path / "data") as app:
        visitor, moderator = a_client(app), signed_in(app, filled, "moderator@example.org")
        with statements(filled) as asked:
            for path in addresses(app, synthetic.slug(1), synthetic.slug(2), "organization-1"):
                asked[path] = []
                for client in (visitor, moderator):
                    answer = client.get(path)
                    assert answer.status_code < 500 or answer.status_code == 503, (path, answer.status_code)
    assert sum(map(len, asked.values())) > 300
    with filled.engine.connect() as connection:
        large = large_tables(connection, FEWEST_ROWS)
        whole = reads_whole(connection, asked, large)
    assert {"project", "organization", "adoption", "public_record", "mirror"} <= large
    assert not whole, "\n".join(f"{path}: {statement}" for statement, path in whole.items())
