"""The living page of components: every macro that pages share stands on it, drawn as real pages draw it."""

import re
from html import unescape

import pytest
from support.html_structure import problems
from support.paths import ROOT
from support.world import a_client, a_filled_site

TEMPLATES = ROOT / "templates"
SHARED = {
    "base/macros.html": "m",
    "base/form.html": "f",
    "projects/macros.html": "part",
    "organizations/country-macros.html": "place",
    "compare/macros.html": "c",
    "calls/macros.html": "calling",
    "submissions/experience/macros.html": "experience",
    "submissions/obstacle/macros.html": "block",
    "account/follow-box.html": "follows",
    "compare/sheet-macros.html": "s",
}
# Classes that a component has and pages are free to use; what is particular to a kind of page stands there alone.
SHOWN = ("button", "quiet", "chip", "field wrong", "choice", "card", "tag active", "tag warn", "note", "note warn",
         "use", "tiles", "known", "months", "bars", "worldmap", "legend", "screens", "sheet", "compare", "follow",
         "glance", "two", "changes", "plainlist", "pager", "chips", "crumbs", "src", "unknown")  # fmt: skip


@pytest.fixture(scope="module")
def html(sqlite_template, tmp_path_factory):
    with a_filled_site(sqlite_template, tmp_path_factory.mktemp("site")) as app:
        yield a_client(app).get("/fr/about/components").text


@pytest.mark.parametrize("name", SHARED)
def test_every_shared_macro_is_on_the_page(name):
    macros = re.findall(r"{% macro (\w+)", (TEMPLATES / name).read_text())
    # On the page itself, or within a piece that is: a call beside the macro's own head.
    page = (TEMPLATES / "site/style-guide.html").read_text() + "".join(
        (TEMPLATES / path).read_text() for path in SHARED
    )
    within = (TEMPLATES / name).read_text()
    missing = [
        macro
        for macro in macros
        if f"{SHARED[name]}.{macro}(" not in page and len(re.findall(rf"\b{macro}\(", within)) < 2
    ]
    assert macros and missing == []


def test_each_component_is_drawn_and_the_page_is_well_built(html):
    drawn = {name for classes in re.findall(r'class="([^"]*)"', html) for name in (classes, *classes.split())}
    assert [name for name in SHOWN if name not in drawn] == []
    assert problems(html) == []


def test_what_is_wrong_with_a_field_is_told_at_the_top_and_beside_it(html):
    assert html.count("Saisissez une adresse comme") == 2 and 'href="#address"' in html
    assert 'aria-invalid="true"' in html and "galette.eu" in html


def test_about_leads_to_it(sqlite_template, tmp_path):
    with a_filled_site(sqlite_template, tmp_path) as app:
        assert "/en/about/components" in a_client(app).get("/en/about").text


def test_each_chart_has_a_title_or_stands_beside_its_words(html):
    drawn = re.findall(r"<svg([^>]*)>(.{7})", html, re.DOTALL)
    alone = [first for attributes, first in drawn if "aria-hidden" not in attributes]
    assert len(alone) == 3 and [element for element in alone if not element.startswith("<title")] == [
        "<rect w"
    ]  # the QR code's label


def test_no_sample_leads_to_a_page_that_is_not_there(sqlite_template, tmp_path):
    with a_filled_site(sqlite_template, tmp_path) as app:
        reader = a_client(app)
        html = reader.get("/fr/about/components").text
        leads = {unescape(address).partition("#")[0] for address in re.findall(r'<a [^>]*?href="(/[^"]*)"', html)}
        lost = {address for address in leads if reader.get(address, headers={"accept": "text/html"}).status_code >= 400}
    assert len(leads) > 20 and lost == set()
