"""The filters and functions of templates for a language: texts, names, labels, sources."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from babel.support import Translations
from markupsafe import Markup, escape

from catalog.licenses import expressions
from catalog.model import Feature, lines_of_features
from catalog.rules.fields import USABLE_PERCENT
from catalog.vocabulary import vocabulary
from forge.i18n import languages
from forge.i18n.languages import PageLanguage
from forge.web.core import regions
from forge.web.core.category_names import category_name
from forge.web.core.markdown import markdown_html
from forge.web.core.source_links import shown_source, source_address, web_address

# "@context": "https://…", publiccodeYmlVersion: "0" or "0": what a sentence about a file asks to write.
_QUOTED = re.compile(r'((?:\b[a-z]{1,40}[A-Z]\w{0,40}: )?"[^"\s]+"(?:: "[^"\s]+")?)', re.ASCII)

# The version of a GNU license; which later ones may be chosen stands on the project's page.
_GNU = re.compile(r"\b([AL]?GPL|GFDL)-([0-9])(?:\.0|(\.[0-9]))?(?:-only|-or-later|\+)?(?![\w.-])")


SENTENCES = 4_096  # of one language that are kept as they stand in pages
_WIDESPREAD = ("en", "es", "fr", "ar", "pt")  # languages by how many people read them
T = TypeVar("T")


def _direction(language: str) -> str:
    return languages.page_language(language).direction if languages.is_supported(language) else "auto"


class NamedCatalogue(Protocol):
    """Another catalogue: what it calls itself, by language, and its host."""

    @property
    def names(self) -> Mapping[str, str]: ...

    @property
    def host(self) -> str: ...


class Sentences:
    """The sentences of a language, those of an instance's own words before ours."""

    def __init__(self, page_language: PageLanguage, own: Translations | None):
        self._page_language, self._own = page_language, own
        self._known = frozenset(getattr(own, "_catalog", ()))  # a sentence, or a sentence and the number of a form
        self._finished = lru_cache(maxsize=SENTENCES)(lambda message: Markup(self.gettext(message)) % {})

    def gettext(self, message: str) -> str:
        if self._own is not None and message in self._known:
            return str(self._own.gettext(message))
        return self._page_language.gettext(message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        if self._own is not None and (one, 0) in self._known:
            return str(self._own.ngettext(one, many, number))
        return self._page_language.ngettext(one, many, number)

    def html(self, message: str, **names: Any) -> Markup:
        """Return a sentence of a template; what it names is escaped."""
        return Markup(self.gettext(message)) % names if names else self._finished(message)

    def html_of_number(self, one: str, many: str, number: int, **names: Any) -> Markup:
        """Return a sentence of a template that counts."""
        return Markup(self.ngettext(one, many, number)) % {"num": number, **names}


def own_language_first(spoken: Sequence[T], page_language: PageLanguage) -> list[T]:
    """Sort languages (tags, or claims whose term is a tag): the reader's own first, the others by their names.

    Where their own is none of them, the first is one that many read: often only the first stands on a page.
    """
    ordered = sorted(spoken, key=lambda claim: page_language.own_first(_tag_of(claim)))
    partly = [claim for claim in ordered if (getattr(claim, "percent", None) or USABLE_PERCENT) < USABLE_PERCENT]
    ordered = [claim for claim in ordered if claim not in partly]
    tags = [_tag_of(claim).partition("-")[0] for claim in ordered]
    if tags and tags[0] != page_language.tag.partition("-")[0]:
        widespread = next((tag for tag in _WIDESPREAD if tag in tags), tags[0])
        ordered.insert(0, ordered.pop(tags.index(widespread)))
    return ordered + partly


def _tag_of(claim: object) -> str:
    return str(getattr(claim, "term", claim))


class TemplateFilters:
    """The filters and functions of templates for one language."""

    def __init__(self, page_language: PageLanguage):
        self._page_language = page_language

    @property
    def page_language(self) -> PageLanguage:
        return self._page_language

    def to(self, path: str) -> str:
        """Return an address of ours below the language of the page."""
        return f"/{self._page_language.tag}{path}"

    def name(self, text: str) -> Markup:
        """Return a name that people typed as HTML: set apart, so that its direction disturbs nothing."""
        return Markup(f"<bdi>{escape(languages.plain(text))}</bdi>")  # `format` takes ten times as long

    def names(self, texts: Iterable[str]) -> Markup:
        """Return names that people typed, one after another, each set apart."""
        return Markup(self._page_language.comma).join(map(self.name, texts))

    def called(self, catalogue: "NamedCatalogue") -> Markup:
        """Return what another catalogue calls itself, in the page's language where it says so, set apart with the
        direction of its language: a name that begins in another script reads as its makers wrote it.
        """
        name = self._page_language.text_of(catalogue.names)
        if name is None:
            return self.name(catalogue.host)
        direction, text = _direction(name.language), languages.plain(name.text)
        if name.language == self._page_language.tag or not languages.is_supported(
            name.language
        ):  # a card may name any as one
            return Markup('<bdi dir="{}">{}</bdi>').format(direction, text)
        return Markup('<bdi lang="{}" dir="{}">{}</bdi>').format(name.language, direction, text)

    def region(self, code: str) -> Markup:
        """Return the name of a part of a country, set apart, and marked where it is in another language."""
        name = regions.region_name(languages.plain(code), self._page_language)
        if name.language in ("", self._page_language.tag):
            return Markup("<bdi>{}</bdi>").format(name.text)
        return Markup('<bdi lang="{}">{}</bdi>').format(name.language, name.text)

    def localized(self, words: Mapping[str, str]) -> Markup:
        """Return the text in the page's language; else in another, marked and labelled so."""
        text = self._page_language.text_of(words)
        if text is None:
            return Markup("")
        return self._labelled(escape(languages.plain(text.text)), text.language)

    def spoken_of(self, words: Iterable[str]) -> str:
        """Return that of these languages in which a reader is given a text; empty for none."""
        text = self._page_language.text_of({tag: tag for tag in words})
        return text.language if text else ""

    def text(self, words: Mapping[str, str]) -> str:
        """Return the text as bare characters, for titles and attributes."""
        text = self._page_language.text_of(words)
        return languages.plain(text.text) if text else ""

    def prose(self, words: Mapping[str, str]) -> Markup:
        """Return Markdown in the page's language as HTML; else in another, in a block of its own that begins with the
        label.
        """
        text = self._page_language.text_of(words)
        if text is None:
            return Markup("")
        html = markdown_html(languages.plain(text.text))
        if text.language == self._page_language.tag:
            return html
        if text.language == languages.UNKNOWN:
            return Markup('<div lang="" dir="auto">{}</div>').format(html)
        marked = Markup('<div class="foreign"><p class="aside">({})</p><div lang="{}" dir="{}">{}</div></div>')
        return marked.format(self._spoken(text.language), text.language, _direction(text.language), html)

    def lines(self, words: Mapping[str, Iterable[str]]) -> list[Markup]:
        """Return the lines in the page's language, else in another, each labelled."""
        text = self._page_language.text_of({tag: "\n".join(lines) for tag, lines in words.items()})
        if text is None:
            return []
        return [self.localized({text.language: line}) for line in text.text.split("\n")]

    def _labelled(self, html: Markup, language: str) -> Markup:
        if language == self._page_language.tag:
            return html
        if language == languages.UNKNOWN:
            return Markup(f'<span lang="" dir="auto">{html}</span>')
        tag, spoken = escape(language), escape(self._spoken(language))
        return Markup(
            f'<span lang="{tag}" dir="{_direction(language)}">{html}</span> <span class="aside">({spoken})</span>'
        )

    def _spoken(self, language: str) -> str:
        return self._page_language.gettext("in %(language)s") % {"language": self.language(language)}

    def features(self, features: Sequence[Feature]) -> list[tuple[Markup, Feature]]:
        """Return the lines of features as `lines` does, each with its feature, which knows its source."""
        text = self._page_language.text_of(
            {tag: "\n".join(lines) for tag, lines in lines_of_features(features).items()}
        )
        tag = text.language if text else ""
        return [(self.localized({tag: feature.text[tag]}), feature) for feature in features if tag in feature.text]

    def term(self, name: str, slug: str) -> str:
        """Return the label of a vocabulary's term; the slug itself when the list does not hold it."""
        entry = vocabulary(name).terms.get(slug)
        if entry and name == "domain":
            return category_name(slug, self._page_language)
        return (self._page_language.text_of(entry.label) or languages.TextInLanguage(slug, "")).text if entry else slug

    def defined(self, name: str, slug: str) -> Markup:
        """Return the sentence that explains a term; empty when there is none."""
        entry = vocabulary(name).terms.get(slug)
        return self.localized(entry.definition) if entry else Markup("")

    def kind_or_size(self, slug: str) -> str:
        """Return the label of an organization kind or of a size: `made_for` mixes both."""
        return self.term("size" if slug in vocabulary("size").terms else "organization-kind", slug)

    def reason(self, sentence: str) -> Markup:
        """Return an English sentence of the code, translated where it has been, else labelled as English.

        What it quotes of a file keeps the direction of files: in an Arabic sentence "a": "b" would read backwards.
        """
        translated = self._page_language.texts.gettext(sentence)
        pieces = enumerate(_QUOTED.split(languages.plain(translated)))
        html = Markup("").join(
            Markup('<code dir="ltr">{}</code>').format(piece) if at % 2 else piece for at, piece in pieces
        )
        return self._labelled(html, languages.SOURCE if translated == sentence else self._page_language.tag)

    def lowered(self, label: str) -> str:
        """Return a label as it stands inside a sentence: without its first capital, but for an abbreviation."""
        return label if label[1:2].isupper() else label[:1].lower() + label[1:]

    def month(self, at: date) -> str:
        """Return the month of a day with its year, as the language writes them."""
        return self._page_language.partial_date(f"{at:%Y-%m}")

    def language(self, tag: str) -> str:
        return self._page_language.language(tag)

    def is_free(self, license: str) -> bool:
        """Return whether a license is known as free; False for what is no expression."""
        try:
            return expressions.is_free(license) is True
        except ValueError:
            return False

    def short_license(self, license: str) -> str:
        """Return a license as people call it: "AGPL 3" for AGPL-3.0-or-later, other ids as they are."""
        return _GNU.sub(r"\1 \2\3", languages.plain(license))

    def own_first(self, spoken: Sequence[Any]) -> list[Any]:
        return own_language_first(spoken, self._page_language)

    def joined(self, names: Iterable[str]) -> Markup:
        """Return names in one phrase, each escaped, joined as the language does."""
        return Markup(self._page_language.joined([str(escape(name)) for name in names]))

    def either(self, names: Iterable[str]) -> Markup:
        """Return names of which one will do, each set apart, joined as the language does."""
        return Markup(self._page_language.either([str(self.name(name)) for name in names]))

    def web(self, url: str) -> str:
        """Return an address as it may be in a link; empty for any that is not http or https."""
        return web_address(url)

    def origin(self, source: str) -> Markup:
        """Return a source as the document states it, `https://…` or `owner/repository:path#L12`, as a link."""
        source = languages.plain(source)
        if target := source_address(source):
            return Markup(f'<a href="{escape(target)}" dir="ltr">{escape(shown_source(source))}</a>')
        return Markup(f"<bdi>{escape(source)}</bdi>")
