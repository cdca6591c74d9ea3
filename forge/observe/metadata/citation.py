"""Reads CITATION.cff, https://citation-file-format.github.io/: what it states about the project.

Persons are dropped: of authors and contacts only entities named like an organization are returned, references never.
"""

from typing import Any

from catalog.sentences import mark
from forge.observe.bounded import Unreadable, unreadable, yaml_of
from forge.observe.core.metadata_values import (
    NO_LANGUAGE,
    facts_of_file,
    license_of,
    long_text,
    maintainers,
    not_understood,
    one_line,
)
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.privacy_filter import MAX_NAME, organization_name, web_address
from forge.observe.core.tree import Tree
from forge.observe.publiccode import rules

PATH = "CITATION.cff"
OBSERVER = "citation 2"

_NO_KEYS = mark("The file holds no keys; begin with cff-version: 1.2.0, message, title and authors.")
_PERSON = {"family-names", "given-names", "name-particle", "name-suffix"}
_FIELDS = {
    "title": "name",
    "repository-code": "repository",
    "url": "homepage",
    "abstract": "description",
    "license": "license.manifest",
    "version": "releases",
}


def observe_citation(tree: Tree) -> list[ObservedFact]:
    """The facts from CITATION.cff, if there is one. Of a data set, which is not software, none."""
    return facts_of_file(tree, PATH, OBSERVER, _read_file)


def _read_file(path: str, data: bytes) -> list[list[Any]]:
    try:
        document = yaml_of(data)
        if not isinstance(document, dict):
            raise Unreadable(_NO_KEYS)
    except Unreadable as error:
        return [["unreadable", unreadable(path, error).value]]
    if document.get("type") == "dataset":
        return []
    values = _project_values(document)
    values["unreadable"] = not_understood(
        key for key, field in _FIELDS.items() if document.get(key) is not None and not values[field]
    )
    return [[field, value] for field, value in values.items() if value not in (None, [], {})]


def _project_values(document: dict[str, Any]) -> dict[str, Any]:
    version = one_line(document.get("version"), 100)
    day = document.get("date-released")
    release_date = day if isinstance(day, str) and rules.is_day(day) else None
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


def _license(value: Any) -> dict[str, Any] | None:
    """The licenses, of which one may choose: "it is assumed their relationship is OR" (the format's guide, on
    license)."""
    several = [identifier for identifier in _list(value) if isinstance(identifier, str)][:20]
    return license_of(
        " OR ".join(f"({identifier})" if " " in identifier else identifier for identifier in several)
        if several
        else value
    )


def _entity(author: Any) -> str | None:
    if not isinstance(author, dict) or _PERSON & author.keys():
        return None
    return organization_name(author.get("name"), is_stated=True)


def _list(value: Any) -> list[Any]:
    return value[:200] if isinstance(value, list) else []
