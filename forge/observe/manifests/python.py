"""Manifests of Python packages: pyproject.toml, setup.cfg, setup.py (parsed, never run)."""

import ast
import configparser
import re
from collections.abc import Iterable, Mapping
from typing import Any

from forge.observe.bounded import Unreadable, text_of, toml_of
from forge.observe.manifests.manifest import Manifest, address, group, label, repository, texts

MAX_SETUP_BYTES = 64 * 1024  # of Python that is parsed
MAX_CALLS = 20_000  # nodes of it that are examined

# Names of addresses: https://packaging.python.org/en/latest/specifications/well-known-project-urls/
_URLS = {
    "homepage": "homepage", "source": "repository", "repository": "repository", "sourcecode": "repository",
    "github": "repository", "documentation": "documentation", "docs": "documentation", "issues": "issues",
    "bugs": "issues", "issue": "issues", "tracker": "issues", "issuetracker": "issues", "bugtracker": "issues",
}  # fmt: skip


def of_pyproject(data: bytes) -> Manifest | None:
    """PEP 621 and 639, or Poetry's older table; None where the file only sets up tools."""
    values = toml_of(data)
    project, poetry = group(values, "project"), group(values, "tool", "poetry")
    if not project and not poetry:
        return None
    urls = _addresses({**group(poetry, "urls"), **group(project, "urls")})
    stated = project.get("license") or poetry.get("license")
    if isinstance(stated, Mapping):
        stated = stated.get("text")
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
    built = "build-system" in values and for_users and (project.get("name") or poetry.get("name"))
    return Manifest(
        "pypi",
        name=label(project.get("name") or poetry.get("name")),
        licenses=_license(stated, classifiers),
        homepage=urls.get("homepage") or address(poetry.get("homepage")),
        documentation=urls.get("documentation") or address(poetry.get("documentation")),
        issues=urls.get("issues"),
        repository=repository(urls.get("repository") or poetry.get("repository")),
        installs=("pip",) if built and not private else (),
    )


def of_setup_cfg(data: bytes) -> Manifest | None:
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
    return Manifest(
        "pypi",
        name=label(metadata["name"]),
        licenses=_license(metadata.get("license"), texts((metadata.get("classifiers") or "").split("\n"))),
        homepage=urls.get("homepage") or address(metadata.get("url")),
        documentation=urls.get("documentation"),
        issues=urls.get("issues"),
        repository=repository(urls.get("repository")),
        installs=("pip",),
    )


def of_setup_py(data: bytes) -> Manifest | None:
    """What the call of `setup` has as literals; nothing is run, and what is computed is not known."""
    if len(data) > MAX_SETUP_BYTES:
        raise Unreadable(f"The file has more than the {MAX_SETUP_BYTES:,} bytes of Python that are read.")
    try:
        tree = ast.parse(data)
        calls = [node for node in _nodes(tree) if isinstance(node, ast.Call) and _called_name(node.func) == "setup"]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unreadable("This is not Python that can be read.") from error
    if not calls:
        return None
    stated = {keyword.arg: _literal(keyword.value) for keyword in calls[0].keywords if keyword.arg}
    urls = _addresses(group(stated, "project_urls"))
    return Manifest(
        "pypi",
        name=label(stated.get("name")),
        licenses=_license(stated.get("license"), texts(stated.get("classifiers"))),
        homepage=urls.get("homepage") or address(stated.get("url")),
        documentation=urls.get("documentation"),
        issues=urls.get("issues"),
        repository=repository(urls.get("repository")),
        installs=("pip",),
    )


def _nodes(tree: ast.Module) -> Iterable[ast.AST]:
    open_: list[ast.AST] = [tree]
    for _ in range(MAX_CALLS):
        if not open_:
            return
        node = open_.pop()
        yield node
        open_ += ast.iter_child_nodes(node)


def _called_name(node: ast.expr) -> str | None:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def _literal(node: ast.expr) -> Any:
    """A text, or a list or mapping of texts; None for everything else."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.List(elts=elements) | ast.Tuple(elts=elements) if all(
            isinstance(element, ast.Constant) for element in elements
        ):
            return [
                element.value
                for element in elements
                if isinstance(element, ast.Constant) and isinstance(element.value, str)
            ]
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return {key.value: _literal(value) for key, value in pairs if isinstance(key, ast.Constant)}
    return None


def _license(stated: Any, classifiers: tuple[str, ...]) -> tuple[str, ...]:
    """What is stated, else the classifiers: https://pypi.org/classifiers/. A whole license text does not count."""
    if isinstance(stated, str) and stated.strip() and len(stated) < 300 and "\n" not in stated.strip():
        return texts(stated)
    return tuple(
        classifier
        for classifier in classifiers
        if classifier.startswith("License ::") and classifier != "License :: OSI Approved"
    )


def _addresses(stated: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in stated.items():
        kind = _URLS.get(re.sub(r"[^a-z]", "", str(key).lower()))
        url = address(value)
        if kind and url:
            found.setdefault(kind, url)
    return found
