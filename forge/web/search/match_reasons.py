"""Say why each result of a search matches, where its name and its summary do not show it.

The closest reason is given: the need that the words mean, what it replaces, what it does, who uses or maintains it, and
last its README. The store is read only for results that their cards do not explain.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from catalog.search import SearchResult
from catalog.search.snippet import MarkedParts, SoughtWords
from catalog.sentences import mark
from catalog.store.core.read_models import Card, QuotedTexts, SnippetSources
from catalog.store.store import Store
from catalog.vocabulary import vocabulary
from forge.i18n.languages import PageLanguage, plain
from forge.web.core.category_names import category_name

README_CHARACTERS = 50_000  # as many as are searched
NEED = mark("Category:")
REPLACES = mark("Alternative to:")
FEATURE = mark("Features:")
DESCRIPTION = mark("Description:")
SUMMARY = mark("Summary:")
GROUP = mark("Used or maintained by:")
README = mark("README:")


@dataclass(frozen=True)
class MatchReason:
    label: str
    parts: MarkedParts
    language: str | None = None  # of the text: None for the page's own, "" where it is not known


def match_reasons_by_id(
    result: SearchResult, cards: Sequence[Card], store: Store, page_language: PageLanguage
) -> dict[UUID, MatchReason]:
    """The reasons of `cards` by identity; none for a card that shows the words already."""
    if not result.words:
        return {}
    sought = SoughtWords(result.words)
    meant = {
        product: [domain for meaning in result.meanings if meaning.product == product for domain in meaning.domains]
        for product in (False, True)
    }
    steps = (
        _NeedReasons(meant[False], sought, page_language).reason,
        lambda card: _reason_in_record(card, card.quoted_texts, sought, page_language) if card.quoted_texts else None,
        _NeedReasons(meant[True], sought, page_language).reason,
    )
    reasons: dict[UUID, MatchReason] = {}
    unexplained: list[UUID] = []
    for card in cards:
        if not _shows_words(card, sought, page_language):
            reason = next((reason for step in steps if (reason := step(card))), None)
            if reason:
                reasons[card.id] = reason
            else:
                unexplained.append(card.id)
    for key, behind in (store.snippets.behind(unexplained) if unexplained else {}).items():
        if reason := _reason_in_names_or_readme(behind, sought):
            reasons[key] = reason
    return reasons


def _shows_words(card: Card, sought: SoughtWords, page_language: PageLanguage) -> bool:
    summary = page_language.text_of(card.summary)
    return sought.stands_in(f"{card.name} {summary.text}" if summary else card.name)


class _NeedReasons:
    """Reasons by need: needs that the words mean, and needs whose label has the words."""

    def __init__(self, meant: Iterable[str], sought: SoughtWords, page_language: PageLanguage):
        self._meant, self._sought, self._page_language = frozenset(meant), sought, page_language
        self._known: dict[str, MatchReason | None] = {}

    def reason(self, card: Card) -> MatchReason | None:
        """The need of a card that the words mean, else one whose label has them."""
        reasons = [
            (domain not in self._meant, reason) for domain in card.domains if (reason := self._reason_of_domain(domain))
        ]
        return min(reasons, key=lambda pair: pair[0])[1] if reasons else None

    def _reason_of_domain(self, domain: str) -> MatchReason | None:
        if domain not in self._known:
            is_known = domain in vocabulary("domain").terms
            name = category_name(domain, self._page_language) if is_known else ""
            parts = self._sought.excerpt(name) if name else None
            if name and not parts and domain in self._meant:
                parts = ((name, False),)
            self._known[domain] = MatchReason(NEED, parts) if parts else None
        return self._known[domain]


def _reason_in_record(
    card: Card, details: QuotedTexts, sought: SoughtWords, page_language: PageLanguage
) -> MatchReason | None:
    """The reason in what a record itself says: in the page's language first."""
    for name in details.replaces:
        if parts := sought.excerpt(name):
            return _quoted_reason(REPLACES, parts, "")
    tags = dict.fromkeys((page_language.tag, *card.summary, *details.features, *details.description))
    for tag in tags:
        language = None if tag == page_language.tag else tag
        if tag in card.summary and (parts := sought.excerpt(card.summary[tag])):
            return _quoted_reason(SUMMARY, parts, language)
        for line in details.features.get(tag, ()):
            if parts := sought.excerpt(line):
                return _quoted_reason(FEATURE, parts, language)
        if tag in details.description and (parts := sought.excerpt(details.description[tag])):
            return _quoted_reason(DESCRIPTION, parts, language)
    return None


def _quoted_reason(label: str, parts: MarkedParts, language: str | None) -> MatchReason:
    return MatchReason(label, tuple((plain(part), hit) for part, hit in parts), language)


def _reason_in_names_or_readme(behind: SnippetSources, sought: SoughtWords) -> MatchReason | None:
    """The reason in the names of organizations, then in the README."""
    for name in behind.organizations:
        if parts := sought.excerpt(name):
            return _quoted_reason(GROUP, parts, "")
    parts = sought.excerpt(behind.readme[:README_CHARACTERS])
    return _quoted_reason(README, parts, "") if parts else None
