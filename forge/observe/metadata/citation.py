"""Reads CITATION.cff, https://citation-file-format.github.io/: its problems, and what it states about the project.

Persons are dropped: of authors and contacts only entities named like an organization are returned, references never.
"""

import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from catalog.licenses import expressions
from catalog.sentences import mark
from forge.observe.bounded import Mapping, Node, Scalar, Sequence, Unreadable, plain, unreadable, yaml_nodes
from forge.observe.core.metadata_values import NO_LANGUAGE, facts_of_file, license_of, long_text, maintainers, one_line
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.privacy_filter import MAX_NAME, organization_name, web_address
from forge.observe.core.tree import Tree
from forge.observe.publiccode import rules
from forge.observe.publiccode.check import KEY_TWICE, MAX_PROBLEMS, WRITE_KEYS, WRITE_TEXT, PubliccodeProblem

PATH = "CITATION.cff"
OBSERVER = "citation 1"
PRESENT, OLDER = "1.2.0", ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.1.0")

_UNKNOWN = mark("The format knows no such key; remove it.")
_PERSON = {"family-names", "given-names", "name-particle", "name-suffix"}
_URL = re.compile(r"(?:https?|s?ftp)://[^\s<>\"]+")
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)?/\S+")


def observe_citation(tree: Tree) -> list[ObservedFact]:
    """The facts from CITATION.cff, if there is one. Of a data set, which is not software, only its problems."""
    return facts_of_file(tree, PATH, OBSERVER, _read_file)


def check_citation(data: bytes) -> tuple[str | None, list[PubliccodeProblem], Mapping | None]:
    """The version of the format, what is wrong, and the document. Raises Unreadable."""
    root = yaml_nodes(data)
    if not isinstance(root, Mapping):
        sentence = mark("The file holds no keys; begin with cff-version: 1.2.0, message, title and authors.")
        return None, [PubliccodeProblem(1, "", sentence)], None
    problems = list[PubliccodeProblem]()
    found: dict[str, Node] = {}
    for name, node in root.pairs:
        shown_key = name.text if re.fullmatch("[a-z][a-z-]{0,30}", name.text) else "?"
        absent = isinstance(node, Scalar) and (node.null or not node.text.strip())
        if name.text in found:
            problems.append(PubliccodeProblem(name.line, shown_key, KEY_TWICE))
        elif name.text not in _KEYS:
            # Comparing words is slow, and more problems than these are not reported.
            near = rules.nearest(name.text, _KEYS) if len(problems) < MAX_PROBLEMS else None
            sentence = f"The format knows no such key; did you mean {near}?" if near else _UNKNOWN
            problems.append(PubliccodeProblem(name.line, shown_key, sentence))
        elif absent:
            problems.append(
                PubliccodeProblem(name.line, shown_key, mark("There is no value; write one or remove the key."))
            )
        elif wrong := _KEYS[name.text](node):
            problems.append(PubliccodeProblem(name.line, shown_key, wrong))
        found.setdefault(name.text, node)
    for key in ("cff-version", "message", "title", "authors"):
        if key not in found:
            problems.append(PubliccodeProblem(root.line, key, mark("This key is needed; add it.")))
    version = found.get("cff-version")
    stated = version.text if isinstance(version, Scalar) else None
    if stated in OLDER:
        at = next(name.line for name, _ in root.pairs if name.text == "cff-version")
        sentence = mark("This is an older version of the format; write 1.2.0 and check the file again.")
        problems.append(PubliccodeProblem(at, "cff-version", sentence, warning=True))
    known_version = stated if stated in (PRESENT, *OLDER) else None
    return known_version, sorted(problems, key=lambda problem: problem.line)[:MAX_PROBLEMS], root


def _read_file(path: str, data: bytes) -> list[list[Any]]:
    try:
        version, problems, root = check_citation(data)
    except Unreadable as error:
        return [["unreadable", unreadable(path, error).value]]
    values: dict[str, Any] = {
        "problems": {
            "standard": f"CITATION.cff {version}" if version else "CITATION.cff",
            "valid": all(problem.warning for problem in problems),
            "problems": [asdict(problem) for problem in problems],
        }
    }
    document = plain(root)
    if isinstance(document, dict) and document.get("type") != "dataset":
        values |= _project_values(document)
    return [[field, value] for field, value in values.items() if value not in (None, [], {})]


