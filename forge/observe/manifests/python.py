"""Manifests of Python packages: pyproject.toml, setup.cfg."""

import configparser
import re
from collections.abc import Mapping
from typing import Any

from forge.observe.bounded import Unreadable, text_of, toml_of
from forge.observe.manifests.manifest import PackageManifest, address, group, label, repository, texts

# Names of addresses: https://packaging.python.org/en/latest/specifications/well-known-project-urls/
_URLS = {
    "homepage": "homepage", "source": "repository", "repository": "repository", "sourcecode": "repository",
    "github": "repository", "documentation": "documentation", "docs": "documentation", "issues": "issues",
    "bugs": "issues", "issue": "issues", "tracker": "issues", "issuetracker": "issues", "bugtracker": "issues",
}  # fmt: skip


def of_pyproject(data: bytes) -> PackageManifest | None:
    """PEP 621 and 639, or Poetry's older table; None where the file only sets up tools."""
    values = toml_of(data)
    project, poetry = group(values, "project"), group(values, "tool", "poetry")
    if not project and not poetry:
        return None
    urls = _addresses({**group(poetry, "urls"), **group(project, "urls")})
    license_ = project.get("license") or poetry.get("license")
    if isinstance(license_, Mapping):
        license_ = license_.get("text")
    classifiers = texts(project.get("classifiers") or poetry.get("classifiers"))
    private = (
        any(classifier.startswith("Private ::") for classifier in classifiers) or poetry.get("package-mode") is False
    )
    # Many applications have the other keys only for their tools; these are written for those who install it.
    for_users = any(
        table.get(key)
        for table in (project, poetry)
        for key in ("scripts", "gui-scripts", "entry-points", "classifiers")
    )
    # Without the table, pip takes setuptools; classifiers are written for PyPI.
    built = ("build-system" in values or classifiers) and for_users and (project.get("name") or poetry.get("name"))
    return PackageManifest(
        name=label(project.get("name") or poetry.get("name")),
        licenses=_license(license_, classifiers),
        homepage=urls.get("homepage") or address(poetry.get("homepage")),
        documentation=urls.get("documentation") or address(poetry.get("documentation")),
        issues=urls.get("issues"),
        repository=repository(urls.get("repository") or poetry.get("repository")),
        installs=("pip",) if built and not private else (),
    )


def of_setup_cfg(data: bytes) -> PackageManifest | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text_of(data))
    except (configparser.Error, ValueError) as error:
        raise Unreadable("This is not a file of sections with keys.") from error
    metadata = dict(parser["metadata"]) if parser.has_section("metadata") else {}
    if not metadata.get("name"):
        return None
    rows = (metadata.get("project_urls") or "").splitlines()
    pairs = (row.partition("=") for row in rows)
    urls = _addresses({key.strip(): value.strip() for key, _, value in pairs})
    return PackageManifest(
        name=label(metadata["name"]),
        licenses=_license(metadata.get("license"), texts((metadata.get("classifiers") or "").split("\n"))),
        homepage=urls.get("homepage") or address(metadata.get("url")),
        documentation=urls.get("documentation"),
        issues=urls.get("issues"),
        repository=repository(urls.get("repository")),
        installs=("pip",),
    )


def _license(value: Any, classifiers: tuple[str, ...]) -> tuple[str, ...]:
    """What is stated, else the classifiers: https://pypi.org/classifiers/. A whole license text does not count."""
    if isinstance(value, str) and value.strip() and len(value) < 300 and "\n" not in value.strip():
        return texts(value)
    return tuple(
        classifier
        for classifier in classifiers
        if classifier.startswith("License ::") and classifier != "License :: OSI Approved"
    )


def _addresses(urls: Mapping[str, Any]) -> dict[str, str]:
    addresses: dict[str, str] = {}
    for key, value in urls.items():
        kind = _URLS.get(re.sub(r"[^a-z]", "", str(key).lower()))
        url = address(value)
        if kind and url:
            addresses.setdefault(kind, url)
    return addresses
