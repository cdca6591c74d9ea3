"""Finds the problems of one publiccode.yml, each with line, key and a sentence that says what to do.

By a table of ours (`shape`) and no library: no validator of it existed in Python in November 2026. Verdicts follow the
standard's reference validator where it works without a network; addresses, and the register of Italian administrations,
are not contacted. So 169 of the 173 verdicts of its corpus agree (`tests/observe/test_publiccode.py`). No sentence and
no key repeats the file's content, except keys that look like keys: it contains names of people.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from catalog.sentences import mark
from forge.observe.bounded import Mapping as Pairs
from forge.observe.bounded import Node, Scalar, Sequence, Unreadable, yaml_nodes
from forge.observe.publiccode import rules, words
from forge.observe.publiccode.shape import ROOT, Flag, Group, Key, Kind, ListOf, Text

MAX_PROBLEMS = 100  # of one file; a file with more has told enough

WRITE_TEXT = mark("Write one text here, no list and no group.")
WRITE_LIST = mark("Write a list here: a line that begins with - for each value.")
KEY_TWICE = mark("This key stands here twice; remove one of the two.")
WRITE_KEYS = mark("Write keys with values here, one below the other and set in.")
WRITE_FLAG = mark("Write true or false here, without quotes; yes, no, on and off are texts.")
_EMPTY = mark("The file is empty; begin with publiccodeYmlVersion, name and url.")
_NO_KEYS = mark("The file holds no keys; begin with publiccodeYmlVersion, name and url.")
_EMPTY_LINE = mark("This line of the list is empty; write a value or remove it.")
_UNKNOWN = mark("The standard knows no such key here; remove it.")
_DESCRIBE = mark("Describe the software in at least one language: a key such as en, fr or pt-BR.")
_BELOW_LANGUAGE = mark("Write shortDescription, longDescription and features below the language.")
_OUTSIDE = mark("This path begins at a machine's root; write it from the root of the repository, as img/logo.svg.")
_NO_FILE = mark("The repository has no such file; correct the path, which begins at its root, or add the file.")
_NO_PICTURE = {
    True: mark("A logo is a file .svg, .svgz or .png; convert it or name another."),
    False: mark("A screenshot is a file .png or .jpg; convert it or name another."),
}
_MISSING = {
    Text: mark("This key is needed here; add it with a text."),
    Flag: mark("This key is needed here; add it with true or false."),
    ListOf: mark("This key is needed here; add it with a list of at least one value."),
    Group: mark("This key is needed here; add it with the keys that belong below it."),
}
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|0[xo][0-9A-Fa-f]+")


@dataclass(frozen=True)
class PubliccodeProblem:
    """`key` is the path, such as description.en.features; "" is the whole file. A warning leaves the file valid."""

    line: int
    key: str
    sentence: str
    warning: bool = False


@dataclass(frozen=True)
class Reference:
    """A file of the repository that publiccode.yml names; `path` as it is written."""

    line: int
    key: str
    path: str
    picture: bool


@dataclass(frozen=True)
class CheckedFile:
    """`root` is the document where it could be read; `version` None where none of the standard's is stated."""

    problems: tuple[PubliccodeProblem, ...]
    references: tuple[Reference, ...]
    version: str | None
    root: Pairs | None

    @property
    def valid(self) -> bool:
        return all(problem.warning for problem in self.problems)


def check_file(data: bytes) -> CheckedFile:
    """What is wrong with a publiccode.yml by itself; never raises."""
    try:
        root = yaml_nodes(data)
    except Unreadable as error:
        return CheckedFile((PubliccodeProblem(error.line, "", str(error)),), (), None, None)
    if not isinstance(root, Pairs):
        sentence = _EMPTY if root is None else _NO_KEYS
        return CheckedFile((PubliccodeProblem(1, "", sentence),), (), None, None)
    checker = _Checker()
    version = checker.version(root)
    if version is not None:
        checker.group(root, ROOT, "", root.line)
        checker.together(root)
    problems = sorted(checker.problems, key=lambda problem: problem.line)
    return CheckedFile(tuple(problems), tuple(checker.references), version, root)


def check_references(
    references: tuple[Reference, ...], files: Mapping[str, Any], is_png: Any
) -> Iterator[PubliccodeProblem]:
    """Problems of named files that are missing in `files`, or (`is_png(path)` False; None: not known) are no PNG."""
    for reference in references:
        path = posixpath.normpath(reference.path)
        if path not in files:
            sentence = _NO_FILE
            yield PubliccodeProblem(reference.line, reference.key, sentence)
        elif reference.picture and path.lower().endswith(".png") and is_png(path) is False:
            yield PubliccodeProblem(reference.line, reference.key, mark("This file is no PNG picture; replace it."))


