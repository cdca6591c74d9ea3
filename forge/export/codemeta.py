"""A project as CodeMeta 3 and as schema.org's SoftwareSourceCode, both JSON-LD. Nobody is named but organizations.

https://codemeta.github.io/terms/ https://schema.org/SoftwareSourceCode
"""

import json
from collections.abc import Mapping
from typing import Any

from forge.export.home import Home, Theirs, license_address
from forge.export.metadata import codemeta_text, spdx
from forge.export.software import Software
from forge.i18n.languages import CLOSE, OPEN, plain
from forge.observe.publiccode import rules

# What ends a script, what ends a line of one, and the marks of English words, which a page would take for its own.
_IN_SCRIPT = {ord(one): f"\\u{ord(one):04x}" for one in ("<", ">", "&", "\u2028", "\u2029", OPEN, CLOSE)}


def codemeta(told: Software, home: Home, language: str = "en") -> str:
    """The text of a codemeta.json; `language`: of the description, where it is said in it."""
    record, (version, day) = told.record, told.release
    license = told.license
    status = told.status
    return codemeta_text(
        {
            "name": plain(record.name),
            "description": _said(told, record.description, language) or _said(told, record.summary, language),
            "identifier": home.project(told.slug),
            "codeRepository": told.repository,
            "url": _web(record.homepage),
            "issueTracker": _web(record.issues),
            "softwareHelp": _web(record.documentation),
            "license": spdx(license) if license else None,
            "version": version,
            "dateModified": (told.last_commit_at or told.changed_at).date().isoformat(),
            "datePublished": day,
            "developmentStatus": f"https://www.repostatus.org/#{status}" if status and status != "ended" else None,
            "programmingLanguage": [plain(one) for one in told.written],
            "keywords": [plain(one) for one in record.domains],
            "maintainer": _organizations(told, home),
            "schema:sdPublisher": {"@type": "Organization", "name": plain(home.operator)},
            "schema:sdLicense": license_address(home.license.facts),
        }
    )


def schema_org(told: Software, home: Home, language: str, theirs: Theirs | None = None) -> str:
    """The JSON-LD of a project's page, ready to stand in a script element: data, which no browser runs. `theirs`: whose
    record it is, where it is not ours: then it is called by its page there."""
    record, (version, _) = told.record, told.release
    license = told.license
    values = {
        "@context": "https://schema.org",
        "@type": "SoftwareSourceCode",
        "@id": (_web(theirs.page) if theirs else None) or home.project(told.slug),
        "name": plain(record.name),
        "description": _said(told, record.summary, language),
        "codeRepository": told.repository,
        "url": _web(record.homepage),
        "license": spdx(license) if license else None,
        "version": version,
        "programmingLanguage": [plain(one) for one in told.written[:5]],
        "dateModified": told.changed_at.date().isoformat(),
        "maintainer": _organizations(told, home),
        "sdPublisher": {"@type": "Organization", "name": plain(theirs.name if theirs else home.operator)},
        "sdLicense": license_address(theirs.license if theirs else home.license.facts),
    }
    kept = {key: value for key, value in values.items() if value}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).translate(_IN_SCRIPT)


def _organizations(told: Software, home: Home) -> list[dict[str, str]]:
    return [
        {"@type": "Organization", "@id": home.organization(one.slug), "name": plain(one.name)}
        for one in dict.fromkeys(told.makers)
    ]


def _said(told: Software, words: Mapping[str, str], language: str) -> str | None:
    """In this language, else in English, else in the first."""
    spoken: dict[str, Any] = told.spoken(words)
    found = spoken.get(language) or spoken.get("en") or next(iter(spoken.values()), None)
    return plain(found) if found else None


def _web(address: str | None) -> str | None:
    return address if address and rules.web(address) is None else None
