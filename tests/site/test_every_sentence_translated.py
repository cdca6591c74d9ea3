"""Every page in a language in which each sentence stands between marks: what is shown without was never translated.

The language is made of the message catalogues: a real `.po` file, read as all others are. What comes from records, from
vocabularies and from Babel's data is known and left out; the rest has to stand between marks. Templates are read too,
so that a branch which no page took hides nothing.
"""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pytest
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes
from support.every_page import TEMPLATES, Drawn, every_page, kinds
from support.factories.peers import CARD
from support.form_crawler import PLAUSIBLE
from support.html_structure import problems
from support.paths import TESTS
from support.rare_pages import THEIRS
from support.world import the_document

from catalog import vocabulary
from catalog.document import as_record
from catalog.rules import permissions
from catalog.submissions.kinds.adoption_fields import CURRENCIES
from forge.i18n import languages
from forge.i18n.catalogs import collect_sentences, updated_catalog
from forge.web.core.markdown import FOLDER as PAGES
from forge.web.core.markdown import own_page

TAG = "eo"  # Babel knows it, and nothing of ours is in it
OPEN, CLOSE = "⟦", "⟧"
# What a person typed, a name, a time, a piece of code: no sentence of ours.
ASIDE = ("bdi", "code", "time", "pre", "mark", "q", "blockquote", "textarea", "svg", "script")
VOID = ("meta", "link", "input", "img", "br", "hr", "wbr")
# An address, a mailbox, the reference of a declaration, "3 days ago" as Babel says it.
SHAPED = r"https?://\S+|\S+@[\w.]+|\b[0-9A-Z]{4}-[0-9A-Z]{4}\b|\bantaŭ \d+ \w+"
HERE = TESTS
CALLED = ("Keep the register of the shares that our members hold.", "Lend tools to neighbours, and know who has which.")
# Each kind of page is drawn, not each of its states: those are of the full run.
QUICK = {"per_route": 1, "walkers": (permissions.ANYONE, permissions.MAINTAINER, permissions.ADMINISTRATOR)}
OWN = sorted((PAGES / "en").rglob("*.md"))
SPOKEN = ("aria-label", "title", "alt", "placeholder")
LETTERS = re.compile(r"[^\W\d_]{2,}")


