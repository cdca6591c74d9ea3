"""The filters of the find page: which values to offer, in which order, with which label. Counts come from the index."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from catalog.search.facets import BY_NAME, FACETS, Facet
from catalog.sentences import mark
from catalog.vocabulary import UNKNOWN_KIND, vocabulary
from forge.i18n.languages import PageLanguage
from forge.web.core import regions
from forge.web.core.category_names import category_name
from forge.web.core.list_query import ListQuery

MAX_VALUES_SHOWN = 10  # values of a filter; a filter with more has a page of its own, with all of them

# First on the page of filters, in order. A filter without values is not shown: in the shipped catalogue no organization
# states a region or a family, and no project the size of a group; these appear once somebody says so.
MAIN_FILTERS = tuple(
    facet.name
    for facet in sorted((facet for facet in FACETS if facet.place), key=lambda facet: facet.place or 0)
    if not facet.of_adoption
)
FURTHER_FILTERS = tuple(facet.name for facet in FACETS if not (facet.place or facet.of_adoption))
# Beside the search, with the words of people in a hurry.
SELECTS = {
    "domain": mark("Category"),
    "kind": mark("Kind of organization"),
    "language": mark("Language"),
    "use": mark("How to use it"),
    "alive": mark("Maintained"),
}

Counts = Mapping[str, list[tuple[str, int]]]


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count: int
    chosen: bool
    language: str = ""  # of a label in another language than the page's


@dataclass(frozen=True)
class OptionGroup:
    """The options of one filter that stand under the same heading."""

    title: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class FacetChoices:
    """One filter as a page offers it; `left_out`: how many further values with a result are not offered beside the
    results.

    `parts`: all options under headings, in place of `options`. `hidden`: chosen values without an option."""

    name: str
    title: str
    options: tuple[Option, ...]
    left_out: int
    parts: tuple[OptionGroup, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def is_rare(self) -> bool:
        """Whether a single program is behind each option, so that a sentence of links says it all."""
        whole = not (self.parts or self.left_out)
        return whole and all(option.count == 1 and not option.chosen for option in self.options)


def facets(
    counts: Counts,
    query: ListQuery,
    page_language: PageLanguage,
    names: Sequence[str] = MAIN_FILTERS,
    total: int = 0,
    offered_languages: Sequence[str] = (),
) -> tuple[FacetChoices, ...]:
    """Those of `names` that have something to offer; of a single one all values, of several the commonest of each.

    `total`: how many projects were found. `offered_languages`: those of the catalogue, which begin a list of languages.
    """
    every = len(names) == 1
    choices = (
        _facet(
            name,
            dict(counts.get(name, ())),
            query,
            page_language,
            every=every,
            total=total,
            offered_languages=offered_languages,
        )
        for name in names
    )
    return tuple(facet for facet in choices if facet.options or facet.parts)


def select_choices(
    counts: Counts, query: ListQuery, page_language: PageLanguage, offered_languages: Sequence[str]
) -> tuple[FacetChoices, ...]:
    """The filters beside the search, each to choose one value of; where several are chosen, they are `hidden`."""
    choices = []
    for name, title in SELECTS.items():
        numbers, chosen = dict(counts.get(name, ())), query.filters.get(name, ())
        facet_choices = _facet(
            name, numbers, query, page_language, every=name != "language", total=0, offered_languages=offered_languages
        )
        several = len(chosen) > 1
        choices.append(
            replace(
                facet_choices,
                title=page_language.gettext(title),
                options=_not_chosen(facet_choices.options, chosen) if several else facet_choices.options,
                parts=tuple(replace(part, options=_not_chosen(part.options, chosen)) for part in facet_choices.parts)
                if several
                else facet_choices.parts,
                hidden=chosen if several else (),
            )
        )
    return tuple(facet for facet in choices if facet.options or facet.parts or facet.hidden)


def _not_chosen(options: Sequence[Option], chosen: Sequence[str]) -> tuple[Option, ...]:
    return tuple(option for option in options if option.value not in chosen)


@lru_cache(maxsize=10_000)
def filter_value_label(name: str, value: str, page_language: PageLanguage) -> str:
    """The label of a value of a filter; the value itself when it has none."""
    facet = BY_NAME[name]
    if facet.named_as == "language":
        language_name = page_language.language(value)
        return language_name[:1].upper() + language_name[1:]
    if facet.named_as == "country":
        return page_language.country(value)
    if facet.named_as == "region":
        return regions.region_name(value, page_language).text
    if name == "domain" and value in vocabulary("domain").terms:
        return category_name(value, page_language)
    if value in facet.labels:
        return page_language.gettext(facet.labels[value])
    labels = (vocabulary(vocabulary_name).terms.get(value) for vocabulary_name in facet.vocabularies)
    term = next((term for term in labels if term), None)
    wording = page_language.text_of(term.label) if term else None
    return wording.text if wording else value


def adopter_filter_values(
    query: ListQuery, countries: Iterable[str], page_language: PageLanguage
) -> dict[str, tuple[str, ...]]:
    """The values that may describe an organization like the reader's, by filter, in the order to show; `countries` are
    those in which something is used."""

    def offered(facet: Facet) -> tuple[str, ...]:
        if facet.named_as == "country":
            lying = {*countries, *query.filters.get(facet.name, ())}
            return tuple(sorted(lying, key=lambda code: page_language.in_order(page_language.country(code))))
        return facet.offered or tuple(slug for slug in vocabulary(facet.vocabularies[0]).top if slug != UNKNOWN_KIND)

    return {facet.name: offered(facet) for facet in FACETS if facet.of_adoption}


def adopter_facets(
    counts: Counts, values: Mapping[str, Sequence[str]], query: ListQuery, page_language: PageLanguage
) -> tuple[FacetChoices, ...]:
    """The filters that describe an organization like the reader's, to choose one value of each: the `values` that some
    project answers, or that are chosen."""

    def options(name: str) -> tuple[Option, ...]:
        numbers = dict(counts.get(name, ()))
        return tuple(
            Option(value, filter_value_label(name, value, page_language), numbers.get(value, 0), query.has(name, value))
            for value in values[name]
            if numbers.get(value) or query.has(name, value)
        )

    choices = (FacetChoices(name, page_language.gettext(BY_NAME[name].title), options(name), 0) for name in values)
    return tuple(facet for facet in choices if facet.options)


def _facet(
    name: str,
    counts: dict[str, int],
    query: ListQuery,
    page_language: PageLanguage,
    *,
    every: bool,
    total: int,
    offered_languages: Sequence[str],
) -> FacetChoices:
    facet = BY_NAME[name]
    if facet.narrower:
        if name == "domain" and not every:
            return _need_facet(counts, query, page_language, total)
        return _grouped_facet(facet, counts, query, page_language)
    chosen = query.filters.get(name, ())
    values = [value for value in _offered_values(name, counts, chosen) if counts.get(value) or value in chosen]
    if facet.within:
        lying = query.filters.get(facet.within, ())
        values = [value for value in values if value in chosen or value.partition("-")[0] in lying]
    options = [_option(name, value, counts, chosen, page_language) for value in values]
    # Which readers look for first: their own language, then those of the catalogue.
    first = (page_language.tag, *offered_languages) if facet.named_as == "language" else ()
    values_shown = options
    if not every:
        values_shown = [
            option
            for at, option in enumerate(options)
            if at < MAX_VALUES_SHOWN or option.chosen or option.value in first
        ]
    if facet.by_label == "always" or (every and facet.by_label):
        # The commonest, but in the order of the labels, where the reader looks for them.
        places = {tag: place for place, tag in reversed(list(enumerate(first)))}
        values_shown = sorted(
            values_shown,
            key=lambda option: (places.get(option.value, len(first)), page_language.in_order(option.label)),
        )
    return FacetChoices(name, page_language.gettext(facet.title), tuple(values_shown), len(options) - len(values_shown))


def _need_facet(counts: dict[str, int], query: ListQuery, page_language: PageLanguage, total: int) -> FacetChoices:
    """The areas of needs, until somebody searches: then the needs in the areas that were found or chosen.

    With a text, or below an area, a need that all results have is left out: it narrows nothing. A chosen area is no
    option: its needs narrow it, and the reader removes it above the results.
    """
    title, above, chosen = BY_NAME["domain"].title, vocabulary("domain").above, query.filters.get("domain", ())
    areas = [need for need in chosen if need not in above]
    needs = sorted((need for need in counts if counts[need]), key=lambda need: (-counts[need], need))
    if not query.text and not chosen:
        values = [need for need in needs if need not in above]
    else:
        lying = set(areas if areas or query.text else [above[need] for need in chosen])
        values = [need for need in needs if need in above and (not lying or above[need] in lying)]
        if total and len(areas) == len(chosen):
            values = [need for need in values if counts[need] < total]
    values += [need for need in chosen if need in above and need not in values]
    needs_shown = [need for place, need in enumerate(values) if place < MAX_VALUES_SHOWN or need in chosen]
    options = tuple(_option("domain", need, counts, chosen, page_language) for need in needs_shown)
    left_out = len({*needs, *chosen}) - len(needs_shown)
    return FacetChoices("domain", page_language.gettext(title), options, left_out, hidden=tuple(areas))


def _grouped_facet(facet: Facet, counts: dict[str, int], query: ListQuery, page_language: PageLanguage) -> FacetChoices:
    """Every value that has a result or is chosen, the commonest first; those that have narrower ones here stand with
    them under a heading."""
    every = (pair for name in facet.vocabularies for pair in vocabulary(name).above.items())
    above = {slug: wider for slug, wider in every if wider != UNKNOWN_KIND}
    chosen = query.filters.get(facet.name, ())
    values = [value for value in _offered_values(facet.name, counts, chosen) if counts.get(value) or value in chosen]
    options = {value: _option(facet.name, value, counts, chosen, page_language) for value in values}
    below: dict[str, list[str]] = {}
    for value in values:
        below.setdefault(above.get(value, value), []).extend([value] if value in above else [])
    parts = tuple(
        OptionGroup(
            filter_value_label(facet.name, wide, page_language),
            tuple(options[value] for value in (wide, *narrow) if value in options),
        )
        for wide, narrow in below.items()
        if narrow
    )
    alone = tuple(options[wide] for wide, narrow in below.items() if not narrow)
    return FacetChoices(facet.name, page_language.gettext(facet.title), alone, 0, parts)


def _option(
    name: str, value: str, counts: Mapping[str, int], chosen: Sequence[str], page_language: PageLanguage
) -> Option:
    language = _label_language(name, value, page_language)
    return Option(
        value, filter_value_label(name, value, page_language), counts.get(value, 0), value in chosen, language
    )


def _label_language(name: str, value: str, page_language: PageLanguage) -> str:
    language = regions.region_name(value, page_language).language if BY_NAME[name].named_as == "region" else ""
    return language if language != page_language.tag else ""


def _offered_values(name: str, counts: dict[str, int], chosen: tuple[str, ...]) -> list[str]:
    """Values in the order to show: the fixed order of a filter that has one, else the commonest first. The kind that
    means "not known" is offered only where an address chose it."""
    facet = BY_NAME[name]
    if facet.fixed:
        return [*facet.labels, *(value for value in chosen if value not in facet.labels)]
    values = sorted((value for value in counts if value != UNKNOWN_KIND), key=lambda value: (-counts[value], value))
    return [*values, *(value for value in chosen if value not in values)]
