"""Manifests of Ruby packages, gemspec and Gemfile, read by patterns: they are programs, and nothing is run."""

import re

from forge.observe.bounded import text_of
from forge.observe.manifests.manifest import Manifest, address, label, names, repository, texts

_TEXT = r"(?:\"([^\"\n#\\]{1,300})\"|'([^'\n\\]{1,300})')"
_STATED = re.compile(
    rf"^[ \t]*\w+\.(name|license|homepage)[ \t]*=[ \t]*{_TEXT}(?:\.freeze)?[ \t]*(?:#.*)?$", re.MULTILINE
)
_LICENSES = re.compile(
    r"^[ \t]*\w+\.licenses[ \t]*=[ \t]*(?:\[([^\]\n]{0,300})\]|%w[\[(]([^\])\n]{0,300})[\])])", re.MULTILINE
)
_METADATA = re.compile(rf"^[ \t]*\w+\.metadata\[[\"'](\w+)_uri[\"']\][ \t]*=[ \t]*{_TEXT}[ \t]*$", re.MULTILINE)
_NEEDS = re.compile(rf"^[ \t]*\w+\.add_(runtime_|development_)?dependency[ (]+{_TEXT}", re.MULTILINE)
_QUOTED = re.compile(_TEXT)
_GEM = re.compile(rf"^([ \t]*)gem[ (]+{_TEXT}(.*)$")
_GROUP = re.compile(r"^[ \t]*group\b(.*)\bdo\b")
_BLOCK = re.compile(r"\bdo\b[^\n]*$|^[ \t]*(?:if|unless|case|begin|def)\b")
_URIS = {"homepage": "homepage", "documentation": "documentation", "bug_tracker": "issues", "source_code": "repository"}


def of_gemspec(data: bytes) -> Manifest | None:
    """https://guides.rubygems.org/specification-reference/"""
    text = text_of(data)
    if "Gem::Specification" not in text:
        return None
    stated = {key: double or single for key, double, single in _STATED.findall(text)}
    uris = {_URIS[key]: double or single for key, double, single in _METADATA.findall(text) if key in _URIS}
    listed = _LICENSES.search(text)
    licenses: tuple[str, ...] = texts(stated.get("license"))
    if listed:
        quoted = (double or single for double, single in _QUOTED.findall(listed[1] or ""))
        licenses = texts(listed[2].split() if listed[2] else list(quoted))
    needs = [(kind, double or single) for kind, double, single in _NEEDS.findall(text)]
    return Manifest(
        "rubygems",
        name=label(stated.get("name")),
        licenses=licenses,
        homepage=address(uris.get("homepage") or stated.get("homepage")),
        documentation=address(uris.get("documentation")),
        issues=address(uris.get("issues")),
        repository=repository(uris.get("repository")),
        dependencies=names(name for kind, name in needs if kind != "development_"),
        development=names(name for kind, name in needs if kind == "development_"),
        installs=("gem",),
    )


def of_gemfile(data: bytes) -> Manifest:
    """https://bundler.io/man/gemfile.5.html; what is in a group of development or tests is not needed to run."""
    needed, development = list[str](), list[str]()
    blocks = list[bool]()  # per open block: whether it is such a group
    for row in text_of(data).splitlines():
        row = row.split(" #")[0]
        if found := _GEM.match(row):
            aside = any(blocks) or re.search(r"group[s]?\s*(?::|=>|=).{0,40}(?:development|test)", found[4][:300])
            (development if aside else needed).append(found[2] or found[3])
        if grouped := _GROUP.match(row):
            groups = set(re.findall(r"\w+", grouped[1]))
            blocks.append(
                bool(groups) and groups <= {"development", "test", "ci", "tools", "deploy", "optional", "true"}
            )
        elif _BLOCK.search(row):
            blocks.append(False)
        elif row.strip() == "end" and blocks:
            blocks.pop()
    return Manifest("rubygems", dependencies=names(needed), development=names(development))
