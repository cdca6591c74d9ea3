"""The table of keys: which keys each noun (dataclass of the model) has, in which order, and the shape of their values.

Everything that reads or writes a document uses it, so that the file, the JSON and the check cannot differ. Each shape
turns a value into its JSON and back; mistakes of people, with their lines, are found in `reader`.

It is longer than 350 lines because one table of all keys is read more easily than its parts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from catalog import model
from catalog.document import rules
from catalog.document.problems import Sentence
from catalog.vocabulary import nearest

MAX_FEATURES = 7  # of one project in one language
MAX_FEATURE_LANGUAGES = 5  # a feature that was corrected in one language stands apart from its other languages

Rule = Callable[[str], Sentence | None]  # a sentence about what is wrong with a text, None when nothing is


# The keys that lead to a value, the last one beside those before: written out only where something is wrong, since each
# value of each record that is read has one.
Path = tuple["Path", str | int] | tuple[()]


class Misshapen(Exception):
    """A JSON value that does not have the shape: `path` of keys, `sentence`."""

    def __init__(self, path: Path, sentence: str):
        self.path, self.sentence = _written(path), sentence
        super().__init__(f"{self.path}: {sentence}")


def _written(path: Path) -> str:
    """Such as `features[2].text`."""
    if not path:
        return ""
    before, key = _written(path[0]), path[1]
    if isinstance(key, int):
        return f"{before}[{key}]"
    return f"{before}.{key}" if before else key


@dataclass(frozen=True)
class Text:
    """One text; `refers` names the kind of record whose slug it is."""

    rule: Rule | None = None
    refers: str | None = None
    paragraphs: bool = False  # may have several lines

    def record(self, value: Any) -> Any:
        return value

    def value(self, record: Any, path: Path) -> Any:
        if not isinstance(record, str):
            raise Misshapen(path, "must be a text")
        return record


@dataclass(frozen=True)
class Identity:
    def record(self, value: Any) -> Any:
        return str(value)

    def value(self, record: Any, path: Path) -> Any:
        try:
            return UUID(record)
        except (ValueError, AttributeError, TypeError):
            raise Misshapen(path, "must be a UUID") from None


@dataclass(frozen=True)
class WholeNumber:
    """A whole number from `least` to `most`."""

    least: int
    most: int

    def record(self, value: Any) -> Any:
        return value

    def value(self, record: Any, path: Path) -> Any:
        if type(record) is not int or not self.least <= record <= self.most:
            raise Misshapen(path, f"must be a whole number from {self.least} to {self.most}")
        return record


@dataclass(frozen=True)
class Flag:
    def record(self, value: Any) -> Any:
        return value

    def value(self, record: Any, path: Path) -> Any:
        if not isinstance(record, bool):
            raise Misshapen(path, "must be true or false")
        return record


@dataclass(frozen=True)
class Group:
    """Free keys with one shape of values, written in alphabetical order: texts by language, identifiers by kind."""

    of: "Shape"
    key_rule: Rule
    example: str  # of one pair, for sentences

    def record(self, value: Any) -> Any:
        return {key: self.of.record(value[key]) for key in sorted(value)}

    def value(self, record: Any, path: Path) -> Any:
        if not isinstance(record, dict) or not all(isinstance(key, str) for key in record):
            raise Misshapen(path, "must be a group of keys")
        return {key: self.of.value(entry, (path, key)) for key, entry in record.items()}


@dataclass(frozen=True)
class Many:
    """A list; `distinct`: no entry may be in it twice. `former`: another shape that is read too and never written."""

    of: "Shape"
    most: int | None = None
    distinct: bool = True
    former: "Former | None" = None

    def record(self, value: Any) -> Any:
        return [self.of.record(entry) for entry in value]

    def value(self, record: Any, path: Path) -> Any:
        if self.former and isinstance(record, dict):
            return self.former.renewed(self.former.shape.value(record, path))
        if not isinstance(record, list):
            raise Misshapen(path, "must be a list")
        return tuple(self.of.value(entry, (path, number)) for number, entry in enumerate(record))


@dataclass(frozen=True)
class Former:
    """A group that stood where a list stands today; `renewed` makes the entries of the list of it."""

    shape: Group
    renewed: Callable[[Any], tuple[Any, ...]]


@dataclass(frozen=True)
class Key:
    shape: "Shape"
    required: bool = False
    always: bool = False  # written also when it holds the default
    default: Any = None

    def silent(self, value: Any) -> bool:
        """Whether this value is left out on writing."""
        return not self.always and (value is None or value == self.default or value == () or value == {})


@dataclass(frozen=True)
class Noun:
    """A dataclass of the model with its keys in canonical order.

    `short`: a text alone is the value of this key. `kind`: the name of records that have a slug of their own.
    """

    cls: type
    keys: Mapping[str, Key]
    short: str | None = None
    kind: str | None = None

    def record(self, value: Any) -> Any:
        written = {}
        for name, key in self.keys.items():
            entry = getattr(value, name)
            if not key.silent(entry):
                written[name] = key.shape.record(entry)
        return written[self.short] if self.short and list(written) == [self.short] else written

    def value(self, record: Any, path: Path) -> Any:
        if self.short and isinstance(record, str):
            record = {self.short: record}
        if not isinstance(record, dict):
            raise Misshapen(path, "must be a group of keys")
        values = {}
        for name, entry in record.items():
            key = self.keys.get(name)
            if key is None:
                near = nearest(str(name), self.keys)
                raise Misshapen((path, str(name)), f"is no known key{f'; {near} is' if near else ''}")
            values[name] = key.shape.value(entry, (path, name))
        for name, key in self.keys.items():
            if key.required and name not in values:
                raise Misshapen((path, name), "is missing")
        return self.cls(**values)


Shape = Text | Identity | WholeNumber | Flag | Group | Many | Noun


def _key_of_texts(rule: Rule | None = None, refers: str | None = None) -> Key:
    return Key(Many(Text(rule, refers)))


def _key_of_words(rule: Rule = rules.prose, paragraphs: bool = True, required: bool = False) -> Key:
    return Key(Group(Text(rule, paragraphs=paragraphs), rules.language, "fr: ..."), required=required)


def _key_of_many(noun: Noun) -> Key:
    return Key(Many(noun))


_NAME = Key(Text(rules.prose), required=True)
_SLUG = Key(Text(rules.slug), required=True)
_URL = Key(Text(rules.url))
_DATE = Key(Text(rules.date))
_SOURCES = _key_of_texts(rules.source)
_SOURCE = Key(Text(rules.source))
_PICTURE = Key(Text(rules.picture))
_FORMER = _key_of_texts(rules.slug)
_ORGANIZATION = Key(Text(refers="organization"))

OPERATOR = Noun(model.Operator, {"name": _NAME, "homepage": _URL, "country": Key(Text(rules.country))})
DATA_LICENSE = Noun(
    model.DataLicense,
    {"facts": Key(Text(rules.license), always=True), "texts": Key(Text(rules.license), always=True)},
)
OWN_TERM = Noun(
    model.OwnTerm,
    {
        "vocabulary": Key(Text(rules.extendable_vocabulary), required=True),
        "slug": _SLUG,
        "label": _key_of_words(rules.summary, paragraphs=False, required=True),
        "parent": Key(Text(rules.slug)),
    },
)
MANIFEST = Noun(
    model.Manifest,
    {
        "id": Key(Identity(), required=True),
        "name": _key_of_words(paragraphs=False, required=True),
        "languages": Key(Many(Text(rules.language)), required=True),
        "readers": _key_of_words(paragraphs=False),
        "operator": Key(OPERATOR),
        "contact": Key(Text(rules.contact)),
        "criteria": _key_of_words(),
        "validation": _key_of_words(),
        "refresh": _key_of_words(),
        "data_license": Key(DATA_LICENSE, always=True),
        "peers": _key_of_texts(rules.url),
        "terms": _key_of_many(OWN_TERM),
    },
)
COLLECTION_PROJECT = Noun(
    model.CollectionProject, {"project": Key(Text(refers="project"), required=True), "reason": _key_of_words()}
)
COLLECTION = Noun(
    model.Collection,
    {
        "slug": _SLUG,
        "title": _key_of_words(paragraphs=False, required=True),
        "text": _key_of_words(),
        "projects": _key_of_many(COLLECTION_PROJECT),
    },
    kind="collection",
)


def _claim(vocabulary: str) -> Noun:
    return Noun(
        model.AudienceClaim,
        {
            "term": Key(Text(rules.term(vocabulary)), required=True),
            "evidence": Key(Text(rules.term("evidence")), always=True),
        },
    )


EASY_TEXT = Noun(
    model.EasyText,
    {
        "text": Key(Text(rules.easy, paragraphs=True), required=True),
        "checked_by": Key(Text(rules.prose)),
        "checked_at": _DATE,
    },
)
FEATURE = Noun(
    model.Feature,
    {"text": _key_of_words(paragraphs=False, required=True), "source": _SOURCE, "seen_at": _DATE},
)
# What was written until the format carried a source for each feature: lines by language.
_FORMER_FEATURES = Former(
    Group(Many(Text(rules.prose), most=MAX_FEATURES), rules.language, "fr: [...]"), model.features_of_lines
)
SCREENSHOT = Noun(
    model.Screenshot,
    {"path": Key(Text(rules.picture), required=True), "alt": _key_of_words(paragraphs=False)},
    short="path",
)
LAST_CHANGE = Noun(
    model.LastChange,
    {
        "date": _DATE,
        "release": Key(Text(rules.prose)),
        "released": _DATE,
        "seen_at": Key(Text(rules.date), required=True),
        "source": Key(Text(rules.source), required=True),
        "archived": Key(Flag(), default=False),
    },
)
EVIDENCE = Noun(
    model.Evidence, {"source": Key(Text(rules.evidence_source), required=True), "seen_at": _DATE}, short="source"
)


def _evidence_of(noun: type) -> Key:
    rule = rules.FieldName(tuple(field.name for field in fields(noun)))
    return Key(Group(EVIDENCE, rule, "license: {source: ..., seen_at: 2026-11-28}"))


ACCESSIBILITY = Noun(
    model.Accessibility,
    {
        "standard": _NAME,
        "state": Key(Text(rules.one_of("none", "partial", "full")), required=True),
        "url": _URL,
        "year": Key(Text(rules.year)),
    },
)
SCREEN_LANGUAGE = Noun(
    model.ScreenLanguage,
    {"term": Key(Text(rules.language), required=True), "percent": Key(WholeNumber(0, 100))},
    short="term",
)
RUNS = Noun(
    model.Runs,
    {"online": _URL, "hosted": _key_of_texts(refers="organization"), "self_hosted": Key(Text(rules.term("hardness")))},
)
LEAVING = Noun(
    model.Leaving,
    {"exports": _key_of_texts(rules.prose), "standards": _key_of_texts(rules.prose), "note": _key_of_words()},
)
SUPPORT = Noun(
    model.Support, {"url": Key(Text(rules.url), required=True), "languages": _key_of_texts(rules.language)}, short="url"
)
RELATION = Noun(
    model.Relation,
    {
        "type": Key(Text(rules.term("relation")), required=True),
        "project": Key(Text(refers="project"), required=True),
    },
)
MAINTENANCE = Noun(
    model.Maintenance,
    {
        "organization": _ORGANIZATION,
        "person": Key(Text(rules.prose)),
        "role": Key(Text(rules.term("role")), required=True),
        "sources": _SOURCES,
    },
)
FORMER_STAGE = Noun(
    model.FormerStage,
    {
        "stage": Key(Text(rules.term("stage"))),
        "since": _DATE,
        "until": _DATE,
        "at": Key(Text(rules.date), required=True),
    },
)
ADOPTION = Noun(
    model.Adoption,
    {
        "organization": Key(Text(refers="organization"), required=True),
        "stage": Key(Text(rules.term("stage"))),
        "reasons": _key_of_texts(rules.term("stop-reason")),
        "since": _DATE,
        "until": _DATE,
        "version": Key(Text(rules.prose)),
        "purpose": _key_of_words(),
        "deployment": Key(Text(rules.term("deployment"))),
        "provider": _ORGANIZATION,
        "replaced": _key_of_texts(rules.prose),
        "people": Key(Text(rules.term("people-band"))),
        "effort_days": Key(Text(rules.term("effort-band"))),
        "cost_band": Key(Text(rules.term("cost-band"))),
        "currency": Key(Text(rules.currency)),
        "lesson": _key_of_words(),
        "again": Key(Text(rules.one_of(*model.AGAIN))),
        "before": _key_of_many(FORMER_STAGE),
        "visibility": Key(Text(rules.term("visibility")), always=True),
        "verification": Key(Text(rules.term("verification")), always=True),
        "seen_at": _DATE,
        "sources": _SOURCES,
    },
)
TRANSLATED = Noun(
    model.Translated,
    {
        "field": Key(Text(rules.one_of(*model.TRANSLATABLE)), required=True),
        "language": Key(Text(rules.language), required=True),
        "by": Key(Text(rules.prose), required=True),
        "method": Key(Text(rules.one_of(*model.METHODS)), always=True),
        "stale": Key(Flag(), default=False),
    },
)
PROJECT = Noun(
    model.Project,
    {
        "slug": _SLUG,
        "id": Key(Identity()),
        "former": _FORMER,
        "name": _NAME,
        "summary": _key_of_words(rules.summary, paragraphs=False, required=True),
        "easy_to_read": Key(Group(EASY_TEXT, rules.language, "fr: {text: ...}")),
        "description": _key_of_words(),
        "features": Key(Many(FEATURE, most=MAX_FEATURES * MAX_FEATURE_LANGUAGES, former=_FORMER_FEATURES)),
        "repository": Key(Text(rules.repository)),
        "other_repositories": _key_of_texts(rules.repository),
        "homepage": _URL,
        "documentation": _URL,
        "manuals": Key(Group(Text(rules.url), rules.language, "fr: https://...")),
        "support": Key(SUPPORT),
        "demo": _URL,
        "issues": _URL,
        "roadmap": _URL,
        "domains": _key_of_texts(rules.term("domain")),
        "made_for": _key_of_texts(rules.term("organization-kind", "size")),
        "audiences": _key_of_many(_claim("audience")),
        "inclusion": _key_of_many(_claim("inclusion-feature")),
        "accessibility": Key(ACCESSIBILITY),
        "license": Key(Text(rules.license)),
        "context_only": Key(Flag(), default=False),
        "languages": _key_of_many(SCREEN_LANGUAGE),
        "programming_languages": _key_of_texts(rules.prose),
        "standards": _key_of_texts(rules.prose),
        "deployment_countries": _key_of_texts(rules.country),
        "replaces": _key_of_texts(rules.prose),
        "runs": Key(RUNS),
        "cost": _key_of_words(),
        "leaving": Key(LEAVING),
        "governance": _key_of_words(),
        "funding": _key_of_texts(rules.url),
        "security_contact": _URL,
        "logo": _PICTURE,
        "screenshots": _key_of_many(SCREENSHOT),
        "status": Key(Text(rules.term("status"))),
        "last_change": Key(LAST_CHANGE),
        "relations": _key_of_many(RELATION),
        "maintenance": _key_of_many(MAINTENANCE),
        "adoptions": _key_of_many(ADOPTION),
        "translated": _key_of_many(TRANSLATED),
        "evidence": _evidence_of(model.Project),
        "sources": _SOURCES,
        "notes": _key_of_words(),
    },
    kind="project",
)
ORGANIZATION = Noun(
    model.Organization,
    {
        "slug": _SLUG,
        "id": Key(Identity()),
        "former": _FORMER,
        "name": _NAME,
        "about": _key_of_words(rules.summary, paragraphs=False),
        "kind": Key(Text(rules.term("organization-kind"))),
        "family": Key(Text(rules.top_term("organization-kind"))),
        "function": Key(Text(rules.term("organization-function"))),
        "country": Key(Text(rules.country)),
        "region": Key(Text(rules.region)),
        "homepage": _URL,
        "networks": _key_of_texts(rules.prose),
        "identifiers": Key(Group(Text(rules.prose), rules.identifier, "siren: ...")),
        "logo": _PICTURE,
        "evidence": _evidence_of(model.Organization),
        "sources": _SOURCES,
        "notes": _key_of_words(),
    },
    kind="organization",
)
_RECORDS: dict[str, Key] = {
    "collections": _key_of_many(COLLECTION),
    "projects": _key_of_many(PROJECT),
    "organizations": _key_of_many(ORGANIZATION),
}
DOCUMENT = Noun(
    model.Document,
    {"catalog": Key(WholeNumber(1, 1), required=True, always=True), "manifest": Key(MANIFEST, required=True)}
    | _RECORDS,
)


@dataclass(frozen=True)
class IncludedContent:
    """The content of an included file: records, and no manifest of its own."""

    collections: tuple[model.Collection, ...] = ()
    projects: tuple[model.Project, ...] = ()
    organizations: tuple[model.Organization, ...] = ()


INCLUDED_CONTENT = Noun(IncludedContent, _RECORDS)

NOUNS: Mapping[type, Noun] = {
    noun.cls: noun
    for noun in (DOCUMENT, MANIFEST, COLLECTION, PROJECT, ORGANIZATION, ADOPTION, MAINTENANCE, RELATION, TRANSLATED)
}
