"""Manifests of Java (pom.xml), Rust (Cargo.toml) and Go (go.mod) packages, read as text: nothing is built or
fetched.
"""

import re

from forge.observe.bounded import Element, text_of, toml_of, xml_of
from forge.observe.core.privacy_filter import organization_name
from forge.observe.manifests.manifest import MAX_LICENSES, Manifest, address, group, label, names, repository, texts

_REQUIRE = re.compile(r"^require\s+(?:\((.*?)^\)|([^\s(]\S*\s+v\S+.*?)$)", re.MULTILINE | re.DOTALL)
_MODULE = re.compile(r"^module\s+\"?([\w./~-]+)", re.MULTILINE | re.ASCII)


def of_pom(data: bytes) -> Manifest | None:
    """https://maven.apache.org/pom.html; what is written with ${...} is not known."""
    root = xml_of(data)
    if root.name != "project":
        return None
    licenses = _inside(root, "licenses")
    dependencies = [dependency for dependency in _inside(root, "dependencies") if dependency.name == "dependency"]
    runtime = [dependency for dependency in dependencies if _text(dependency, "scope") not in ("test", "provided")]
    packaging = _text(root, "packaging") or "jar"
    return Manifest(
        "maven",
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
        dependencies=names(_coordinates(dependency) for dependency in runtime),
        development=names(_coordinates(dependency) for dependency in dependencies if dependency not in runtime),
        installs=("maven",) if packaging in ("jar", "war", "ear", "maven-plugin") else (),
    )


def _text(element: Element | None, name: str) -> str | None:
    inner = element.first(name) if element else None
    text = " ".join(inner.text.split()) if inner else ""
    return text if text and "${" not in text else None


def _inside(root: Element, name: str) -> list[Element]:
    found = root.first(name)
    return found.children if found else []


def _coordinates(element: Element) -> str | None:
    group_id, artifact = _text(element, "groupId"), _text(element, "artifactId")
    return f"{group_id}:{artifact}" if group_id and artifact else artifact


def of_cargo(data: bytes) -> Manifest | None:
    """https://doc.rust-lang.org/cargo/reference/manifest.html; what a workspace sets is read at its root."""
    values = toml_of(data)
    package = group(values, "package") or group(values, "workspace", "package")
    if not package:
        return None
    # crates.io takes none without these: https://doc.rust-lang.org/cargo/reference/publishing.html
    stated = package.get("description") and (package.get("license") or package.get("license-file"))
    published = package.get("publish") not in (False, []) and stated
    return Manifest(
        "cargo",
        name=label(package.get("name")),
        licenses=texts(package.get("license")),
        choice=True,
        homepage=address(package.get("homepage")),
        documentation=address(package.get("documentation")),
        repository=repository(package.get("repository")),
        dependencies=names(group(values, "dependencies")),
        development=names(group(values, "dev-dependencies")) + names(group(values, "build-dependencies")),
        installs=("cargo",) if published and package.get("name") else (),
    )


def of_go(data: bytes) -> Manifest | None:
    """https://go.dev/ref/mod#go-mod-file; what is only needed by others is marked `// indirect`."""
    text = text_of(data)
    module = _MODULE.search(text)
    if module is None:
        return None
    rows = [row for block, alone in _REQUIRE.findall(text) for row in (block or alone).splitlines()]
    direct = [row.split()[0] for row in rows if row.strip() and "// indirect" not in row and row.split()[0] != "//"]
    path = module[1]
    return Manifest(
        "go",
        name=label(re.sub(r"/v\d+$", "", path).rpartition("/")[2]),
        repository=repository(f"https://{'/'.join(path.split('/')[:3])}") if path.count("/") >= 2 else None,
        dependencies=names(direct),
        installs=("go",) if "." in path.partition("/")[0] else (),
    )
