"""The table of keys: which keys each kind of record (a dataclass of the model) has, in which order, and the shape of
their values, made of the fields of the dataclasses and their types.

Everything that reads or writes a document uses it, so that the file, the JSON and the check cannot differ. Each shape
turns a value into its JSON and back; mistakes of people, with their lines, are found in `reader`.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints
from uuid import UUID

from annotated_types import MaxLen

from catalog import model, value_types
from catalog import text_rules as rules
from catalog.value_types import Example, Member, OwnField
from catalog.vocabulary import nearest

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
class Text(value_types.Text):
    """One text."""

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
    key: Text
    example: str  # of one pair, for sentences

    @property
    def by_language(self) -> bool:
        return self.key.rule is rules.language

    def record(self, value: Any) -> Any:
        return {key: self.of.record(value[key]) for key in sorted(value)}

    def value(self, record: Any, path: Path) -> Any:
        if not isinstance(record, dict) or not all(isinstance(key, str) for key in record):
            raise Misshapen(path, "must be a group of keys")
        return {key: self.of.value(entry, (path, key)) for key, entry in record.items()}


@dataclass(frozen=True)
class Many:
    """A list; no entry may be in it twice. `former`: another shape that is read too and never written."""

    of: "Shape"
    most: int | None = None
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


@dataclass(frozen=True)
class _NounKeys:
    """What the fields of a dataclass do not say: which keys stand `first`, which are written also when they hold the
    default (`always`), which were another shape once (`former`), and what else a Noun has.
    """

    first: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    former: Mapping[str, Former] = field(default_factory=dict)
    short: str | None = None
    kind: str | None = None


# What was written until the format carried a source for each feature: lines by language.
_FEATURE = Text(rules.prose, code="prose")
_LANGUAGE = Text(rules.language, code="language")
_FORMER_FEATURES = Former(
    Group(Many(_FEATURE, most=model.MAX_FEATURES), _LANGUAGE, "fr: [...]"), model.features_of_lines
)
_KEYS: Mapping[type, _NounKeys] = {
    model.Document: _NounKeys(first=("catalog",), always=("catalog",), required=("catalog",)),
    model.Manifest: _NounKeys(always=("data_license",)),
    model.DataLicense: _NounKeys(always=("facts", "texts")),
    model.Collection: _NounKeys(kind="collection"),
    model.Project: _NounKeys(first=("slug", "id", "former"), former={"features": _FORMER_FEATURES}, kind="project"),
    model.Organization: _NounKeys(first=("slug", "id", "former"), kind="organization"),
    model.AudienceClaim: _NounKeys(always=("evidence",)),
    model.Screenshot: _NounKeys(short="path"),
    model.Evidence: _NounKeys(short="source"),
    model.ScreenLanguage: _NounKeys(short="term"),
    model.Support: _NounKeys(short="url"),
    model.LastChange: _NounKeys(first=("date", "release", "released")),
    model.Maintenance: _NounKeys(first=("organization", "person")),
    model.FormerStage: _NounKeys(first=("stage", "since", "until")),
    model.Adoption: _NounKeys(always=("visibility", "verification")),
    model.Translated: _NounKeys(always=("method",)),
}


def _noun(cls: type, **members: Any) -> Noun:
    """The keys of a dataclass; `members`: the types of some of its fields here."""
    about, types = _KEYS.get(cls, _NounKeys()), get_type_hints(cls, include_extras=True) | members
    found = {}
    for member in sorted(fields(cls), key=lambda member: member.name not in about.first):
        needed = member.default is MISSING and member.default_factory is MISSING
        found[member.name] = Key(
            _shape(types[member.name], cls, former=about.former.get(member.name)),
            required=needed or member.name in about.required,
            always=member.name in about.always,
            default=None if member.default is MISSING else member.default,
        )
    return Noun(cls, found, about.short, about.kind)


@cache
def _shape(kind: Any, cls: type, marks: tuple[Any, ...] = (), former: Former | None = None) -> Shape:
    """The shape of a type of the model, in a field of `cls`."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _shape(parts[0], cls, (*kind.__metadata__, *marks), former)
    if NoneType in parts:
        return _shape(parts[0], cls, marks, former)
    if origin is tuple:
        most = next((mark.max_length for mark in marks if isinstance(mark, MaxLen)), None)
        return Many(_shape(parts[0], cls), most, former)
    if origin is not None:
        key = _shape(parts[0], cls)
        assert isinstance(key, Text)
        example = next((mark.pair for mark in marks if isinstance(mark, Example)), "fr: ...")
        return Group(_shape(parts[1], cls), key, example)
    if kind is str:
        return _text(marks[0], cls)
    if kind is int:
        least, most = marks
        return WholeNumber(least.ge, most.le)
    if kind is bool or kind is UUID:
        return Flag() if kind is bool else Identity()
    return _noun(kind, **{mark.name: mark.kind for mark in marks if isinstance(mark, Member)})


def _text(mark: Any, cls: type) -> Text:
    if isinstance(mark, OwnField):
        return Text(rules.FieldName(tuple(member.name for member in fields(cls))))
    return Text(mark.rule, mark.refers, mark.paragraphs, mark.code, mark.described)


@dataclass(frozen=True)
class IncludedContent:
    """The content of an included file: records, and no manifest of its own."""

    collections: tuple[model.Collection, ...] = ()
    projects: tuple[model.Project, ...] = ()
    organizations: tuple[model.Organization, ...] = ()


NOUNS: Mapping[type, Noun] = {
    cls: _noun(cls)
    for cls in (
        *(model.Document, model.Manifest, model.Collection, model.Project, model.Organization),
        *(model.Adoption, model.Maintenance, model.Relation, model.Translated),
    )
}
COLLECTION, PROJECT, ORGANIZATION = NOUNS[model.Collection], NOUNS[model.Project], NOUNS[model.Organization]
ADOPTION, DOCUMENT = NOUNS[model.Adoption], NOUNS[model.Document]
OWN_TERM, INCLUDED_CONTENT = _noun(model.OwnTerm), _noun(IncludedContent)
