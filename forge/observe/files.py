"""Which files at the top of a repository are worth reading. It names them; reading and bounds of bytes are git's part.

A name decides, never a content: `README.fr.md`, `COPYING.LESSER`, `LICENSES/MIT.txt` (https://reuse.software/spec-3.3/).
"""

import re
from collections.abc import Iterable

MAX_FILES = 40
MAX_FILE_BYTES = 256 * 1024  # what is read of each
MAX_NAME_CHARACTERS = 200  # of a file that is looked at; git allows 4,096

MANIFESTS = ("publiccode.yml", "publiccode.yaml", "package.json", "composer.json", "pyproject.toml", "Cargo.toml")

_LICENSE = re.compile(
    r"(?:(?:un)?licen[cs]es?|licencia|licen[çc]a|licenza|lizenz|copying|copyright|copyleft|coopyleft|eula)(?![a-z])"
    r"|[\w.+-]{1,40}[-_.]licen[cs]e(?:\.(?:txt|md|rst))?$",
    re.IGNORECASE,
)
_README = re.compile(r"readme(?![a-z])", re.IGNORECASE)
_FOLDER = re.compile(r"LICENSES/[^/]+")
# Licenses of what a project bundles, and programs that happen to be called license.
_OTHERS = re.compile(
    r"3rd|third|vendor|dependenc|bundled|header|template|\.(?:py|js|ts|php|rb|go|java|json|ya?ml|png|svg|csv)$",
    re.IGNORECASE,
)
# Code and data that are called license; what remains is prose or has an ending of its own (LICENSE.MIT).
_NO_PROSE = re.compile(
    r"\.(?:py[cio]?|[cm]?[jt]sx?|php|rb|go|java|kt|rs|[ch](?:pp|c|h)?|cs|swift|dart|lua|pl|pm|sh|vue|svelte|twig|tpl|jinja2?"
    r"|ejs|erb|haml|rake|gradle|s?css|less|json5?|ya?ml|toml|xml|ini|cfg|conf|lock|po|pot|mo|csv|tsv|sql|db|png|jpe?g|gif|svg|ico|webp"
    r"|pdf|docx?|odt|zip|gz|map|snap|class|jar|exe|dll|so|spec)$",
    re.IGNORECASE,
)


def is_license_file(path: str) -> bool:
    """Whether the name says that the file holds the project's license: `LICENSE`, `COPYING.LESSER`, `LICENCE.md`."""
    return "/" not in path and bool(_LICENSE.match(path)) and not _OTHERS.search(path)


def license_name(path: str) -> str | None:
    """Whether the last part of a path, at any depth, names a license file: "own", "bundled" (of others), or None.

    >>> [license_name(path) for path in ("api/COPYING", "LICENSE-3RD-PARTY.txt", "src/license.ts")]
    ['own', 'bundled', None]
    """
    name = path.rpartition("/")[2]
    if len(name) > MAX_NAME_CHARACTERS or not _LICENSE.match(name) or _NO_PROSE.search(name):
        return None
    return "bundled" if _OTHERS.search(name) else "own"


def is_reuse_file(path: str) -> bool:
    """Whether the file is a license text named by its SPDX id, as REUSE keeps them in `LICENSES/`."""
    return bool(_FOLDER.fullmatch(path))


def is_readme(path: str) -> bool:
    """Whether the file is a README at the top level, in any language and format."""
    return "/" not in path and bool(_README.match(path)) and not _OTHERS.search(path)


def wanted(paths: Iterable[str]) -> list[str]:
    """The paths worth reading among all of a tree, most telling first, at most MAX_FILES."""
    kinds: list[list[str]] = [[], [], [], []]
    top = {path for path in paths if "/" not in path or is_reuse_file(path)}
    for path in sorted(top, key=lambda path: (len(path), path)):
        if is_license_file(path):
            kinds[0].append(path)
        elif path in MANIFESTS:
            kinds[1].append(path)
        elif is_readme(path):
            kinds[2].append(path)
        elif is_reuse_file(path):
            kinds[3].append(path)
    licenses, manifests, readmes, reuse = kinds
    return (licenses[:12] + manifests + readmes[:8] + reuse)[:MAX_FILES]
