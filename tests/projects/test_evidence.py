"""A value's source on the pages: the file and line where it was found, and the day; a page's own sources once."""

import re
from dataclasses import replace
from pathlib import Path

from support.factories.core import a_catalog, a_project, an_organization, load
from support.world import a_client, a_site

from catalog.model import Evidence, Feature, LastChange, Screenshot
from catalog.store.store import Store

FEATURES = (
    Feature({"en": "Keeps members", "fr": "Tient les adhérents"}, "galette/galette:README.md#L12", "2026-11-20"),
    Feature({"en": "Prints <b>cards</b>", "fr": "Imprime"}, "galette/galette:doc/cards.py#L3-L9", "2026-11-19"),
)
EVIDENCE = {
    "license": Evidence("galette/galette:LICENSE#L1", "2026-11-18"),
    "cost": Evidence("https://galette.eu/prices", "2026-11"),
    "summary": Evidence("chosen-by-editors"),
    "domains": Evidence("chosen-by-editors"),
}
SOURCES = ("https://example.org/one", "https://example.org/two")
GALETTE = a_project(features=FEATURES, evidence=EVIDENCE, cost={"en": "Nothing"}, sources=())


def pages(store: Store, folder: Path, *addresses: str) -> list[str]:
    with a_site(store, folder / "data") as app:
        client = a_client(app)
        return [client.get(address).text for address in addresses]


def group(html: str, field: str) -> str:
    return html.partition(f'id="{field}"')[2].partition("</section>")[0]


def test_a_value_leads_to_its_own_file_and_line_and_says_when_it_was_seen(store, tmp_path):
    load(store, a_catalog(GALETTE))
    (html,) = pages(store, tmp_path, "/en/projects/galette/facts")
    github = "https://github.com/galette/galette/blob/HEAD"
    assert f'href="{github}/LICENSE#L1"' in group(html, "license") and "18 November 2026" in group(html, "license")
    assert 'href="https://galette.eu/prices"' in group(html, "cost")
    assert "(seen in November 2026)" in group(html, "cost")
    assert "(version of 18 November 2026)" in group(html, "license")
    assert "Chosen by the catalogue’s editors." in group(html, "summary")
    lines = re.findall(r"<li>(.*?)</li>", group(html, "features"))
    assert f'href="{github}/README.md?plain=1#L12"' in lines[0] and "20 November 2026" in lines[0]
    assert f'href="{github}/doc/cards.py#L3-L9"' in lines[1] and "Prints &lt;b&gt;" in lines[1]
    assert "No source given." in group(html, "name")


def test_sources_of_the_whole_record_stand_once_and_each_fact_leads_there(store, tmp_path):
    load(store, a_catalog(replace(GALETTE, sources=SOURCES)))
    facts, page = pages(store, tmp_path, "/en/projects/galette/facts", "/en/projects/galette")
    assert facts.count("Sources of this page</h2>") == 1 and facts.count(f'href="{SOURCES[0]}"') == 1
    assert '<a href="#sources">Sources of this page</a>' in group(facts, "name")
    assert "#sources" not in group(facts, "license") and "not noted" not in facts
    assert page.count("Sources of this page") == 1 and page.count(f'href="{SOURCES[1]}"') == 1


def test_no_page_says_that_each_fact_has_its_source(sqlite_store, tmp_path):
    """The name, the repository and the developer have the sources of the record as a whole at most."""
    load(sqlite_store, a_catalog(GALETTE, an_organization()))
    page, home = pages(sqlite_store, tmp_path, "/en/projects/galette", "/en/")
    assert "Each fact has its source" not in page + home and "source of each fact" not in page + home


