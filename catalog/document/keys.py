"""The table of keys: which keys each kind of record (a dataclass of the model) has, in which order, and the shape of
their values, made of the fields of the dataclasses and their types.

Everything that writes a document uses it, and what tells a mistake at its place; what a value must be is checked by
`catalog.validation`. Each shape turns a value into its JSON.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from catalog import model, model_base
from catalog import text_rules as rules
from catalog.model_base import Flag, Identity, Keyed, StatedRecord, Text, WholeNumber


@dataclass(frozen=True)
class Group:
    """Free keys with one shape of values, written in alphabetical order: texts by language, identifiers by kind.
    `kind`: its type in the model."""

    of: "Shape"
    key: Text
    example: str  # of one pair, for sentences
    kind: Any

    @property
    def by_language(self) -> bool:
        return self.key.rule is rules.language

    def record(self, value: Any) -> Any:
        return {key: self.of.record(value[key]) for key in sorted(value)}


@dataclass(frozen=True)
class Many:
    """A list; no entry may be in it twice. `former`: the group that stood in its place once, read and never written."""

    of: "Shape"
    former: Group | None = None

    def record(self, value: Any) -> Any:
        return [self.of.record(entry) for entry in value]


@dataclass(frozen=True)
class Key:
    shape: "Shape"
    required: bool = False
    always: bool = False  # written also when it holds the default
    default: Any = None

    def silent(self, value: Any) -> bool:
        """Whether this value is left out on writing."""
        return not self.always and (value is None or value == self.default or value == () or value == {})


@dataclass(frozen=True, eq=False)
class RecordKeys:
    """A dataclass of the model with its keys in canonical order.

    `kind`: its type in the model; `short`: a text alone is the value of this key; `record_kind`: the name of records
    that have a slug of their own.
    """

    cls: type
    keys: Mapping[str, Key]
    kind: Any
    short: str | None = None
    record_kind: str | None = None

    def record(self, value: Any) -> Any:
        written = {}
        for name, key in self.keys.items():
            entry = getattr(value, name)
            if not key.silent(entry):
                written[name] = key.shape.record(entry)
        return written[self.short] if self.short and list(written) == [self.short] else written


Shape = Text | Identity | WholeNumber | Flag | Group | Many | RecordKeys


def shape_at(shape: Shape, path: Sequence[str | int]) -> Shape | None:
    """The shape of the part of a value to which `path` leads, as a fault has it; None for what no key names."""
    nested: Shape | None = shape
    for step in path:
        match nested:
            case Many(of, former) if isinstance(step, str):  # in place of the list its former shape, or one entry
                nested = former.of if former else shape_at(of, (step,))
            case Many(of):
                nested = of
            case Group(of):
                nested = of
            case RecordKeys(keys=keys) if isinstance(step, str) and step in keys:
                nested = keys[step].shape
            case _:
                return None
    return nested


@dataclass(frozen=True)
class _NounKeys:
    """What the fields of a dataclass do not say: which keys stand `first`, which are written also when they hold the
    default (`always`), and the name of records that have a slug.
    """

    first: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    record_kind: str | None = None


_KEYS: Mapping[type, _NounKeys] = {
    model.Document: _NounKeys(first=("catalog",), always=("catalog",)),
    model.Manifest: _NounKeys(always=("data_license",)),
    model.DataLicense: _NounKeys(always=("facts", "texts")),
    model.Collection: _NounKeys(record_kind="collection"),
    model.Project: _NounKeys(first=("slug", "id", "former"), record_kind="project"),
    model.Organization: _NounKeys(first=("slug", "id", "former"), record_kind="organization"),
    model.AudienceClaim: _NounKeys(always=("evidence",)),
    model.LastChange: _NounKeys(first=("date", "release", "released")),
    model.Maintenance: _NounKeys(first=("organization", "person")),
    model.FormerStage: _NounKeys(first=("stage", "since", "until")),
    model.Adoption: _NounKeys(always=("visibility", "verification")),
    model.Translated: _NounKeys(always=("method",)),
}


def _noun(cls: Any, kind: Any, **members: Any) -> RecordKeys:
    """The keys of a dataclass; `members`: the types of some of its fields here."""
    about, types = _KEYS.get(cls, _NounKeys()), get_type_hints(cls, include_extras=True) | members
    keys_by_name = {}
    for member in sorted(fields(cls), key=lambda member: member.name not in about.first):
        needed = member.default is MISSING and member.default_factory is MISSING
        keys_by_name[member.name] = Key(
            _shape(types[member.name]),
            required=needed or member.name in cls.always_stated,
            always=member.name in about.always,
            default=None if member.default is MISSING else member.default,
        )
    return RecordKeys(cls, keys_by_name, kind, cls.short, about.record_kind)


@cache
def _shape(kind: Any) -> Shape:
    """The shape of a type of the model."""
    origin, parts = get_origin(kind), get_args(kind)
    marks: tuple[Any, ...] = ()
    if NoneType in parts:
        return _shape(parts[0])
    if origin is Annotated:
        marks, bare = kind.__metadata__, parts[0]
        origin, parts = get_origin(bare), get_args(bare)
    else:
        bare = kind
    if origin is tuple:
        former = next((_shape(mark.shape) for mark in marks if isinstance(mark, model_base.Former)), None)
        return Many(_shape(parts[0]), former if isinstance(former, Group) else None)
    if origin is not None:
        key, keyed = _shape(parts[0]), marks[0]
        assert isinstance(key, Text) and isinstance(keyed, Keyed)
        return Group(_shape(parts[1]), key, keyed.example, kind)
    if issubclass(bare, StatedRecord):
        return _noun(bare, kind, **{mark.name: mark.kind for mark in marks})
    mark: Shape = marks[0]
    return mark


NOUNS: Mapping[type, RecordKeys] = {
    cls: _noun(cls, cls)
    for cls in (
        *(model.Document, model.Manifest, model.Collection, model.Project, model.Organization),
        *(model.Adoption, model.Maintenance, model.Relation, model.Translated),
    )
}
COLLECTION, PROJECT, ORGANIZATION = NOUNS[model.Collection], NOUNS[model.Project], NOUNS[model.Organization]
ADOPTION, DOCUMENT = NOUNS[model.Adoption], NOUNS[model.Document]
