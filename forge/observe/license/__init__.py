"""Which licenses a repository's files show, and whether that is free: no answer rather than a wrong one.

`reading` reads a tree, `license_file` one file; `is_free` answers for given files. Declarations in manifests are not
read here.
"""

from collections.abc import Mapping

from forge.observe.core.tree import tree_of
from forge.observe.license.license_file import CERTAIN, LicenseFileReading, read_license_file
from forge.observe.license.reading import FileLicense, FolderLicense, LicenseReading, read_licenses
from forge.observe.license.words import stated_suffix

__all__ = [
    "CERTAIN",
    "FileLicense",
    "FolderLicense",
    "LicenseFileReading",
    "LicenseReading",
    "is_free",
    "read_license_file",
    "read_licenses",
    "stated_suffix",
]


def is_free(files: Mapping[str, bytes]) -> bool | None:
    """Whether what `files` show is free software; None where that is not certain."""
    return read_licenses(tree_of(files)).free