def _project_values(document: dict[str, Any]) -> dict[str, Any]:
    version = one_line(document.get("version"), 100)
    day = document.get("date-released")
    release_date = day if isinstance(day, str) and rules.day(day) is None else None
    abstract = long_text(document.get("abstract"))
    return {
        "name": one_line(document.get("title"), MAX_NAME),
        "repository": web_address(document.get("repository-code")),
        "homepage": web_address(document.get("url")),
        "description": {NO_LANGUAGE: abstract} if abstract else {},
        "license.manifest": _license(document.get("license")),
        "maintenance": maintainers((_entity(author), None) for author in _list(document.get("authors"))),
        "releases": [{"version": version, "date": release_date}] if version else [],
    }


def _license(stated: Any) -> dict[str, Any] | None:
    """Of several one may choose: "it is assumed their relationship is OR" (the format's guide, on license)."""
    several = [identifier for identifier in _list(stated) if isinstance(identifier, str)][:20]
    return license_of(
        " OR ".join(f"({identifier})" if " " in identifier else identifier for identifier in several)
        if several
        else stated
    )


def _entity(author: Any) -> str | None:
    if not isinstance(author, dict) or _PERSON & author.keys():
        return None
    return organization_name(author.get("name"), stated=True)


def _list(value: Any) -> list[Any]:
    return value[:200] if isinstance(value, list) else []


# Of each key of 1.2.0: what is wrong with its value, or None.


def _text(*allowed: Callable[[str], str | None]) -> Callable[[Node], str | None]:
    def rule(node: Node) -> str | None:
        if not isinstance(node, Scalar):
            return WRITE_TEXT
        return next(filter(None, (problem_of(node.text) for problem_of in allowed)), None)

    return rule


def _url(text: str) -> str | None:
    return (
        None
        if _URL.fullmatch(text)
        else mark("This is no address; write it in full, such as https://example.org/page.")
    )


def _doi(text: str) -> str | None:
    return None if _DOI.fullmatch(text) else mark("This is no DOI; write one such as 10.5281/zenodo.1003149.")


def _anything(text: str) -> str | None:
    return None


def _version(text: str) -> str | None:
    if text in (PRESENT, *OLDER):
        return None
    return mark("This is no version of the format; write 1.2.0.")


def _license_ids(node: Node) -> str | None:
    ids = node.nodes if isinstance(node, Sequence) else [node]
    if not ids or not all(isinstance(element, Scalar) and _is_license(element.text) for element in ids):
        return mark("Write an id of https://spdx.org/licenses, or a list of ids of which one may choose.")
    return None


def _is_license(text: str) -> bool:
    try:
        return len(expressions.parse(text).terms) == 1
    except ValueError:
        return False


def _authors(node: Node) -> str | None:
    if not isinstance(node, Sequence) or not node.nodes:
        return mark("Write a list with at least one author here.")
    name_keys = _PERSON | {"name", "alias"}
    for author in node.nodes:
        if not isinstance(author, Mapping) or not name_keys & {key.text for key, _ in author.pairs}:
            return mark("Write each as keys with values: family-names and given-names, or name for an organization.")
    return None


def _identifiers(node: Node) -> str | None:
    kinds = {"doi": _doi, "url": _url, "swh": _anything, "other": _anything}
    for identifier in node.nodes if isinstance(node, Sequence) else ():
        stated = plain(identifier) if isinstance(identifier, Mapping) else {}
        kind, value = stated.get("type"), stated.get("value")
        if not isinstance(value, str) or kind not in kinds:
            return mark("Write each with type (doi, url, swh or other) and value.")
        if sentence := kinds[kind](value):
            return sentence
    return _sequence(node)


def _group(node: Node) -> str | None:
    return None if isinstance(node, Mapping) else WRITE_KEYS


def _sequence(node: Node) -> str | None:
    return None if isinstance(node, Sequence) and node.nodes else mark("Write a list with at least one value here.")


_KEYS: dict[str, Callable[[Node], str | None]] = {
    "abstract": _text(),
    "authors": _authors,
    "cff-version": _text(_version),
    "commit": _text(),
    "contact": _authors,
    "date-released": _text(rules.day),
    "doi": _text(_doi),
    "identifiers": _identifiers,
    "keywords": _sequence,
    "license": _license_ids,
    "license-url": _text(_url),
    "message": _text(),
    "preferred-citation": _group,
    "references": _sequence,
    "repository": _text(_url),
    "repository-artifact": _text(_url),
    "repository-code": _text(_url),
    "title": _text(),
    "type": _text(
        rules.one_of(("software", "dataset"), mark("The format has no such type; write software or dataset."))
    ),
    "url": _text(_url),
    "version": _text(),
}
