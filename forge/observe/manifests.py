"""The license that a project's own manifests declare. Tolerant of what people write there; nothing is judged here."""

import json
import tomllib
from dataclasses import dataclass
from typing import Any

import yaml

from catalog import licenses
from forge.observe.files import MAX_FILE_BYTES

MAX_STATED = 200  # characters kept of what a manifest says


@dataclass(frozen=True)
class Declared:
    """What a manifest states: `stated` in its own words, `spdx` the canonical expression or None when it is none."""

    path: str
    stated: str
    spdx: str | None


class _Strings(yaml.SafeLoader):
    """YAML whose values are all text, without aliases (306 bytes of them can unfold to gigabytes)."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not accepted")
        return super().compose_node(parent, index)


_Strings.yaml_implicit_resolvers = {}


def declared(path: str, data: bytes) -> Declared | None:
    """The license that the manifest at `path` declares; None when it declares none or cannot be read."""
    reader = _READERS.get(path)
    if reader is None or len(data) > MAX_FILE_BYTES:
        return None
    try:
        stated = reader(data.decode("utf-8-sig"))
    except (ValueError, yaml.YAMLError, RecursionError, AttributeError, TypeError):
        return None  # a manifest that its own ecosystem could not read declares nothing
    if not isinstance(stated, str) or not stated.strip():
        return None
    stated = " ".join(stated.split())[:MAX_STATED]
    try:
        return Declared(path, stated, licenses.canonical(stated))
    except ValueError:
        return Declared(path, stated, None)


def _npm(text: str) -> Any:
    manifest = json.loads(text)
    value = manifest.get("license") or manifest.get("licenses")
    choices = value if isinstance(value, list) else [value]
    return " OR ".join(each.get("type", "") if isinstance(each, dict) else each for each in choices if each)


def _python(text: str) -> Any:
    manifest = tomllib.loads(text)
    value = manifest.get("project", {}).get("license") or manifest.get("tool", {}).get("poetry", {}).get("license")
    return value.get("text") if isinstance(value, dict) else value


def _rust(text: str) -> Any:
    return tomllib.loads(text).get("package", {}).get("license")


def _publiccode(text: str) -> Any:
    return yaml.load(text, Loader=_Strings).get("legal", {}).get("license")


_READERS = {
    "package.json": _npm,
    "composer.json": _npm,
    "pyproject.toml": _python,
    "Cargo.toml": _rust,
    "publiccode.yml": _publiccode,
    "publiccode.yaml": _publiccode,
}
