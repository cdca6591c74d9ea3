"""Makes objects of the model from nodes, and reports every mistake at its line and column.

pydantic checks what each record holds (`catalog.validation`); where a fault is told is found by its path in the nodes.
Records are checked one by one. What needs more than one (a slug used twice, a reference to nothing) is only collected
here, for `references`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from catalog import validation
from catalog.document import cross_field_rules
from catalog.document.keys import Group, Many, RecordKeys, Shape, shape_at
from catalog.document.problems import MAX_PROBLEMS, Problems
from catalog.document.references import DocumentReferences
from catalog.model_base import AS_TEXT, Text
from catalog.sentences import Sentence, quoted
from catalog.validation import KEY, MISSING, SENTENCE, UNKNOWN, Fault, InvalidData, Path
from catalog.vocabulary import nearest
from catalog.yaml_nodes import Mapping, Node, Scalar, Sequence

_NAMES_OF_NODES: dict[type, str] = {Sequence: "a list", Mapping: "a group of keys", Scalar: "a text"}
_REFUSED = object()  # in the place of a value that was reported already


@dataclass(frozen=True)
class _Place:
    """Where a path ends: the `node` there, None where there is none; the last group of keys on the way; the path as
    people write it."""

    node: Node | None
    key: Scalar | None  # that leads to the node
    around: Node
    field: str


class DocumentReader:
    """Reads the nodes of a document."""

    def __init__(self, problems: Problems, references: DocumentReferences):
        self.problems, self.references = problems, references

    def read(self, root: Node, noun: RecordKeys) -> Any:
        """The value of a file, or None where it has a mistake."""
        if not isinstance(root, Mapping):
            self._check(root, noun, "")
            return None
        others, is_sound = Mapping(root.line, root.column), True
        records: dict[str, tuple[Any, ...]] = {}
        others.broken = root.broken
        for name, child in root.pairs:
            kind = _records_at(noun, name.text)
            if kind is None or not isinstance(child, Sequence):
                others.pairs.append((name, child))
                continue
            records_read = [self._record(record, kind, f"{name.text}[{at}]") for at, record in enumerate(child.nodes)]
            is_sound = is_sound and None not in records_read
            records.setdefault(name.text, tuple(records_read))
        value = self._checked(others, noun, "")
        return replace(value, **records) if value is not None and is_sound else None

    def tell(self, node: Node, field: str, sentence: Sentence) -> None:
        """Report a mistake at this node."""
        self.problems.add(node.line, node.column, field, sentence)

    def _record(self, node: Node, noun: RecordKeys, field: str) -> Any:
        slug = node.text("slug") if isinstance(node, Mapping) else None
        return self._checked(node, noun, f"{field[: field.rfind('[')]}[{slug[:80]}]" if slug else field)

    def _checked(self, node: Node, noun: RecordKeys, field: str) -> Any:
        if self.problems.full:
            return None
        value = self._check(node, noun, field)
        self._follow(node, noun, field)
        if self.problems.has_doubles:
            for part, shape, path in _said_again(node, noun, field):
                if self.problems.full:
                    break
                self._check(part, shape, path)
        return value

    def _check(self, node: Node, shape: RecordKeys | Group, field: str) -> Any:
        """The value of the node, or None where it has a mistake."""
        try:
            return validation.read(shape.kind, _plain(node), context=AS_TEXT, most=MAX_PROBLEMS)
        except InvalidData as unfit:
            self.problems.count(unfit.untold)
            for fault in unfit.faults:
                self._tell_fault(fault, node, shape, field)
            return None

    def _tell_fault(self, fault: Fault, node: Node, shape: Shape, field: str) -> None:
        at_key = fault.path[-1:] == (KEY,) and isinstance(shape_at(shape, fault.path[:-2]), Group)
        path = fault.path[:-1] if at_key else fault.path
        place = _place(node, path, field)
        if fault.sort == MISSING and SENTENCE not in fault.limits:
            if not getattr(place.node or place.around, "broken", False):
                sentence = f"The key {path[-1]} is required; fill it in."
                self.tell(place.node or place.around, place.field, sentence)
        elif fault.sort == UNKNOWN and place.key is not None:
            self.tell(place.key, place.field, self._sentence_of_unknown(place.key, shape_at(shape, path[:-1])))
        elif place.node is not None and type(place.node) is not Node:
            at = place.key if at_key and place.key is not None else place.node
            self.tell(
                at, place.field, fault.limits.get(SENTENCE) or _sentence_of_type(place.node, shape_at(shape, path))
            )

    def _sentence_of_unknown(self, name: Scalar, around: Shape | None) -> str:
        if isinstance(around, Many):  # one entry stands in place of the list
            around = around.of
        keys = around.keys if isinstance(around, RecordKeys) else {}
        near = None if self.problems.full else nearest(name.text, keys)
        advice = f"did you mean {near}?" if near else f"known here are {', '.join(keys)}."
        return f"{quoted(name.text)} is no known key; {advice}"

    def _follow(self, node: Node, shape: Shape, field: str) -> None:
        """Gather the references in a value, and check what does not fit together in its records."""
        if isinstance(shape, Text):
            if isinstance(node, Scalar) and shape.refers and node.text.strip() and "\n" not in node.text:
                self.references.refer(shape.refers, node, field)
        elif isinstance(shape, Many):
            for at, child in enumerate(node.nodes) if isinstance(node, Sequence) else ():
                self._follow(child, shape.of, f"{field}[{at}]")
            if isinstance(node, Scalar | Mapping):
                self._follow(node, shape.of, field)
        elif isinstance(shape, RecordKeys) and isinstance(node, Mapping):
            inner = _followed(shape)
            for name, child in node.pairs:
                if name.text in inner:
                    self._follow(child, inner[name.text], f"{field}.{name.text}".lstrip("."))
            if shape.record_kind:
                self.references.record(shape.record_kind, node, field)
            cross_field_rules.check(self, shape, node, field)


def _plain(node: Node) -> Any:
    """The node as lists, groups and texts; of a key that is written twice the first value."""
    kind = type(node)
    if kind is Scalar:
        return node.text  # type: ignore[attr-defined]
    if isinstance(node, Mapping):
        values: dict[str, Any] = {}
        for name, child in node.pairs:
            if name.text not in values:
                values[name.text] = _plain(child)
        return values
    return [_plain(child) for child in node.nodes] if isinstance(node, Sequence) else _REFUSED


def _said_again(node: Node, shape: Shape | None, field: str) -> Iterator[tuple[Mapping, RecordKeys | Group, str]]:
    """The later values of keys that a group has twice, each as a group of that key alone."""
    if isinstance(node, Sequence) and isinstance(shape, Many):
        for at, child in enumerate(node.nodes):
            yield from _said_again(child, shape.of, f"{field}[{at}]")
    elif isinstance(node, Mapping) and isinstance(shape, Many):
        yield from _said_again(node, shape.former or shape.of, field)
    elif isinstance(node, Mapping) and isinstance(shape, RecordKeys | Group):
        names = set()
        for name, child in node.pairs:
            if name.text in names:
                part = Mapping(node.line, node.column)
                part.pairs, part.broken = [(name, child)], True
                yield part, shape, field
            names.add(name.text)
            yield from _said_again(child, shape_at(shape, (name.text,)), f"{field}.{name.text[:40]}".lstrip("."))


def _place(node: Node, path: Path, field: str) -> _Place:
    key, around, node_at = None, node, node
    for step in path:
        if isinstance(node_at, Sequence) and isinstance(step, int):
            node_at, field = node_at.nodes[step], f"{field}[{step}]"
        elif isinstance(node_at, Mapping):
            field = f"{field}.{str(step)[:40]}".lstrip(".")
            around = node_at
            pair = next((pair for pair in node_at.pairs if pair[0].text == step), None)
            if pair is None:
                return _Place(None, None, around, field)
            key, node_at = pair
        # else a text that stands for a group of this key alone
    return _Place(node_at, key, around, field)


def _sentence_of_type(node: Node, shape: Shape | None) -> str:
    type_name = _NAMES_OF_NODES[type(node)]
    match shape:
        case Many():
            return f"Write a list here, each line behind a hyphen; this is {type_name}."
        case Group(example=example):
            return f"Write a group of keys here, such as {example}; this is {type_name}."
        case RecordKeys(keys=keys):
            return f"Write a group of keys here, such as {next(iter(keys))}: ...; this is {type_name}."
    return f"Write one text here; this is {type_name}."


def _records_at(noun: RecordKeys, name: str) -> RecordKeys | None:
    """The records of which the key of a file holds a list."""
    shape = shape_at(noun, (name, 0))
    return shape if isinstance(shape, RecordKeys) and shape.record_kind else None


@cache
def _followed(noun: RecordKeys) -> dict[str, Shape]:
    """The keys that lead to a reference, or to a record with rules between its keys."""
    return {name: key.shape for name, key in noun.keys.items() if _is_followed(key.shape)}


def _is_followed(shape: Shape) -> bool:
    if isinstance(shape, Many):
        return _is_followed(shape.of)
    if isinstance(shape, RecordKeys):
        return shape.cls in cross_field_rules.RULES or bool(_followed(shape))
    return isinstance(shape, Text) and shape.refers is not None
