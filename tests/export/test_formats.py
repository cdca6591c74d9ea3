"""What is known here in the formats of others: each read by a reader that is not ours, for every record that ships."""

import io
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from rdflib import Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, RDFS
from support.example_counts import examples
from support.factories.core import (
    NOW,
    a_catalog,
    a_declared_adoption,
    a_project,
    a_store,
    an_adoption,
    an_organization,
    identity,
    load,
)
from support.factories.document import a_maintenance, a_manifest, documents
from support.factories.metadata import missing_in
from support.formats import amiss, graph, linked, rows, undefined
from support.paths import ROOT
from support.world import HEAD, an_observation, the_statements

from catalog import document, model
from catalog.errors import Incomplete, NotFound, OptedOut
from catalog.rules.fact import Statement
from catalog.rules.person import SELF_EMPLOYED
from catalog.store.core.public_changes import changing
from catalog.store.documents.imported_lists import ImportedRecord, Layer
from catalog.store.store import Store
from forge.export.catalogue_exports import WHOLE_EXPORTS
from forge.export.catalogue_site import CatalogueSite
from forge.export.codemeta import codemeta, schema_org
from forge.export.delimited import BYTE_ORDER_MARK, cell, csv_pieces
from forge.export.publiccode import NO_LANGUAGE, UNKNOWN, publiccode
from forge.export.software import Software, software
from forge.export.tables import Table
from forge.i18n import languages

SHARED = ROOT.parent / "shared"
CONTEXT = SHARED / "corpus" / "codemeta" / "codemeta.jsonld"
BASE = "https://catalog.example"
SCHEMA = Namespace("http://schema.org/")
CODEMETA = Namespace("https://w3id.org/codemeta/terms/")
GAPS = {  # of the shipped catalogue: what is not known, so that no valid file can be told
    **dict.fromkeys(("cyclos", "spip", "tryton"), ("url",)),
    **dict.fromkeys(("coopcycle", "csa-admin", "map-sse"), ("legal.license",)),
}


