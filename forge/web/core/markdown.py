"""Renders Markdown of the document and of our own pages as safe HTML, bounded in size. READMEs of strangers are
rendered by `forge.render`.

Python-Markdown takes quadratic time on hostile brackets (0.6 s for 2,000 of them), and fails where hundreds of lists
stand in each other: longer or thornier texts are shown as plain paragraphs.
"""

import re
import threading
from collections.abc import Mapping
from functools import cache, lru_cache
from html import escape as escaped
from pathlib import Path

import nh3
from markdown import Markdown
from markupsafe import Markup

from catalog.errors import NotFound
from forge.i18n.languages import SOURCE, TextInLanguage

FOLDER = Path(__file__).parents[2] / "i18n" / "pages"
MAX_CHARACTERS = 10_000
MAX_BRACKETS = 500
OWN_MAX_CHARACTERS = 200_000  # the texts that we ship are trusted
DRAFTS = ("es", "pt", "ar")  # languages of our texts that no native speaker read before they were shipped

_TAGS = {
    "a",
    "abbr",
    "blockquote",
    "br",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "h2",
    "h3",
    "h4",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
}
_ATTRIBUTES = {
    "a": {"href", "title", "lang", "hreflang"},
    "th": {"scope"},
    "h2": {"id"},
    "h3": {"id"},
    "abbr": {"title"},
}
# Lines that begin with a letter and hold no mark of Markdown but links: nearly all texts of records are such, and to
# make the converter takes a twentieth of a start.
_INSIDE = r"[\w ,;:?!.'’‘“”«»()%/–—…،؛؟\u00a0\u202f\u064b-\u0652-]"
_LINK = rf"\[([^\W\d]{_INSIDE}*+)\]\(((?:https?:/)?(?:/[A-Za-z0-9.-]++)++)\)"
_LINE = rf"[^\W\d](?:{_INSIDE}|{_LINK})*+"
_PLAIN = re.compile(rf"{_LINE}(?:\n\n?+{_LINE})*+")
_LINKS = re.compile(_LINK)
_REL = "nofollow noopener"
_MARKDOWN_MARKS = ("_", " \n")  # emphasis; two spaces that end a line
_converter_lock = threading.Lock()  # a converter keeps the footnotes and abbreviations of the text in hand
_NAME = re.compile(r"[a-z]+(/[a-z]+)?")
_NAME_CHARACTERS = 100  # a file system fails where it is asked for a name beyond 255 bytes
_HEADING = re.compile(r"<(/?)h([1-5])\b")
_TABLE = re.compile(r"<table>.*?</table>", re.S)
_CELL = re.compile(r"<(td|th)\b[^>]*>(.*?)</\1>", re.S)
_ROW = re.compile(r"<tr>.*?</tr>", re.S)
STACKED_FROM = 3  # columns of a table that a narrow screen takes apart
_HEADER_CELL = re.compile(r"<th\b(?![^>]*scope)")


@lru_cache(maxsize=512)
def markdown_html(text: str) -> Markup:
    """Render a short text of the document; its headings start at level 3, below those of the page."""
    if len(text) > MAX_CHARACTERS or text.count("[") + text.count("<") + text.count("`") > MAX_BRACKETS:
        return _paragraphs(text)
    if _PLAIN.fullmatch(plain := text.strip()) and not any(mark in plain for mark in _MARKDOWN_MARKS):
        linked = _LINKS.sub(rf'<a href="\2" rel="{_REL}">\1</a>', plain)
        return Markup("\n".join(f"<p>{part}</p>" for part in linked.split("\n\n")))
    with _converter_lock:
        try:
            html = _short_converter().reset().convert(text)
        except RecursionError:  # "1. 1. 1. …": lists in each other, which the converter reads one within the other
            _short_converter.cache_clear()  # it keeps where in the text it was
            return _paragraphs(text)
    return _clean_html(_lower_headings(html, by=2), rel=_REL)


def _paragraphs(text: str) -> Markup:
    """Return the text as plain paragraphs, its marks as they were typed."""
    return Markup("".join(f"<p>{escaped(part)}</p>" for part in text.split("\n\n")))


@cache
def _short_converter() -> Markdown:
    """Make the converter of short texts, once: that takes twice as long as converting one."""
    return _converter("extra", "sane_lists")


def _converter(*extensions: str) -> Markdown:
    return Markdown(extensions=list(extensions))


@lru_cache(maxsize=64)
def own_page(name: str, tag: str) -> tuple[TextInLanguage, Markup]:
    """Return the title and the body of one of our texts, in the language or in English. Raises NotFound."""
    if len(name) > _NAME_CHARACTERS or not _NAME.fullmatch(name):
        raise NotFound("page", name)
    for language in (tag, tag.partition("-")[0], SOURCE):
        file = FOLDER / language / f"{name}.md"
        if file.is_file():
            text = file.read_text(encoding="utf-8")[:OWN_MAX_CHARACTERS]
            title, _, body = text.lstrip().partition("\n")
            html = _converter("extra", "sane_lists", "toc").convert(body)
            return TextInLanguage(title.lstrip("# ").strip(), language), Markup(
                _TABLE.sub(_stacked_table, _clean_html(html, rel="noopener"))
            )
    raise NotFound("page", name)


def _stacked_table(match: re.Match[str]) -> str:
    """Return a table whose cells each begin with the heading of their column, which a narrow screen shows in its
    place.
    """
    head, *lines = _ROW.findall(match[0])
    headings = [heading for _, heading in _CELL.findall(head)]
    if len(headings) < STACKED_FROM:
        return match[0]
    html = match[0]
    for line in lines:
        cells = zip(headings, _CELL.findall(line), strict=False)
        row_cells = "".join(f'<td><b class="of">{heading}</b> {cell}</td>' for heading, (_, cell) in cells)
        html = html.replace(line, f"<tr>{row_cells}</tr>", 1)
    return html


def is_unproofread(language: str, readers: Mapping[str, str]) -> bool:
    """Return whether no native speaker has read our texts in a language; the manifest names the `readers`."""
    return language in DRAFTS and not readers.get(language)


@cache
def own_pages(folder: str) -> tuple[str, ...]:
    """Return the names of our texts in a folder, in order."""
    return tuple(sorted(file.stem for file in (FOLDER / SOURCE / folder).glob("*.md")))


def _lower_headings(html: str, by: int) -> str:
    return _HEADING.sub(lambda match: f"<{match[1]}h{min(int(match[2]) + by, 6)}", html)


def _clean_html(html: str, rel: str) -> Markup:
    clean = nh3.clean(
        html, tags=_TAGS | {"h5", "h6"}, attributes=_ATTRIBUTES, link_rel=rel, url_schemes={"http", "https", "mailto"}
    )
    return Markup(_HEADER_CELL.sub('<th scope="col"', clean))
