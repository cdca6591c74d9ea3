"""Reads what a publiccode.yml states about its project, in our fields; each value is judged by itself.

Persons never leave this module: contacts are not read at all, contractors and owners only where the name itself shows
an organization, and addresses are removed from every text. A file whose `url` names another repository is a technical
fork's (https://yml.publiccode.tools/forks.html) and describes that other project, not this one.
"""

import posixpath
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from catalog.rules.caution import NOT_FREE_SERVICE
from catalog.sentences import mark
from forge.observe.bounded import Unreadable, unreadable, yaml_of
from forge.observe.core.metadata_values import (
    LARGE,
    MAX_LINES,
    MAX_SHORT,
    impersonal_uri,
    license_of,
    long_text,
    maintainers,
    not_understood,
    one_line,
    one_line_texts,
    unique,
)
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.privacy_filter import MAX_NAME, organization_name, repository_key, web_address
from forge.observe.core.tree import Tree
from forge.observe.publiccode import rules, words

OBSERVER = "publiccode 5"
MAX_LANGUAGES = 40

_NO_KEYS = mark("The file holds no keys; begin with publiccodeYmlVersion, name and url.")
_VERSION = "publiccodeYmlVersion"
_FIELDS = {
    "name": "name",
    "url": "repository",
    "landingURL": "homepage",
    "description": "summary",
    "developmentStatus": "development_status",
    "softwareType": "software_type",
    "softwareVersion": "releases",
    "categories": "categories",
    "supports": "standards",
    "roadmap": "roadmap",
}


def observe_publiccode(tree: Tree, repositories: Sequence[str] = ()) -> list[ObservedFact]:
    """The facts from publiccode.yml; `repositories` are the addresses of the repository that contains it, when
    known.
    """
    path = next((name for name in words.FILES if name in tree), None)
    if path is None:
        return []
    record = tree.read_cached(OBSERVER, path, _read_file)
    if record is None:
        return [ObservedFact("unreadable", {"problem": LARGE, "line": 1}, path)]
    url = record["values"].get("repository")
    if url and repositories and repository_key(url) not in {repository_key(repository) for repository in repositories}:
        return [ObservedFact("publiccode.other_repository", url, path)]
    facts = []
    for field, value in record["values"].items():
        if field == "screenshots":
            value = [screenshot for screenshot in value if screenshot in tree]
        if field == "logo" and value not in tree:
            continue
        if value not in (None, [], {}):
            facts.append(ObservedFact(field, value, path))
    if record["unreadable"]:
        facts.append(ObservedFact("unreadable", record["unreadable"], path))
    return facts


def _read_file(path: str, data: bytes) -> dict[str, Any]:
    try:
        values, not_taken = read_values(data)
    except Unreadable as error:
        values, not_taken = {}, unreadable(path, error).value
    return {"values": values, "unreadable": not_taken}


