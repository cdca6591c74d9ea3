"""Turn an IndexRow into a document of the index: its fields, their weights, and what is computed when it is written.

What can change without a change of the row (the time since the last commit) is computed for each query, in
`query_builder`. An IndexRow holds only what every reader may see, so nothing is hidden here.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from importlib import metadata
from uuid import UUID

import tantivy

from catalog.rules.country_rule import RULES, supported_rules
from catalog.rules.today import DORMANT, ENDED, STOPPED_STATUSES
from catalog.search import facets, normalize, project_names, sounds
from catalog.search.adoption_terms import adoption_terms
from catalog.search.lexicon import Lexicon
from catalog.store.core.read_models import IndexRow
from catalog.vocabulary import vocabulary

SCHEMA_VERSION = 24  # raise it when fields, folding or weights at writing change: every index is then built again

# How much a word counts by the field it is in; a README says much, and much of it in passing.
WEIGHTS: Mapping[str, float] = {
    "name": 8.0,
    "category": 5.0,  # labels of its domains, what it replaces
    "summary": 3.0,
    "features": 2.0,
    "organizations": 1.5,
    "context": 1.0,  # wider domains, what a domain means, audiences, kinds of groups, programming languages, licenses
    "description": 1.0,
    "readme": 0.3,
}
README_CHARACTERS = 50_000
# Weight of a project that is shown as context only, or without a license known as free, instead of 1. The engine
# multiplies a score by log2(2 + weight), so it keeps five sixths. Half of the score put projects that are free, but
# whose license nobody noted, below all that name the category in passing: for phrases about hours of volunteers the
# projects made for them were lost.
NOT_FREE_WEIGHT = 0.5
EARLY_CHANGE = 17_500  # days after 1970: what changed last before 2018 is all the same
UNKNOWN_CHANGE = 20_000  # likewise: where nobody knows when
LATENESS_DAYS = 1_000  # that double the weight

CONTEXT_TERM = "context"  # in the field `terms`, of a project that is shown as context only; no filter is named so

_LATIN_WORD = re.compile(r"[A-Za-z]{4,}")
_SENTENCE = re.compile(r"(?<=[.!?؟;؛:])\s")
# Places between two sentences: more than words of a phrase may be apart (`query_builder.PHRASE_GAPS`).
SENTENCE_GAP = 12
_APART = ("|",) * SENTENCE_GAP
_DAY_SECONDS = 86_400
_MAX_USES = 0x1FFF


def index_schema() -> tantivy.Schema:
    """The fields of the index."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("all", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("id_high", fast=True)
    builder.add_unsigned_field("id_low", fast=True)
    builder.add_text_field("exact", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("users", tokenizer_name="raw", index_option="basic")  # whole names of organizations
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="basic")
    # Words of the project's own record: neither of its README nor of the names of its users.
    builder.add_text_field("own_words", tokenizer_name="whitespace", index_option="basic")
    # Its own description as `normalize.folded_stem`s, with gaps between sentences: for words that stand together.
    builder.add_text_field("sentence_stems", tokenizer_name="whitespace", index_option="position")
    # Whole names of what it takes the place of.
    builder.add_text_field("replaces", tokenizer_name="raw", index_option="basic")
    # The sounds of names, of `project_names.name_terms`.
    builder.add_text_field("sounds", tokenizer_name="raw", index_option="basic")
    # Countries where it is used, deployed, made or helped with, ISO 3166-1: what a country that somebody types means.
    builder.add_text_field("places", tokenizer_name="raw", index_option="basic")
    # Words of names of technology, folded.
    builder.add_text_field("technology", tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("spelling", tokenizer_name="whitespace", index_option="basic")
    for name in WEIGHTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("terms", fast=True, tokenizer_name="raw", index_option="basic")
    # The category that its record names first.
    builder.add_text_field("main_category", tokenizer_name="raw", index_option="basic")
    # Terms of `adoption_terms.adoption_terms`.
    builder.add_text_field("adoptions", tokenizer_name="raw", index_option="basic")
    # Seconds since 1970: the last change, and when somebody last looked. Absent where the present time does not matter:
    # when the project has ended, or was dormant already when somebody looked.
    builder.add_integer_field("last_change", indexed=True, fast=True)
    builder.add_integer_field("last_look", indexed=True, fast=True)
    builder.add_unsigned_field("rank", fast=True)
    builder.add_unsigned_field("used", fast=True)
    builder.add_unsigned_field("recent", fast=True)
    builder.add_text_field("title", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_float_field("weight", fast=True)
    builder.add_unsigned_field("change", fast=True)
    return builder.build()


def index_version(lexicon: Lexicon) -> str:
    """The version of an index, from our schema's, the filters, tantivy's and the words'; another one is rebuilt."""
    names = hashlib.sha256("|".join(facet.name for facet in facets.FACETS).encode()).hexdigest()
    return f"{SCHEMA_VERSION}-{names[:8]}-{metadata.version('tantivy')}-{lexicon.digest[:16]}"


def build_document(row: IndexRow, lexicon: Lexicon) -> tantivy.Document:
    """The whole document of a row; it replaces any earlier one of the same id."""
    built = tantivy.Document()
    built.add_text("id", str(row.id))
    built.add_text("all", "project")
    built.add_unsigned("id_high", row.id.int >> 64)
    built.add_unsigned("id_low", row.id.int & ((1 << 64) - 1))
    names = (row.record.name, row.slug)
    keys = {key for name in names for key in (normalize.name_key(name), project_names.joined_word(name)) if key}
    for key in sorted(keys | set(project_names.address_keys(row.record))):
        built.add_text("exact", key)
    for name in row.record.replaces:
        built.add_text("replaces", normalize.name_key(name))
    technology = _names_of_technology(row)
    for term in sorted(set(project_names.name_terms(names[:1], technology, row.organization_names))):
        built.add_text("sounds", term)
    built.add_text("technology", " ".join(sorted({word for name in technology for word in normalize.words(name)})))
    for country in sorted({*row.countries, *row.helper_countries, *row.maker_countries}):
        built.add_text("places", normalize.without_surrogates(country))
    for key in sorted({key for name in row.organization_names if (key := normalize.name_key(name))}):
        built.add_text("users", key)
    every: dict[str, None] = {}
    own_tokens: dict[str, None] = {}
    for field, tokens in _field_tokens(row, lexicon).items():
        if tokens:
            built.add_text(field, " ".join(tokens))
            every.update(dict.fromkeys(tokens))
            own_tokens.update(dict.fromkeys(tokens if field not in ("readme", "organizations") else ()))
    built.add_text("words", " ".join(every))
    built.add_text("own_words", " ".join(own_tokens))
    built.add_text("sentence_stems", " ".join(_sentence_words(row)))
    built.add_text("spelling", " ".join(_spellings(row, lexicon)))
    for name, terms in _facet_terms(row, lexicon):
        for term in sorted(set(terms)):
            built.add_text("terms", facet_term(name, term))
    if row.record.context_only:
        built.add_text("terms", CONTEXT_TERM)
    for domain in facets.with_wider_terms(lexicon, "domain", row.record.domains[:1]):
        built.add_text("main_category", normalize.without_surrogates(domain))
    for term in adoption_terms(facets.adoptions_by_family(row, lexicon)):
        built.add_text("adoptions", normalize.without_surrogates(term))
    _add_order(built, row)
    return built


def facet_term(name: str, value: str) -> str:
    """A value of a filter as it is in the field `terms`: all filters are in one field, so that one pass counts them."""
    return normalize.without_surrogates(f"{name}:{value}")


def ids_from_halves(high: Iterable[int], low: Iterable[int]) -> list[UUID]:
    """The identities whose halves are in the fields `id_high` and `id_low`."""
    return [UUID(int=(upper << 64) | lower) for upper, lower in zip(high, low, strict=True)]


def _field_tokens(row: IndexRow, lexicon: Lexicon) -> dict[str, list[str]]:
    project = row.record
    wider = [above for domain in project.domains for above in lexicon.ancestors("domain", domain)]
    audiences = [claim.term for claim in project.audiences]
    kinds = [*row.adopter_kinds, *project.made_for]
    plain = [*facets.programming_languages(row), *project.standards, *facets.licenses_and_families(row)]
    rules = (vocabulary(RULES).terms[slug] for slug in supported_rules(project.rules))
    plain += (rule.details["own"] for rule in rules)
    return {
        "name": [
            *normalize.index_tokens(f"{project.name} {row.slug}", normalize.LANGUAGES),
            *_joined_names(row),
        ],
        "category": [
            *_in_languages(lexicon.labels("domain", domain) for domain in project.domains),
            *(token for name in project.replaces for token in normalize.index_tokens(name, normalize.LANGUAGES)),
        ],
        "summary": _in_languages([project.summary]),
        "features": [
            *_in_languages({tag: " ".join(lines)} for tag, lines in project.feature_lines.items()),
            *(token for name in _export_formats(row) for token in normalize.index_tokens(name, ())),
        ],
        "organizations": [
            token for name in row.organization_names for token in normalize.index_tokens(name, normalize.LANGUAGES)
        ],
        "context": [
            *_in_languages(lexicon.labels("domain", domain) for domain in wider),
            *_in_languages(lexicon.definitions("domain", domain) for domain in project.domains),
            *_in_languages(lexicon.labels("audience", audience) for audience in audiences),
            *_in_languages(_kind_label(lexicon, kind) for kind in kinds),
            *(token for name in plain for token in normalize.index_tokens(name, ())),
        ],
        "description": _in_languages([project.description]),
        "readme": _readme(row.readme[:README_CHARACTERS]),
    }


def _joined_names(row: IndexRow) -> list[str]:
    """Each name of several words as one word, for people who type it so."""
    names = (row.record.name, row.slug)
    joined = {word for name in names if len(normalize.words(name)) > 1 and (word := project_names.joined_word(name))}
    return sorted(joined)


def _names_of_technology(row: IndexRow) -> list[str]:
    """Names of technology and of other software in a record: its programming languages and standards, what it replaces,
    which projects it extends or works with, and what stands in Latin letters in a text that is written in others
    ("WordPress" in Arabic)."""
    project = row.record
    texts = [text for words in (project.summary, project.description) for text in words.values()]
    texts += [line for lines in project.feature_lines.values() for line in lines]
    latin = (word for text in texts if sounds.is_arabic(text) for word in _LATIN_WORD.findall(text))
    related = (relation.project for relation in project.relations)
    names = (*facets.programming_languages(row), *project.standards, *project.replaces, *related, *latin)
    return list(dict.fromkeys(names))


def _in_languages(texts: Iterable[Mapping[str, str]]) -> list[str]:
    return [token for text in texts for tag, words in text.items() for token in normalize.index_tokens(words, (tag,))]


def _kind_label(lexicon: Lexicon, kind: str) -> Mapping[str, str]:
    return lexicon.labels("organization-kind", kind) or lexicon.labels("size", kind)


def _readme(text: str) -> list[str]:
    # Each word once: how often a README repeats a word means nothing, and stemming takes the time.
    once = " ".join(dict.fromkeys(normalize.spellings(text)))
    return normalize.index_tokens(once, (normalize.language_of(text),))


def _sentence_words(row: IndexRow) -> list[str]:
    project = row.record
    texts = [*project.summary.items(), *((tag, line) for tag, lines in project.feature_lines.items() for line in lines)]
    texts += [(tag, line) for tag, text in project.description.items() for line in _SENTENCE.split(text)]
    return [
        word
        for tag, text in texts
        for word in (*(normalize.folded_stem(surface, tag) for surface in normalize.words(text)), *_APART)
    ]


def _spellings(row: IndexRow, lexicon: Lexicon) -> list[str]:
    """Words as they are written, as `language:word`; words of a name have no language."""
    project = row.record
    texts = [("", text) for text in (project.name, *project.replaces, *row.organization_names)]
    texts += [pair for domain in project.domains for pair in lexicon.labels("domain", domain).items()]
    texts += [
        *project.summary.items(),
        *((tag, line) for tag, lines in project.feature_lines.items() for line in lines),
    ]
    # Nobody means a neighbour of a number or a key.
    words = ((tag, word) for tag, text in texts for word in normalize.spellings(text) if word.isalpha())
    return list(dict.fromkeys(f"{tag.partition('-')[0].lower()}:{word}" for tag, word in words))


def _facet_terms(row: IndexRow, lexicon: Lexicon) -> list[tuple[str, Iterable[str]]]:
    return [(facet.name, facet.terms(row, lexicon)) for facet in facets.FACETS]


def _export_formats(row: IndexRow) -> Sequence[str]:
    return row.record.leaving.exports if row.record.leaving else ()


def _add_order(built: tantivy.Document, row: IndexRow) -> None:
    free, uses, activity = row.free is True, min(row.confirmed_uses, _MAX_USES), row.activity
    commit_days = _days(activity.changed_at)
    title = normalize.name_key(row.record.name)
    goes_on = row.record.status not in STOPPED_STATUSES
    first_letters = 0xFFFFFFFF - int.from_bytes(_first_bytes(title), "big")
    # From the left: what goes on before what stopped, confirmed uses, free before not free, last commit, first letters
    # of the name (A before Z).
    built.add_unsigned("rank", goes_on << 63 | uses << 50 | free << 49 | commit_days << 32 | first_letters)
    # The same without the date. Uses that nobody confirmed are in no order (decision 067, rule 2).
    built.add_unsigned("used", goes_on << 63 | uses << 50 | free << 49 | first_letters)
    built.add_unsigned("recent", commit_days << 32 | min(max(0, int(row.changed_at.timestamp())), 0xFFFFFFFF))
    built.add_text("title", title or row.slug)
    # Uses order what matches equally well, at most some 7 % of the score; a year since the last change some 5 %.
    lateness = max(0, (commit_days or UNKNOWN_CHANGE) - EARLY_CHANGE) / LATENESS_DAYS if goes_on else 0.0
    weight = 1.0 if free else NOT_FREE_WEIGHT
    built.add_float("weight", weight * (1 + min(0.25, math.log2(1 + uses) / 40) + lateness))
    if activity.ended or activity.long_silent:
        built.add_text("terms", facet_term("alive", ENDED if activity.ended else DORMANT))
    elif activity.changed_at is not None and activity.looked_at is not None:
        built.add_integer("last_change", int(activity.changed_at.timestamp()))
        built.add_integer("last_look", int(activity.looked_at.timestamp()))


def _days(moment: datetime | None) -> int:
    """Days since 1970, 0 when not known, below 2^17."""
    return min(max(0, int(moment.timestamp()) // _DAY_SECONDS), 0x1FFFF) if moment else 0


def _first_bytes(title: str) -> bytes:
    return title.encode("utf-8", "replace")[:4].ljust(4, b"\0")
