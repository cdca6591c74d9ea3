"""A page to print: each fact with its source and date, one A4 page as a rule, and nothing is ever cut."""

import io
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader
from support.factories.core import a_catalog, a_maintenance, a_project, a_store, an_adoption, an_organization, load
from support.html_structure import words
from support.serving import served
from support.world import a_shipped_site, a_site, the_document

from catalog import model
from forge.web.core.qr import BORDER, MAX_BYTES, qr_code

LONG = "A text that goes on and on, since nobody told its author that paper ends. " * 20
WORD = "Donaudampfschifffahrtsgesellschaft" * 3
A4_POINTS = (595, 842)
TAGS = ("en", "fr", "es", "pt", "ar")


def bare(html):
    """The words as they are read, with nothing where tags were."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html))


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
        features=tuple(
            model.Feature({"en": LONG[:110]}, f"group/tool-{n}:{'folder/' * 20}{n}.md", "2026-11-02") for n in range(7)
        ),
        evidence={
            name: model.Evidence(f"https://{name.replace('_', '-')}.{'long-' * 9}name.org/", "2026-11-03")
            for name in ("made_for", "languages", "runs", "cost", "accessibility", "leaving", "replaces", "license")
        },
        replaces=(LONG[:60], WORD, "Excel"),
        maintenance=tuple(a_maintenance(name) for name in ("ana-maintains", "host")),
        adoptions=tuple(an_adoption(f"org-{n}", verification=("self-declared", None)[n % 2] or "found-in-public-source")
                        for n in range(USERS)),
        sources=tuple(f"https://example.org/{'long-path/' * 12}{n}" for n in range(9)),
    )  # fmt: skip


LANGUAGES = ("fr", "en", "es", "de", "it", "pt", "nl", "ca", "eu", "ar", "oc", "br", "pl")
SLUGS = ("one", "two", "three", "four")
USERS = 55


@pytest.fixture(scope="module")
def base(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:

    folder = tmp_path_factory.mktemp("sheet")
    with a_store(sqlite_template, folder) as store:
        document = a_catalog(
            *(a_talkative_project(slug) for slug in SLUGS),
            a_project("unknown", license=None, repository=None, domains=(), sources=()),
            an_organization("ana-maintains", name=WORD),
            an_organization("host", name=LONG[:120]),
            *(an_organization(f"org-{n}", name=f"{n} {LONG[:90]}") for n in range(USERS)),
        )
        manifest = the_document(TAGS).manifest
        load(store, model.Document(manifest, (), document.projects, document.organizations))
        with a_site(store, folder / "data") as app, served(app) as base:
            yield base


def printed(browser: Browser, address: str, scheme: str = "light") -> tuple[list[str], list[list[str]], list[str]]:
    """The text of each page of A4 that comes out of a printer; what each row and each source says on the screen."""
    context = browser.new_context(color_scheme=scheme, java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    paper = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    page.evaluate("document.querySelectorAll('.sr').forEach(said => said.remove())")
    rows = [row.locator("th, td").all_inner_texts() for row in page.locator(".sheet tbody tr").all()]
    notes = page.locator(".address, .notes li").all_inner_texts()
    context.close()
    for sheet in paper.pages:
        size = tuple(round(float(side)) for side in (sheet.mediabox.width, sheet.mediabox.height))
        assert size in (A4_POINTS, (A4_POINTS[0] + 1, A4_POINTS[1]))
    return [sheet.extract_text() for sheet in paper.pages], rows, notes


def is_on_paper(said: str, paper: str) -> bool:
    """Whether a sentence can be read there. A printer breaks lines where it likes."""
    said, paper = (unicodedata.normalize("NFKC", text) for text in (said, paper))
    return re.sub(r"\W", "", said) in re.sub(r"\W", "", paper)


ALONE, TWO = "/compare/sheet?p=one", "/compare/sheet?p=one&p=two"
OTHERS = ("/compare/sheet?p=unknown", "/compare/sheet?p=one&p=unknown",
          "/compare/sheet?" + "&".join(f"p={slug}" for slug in SLUGS))  # fmt: skip


@pytest.mark.parametrize("tag", ["en", *(pytest.param(tag, marks=pytest.mark.full) for tag in ("fr", "es", "pt"))])
@pytest.mark.parametrize("path", [ALONE, TWO, *(pytest.param(path, marks=pytest.mark.full) for path in OTHERS)])
def test_whatever_a_record_says_all_of_it_is_on_paper_and_each_page_begins_with_a_whole_row(base, browser, path, tag):
    sheets, rows, notes = printed(browser, f"{base}/{tag}{path}")
    assert [said for said in notes if not is_on_paper(said, " ".join(sheets))] == []
    for row in rows:
        if sum(map(len, row)) < 2_000:  # what is longer than a page goes on on the next one
            assert any(all(is_on_paper(said, sheet) for said in row) for sheet in sheets), row


def test_a_sheet_is_the_same_paper_in_a_dark_room(base, browser):
    assert printed(browser, f"{base}/en{ALONE}", "dark") == printed(browser, f"{base}/en{ALONE}")


NUMBER = re.compile(r'class="number" href="#source-(\d+)"')


def rows_of(answer):
    return re.findall(r"<tr[^>]*><th scope=\"row\">.*?</tr>", answer.text, re.S)


def sources_of(answer):
    """What the list below the table says, by number."""
    listed = re.findall(r'<li id="source-(\d+)">(.*?)</li>', answer.text, re.S)
    return {number: re.sub(r"<[^>]*>", "", said) for number, said in listed}


@pytest.mark.parametrize("path", ["/compare/sheet?p=galette", "/compare/sheet?p=galette&p=asleep&p=tool-1"])
def test_each_value_of_a_sheet_has_the_numbers_of_its_sources_with_their_dates(client, path):
    answer = client.get(f"/en{path}")
    sources = sources_of(answer)
    assert answer.status_code == 200 and all(
        re.search(r"\b20\d\d\b", said) or "editors of the catalogue" in said for said in sources.values()
    )
    known = [
        cell
        for row in rows_of(answer)
        for cell in row.split("<td")[1:]
        if 'class="unknown"' not in cell and "parts" in cell
    ]
    assert len(known) > 8
    assert all(NUMBER.search(cell) for cell in known)
    assert set(NUMBER.findall(answer.text)) == set(sources)


def test_a_number_leads_to_who_says_that_value(client):
    answer = client.get("/en/compare/sheet?p=galette")
    sources, rows = sources_of(answer), {row.split("<")[2].split(">")[1]: row for row in rows_of(answer)}
    assert len(rows) == 14
    assert [sources[number] for number in NUMBER.findall(rows["For whom"])] == [
        "editors of the catalogue, from example.org/source"
    ]
    assert [sources[number] for number in NUMBER.findall(rows["Who uses it"])] == ["24 November 2026: counted here"]
    licence = [sources[number] for number in NUMBER.findall(rows["Licence"])]
    assert licence[0].endswith("example.org/source") and licence[1].endswith("read in the file LICENSE")
    assert "Confirmed by the organization:" in words(answer) or "Found in public sources, not confirmed:" in words(
        answer
    )
    assert "http://testserver/en/projects/galette<" in answer.text and "noindex" in answer.text
    assert '<bdi dir="ltr">Forge: a test</bdi>' in answer.text  # by its language, not by its first letter


SAME = "p=galette&p=dolibarr&p=paheko&p=civicrm"  # what a board of an association hesitates between


@pytest.fixture(scope="module")
def shipped(sqlite_template, tmp_path_factory):
    with a_shipped_site(sqlite_template, tmp_path_factory.mktemp("shipped")) as app, served(app) as base:
        yield base


@pytest.mark.parametrize("tag", ["fr", "ar"])
def test_one_program_and_two_are_one_page_and_four_of_a_kind_at_most_two(shipped, browser, tag):
    for most, path in (
        (1, "compare/sheet?p=galette"),
        (1, "compare/sheet?p=galette&p=paheko"),
        (2, f"compare/sheet?{SAME}"),
    ):
        sheets, _rows, _notes = printed(browser, f"{shipped}/{tag}/{path}")
        assert len(sheets) <= most


def test_a_board_reads_seven_rows_the_rules_of_its_country_and_when_each_was_read_and_signs(shipped):
    html = urlopen(f"{shipped}/en/compare/sheet?{SAME}&country=FR").read().decode()
    assert re.findall(r'data-fact="([a-z-]+)"', html) == [
        *("made-for", "alive", "languages", "help", "cost", "leaving", "uses", "rules")
    ]
    assert bare(html).count("Read on ") == 4 and "Decision, date and signatures" in html
    assert html[: html.index("</thead>")].count('class="tile') == 4


def test_what_sources_are_of_is_named_and_the_way_to_all_of_them(shipped):
    html = urlopen(f"{shipped}/en/compare/sheet?{SAME}").read().decode()
    said = bare(html)
    assert "from the sources named on the page of Galette" in said
    assert "the page of each program" in said and "All facts with their sources" not in said
    there = urlopen(f"{shipped}/en/compare?{SAME}").read().decode()
    assert 'href="/en/projects/galette"' in there
    assert 'class="src"' in urlopen(f"{shipped}/en/projects/galette").read().decode()
    alone = bare(urlopen(f"{shipped}/en/compare/sheet?p=galette").read().decode())
    assert "All facts with their sources" in alone
    assert "Read by the editors of the catalogue" in alone


def test_files_of_one_name_and_date_are_one_source_called_as_people_call_it(shipped):
    alone = urlopen(f"{shipped}/en/compare/sheet?p=galette").read().decode()
    listed = [bare(said) for said in re.findall(r'<li id="source-\d+">(.*?)</li>', alone, re.S)]
    assert listed[0] == "the project’s README, version of 5 September 2025" and len(set(listed)) == len(listed)
    assert "documentation of galette/galettedoc, version of 9 April 2026" in listed
    assert not any("@" in said or "README.md" in said for said in listed)
    row = re.search(r'<tr data-fact="features">.*?</tr>', alone, re.S)[0]
    assert len(NUMBER.findall(row)) == 1  # six of its files, of one version


def test_what_is_folded_on_the_screen_is_read_on_paper_and_forms_are_not(shipped, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{shipped}/en/projects/galette")
    assert not page.get_by_text("Source code repository:").is_visible()
    paper = " ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.pdf())).pages)
    context.close()
    assert "For IT professionals" in paper and "Source code repository:" in paper and "Sources of this page" in paper
    assert "E-mail me about changes" not in paper and "Your e-mail address" not in paper


def test_where_users_ask_stands_on_the_sheet_with_its_address(shipped):
    html = urlopen(f"{shipped}/fr/compare/sheet?{SAME}").read().decode()
    said = bare(html)
    assert said.count("Demander aux utilisateurs et à l’équipe du projet") == 3  # none is known of Dolibarr
    assert "civicrm.stackexchange.com" in said


def test_a_sheet_of_several_says_which_is_meant_and_keeps_what_is_not_known(client):
    answer = client.get("/en/compare/sheet?p=galette&p=unknown")
    assert answer.text.count('<th scope="col">') == 3 and "Not known yet" in words(answer)
    said = words(answer)
    assert "Ask each of them How to leave it" in said
    assert "http://testserver/en/compare?p=galette&amp;p=unknown" in answer.text
    assert client.get("/en/compare/sheet").status_code == 404
    assert client.get("/en/compare/sheet?p=galette-old").headers["location"] == "/en/compare/sheet?p=galette"
    assert client.get("/en/compare/sheet?p=nothing").status_code == 404


def test_pages_lead_to_their_sheet(client):
    assert 'href="/en/compare/sheet?p=galette"' in client.get("/en/projects/galette").text
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
