"""From the bytes of one YAML file to nodes of text that know their line and column. Keys are not known here.

Strings only: no value is a number, a date or a boolean here, so that NO stays Norway and 1.10 a version. Anchors,
aliases and tags are refused, so that nothing grows when it is read. Nodes are composed here from the parser's events,
because PyYAML's composer recurses and resolves types; libyaml delivers the events where PyYAML has it.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from itertools import islice
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

from catalog.document.included_files import MAX_BYTES
from catalog.document.problems import Problems, quoted

MAX_DEPTH = 32  # of lists and groups in each other; the document itself needs 8
MAX_NODES = 1_000_000  # of one file, about 150 MB while it is read; an honest file of 10 MB has half of them

MAX_CHARACTERS = 20  # unreadable ones that are reported one by one; a file with more of them is no text

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_GIVE_UP_DEPTH = 1000  # libyaml's own bound, kept for the parser without it
# What YAML 1.1 section 5.1 calls not printable; each becomes a space of the same width, so that columns stay right.
_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")


class Node:
    """A place in the file, counted from 1. A bare Node is a value that was refused and already reported."""

    __slots__ = ("column", "line")

    def __init__(self, line: int, column: int):
        self.line, self.column = line, column


class Scalar(Node):
    __slots__ = ("text",)

    def __init__(self, line: int, column: int, text: str):
        self.line, self.column, self.text = line, column, text


class Sequence(Node):
    """`broken`: the file became unreadable inside, so that what is missing says nothing."""

    __slots__ = ("broken", "nodes")

    def __init__(self, line: int, column: int):
        self.line, self.column = line, column
        self.nodes: list[Node] = []
        self.broken = False


class Mapping(Node):
    """Pairs in the order of the file; a key written twice is in it twice and was reported."""

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


def compose(data: bytes, problems: Problems) -> Node | None:
    """The root node of the file; None when it is empty or cannot be read at all.

    Every reason is among the problems. After a mistake that ends reading, the nodes before it are returned, broken.
    """
    if len(data) > MAX_BYTES:
        problems.add(1, 1, "", f"The file has {len(data):,} bytes, more than {MAX_BYTES:,}; split it with include.")
        return None
    text = _decode(data, problems)
    return None if text is None else _Composer(text, problems).root()


def _decode(data: bytes, problems: Problems) -> str | None:
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        problems.add(1, 1, "", "The file is encoded as UTF-16; save it as UTF-8.")
        return None
    data = data.removeprefix(BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, len(before[before.rfind(b"\n") + 1 :].decode()) + 1
        sentence = f"Byte {error.start} (0x{data[error.start]:02x}) is not UTF-8; save the file as UTF-8."
        problems.add(line, column, "", sentence)
        text = data.decode(errors="replace")
    return _NOT_PRINTABLE.sub(" ", text) if _tell_not_printable(text, problems) else text


def _tell_not_printable(text: str, problems: Problems) -> bool:
    count = 0
    for match in islice(_NOT_PRINTABLE.finditer(text), MAX_CHARACTERS):
        line, column = text.count("\n", 0, match.start()) + 1, match.start() - text.rfind("\n", 0, match.start())
        problems.add(line, column, "", f"The character U+{ord(match[0]):04X} cannot be read; remove it.")
        count += 1
    return count > 0


class _Composer:
    """Composes one text: the containers still open, and the key that waits for its value in each mapping."""

    def __init__(self, text: str, problems: Problems):
        self.parser = _Parser(text)
        self.problems = problems
        self.open: list[Sequence | Mapping] = []
        self.keys: list[Node | None] = []  # per open container: the key read last, None where a key comes next
        self.seen: list[dict[str, int]] = []  # per open container: line of each key
        self.result: Node | None = None
        self.too_deep = 0  # containers open below MAX_DEPTH, whose content is not kept
        self.count = 0
        self.text = text
        self.stopped = False  # by a mistake

    def root(self) -> Node | None:
        try:
            self._read()
        except yaml.MarkedYAMLError as error:
            self._unreadable(error)
        finally:
            self.parser.dispose()
        if self.result is None and not self.stopped:
            self.problems.add(1, 1, "", "The file is empty; forge init writes one to start from.")
        return self.result

    def _read(self) -> None:
        documents = 0
        while True:
            event = self.parser.get_event()
            kind = type(event)
            if kind is ScalarEvent:
                self._scalar(event)
            elif kind is SequenceStartEvent or kind is MappingStartEvent:
                if not self._start(event, Sequence if kind is SequenceStartEvent else Mapping):
                    return self._break()
            elif kind is SequenceEndEvent or kind is MappingEndEvent:
                self._end()
            elif kind is AliasEvent:
                self._tell(event, f"The alias *{event.anchor} is not accepted; write the value out.")
                self._place(Node(event.start_mark.line + 1, event.start_mark.column + 1))
            elif kind is DocumentStartEvent:
                documents += 1
                if documents > 1:
                    return self._tell(event, "A file holds one document; remove the line --- and what follows.")
            elif kind is StreamEndEvent:
                return None
            if self.count > MAX_NODES:
                self._tell(event, f"The file holds more than {MAX_NODES:,} values; split it with include.")
                return self._break()

    def _scalar(self, event: Any) -> None:
        if event.anchor is not None or event.tag is not None:
            self._refuse_marks(event)
        mark = event.start_mark
        self.count += 1
        self._place(Scalar(mark.line + 1, mark.column + 1, event.value))

    def _start(self, event: Any, kind: type[Sequence] | type[Mapping]) -> bool:
        """Open a container; False when the nesting is too deep to go on."""
        if event.anchor is not None or event.tag is not None:
            self._refuse_marks(event)
        if len(self.open) == MAX_DEPTH:
            self.too_deep += 1
            if self.too_deep == 1:
                self._tell(event, f"Lists and groups stand more than {MAX_DEPTH} deep in each other; flatten this.")
            return self.too_deep < _GIVE_UP_DEPTH
        self.count += 1
        self.open.append(kind(event.start_mark.line + 1, event.start_mark.column + 1))
        self.keys.append(None)
        self.seen.append({})
        return True

    def _end(self) -> None:
        if self.too_deep:
            self.too_deep -= 1
            return
        node = self.open.pop()
        self.keys.pop()
        self.seen.pop()
        self._place(node)

    def _place(self, node: Node) -> None:
        """Put a finished node where it belongs: the document, a list, or a key or value of a group."""
        if self.too_deep:
            return
        if not self.open:
            self.result = node
            return
        parent = self.open[-1]
        if isinstance(parent, Sequence):
            parent.nodes.append(node)
            return
        key = self.keys[-1]
        if key is not None:
            self.keys[-1] = None
            if isinstance(key, Scalar):
                parent.pairs.append((key, node))
            return
        self.keys[-1] = node
        if not isinstance(node, Scalar):
            if type(node) is not Node:
                self.problems.add(node.line, node.column, "", "A key must be text; put the list or group behind it.")
            return
        seen = self.seen[-1]
        if node.text in seen:
            sentence = f"{quoted(node.text)} stands twice here, first on line {seen[node.text]}; keep one."
            self.problems.add(node.line, node.column, "", sentence)
        seen.setdefault(node.text, node.line)

    def _refuse_marks(self, event: Any) -> None:
        if event.anchor is not None:
            self._tell(event, f"The anchor &{event.anchor} is not accepted; remove it.")
        if event.tag is not None:
            self._tell(event, f"The tag {quoted(event.tag)} is not accepted; remove it.")

    def _tell(self, event: Any, sentence: str) -> None:
        self.problems.add(event.start_mark.line + 1, event.start_mark.column + 1, "", sentence)

    def _unreadable(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        where = f" {error.context}" if error.context else ""
        advice = "check indentation, quotes and colons on this line and the one before"
        if re.match(r" *\t", "".join(self.text.split("\n", line)[line - 1 : line])):
            advice = "a tab stands in the indentation, put spaces there"
        sentence = (
            f"The file cannot be read from here on, so what follows was not checked: {advice} ({error.problem}{where})."
        )
        self.problems.add(line, column, "", sentence)
        self._break()

    def _break(self) -> None:
        self.too_deep = 0
        self.stopped = self.problems.broken = True
        for node in self.open:
            node.broken = True
        while self.open:
            self._end()
