"""Checks codemeta.json of CodeMeta 2 and 3, https://codemeta.github.io/terms/: each problem with its line and key.

JSON-LD is read in the compact form for which both contexts are made; nothing is fetched and no other context resolved.
"""

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Annotated, Any

from catalog.sentences import mark
from catalog.validation import ConvertedBy, InvalidData, Refused, members, read
from forge.observe.bounded import json_of, key_lines
from forge.observe.bounded.file_check import KEY_TWICE, MAX_PROBLEMS, WRITE_FLAG, WRITE_TEXT, FileProblem
from forge.observe.metadata.json_ld import as_list, bare_key, day_of, text_of, type_of
from forge.observe.publiccode import rules

_OLD = mark('CodeMeta 1 has other terms; write "@context": "https://w3id.org/codemeta/3.0".')
_NO_CONTEXT = mark('The file does not say that it is CodeMeta; write "@context": "https://w3id.org/codemeta/3.0".')
_UNKNOWN = mark("CodeMeta has no such term; remove it, or write schema: before a term of schema.org.")
CONTEXTS = {"2": "https://doi.org/10.5063/schema/codemeta-2.0", "3": "https://w3id.org/codemeta/3.0"}
TYPES = ("SoftwareSourceCode", "SoftwareApplication")
_CONTEXT = re.compile(r"codemeta[^0-9]*([0-9])", re.I)


def _each(fits: Callable[[Any], bool], sentence: str) -> Any:
    """One value or several, each of which `fits`."""

    def checked(value: Any) -> list[Any]:
        values = as_list(value)
        if not all(map(fits, values)):
            raise Refused(sentence)
        return values

    return Annotated[list[Any], ConvertedBy(checked)]


def _is_url(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, str) and rules.url(value) is None)


def _is_text(value: Any) -> bool:
    return text_of(value) is not None or isinstance(value, int | float)


def _is_body(value: Any) -> bool:
    return isinstance(value, dict) and bool(type_of(value) or "@id" in value or "id" in value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Refused(WRITE_FLAG)
    return value


# What a term holds; of the context's terms these are of the software itself.
_URL = _each(_is_url, mark("This is no web address; write it in full, such as https://example.org/page."))
_DATE = _each(lambda value: day_of(value) is not None, rules.NO_DATE)
_TEXT = _each(_is_text, WRITE_TEXT)
_BODY = _each(_is_body, mark('Write an object with "@type": "Person" or "Organization" and a name.'))
_FLAG = Annotated[bool, ConvertedBy(_flag)]
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
_SHARED_TERMS = {**dict.fromkeys(_OTHER_TERMS.split(), Any), **_COMMON}
TERMS = {
    "2": {**_SHARED_TERMS, "contIntegration": _URL, "creator": _BODY, "embargoDate": _DATE},
    "3": {
        **_SHARED_TERMS,
        **{"continuousIntegration": _URL, "embargoEndDate": _DATE, "endDate": _DATE, "startDate": _DATE},
        **dict.fromkeys(("hasSourceCode", "isSourceCodeOf", "review", "reviewAspect", "reviewBody", "roleName"), Any),
    },
}
_DOCUMENTS = {version: members(f"CodeMeta{version}", terms) for version, terms in TERMS.items()}
_RENAMED = {
    "3": {"contIntegration": "continuousIntegration", "embargoDate": "embargoEndDate", "creator": "author"},
    "2": {"continuousIntegration": "contIntegration", "embargoEndDate": "embargoDate"},
}


def check_codemeta(data: bytes) -> tuple[str | None, list[FileProblem]]:
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


class _Checker:
    def __init__(self, places: dict[str, int]):
        self.places, self.problems = places, list[FileProblem]()

    def tell(self, key: str, sentence: str, warning: bool = False) -> None:
        shown_key = key if re.fullmatch(r"@?[A-Za-z][A-Za-z_:]{0,39}", key) else ""
        self.problems.append(FileProblem(self.places.get(key, 1), shown_key, sentence, warning))

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
        if not any(bare_key(kind) in TYPES for kind in as_list(kinds) if isinstance(kind, str)):
            self.tell("@type", mark('The file must describe software; write "@type": "SoftwareSourceCode".'))
        if not any(bare_key(key) == "name" for key in document):
            self.tell("name", mark("The name is missing; add name with the name of the software."))
        if version is None:
            return
        known: dict[str, str] = {}  # term -> the key that it stands under
        for key, value in document.items():
            bare = bare_key(key)
            kind = TERMS[version].get(bare)
            if key.startswith("@") or (kind is None and (bare != key or ":" in key)):
                continue
            if kind is None:
                if own_terms is not None and key not in own_terms:
                    self.unknown(key, version)
            elif value is not None:
                known.setdefault(bare, key)
        try:
            read(_DOCUMENTS[version], {term: document[key] for term, key in known.items()})
        except InvalidData as unfit:
            for fault in unfit.faults:
                self.tell(known[str(fault.path[0])], fault.limits["sentence"])

    def unknown(self, key: str, version: str) -> None:
        near = _RENAMED[version].get(key)
        if near is None and len(self.problems) < MAX_PROBLEMS:  # comparing words is slow, and no more are reported
            near = next(iter(get_close_matches(key[:80], TERMS[version], n=1, cutoff=0.8)), None)
        sentence = f"CodeMeta {version} has no such term; did you mean {near}?" if near else _UNKNOWN
        self.tell(key, sentence)
