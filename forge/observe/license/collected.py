"""Collects the files of a tree that state something about its licenses, by their purpose, each read once."""

import re
from dataclasses import dataclass, field, replace

from catalog.licenses import expressions as spdx_expressions
from forge.observe.core.license_and_readme_names import (
    MAX_NAME_CHARACTERS,
    is_named_after_license,
    is_reuse_file,
    license_name,
)
from forge.observe.core.path_classes import is_test, is_third_party
from forge.observe.core.tree import Tree
from forge.observe.license import reuse
from forge.observe.license.headers import SourceHeader, read_headers
from forge.observe.license.ids import canonical
from forge.observe.license.license_file import UNSURE, LicenseFileReading, read_license_file

VERSION = "license 12"
MAX_TOP_FILES = 24
MAX_REUSE_FILES = 100
MAX_DEEPER_FILES = 200

_UNREAD = LicenseFileReading(None, 0.0)


@dataclass
class CollectedLicenses:
    """License files by what they are for. `cut`: there are more of the project's own than are read."""

    top: dict[str, LicenseFileReading] = field(default_factory=dict)  # the project's own, at the top
    bundled: dict[str, LicenseFileReading] = field(default_factory=dict)  # of what it brings along, at the top
    named: dict[str, LicenseFileReading] = field(default_factory=dict)  # in LICENSES/, named by their id
    deeper: dict[str, LicenseFileReading] = field(default_factory=dict)
    annotated: tuple[reuse.Annotation, ...] = ()
    headers: list[SourceHeader] = field(default_factory=list)
    cut: bool = False


def collect_licenses(tree: Tree) -> CollectedLicenses:
    """The readings of the tree's license files, statements and a sample of its source files."""
    licenses = CollectedLicenses(cut=not tree.whole)
    paths: dict[str, list[str]] = {"top": [], "bundled": [], "named": [], "deeper": [], "unusual": []}
    for path in tree:
        if _is_of_one_file(path, tree):
            continue
        if len(path) > 8 * MAX_NAME_CHARACTERS or _has_long_name(path):
            licenses.cut = licenses.cut or license_name(path.rpartition("/")[2][:MAX_NAME_CHARACTERS]) is not None
            continue
        if is_reuse_file(path):
            paths["named"].append(path)
        elif role := license_name(path):
            paths["deeper" if "/" in path else "top" if role == "own" else "bundled"].append(path)
        elif is_named_after_license(path):
            paths["unusual"].append(path)
    own = [path for path in paths["deeper"] if not (is_third_party(path) or is_test(path))]
    too_many = ((paths["top"], MAX_TOP_FILES), (paths["named"], MAX_REUSE_FILES), (own, MAX_DEEPER_FILES))
    licenses.cut = licenses.cut or any(len(group_paths) > most for group_paths, most in too_many)
    for path in sorted(paths["top"], key=_by_length)[:MAX_TOP_FILES]:
        licenses.top[path] = _read_license_file(tree, path)
    stated = any(file.license or not file.stub for file in licenses.top.values()) or bool(paths["named"])
    for path in sorted(paths["unusual"], key=_by_length)[:MAX_TOP_FILES]:
        file = _read_license_file(tree, path)
        if file.license:
            (licenses.bundled if stated else licenses.top)[path] = file
    for path in sorted(paths["bundled"], key=_by_length)[:MAX_TOP_FILES]:
        licenses.bundled[path] = _read_license_file(tree, path)
    for path in sorted(paths["named"])[:MAX_REUSE_FILES]:
        licenses.named[path] = _by_file_name(path, _read_license_file(tree, path))
    own_paths = set(own)
    for path in sorted(paths["deeper"], key=lambda path: (path not in own_paths, path.count("/"), path))[
        :MAX_DEEPER_FILES
    ]:
        licenses.deeper[path] = _read_license_file(tree, path)
    licenses.top = {path: _with_parts(file, licenses) for path, file in licenses.top.items()}
    if (content := tree.read(reuse.PATH)) is not None:
        licenses.annotated = reuse.read_annotations(content)
    licenses.headers = read_headers(tree)
    return licenses


def _read_license_file(tree: Tree, path: str) -> LicenseFileReading:
    reading = tree.read_cached(VERSION, path, lambda path, content: read_license_file(path, content).as_json())
    return LicenseFileReading.of_json(reading) if reading is not None else _UNREAD


def _with_parts(file: LicenseFileReading, licenses: CollectedLicenses) -> LicenseFileReading:
    """The reading of a file that names parts with licenses of their own: not sure unless each has a free one."""
    unknown = tuple(part for part in file.parts if not _has_free_license(part, licenses))
    if not unknown:
        return file
    return replace(file, confidence=min(file.confidence, UNSURE), doubts=(*file.doubts, *unknown))


def _has_free_license(part: str, licenses: CollectedLicenses) -> bool:
    """Whether license files at or below a path, or in the folder of a file, are all certain and free."""
    folder = part if license_name(part) is None else part.rpartition("/")[0]
    files = [
        file
        for path, file in {**licenses.deeper, **licenses.top, **licenses.named}.items()
        if path == part or path.startswith(f"{folder}/")
    ]
    return bool(files) and all(
        file.certain and not file.forbids and spdx_expressions.is_free(str(file.license)) for file in files
    )


def _has_long_name(path: str) -> bool:
    return len(path) - path.rfind("/") - 1 > MAX_NAME_CHARACTERS


def _is_of_one_file(path: str, tree: Tree) -> bool:
    """Whether the file is REUSE's license of one other file that exists, such as an image."""
    return path.endswith(".license") and path.removesuffix(".license") in tree


def _by_length(path: str) -> tuple[int, str]:
    return len(path), path


def _by_file_name(path: str, inside: LicenseFileReading) -> LicenseFileReading:
    """The reading of a file of LICENSES/: the license by its name, unless its text is another license."""
    name = path.rpartition("/")[2]
    for stem in (re.sub(r"\.(?:txt|md|html|rst)$", "", name), name.rpartition(".")[0]):
        license_id = canonical(stem)
        if license_id and not {"AND", "OR"} & set(license_id.split()):
            same = inside.license is None or _same_license(license_id, inside.license) or "LicenseRef-" in license_id
            return LicenseFileReading(license_id, 1.0 if same else UNSURE, inside.texts, forbids=inside.forbids)
    return inside


def _same_license(first: str, second: str) -> bool:
    return spdx_expressions.licenses_agree(first, second) is True
