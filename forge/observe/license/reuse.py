"""REUSE.toml (https://reuse.software/spec-3.3/): the license of the files of a pattern, as a project states it.
`forge.observe.license.reading` decides what it means for the whole.
"""

from dataclasses import dataclass
from typing import Any

from forge.observe.bounded import Unreadable, toml_of
from forge.observe.license.ids import canonical

PATH = "REUSE.toml"
MAX_ANNOTATIONS = 200
MAX_PATTERNS = 50  # of each
WHOLE = ("**", "*", "./**")


@dataclass(frozen=True)
class Annotation:
    """A pattern of paths and the SPDX expression of its files; several licenses there apply together."""

    pattern: str
    license: str


def read_annotations(content: bytes) -> tuple[Annotation, ...]:
    """The annotations that can be read, in their order; none where the file is not TOML."""
    try:
        data = toml_of(content)
    except Unreadable:
        return ()
    annotations = data.get("annotations") if isinstance(data, dict) else None
    lines = []
    for annotation in annotations[:MAX_ANNOTATIONS] if isinstance(annotations, list) else ():
        if isinstance(annotation, dict) and (license := _license(annotation.get("SPDX-License-Identifier"))):
            lines += [Annotation(pattern, license) for pattern in _texts(annotation.get("path"))]
    return tuple(lines)


def _license(value: Any) -> str | None:
    texts = _texts(value)
    return canonical(" AND ".join(f"({expression})" for expression in texts)) if texts else None


def _texts(value: Any) -> list[str]:
    several = value if isinstance(value, list) else [value]
    return [text for text in several if isinstance(text, str) and text.strip()][:MAX_PATTERNS]
