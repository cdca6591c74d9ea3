"""Parses the bytes of one YAML file of the document into nodes (`catalog.yaml_nodes`), or gives every reason why it
cannot be read. Keys are not known here.

Anchors, aliases, tags and keys written twice are refused.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from itertools import islice
from typing import Any

import yaml

from catalog.document.problems import Problems
from catalog.sentences import quoted
from catalog.yaml_nodes import Composer, Mapping, Node, Scalar

MAX_DEPTH = 32  # of lists and groups in each other; the document itself needs 8
MAX_BYTES = 10_000_000  # of a document
MAX_NODES = 1_000_000  # of one file, about 150 MB while it is read; an honest file of 10 MB has half of them
MAX_KEYS = 250  # of one group: languages; a project has 45
MAX_CHARACTERS = 20  # unreadable ones that are reported one by one; a file with more of them is no text

# What YAML 1.1 section 5.1 calls not printable; each becomes a space of the same width, so that columns stay right.
_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")


def compose(data: bytes, problems: Problems) -> Node | None:
    """The root node of the file; None when it is empty or cannot be read at all.

    Every reason is among the problems. After a mistake that ends reading, the nodes before it are returned, broken.
    """
    if len(data) > MAX_BYTES:
        problems.add(1, 1, "", f"The file has {len(data):,} bytes, more than {MAX_BYTES:,}; remove what nobody needs.")
        return None
    text = _decode(data, problems)
    return None if text is None else _DocumentComposer(text, problems).root()


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


class _DocumentComposer(Composer):
    """Reports what it refuses, and reads on."""

    max_depth, max_nodes, max_keys = MAX_DEPTH, MAX_NODES, MAX_KEYS

    def __init__(self, text: str, problems: Problems):
        super().__init__(text)
        self.text, self.problems = text, problems
        self.stopped = False  # by a mistake

    def root(self) -> Node | None:
        root = None
        try:
            root = self.compose()
        except yaml.MarkedYAMLError as error:
            self._unreadable(error)
            root = self._root
        if root is None and not self.stopped:
            self.problems.add(1, 1, "", "The file is empty; forge init writes one to start from.")
        return root

    def refuse_marks(self, event: Any) -> None:
        if event.anchor is not None:
            self._report_problem(event, f"The anchor &{event.anchor} is not accepted; remove it.")
        if event.tag is not None:
            self._report_problem(event, f"The tag {quoted(event.tag)} is not accepted; remove it.")

    def refuse_alias(self, event: Any) -> Node:
        self._report_problem(event, f"The alias *{event.anchor} is not accepted; write the value out.")
        return Node(event.start_mark.line + 1, event.start_mark.column + 1)

    def refuse_second_document(self, event: Any) -> None:
        self._report_problem(event, "A file holds one document; remove the line --- and what follows.")

    def refuse_depth(self, event: Any) -> None:
        self._report_problem(event, f"Lists and groups stand more than {MAX_DEPTH} deep in each other; flatten this.")

    def refuse_count(self, event: Any) -> None:
        self._report_problem(event, f"The file holds more than {MAX_NODES:,} values; remove what nobody needs.")

    def refuse_key(self, node: Node) -> None:
        self.problems.add(node.line, node.column, "", "A key must be text; put the list or group behind it.")

    def refuse_double(self, node: Scalar, first_line: int) -> None:
        self.problems.has_doubles = True
        sentence = f"{quoted(node.text)} stands twice here, first on line {first_line}; keep one."
        self.problems.add(node.line, node.column, "", sentence)

    def refuse_keys(self, node: Mapping) -> None:
        sentence = f"The group has {len(node.pairs):,} keys, more than {MAX_KEYS}; only these were checked."
        self.problems.add(node.line, node.column, "", sentence)
        del node.pairs[MAX_KEYS:]
        node.broken = True

    def end_broken(self) -> None:
        self.stopped = self.problems.broken = True
        super().end_broken()

    def _report_problem(self, event: Any, sentence: str) -> None:
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
        self.end_broken()
