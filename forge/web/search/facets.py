"""The filters of the find page: which values to offer, in which order, with which label. Counts are the index's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from catalog.search import filter_terms
from catalog.vocabulary import Vocabulary, vocabulary
from forge.i18n.languages import Tongue, mark
from forge.web.core import regions
from forge.web.core.list_query import CHOICES, VOCABULARIES, Wish

SHOWN = 10  # values of a filter; one that has more has a page of its own, with all of them

# On the find page; the rest is found on the page of filters. More than seven groups of filters are hard to survey, but
# each of these is a question that people ask. So a filter without values is not shown. In the shipped catalogue no
# organization states a region or a family, and no project the size of a group: these appear once somebody says so.
NEAR = ("domain", "kind", "audience", "inclusion", "use", "language", "country", "region", "help", "alive")
MORE = ("license", "programming", "standard")
SHORT = ("family",)  # what the find page asks of an organization like the reader's; the page of filters asks all
TITLES = {
    "domain": mark("Need"),
    "kind": mark("For which kind of group"),
    "use": mark("How you can use it"),
    "language": mark("Language of the screens"),
    "country": mark("Where it is used"),
    "region": mark("Part of the country"),
    "help": mark("Where someone can help"),
    "alive": mark("Is it still kept up?"),
    "license": mark("What the licence asks for"),
    "programming": mark("Programming language"),
    "standard": mark("Standard that it follows"),
    "audience": mark("People whom it must suit"),
    "inclusion": mark("What makes it easier to use"),
    "evidence": mark("Proof that you ask for, at least"),
    "family": mark("Kind of organization"),
    "where": mark("Country"),
    "people": mark("How many people use it"),
    "stage": mark("Stage of its use"),
}
EVIDENCE = {
    "declared": mark("Its makers say so"),
    "checked": mark("Somebody else checked it"),
    "tested": mark("People like these tested it"),
}
WAYS = {
    "online": mark("Use it online"),
    "hosted": mark("Have it hosted by somebody"),
    "self-hosted": mark("Install it yourself"),
}
# What a term alone would not say to whoever chooses among several.
ALIVE = {
    "active": mark("Active (changed within 6 months)"),
    "quiet": mark("Quiet (changed 6 to 18 months ago)"),
    "asleep": mark("Asleep (no change for over 18 months)"),
    "ended": mark("Ended (its makers say so)"),
}
LICENSES = {
    "public-domain": mark("Nothing (public domain)"),
    "permissive": mark("To keep the authors’ notice (permissive)"),
    "weak-copyleft": mark("To share changes of its own files (weak copyleft)"),
    "strong-copyleft": mark("To share changed copies under the same licence (copyleft)"),
    "network-copyleft": mark("To share changed copies, also those offered online alone (network copyleft)"),
    "not-free": mark("Not free software"),
}
NOT_KNOWN = "family-not-known"  # the kind of organization that says nothing
_NAMED = {
    (name, value): said
    for name, every in (("use", WAYS), ("evidence", EVIDENCE), ("alive", ALIVE), ("license", LICENSES))
    for value, said in every.items()
} | {("kind", NOT_KNOWN): mark("Kind of organization not known")}
WHOLE = mark("Any of these needs")  # an area, above its needs
NOBODY = "everyone"  # the audience that is none in particular
_IN_USE = ("considering", "evaluating", "piloting", "in-production", "phasing-out")  # stages of present uses
_ORDERED = {name: CHOICES[name] for name in ("alive", "use", "license")}


Counts = Mapping[str, list[tuple[str, int]]]


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count: int
    chosen: bool
    language: str = ""  # of a label in another language than the page's


@dataclass(frozen=True)
class Part:
    """The options of one filter that stand under the same heading."""

    title: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Facet:
    """One filter; `left_out` values have a result too but do not fit beside the results.

    `parts`: all options under headings, in place of `options`. `hidden`: chosen values without an option. `unsaid`:
    what nobody has said yet of any project.
    """

    name: str
    title: str
    options: tuple[Option, ...]
    left_out: int
    parts: tuple[Part, ...] = ()
    hidden: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()


def facets(
    counts: Counts,
    wish: Wish,
    tongue: Tongue,
    names: Sequence[str] = NEAR,
    total: int = 0,
    said: Counts | None = None,
) -> tuple[Facet, ...]:
    """Those of `names` that have something to offer; of a single one all values, of several the commonest of each.

    `total`: how many projects were found. `said`: the counts of the whole catalogue, where it shall be told which
    claims nobody made.
    """
    every = len(names) == 1
    made = [_facet(name, dict(counts.get(name, ())), wish, tongue, every, total) for name in names]
    if said is not None:
        claims = [name for name in names if name in filter_terms.CLAIMS]
        unsaid = {name: _unsaid(name, dict(said.get(name, ())), tongue) for name in claims}
        made = [replace(facet, unsaid=unsaid.get(facet.name, ())) for facet in made]
    return tuple(facet for facet in made if facet.options or facet.parts or facet.unsaid)


@lru_cache(maxsize=10_000)
def label(name: str, value: str, tongue: Tongue) -> str:
    """What a value of a filter is called; the value itself when nobody named it."""
    if name == "language":
        name = tongue.language(value)
        return name[:1].upper() + name[1:]
    if name in ("country", "help", "where"):
        return tongue.country(value)
    if name == "region":
        return regions.region(value, tongue).text
    if (name, value) in _NAMED:
        return tongue.gettext(_NAMED[name, value])
    found = (vocabulary(each).terms.get(value) for each in VOCABULARIES.get(name, ()))
    term = next((term for term in found if term), None)
    said = tongue.said(term.label) if term else None
    return said.text if said else value


def likely(wish: Wish, countries: Iterable[str], tongue: Tongue) -> dict[str, tuple[str, ...]]:
    """What an organization like the reader's may be, value by value, in the order to show; `countries` are those in
    which something is used."""
    where = {*countries, *wish.filters.get("where", ())}
    return {
        "family": tuple(slug for slug in vocabulary("organization-kind").top if slug != NOT_KNOWN),
        "where": tuple(sorted(where, key=lambda code: tongue.in_order(tongue.country(code)))),
        "people": tuple(vocabulary("people-band").terms),
        "stage": _IN_USE,
    }


def ours(counts: Counts, values: Mapping[str, Sequence[str]], wish: Wish, tongue: Tongue) -> tuple[Facet, ...]:
    """What an organization like the reader's may be asked by, one value of each: those of `values` that some project
    answers, or that are chosen."""

    def options(name: str) -> tuple[Option, ...]:
        found = dict(counts.get(name, ()))
        return tuple(
            Option(one, label(name, one, tongue), found.get(one, 0), wish.has(name, one))
            for one in values[name]
            if found.get(one) or wish.has(name, one)
        )

    made = (Facet(name, tongue.gettext(TITLES[name]), options(name), 0) for name in values)
    return tuple(facet for facet in made if facet.options)


def evidence(wish: Wish, tongue: Tongue) -> Facet:
    """How much has to stand behind a claim about people, the least first."""
    chosen = filter_terms.level(wish.filters.get("evidence", ())) or "declared"
    options = tuple(Option(one, label("evidence", one, tongue), 0, one == chosen) for one in EVIDENCE)
    title = TITLES["evidence"]
    return Facet("evidence", tongue.gettext(title), options, 0)


def _facet(name: str, counts: dict[str, int], wish: Wish, tongue: Tongue, every: bool, total: int) -> Facet:
    if name == "domain":
        return _all_needs(counts, wish, tongue) if every else _needs(counts, wish, tongue, total)
    chosen = wish.filters.get(name, ())
    values = [value for value in _offered(name, counts, chosen) if counts.get(value) or value in chosen]
    if name == "region":  # of countries that were chosen: those of all at once help nobody
        lying = wish.filters.get("country", ())
        values = [value for value in values if value in chosen or value.partition("-")[0] in lying]
    options = [_option(name, one, counts, chosen, tongue) for one in values]
    mine = tongue.tag if name == "language" else ""  # which the reader looks for first
    shown = options
    if not every:
        shown = [one for at, one in enumerate(options) if at < SHOWN or one.chosen or one.value == mine]
    if name == "language" or (every and name in ("country", "region", "help")):
        # The commonest, yet where the reader looks for them.
        shown = sorted(shown, key=lambda one: tongue.in_order(one.label))
    return Facet(name, tongue.gettext(TITLES[name]), tuple(shown), len(options) - len(shown))


def _needs(counts: dict[str, int], wish: Wish, tongue: Tongue, total: int) -> Facet:
    """The great areas, until somebody searches: then the needs in the areas that were found or chosen.

    Beside words, or below an area, what is true of all that was found parts nothing. A chosen area is no option: its
    needs part it, and it is taken away above the results.
    """
    title, above, chosen = TITLES["domain"], vocabulary("domain").above, wish.filters.get("domain", ())
    areas = [one for one in chosen if one not in above]
    held = sorted((one for one in counts if counts[one]), key=lambda one: (-counts[one], one))
    if not wish.text and not chosen:
        values = [one for one in held if one not in above]
    else:
        lying = set(areas if areas or wish.text else [above[one] for one in chosen])
        values = [one for one in held if one in above and (not lying or above[one] in lying)]
        if total and len(areas) == len(chosen):
            values = [one for one in values if counts[one] < total]
    values += [one for one in chosen if one in above and one not in values]
    shown = [one for place, one in enumerate(values) if place < SHOWN or one in chosen]
    options = tuple(_option("domain", one, counts, chosen, tongue) for one in shown)
    left_out = len({*held, *chosen}) - len(shown)
    return Facet("domain", tongue.gettext(title), options, left_out, hidden=tuple(areas))


def _all_needs(counts: dict[str, int], wish: Wish, tongue: Tongue) -> Facet:
    """Every need that has a result or is chosen, below its area, the commonest first."""
    title, above, chosen = TITLES["domain"], vocabulary("domain").above, wish.filters.get("domain", ())
    values = sorted({*(one for one in counts if counts[one]), *chosen}, key=lambda one: (-counts.get(one, 0), one))
    areas = dict.fromkeys(above.get(one, one) for one in values)
    parts = []
    for area in areas:
        whole = replace(_option("domain", area, counts, chosen, tongue), label=tongue.gettext(WHOLE))
        below = (_option("domain", one, counts, chosen, tongue) for one in values if above.get(one) == area)
        parts.append(Part(label("domain", area, tongue), (whole, *below)))
    return Facet("domain", tongue.gettext(title), (), 0, tuple(parts))


def _unsaid(name: str, said: dict[str, int], tongue: Tongue) -> tuple[str, ...]:
    """What nobody has claimed yet of any project, by its label."""
    terms = (one for each in VOCABULARIES[name] for one in vocabulary(each).terms)
    return tuple(label(name, one, tongue) for one in terms if one != NOBODY and not said.get(one))


def _option(name: str, value: str, counts: Mapping[str, int], chosen: Sequence[str], tongue: Tongue) -> Option:
    language = _language(name, value, tongue)
    return Option(value, label(name, value, tongue), counts.get(value, 0), value in chosen, language)


def _language(name: str, value: str, tongue: Tongue) -> str:
    language = regions.region(value, tongue).language if name == "region" else ""
    return language if language != tongue.tag else ""


def _offered(name: str, counts: dict[str, int], chosen: tuple[str, ...]) -> list[str]:
    """Values in the order to show: that of the list where it has one, else the commonest first. A kind that is not
    known is no kind to choose: it is offered only where an address chose it."""
    if name in _ORDERED:
        return [*_ORDERED[name], *(value for value in chosen if value not in _ORDERED[name])]
    values = sorted((one for one in counts if one != NOT_KNOWN), key=lambda value: (-counts[value], value))
    if name == "kind":
        values = _broad(vocabulary(VOCABULARIES[name][0]), values, chosen)
    return [*values, *(value for value in chosen if value not in values)]


def _broad(known: Vocabulary, values: list[str], chosen: tuple[str, ...]) -> list[str]:
    """The widest terms, and below a chosen one those that are narrower: all at once help nobody."""
    terms = known.terms
    return [
        value
        for value in values
        if value not in terms or terms[value].parent is None or terms[value].parent in chosen or value in chosen
    ]
