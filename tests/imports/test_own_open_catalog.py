"""What a catalogue gives at its own Open Catalog API is read by `forge import` of another one, over a real line."""

from ipaddress import ip_network

from support.factories.core import NOW, a_catalog, a_project, identity, load
from support.factories.rewriting import rewriting
from support.serving import served
from support.world import HEAD, a_site, an_observation

from catalog.federation.identity import place
from catalog.store.core.render_cache import PUBLICCODE as OF_FILE
from catalog.store.documents.imported_lists import ImportedRecord
from catalog.tables.core import rendering
from forge.imports import opencatalog
from forge.security.safe_http import AddressRules
from tests.imports.test_formats import PUBLICCODE

NAMES = ("galette", "paheko", "ledger")  # the last one has no publiccode.yml: one is written of what is known


def test_one_catalogue_reads_another_one_and_knows_what_it_has_itself(sqlite_store, tmp_path):
    load(
        sqlite_store,
        a_catalog(*(a_project(slug, repository=f"https://code.example.org/x/{slug}.git") for slug in NAMES)),
    )
    for number, name in enumerate(NAMES[:2]):
        oid = f"{number}" * 40
        text = PUBLICCODE.replace("Adhésions", name).replace("asso/adhesions.git", f"x/{name}.git")
        seen = an_observation() | {"publiccode": {"oid": oid, "file": "publiccode.yml"}}
        sqlite_store.observations.observe(identity(name), HEAD, seen, facts=(), free=True, last_commit_at=NOW, now=NOW)
        with rewriting(sqlite_store.engine) as connection:
            connection.execute(rendering.insert().values(object_id=oid, renderer=OF_FILE, html=text))
    with a_site(sqlite_store, tmp_path / "data") as app, served(app) as base:
        read = opencatalog.read_server(AddressRules((ip_network("127.0.0.1/32"),)), f"{base}/v1")
    assert read.complete, read.problems
    assert {project.record["name"] for project in read.found} == {*NAMES[:2], "Ledger"}
    assert not [problem for problem in read.problems if problem.refused]
    said = [ImportedRecord(project.key, project.record, project.organizations, project.page) for project in read.found]
    verdicts = sqlite_store.imported_lists.preview("own", said, place=place)
    assert {(verdict.what, verdict.slug) for verdict in verdicts} == {("known", verdict) for verdict in NAMES}
