"""Reads lists of software in the form of awesome-selfhosted-data: a folder with software/*.yml, a file for each
project.

Taken: name, description, website, source, licences, demo, platforms that are programming languages, tags that are
needs of ours by name. Left out: counts of stars and months of commits, which are nobody's statement about use.
https://github.com/awesome-selfhosted/awesome-selfhosted-data
"""

from pathlib import Path
from typing import Any

from catalog import vocabulary
from catalog.licenses import expressions
from forge.imports.read_source import (
    MAX_RECORDS,
    ImportedProject,
    ImportProblem,
    ReadSource,
    clean_line,
    fitting_values,
    without_duplicates,
)
from forge.observe.bounded import Mapping, Unreadable, plain, yaml_nodes
from forge.observe.core.privacy_filter import web_address
from forge.observe.core.tree import MAX_FILE_BYTES

FOLDER = "software"
LANGUAGE = "en"  # such lists are written in English
_NO_PROGRAMMING_LANGUAGE = frozenset({"docker", "deb", "rpm", "k8s", "kubernetes", "nix", "other", "django", "nodejs"})
_KEYS = {"source_code_url": "repository", "website_url": "homepage", "description": "summary", "licenses": "license"}


def is_awesome_folder(path: Path) -> bool:
    return path.is_dir() and (path / FOLDER).is_dir()


def read_folder(path: Path) -> ReadSource:
    files = sorted(entry for entry in (path / FOLDER).glob("*.y*ml") if entry.is_file() and not entry.is_symlink())
    projects, problems = [], []
    for file in files[:MAX_RECORDS]:
        project, wrong = _read_file(file, str(file.relative_to(path)))
        projects += [project] if project else []
        problems += wrong
    return without_duplicates(projects, problems, complete=len(files) <= MAX_RECORDS)


def _read_file(file: Path, place: str) -> tuple[ImportedProject | None, list[ImportProblem]]:
    with file.open("rb") as opened:
        data = opened.read(MAX_FILE_BYTES + 1)
    try:
        root = yaml_nodes(data)
    except Unreadable as wrong:
        return None, [ImportProblem(place, wrong.line, "", str(wrong))]
    if not isinstance(root, Mapping):
        return None, [ImportProblem(place, 1, "", "The file holds no keys; begin with name and description.")]
    lines = {_KEYS.get(key.text, key.text): key.line for key, _ in root.pairs}
    record, problems = fitting_values(place, 1, _record_of(plain(root)), lines)
    return (ImportedProject(place, 1, record) if record else None), problems


def _record_of(values: dict[str, Any]) -> dict[str, Any]:
    description = clean_line(values.get("description"))
    source = values.get("source_code_url")
    homepage = web_address(values.get("website_url"))
    return {
        "name": clean_line(values.get("name")),
        "summary": {LANGUAGE: description} if description else None,
        "repository": web_address(source) or source,
        "homepage": homepage if homepage != source else None,
        "demo": web_address(values.get("demo_url")),
        "license": _joined_license(values.get("licenses")),
        "programming_languages": [
            platform for platform in _texts(values.get("platforms")) if platform.lower() not in _NO_PROGRAMMING_LANGUAGE
        ],
        "domains": list(dict.fromkeys(filter(None, map(domain_called, _texts(values.get("tags")))))),
    }


def _joined_license(stated: Any) -> str | None:
    """Join several licenses as a choice:
    https://github.com/awesome-selfhosted/awesome-selfhosted-data/blob/master/CONTRIBUTING.md
    """
    known = []
    for license_id in _texts(stated):
        try:
            known.append(expressions.canonical(license_id))
        except ValueError:
            known.append(license_id)  # the check of the record tells of it
    return " OR ".join(known) or None


def _texts(value: Any) -> list[str]:
    return [text for text in map(clean_line, value[:50]) if text] if isinstance(value, list) else []


def domain_called(tag: str) -> str | None:
    """Return the need of ours that has this name in one of five languages; "Calendar & Contacts" is none."""
    return vocabulary.vocabulary("domain").called(tag)
