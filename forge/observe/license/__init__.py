"""Which licenses a repository's files show, and whether that is free: no answer rather than a wrong one.

`observe_licenses` is the observer, `read_licenses` the same as values; `root_license` and `is_free` answer for given
files, as of one commit of the past. Declarations in manifests are not read here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from forge.observe.core.tree import tree_of
from forge.observe.license.license_file import CERTAIN, LicenseFileReading, read_license_file
from forge.observe.license.reading import FileLicense, FolderLicense, LicenseReading, observe_licenses, read_licenses
from forge.observe.license.words import stated_suffix

__all__ = [
    "CERTAIN",
    "FileLicense",
    "FolderLicense",
    "LicenseFileReading",
    "LicenseReading",
    "RootLicense",
    "is_free",
    "observe_licenses",
    "read_license_file",
    "read_licenses",
    "root_license",
    "stated_suffix",
]


@dataclass(frozen=True)
class RootLicense:
    """The license of the repository, where certain: the expression and the files that show it, first that of its
    text.
    """

    expression: str
    files: tuple[str, ...]


def root_license(files: Mapping[str, bytes]) -> RootLicense | None:
    """The license of a repository of which `files` are all relevant ones, by path; None where it is not certain."""
    found = read_licenses(tree_of(files))
    return RootLicense(found.license, found.sources) if found.license else None


def is_free(files: Mapping[str, bytes]) -> bool | None:
    """Whether what `files` show is free software; None where that is not certain."""
    return read_licenses(tree_of(files)).free
