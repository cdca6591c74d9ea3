"""Reads codemeta.json of CodeMeta 2 and 3, https://codemeta.github.io/terms/: its problems, and what it states about
the project.

JSON-LD is read in the compact form for which both contexts are made; nothing is fetched and no other context resolved.
Persons are dropped: of authors, maintainers, funders only what is typed as an organization and named like one is kept.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from catalog import vocabulary
from catalog.sentences import mark
from forge.observe.bounded import Unreadable, json_of, key_lines, unreadable
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
from forge.observe.publiccode import rules
from forge.observe.publiccode.check import KEY_TWICE, MAX_PROBLEMS, WRITE_FLAG, WRITE_TEXT, PubliccodeProblem

PATH = "codemeta.json"
OBSERVER = "codemeta 1"

_OLD = mark('CodeMeta 1 has other terms; write "@context": "https://w3id.org/codemeta/3.0".')
_NO_CONTEXT = mark('The file does not say that it is CodeMeta; write "@context": "https://w3id.org/codemeta/3.0".')
_UNKNOWN = mark("CodeMeta has no such term; remove it, or write schema: before a term of schema.org.")
CONTEXTS = {"2": "https://doi.org/10.5063/schema/codemeta-2.0", "3": "https://w3id.org/codemeta/3.0"}
TYPES = ("SoftwareSourceCode", "SoftwareApplication")
# What a term holds; of the context's terms these are of the software itself.
_URL, _DATE, _TEXT, _BODY, _FLAG, _ANY = "url", "date", "text", "body", "flag", "any"
_COMMON = {
    **dict.fromkeys(("codeRepository", "downloadUrl", "installUrl", "relatedLink", "url", "issueTracker"), _URL),
    **dict.fromkeys(("buildInstructions", "license"), _URL),
    **dict.fromkeys(("dateCreated", "dateModified", "datePublished"), _DATE),
    **dict.fromkeys(("name", "description", "version", "softwareVersion"), _TEXT),
    **dict.fromkeys(("author", "contributor", "copyrightHolder", "editor", "funder", "maintainer"), _BODY),
    **dict.fromkeys(("producer", "provider", "publisher", "sponsor"), _BODY),
    "isAccessibleForFree": _FLAG,
}
_OTHER_TERMS = """
    address affiliation applicationCategory applicationSubCategory citation copyrightYear developmentStatus email
    encoding familyName fileFormat fileSize funding givenName hasPart id identifier isPartOf keywords memoryRequirements
    operatingSystem permissions position processorRequirements programmingLanguage readme referencePublication
    releaseNotes runtimePlatform sameAs softwareHelp softwareRequirements softwareSuggestions storageRequirements
    supportingData targetProduct type
