"""The filters of the find page and of the API's list of projects, a row each: name, title, possible values, the terms
that a project has in the index, where the filter is offered, and what the documentation says of it.

Addresses, index, pages, API and documentation are made of this table. A new filter is a row here, and a value of
`IndexRow` where no row of the store's has it yet.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from catalog.licenses import expressions
from catalog.rules.country_rule import RULES, supported_rules
from catalog.search.adoption_terms import ADOPTION_FILTERS, AdoptionTraits
from catalog.search.lexicon import Lexicon
from catalog.sentences import mark
from catalog.store.core.read_models import IndexRow
from catalog.vocabulary import UNKNOWN_KIND, vocabulary

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")  # BCP 47
_COUNTRY = re.compile(r"[A-Z]{2}")  # ISO 3166-1; one that no project has is asked for in vain, and that is said


def _no_terms(row: IndexRow, lexicon: Lexicon) -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class Facet:
    """One filter.

    `terms`: what a project has of it in the index; nothing for what a query answers otherwise: "alive" by the time
    since the last commit, `of_adoption` by terms of `adoption_terms`.
    What a value may be: of `pattern`; else a term of one of `vocabularies`, one of `labels` where they are `fixed`, or
    what `also` accepts; else any words.
    """

    name: str  # in addresses and in the API
    title: str
    about: str  # what it asks for, in the documentation of the API
    terms: Callable[[IndexRow, Lexicon], Iterable[str]] = _no_terms
    pattern: re.Pattern[str] | None = None
    vocabularies: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)  # in place of the vocabularies'
    fixed: bool = False  # the labels are all values, in the order to offer them
    also: Callable[[str], bool] | None = None
    shape: re.Pattern[str] | None = None  # of what `also` accepts, and of the labels
    named_as: Literal["term", "language", "country", "region"] = "term"
    # The vocabularies have narrower terms: a project that has one has those above it, under which they are offered.
    narrower: bool = False
    # The commonest value first; or by label, which of many values may hold only where all of them are shown.
    by_label: Literal["", "always", "where-all-are-shown"] = ""
    within: str = ""  # name of a filter: only values that begin with one of its chosen values are offered
    place: int | None = None  # among those beside the results, from 1; None: only on the page of filters
    about_adoptions: bool = False  # what nobody confirmed counts too, and the page says so
    offered: tuple[str, ...] = ()  # of one of an adoption: the values to choose among, where not all are

    @property
    def of_adoption(self) -> bool:
        """Whether it is asked of one and the same adoption, together with the others that are."""
        return self.name in ADOPTION_FILTERS

    @property
    def possible_values(self) -> tuple[str, ...] | None:
        """All values that it may have; None where others may be written too."""
        if self.pattern or self.also or not (self.fixed or self.vocabularies):
            return None
        terms = (term for name in self.vocabularies for term in vocabulary(name).terms)
        return tuple(dict.fromkeys((*(self.labels if self.fixed else ()), *terms)))

    def accepts(self, value: str, *, by_shape: bool = False) -> bool:
        """Whether the filter can have this value, be there a project for it or not. `by_shape`: what looks like one
        that `also` accepts is one.
        """
        if self.pattern:
            return self.pattern.fullmatch(value) is not None
        if (self.fixed and value in self.labels) or any(value in vocabulary(name).terms for name in self.vocabularies):
            return True
        if by_shape and self.shape:
            return self.shape.fullmatch(value) is not None
        return self.also(value) if self.also else not (self.fixed or self.vocabularies)


def with_wider_terms(lexicon: Lexicon, name: str, slugs: Iterable[str]) -> list[str]:
    return [term for slug in slugs for term in (slug, *lexicon.ancestors(name, slug))]


def adoptions_by_family(row: IndexRow, lexicon: Lexicon) -> set[AdoptionTraits]:
    """The present adoptions, with the family of each organization's kind in place of the kind."""

    return {(_family(kind, lexicon), country, people, stage) for kind, country, people, stage in row.uses}


