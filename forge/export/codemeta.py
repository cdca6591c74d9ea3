"""A project as CodeMeta 3 and as schema.org's SoftwareSourceCode, both JSON-LD. Only organizations are named.

https://codemeta.github.io/terms/ https://schema.org/SoftwareSourceCode
"""

import json
from collections.abc import Mapping

from forge.export.catalogue_site import CatalogueLink, CatalogueSite, license_address
from forge.export.metadata import codemeta_text, license_value
from forge.export.software import Software
from forge.i18n.languages import CLOSE, OPEN, plain
from forge.observe.publiccode import rules

# What ends a script, what ends a line of one, and the marks of English words, which a page would take for its own.
_IN_SCRIPT = {ord(char): f"\\u{ord(char):04x}" for char in ("<", ">", "&", "\u2028", "\u2029", OPEN, CLOSE)}


def codemeta(project: Software, home: CatalogueSite, language: str = "en") -> str:
    """Return the text of a codemeta.json; `language`: of the description, where it exists in it."""
    record, (version, day) = project.record, project.release
    license = project.license
    status = project.status
    return codemeta_text(
        {
            "name": plain(record.name),
            "description": _text_in(project, record.description, language)
            or _text_in(project, record.summary, language),
            "identifier": home.project(project.slug),
            "codeRepository": project.repository,
            "url": _valid_address(record.homepage),
            "issueTracker": _valid_address(record.issues),
            "softwareHelp": _valid_address(record.documentation),
            "license": license_value(license) if license else None,
            "version": version,
            "dateModified": (project.public.activity.changed_at or project.public.changed_at).date().isoformat(),
            "datePublished": day,
            "developmentStatus": f"https://www.repostatus.org/#{status}" if status and status != "ended" else None,
            "programmingLanguage": [plain(language_name) for language_name in project.written],
            "keywords": [plain(term) for term in record.domains],
            "maintainer": _organizations(project, home),
            "schema:sdPublisher": {"@type": "Organization", "name": plain(home.operator)},
            "schema:sdLicense": license_address(home.license.facts),
        }
    )


def schema_org(project: Software, home: CatalogueSite, language: str, theirs: CatalogueLink | None = None) -> str:
    """Return the JSON-LD of a project's page, ready for a script element: data, which no browser runs. `theirs`:
    whose record it is, where it is not ours: then it is identified by its page there.
    """
    record, (version, _) = project.record, project.release
    license = project.license
    values = {
        "@context": "https://schema.org",
        "@type": "SoftwareSourceCode",
        "@id": (_valid_address(theirs.page) if theirs else None) or home.project(project.slug),
        "name": plain(record.name),
        "description": _text_in(project, record.summary, language),
        "codeRepository": project.repository,
        "url": _valid_address(record.homepage),
        "license": license_value(license) if license else None,
        "version": version,
        "programmingLanguage": [plain(language_name) for language_name in project.written[:5]],
        "dateModified": project.public.changed_at.date().isoformat(),
        "maintainer": _organizations(project, home),
        "sdPublisher": {"@type": "Organization", "name": plain(theirs.name if theirs else home.operator)},
        "sdLicense": license_address(theirs.license if theirs else home.license.facts),
    }
    known_values = {key: value for key, value in values.items() if value}
    return json.dumps(known_values, ensure_ascii=False, separators=(",", ":")).translate(_IN_SCRIPT)


def _organizations(project: Software, home: CatalogueSite) -> list[dict[str, str]]:
    return [
        {"@type": "Organization", "@id": home.organization(maker.slug), "name": plain(maker.name)}
        for maker in dict.fromkeys(project.makers)
    ]


def _text_in(project: Software, words: Mapping[str, str], language: str) -> str | None:
    """Return the text in this language, else in its neighbour, in English, or in the first that it has."""
    texts = project.spoken(words)
    text = next((texts[tag] for tag in (language, language.partition("-")[0], "en", *texts) if tag in texts), None)
    return plain(text) if text else None


def _valid_address(address: str | None) -> str | None:
    return address if address and rules.is_web_address(address) else None
