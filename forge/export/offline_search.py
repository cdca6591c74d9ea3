"""The page of an offline copy that searches its programs in the reader's browser, and the words that it searches."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape

from catalog.rules.today import STOPPED_STATUSES, UNKNOWN
from catalog.sentences import mark
from catalog.store.core.read_models import Card
from catalog.vocabulary import vocabulary
from forge.i18n.languages import PageLanguage, mark_untranslated, without_marks

NO_RESULTS, RESTING, CATEGORIES = mark("No results"), mark("Dormant or ended"), mark("Browse all categories")
_FORM = re.compile(r'<search aria-label="([^"]*)".*?</search>', re.DOTALL)
_MAIN = re.compile(r'(?<=<main id="main">).*(?=</main>)', re.DOTALL)
_TITLE = re.compile(r"(?<=<title>).*?(?=</title>)", re.DOTALL)


def search_page(frame: str, page_language: PageLanguage) -> str:
    """The page that searches, within what stands around the first page of its language, `frame`, and with its form."""
    form = _FORM.search(frame)
    if form is None:
        raise ValueError("the first page has no search")
    main = (
        f'<div class="wide search-page"><h1>{form[1]}</h1>{form[0]}<div id="results" role="status"></div>'
        f'<p><a href="domains/index.html">{escape(page_language.gettext(CATEGORIES))}</a></p></div>'
        '<script src="search-data.js"></script><script src="../search.js"></script>'
    )
    main = mark_untranslated(main)
    return _MAIN.sub(lambda _: main, _TITLE.sub(lambda _: form[1], frame, count=1))


def search_data(cards: Iterable[Card], page_language: PageLanguage, now: datetime) -> str:
    """What the page searches, as a script: a page without a server may load no other file. Maintained programs stand
    first, since those that fit equally well keep their order; what is not free is left out."""
    terms = vocabulary("domain").terms

    def text_of(words: Mapping[str, str]) -> str:
        text = page_language.text_of(words)
        return text.text if text else ""

    def words_of(card: Card) -> str:
        quoted = card.quoted_texts
        labels = [text_of(terms[slug].label) for slug in card.domains if slug in terms]
        if quoted is None:
            return " ".join(labels)
        features = quoted.features.get(page_language.tag) or quoted.features.get("en") or ()
        return " ".join((*labels, *quoted.replaces, *features, text_of(quoted.description)))

    programs = [
        {
            "name": card.name,
            "summary": text_of(card.summary),
            "address": f"projects/{card.slug}/index.html",
            "resting": card.status in STOPPED_STATUSES or card.activity.rank(now) > UNKNOWN,
            "places": (card.name, text_of(card.summary), words_of(card)),
        }
        for card in sorted(cards, key=lambda card: (card.activity.rank(now), -card.confirmed_uses))
        if not card.context_only
    ]
    data = {
        "none": without_marks(page_language.gettext(NO_RESULTS)),
        "resting": without_marks(page_language.gettext(RESTING)),
        "projects": programs,
    }
    return f"const catalogue = {json.dumps(data, ensure_ascii=False)};\n"