def problem_rows(problems: tuple[PubliccodeProblem, ...]) -> list[dict[str, Any]]:
    return [asdict(problem) for problem in problems]


class _Checker:
    def __init__(self) -> None:
        self.problems: list[PubliccodeProblem] = []
        self.references: list[Reference] = []

    def tell(self, line: int, key: str, sentence: str, warning: bool = False) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(PubliccodeProblem(line, key, sentence, warning))

    def version(self, root: Pairs) -> str | None:
        """The version to read the file by; None ends the reading, since its keys may mean anything."""
        key = "publiccodeYmlVersion"
        found = next(((name.line, node) for name, node in root.pairs if name.text == key), None)
        if found is None:
            self.tell(
                root.line, key, mark('The version is missing; write publiccodeYmlVersion: "0" as the first line.')
            )
            return None
        line, node = found
        if not isinstance(node, Scalar) or node.null or node.boolean is not None:
            self.tell(line, key, mark('Write the version as a text: publiccodeYmlVersion: "0".'))
        elif node.plain and _NUMBER.fullmatch(node.text):
            self.tell(line, key, mark("YAML reads this as a number; put the version in quotes."))
        elif node.text not in words.VERSIONS:
            sentence = mark('This version of the standard cannot be read; write "0", which always means the newest.')
            self.tell(line, key, sentence)
        else:
            if node.text not in words.PRESENT:
                sentence = mark('This is not the newest version; write "0", which always means the newest.')
                self.tell(line, key, sentence, warning=True)
            return node.text
        return None

    def node(self, node: Node, kind: Kind, path: str, line: int) -> None:
        match kind:
            case Text():
                self.text(node, kind, path, line)
            case Flag():
                if not isinstance(node, Scalar) or node.boolean is None:
                    self.tell(line, path, WRITE_FLAG)
            case ListOf():
                self.many(node, kind, path, line)
            case Group():
                if isinstance(node, Pairs):
                    self.group(node, kind, path, line)
                else:
                    self.tell(line, path, WRITE_KEYS)

    def text(self, node: Node, kind: Text, path: str, line: int) -> None:
        if not isinstance(node, Scalar):
            self.tell(line, path, WRITE_TEXT)
            return
        for rule in kind.rules:
            if sentence := rule(node.text):
                self.tell(line, path, sentence)
                return
        if kind.file is not None and node.text:
            self.file(node.text, kind, path, line)

    def file(self, text: str, kind: Text, path: str, line: int) -> None:
        if text.startswith("/") or text.lower().startswith("file:"):
            return self.tell(line, path, _OUTSIDE)
        outside = rules.web(text) is None
        name = re.split("[?#]", text)[0] if outside else text
        if not name.lower().endswith(kind.file or ()):
            return self.tell(line, path, _NO_PICTURE[kind.picture])
        if not outside:
            self.references.append(Reference(line, path, text, kind.picture))
        return None

    def many(self, node: Node, kind: ListOf, path: str, line: int) -> None:
        if kind.alone and isinstance(node, Scalar):
            return self.node(node, kind.of, path, line)
        if not isinstance(node, Sequence):
            return self.tell(line, path, WRITE_LIST)
        if len(node.nodes) < kind.least:
            self.tell(line, path, mark("The list is empty; write at least one value."))
        for number, child in enumerate(node.nodes):
            if isinstance(child, Scalar) and not child.text.strip():
                self.tell(child.line, f"{path}[{number}]", _EMPTY_LINE)
            else:
                self.node(child, kind.of, f"{path}[{number}]", child.line)
            if len(self.problems) == MAX_PROBLEMS:
                return None
        return None

    def group(self, node: Pairs, kind: Group, path: str, line: int) -> None:
        if kind.by_language:
            return self.languages(node, kind, path, line)
        seen: set[str] = set()
        for name, value in node.pairs:
            key = kind.keys.get(name.text)
            key_path = self.path(path, name.text)
            if key is None:
                self.unknown(name, kind, path)
            elif name.text in seen:
                self.tell(name.line, key_path, KEY_TWICE)
            else:
                self.value(value, key, key_path, name.line)
            seen.add(name.text)
        for name_of, key in kind.keys.items():
            if key.needed and name_of not in seen:
                self.missing(line, self.path(path, name_of), key)
        return None

    def value(self, node: Node, key: Key, path: str, line: int) -> None:
        absent = isinstance(node, Scalar) and (node.null or (key.needed and not node.text.strip()))
        if absent:
            if key.needed:
                self.missing(line, path, key)
            return
        if key.past:
            self.tell(line, path, key.past, warning=True)
        self.node(node, key.kind, path, line)

    def languages(self, node: Pairs, kind: Group, path: str, line: int) -> None:
        if not node.pairs:
            self.tell(line, path, _DESCRIBE)
        seen: set[str] = set()
        for name, value in node.pairs:
            key_path = self.path(path, name.text)
            if name.text in seen:
                self.tell(name.line, key_path, mark("This language stands here twice; remove one of the two."))
            elif sentence := rules.language(name.text):
                self.tell(name.line, key_path, sentence)
            elif isinstance(value, Pairs):
                self.group(value, Group(kind.keys), key_path, name.line)
            else:
                self.tell(name.line, key_path, _BELOW_LANGUAGE)
            seen.add(name.text)

    def missing(self, line: int, path: str, key: Key) -> None:
        self.tell(line, path, _MISSING[type(key.kind)])

    def unknown(self, name: Scalar, kind: Group, path: str) -> None:
        full = len(self.problems) == MAX_PROBLEMS  # comparing words is slow, and no more are reported
        near = None if full else rules.nearest(name.text, kind.keys)
        sentence = f"The standard knows no such key here; did you mean {near}?" if near else _UNKNOWN
        self.tell(name.line, self.path(path, name.text), sentence)

    def path(self, path: str, name: str) -> str:
        """The path of a key; one that does not look like a key, or is below people, becomes "?": it may be a name."""
        shown_name = name if _KEY.fullmatch(name) and "contacts[" not in path and "contractors[" not in path else "?"
        if shown_name == "?" and name in _PEOPLE:
            shown_name = name
        return f"{path}.{shown_name}" if path else shown_name

    def together(self, root: Pairs) -> None:
        """Check rules that involve several keys."""
        found = _group_at(root, "maintenance")
        if found is not None:
            self.maintenance(found)
        for list_name in ("countries", "unsupportedCountries"):
            self.small_letters(root, list_name)
        if _group_at(root, "IT") is not None and _group_at(root, "it") is not None:
            line = next(name.line for name, _ in root.pairs if name.text == "it")
            self.tell(line, "it", mark("The key IT is there already; remove this one."))

    def maintenance(self, node: Pairs) -> None:
        kinds = {name.text: (name.line, value) for name, value in node.pairs}
        line, kind = kinds.get("type", (node.line, None))
        if not isinstance(kind, Scalar):
            return
        present = {name for name, (_, value) in kinds.items() if not (isinstance(value, Scalar) and value.null)}
        if kind.text in ("internal", "community") and "contacts" not in present:
            sentence = mark("Maintenance of this type needs contacts; add the name of at least one person.")
            self.tell(line, "maintenance.contacts", sentence)
        if kind.text == "contract" and "contractors" not in present:
            sentence = mark("Maintenance of this type needs contractors; add name and until of at least one.")
            self.tell(line, "maintenance.contractors", sentence)
        if kind.text in words.MAINTENANCE_TYPES and kind.text != "contract" and "contractors" in present:
            sentence = mark("Contractors stand here only where the type is contract; change the type or remove them.")
            self.tell(kinds["contractors"][0], "maintenance.contractors", sentence)

    def small_letters(self, root: Pairs, list_name: str) -> None:
        audience = _group_at(root, "intendedAudience")
        codes = next((value for name, value in audience.pairs if name.text == list_name), None) if audience else None
        for number, code in enumerate(codes.nodes if isinstance(codes, Sequence) else ()):
            if isinstance(code, Scalar) and code.text.islower() and rules.country(code.text) is None:
                sentence = mark("Countries are written in capitals, such as FR; correct this one.")
                self.tell(code.line, f"intendedAudience.{list_name}[{number}]", sentence, warning=True)


_PEOPLE = frozenset({"name", "email", "phone", "affiliation", "until", "website"})


def _group_at(root: Pairs, key: str) -> Pairs | None:
    found = next((value for name, value in root.pairs if name.text == key), None)
    return found if isinstance(found, Pairs) else None
