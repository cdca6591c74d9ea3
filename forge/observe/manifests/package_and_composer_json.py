"""Manifests in JSON: package.json of JavaScript packages and composer.json of PHP packages, read as text: nothing is
installed or run.
"""

import re
from collections.abc import Mapping
from typing import Any

from forge.observe.bounded import json_of
from forge.observe.core.privacy_filter import organization_name
from forge.observe.manifests.manifest import MAX_LICENSES, PackageManifest, address, group, label, repository, texts

_PLUGINS = {
    "wordpress-plugin": "wordpress-plugin", "wordpress-muplugin": "wordpress-plugin",
    "wordpress-theme": "wordpress-theme", "drupal-module": "drupal-module", "drupal-theme": "drupal-module",
    "moodle-mod": "moodle-plugin", "typo3-cms-extension": "typo3-extension", "prestashop-module": "prestashop-module",
}  # fmt: skip


def of_package_json(data: bytes) -> PackageManifest | None:
    """https://docs.npmjs.com/cli/configuring-npm/package-json"""
    values = json_of(data)
    if not isinstance(values, Mapping):
        return None
    source = values.get("repository")
    private = values.get("private") is True
    # `npm init` writes "main" everywhere, and what has files without an entry holds pages of another program.
    is_imported = values.get("files") and any(values.get(key) for key in ("main", "module", "exports"))
    runs = is_imported or values.get("bin") or values.get("publishConfig")
    name = label(values.get("name"))
    return PackageManifest(
        name=name.rpartition("/")[2] if name and not private else None,
        licenses=_licenses(values.get("license") or values.get("licenses")),
        choice=True,
        homepage=address(values.get("homepage")),
        issues=address(group(values, "bugs").get("url") or values.get("bugs")),
        repository=repository(source.get("url") if isinstance(source, Mapping) else source),
        organization=_author(values.get("author")),
        funding=_funding(values.get("funding")),
        installs=("npm",) if name and values.get("version") and runs and not private else (),
    )


def of_composer_json(data: bytes) -> PackageManifest | None:
    """https://getcomposer.org/doc/04-schema.md; "php" or "ext-…" is no package."""
    values = json_of(data)
    if not isinstance(values, Mapping):
        return None
    support = group(values, "support")
    name = label(values.get("name"))
    kind = values.get("type")
    plugin = _PLUGINS.get(kind) if isinstance(kind, str) else None
    if plugin is None and isinstance(kind, str) and kind.startswith("moodle-"):
        plugin = "moodle-plugin"
    return PackageManifest(
        name=name.rpartition("/")[2] if name else None,
        licenses=_licenses(values.get("license")),
        choice=True,
        homepage=address(values.get("homepage")),
        documentation=address(support.get("docs")),
        issues=address(support.get("issues")),
        repository=repository(support.get("source")),
        funding=_funding(values.get("funding")),
        installs=(
            *((plugin,) if plugin else ()),
            *(("composer",) if name and "/" in name and kind not in (None, "project") else ()),
        ),
    )


def _author(value: Any) -> str | None:
    """The author where the name shows that it is an organization; a text may have an address behind the name."""
    name = group(value).get("name") or value
    return organization_name(re.split("[<(]", name)[0]) if isinstance(name, str) else None


def _licenses(value: Any) -> tuple[str, ...]:
    """One text, a list of texts, or npm's older `{"type": ...}`, alone or in a list."""
    entries = value if isinstance(value, list) else [value]
    return texts([entry.get("type") if isinstance(entry, Mapping) else entry for entry in entries[:MAX_LICENSES]])


def _funding(value: Any) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else [value]
    urls = (address(entry.get("url") if isinstance(entry, Mapping) else entry) for entry in entries[:50])
    return tuple(url for url in urls if url)