def _family(kind: str | None, lexicon: Lexicon) -> str | None:
    return [kind, *lexicon.ancestors("organization-kind", kind)][-1] if kind else None


def programming_languages(row: IndexRow) -> list[str]:
    """The languages that the record states, else those that were read from the code."""
    return list(row.record.programming_languages or row.observed_programming_languages)


def licenses_and_families(row: IndexRow) -> list[str]:
    """Ids and families of licenses, declared and detected: both are shown, so both are found."""
    names: list[str] = []
    for text in (row.record.license, *row.detected_licenses):
        try:
            expression = expressions.parse(text or "")
        except ValueError:
            continue  # `forge check` and the project page say so; there is no id to filter by
        family = expressions.family(str(expression))
        names += [term.id for term in expression.terms] + ([family] if family else [])
    return names


def _ways_to_use(row: IndexRow, lexicon: Lexicon) -> list[str]:
    runs = row.record.runs
    ways = {"online": runs.online, "hosted": runs.hosted, "self-hosted": runs.self_hosted} if runs else {}
    return [name for name, value in ways.items() if value]


def _is_license_id(text: str) -> bool:
    try:
        return [term.id for term in expressions.parse(text).terms] == [text]
    except ValueError:
        return False


# In the order of parameters in canonical addresses.
FACETS = (
    Facet(
        "domain",
        mark("Category"),
        "A need, a term of the vocabulary domain; those below it are found too. Beside one of these it asks for "
        "nothing.",
        lambda row, lexicon: with_wider_terms(lexicon, "domain", row.record.domains),
        vocabularies=("domain",),
        narrower=True,
        place=1,
    ),
    Facet(
        "kind",
        mark("For what kind of organization"),
        "For which organizations it is made, or which use it: organization-kind, or size; as `domain`.",
        lambda row, lexicon: with_wider_terms(lexicon, "organization-kind", [*row.adopter_kinds, *row.record.made_for]),
        vocabularies=("organization-kind", "size"),  # what software is made for may be either
        labels={UNKNOWN_KIND: mark("Unknown kind of organization")},
        narrower=True,
        place=2,
        about_adoptions=True,
    ),
    Facet(
        "maker",
        mark("Developed by"),
        "Which family of organizations develops or maintains it, a term of organization-kind without parent.",
        lambda row, lexicon: {family for kind in row.maker_kinds if (family := _family(kind, lexicon))},
        vocabularies=("organization-kind",),
    ),
    Facet(
        "use",
        mark("How to use it"),
        "How it can be used: online, hosted, self-hosted.",
        _ways_to_use,
        labels={
            "online": mark("Use it online"),
            "hosted": mark("Hosted for you"),
            "self-hosted": mark("Install it yourself"),
        },
        fixed=True,
        place=5,
    ),
    Facet(
        "platform",
        mark("Works on"),
        "On what it works: web, android, ios, windows, macos, linux, container.",
        lambda row, lexicon: row.platforms,
        vocabularies=("platform",),
        place=6,
    ),
    Facet(
        "language",
        mark("Interface language"),
        "A language of its screens.",
        lambda row, lexicon: row.languages,
        pattern=_LANGUAGE,
        named_as="language",
        by_label="always",
        place=7,
    ),
    Facet(
        "partly",
        mark("Interface language, also partly translated"),
        "A language of its screens, also where less than half of them is translated.",
        lambda row, lexicon: row.also_partly,
        pattern=_LANGUAGE,
        named_as="language",
        by_label="always",
    ),
    Facet(
        "country",
        mark("Country of use"),
        "Where it is used or deployed, ISO 3166-1.",
        lambda row, lexicon: row.countries,
        pattern=_COUNTRY,
        named_as="country",
        by_label="where-all-are-shown",
        place=8,
        about_adoptions=True,
    ),
    Facet(
        "region",
        mark("Region of the country"),
        "In which part of a country it is used, ISO 3166-2.",
        lambda row, lexicon: row.regions,
        pattern=re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}"),  # ISO 3166-2
        named_as="region",
        by_label="where-all-are-shown",
        within="country",  # the regions of all countries at once help nobody
        place=9,
        about_adoptions=True,
    ),
    Facet(
        "help",
        mark("Where support is available"),
        "Where somebody keeps it up or hosts it, ISO 3166-1.",
        lambda row, lexicon: row.helper_countries,
        pattern=_COUNTRY,
        named_as="country",
        by_label="where-all-are-shown",
        place=10,
    ),
    Facet(
        "alive",
        mark("Is it maintained?"),
        "active, quiet, asleep or ended.",
        # Longer than the terms' labels, for readers who choose among several.
        labels={
            "active": mark("Active (changed in the last 12 months)"),
            "quiet": mark("Little activity (no change for 1 to 2 years)"),
            "asleep": mark("Dormant (no change for over 2 years)"),
            "ended": mark("Discontinued (announced by its maintainers)"),
        },
        fixed=True,
        place=11,
    ),
    Facet(
        "license",
        mark("What the licence requires"),
        "An SPDX id, or a term of license-family.",
        lambda row, lexicon: licenses_and_families(row),
        labels={
            "public-domain": mark("Nothing (public domain)"),
            "permissive": mark("Keep the copyright notice (permissive)"),
            "weak-copyleft": mark("Share changes to its own files (weak copyleft)"),
            "strong-copyleft": mark("Share modified copies under the same licence (copyleft)"),
            "network-copyleft": mark("Share modified copies, even if only offered online (network copyleft)"),
            "not-free": mark("Not free software"),
        },
        fixed=True,
        also=_is_license_id,
        shape=re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*"),
    ),
    Facet(
        "programming",
        mark("Programming language"),
        "A programming language, as its record or, where that says nothing, its code names it.",
        lambda row, lexicon: programming_languages(row),
    ),
    Facet(
        "standard",
        mark("Standard supported"),
        "A standard or protocol that it follows, as its record names it.",
        lambda row, lexicon: row.record.standards,
    ),
    Facet(
        "rule",
        mark("Rule of a country"),
        "A rule of a country for which it has a part, a term of the vocabulary rule, or its kind.",
        lambda row, lexicon: with_wider_terms(lexicon, RULES, supported_rules(row.record.rules)),
        vocabularies=(RULES,),
    ),
    Facet(
        "audience",
        mark("For whom"),
        "Whom it must suit, a term of audience.",
        lambda row, lexicon: [claim.term for claim in row.record.audiences],
        vocabularies=("audience",),
        place=3,
    ),
    Facet(
        "inclusion",
        mark("Accessibility and ease of use"),
        "What these people need of it, a term of inclusion-feature.",
        lambda row, lexicon: [claim.term for claim in row.record.inclusion],
        vocabularies=("inclusion-feature",),
        place=4,
    ),
    Facet(
        "family",
        mark("Kind of organization"),
        "Used by an organization of this kind, a term of organization-kind without parent. Together with `where`, "
        "`people` and `stage`: all true of one and the same organization.",
        lambda row, lexicon: [family for family, *_ in adoptions_by_family(row, lexicon) if family],
        vocabularies=("organization-kind",),
        place=1,
        about_adoptions=True,
    ),
    Facet(
        "where",
        mark("Country"),
        "Used by an organization of this country, ISO 3166-1.",
        pattern=_COUNTRY,
        named_as="country",
        about_adoptions=True,
    ),
    Facet(
        "people",
        mark("Number of people using it"),
        "Used by so many people of an organization, a term of people-band.",
        vocabularies=("people-band",),
        about_adoptions=True,
    ),
    Facet(
        "stage",
        mark("Stage of use"),
        "How far an organization is with it, a term of stage.",
        vocabularies=("stage",),
        offered=("considering", "evaluating", "piloting", "in-production", "phasing-out"),  # of present adoptions
        about_adoptions=True,
    ),
)
BY_NAME: Mapping[str, Facet] = {facet.name: facet for facet in FACETS}
CLAIM_FILTERS = ("audience", "inclusion")
