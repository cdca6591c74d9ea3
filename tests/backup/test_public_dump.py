"""All public data in one file: an empty catalogue that takes it over shows the same pages, and nobody's secrets."""

import json
import re
import tarfile
from contextlib import contextmanager

import jsonschema
import pytest
from sqlalchemy import insert, update
from support.factories.core import (
    NOW,
    a_catalog,
    a_declared_adoption,
    a_manifest,
    a_project,
    a_store,
    an_organization,
    identity,
    later,
    load,
)
from support.factories.document import an_adoption
from support.factories.rewriting import rewriting
from support.paths import ROOT
from support.world import a_client, a_site, fill

from catalog.document import as_record, parse
from catalog.document import check as check_document
from catalog.document.json_schema import json_schema
from catalog.errors import AlreadyExists
from catalog.model import Maintenance
from catalog.rules.call import OPEN
from catalog.store.core.public_changes import changing
from catalog.store.documents.imported_lists import ImportedRecord, Layer
from catalog.store.ownership import unlisted as ownership_unlisted
from catalog.store.store import Store
from catalog.tables.adoptions import adoption
from catalog.tables.calls import call, call_support, experience
from catalog.tables.core import mirror, organization, project
from catalog.tables.federation import translation_offer
from catalog.tables.people import person
from forge.backup.archive import InvalidArchive
from forge.export import public_dump

ADDRESS = "https://catalog.example.org"
HERE = re.compile(r"https(?::|%3A)//(?:catalog|copy)\.example\.(?:org|net)")
SECRET = "zqsecret"  # stands in all that must not leave
TRANSLATOR = "Red de Redes"


KINDS = (
    *("projects/galette/users", "projects/galette/facts", "projects/lent", "projects?page=2", "calls/CALL-AAAA"),
    *("organizations/coop-des-halles", "places/FR", "domains/accounting", "collections/suite"),
)


def the_world(store):
    """The world of pages, with all that people declare; beside it what nobody may see, each with the word SECRET."""
    fill(store)
    using = {"project_id": identity("galette"), "organization_id": identity("coop-des-halles", "organization")}
    with changing(store.engine) as (connection, change):
        number = change
        connection.execute(
            insert(call).values(
                id=identity("call"), reference="CALL-AAAA", kind="need", state=OPEN, project_id=None, folded="x",
                organization_id=using["organization_id"], language="en", country="FR",
                record={"title": "A tool for shared cars", "text": "We look for one."}, person_id=None,
                manage_token=f"{SECRET}-token", opened_at=NOW, ends_at=later(days=90), change=number(),
            )
        )  # fmt: skip
        connection.execute(
            insert(call_support).values(
                id=identity("support"), call_id=identity("call"), organization_id=identity("org-1", "organization"),
                language="en", variation="Also bikes", named=True, at=NOW,
            )
        )  # fmt: skip
        connection.execute(
            insert(experience).values(
                id=identity("experience"), reference="EXPE-AAAA", language="en", record={"text": "It went well."},
                at=NOW, **using,
            )
        )  # fmt: skip
        connection.execute(
            insert(person).values(
                id=identity("p"), email=f"{SECRET}@example.org", language="en", created_at=NOW, signed_in_at=NOW
            )
        )
        ownership_unlisted.opt_out(connection, identity("tool-3"), "Our choice", "en", change=number, now=NOW)
        hidden = f"{SECRET}-org"
        connection.execute(
            insert(organization).values(
                id=identity("hidden", "organization"), slug=hidden, name=hidden, folded=hidden, curated=False,
                record={"slug": hidden, "name": hidden}, declared={}, hidden="hidden", change=number(), added_at=NOW,
                changed_at=NOW,
            )
        )  # fmt: skip
        for name, visibility in (("org-61", "counted"), ("org-2", "counted")):
            stated = as_record(an_adoption(name, visibility=visibility, version=SECRET))
            connection.execute(
                insert(adoption).values(
                    project_id=identity("tool-1"), organization_id=identity(name, "organization"), stage=None,
                    visibility=visibility, verification="self-declared", confirmed=False, stands=True,
                    origin="declared", position=0, record=stated,
                )
            )  # fmt: skip
    with rewriting(store.engine) as connection:
        for number, state, text in ((1, "accepted", _said(store)), (2, "waiting", SECRET), (3, "kept-out", SECRET)):
            connection.execute(
                insert(translation_offer).values(
                    id=identity(f"offer-{number}"), outgoing=number == 3, home_id=identity("another"), kind="project",
                    record_id=identity("galette"), field="summary", language="fr", text=text,
                    translator=TRANSLATOR if number == 1 else SECRET, method="person", at=NOW, state=state,
                    original=None,
                )
            )  # fmt: skip
    lent = Layer("a-list", "awesome", "CC-BY-SA-3.0", NOW, "https://list.example.org")
    record = {"name": "Lent", "summary": {"en": "Does a thing"}, "repository": "https://example.org/x/lent"}
    store.imported_lists.replace(lent, [ImportedRecord("lent", record)], a_manifest(), now=NOW)


