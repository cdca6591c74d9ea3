"""Makes objects of the model from nodes, and reports every mistake at its line and column.

What needs more than one record (a slug used twice, a reference to nothing) is only collected here, for `references`.
"""

import re
from typing import Any
from uuid import UUID

from catalog import text_rules as rules
from catalog.document import cross_field_rules
from catalog.document.keys import Flag, Group, Identity, Key, Many, Noun, Shape, Text, WholeNumber
from catalog.document.problems import Problems
from catalog.document.references import References
from catalog.sentences import Sentence, quoted
from catalog.vocabulary import nearest
from catalog.yaml_nodes import Mapping, Node, Scalar, Sequence

_NAMES_OF_NODES: dict[type, str] = {Sequence: "a list", Mapping: "a group of keys", Scalar: "a text"}


class Reader:
    """Reads the nodes of one file after another; problems and references are those of the whole document."""

    def __init__(self, problems: Problems, references: References):
        self.problems, self.references = problems, references

    def read(self, node: Node, shape: Shape, field: str) -> Any:
        """The value of the shape, or None where nothing of it can be used."""
        if type(node) is Node:
            return None
        match shape:
            case Text():
                return self._read_text(node, shape, field)
            case Many():
                return self._read_many(node, shape, field)
            case Noun():
                return self._read_noun(node, shape, field)
            case Group():
                return self._read_group(node, shape, field)
            case Identity():
                return self._read_identity(node, field)
            case WholeNumber():
                return self._read_whole(node, shape, field)
            case Flag():
                return self._read_flag(node, field)

    def tell(self, node: Node, field: str, sentence: Sentence) -> None:
        """Report a mistake at this node."""
        self.problems.add(node.line, node.column, field, sentence)

    def _read_text(self, node: Node, shape: Text, field: str) -> str | None:
        if not isinstance(node, Scalar):
            self._report_type(node, field, "Write one text here")
            return None
        text = node.text
        if text == "" or text.isspace():
            self.tell(node, field, "There is no text; write it or remove the key.")
            return None
        if not shape.paragraphs and "\n" in text.strip("\n"):
            self.tell(node, field, "The text must stand on one line; join the lines.")
            return None
        if not shape.paragraphs and "\n" in text:
            self.tell(node, field, "The text must stand on one line; remove the line break at its end.")
            return None
        if shape.rule is rules.license and self.problems.full:
            return text  # a refused license takes 2 ms, and a hostile file has 100,000 of them
        wrong = shape.rule(text) if shape.rule else None
        if wrong:
            self.tell(node, field, wrong)
            return None
        if shape.refers:
            self.references.refer(shape.refers, node, self.problems.file, field)
        return text

    def _read_identity(self, node: Node, field: str) -> UUID | None:
        if isinstance(node, Scalar) and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", node.text):
            return UUID(node.text)
        self.tell(node, field, "An id is a UUID in lower case; remove the key and one is made.")
        return None

    def _read_whole(self, node: Node, shape: WholeNumber, field: str) -> int | None:
        if isinstance(node, Scalar) and re.fullmatch("[0-9]{1,9}", node.text):
            number = int(node.text)
            if shape.least <= number <= shape.most:
                return number
        bounds = f"{shape.least}" if shape.least == shape.most else f"a whole number from {shape.least} to {shape.most}"
        self.tell(node, field, f"Write {bounds} here.")
        return None

    def _read_flag(self, node: Node, field: str) -> bool | None:
        if isinstance(node, Scalar) and node.text in ("true", "false"):
            return node.text == "true"
        self.tell(node, field, "Write true or false here.")
        return None

    def _read_many(self, node: Node, shape: Many, field: str) -> tuple[Any, ...] | None:
        if shape.former and isinstance(node, Mapping):
            return shape.former.renewed(self._read_group(node, shape.former.shape, field) or {})
        if not isinstance(node, Sequence):
            if isinstance(node, Scalar) or isinstance(shape.of, Noun):
                self.read(node, shape.of, field)  # for its own mistakes
            self._report_type(node, field, "Write a list here, each line behind a hyphen")
            return None
        if shape.most is not None and len(node.nodes) > shape.most:
            self.tell(node, field, f"There are {len(node.nodes)} lines; keep the {shape.most} most important.")
        values = []
        seen: dict[Any, int] = {}
        for number, child in enumerate(node.nodes):
            value = self.read(child, shape.of, f"{field}[{number}]")
            if value is None:
                continue
            values.append(value)
            if isinstance(child, Scalar):
                if child.text in seen:
                    self.tell(child, f"{field}[{number}]", f"{quoted(child.text)} stands twice in this list; keep one.")
                seen.setdefault(child.text, child.line)
        return tuple(values)

    def _read_group(self, node: Node, shape: Group, field: str) -> dict[str, Any] | None:
        if not isinstance(node, Mapping):
            self._report_type(node, field, f"Write a group of keys here, such as {shape.example}")
            return None
        values: dict[str, Any] = {}
        for key, child in node.pairs:
            wrong = shape.key.rule(key.text) if shape.key.rule else None
            if wrong:
                self.tell(key, f"{field}.{key.text[:40]}", wrong)
            value = self.read(child, shape.of, f"{field}.{key.text[:40]}")
            if value is not None and not wrong:
                values.setdefault(key.text, value)
        return values

    def _read_noun(self, node: Node, noun: Noun, field: str) -> Any:
        if noun.short and isinstance(node, Scalar):
            value = self.read(node, noun.keys[noun.short].shape, field)
            return None if value is None else noun.cls(**{noun.short: value})
        if not isinstance(node, Mapping):
            self._report_type(node, field, f"Write a group of keys here, such as {next(iter(noun.keys))}: ...")
            return None
        if noun.kind:
            field = self._path_with_slug(node, field)
        values: dict[str, Any] = {}
        for name, child in node.pairs:
            path = f"{field}.{name.text[:40]}".lstrip(".")
            key = noun.keys.get(name.text)
            if key is None:
                self._report_unknown_key(name, noun, path)
                continue
            value = self.read(child, key.shape, path)
            if value is not None:
                values.setdefault(name.text, value)
        self._report_missing(node, noun, field)
        if noun.kind:
            self.references.record(noun.kind, node, self.problems.file, field)
        cross_field_rules.check(self, noun, node, field)
        complete = all(name in values for name, key in noun.keys.items() if key.required)
        return noun.cls(**values) if complete else None

    def _path_with_slug(self, node: Mapping, field: str) -> str:
        """The path with the record's slug instead of its number."""
        slug = node.text("slug")
        return f"{field[: field.rfind('[')]}[{slug[:80]}]" if slug else field

    def _report_unknown_key(self, name: Scalar, noun: Noun, field: str) -> None:
        near = None if self.problems.full else nearest(name.text, noun.keys)
        advice = f"did you mean {near}?" if near else f"known here are {', '.join(noun.keys)}."
        self.tell(name, field, f"{quoted(name.text)} is no known key; {advice}")

    def _report_missing(self, node: Mapping, noun: Noun, field: str) -> None:
        if node.broken:
            return
        for name, key in noun.keys.items():
            value = node.get(name) if key.required else None
            if key.required and (value is None or _is_empty(value, key)):
                self.tell(value or node, f"{field}.{name}".lstrip("."), f"The key {name} is required; fill it in.")

    def _report_type(self, node: Node, field: str, sentence: str) -> None:
        found = _NAMES_OF_NODES[type(node)]
        self.tell(node, field, f"{sentence}; this is {found}.")


def _is_empty(node: Node, key: Key) -> bool:
    if isinstance(key.shape, Many):
        return isinstance(node, Sequence) and not node.nodes and not node.broken
    return isinstance(key.shape, Group) and isinstance(node, Mapping) and not node.pairs and not node.broken