class _Reader(HTMLParser):
    """The texts of a page that stand between no marks and in no element of another language or of somebody's words."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.bare: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._depth = 0

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        aside = tag in ASIDE or given.get("lang", TAG) != TAG or "typed" in (given.get("class") or "").split()
        aside = aside or (tag == "a" and given.get("dir") == "ltr")  # a source, written as an address
        if not (aside or any(translated for _, translated in self._open)):
            self.bare += [bare for name in SPOKEN for bare in [_outside(given.get(name) or "")] if bare.strip()]
        if tag not in VOID:
            self._open.append((tag, aside))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        aside, kept = any(translated for _, translated in self._open), []
        for sign in data:
            self._depth += (sign == OPEN) - (sign == CLOSE)
            if self._depth == 0 and sign != CLOSE and not aside:
                kept.append(sign)
        if (bare := "".join(kept)).strip():
            self.bare.append(bare)


def _outside(text: str) -> str:
    """What stands outside of marks, which may stand in each other."""
    while (inner := re.sub(rf"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}", " ", text)) != text:
        text = inner
    return text


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _strings(key)
            yield from _strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _strings(part)


def _known() -> list[str]:
    """What records, vocabularies, our own pages and Babel say, and what was typed; the longest first."""
    page_language, document = languages.page_language(TAG), the_document()
    said = {*PLAUSIBLE.values(), *CALLED, *THEIRS, CARD["name"]["en"]}
    for record in (document.manifest, *document.collections, *document.projects, *document.organizations):
        said |= {part for text in _strings(as_record(record)) for part in (text, *re.split(r": ", text))}
    for name in vocabulary.names():
        known = vocabulary.vocabulary(name)
        said |= {text for term in known.terms.values() for text in (term.label["en"], term.definition.get("en", ""))}
        said |= set(known.title.values())
    said |= {page_language.country(code) for code in (*page_language.countries(), "EU")} | set(
        page_language.locale.languages.values()
    )
    said |= set(page_language.locale.months["format"]["wide"].values()) | {
        *CURRENCIES,
        *map(page_language.currency, CURRENCIES),
    }
    said |= {own_page(file.relative_to(PAGES / "en").with_suffix("").as_posix(), TAG)[0].text for file in OWN}
    said |= {languages.page_language(tag).own_name for tag in ("en", "fr", TAG)}
    every = {form for text in said for form in (text, text[:1].upper() + text[1:], " ".join(text.split()))}
    return sorted((text for text in every if len(text) > 2), key=len, reverse=True)


def _left(bare: Iterable[str], known: re.Pattern[str]) -> list[str]:
    found = [" ".join(known.sub(" ", " ".join(text.split())).split()) for text in bare]
    return [text for text in found if LETTERS.search(text)]


@pytest.fixture(scope="module", params=[QUICK, pytest.param({}, marks=pytest.mark.full)], ids=["quick", "whole"])
def drawn(sqlite_template, tmp_path_factory, request) -> Iterator[Drawn]:
    folder = tmp_path_factory.mktemp("locale")
    for file in languages.FOLDER.glob("*.po"):
        (folder / file.name).write_bytes(file.read_bytes())
    catalog = read_po(BytesIO(updated_catalog(b"", TAG, collect_sentences())), locale=TAG)
    for message in catalog:
        if message.id:
            several = isinstance(message.id, tuple)
            message.string = (
                tuple(f"{OPEN}{form}{CLOSE}" for form in message.id) if several else f"{OPEN}{message.id}{CLOSE}"
            )
    written = BytesIO()
    write_po(written, catalog)
    (folder / f"{TAG}.po").write_bytes(written.getvalue())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(languages, "FOLDER", folder)
        languages.page_language.cache_clear()
        folder = tmp_path_factory.mktemp("pseudo")
        with every_page(sqlite_template, folder, TAG, (TAG, "en", "fr"), **request.param) as pages:
            yield pages
    languages.page_language.cache_clear()


def test_nothing_that_a_page_says_goes_around_the_catalogues(drawn):
    known = re.compile("|".join([SHAPED, *(rf"(?<!\w){re.escape(text)}(?!\w)" for text in _known())]))
    found = {}
    for page in drawn.every():
        reader = _Reader()
        reader.feed(page.html)
        if left := _left(reader.bare, known):
            found.setdefault(page.template, set()).update(left)
    assert found == {}


def test_the_marks_tell_a_sentence_that_is_not_translated():
    reader = _Reader()
    reader.feed(f"<p title='Bare title'>{OPEN}All <b>of</b> {OPEN}it{CLOSE}{CLOSE}</p><p>Bare <bdi>Galette</bdi></p>")
    assert reader.bare == ["Bare title", "Bare "]
    assert _left(["Galette – Bare", "12 %", "–"], re.compile("Galette")) == ["– Bare"]


def test_every_kind_of_page_is_drawn(drawn):
    assert kinds() - set(drawn.pages) == set()
    failed = {"search/preparing.html", "code/unreadable.html"}  # they say so
    assert [page.address for page in drawn.every() if page.status >= 500 and page.template not in failed] == []


def test_no_template_holds_a_word_outside_of_a_sentence():
    """Text between tags and in spoken attributes, read from the templates themselves, whichever page shows them."""
    environment, found = Environment(extensions=["jinja2.ext.i18n"]), {}
    for file in sorted(TEMPLATES.rglob("*.html")):
        tree = environment.parse(re.sub(r"\{#.*?#\}", "", file.read_text(), flags=re.DOTALL))
        whole = "".join(node.data if isinstance(node, nodes.TemplateData) else "\0" for node in _pieces(tree))
        spoken = re.findall(rf"(?:{'|'.join(SPOKEN)})=\"([^\"]*)\"", whole)
        texts = re.sub(r"<(code|svg)\b.*?</\1>|<[^>]*>", "\0", whole, flags=re.DOTALL).split("\0")
        texts = [text for text in texts if not re.match(r"\s*(/|class=)", text)]  # an address, an attribute
        if left := [text.strip() for text in (*texts, *spoken) if LETTERS.search(text)]:
            found[file.relative_to(TEMPLATES).as_posix()] = left
    assert found == {}


def _pieces(tree: nodes.Template) -> Iterator[nodes.Node]:
    """What a template prints, in its order: its own text, and a place for each value."""
    for output in tree.find_all(nodes.Output):
        yield from output.nodes


def test_every_page_is_well_built(drawn):
    found = {f"{page.template} {page.address}": wrong for page in drawn.every() if (wrong := problems(page.html))}
    assert found == {}


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ("<h1>A</h1><p><b>x</p></b>", "</p> closes"),
        ("<h1>A</h1><i id=a></i><i id=a></i>", "stands 2 times"),
        ("<h1>A</h1><a href='#b'>x</a>", "nothing has the id 'b'"),
        ("<h1>A</h1><h3>B</h3>", "jumps from 1 to 3"),
        ("<h1>A</h1><a><button>x</button></a>", "in a link"),
        ("<h1>A</h1><p>x", "never closed"),
        ("<p>x</p>", "0 headings"),
        (
            "<ul id='problems'><li><a href='#b'>x</a><a href='#a'>y</a></ul><p id='a'>x</p><p id='b'>y</p>",
            "another order",
        ),
    ],
)
def test_what_is_badly_built_is_named(html, told):
    assert any(told in problem for problem in problems(html))
    assert problems("<h1 id='a'>A</h1><h2>B</h2><p><a href='#a'>x</a><br></p>") == []
