"""Gemspecs of Ruby packages, read by patterns: they are programs, and nothing is run."""

import re

from forge.observe.bounded import text_of
from forge.observe.manifests.manifest import Manifest, address, label, repository, texts

_TEXT = r"(?:\"([^\"\n#\\]{1,300})\"|'([^'\n\\]{1,300})')"
_STATED = re.compile(
    rf"^[ \t]*\w+\.(name|license|homepage)[ \t]*=[ \t]*{_TEXT}(?:\.freeze)?[ \t]*(?:#.*)?$", re.MULTILINE
)
_LICENSES = re.compile(
    r"^[ \t]*\w+\.licenses[ \t]*=[ \t]*(?:\[([^\]\n]{0,300})\]|%w[\[(]([^\])\n]{0,300})[\])])", re.MULTILINE
)
_METADATA = re.compile(rf"^[ \t]*\w+\.metadata\[[\"'](\w+)_uri[\"']\][ \t]*=[ \t]*{_TEXT}[ \t]*$", re.MULTILINE)
_QUOTED = re.compile(_TEXT)
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
    return Manifest(
        "rubygems",
        name=label(stated.get("name")),
        licenses=licenses,
        homepage=address(uris.get("homepage") or stated.get("homepage")),
        documentation=address(uris.get("documentation")),
        issues=address(uris.get("issues")),
        repository=repository(uris.get("repository")),
        installs=("gem",),
    )
