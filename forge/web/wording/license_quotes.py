"""The sentences that stand beside the licenses in a repository's license files, as pages show them: cut and cleaned."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forge.web.facts.values import cleaned

QUOTES = 20  # that are shown
QUOTE_CHARACTERS = 300


@dataclass(frozen=True)
class Quote:
    """A sentence of a repository's file."""

    file: str
    text: str


def license_quotes(observation: Mapping[str, Any] | None, *, doubted: bool = False) -> tuple[Quote, ...]:
    """The sentences beside the licenses in the license files: those that may limit somebody, or the others."""
    name = "doubts" if doubted else "beside"
    files = [
        file
        for listed in ("license_files", "unidentified_license_files")
        for file in (observation or {}).get(listed) or ()
    ]
    quotes = [Quote(_text(file.get("file")), _text(text)) for file in files for text in file.get(name) or ()]
    return tuple(quote for quote in quotes if quote.text)[:QUOTES]


def _text(value: Any) -> str:
    return str(cleaned(value))[:QUOTE_CHARACTERS] if isinstance(value, str) else ""
