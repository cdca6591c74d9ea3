"""Which files at the top of a repository are worth reading. It names them; reading and bounds of bytes are git's part.

A name decides, never a content: `README.fr.md`, `COPYING.LESSER`, `LICENSES/MIT.txt` (https://reuse.software/spec-3.3/).
"""

import re
from collections.abc import Iterable

MAX_FILES = 40
MAX_FILE_BYTES = 256 * 1024  # what is read of each

MANIFESTS = ("publiccode.yml", "publiccode.yaml", "package.json", "composer.json", "pyproject.toml", "Cargo.toml")

_LICENSE = re.compile(r"(?:(?:un)?licen[cs]e|copying|copyright)(?![a-z])", re.IGNORECASE)
_README = re.compile(r"readme(?![a-z])", re.IGNORECASE)
_FOLDER = re.compile(r"LICENSES/[^/]+")
# Licenses of what a project bundles, and programs that happen to be called license.
_OTHERS = re.compile(
    r"3rd|third|vendor|dependenc|bundled|header|template|\.(?:py|js|ts|php|rb|go|java|json|ya?ml|png|svg|csv)$",
    re.IGNORECASE,
)


def is_license_file(path: str) -> bool:
    """Whether the name says that the file holds the project's license: `LICENSE`, `COPYING.LESSER`, `LICENCE.md`."""
    return "/" not in path and bool(_LICENSE.match(path)) and not _OTHERS.search(path)


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