def _said(store):
    return store.public_records.project("galette").record.summary["fr"]


@contextmanager
def a_copy(template, folder, file):
    folder.mkdir()
    with a_store(template, folder) as store:
        public_dump.import_dump(store, file, folder, now=later(minutes=1))
        with a_site(store, folder / "data", base_url="https://copy.example.net") as app:
            yield store, a_client(app)


def walked(client, languages=("en", "fr")):
    """Every public reading page by address, found by following links from the first ones."""
    wanted = re.compile(
        r"/(?:en|fr)/(?:projects(?:/(?!filters)[\w-]+(?:/(?:users|facts|history))?)?(?:\?page=\d+)?|organizations(?:/[\w-]+)?"
        r"(?:\?page=\d+)?|places(?:/\w+)?|domains(?:/[\w-]+)?|collections/[\w-]+|calls(?:/[\w-]+)?|log|about)?"
    )
    pages, queue = {}, [f"/{language}/" for language in languages]
    while queue:
        path = queue.pop()
        if path in pages:
            continue
        answer = client.get(path)
        pages[path] = (answer.status_code, HERE.sub("", answer.text))
        queue += [link for link in re.findall(r'href="([^"#]+)', pages[path][1]) if wanted.fullmatch(link)]
    return pages


@pytest.mark.full
def test_an_empty_catalogue_that_takes_it_over_shows_the_same_pages(sqlite_store, sqlite_template, tmp_path):
    the_world(sqlite_store)
    file = tmp_path / "catalog.tar.gz"
    public_dump.write_dump(sqlite_store, file, address=ADDRESS, now=NOW)
    with a_site(sqlite_store, tmp_path / "data", base_url=ADDRESS) as app:
        pages = walked(a_client(app))
    assert len(pages) > 300
    for kind in KINDS:
        assert pages[f"/en/{kind}"][0] == 200, kind
    assert TRANSLATOR in pages["/fr/projects/galette"][1]
    with a_copy(sqlite_template, tmp_path / "copy", file) as (store, client):
        again = walked(client)
        assert pages.keys() == again.keys()
        for path, told in pages.items():
            assert told == again[path], path
        unlisted = client.get("/en/projects/tool-3")
        assert (unlisted.status_code, "Our choice" in unlisted.text) == (200, True)
        users = {line.organization.slug: line for line in store.public_records.project("galette").adoptions}
        line = users["coop-des-halles"]
        assert (line.adoption.verification, line.confirmed, line.confirmed_at) == ("domain-confirmed", True, NOW)
        store.imported_lists.remove("a-list", now=later(days=1))


def test_both_databases_take_it_over_and_give_the_same_again(store, empty_url, tmp_path):
    fill(store)
    public_dump.write_dump(store, tmp_path / "one", address=ADDRESS, now=NOW)
    other = Store(empty_url)
    other.migrate()
    try:
        counted = public_dump.import_dump(other, tmp_path / "one", tmp_path, now=NOW)
        assert counted.projects > 20
        public_dump.write_dump(other, tmp_path / "two", address=ADDRESS, now=NOW)
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
        load(other, a_catalog(a_project(), an_organization(name="Coop des Halles")), digest="9", now=later(days=1))
        with pytest.raises(AlreadyExists):
            public_dump.import_dump(other, tmp_path / "one", tmp_path, now=NOW)
    finally:
        other.close()


