"""Chooses the README for a reader, by the names of files."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from forge.observe.core.license_and_readme_names import is_readme

FORMATS = {"md": "markdown", "markdown": "markdown", "mkd": "markdown", "rst": "rst"}
_LANGUAGE = re.compile(r"readme[._-]([a-z]{2,3}(?:[-_][a-z]{2,4})?)(?=\.|$)", re.IGNORECASE)
_ORDER = ("markdown", "rst", "plain")


@dataclass(frozen=True)
class Readme:
    """A README: `language` as its name says (a lower-case tag, None when it does not), `format` one of _ORDER."""

    path: str
    language: str | None
    format: str


def sort_readmes(paths: Iterable[str]) -> list[Readme]:
    """All READMEs among top-level `paths`: those without a language first, then by language, format and name."""
    readmes = [_readme(path) for path in paths if is_readme(path)]
    return sorted(
        readmes,
        key=lambda candidate: (
            candidate.language or "",
            _ORDER.index(candidate.format),
            len(candidate.path),
            candidate.path,
        ),
    )


def _readme(path: str) -> Readme:
    extension = path.rpartition(".")[2].lower() if "." in path else ""
    match = _LANGUAGE.match(path)
    tag = match[1].lower().replace("_", "-") if match else None
    if tag in FORMATS or tag in ("txt", "adoc", "org", "rdoc", "pod", "html", "htm"):
        tag = None
    return Readme(path, tag, FORMATS.get(extension, "plain"))
