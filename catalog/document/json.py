"""Objects of the model as plain JSON with the document's keys, and back. The store saves these, peers are sent them.

Reading back is strict about shape (unknown keys, types, what is required) but checks no vocabularies or other records:
a record of a peer may use a term that this instance does not know.
"""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from catalog import validation
from catalog.document.keys import NOUNS, RecordKeys, shape_at
from catalog.errors import Invalid
from catalog.model import Adoption, Collection, Document, Maintenance, Manifest, Organization, Project, Record, Relation
from catalog.model_base import WholeNumber
from catalog.validation import Fault, InvalidData
from catalog.vocabulary import nearest

T = TypeVar("T", Project, Organization, Adoption, Maintenance, Relation, Collection, Manifest, Document)

_SENTENCES = {
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be a group of keys",
    "dataclass_type": "must be a group of keys",
    "missing": "is missing",
}


def as_record(noun: Any) -> Record:
    """The JSON shape of an object of the model: keys in canonical order, defaults left out, ids as text."""
    return cast(Record, NOUNS[type(noun)].record(noun))


def from_record(kind: type[T], record: Mapping[str, Any]) -> T:
    """The object that `as_record` wrote: `from_record(Project, as_record(project)) == project`.

    Raises Invalid, with the path of the first key that does not fit.
    """
    try:
        return cast(T, validation.read_shape(kind, record))
    except InvalidData as unfit:
        fault = unfit.faults[0]
        raise Invalid({fault.field or kind.__name__.lower(): _sentence(fault, NOUNS[kind])}) from None


def _sentence(fault: Fault, noun: RecordKeys) -> str:
    if fault.sort == validation.UNKNOWN:
        around = shape_at(noun, fault.path[:-1])
        near = nearest(str(fault.path[-1]), around.keys) if isinstance(around, RecordKeys) else None
        return f"is no known key{f'; {near} is' if near else ''}"
    if fault.sort.startswith("uuid"):
        return "must be a UUID"
    if "le" in fault.limits or "ge" in fault.limits or fault.sort == "int_type":
        shape = shape_at(noun, fault.path)
        assert isinstance(shape, WholeNumber)
        return f"must be a whole number from {shape.least} to {shape.most}"
    return _SENTENCES[fault.sort]