def test_nothing_that_is_not_public_is_in_it(sqlite_store, tmp_path):
    the_world(sqlite_store)
    with rewriting(sqlite_store.engine) as connection:
        record = as_record(
            a_project(
                "tool-1",
                maintenance=(
                    Maintenance("lead", person=f"{SECRET} Person"),
                    Maintenance("host", organization=f"{SECRET}-org"),
                ),
                adoptions=(an_adoption("org-61", visibility="counted", version=SECRET), an_adoption(f"{SECRET}-org")),
            )
        )
        connection.execute(update(project).where(project.c.slug == "tool-1").values(record=record, document=record))
        gone = as_record(
            a_project("tool-3", summary={"en": f"Does {SECRET}"}, homepage=f"https://{SECRET}.example.org")
        )
        connection.execute(update(project).where(project.c.slug == "tool-3").values(record=gone))
        connection.execute(update(mirror).values(reason=f"{SECRET}"))
    file = tmp_path / "catalog.tar.gz"
    public_dump.write_dump(sqlite_store, file, address=ADDRESS, now=NOW)
    with tarfile.open(file) as archive:
        archive.extractall(tmp_path / "open", filter="data")
    import gzip

    for path in (tmp_path / "open").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
            assert SECRET not in text, path
            assert "Secret Society" not in text, path  # of a list that a mirror read by itself


def test_its_document_fits_its_schema_and_each_record_says_where_it_comes_from(sqlite_store, tmp_path):
    the_world(sqlite_store)
    public_dump.write_dump(sqlite_store, tmp_path / "file", address=ADDRESS, now=NOW)
    with tarfile.open(tmp_path / "file") as archive:
        archive.extractall(tmp_path / "open", filter="data")
    document = json.loads((tmp_path / "open" / public_dump.DOCUMENT).read_text())
    schema = json.loads((tmp_path / "open" / public_dump.SCHEMA).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    read, problems = parse((tmp_path / "open" / public_dump.DOCUMENT).read_bytes())
    assert read is not None, problems
    galette = next(project for project in read.projects if project.slug == "galette")
    assert any(adoption.verification == "domain-confirmed" for adoption in galette.adoptions)
    origins = [json.loads(line) for line in (tmp_path / "open" / public_dump.ORIGINS).read_text().splitlines()]
    by_slug = {origin["slug"]: origin["origins"] for origin in origins}
    assert by_slug["lent"] == {"peer:a-list": "CC-BY-SA-3.0"}
    assert {"curated", "observed"} <= set(by_slug["galette"])
    assert len(origins) == len(read.projects) + len(read.organizations)
    assert "CC-BY-SA-3.0" in (tmp_path / "open" / public_dump.LICENSES).read_text()
    assert ADDRESS in (tmp_path / "open" / public_dump.README).read_text()


def test_the_schema_accepts_the_document_that_is_shipped_and_refuses_what_the_check_refuses():
    document, _ = check_document(ROOT / "catalog.yaml")
    told = as_record(document)
    jsonschema.validate(told, json_schema())
    for wrong in (
        {"unknown": "key"},
        {"license": 3},
        {"domains": ["no-such-need"]},
        {"homepage": "ftp://example.org"},
        {"summary": {"en": "x" * 121}},
    ):
        broken = told | {"projects": [told["projects"][0] | wrong]}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, json_schema())


def test_the_site_gives_it_and_writes_it_anew_when_something_is_taken_back(sqlite_store, tmp_path):
    fill(sqlite_store)
    a_declared_adoption(sqlite_store, project="tool-1")
    with a_site(sqlite_store, tmp_path / "data", base_url=ADDRESS) as app:
        client = a_client(app)
        first = client.get("/export/catalog.tar.gz")
        assert first.status_code == 200 and first.headers["access-control-allow-origin"] == "*"
        tag = first.headers["etag"]
        assert client.get("/export/catalog.tar.gz", headers={"if-none-match": tag}).status_code == 304
        sqlite_store.mirrors.block("galette", "Asked for.", now=NOW)
        soon = client.get("/export/catalog.tar.gz")
        assert soon.status_code == 503 and 0 < int(soon.headers["retry-after"]) <= 60
        app.state.dumps.pause_seconds = 0
        again = client.get("/export/catalog.tar.gz", headers={"if-none-match": tag})
        assert again.status_code == 200 and again.headers["etag"] != tag
        assert len(list((tmp_path / "data" / "export").iterdir())) == 1
        (tmp_path / "got").write_bytes(again.content)
        with tarfile.open(tmp_path / "got") as archive:
            assert b'"slug": "galette"' not in archive.extractfile(public_dump.DOCUMENT).read()


def test_a_file_that_is_none_is_refused_and_leaves_the_catalogue_empty(sqlite_store, tmp_path):
    (tmp_path / "wrong").write_bytes(b"nothing")
    with pytest.raises(InvalidArchive):
        public_dump.import_dump(sqlite_store, tmp_path / "wrong", tmp_path, now=NOW)
    assert sqlite_store.manifest() is None
