"""RDF as Turtle, block by block: subjects with their predicates, every text escaped, every address checked. The
formats decide which statements are made of a record.

https://www.w3.org/TR/turtle/
"""

import re
from collections.abc import Mapping
from datetime import datetime

from forge.i18n.languages import plain
from forge.observe.publiccode import rules

_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNFIT = re.compile(r"[\x00-\x20<>\"{}|^`\\]")  # what an IRIREF may not hold


class Block:
    """One subject and its statements; a value of None or "" adds nothing."""

    def __init__(self, subject: str, *types: str):
        self._subject = subject
        self._lines = [f"a {', '.join(types)}"] if types else []

    def add(self, predicate: str, *values: str | None) -> "Block":
        present = list(dict.fromkeys(value for value in values if value))
        if present:
            self._lines.append(f"{predicate} {', '.join(present)}")
        return self

    def words(self, predicate: str, texts: Mapping[str, str]) -> "Block":
        """Add the texts, each with its language."""
        return self.add(predicate, *(literal(value, tag) for tag, value in texts.items() if rules.is_language(tag)))

    @property
    def turtle(self) -> str:
        statements = " ;\n  ".join(self._lines)
        return f"{self._subject} {statements} .\n" if statements else ""


def prefixes(names: Mapping[str, str]) -> str:
    return "".join(f"@prefix {name}: <{address}> .\n" for name, address in names.items()) + "\n"


def iri(address: str | None) -> str | None:
    """Return the address as a term; None for what is no address."""
    if not address or _UNFIT.search(address) or ":" not in address:
        return None
    return f"<{address}>"


def web_iri(address: str | None) -> str | None:
    """As `iri`, for http and https alone: what a stranger may have written."""
    return iri(address) if address and rules.is_web_address(address) else None


def literal(value: str | None, language: str | None = None) -> str | None:
    if not value:
        return None
    quoted = _SURROGATE.sub("\ufffd", plain(value)).translate(_ESCAPED)
    return f'"{quoted}"' + (f"@{language}" if language else "")


def typed_literal(value: str, type: str) -> str:
    return f"{literal(value)}^^{type}"


def time_literal(at: datetime) -> str:
    return typed_literal(at.isoformat(timespec="seconds"), "xsd:dateTime")


def blank_node(*parts: tuple[str, str | None]) -> str | None:
    """Return a node without a name; None where it has no statement."""
    statements = [f"{predicate} {value}" for predicate, value in parts if value]
    return (
        f"[ {' ; '.join(statements)} ]"
        if statements and any(not part.startswith("a ") for part in statements)
        else None
    )
