"""YAML as nodes of text that know their line and column, composed from the parser's events.

Strings only: no value is a number, a date or a boolean here, so that NO stays Norway and 1.10 a version. No alias is
followed and no tag makes an object, so that nothing grows when it is read. PyYAML's own composer recurses, resolves
types and follows aliases; libyaml delivers the events where PyYAML has it.
"""

from abc import ABC, abstractmethod
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_GIVE_UP_DEPTH = 1000  # libyaml's own bound, kept for the parser without it
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


class Node:
    """A place in the file, counted from 1. A bare Node is a value that was refused and already reported."""

    __slots__ = ("column", "line")

    def __init__(self, line: int, column: int):
        self.line, self.column = line, column


class Scalar(Node):
    """A text; `plain` where it was written without quotes, so that YAML would convert it to a type."""

    __slots__ = ("plain", "text")

    def __init__(self, line: int, column: int, text: str, plain: bool):
        self.line, self.column, self.text, self.plain = line, column, text, plain

    @property
    def null(self) -> bool:
        return self.plain and self.text in ("", "~", "null", "Null", "NULL")

    @property
    def boolean(self) -> bool | None:
        """YAML 1.2's booleans; `yes` and `on` are texts there."""
        return _BOOLEANS.get(self.text) if self.plain else None


class Sequence(Node):
    """`broken`: the file became unreadable inside, so that what is missing says nothing."""

    __slots__ = ("broken", "nodes")

    def __init__(self, line: int, column: int):
        self.line, self.column = line, column
        self.nodes: list[Node] = []
        self.broken = False


class Mapping(Node):
    """Pairs in the order of the file; a key written twice is in it twice."""

    __slots__ = ("broken", "pairs")

    def __init__(self, line: int, column: int):
        self.line, self.column = line, column
        self.pairs: list[tuple[Scalar, Node]] = []
        self.broken = False

    def get(self, key: str) -> Node | None:
        return next((value for name, value in self.pairs if name.text == key), None)

    def text(self, key: str) -> str | None:
        """The text under `key`, None when it is missing or no text."""
        value = self.get(key)
        return value.text if isinstance(value, Scalar) else None


class Composer(ABC):
    """Composes the first document of one text. What a reader may refuse is told to a method of its own: it raises, or
    reports it and lets the rest be read.
    """

    max_depth: int  # of lists and groups in each other
    max_nodes: int
    max_keys: int | None = None  # of one group

    def __init__(self, text: str):
        self._parser = _Parser(text)
        self._open: list[Sequence | Mapping] = []
        self._keys: list[Node | None] = []  # per open container: the key read last, None where a key comes next
        self._lines: list[dict[str, int]] = []  # per open container: the line of each key
        self._root: Node | None = None
        self._too_deep = 0  # containers open below the bound, whose content is not kept
        self._count = 0

    def compose(self) -> Node | None:
        """The root; None where there is none. Raises yaml.YAMLError, and what the methods raise."""
        try:
            self._read()
        finally:
            self._parser.dispose()
        return self._root

    def text_of(self, event: Any) -> str:
        text: str = event.value
        return text

    def refuse_marks(self, event: Any) -> None:  # noqa: B027 - one that minds none writes nothing
        """It has an anchor or a tag, which say nothing here."""

    @abstractmethod
    def refuse_alias(self, event: Any) -> Node:
        """Raise, or give the node that stands in its place."""

    @abstractmethod
    def refuse_second_document(self, event: Any) -> None:
        """A second document begins in the file."""

    @abstractmethod
    def refuse_depth(self, event: Any) -> None:
        """A container is nested deeper than the bound."""

    @abstractmethod
    def refuse_count(self, event: Any) -> None:
        """There are more nodes than the bound."""

    @abstractmethod
    def refuse_key(self, node: Node) -> None:
        """A list or a group stands where a key is expected."""

    def refuse_double(self, node: Scalar, first_line: int) -> None:  # noqa: B027 - likewise
        """The key was there already."""

    def refuse_keys(self, node: Mapping) -> None:  # noqa: B027 - likewise
        """The group has more keys than the bound, if there is one."""

    def end_broken(self) -> None:
        """End with what was read, whose open lists and groups are broken."""
        self._too_deep = 0
        for node in self._open:
            node.broken = True
        while self._open:
            self._end()

    def _read(self) -> None:
        documents = 0
        while True:
            event = self._parser.get_event()
            kind = type(event)
            if kind is ScalarEvent:
                self._scalar(event)
            elif kind is SequenceStartEvent or kind is MappingStartEvent:
                if not self._start(event, Sequence if kind is SequenceStartEvent else Mapping):
                    return self.end_broken()
            elif kind is SequenceEndEvent or kind is MappingEndEvent:
                self._end()
            elif kind is AliasEvent:
                self._count += 1
                self._place(self.refuse_alias(event))
            elif kind is DocumentStartEvent:
                documents += 1
                if documents > 1:
                    return self.refuse_second_document(event)
            elif kind is StreamEndEvent:
                return None
            if self._count > self.max_nodes:
                self.refuse_count(event)
                return self.end_broken()

    def _scalar(self, event: Any) -> None:
        if event.anchor is not None or event.tag is not None:
            self.refuse_marks(event)
        place = event.start_mark
        self._count += 1
        self._place(Scalar(place.line + 1, place.column + 1, self.text_of(event), event.implicit[0]))

    def _start(self, event: Any, kind: type[Sequence] | type[Mapping]) -> bool:
        """Open a container; False when the nesting is too deep to go on."""
        if event.anchor is not None or event.tag is not None:
            self.refuse_marks(event)
        if len(self._open) == self.max_depth:
            self._too_deep += 1
            if self._too_deep == 1:
                self.refuse_depth(event)
            return self._too_deep < _GIVE_UP_DEPTH
        self._count += 1
        node = kind(event.start_mark.line + 1, event.start_mark.column + 1)
        if self._open and isinstance(self._open[-1], Mapping) and self._keys[-1] is None:
            self.refuse_key(node)
        self._open.append(node)
        self._keys.append(None)
        self._lines.append({})
        return True

    def _end(self) -> None:
        if self._too_deep:
            self._too_deep -= 1
            return
        node = self._open.pop()
        self._keys.pop()
        self._lines.pop()
        if self.max_keys is not None and isinstance(node, Mapping) and len(node.pairs) > self.max_keys:
            self.refuse_keys(node)
        self._place(node)

    def _place(self, node: Node) -> None:
        """Put a finished node where it belongs: the document, a list, or a key or value of a group."""
        if self._too_deep:
            return
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Sequence):
            parent.nodes.append(node)
            return
        key = self._keys[-1]
        if key is not None:
            self._keys[-1] = None
            if isinstance(key, Scalar):
                parent.pairs.append((key, node))
            return
        self._keys[-1] = node
        if not isinstance(node, Scalar):
            return
        lines = self._lines[-1]
        if node.text in lines:
            self.refuse_double(node, lines[node.text])
        lines.setdefault(node.text, node.line)
