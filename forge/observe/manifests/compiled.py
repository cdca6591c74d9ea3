"""Manifests of Java (pom.xml), Rust (Cargo.toml) and Go (go.mod) packages, read as text: nothing is built or
fetched.
"""

import re

from forge.observe.bounded import Element, text_of, toml_of, xml_of
from forge.observe.core.privacy_filter import organization_name
from forge.observe.manifests.manifest import MAX_LICENSES, PackageManifest, address, group, label, repository, texts

_MODULE = re.compile(r"^module\s+\"?([\w./~-]+)", re.MULTILINE | re.ASCII)


def of_pom(data: bytes) -> PackageManifest | None:
    """https://maven.apache.org/pom.html; what is written with ${...} is not known."""
    root = xml_of(data)
    if root.name != "project":
        return None
    licenses = _inside(root, "licenses")
    packaging = _text(root, "packaging") or "jar"
    return PackageManifest(
        name=label(_text(root, "name") or _text(root, "artifactId")),
        licenses=texts(
            [
                _text(license_element, "name") or _text(license_element, "url")
                for license_element in licenses[:MAX_LICENSES]
            ]
        ),
        homepage=address(_text(root, "url")),
        issues=address(_text(root.first("issueManagement"), "url")),
        repository=repository(_text(root.first("scm"), "url")),
        organization=organization_name(_text(root.first("organization"), "name")),
        installs=("maven",) if packaging in ("jar", "war", "ear", "maven-plugin") else (),
    )


def _text(element: Element | None, name: str) -> str | None:
    inner = element.first(name) if element else None
    text = " ".join(inner.text.split()) if inner else ""
    return text if text and "${" not in text else None


def _inside(root: Element, name: str) -> list[Element]:
    element = root.first(name)
    return element.children if element else []


def of_cargo(data: bytes) -> PackageManifest | None:
    """https://doc.rust-lang.org/cargo/reference/manifest.html; what a workspace sets is read at its root."""
    values = toml_of(data)
    package = group(values, "package") or group(values, "workspace", "package")
    if not package:
        return None
    # crates.io takes none without these: https://doc.rust-lang.org/cargo/reference/publishing.html
    is_complete = package.get("description") and (package.get("license") or package.get("license-file"))
    published = package.get("publish") not in (False, []) and is_complete
    return PackageManifest(
        name=label(package.get("name")),
        licenses=texts(package.get("license")),
        choice=True,
        homepage=address(package.get("homepage")),
        documentation=address(package.get("documentation")),
        repository=repository(package.get("repository")),
        installs=("cargo",) if published and package.get("name") else (),
    )


def of_go(data: bytes) -> PackageManifest | None:
    """https://go.dev/ref/mod#go-mod-file."""
    text = text_of(data)
    module = _MODULE.search(text)
    if module is None:
        return None
    path = module[1]
    return PackageManifest(
        name=label(re.sub(r"/v\d+$", "", path).rpartition("/")[2]),
        repository=repository(f"https://{'/'.join(path.split('/')[:3])}") if path.count("/") >= 2 else None,
        installs=("go",) if "." in path.partition("/")[0] else (),
    )
