"""What the manifests of packages declare: license, addresses, how it is installed. Names of persons in them are never
returned.

Names and addresses are read from the top of the repository only; folders below are parts of it, which have licenses of
their own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from forge.observe.bounded import Unreadable, yaml_of
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.path_classes import own_files
from forge.observe.core.privacy_filter import repository_key
from forge.observe.core.tree import Tree
from forge.observe.manifests.compiled import of_cargo, of_go, of_pom
from forge.observe.manifests.manifest import PackageManifest, group, on_host
from forge.observe.manifests.package_and_composer_json import of_composer_json, of_package_json
from forge.observe.manifests.programs import of_gemspec, of_setup_py
from forge.observe.manifests.python import of_pyproject, of_setup_cfg
from forge.observe.manifests.wordings import stated_license
from forge.observe.metadata.funding import is_project_address

OBSERVER = "manifests 5"
MAX_MANIFESTS = 60

# Folders whose folders are the parts of a repository, as workspaces of packages are kept.
_OF_PARTS = {
    *("packages", "apps", "crates", "services", "plugins", "modules", "libs", "libraries", "components", "engines"),
    *("projects", "addons", "bundles", "extensions", "src", "backend", "frontend", "workspaces", "cmd"),
}
_READERS: Mapping[str, Callable[[bytes], PackageManifest | None]] = {
    "pyproject.toml": of_pyproject,
    "setup.cfg": of_setup_cfg,
    "setup.py": of_setup_py,
    "package.json": of_package_json,
    "composer.json": of_composer_json,
    "pom.xml": of_pom,
    "Cargo.toml": of_cargo,
    "go.mod": of_go,
}
_ADDRESSES = ("name", "homepage", "documentation", "issues", "repository")


@dataclass(frozen=True)
class DeclaredLicense:
    """The license in a manifest: `stated` in its own words, `spdx` the canonical expression or None when it is none."""

    path: str
    stated: str
    spdx: str | None


def declared_license(path: str, data: bytes) -> DeclaredLicense | None:
    """The license that the manifest at `path` declares; None when it declares none or cannot be read."""
    name = path.rpartition("/")[2]
    try:
        if name in ("publiccode.yml", "publiccode.yaml"):
            value = group(yaml_of(data), "legal").get("license")
            license_ = stated_license((value,), False) if isinstance(value, str) else None
        else:
            reader = _reader(name)
            manifest = reader(data) if reader else None
            license_ = stated_license(manifest.licenses, manifest.choice) if manifest else None
    except Unreadable:
        return None  # a manifest that its own ecosystem could not read declares nothing
    return DeclaredLicense(path, license_["stated"], license_["license"]) if license_ else None


def observe_manifests(tree: Tree) -> list[ObservedFact]:
    """The facts from each manifest, those at the top first."""
    facts = []
    for path, manifest in read_manifests(tree):
        if "problem" in manifest:
            facts.append(ObservedFact("unreadable", manifest, path))
            continue
        license_ = stated_license(tuple(manifest.get("licenses", ())), bool(manifest.get("choice")))
        if license_:
            facts.append(ObservedFact("license.manifest", license_, path))
        if "/" not in path:
            facts += _facts_of_whole(path, manifest)
    return facts


def _facts_of_whole(path: str, manifest: Mapping[str, Any]) -> list[ObservedFact]:
    addresses = {key: manifest[key] for key in _ADDRESSES if manifest.get(key)}
    homepage = addresses.get("homepage")
    if homepage and on_host(homepage):
        # The page of the repository itself, which npm fills in and others write where there is no better one.
        addresses.setdefault("repository", homepage.partition("#")[0])
        if repository_key(homepage.partition("#")[0]) == repository_key(addresses["repository"]):
            del addresses["homepage"]
    facts = [ObservedFact(key, value, path) for key, value in addresses.items()]
    if manifest.get("organization"):
        facts.append(ObservedFact("maintenance", [{"organization": manifest["organization"], "role": None}], path))
    funding = [url for url in manifest.get("funding", ()) if is_project_address(url)]
    return [*facts, ObservedFact("funding", funding, path)] if funding else facts


def read_manifests(tree: Tree) -> list[tuple[str, dict[str, Any]]]:
    """Path and reading of each manifest, those at the top first; `{"problem", "line"}` where it is unreadable."""
    paths = [path for path, folder, name in own_files(tree) if _reader(name) and _is_part(folder)]
    paths.sort(key=lambda path: (path.count("/"), path))
    readings = ((path, tree.read_cached(OBSERVER, path, _read_manifest)) for path in paths[:MAX_MANIFESTS])
    return [(path, manifest) for path, manifest in readings if manifest]


def _reader(name: str) -> Callable[[bytes], PackageManifest | None] | None:
    return _READERS.get(name) or (of_gemspec if name.endswith(".gemspec") else None)


def _is_part(folder: str) -> bool:
    """Whether a folder, "" or "a/b/", is the top, one below it, or one among parts."""
    depth = folder.count("/")
    return depth < 2 or (depth == 2 and folder.partition("/")[0].lower() in _OF_PARTS)


def _read_manifest(path: str, data: bytes) -> Any:
    reader = _reader(path.rpartition("/")[2])
    try:
        manifest = reader(data) if reader else None
    except Unreadable as error:
        return {"problem": str(error), "line": error.line}
    return manifest.as_told() if manifest else None
