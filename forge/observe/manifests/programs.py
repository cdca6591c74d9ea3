"""Manifests that are programs, setup.py and gemspecs: read by patterns, never run. What is computed is not known."""

import re

from forge.observe.bounded import text_of
from forge.observe.manifests.manifest import PackageManifest, address, label, texts

_TEXT = r"""["']([^"'\n#\\]{1,300})["']"""
# `name="a",` of Python, `s.name = "a".freeze` of Ruby; what goes on after the text is computed.
_STATED = re.compile(
    rf"(?:^|[\s(,.])(name|license|url|homepage)[ \t]*=[ \t]*{_TEXT}(?:\.freeze)?(?=[ \t]*(?:[,)#]|$))", re.MULTILINE
)
_SEVERAL = re.compile(r"\.licenses[ \t]*=[ \t]*\[([^\]\n]{0,300})\]")
_CLASSIFIER = re.compile(r"""["'](License :: [^"'\n]{1,200})["']""")
_QUOTED = re.compile(_TEXT)


def of_setup_py(data: bytes) -> PackageManifest | None:
    """https://setuptools.pypa.io/en/latest/references/keywords.html"""
    return _read_program(data, "setup(", "pip")


def of_gemspec(data: bytes) -> PackageManifest | None:
    """https://guides.rubygems.org/specification-reference/"""
    return _read_program(data, "Gem::Specification", "gem")


def _read_program(data: bytes, call: str, installs: str) -> PackageManifest | None:
    _, called, text = text_of(data).partition(call)
    if not called:
        return None
    stated = dict(reversed(_STATED.findall(f"({text}")))
    several = _SEVERAL.search(text)
    licenses = _QUOTED.findall(several[1]) if several else stated.get("license") or _CLASSIFIER.findall(text)
    return PackageManifest(
        name=label(stated.get("name")),
        licenses=texts(licenses),
        homepage=address(stated.get("homepage") or stated.get("url")),
        installs=(installs,),
    )