def read_values(data: bytes) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The values of a file by our fields, in the order of the standard, and `unreadable` of what is not understood.

    Fields without a value are left out. Raises Unreadable where nothing of it can be read.
    """
    root = yaml_of(data)
    if not isinstance(root, dict):
        raise Unreadable(_NO_KEYS)
    legal, localisation = _group(root, "legal"), _group(root, "localisation")
    descriptions = _descriptions(root)
    status = _known_word(root.get("developmentStatus"), words.STATUSES)
    categories = _known_words(root.get("categories"), words.CATEGORIES)
    facts = {
        "name": one_line(root.get("name"), MAX_NAME),
        "repository": web_address(root.get("url")),
        "homepage": web_address(root.get("landingURL")),
        "summary": _by_language(descriptions, "shortDescription", lambda text: one_line(text, MAX_SHORT)),
        "description": _by_language(descriptions, "longDescription", long_text),
        "features": _by_language(descriptions, "features", lambda features: one_line_texts(features, MAX_SHORT)),
        "documentation": next(
            filter(None, (web_address(described.get("documentation")) for _, described in descriptions)), None
        ),
        "logo": _picture_path(root.get("logo")),
        "screenshots": _screenshots(descriptions),
        "license.manifest": license_of(legal.get("license")),
        "development_status": status,
        "status": words.STATUS_TERMS.get(status or ""),
        "software_type": _known_word(root.get("softwareType"), words.SOFTWARE_TYPES),
        "platforms": _platforms(root.get("platforms")),
        "cautions": _cautions(root),
        "categories": categories,
        "domains.hint": unique(words.domain_terms().get(category) for category in categories),
        "languages": [
            {"term": tag, "percent": None} for tag in unique(map(_tag, _list(localisation.get("availableLanguages"))))
        ],
        "maintenance": _maintenance(root, legal),
        "standards": unique(map(_standard, _list(root.get("supports")))),
        "roadmap": web_address(root.get("roadmap")),
        "releases": _releases(root),
    }
    values = {field: value for field, value in facts.items() if value not in (None, [], {})}
    version = () if root.get(_VERSION) in words.VERSIONS else (_VERSION,)
    wrong = (key for key, field in _FIELDS.items() if root.get(key) not in (None, "", [], {}) and field not in values)
    return values, not_understood((*version, *wrong))


def _group(values: Any, key: str) -> dict[str, Any]:
    value = values.get(key) if isinstance(values, dict) else None
    return value if isinstance(value, dict) else {}


def _list(value: Any, alone: bool = False) -> list[Any]:
    return value if isinstance(value, list) else [value] if alone else []


def _known_word(value: Any, words: Iterable[str]) -> str | None:
    return value if isinstance(value, str) and value in words else None


def _known_words(value: Any, words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(entry for entry in _list(value) if _known_word(entry, words)))


def _platforms(value: Any) -> list[str]:
    """Those that we have a term for: the standard takes any word."""
    names = (name.strip().lower() for name in _list(value)[: 4 * MAX_LINES] if isinstance(name, str))
    return unique(words.PLATFORMS.get(name) for name in names)


def _cautions(root: dict[str, Any]) -> list[dict[str, str]]:
    """What it cannot do without and is not free software, by `dependsOn`."""
    needs = _groups(_group(root, "dependsOn").get("proprietary"))
    names = unique(one_line(need.get("name"), MAX_NAME) for need in needs if need.get("optional") is not True)
    return [{"kind": NOT_FREE_SERVICE, "name": name} for name in names]


def _tag(value: Any) -> str | None:
    """A language tag as our document writes it: fr, pt-BR, zh-Hant."""
    if not isinstance(value, str) or not rules.is_language(value):
        return None
    language, *subtags = value.split("-")
    scripts = [subtag.title() for subtag in subtags[:1] if len(subtag) == 4 and subtag.isalpha()]
    regions = [subtag.upper() for subtag in subtags[:2] if len(subtag) == 2 or (len(subtag) == 3 and subtag.isdigit())]
    return "-".join([language.lower(), *scripts, *regions[:1]])


def _descriptions(root: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    by_tag: dict[str, dict[str, Any]] = {}
    for tag, described in _group(root, "description").items():
        language = _tag(tag)
        if language and isinstance(described, dict):
            by_tag.setdefault(language, described)
    return list(by_tag.items())[:MAX_LANGUAGES]


def _by_language(
    descriptions: list[tuple[str, dict[str, Any]]], key: str, convert: Callable[[Any], Any]
) -> dict[str, Any]:
    values = {tag: convert(described.get(key)) for tag, described in descriptions}
    return {tag: value for tag, value in values.items() if value}


def _screenshots(descriptions: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """Paths in the repository; whether the files exist is not checked yet."""
    return unique(
        filter(
            None, (_picture_path(path) for _, described in descriptions for path in _list(described.get("screenshots")))
        )
    )


def _picture_path(value: Any) -> str | None:
    """A path in the repository; None for an address, or a path that begins at a machine's root."""
    if not isinstance(value, str) or "://" in value or value.startswith("/"):
        return None
    return posixpath.normpath(value)


def _maintenance(root: dict[str, Any], legal: dict[str, Any]) -> list[dict[str, Any]]:
    """Organizations and their certain roles; one that occurs twice has the first role that is known."""
    maintenance = _group(root, "maintenance")
    # "internally maintained by the repository owner": then the publisher leads it.
    owner = "lead" if maintenance.get("type") == "internal" else None
    roles = [(organization_name(_group(root, "organisation").get("name"), is_stated=True), owner)]
    roles += [
        (organization_name(legal.get("repoOwner")), owner),
        (organization_name(legal.get("mainCopyrightOwner")), None),
    ]
    if maintenance.get("type") == "contract":
        roles += [
            (organization_name(contractor.get("name")), "contributor")
            for contractor in _groups(maintenance.get("contractors"))
        ]
    roles += [(organization_name(funder.get("name")), "funder") for funder in _groups(root.get("fundedBy"))]
    return maintainers(roles)


def _groups(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in _list(value)[: 4 * MAX_LINES] if isinstance(entry, dict)]


def _standard(support: Any) -> str | None:
    value = support.get("id") if isinstance(support, dict) else None
    if not isinstance(value, str) or not rules.is_support(value):
        return None
    return value.removeprefix("alias:") if value.startswith("alias:") else impersonal_uri(value)


def _releases(root: dict[str, Any]) -> list[dict[str, Any]]:
    version = one_line(root.get("softwareVersion"), 100)
    day = root.get("releaseDate")
    release_date = day if isinstance(day, str) and rules.is_day(day) else None
    return [{"version": version, "date": release_date}] if version else []
