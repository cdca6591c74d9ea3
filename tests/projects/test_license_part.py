"""The license on a project's page: what its files say beside it, what causes a doubt, what a package file declares."""

import pytest
from sqlalchemy import delete, select, update
from support.factories.core import identity
from support.factories.rewriting import rewriting
from support.world import a_client, filled_store

from catalog.tables.core import fact, mirror, project

store = filled_store
GALETTE = identity("galette")


@pytest.fixture
def reader(app):
    return a_client(app)


def observed(store, free, **record):
    before = store.mirrors.mirror(GALETTE).observation
    with rewriting(store.engine) as connection:
        wanted = update(mirror).where(mirror.c.project_id == GALETTE)
        connection.execute(wanted.values(free=free, decided=None, observation=before | {"free": free} | record))


def a_file(**more):
    return {"value": "MIT", "confidence": 1.0, "file": "LICENSE", "oid": "1" * 40, "commit": "2" * 40} | more


def test_what_stands_beside_a_free_license_is_shown_with_its_file(store, reader):
    observed(store, True, license=a_file(), license_files=[a_file(beside=["Gardener is a <trademark> of Ada"])])
    page = reader.get("/en/projects/galette/license").text
    assert "Its files also say" in page
    assert "Gardener is a &lt;trademark&gt; of Ada" in page


def test_the_sentences_that_leave_a_doubt_are_shown_to_everybody(store, reader):
    observed(store, None, license=None, license_doubts=["LICENSE"], license_files=[a_file(doubts=["Companies ask us"])])
    page = reader.get("/en/projects/galette/license").text
    assert "Open questions" in page and "Companies ask us" in page


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        ([("package.json", "ISC")], True),
        ([("package.json", "ISC"), ("composer.json", "ISC")], True),
        ([("package.json", "ISC"), ("composer.json", "MIT")], False),
        ([("web/package.json", "ISC")], False),
        ([("package.json", None)], False),
    ],
)
def test_a_license_in_a_package_file_at_the_top_counts_as_declared(store, reader, declared, shown):
    with rewriting(store.engine) as connection:
        record = connection.execute(select(project.c.record).where(project.c.id == GALETTE)).scalar_one()
        without = {"license": None, "record": {name: value for name, value in record.items() if name != "license"}}
        connection.execute(update(project).where(project.c.id == GALETTE).values(**without))
        connection.execute(delete(fact).where(fact.c.project_id == GALETTE, fact.c.field == "license"))
    stated = [{"file": path, "value": value, "stated": value, "commit": "2" * 40} for path, value in declared]
    observed(store, None, license=None, license_files=[], unidentified_license_files=[], declared_licenses=stated)
    for path in ("", "/license"):
        page = reader.get(f"/en/projects/galette{path}").text
        assert ("No licence was declared here." in page) is not shown
        assert (">package.json<" in page) is shown
    told = reader.get("/api/v1/projects/galette").json()["today"]
    assert told.get("license_declared") == ("ISC" if shown else None)