"""
_SHARED_TERMS = {**dict.fromkeys(_OTHER_TERMS.split(), _ANY), **_COMMON}
TERMS = {
    "2": {**_SHARED_TERMS, "contIntegration": _URL, "creator": _BODY, "embargoDate": _DATE},
    "3": {
        **_SHARED_TERMS,
        **{"continuousIntegration": _URL, "embargoEndDate": _DATE, "endDate": _DATE, "startDate": _DATE},
        **dict.fromkeys(("hasSourceCode", "isSourceCodeOf", "review", "reviewAspect", "reviewBody", "roleName"), _ANY),
    },
}
_RENAMED = {
    "3": {"contIntegration": "continuousIntegration", "embargoDate": "embargoEndDate", "creator": "author"},
    "2": {"continuousIntegration": "contIntegration", "embargoEndDate": "embargoDate"},
}
_ROLES = {"maintainer": "lead", "contributor": "contributor", "funder": "funder", "sponsor": "funder"}
_PREFIX = re.compile(
    r"^(?:schema:|codemeta:|https?://schema\.org/|https://w3id\.org/codemeta/terms/|https://codemeta\.github\.io/terms/)"
)
_CONTEXT = re.compile(r"codemeta[^0-9]*([0-9])", re.I)
_BODIES = re.compile(r"organi[sz]ation|corporation|university|ngo$|consortium|project$", re.I)  # schema.org's kinds
_PERSON = {"familyName", "givenName", "email", "affiliation"}
_SPDX = re.compile(r"^https?://spdx\.org/licenses/([A-Za-z0-9.+-]+?)(?:\.html|\.json|\.txt)?/?$")
_STATUS = re.compile(r"^(?:https?://(?:www\.)?repostatus\.org/?#)?([a-z]+)$")


def observe_codemeta(tree: Tree) -> list[ObservedFact]:
    """The facts from codemeta.json, if there is one."""
    return facts_of_file(tree, PATH, OBSERVER, _read_file)


def check_codemeta(data: bytes) -> tuple[str | None, list[PubliccodeProblem]]:
    """The version of CodeMeta, "2" or "3", None where it names neither, and what is wrong. Raises Unreadable."""
    document = json_of(data)
    places = key_lines(data)
    checker = _Checker({key: lines[-1] for key, lines in places.items()})
    if not isinstance(document, dict):
        checker.tell("", mark("The file is a list or a text; write one object with @context, @type and name."))
        return None, checker.problems
    for key in (key for key, lines in places.items() if len(lines) > 1):
        checker.tell(key, KEY_TWICE)
    version, own_terms = checker.context(document.get("@context"))
    checker.document(document, version, own_terms)
    return version, sorted(checker.problems, key=lambda problem: problem.line)[:MAX_PROBLEMS]


def _read_file(path: str, data: bytes) -> list[list[Any]]:
    try:
        version, problems = check_codemeta(data)
        document = json_of(data)
    except Unreadable as error:
        return [["unreadable", unreadable(path, error).value]]
    values: dict[str, Any] = {
        "problems": {
            "standard": f"CodeMeta {version}" if version else "CodeMeta",
            "valid": all(problem.warning for problem in problems),
            "problems": [asdict(problem) for problem in problems],
        }
    }
    if isinstance(document, dict):
        values |= _project_values({_bare(key): value for key, value in document.items()})
    return [[field, value] for field, value in values.items() if value not in (None, [], {})]


class _Checker:
    def __init__(self, places: dict[str, int]):
        self.places, self.problems = places, list[PubliccodeProblem]()

    def tell(self, key: str, sentence: str, warning: bool = False) -> None:
        shown_key = key if re.fullmatch(r"@?[A-Za-z][A-Za-z_:]{0,39}", key) else ""
        self.problems.append(PubliccodeProblem(self.places.get(key, 1), shown_key, sentence, warning))

    def context(self, stated: Any) -> tuple[str | None, frozenset[str] | None]:
        """The version, and the terms that the file itself adds to it; None where it takes all of schema.org."""
        contexts = stated if isinstance(stated, list) else [stated]
        names = [context for context in contexts if isinstance(context, str)]
        found = next((match[1] for name in names if (match := _CONTEXT.search(name))), None)
        if found is None and any("codemeta" in name.lower() for name in names):
            found = "3"  # the address of the file that is always the newest
        if found not in TERMS:
            self.tell("@context", _OLD if found == "1" else _NO_CONTEXT)
            return None, None
        if any(re.match(r"https?://schema\.org/?$", name) for name in names):
            return found, None
        return found, frozenset(key for context in contexts if isinstance(context, dict) for key in context)

    def document(self, document: dict[str, Any], version: str | None, own_terms: frozenset[str] | None) -> None:
        kinds = document.get("@type", document.get("type"))
        if not any(_bare(kind) in TYPES for kind in _as_list(kinds) if isinstance(kind, str)):
            self.tell("@type", mark('The file must describe software; write "@type": "SoftwareSourceCode".'))
        if not any(_bare(key) == "name" for key in document):
            self.tell("name", mark("The name is missing; add name with the name of the software."))
        if version is None:
            return
        for key, value in document.items():
            bare = _bare(key)
            kind = TERMS[version].get(bare)
            if key.startswith("@") or (kind is None and (bare != key or ":" in key)):
                continue
            if kind is None:
                if own_terms is not None and key not in own_terms:
                    self.unknown(key, version)
            elif value is not None and (sentence := _WRONG[kind](value)):
                self.tell(key, sentence)

    def unknown(self, key: str, version: str) -> None:
        near = _RENAMED[version].get(key)
        if near is None and len(self.problems) < MAX_PROBLEMS:  # comparing words is slow, and no more are reported
            near = next(iter(get_close_matches(key[:80], TERMS[version], n=1, cutoff=0.8)), None)
        sentence = f"CodeMeta {version} has no such term; did you mean {near}?" if near else _UNKNOWN
        self.tell(key, sentence)


def _bare(key: str) -> str:
    return _PREFIX.sub("", key)


def _as_list(value: Any) -> list[Any]:
    """JSON-LD makes no difference between one value and a list of one; @list and @set hold lists."""
    if isinstance(value, dict) and len(value) == 1 and ("@list" in value or "@set" in value):
        value = next(iter(value.values()))
    return value if isinstance(value, list) else [] if value is None else [value]


def _wrong_url(value: Any) -> str | None:
    fits = all(
        isinstance(entry, dict) or (isinstance(entry, str) and rules.url(entry) is None) for entry in _as_list(value)
    )
    return None if fits else mark("This is no web address; write it in full, such as https://example.org/page.")


def _wrong_date(value: Any) -> str | None:
    return None if all(_day(entry) for entry in _as_list(value)) else rules.NO_DATE


def _wrong_text(value: Any) -> str | None:
    fits = all(_text(entry) is not None or isinstance(entry, int | float) for entry in _as_list(value))
    return None if fits else WRITE_TEXT


def _wrong_body(value: Any) -> str | None:
    if all(isinstance(entry, dict) and (_type(entry) or "@id" in entry or "id" in entry) for entry in _as_list(value)):
        return None
    return mark('Write an object with "@type": "Person" or "Organization" and a name.')


def _wrong_flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else WRITE_FLAG


_WRONG: dict[str, Callable[[Any], str | None]] = {
    _URL: _wrong_url,
    _DATE: _wrong_date,
    _TEXT: _wrong_text,
    _BODY: _wrong_body,
    _FLAG: _wrong_flag,
    _ANY: lambda value: None,
}


def _project_values(document: dict[str, Any]) -> dict[str, Any]:
    def first(*terms: str) -> str | None:
        return next(filter(None, (_url_of(entry) for term in terms for entry in _as_list(document.get(term)))), None)

    version = _text(document.get("softwareVersion")) or _text(document.get("version"))
    number = one_line(version, 100)
    return {
        "name": one_line(_text(document.get("name")), MAX_NAME),
        "repository": first("codeRepository"),
        "homepage": first("url"),
        "documentation": first("softwareHelp"),
        "issues": first("issueTracker"),
        "description": _by_language(document.get("description")),
        "license.manifest": _license(document.get("license")),
        "status": _status(document.get("developmentStatus")),
        "programming_languages": unique(
            one_line(_name_of(language), 80) for language in _as_list(document.get("programmingLanguage"))
        ),
        "maintenance": maintainers(_organizations(document)),
        "based_on": unique(_url_of(entry) for entry in _as_list(document.get("isBasedOn"))),
        "funding": unique(web_address(entry) for entry in _as_list(document.get("funding"))),
        "releases": [{"version": number, "date": _day(document.get("dateModified"))}] if number else [],
        "dependencies": _dependencies(document),
    }


def _type(value: dict[str, Any]) -> str:
    kinds = (kind for kind in _as_list(value.get("@type", value.get("type"))) if isinstance(kind, str))
    return " ".join(_bare(kind) for kind in kinds)


def _text(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("@value")
    return (
        value
        if isinstance(value, str)
        else str(value)
        if isinstance(value, int | float) and value is not True
        else None
    )


def _url_of(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("@id") or value.get("id") or value.get("url") or value.get("@value")
    return web_address(value.removeprefix("git+") if isinstance(value, str) else value)  # as npm writes repositories


def _name_of(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("name", value.get("schema:name"))
    return value if isinstance(value, str) else None


def _by_language(value: Any) -> dict[str, str]:
    """Texts by the language that JSON-LD gives them; most files give none."""
    found: dict[str, str] = {}
    for entry in _as_list(value):
        tag = entry.get("@language") if isinstance(entry, dict) else None
        language = tag if isinstance(tag, str) and re.fullmatch(r"[a-z]{2,3}(?:-[A-Z]{2})?", tag) else NO_LANGUAGE
        text = long_text(_text(entry))
        if text and len(found) < 40:
            found.setdefault(language, text)
    return found


def _license(value: Any) -> dict[str, Any] | None:
    """One license as its SPDX id. Several are stated and not joined: all may apply, or one may choose."""
    stated = []
    for entry in _as_list(value)[:20]:
        address = _url_of(entry)
        spdx_match = _SPDX.match(address) if address else None
        stated.append(spdx_match[1] if spdx_match else address or _name_of(entry) or _text(entry))
    texts = unique(one_line(text, MAX_NAME) for text in stated)
    if len(texts) > 1:
        return {"license": None, "stated": one_line(" / ".join(texts), MAX_SHORT)}
    return license_of(texts[0]) if texts else None


def _status(value: Any) -> str | None:
    """The state in the terms of repostatus.org, which our list adopted; no other word is mapped to one of them."""
    text = _url_of(value) or _text(value)
    found = _STATUS.match(text.strip().lower()) if text else None
    return found[1] if found and found[1] in vocabulary.vocabulary("status").terms and found[1] != "ended" else None


def _organizations(document: dict[str, Any]) -> Iterator[tuple[str | None, str | None]]:
    for term in (*_ROLES, "author", "copyrightHolder", "publisher", "producer", "provider"):
        for body in _as_list(document.get(term))[:200]:
            if isinstance(body, dict) and not _PERSON & body.keys():
                name = body.get("name", body.get("schema:name"))
                yield organization_name(name, stated=True) if _BODIES.search(_type(body)) else None, _ROLES.get(term)
            elif isinstance(body, str):
                yield organization_name(body), _ROLES.get(term)


def _day(value: Any) -> str | None:
    text = _text(value)
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?", text):
        return text
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        return None


def _dependencies(document: dict[str, Any]) -> dict[str, Any] | None:
    requirements = (
        _name_of(requirement) or _text(requirement) for requirement in _as_list(document.get("softwareRequirements"))
    )
    names = list(dict.fromkeys(filter(None, (one_line(name, MAX_NAME) for name in requirements))))
    return {"ecosystem": "codemeta", "count": len(names), "names": names[:200]} if names else None