def test_an_organization_says_where_its_values_were_found(store, tmp_path):
    evidence = {
        "kind": Evidence("ana/site:about.md#Who-we-are", "2026-11-02"),
        "homepage": Evidence(SOURCES[0], "2025"),
    }
    ana = an_organization("ana", homepage="https://ana.example", evidence=evidence, sources=SOURCES)
    load(store, a_catalog(ana))
    (html,) = pages(store, tmp_path, "/en/organizations/ana")
    kind = html.partition('id="source-kind"')[2].partition("</li>")[0]
    assert (
        'href="https://github.com/ana/site/blob/HEAD/about.md#who-we-are"' in kind
        and "(version of 2 November 2026)" in kind
    )
    with a_site(store, tmp_path / "data") as app:
        told = a_client(app).get("/api/v1/organizations/ana/facts").json()["facts"]
    sources = {fact["field"]: fact["source"] for fact in told}
    assert sources["homepage"] == {"evidence": [{"source": SOURCES[0], "seen_at": "2025"}]}
    assert sources["name"] == {"urls": list(SOURCES)} and "evidence" not in sources
    assert 'href="#source-homepage"' in html and html.count("Sources of this page") == 1


def test_is_it_maintained_is_answered_from_the_editors_until_a_visit(store, tmp_path):
    seen = {"seen_at": "2026-11-20", "source": "galette/galette@0123abc"}
    load(
        store,
        a_catalog(
            replace(GALETTE, last_change=LastChange(date="2026-11-01", release="3.26", **seen)),
            a_project("old", last_change=LastChange(date="2026-11-01", archived=True, **seen)),
            a_project("silent"),
        ),
    )
    page, facts, found, compared, sheet, old = pages(
        store,
        tmp_path,
        *("/en/projects/galette", "/en/projects/galette/facts", "/en/projects?alive=active"),
        *("/en/compare?p=galette&p=old", "/en/compare/sheet?p=galette", "/en/projects/old"),
    )
    assert 'datetime="2026-11-01"' in page and "/facts#last_change" in page
    assert 'href="https://github.com/galette/galette/commit/0123abc"' in group(facts, "last_change")
    assert "1 November 2026" in group(facts, "last_change") and "20 November 2026" in group(facts, "last_change")
    assert "/en/projects/galette" in found and "/en/projects/old" not in found
    assert "Last change November 2026" in found
    assert "Archived by its maintainers" in compared and "Archived by its maintainers" in old
    assert re.search(r"source code(?: of galette/galette)?, version of 20 November 2026", re.sub(r"<[^>]*>", "", sheet))


def test_a_project_whose_read_version_is_old_is_neither_maintained_nor_asleep_anywhere(store, tmp_path):
    seen = LastChange("2025-02-12", "galette/galette@0123abc", date="2025-02-12")
    load(store, a_catalog(replace(GALETTE, last_change=seen), a_project("other", last_change=seen), an_organization()))
    page, found, compared, sheet = pages(
        store,
        tmp_path,
        *("/en/projects/galette", "/en/projects", "/en/compare?p=galette&p=other", "/en/compare/sheet?p=galette"),
    )
    assert page.count("Last known change 12 February 2025, not checked since") == 3
    assert "no longer be maintained" not in page
    for html in (page, found, compared, sheet):
        assert not re.search("Dormant<|Little activity<|Active<", html)
    for state in ("active", "quiet", "asleep"):
        (html,) = pages(store, tmp_path / state, f"/en/projects?alive={state}")
        assert 'href="/en/projects/galette"' not in html
    with a_site(store, tmp_path / "api") as app:
        told = a_client(app).get("/api/v1/projects?q=galette").json()
    assert "'state'" not in str(told) and "2025-02-12" in str(told)


def test_a_hostile_source_is_only_text(sqlite_store, tmp_path):
    """The store takes what no check has seen: a peer's record, say."""
    hostile = {"license": Evidence("javascript:alert(1)", "2026"), "cost": Evidence("<script>x</script>", "a<b")}
    load(sqlite_store, a_catalog(replace(GALETTE, evidence=hostile, screenshots=(Screenshot("a/b:c.png"),))))
    page, facts = pages(sqlite_store, tmp_path, "/en/projects/galette", "/en/projects/galette/facts")
    assert 'href="javascript' not in page + facts and "<script>x" not in page + facts
    assert "javascript:alert(1)" in facts
