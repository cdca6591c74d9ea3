"""Reads CITATION.cff, https://citation-file-format.github.io/: its problems, and what it states about the project.

Persons are dropped: of authors and contacts only entities named like an organization are returned, references never.
"""

import re
from typing import Annotated, Any

from catalog.licenses import expressions
from catalog.sentences import mark
from catalog.validation import Converted, Refused
from forge.observe.bounded import Mapping, Scalar, Unreadable, plain, unreadable, yaml_nodes
from forge.observe.bounded.file_check import MAX_PROBLEMS, FileProblem, check_keys, group, problem_rows, text
from forge.observe.core.metadata_values import NO_LANGUAGE, facts_of_file, license_of, long_text, maintainers, one_line
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.privacy_filter import MAX_NAME, organization_name, web_address
from forge.observe.core.tree import Tree
from forge.observe.publiccode import rules

PATH = "CITATION.cff"
OBSERVER = "citation 1"
PRESENT, OLDER = "1.2.0", ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.1.0")

_PERSON = {"family-names", "given-names", "name-particle", "name-suffix"}
_URL = re.compile(r"(?:https?|s?ftp)://[^\s<>\"]+")
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)?/\S+")


def observe_citation(tree: Tree) -> list[ObservedFact]:
    """The facts from CITATION.cff, if there is one. Of a data set, which is not software, only its problems."""
    return facts_of_file(tree, PATH, OBSERVER, _read_file)


def check_citation(data: bytes) -> tuple[str | None, list[FileProblem], Mapping | None]:
    """The version of the format, what is wrong, and the document. Raises Unreadable."""
    root = yaml_nodes(data)
    if not isinstance(root, Mapping):
        sentence = mark("The file holds no keys; begin with cff-version: 1.2.0, message, title and authors.")
        return None, [FileProblem(1, "", sentence)], None
    problems = check_keys(root, FILE, empty_is_absent=False)
    stated = root.text("cff-version")
    if stated in OLDER:
        at = next(name.line for name, _ in root.pairs if name.text == "cff-version")
        sentence = mark("This is an older version of the format; write 1.2.0 and check the file again.")
        problems.append(FileProblem(at, "cff-version", sentence, warning=True))
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
            "problems": problem_rows(problems),
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
    """The licenses, of which one may choose: "it is assumed their relationship is OR" (the format's guide, on
    license)."""
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


def _no_value(text: str) -> str | None:
    return None if text.strip() else mark("There is no value; write one or remove the key.")


def _url(text: str) -> str | None:
    if _URL.fullmatch(text):
        return None
    return mark("This is no address; write it in full, such as https://example.org/page.")


def _doi(text: str) -> str | None:
    return None if _DOI.fullmatch(text) else mark("This is no DOI; write one such as 10.5281/zenodo.1003149.")


def _anything(text: str) -> str | None:
    return None


def _version(text: str) -> str | None:
    if text in (PRESENT, *OLDER):
        return None
    return mark("This is no version of the format; write 1.2.0.")


def _license_ids(given: Any) -> Any:
    ids = given if isinstance(given, list) else [given]
    if not ids or not all(isinstance(element, Scalar) and _is_license(element.text) for element in ids):
        raise Refused(mark("Write an id of https://spdx.org/licenses, or a list of ids of which one may choose."))
    return ids


def _is_license(text: str) -> bool:
    try:
        return len(expressions.parse(text).terms) == 1
    except ValueError:
        return False


def _authors(given: Any) -> Any:
    if not isinstance(given, list) or not given:
        raise Refused(mark("Write a list with at least one author here."))
    name_keys = _PERSON | {"name", "alias"}
    if not all(isinstance(author, dict) and name_keys & author.keys() for author in given):
        raise Refused(
            mark("Write each as keys with values: family-names and given-names, or name for an organization.")
        )
    return given


def _entries(given: Any) -> Any:
    if not isinstance(given, list) or not given:
        raise Refused(mark("Write a list with at least one value here."))
    return given


def _identifiers(given: Any) -> Any:
    kinds = {"doi": _doi, "url": _url, "swh": _anything, "other": _anything}
    for identifier in _entries(given):
        stated = identifier if isinstance(identifier, dict) else {}
        kind, value = stated.get("type"), stated.get("value")
        if not isinstance(value, Scalar) or not isinstance(kind, Scalar) or kind.text not in kinds:
            raise Refused(mark("Write each with type (doi, url, swh or other) and value."))
        if sentence := kinds[kind.text](value.text):
            raise Refused(sentence)
    return given


_TEXT, _ADDRESS = text(_no_value), text(_no_value, _url)
_TYPE = rules.one_of(("software", "dataset"), mark("The format has no such type; write software or dataset."))
_AUTHORS = Annotated[list[Any], Converted(_authors)]
_ENTRIES = Annotated[list[Any], Converted(_entries)]
FILE = group(
    "CitationFile",
    {
        "abstract": _TEXT,
        "authors": _AUTHORS,
        "cff-version": text(_no_value, _version),
        "commit": _TEXT,
        "contact": _AUTHORS,
        "date-released": text(_no_value, rules.day),
        "doi": text(_no_value, _doi),
        "identifiers": Annotated[list[Any], Converted(_identifiers)],
        "keywords": _ENTRIES,
        "license": Annotated[list[Any], Converted(_license_ids)],
        "license-url": _ADDRESS,
        "message": _TEXT,
        "preferred-citation": dict[str, Any],
        "references": _ENTRIES,
        "repository": _ADDRESS,
        "repository-artifact": _ADDRESS,
        "repository-code": _ADDRESS,
        "title": _TEXT,
        "type": text(_no_value, _TYPE),
        "url": _ADDRESS,
        "version": _TEXT,
    },
    ("cff-version", "message", "title", "authors"),
)