@pytest.fixture(scope="module")
def shipped(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The store of the catalogue that ships."""
    with a_store(sqlite_template, tmp_path_factory.mktemp("shipped")) as store:
        load(store, document.load(ROOT / "catalog.yaml"))
        yield store


def written(store: Store, name: str) -> bytes:
    out = io.BytesIO()
    WHOLE_EXPORTS[name].write(store.exported_records, CatalogueSite(BASE, store.manifest()), out)
    return out.getvalue()


def told(store: Store, slug: str = "galette") -> Software:
    return software(store.exported_records.project(slug))


def file_of(store: Store, slug: str = "galette") -> str:
    found = store.exported_records.project(slug)
    beside = store.exported_records.named_beside([found.id])[found.id]
    return publiccode(software(found), CatalogueSite(BASE, store.manifest()), beside)


def test_every_project_that_ships_has_a_valid_publiccode_yml_or_is_told_what_is_missing(shipped: Store) -> None:
    gaps, valid = {}, 0
    for found in shipped.exported_records.projects():
        slug = found.record.slug
        try:
            missing = missing_in(file_of(shipped, slug))
        except Incomplete as wrong:
            gaps[slug] = tuple(sentence.partition(":")[0] for sentence in wrong.missing)
        else:
            assert missing == [], slug
            valid += 1
    assert gaps == GAPS
    assert valid == len(list(shipped.exported_records.projects())) - len(GAPS) > 100


def test_a_publiccode_yml_says_what_is_known_and_calls_the_rest_unknown(sqlite_store: Store) -> None:
    bodies = (a_maintenance(), a_maintenance("city", role="funder"), a_maintenance("fund", role="funder"))
    project = a_project(name="Galette: #1", domains=("member-management",), maintenance=bodies)
    funders = (an_organization("city", homepage="https://city.example.org"), an_organization("fund", homepage=None))
    load(sqlite_store, a_catalog(project, an_organization("ana-maintains", name="Ana & co"), *funders))
    text = file_of(sqlite_store)
    told_there = yaml.safe_load(text)
    assert missing_in(text) == []
    assert told_there["name"] == "Galette: #1" and told_there["url"] == project.repository
    assert told_there["platforms"] == [UNKNOWN]
    assert told_there["developmentStatus"] == "development" and "developmentStatus: development  # not known" in text
    assert told_there["maintenance"] == {"type": "community", "contacts": [{"name": "Ana & co"}]}
    assert [body["uri"] for body in told_there["fundedBy"]] == [
        "https://city.example.org",
        f"{BASE}/organizations/fund",
    ]
    assert all(body["name"] for body in told_there["fundedBy"])
    assert told_there["localisation"]["availableLanguages"] == [NO_LANGUAGE]
    assert "usedBy" not in told_there
    assert all("@" not in line for line in text.splitlines())
    for described in told_there["description"].values():
        assert len(described["longDescription"]) >= 150 and BASE in described["longDescription"]


def test_what_a_mirror_read_is_told_as_known(sqlite_store: Store) -> None:
    load(sqlite_store, a_catalog(a_project()))
    said = [*the_statements(), Statement("software_type", "standalone/web", {"commit": HEAD})]
    observed = an_observation()
    sqlite_store.observations.observe(
        identity("galette"), HEAD, observed, facts=said, free=True, last_commit_at=NOW, now=NOW
    )
    there = yaml.safe_load(file_of(sqlite_store))
    assert there["softwareType"] == "standalone/web" and there["platforms"] == ["web"]
    assert there["softwareVersion"] == "1.2" and str(there["releaseDate"]) == "2026-05-04"
    assert there["developmentStatus"] == "stable"
    assert there["localisation"] == {"localisationReady": True, "availableLanguages": ["fr", "ar"]}


def test_only_confirmed_public_uses_stand_in_used_by(sqlite_store: Store) -> None:
    names = {"coop-des-halles": "Coop des Halles", "found": "Found", "network": "Network", "stopped": "Stopped"}
    uses = (an_adoption("found"), an_adoption("network", visibility="counted"), an_adoption("stopped", stage="stopped"))
    organizations = [an_organization(slug, name=name) for slug, name in names.items()]
    load(sqlite_store, a_catalog(a_project(adoptions=uses), *organizations))
    a_declared_adoption(sqlite_store)
    assert yaml.safe_load(file_of(sqlite_store))["usedBy"] == ["Coop des Halles"]
    assert sqlite_store.public_records.reach("galette").organizations == 1
    shown = {row["organization"] for row in rows(written(sqlite_store, "adoptions.csv"))}
    assert shown == {"coop-des-halles", "found", "stopped"}


def test_an_organization_of_one_person_is_named_in_no_file_that_goes_on_from_here(sqlite_store: Store) -> None:
    maintained = model.Maintenance("lead", organization="jane-doe")
    load(
        sqlite_store,
        a_catalog(
            a_project(
                maintenance=(maintained,),
                runs=model.Runs(hosted=("jane-doe", "coop-des-halles")),
                adoptions=(an_adoption("found", provider="jane-doe"),),
            ),
            an_organization(name="Coop des Halles"),
            an_organization("found", name="Found"),
            an_organization("jane-doe", name="Jane Doe", kind="self-employed"),
        ),
    )
    for slug in ("jane-doe", "coop-des-halles"):
        a_declared_adoption(sqlite_store, "galette", slug)
    files = [written(sqlite_store, name) for name in WHOLE_EXPORTS]
    files += [file_of(sqlite_store).encode(), codemeta(told(sqlite_store), CatalogueSite(BASE)).encode()]
    assert sum(b"Coop des Halles" in file for file in files) > 2
    assert not any(b"Jane Doe" in file or b"jane-doe" in file for file in files)
    assert yaml.safe_load(files[-2])["maintenance"]["contacts"] == [{"name": "Maintainers of Galette"}]


def test_persons_are_contacts_nowhere(sqlite_store: Store) -> None:
    by = model.Maintenance("lead", person="Zora Quill", sources=("https://example.org",))
    load(sqlite_store, a_catalog(a_project(maintenance=(by,)), an_organization()))
    everything = [written(sqlite_store, name) for name in WHOLE_EXPORTS]
    everything += [file_of(sqlite_store).encode(), codemeta(told(sqlite_store), CatalogueSite(BASE)).encode()]
    assert yaml.safe_load(everything[-2])["maintenance"]["contacts"] == [{"name": "Maintainers of Galette"}]
    assert all(b"Zora" not in content for content in everything)


@pytest.mark.parametrize("tag", ["en", "fr", "es", "pt", "ar"])
def test_a_short_description_is_made_long_enough_in_each_language(sqlite_store: Store, tag: str) -> None:
    load(sqlite_store, a_catalog(a_project(summary={tag: "x"}, description={}, domains=()), manifest=a_manifest()))
    text = file_of(sqlite_store)
    assert missing_in(text) == []
    assert languages.OPEN not in text


def test_what_is_not_free_is_no_publiccode(sqlite_store: Store) -> None:
    load(sqlite_store, a_catalog(a_project(license="LicenseRef-Coopyleft", context_only=True)))
    with pytest.raises(Incomplete, match="free software"):
        file_of(sqlite_store)


def test_codemeta_is_read_with_the_context_of_codemeta_3(shipped: Store) -> None:
    if not SHARED.is_dir():
        pytest.skip("the context of CodeMeta (../shared/corpus/codemeta) is not here: no codemeta.json was read")
    context = json.loads(CONTEXT.read_text())["@context"]
    home = CatalogueSite(BASE, shipped.manifest())
    for found in shipped.exported_records.projects():
        text = codemeta(software(found), home, "fr")
        terms = {term for term in json.loads(text) if not term.startswith("schema:")}
        assert terms <= set(context) | {"@context", "@type"}, found.record.slug
        read = linked(text, context)
        this = next(read.subjects(RDF.type, SCHEMA.SoftwareSourceCode))
        assert (this, SCHEMA.name, Literal(found.record.name)) in read
        if found.record.repository:
            assert (this, SCHEMA.codeRepository, URIRef(found.record.repository)) in read
        assert (this, CODEMETA.maintainer, None) in read or not software(found).makers


def test_a_codemeta_json_says_who_tells_it_and_under_which_licence(sqlite_store: Store) -> None:
    if not SHARED.is_dir():
        pytest.skip("the context of CodeMeta (../shared/corpus/codemeta) is not here: no codemeta.json was read")
    load(sqlite_store, a_catalog(a_project(), an_organization(), manifest=a_manifest()))
    context = json.loads(CONTEXT.read_text())["@context"]
    found = linked(codemeta(told(sqlite_store), CatalogueSite(BASE, sqlite_store.manifest())), context)
    assert {str(node) for node in found.objects(predicate=SCHEMA.sdLicense)} == {"https://spdx.org/licenses/CC0-1.0"}
    (by,) = found.objects(predicate=SCHEMA.sdPublisher)
    assert found.value(by, SCHEMA.name) is not None


def test_json_ld_in_a_page_is_data_that_cannot_end_its_element(sqlite_store: Store) -> None:
    load(sqlite_store, a_catalog(a_project(name="</script><b> & <!--", summary={"en": "x\u2028</SCRIPT>"})))
    text = schema_org(told(sqlite_store), CatalogueSite(BASE), "en")
    assert "<" not in text and "\u2028" not in text
    assert json.loads(text)["name"] == "</script><b> & <!--"


def test_the_catalogue_is_dcat_ap_with_adms_assets(shipped: Store) -> None:
    found = graph(written(shipped, "catalog.ttl"))
    assert amiss(found) == [] and undefined(found) == []
    assert len(list(found.subjects(RDF.type, DCAT.Dataset))) == len(list(shipped.exported_records.projects()))
    galette = URIRef(f"{BASE}/projects/galette")
    catalog = next(found.subjects(RDF.type, DCAT.Catalog))
    assert (catalog, DCAT.dataset, galette) in found
    code = found.value(galette, DCAT.distribution)
    assert found.value(code, DCAT.accessURL) and found.value(code, DCTERMS.license)
    record = next(found.subjects(FOAF.primaryTopic, galette))
    label = next(iter(found.objects(found.value(record, DCTERMS.provenance), None)), None)
    assert label is not None and found.value(record, DCTERMS.rights)
    spoken = {value.language for _, _, value in found.triples((galette, DCTERMS.description, None))}
    assert {"en", "fr"} <= spoken


def test_the_shapes_of_dcat_ap_find_what_is_lacking_and_what_stands_there_twice(sqlite_store: Store) -> None:
    load(sqlite_store, a_catalog(a_project(), manifest=a_manifest()))
    found = graph(written(sqlite_store, "catalog.ttl"))
    assert amiss(found) == []
    galette = URIRef(f"{BASE}/projects/galette")
    code = found.value(galette, DCAT.distribution)
    found.remove((galette, DCTERMS.title, None))
    found.add((code, DCTERMS.license, URIRef("https://spdx.org/licenses/MIT")))
    title, license = str(DCTERMS.title), str(DCTERMS.license)
    told = [(subject, part) for subject, part, _ in amiss(found)]
    assert (str(galette), title) in told and (str(code), license) in told


def test_licenses_that_all_hold_are_one_document_that_leads_to_each(sqlite_store: Store) -> None:
    both = a_project("both", license="MIT AND Apache-2.0")
    load(sqlite_store, a_catalog(both, a_project("either", license="MIT OR Apache-2.0"), manifest=a_manifest()))
    found = graph(written(sqlite_store, "catalog.ttl"))
    assert amiss(found) == []

    def license(of: str) -> URIRef | None:
        return found.value(URIRef(of), DCTERMS.license)

    def leads(document: URIRef | None) -> set[str]:
        return {str(node).removeprefix("https://spdx.org/licenses/") for node in found.objects(document, RDFS.seeAlso)}

    assert leads(license(f"{BASE}/projects/both#code")) == {"MIT", "Apache-2.0"}
    assert leads(license(f"{BASE}/#catalog")) == {"CC0-1.0", "CC-BY-4.0"}
    assert license(f"{BASE}/projects/either#code") is None  # its rights tell the choice
    rights = found.value(URIRef(f"{BASE}/projects/either#code"), DCTERMS.rights)
    assert str(found.value(rights, RDFS.label)) == "MIT OR Apache-2.0"


def test_tables_say_of_each_line_whose_word_it_is_and_under_which_license(shipped: Store) -> None:
    for name in ("projects", "organizations", "adoptions"):
        told_there = rows(written(shipped, f"{name}.csv"))
        assert len(told_there) > 100
        assert all(row["facts_license"] == "CC0-1.0" and row["origins"] for row in told_there)
    galette = next(row for row in rows(written(shipped, "projects.csv")) if row["slug"] == "galette")
    assert galette["free"] == "yes" and galette["summary_fr"] and galette["page"] == f"{BASE}/projects/galette"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1", "＝1", "|x", "%0A"])
def test_no_cell_of_a_csv_begins_like_a_formula(text: str) -> None:
    assert str(cell(text)).startswith("'")
    assert cell(f"a{text.strip()}") == f"a{text.strip()}" and cell(5) == 5


@pytest.mark.parametrize("before", [";", "; ", "\t", "\n", '" ;', ';"', "\n\n\t", " \u00a0;"])
@pytest.mark.parametrize("formula", ["=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)"])
def test_no_cell_of_a_csv_that_a_semicolon_or_a_line_parts_begins_like_a_formula(before: str, formula: str) -> None:
    """So do spreadsheets where a comma stands in numbers, and a quotation mark within a cell begins none for them."""
    table = Table("t", ("a", "b"), [("x", f"Tool{before}{formula};")])
    written = b"".join(csv_pieces(table)).decode().removeprefix(BYTE_ORDER_MARK)
    cells = [part.strip(' "\u00a0\r') for part in re.split(r"[;\t\n]", written)]
    assert not [cell for cell in cells if cell.startswith(formula[0])] and formula in written
    assert cell("a; b, c\nd = e") == "a; b, c\nd = e"


@pytest.mark.parametrize("run", [";", "\t", " ", '"', "\n", '; "', "\t\u00a0"])
def test_a_cell_that_is_made_to_be_slow_takes_no_longer_than_its_length(run: str) -> None:
    began = time.process_time()
    cell(f"a{run * 200_000}")
    assert time.process_time() - began < 2


def test_a_hostile_name_stays_a_name_in_every_format(sqlite_store: Store) -> None:
    name = '=HYPERLINK("https://x.example")</text:p><!-- "\\ . <b>'
    load(sqlite_store, a_catalog(a_project(name=name), an_organization(name=name)))
    assert rows(written(sqlite_store, "projects.csv"))[0]["name"] == f"'{name}"
    found = graph(written(sqlite_store, "catalog.ttl"))
    assert (URIRef(f"{BASE}/projects/galette"), DCTERMS.title, Literal(name)) in found
    assert yaml.safe_load(file_of(sqlite_store))["name"] == name


def test_whose_makers_opted_out_is_in_no_list_and_has_no_file(sqlite_store: Store) -> None:
    from catalog.tables.core import project

    load(sqlite_store, a_catalog(a_project(), a_project("other")))
    with changing(sqlite_store.engine) as (connection, change):
        out = project.update().where(project.c.slug == "galette")
        connection.execute(out.values(opted_out_at=NOW, change=change()))
    with pytest.raises(OptedOut):
        told(sqlite_store)
    assert [project.record.slug for project in sqlite_store.exported_records.projects()] == ["other"]
    assert b"projects/galette" not in written(sqlite_store, "catalog.ttl")


def test_batches_give_every_record_once(store: Store) -> None:
    from catalog.store.exports import records as export_records

    slugs = [f"tool-{number:03}" for number in range(2 * export_records.BATCH + 1)]
    load(store, a_catalog(*(a_project(slug, adoptions=(an_adoption(),)) for slug in slugs), an_organization()))
    assert [project.record.slug for project in store.exported_records.projects()] == slugs
    assert [adoption_line.project_slug for adoption_line in store.exported_records.adoptions()] == slugs
    assert [exported_organization.record.slug for exported_organization in store.exported_records.organizations()] == [
        "coop-des-halles"
    ]
    assert store.exported_records.project(slugs[0]).uses.found == 1


@settings(
    max_examples=examples(6, 10),
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=documents())
def test_whatever_a_document_holds_every_format_can_be_read(
    sqlite_template: Path, tmp_path: Path, drawn: model.Document
) -> None:
    file = tmp_path / "drawn.db"
    file.write_bytes(sqlite_template.read_bytes())
    store = Store(f"sqlite:///{file}")
    try:
        load(store, replace(drawn), now=NOW + timedelta(days=1))
        assert amiss(graph(written(store, "catalog.ttl"))) == []
        assert len(rows(written(store, "projects.csv"))) == len(drawn.projects)
        bodies = [found for found in drawn.organizations if found.kind != SELF_EMPLOYED]  # persons are in no export
        assert len(rows(written(store, "organizations.csv"))) == len(bodies)
        for project in drawn.projects:
            try:
                assert yaml.safe_load(file_of(store, project.slug))["name"]
            except Incomplete as wrong:
                assert wrong.missing
            json.loads(codemeta(told(store, project.slug), CatalogueSite(BASE)))
    finally:
        store.close()


def test_what_a_layer_lends_is_in_no_export_of_ours(store: Store) -> None:
    load(store, a_catalog(a_project(homepage=None), an_organization()))
    lent = {"homepage": "https://lent.example", "summary": {"en": "Lends words"}}
    said = [
        ImportedRecord("a", {"name": "Galette!", "repository": a_project().repository, **lent}),
        ImportedRecord("b", {"name": "Lent alone", "repository": "https://example.org/x/alone", **lent}),
    ]
    store.imported_lists.replace(Layer("awesome", "sheet", "CC-BY-SA-3.0", NOW), said, a_manifest(), now=NOW)
    everything = b"".join(written(store, name) for name in WHOLE_EXPORTS)
    assert b"lent.example" not in everything and b"Lent alone" not in everything and b"Lends words" not in everything
    assert [project.record.slug for project in store.exported_records.projects()] == ["galette"]
    with pytest.raises(NotFound):
        told(store, "lent-alone")
