"""Reads codemeta.json of CodeMeta 2 and 3, https://codemeta.github.io/terms/: what it states about the project.

JSON-LD is read in the compact form for which both contexts are made; nothing is fetched and no other context resolved.
Persons are dropped: of authors, maintainers, funders only what is typed as an organization and named like one is kept.
"""

import re
from collections.abc import Iterator
from typing import Any

from catalog import vocabulary
from forge.observe.bounded import Unreadable, json_of, unreadable
from forge.observe.core.metadata_values import (
    MAX_SHORT,
    NO_LANGUAGE,
    facts_of_file,
    license_of,
    long_text,
    maintainers,
    one_line,
    unique,
)
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.privacy_filter import MAX_NAME, organization_name, web_address
from forge.observe.core.tree import Tree
from forge.observe.metadata.json_ld import as_list, bare_key, day_of, name_of, text_of, type_of, url_of

PATH = "codemeta.json"
OBSERVER = "codemeta 3"
CONTEXTS = {"2": "https://doi.org/10.5063/schema/codemeta-2.0", "3": "https://w3id.org/codemeta/3.0"}

_ROLES = {"maintainer": "lead", "contributor": "contributor", "funder": "funder", "sponsor": "funder"}
_BODIES = re.compile(r"organi[sz]ation|corporation|university|ngo$|consortium|project$", re.I)  # schema.org's kinds
_PERSON = {"familyName", "givenName", "email", "affiliation"}
_SPDX = re.compile(r"^https?://spdx\.org/licenses/([A-Za-z0-9.+-]+?)(?:\.html|\.json|\.txt)?/?$")
_STATUS = re.compile(r"^(?:https?://(?:www\.)?repostatus\.org/?#)?([a-z]+)$")


def observe_codemeta(tree: Tree) -> list[ObservedFact]:
    """The facts from codemeta.json, if there is one."""
    return facts_of_file(tree, PATH, OBSERVER, _read_file)


def _read_file(path: str, data: bytes) -> list[list[Any]]:
    try:
        document = json_of(data)
    except Unreadable as error:
        return [["unreadable", unreadable(path, error).value]]
    if not isinstance(document, dict):
        return []
    values = _project_values({bare_key(key): value for key, value in document.items()})
    return [[field, value] for field, value in values.items() if value not in (None, [], {})]


def _project_values(document: dict[str, Any]) -> dict[str, Any]:
    def first(*terms: str) -> str | None:
        return next(filter(None, (url_of(entry) for term in terms for entry in as_list(document.get(term)))), None)

    version = text_of(document.get("softwareVersion")) or text_of(document.get("version"))
    number = one_line(version, 100)
    return {
        "name": one_line(text_of(document.get("name")), MAX_NAME),
        "repository": first("codeRepository"),
        "homepage": first("url"),
        "documentation": first("softwareHelp"),
        "issues": first("issueTracker"),
        "description": _by_language(document.get("description")),
        "license.manifest": _license(document.get("license")),
        "status": _status(document.get("developmentStatus")),
        "programming_languages": unique(
            one_line(name_of(language), 80) for language in as_list(document.get("programmingLanguage"))
        ),
        "maintenance": maintainers(_organizations(document)),
        "funding": unique(web_address(entry) for entry in as_list(document.get("funding"))),
        "releases": [{"version": number, "date": day_of(document.get("dateModified"))}] if number else [],
    }


def _by_language(value: Any) -> dict[str, str]:
    """Texts by the language that JSON-LD gives them; most files give none."""
    texts: dict[str, str] = {}
    for entry in as_list(value):
        tag = entry.get("@language") if isinstance(entry, dict) else None
        language = tag if isinstance(tag, str) and re.fullmatch(r"[a-z]{2,3}(?:-[A-Z]{2})?", tag) else NO_LANGUAGE
        text = long_text(text_of(entry))
        if text and len(texts) < 40:
            texts.setdefault(language, text)
    return texts


def _license(value: Any) -> dict[str, Any] | None:
    """One license as its SPDX id. Several are stated and not joined: all may apply, or one may choose."""
    names = []
    for entry in as_list(value)[:20]:
        address = url_of(entry)
        spdx_match = _SPDX.match(address) if address else None
        names.append(spdx_match[1] if spdx_match else address or name_of(entry) or text_of(entry))
    texts = unique(one_line(text, MAX_NAME) for text in names)
    if len(texts) > 1:
        return {"license": None, "stated": one_line(" / ".join(texts), MAX_SHORT)}
    return license_of(texts[0]) if texts else None


def _status(value: Any) -> str | None:
    """The state in the terms of repostatus.org, which our list adopted; no other word is mapped to one of them."""
    text = url_of(value) or text_of(value)
    match = _STATUS.match(text.strip().lower()) if text else None
    return match[1] if match and match[1] in vocabulary.vocabulary("status").terms and match[1] != "ended" else None


def _organizations(document: dict[str, Any]) -> Iterator[tuple[str | None, str | None]]:
    for term in (*_ROLES, "author", "copyrightHolder", "publisher", "producer", "provider"):
        for body in as_list(document.get(term))[:200]:
            if isinstance(body, dict) and not _PERSON & body.keys():
                name = body.get("name", body.get("schema:name"))
                yield (
                    organization_name(name, is_stated=True) if _BODIES.search(type_of(body)) else None,
                    _ROLES.get(term),
                )
            elif isinstance(body, str):
                yield organization_name(body), _ROLES.get(term)
