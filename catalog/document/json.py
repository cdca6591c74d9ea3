"""Objects of the model as plain JSON with the document's keys, and back. The store saves these, peers are sent them.

Reading back is strict about shape (unknown keys, types, what is required) but checks no vocabularies or other records:
a record of a peer may use a term that this instance does not know.
"""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from catalog.document.keys import NOUNS, Misshapen
from catalog.errors import Invalid
from catalog.model import Adoption, Collection, Document, Maintenance, Manifest, Organization, Project, Record, Relation

T = TypeVar("T", Project, Organization, Adoption, Maintenance, Relation, Collection, Manifest, Document)


def as_record(noun: Any) -> Record:
    """The JSON shape of an object of the model: keys in canonical order, defaults left out, ids as text."""
    return cast(Record, NOUNS[type(noun)].record(noun))


def from_record(kind: type[T], record: Mapping[str, Any]) -> T:
    """The object that `as_record` wrote: `from_record(Project, as_record(project)) == project`.

    Raises Invalid, with the path of the first key that does not fit.
    """
    try:
        return cast(T, NOUNS[kind].value(record, ()))
    except Misshapen as error:
        raise Invalid({error.path or kind.__name__.lower(): error.sentence}) from error
