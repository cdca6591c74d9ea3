"""One page to print: each fact with its source and date, and never more than one A4 page, whatever a record says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import a_catalog, a_maintenance, a_project, a_store, an_adoption, an_organization, load
from serving import served
from world import a_client, a_filled_site, a_site, the_document

from catalog import model
from forge.web.qr import BORDER, MAX_BYTES, qr_code

LONG = "A text that goes on and on, since nobody told its author that paper ends. " * 20
WORD = "Donaudampfschifffahrtsgesellschaft" * 3
PAGE = re.compile(rb"/Type\s*/Page\b")
BOX = re.compile(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]")


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text))


def a_talkative_project(slug: str) -> model.Project:
    """One of which everything is known, at length."""
    return a_project(
        slug,
        name=f"{slug} {WORD} {LONG[:150]}",
        summary={"en": LONG[:118], "fr": LONG[:118]},
        made_for=("association", "cooperative", "volunteers-only", "foundation", "public-body"),
        languages=tuple(model.ScreenLanguage(tag, 40) for tag in LANGUAGES),
        runs=model.Runs(online="https://example.org/", hosted=("ana-maintains", "host"), self_hosted="hard"),
        cost={"en": LONG, "fr": LONG},
        accessibility=model.Accessibility(LONG[:60], "partial", "https://example.org/report", "2026"),
        leaving=model.Leaving((WORD, LONG[:80], "CSV"), (LONG[:90], "iCal"), {"en": LONG}),
        features={"en": tuple(LONG[:110] for _ in range(7))},
        replaces=(LONG[:60], WORD, "Excel"),
        maintenance=tuple(a_maintenance(one) for one in ("ana-maintains", "host")),
        adoptions=tuple(an_adoption(f"org-{n}", verification=("self-declared", None)[n % 2] or "found-in-public-source")
                        for n in range(20)),
        sources=tuple(f"https://example.org/{'long-path/' * 12}{n}" for n in range(9)),
    )  # fmt: skip


LANGUAGES = ("fr", "en", "es", "de", "it", "pt", "nl", "ca", "eu", "ar", "oc", "br", "pl")
SLUGS = ("one", "two", "three", "four")


@pytest.fixture(scope="module")
def base(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:

    folder = tmp_path_factory.mktemp("sheet")
    with a_store(sqlite_template, folder) as store:
        document = a_catalog(
            *(a_talkative_project(slug) for slug in SLUGS),
            a_project("unknown", license=None, repository=None, domains=(), sources=()),
            an_organization("ana-maintains", name=WORD),
            an_organization("host", name=LONG[:120]),
            *(an_organization(f"org-{n}", name=f"{n} {LONG[:90]}") for n in range(20)),
        )
        manifest = the_document(("en", "fr", "ar")).manifest
        load(store, model.Document(manifest, (), document.projects, document.organizations))
        with a_site(store, folder / "data") as app, served(app) as base:
            yield base


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tag", ["en", "ar"])
@pytest.mark.parametrize(
    "path",
    ["/projects/one/sheet", "/projects/unknown/sheet", "/compare/sheet?p=one&p=unknown"]
    + ["/compare/sheet?" + "&".join(f"p={slug}" for slug in SLUGS[:many]) for many in (1, 3, 4)],
)
def test_a_sheet_is_one_page_of_a4(base, browser, path, tag, scheme):
    context = browser.new_context(color_scheme=scheme, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/{tag}{path}")
    paper = page.pdf(prefer_css_page_size=True)
    context.close()
    assert len(PAGE.findall(paper)) == 1
    width, height = (round(float(one)) for one in BOX.search(paper).groups())
    assert (width, height) in ((595, 842), (596, 842))  # points


@pytest.fixture(scope="module")
def client(sqlite_template, tmp_path_factory):
    with a_filled_site(sqlite_template, tmp_path_factory.mktemp("sheets")) as app:
        yield a_client(app)


def test_each_fact_of_a_sheet_has_its_source_and_date(client):
    answer = client.get("/en/projects/galette/sheet")
    said = words(answer)
    assert answer.status_code == 200 and answer.text.count('<th scope="row">') == 12
    for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", answer.text, re.S):
        if "Not known yet" not in row:
            assert re.search(r'class="who">.*20\d\d', row, re.S), row
    assert "24 November 2026: editors of the catalogue, from example.org/source" in said
    assert "Confirmed by the group:" in said or "Found in public sources, not confirmed:" in said
    assert "http://testserver/en/projects/galette<" in answer.text and "noindex" in answer.text


def test_a_sheet_of_several_says_which_is_meant_and_keeps_what_is_not_known(client):
    answer = client.get("/en/compare/sheet?p=galette&p=unknown")
    assert answer.text.count('<th scope="col">') == 3 and "Not known yet" in words(answer)
    assert "http://testserver/en/compare?p=galette&amp;p=unknown" in answer.text
    assert client.get("/en/compare/sheet").status_code == 404
    assert client.get("/en/compare/sheet?p=nothing").status_code == 404
    assert client.get("/en/compare/sheet?p=galette-old").headers["location"] == "/en/compare/sheet?p=galette"
    assert client.get("/en/projects/nothing/sheet").status_code == 404


def test_pages_lead_to_their_sheet(client):
    assert 'href="/en/projects/galette/sheet"' in client.get("/en/projects/galette").text
    assert 'href="/en/compare/sheet?p=galette&amp;p=ended"' in client.get("/en/compare?p=galette&p=ended").text


def test_a_code_has_its_three_corners_and_a_white_border():
    code = qr_code("https://example.org/fr/projects/galette")
    assert code is not None and code.size == 29 + 2 * BORDER
    drawn = set()
    for x, y, wide in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", code.path):
        drawn |= {(int(x) + step, int(y)) for step in range(int(wide))}
    last = code.size - BORDER - 7
    for left, top in ((BORDER, BORDER), (last, BORDER), (BORDER, last)):
        ring = {(left + x, top + y) for x in range(7) for y in range(7) if x in (0, 6) or y in (0, 6)}
        core = {(left + x, top + y) for x in (2, 3, 4) for y in (2, 3, 4)}
        assert ring | core <= drawn and (left + 1, top + 1) not in drawn
    assert all(BORDER <= x < code.size - BORDER and BORDER <= y < code.size - BORDER for x, y in drawn)


def test_what_no_code_holds_has_none():
    assert qr_code("x" * MAX_BYTES) is not None and qr_code("x" * (MAX_BYTES + 1)) is None
