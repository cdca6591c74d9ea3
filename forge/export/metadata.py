"""Writes publiccode.yml and codemeta.json: rows of YAML with marks, terms of JSON-LD, and the kind of program that
the ways to install it suggest. Shared by exports and by the files that makers are offered.
"""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

import yaml

from catalog.licenses import expressions
from forge.observe.metadata.codemeta import CONTEXTS
from forge.observe.publiccode import words

VERSION = words.VERSIONS[-2]  # the newest, without its patch level
SHORT, LEAST, LONGEST = 150, 150, 10_000  # characters of the standard's descriptions
_MOBILE = ("android", "ios")
_ADDON = (
    *("wordpress-plugin", "wordpress-theme", "nextcloud-app", "dolibarr-module", "odoo-module", "drupal-module"),
    *("moodle-plugin", "browser-extension"),
)
_SERVED = ("docker", "docker-compose", "helm", "yunohost", "coop-cloud", "cloudron", "ansible")
_DESKTOP = ("flatpak", "snap", "appimage", "windows", "homebrew")


class YamlRows:
    """Lines of YAML, with a mark at the end of those that a person must check."""

    def __init__(self) -> None:
        self.rows: list[str] = []

    def note(self, text: str, depth: int = 0) -> None:
        """Add a comment for readers."""
        self.rows.append(f"{'  ' * depth}# {' '.join(text.split())}")

    def add(self, depth: int, key: str, value: Any = None, mark: str = "") -> None:
        """Add a key, or "-" for a value of a list. A mark with no value leaves the value open."""
        text = "" if value is None else f" {yaml_scalar(value)}"
        self.rows.append(f"{'  ' * depth}{key}{'' if key == '-' else ':'}{text}{f'  # {mark}' if mark else ''}")

    def each(self, depth: int, key: str, values: Collection[Any], mark: str = "") -> None:
        """Add a key with a list."""
        self.add(depth, key, None, mark)
        for value in values:
            self.add(depth + 1, "-", value)

    @property
    def text(self) -> str:
        return "\n".join(self.rows) + "\n"


def yaml_scalar(value: Any) -> str:
    """Return the value on one line, in quotes where it needs them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    style = '"' if "\n" in str(value) else None
    text: str = yaml.safe_dump(str(value), allow_unicode=True, width=float("inf"), default_style=style)
    return text.removesuffix("\n").removesuffix("\n...")


def guess_kind(ways: Collection[str]) -> str:
    """Guess the type of software from the ways to install it."""
    kinds = {"addon": _ADDON, "standalone/web": _SERVED, "standalone/mobile": _MOBILE, "standalone/desktop": _DESKTOP}
    return next((kind for kind, own_ways in kinds.items() if set(ways) & set(own_ways)), "standalone/other")


def first_sentence(text: str) -> str | None:
    """Return the first sentence, if it fits a short description, else None."""
    first = re.split(r"(?<=[.!?؟])\s", text.strip(), maxsplit=1)[0]
    return first if first and len(first) <= SHORT else None


def spdx_addresses(expression: str) -> str | list[str] | None:
    """Return the addresses at spdx.org of licenses that all hold. None for a choice, since a list of addresses does not
    say whether one may choose, and where a license has no page there or an exception.
    """
    parsed = expressions.parse(expression)
    license_terms = [part for part in parsed.parts if isinstance(part, expressions.LicenseTerm) and not part.exception]
    addresses = [f"https://spdx.org/licenses/{term.id}" for term in license_terms if expressions.is_listed(term.id)]
    if parsed.operator == "OR" or len(addresses) < len(parsed.parts):
        return None
    return addresses[0] if len(addresses) == 1 else addresses


def license_value(expression: str) -> str | list[str] | dict[str, str]:
    """Return a license for JSON-LD of schema.org: addresses, else a work that is called like the whole expression."""
    return spdx_addresses(expression) or {"@type": "CreativeWork", "name": expressions.canonical(expression)}


def codemeta_text(values: Mapping[str, Any]) -> str:
    """Return a codemeta.json of version 3 with these terms; those without a value are left out."""
    terms = {"@context": CONTEXTS["3"], "@type": "SoftwareSourceCode", **values}
    known_values = {key: value for key, value in terms.items() if value}
    return json.dumps(known_values, indent=2, ensure_ascii=False) + "\n"
