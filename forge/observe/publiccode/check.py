"""Finds the problems of one publiccode.yml, each with line, key and a sentence that says what to do.

By a description of ours (`keys`): no validator of it existed in Python in November 2026. Verdicts follow the
standard's reference validator where it works without a network; addresses, and the register of Italian administrations,
are not contacted. So 169 of the 173 verdicts of its corpus agree (`tests/observe/test_publiccode.py`). No sentence and
no key repeats the file's content, except keys that look like keys: it contains names of people.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.sentences import mark
from catalog.validation import NO_OBJECT, SHORT
from forge.observe.bounded import Mapping as Pairs
from forge.observe.bounded import Node, Scalar, Sequence, Unreadable, yaml_nodes
from forge.observe.bounded.file_check import MAX_PROBLEMS, FileProblem, check_keys
from forge.observe.publiccode import rules, words
from forge.observe.publiccode.keys import FILE

_EMPTY = mark("The file is empty; begin with publiccodeYmlVersion, name and url.")
_NO_KEYS = mark("The file holds no keys; begin with publiccodeYmlVersion, name and url.")
_DESCRIBE = mark("Describe the software in at least one language: a key such as en, fr or pt-BR.")
_BELOW_LANGUAGE = mark("Write shortDescription, longDescription and features below the language.")
_NO_FILE = mark("The repository has no such file; correct the path, which begins at its root, or add the file.")
# Of a fault at a key of the top, so deep, of that sort.
_SENTENCES = {("description", 1, SHORT): _DESCRIBE, ("description", 2, NO_OBJECT): _BELOW_LANGUAGE}
_NUMBER = re.compile(r"[-+]?(?:[0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|0[xo][0-9A-Fa-f]+")


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

    problems: tuple[FileProblem, ...]
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
        return CheckedFile((FileProblem(error.line, "", str(error)),), (), None, None)
    if not isinstance(root, Pairs):
        sentence = _EMPTY if root is None else _NO_KEYS
        return CheckedFile((FileProblem(1, "", sentence),), (), None, None)
    version, problems = _version(root)
    if version is None:  # its keys may mean anything
        return CheckedFile(tuple(problems), (), None, root)
    problems += check_keys(root, FILE, _SENTENCES)
    problems += _problems_of_several_keys(root)
    problems.sort(key=lambda problem: problem.line)
    return CheckedFile(tuple(problems[:MAX_PROBLEMS]), tuple(_references(root)), version, root)


def check_references(references: tuple[Reference, ...], files: Mapping[str, Any], is_png: Any) -> Iterator[FileProblem]:
    """Problems of named files that are missing in `files`, or (`is_png(path)` False; None: not known) are no PNG."""
    for reference in references:
        path = posixpath.normpath(reference.path)
        if path not in files:
            sentence = _NO_FILE
            yield FileProblem(reference.line, reference.key, sentence)
        elif reference.picture and path.lower().endswith(".png") and is_png(path) is False:
            yield FileProblem(reference.line, reference.key, mark("This file is no PNG picture; replace it."))


def _version(root: Pairs) -> tuple[str | None, list[FileProblem]]:
    """The version to read the file by, None where the file states none that is known; with what is to be said of it."""
    key = "publiccodeYmlVersion"
    found = next(((name.line, node) for name, node in root.pairs if name.text == key), None)
    if found is None:
        sentence = mark('The version is missing; write publiccodeYmlVersion: "0" as the first line.')
        return None, [FileProblem(root.line, key, sentence)]
    line, node = found
    if not isinstance(node, Scalar) or node.null or node.boolean is not None:
        return None, [FileProblem(line, key, mark('Write the version as a text: publiccodeYmlVersion: "0".'))]
    if node.plain and _NUMBER.fullmatch(node.text):
        return None, [FileProblem(line, key, mark("YAML reads this as a number; put the version in quotes."))]
    if node.text not in words.VERSIONS:
        sentence = mark('This version of the standard cannot be read; write "0", which always means the newest.')
        return None, [FileProblem(line, key, sentence)]
    if node.text in words.PRESENT:
        return node.text, []
    sentence = mark('This is not the newest version; write "0", which always means the newest.')
    return node.text, [FileProblem(line, key, sentence, warning=True)]


def _references(root: Pairs) -> Iterator[Reference]:
    """The files of the repository that the file names, as far as their paths are sound."""
    for key in ("logo", "monochromeLogo"):
        yield from _reference(root, key, key, rules.logo, picture=True)
    if legal := _group_at(root, "legal"):
        yield from _reference(legal, "authorsFile", "legal.authorsFile", rules.file)
    descriptions = _group_at(root, "description")
    for tag, described in descriptions.pairs if descriptions else ():
        screenshots = described.get("screenshots") if isinstance(described, Pairs) else None
        for number, node in enumerate(screenshots.nodes if isinstance(screenshots, Sequence) else ()):
            path = f"description.{tag.text}.screenshots[{number}]"
            if rules.language(tag.text) is None and (name := _sound_path(node, rules.screenshot)):
                yield Reference(node.line, path, name, picture=False)


def _reference(group: Pairs, key: str, path: str, rule: rules.Rule, picture: bool = False) -> Iterator[Reference]:
    found = next(((name.line, node) for name, node in group.pairs if name.text == key), None)
    if found and (name := _sound_path(found[1], rule)):
        yield Reference(found[0], path, name, picture)


def _sound_path(node: Node, rule: rules.Rule) -> str | None:
    if not isinstance(node, Scalar) or node.null or not node.text or rules.web(node.text) is None:
        return None
    return node.text if rule(node.text) is None else None


def _problems_of_several_keys(root: Pairs) -> Iterator[FileProblem]:
    """What is wrong with keys that go together."""
    if (maintenance := _group_at(root, "maintenance")) is not None:
        yield from _problems_of_maintenance(maintenance)
    audience = _group_at(root, "intendedAudience")
    for list_name in ("countries", "unsupportedCountries"):
        codes = audience.get(list_name) if audience else None
        for number, code in enumerate(codes.nodes if isinstance(codes, Sequence) else ()):
            if isinstance(code, Scalar) and code.text.islower() and rules.country(code.text) is None:
                sentence = mark("Countries are written in capitals, such as FR; correct this one.")
                yield FileProblem(code.line, f"intendedAudience.{list_name}[{number}]", sentence, warning=True)
    if _group_at(root, "IT") is not None and _group_at(root, "it") is not None:
        line = next(name.line for name, _ in root.pairs if name.text == "it")
        yield FileProblem(line, "it", mark("The key IT is there already; remove this one."))


def _problems_of_maintenance(node: Pairs) -> Iterator[FileProblem]:
    kinds = {name.text: (name.line, value) for name, value in node.pairs}
    line, kind = kinds.get("type", (node.line, None))
    if not isinstance(kind, Scalar):
        return
    present = {name for name, (_, value) in kinds.items() if not (isinstance(value, Scalar) and value.null)}
    if kind.text in ("internal", "community") and "contacts" not in present:
        sentence = mark("Maintenance of this type needs contacts; add the name of at least one person.")
        yield FileProblem(line, "maintenance.contacts", sentence)
    if kind.text == "contract" and "contractors" not in present:
        sentence = mark("Maintenance of this type needs contractors; add name and until of at least one.")
        yield FileProblem(line, "maintenance.contractors", sentence)
    if kind.text in words.MAINTENANCE_TYPES and kind.text != "contract" and "contractors" in present:
        sentence = mark("Contractors stand here only where the type is contract; change the type or remove them.")
        yield FileProblem(kinds["contractors"][0], "maintenance.contractors", sentence)


def _group_at(root: Pairs, key: str) -> Pairs | None:
    found = root.get(key)
    return found if isinstance(found, Pairs) else None
