"""Reads publiccode.yml files as projects: one file, or the files of a folder.

What a file says of persons is not read: contacts are dropped, contractors and owners kept only where the name says
that it is a body's, with the role. A file that the standard refuses is taken as far as its values stand by
themselves.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forge.imports.read_source import ImportedProject, ImportProblem, ReadSource, fitting_values, without_duplicates
from forge.observe.bounded import Unreadable
from forge.observe.core.tree import MAX_FILE_BYTES
from forge.observe.publiccode import read_values, words

MAX_FILES = 20_000
_TAKEN = (
    *("name", "repository", "homepage", "summary", "description", "documentation", "languages", "roadmap", "status"),
    *("screenshots", "standards"),
)
MAX_FEATURES = 7


def read_files(path: Path) -> ReadSource:
    """Read a file, or every publiccode.yml at any depth of a folder, and every other .yml of it."""
    files = [path] if path.is_file() else sorted(_yaml_files(path))[: MAX_FILES + 1]
    if not files:
        return ReadSource(problems=(ImportProblem(str(path), 0, "", f"No {words.FILES[0]} is in this folder."),))
    projects, problems = [], []
    for file in files[:MAX_FILES]:
        with file.open("rb") as opened:
            data = opened.read(MAX_FILE_BYTES + 1)
        project, wrong = read_text(data, str(file))
        projects += [project] if project else []
        problems += wrong
    return without_duplicates(projects, problems, complete=len(files) <= MAX_FILES)


def read_text(data: bytes, place: str) -> tuple[ImportedProject | None, list[ImportProblem]]:
    """Read one file's project; None where it cannot be taken, and the problems then say why."""
    try:
        values_by_field, _ = read_values(data)
    except Unreadable as wrong:
        return None, [ImportProblem(place, wrong.line, "", str(wrong))]
    record, problems = fitting_values(place, 1, _record_of(values_by_field))
    if record is None:
        return None, problems
    bodies = tuple(
        (maintainer["organization"], maintainer["role"]) for maintainer in values_by_field.get("maintenance", ())
    )
    return ImportedProject(place, 1, record, bodies), problems


def _record_of(values_by_field: dict[str, Any]) -> dict[str, Any]:
    record = {name: values_by_field[name] for name in _TAKEN if name in values_by_field}
    record["features"] = {tag: lines[:MAX_FEATURES] for tag, lines in values_by_field.get("features", {}).items()}
    record["languages"] = [language["term"] for language in values_by_field.get("languages", ())]
    record["license"] = (values_by_field.get("license.manifest") or {}).get("license")
    record["domains"] = values_by_field.get("domains.hint")
    if "summary" not in record and "description" in record:
        record["summary"] = {tag: text.partition("\n")[0] for tag, text in record["description"].items()}
    return record


def _yaml_files(folder: Path) -> Iterator[Path]:
    for pattern in ("*.yml", "*.yaml"):
        yield from (path for path in folder.rglob(pattern) if path.is_file() and not path.is_symlink())
