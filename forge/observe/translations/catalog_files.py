"""Which files of a tree are message catalogues of the interface, in which format and language, by their paths alone.

Catalogues that belong together, one a language, make a domain: `locale/*/LC_MESSAGES/django`. Documentation, tests and
others' code are left out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from forge.observe.core.path_classes import own_files
from forge.observe.core.tree import Tree
from forge.observe.translations.tags import language_tag, named_language

COUNTED = ("gettext", "xliff")  # one file alone shows how much of it is translated
_FORMATS = {
    "po": "gettext", "pot": "gettext", "xlf": "xliff", "xliff": "xliff", "json": "json", "yml": "yaml",
    "yaml": "yaml", "php": "php", "properties": "properties", "lang": "properties", "xml": "android", "ftl": "fluent",
    "arb": "arb", "csv": "csv",
}  # fmt: skip
_PROGRAMS = ("js", "mjs", "ts")
_FOLDER = re.compile(
    r"_?locales?|i18n(?:[._-].*)?|l10n|langs?|languages?|(?:\w{1,20}[-_])?translations?|nls|intl|messages|traductions?|idiomas?",
    re.IGNORECASE,
)
# `guide.adoc.es.po` translates a text, `app-doc.po` a manual.
_TEXTS = re.compile(r"\.(?:adoc|md|rst|html?|tex|xml|pod|1)(?:\.|$)|(?:^|[._-])(?:docs?|manual|man|website)(?:[._-]|$)")


@dataclass
class Domain:
    """Catalogues that translate the same sentences: language -> path; `base` is the file that names no language."""

    format: str
    name: str
    catalogs: dict[str, list[str]] = field(default_factory=dict)
    base: str | None = None


def find_domains(tree: Tree) -> list[Domain]:
    """The domains among the files of a tree, by name; those in which no language is named are left out."""
    domains: dict[tuple[str, str], Domain] = {}
    bases: dict[tuple[str, str], str] = {}
    for path, folder, name in own_files(tree):
        stem, _, ending = name.rpartition(".")
        format_ = _FORMATS.get(ending.lower())
        if format_ is None or not stem or _TEXTS.search(stem):
            continue
        if len(path) > 500:
            continue
        place = _language_and_domain(format_, folder, stem)
        if place is None:
            continue
        language, shared = place
        if ending == "pot" or language is None:
            bases[(format_, shared)] = path
        else:
            domain = domains.setdefault((format_, shared), Domain(format_, shared))
            domain.catalogs.setdefault(language, []).append(path)
    templates: dict[str, list[str]] = {}
    for (format_, _), path in bases.items():
        if format_ == "gettext":
            templates.setdefault(path.rpartition("/")[0], []).append(path)
    for key, domain in domains.items():
        domain.base = bases.get(key) or (_template(domain.name, templates) if domain.format == "gettext" else None)
    sure_languages = {language for domain in domains.values() if _is_sure(domain) for language in domain.catalogs}
    largest = [domain for domain in domains.values() if _is_sure(domain) or domain.catalogs.keys() & sure_languages]
    return sorted(largest, key=lambda domain: (domain.name, domain.format))


def uncounted_bytes(tree: Tree) -> int:
    """The size of all catalogues that are programs, as `locales/fr/core.js`, which nothing here reads."""
    stems = ((path, folder, *name.rpartition(".")[::2]) for path, folder, name in own_files(tree))
    return sum(
        tree.files[path].size_bytes
        for path, folder, stem, ending in stems
        if ending in _PROGRAMS and _keyed_format(folder.split("/")[:-1], stem)
    )


def _is_sure(domain: Domain) -> bool:
    """Whether the names certainly mean languages: a single `sign_in.json` is not Indonesian."""
    return domain.format in COUNTED or len(domain.catalogs) > 1 or "*" in domain.name or domain.base is not None


def _template(name: str, templates: Mapping[str, list[str]]) -> str | None:
    """The `.pot` of a gettext domain: in the folder above the languages, of the same name where it holds several."""
    near = templates.get(name.partition("*")[0].rpartition("/")[0], [])
    if len(near) == 1:
        return near[0]
    stem = name.rpartition("/")[2]
    return next((path for path in near if path.rpartition("/")[2] == f"{stem}.pot"), None)


def _language_and_domain(format_: str, folder: str, stem: str) -> tuple[str | None, str] | None:
    """The language that a path names (None: none) and its domain; None where it is not a catalogue."""
    parts = folder.split("/")[:-1]
    if format_ == "android" and not (parts and parts[-1].startswith("values")):
        return None
    match format_:
        case "gettext":
            return _gettext(parts, stem)
        case "android":
            return _android(parts, stem)
        case "arb":
            language, rest = _language_of_stem(stem)
            return (language, f"{folder}{rest}") if language else None
    place = _keyed_format(parts, stem)
    if format_ == "properties":
        language, rest = _language_of_stem(stem)
        if place is None and language and rest and stem[len(rest)] == "_":
            return language, f"{folder}{rest}"
        if place is None and not language:
            return None, f"{folder}{stem}"
    return place


def _gettext(parts: list[str], stem: str) -> tuple[str | None, str]:
    for position in range(len(parts) - 1, -1, -1):
        if parts[position] == "LC_MESSAGES" and position and (language := language_tag(parts[position - 1])):
            return language, "/".join([*parts[: position - 1], "*", stem])
    language, rest = _language_of_stem(stem)
    if language:
        return language, "/".join([*parts, rest or "*"])
    if parts and (language := language_tag(parts[-1])):
        return language, "/".join([*parts[:-1], "*", stem])
    return None, "/".join([*parts, stem])


def _keyed_format(parts: list[str], stem: str) -> tuple[str, str] | None:
    """`lang/fr/auth`, `locales/fr`, `locales/views.fr`, below a folder that is called for languages."""
    start = next((place for place, part in enumerate(parts) if _is_for_languages(part)), None)
    if start is None:
        return None
    for position in range(len(parts) - 1, start, -1):
        if language := language_tag(parts[position]) or named_language(parts[position]):
            again, rest = _language_of_stem(stem)
            name = (rest or "*") if again == language else stem
            return language, "/".join([*parts[:position], "*", *parts[position + 1 :], name])
    language, rest = _language_of_stem(stem)
    return (language, "/".join([*parts, rest or "*"])) if language else None


@lru_cache(maxsize=4_096)
def _is_for_languages(folder: str) -> bool:
    return bool(_FOLDER.fullmatch(folder))


def _android(parts: list[str], stem: str) -> tuple[str | None, str] | None:
    if len(parts) < 2 or parts[-2] != "res" or not parts[-1].startswith("values"):
        return None
    domain = "/".join([*parts[:-1], stem])
    if parts[-1] == "values":
        return None, domain
    language = language_tag(parts[-1].removeprefix("values-"))
    return (language, domain) if language else None


def _language_of_stem(stem: str) -> tuple[str | None, str]:
    """The language at the end of a name, and what precedes it: `galette_fr_FR.utf8`, `app.admin.es-MX`, `fr`."""
    if language := language_tag(stem):
        return language, ""
    for start in _endings(stem):
        if language := language_tag(stem[start:]):
            return language, stem[: start - 1]
    return None, stem


def _endings(stem: str) -> Iterable[int]:
    """Where the last one to three parts of a name begin, the longest first."""
    places = [place + 1 for place, letter in enumerate(stem[-32:], max(len(stem) - 32, 0)) if letter in "._-"]
    return places[-4:]
