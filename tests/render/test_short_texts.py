"""Short texts of the document as HTML: one converter for all of them, which remembers none."""

from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.paths import ROOT

from catalog.document import load
from forge.web.core import markdown as core_markdown
from forge.web.core.markdown import markdown_html

CATALOG = ROOT / "catalog.yaml"
LETTERS = st.text(st.sampled_from("aé1Zش .,;:?!'’«»()%/–-_*#=[]\u00a0\u202f\u064f\n"), max_size=8)
LINKS = st.sampled_from(
    ["[the story](/en/about/alveole)", "[là](https://example.org/a)", "[a](/b c)", "[1](x)", "![a](/b)"]
)
WRITTEN = st.lists(LETTERS | LINKS, max_size=6).map("".join)


def test_a_text_shows_nothing_of_the_one_before_it():
    assert "title=" in markdown_html(
        "HTML[^a] by [us]\n\n*[HTML]: Hypertext\n\n[^a]: A note.\n\n[us]: https://example.org"
    )
    after = markdown_html("HTML[^a] by [us]")
    assert after == "<p>HTML[^a] by [us]</p>"


def test_a_converter_is_made_once_and_threads_take_turns(monkeypatch):
    made, maker = [], core_markdown.Markdown
    monkeypatch.setattr(core_markdown, "Markdown", lambda **given: made.append(given) or maker(**given))
    core_markdown._short_converter.cache_clear()
    written = [f"# Title {number}\n\n- *one*\n- **{number}**[^a]\n\n[^a]: Note {number}." for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(markdown_html, written))
    assert len(made) == 1
    assert all(str(html).count(f"Note {number}.") == 1 for number, html in enumerate(together))


@pytest.mark.parametrize("text", ["1. " * 3_300, "* " * 4_900 + "a", "a\n: b\n" * 1_600])
def test_lists_in_each_other_without_end_are_shown_as_they_were_typed_and_change_no_other_text(text):
    """A description like this took down each page that showed it."""
    plain = "- *one*\n\n    - two"
    before = markdown_html(plain)
    assert text.strip() in unescape(markdown_html(text))
    markdown_html.cache_clear()
    assert markdown_html(plain) == before


@given(WRITTEN)
@example("Tenir les comptes : reçus, dons.\n\nPuis voter (1. 2.) - ou pas")
@example("a\nb\n\nc")
@example("a\n---")
@example("a  \nb")
@example("a\n\n\nb")
def test_a_text_without_marks_is_what_the_converter_makes_of_it(text):
    made = core_markdown._clean_html(
        core_markdown._lower_headings(core_markdown._short_converter().reset().convert(text), by=2),
        rel="nofollow noopener",
    )
    assert unescape(markdown_html(text)) == unescape(made)


def test_nearly_all_texts_of_the_shipped_catalogue_need_no_converter():
    document = load(CATALOG)
    texts_of = [project.description for project in document.projects] + [
        collection.text for collection in document.collections
    ]
    every = [text for words in texts_of for text in words.values()]
    assert sum(1 for text in every if not core_markdown._PLAIN.fullmatch(text.strip())) < len(every) / 20
