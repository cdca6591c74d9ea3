"""The licenses of a whole tree: of the repository where certain, of its folders, file by file, and whether it is free.

Certain is: one license in the license files of the top level; several between which the file, or a README, offers a
choice; the texts of GPL and LGPL 3 together, which is how the LGPL is distributed
(https://www.gnu.org/licenses/gpl-howto.html); without such files the only text in `LICENSES/`, or what REUSE.toml
states for all files. Free is what all of them grant, when nothing anywhere in the tree takes it back: a doubt makes the
answer None, never True.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from catalog.licenses import expressions as spdx_expressions
from forge.observe.core.license_and_readme_names import is_of_one_file, is_readme, is_reuse_file, license_name
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.path_classes import covers_program, is_test, is_third_party, lies_with_pictures
from forge.observe.core.tree import Tree
from forge.observe.license import reuse, words
from forge.observe.license.collected import CollectedLicenses, collect_licenses
from forge.observe.license.headers import SourceHeader
from forge.observe.license.ids import canonical
from forge.observe.license.license_file import UNSURE, LicenseFileReading
from forge.observe.license.texts import decode_text

MAX_READMES = 8
MAX_FOLDERS = 100
MAX_DOUBTS = 20
MAX_SENTENCES = 100  # of all license files that are handed on
FEWEST_HEADERS = 2  # that say the same before they count for a folder
FEWEST_HEADED_SHARE = 0.5  # of a folder's sampled files
STATED_CONFIDENCE = 0.9  # of what REUSE.toml says of a folder
CHOICE_CHARACTERS = 400  # of a README behind "either of", in which all the licenses are named

_CHOICE = re.compile(r"\b(?:either|any|one)\W{1,2}of\b|\bat your (?:option|choice)(?!\W{1,3}any later)", re.IGNORECASE)
_FOR_USERS = re.compile(r"eula", re.IGNORECASE)
_HOLDERS = re.compile(r"copyright", re.IGNORECASE)
_COPIED_BY_ANYBODY = re.compile(r"CC-BY-ND-[\d.]+")  # what nobody may change, but anybody may give out, also for money


@dataclass(frozen=True)
class FileLicense:
    """One license file: the SPDX expression in it, None where none was recognized, and how sure that is; the sentences
    that cause a doubt, and what else stands beside the license.
    """

    path: str
    license: str | None
    confidence: float
    doubts: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class FolderLicense:
    """A folder ("" is the top) whose license is another one than the repository's, or is stated apart at `path`."""

    folder: str
    license: str
    confidence: float
    path: str


@dataclass(frozen=True)
class LicenseReading:
    """The licenses of a tree. `license` is None where not certain; `sources` begin with the file that states it."""

    license: str | None
    sources: tuple[str, ...]
    free: bool | None
    files: tuple[FileLicense, ...]
    folders: tuple[FolderLicense, ...]
    doubts: tuple[str, ...] = ()  # files, folders and patterns of them that keep it from being called free

    def facts(self) -> list[ObservedFact]:
        """The same for the observation: license, license.folder and license.file."""
        facts = [ObservedFact("license", self.license, self.sources[0])] if self.license else []
        for folder in self.folders:
            value = {"folder": folder.folder, "license": folder.license, "confidence": folder.confidence}
            facts.append(ObservedFact("license.folder", value, folder.path))
        left = MAX_SENTENCES
        for file in self.files:
            values: dict[str, Any] = {"license": file.license, "confidence": file.confidence}
            for name, sentences in (("doubts", file.doubts), ("beside", file.beside)):
                if sentences_shown := list(sentences[:left]):
                    values[name], left = sentences_shown, left - len(sentences_shown)
            facts.append(ObservedFact("license.file", values, file.path))
        return facts


def read_licenses(tree: Tree) -> LicenseReading:
    """The licenses of the tree; files that were read before are remembered by the tree."""
    licenses = collect_licenses(tree)
    license, sources = _whole_license(tree, licenses)
    free, hindering = _is_free(licenses, license), list(dict.fromkeys(_hindrances(tree, licenses)))
    if free and (hindering or licenses.cut):
        free = None
    return LicenseReading(
        license=license,
        sources=sources,
        free=free,
        files=tuple(_file_licenses(licenses)),
        folders=tuple(_folder_licenses(licenses, license))[:MAX_FOLDERS],
        doubts=() if free else (*_doubted_files(licenses), *hindering)[:MAX_DOUBTS],
    )


def _whole_license(tree: Tree, licenses: CollectedLicenses) -> tuple[str | None, tuple[str, ...]]:
    license, sources = _single_license(licenses.top or licenses.named)
    if license is None and licenses.top:
        license, sources = _chosen_license(tree, licenses.top)
    if not licenses.top and (license is None or len(licenses.named) != 1):
        license, sources = _stated_license(licenses)
    if license is None or spdx_expressions.suffix_known(license):
        return license, sources
    return _with_suffix(tree, licenses, license, sources)


def _single_license(files: Mapping[str, LicenseFileReading]) -> tuple[str | None, tuple[str, ...]]:
    """The one license of the license files of a folder, and the file that holds it."""
    if any(_unidentified(path, file) for path, file in files.items()):
        return None, ()
    licensed = {path: file for path, file in files.items() if file.license}
    if not licensed or not all(file.certain and _relation_known(file) for file in licensed.values()):
        return None, ()
    by_license: dict[str, list[str]] = {}
    for path, file in licensed.items():
        by_license.setdefault(spdx_expressions.without_suffix(str(file.license)), []).append(path)
    if set(by_license) == {"LGPL-3.0", "GPL-3.0"} and any("LESSER" in path.upper() for path in licensed):
        del by_license["GPL-3.0"]
    if len(by_license) != 1:
        return None, ()
    ((bare, paths),) = by_license.items()
    names = {str(licensed[path].license) for path in paths} - {bare}
    return (names.pop() if len(names) == 1 else bare), (paths[0],)


def _relation_known(file: LicenseFileReading) -> bool:
    """Whether it is known how the texts in one file relate: several apply to unknown parts, unless one may choose."""
    return len(file.texts) <= 1 or (file.license is not None and spdx_expressions.parse(file.license).operator != "AND")


def _unidentified(path: str, file: LicenseFileReading) -> bool:
    """Whether no license was recognized in a file that is not just a pointer or a list of holders."""
    if file.license is not None:
        return False
    if _HOLDERS.match(path.rpartition("/")[2]):
        return file.forbids
    return not file.stub or file.reserves or file.forbids


def _chosen_license(tree: Tree, files: Mapping[str, LicenseFileReading]) -> tuple[str | None, tuple[str, ...]]:
    """The licenses in several files between which a short license file or a README offers a choice."""
    licensed = {path: file for path, file in files.items() if file.license}
    blank = [path for path, file in files.items() if not file.license]
    if any(files[path].forbids or not files[path].stub for path in blank):
        return None, ()
    if len(licensed) < 2 or not all(file.certain and len(file.texts) == 1 for file in licensed.values()):
        return None, ()
    ids = list(dict.fromkeys(str(file.license) for file in licensed.values()))
    for path in [*blank, *_readmes(tree)]:
        names = tuple(licensed) if path in blank else tuple(_spoken_name(license_id) for license_id in ids)
        observer = f"license-choice 1 {' '.join(names)[:500]}"
        if tree.read_cached(observer, path, partial(_offers_choice, names)):
            return canonical(" OR ".join(f"({license_id})" for license_id in ids)), (path, *licensed)
    return None, ()


def _offers_choice(names: tuple[str, ...], _: str, content: bytes) -> bool:
    return _text_offers_choice(decode_text(content), names)


def _text_offers_choice(text: str, names: tuple[str, ...]) -> bool:
    text = " ".join(text[: words.STATEMENT_CHARACTERS].split())
    for number, match in enumerate(_CHOICE.finditer(text)):
        if number == 50:
            break
        around = text[max(0, match.start() - CHOICE_CHARACTERS) : match.end() + CHOICE_CHARACTERS]
        if all(re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", around) for name in names):
            return True
    return False


def _spoken_name(license_id: str) -> str:
    """The short name of a license as people use it: "Apache", "MIT"."""
    return license_id.partition("-")[0]


def _stated_license(licenses: CollectedLicenses) -> tuple[str | None, tuple[str, ...]]:
    for annotation in licenses.annotated:
        if annotation.pattern in reuse.WHOLE:
            return annotation.license, (reuse.PATH,)
    return None, ()


def _with_suffix(
    tree: Tree, licenses: CollectedLicenses, license: str, sources: tuple[str, ...]
) -> tuple[str | None, tuple[str, ...]]:
    """The license with "only" or "or later" where a README or the sampled headers say so."""
    for path in _readmes(tree):
        observer = f"license-suffix 1 {license[:100]}"
        if suffix := tree.read_cached(
            observer, path, lambda _, content: words.stated_suffix(license, decode_text(content))
        ):
            return f"{license}{suffix}", (*sources, path)
    stating = [
        header
        for header in licenses.headers
        if header.license and spdx_expressions.without_suffix(header.license) == license
    ]
    if (
        len(stating) >= FEWEST_HEADERS
        and len({header.license for header in stating}) == 1
        and stating[0].license != license
    ):
        return stating[0].license, (*sources, stating[0].path)
    return license, sources


def _readmes(tree: Tree) -> list[str]:
    return sorted(path for path in tree if is_readme(path))[:MAX_READMES]


def _is_free(licenses: CollectedLicenses, license: str | None) -> bool | None:
    """Whether the license of the whole is free; False when no file's license is; None when that is not certain."""
    whole = licenses.top or licenses.named
    licensed = [file for file in whole.values() if file.license]
    if not licensed:
        return None if licenses.top or license is None else spdx_expressions.is_free(license)
    answers = [spdx_expressions.is_free(str(file.license)) for file in licensed]
    doubted = any(file.offers or _unidentified(path, file) for path, file in whole.items())
    if all(answer is False for answer in answers) and not doubted:
        return False
    return None if any(True for _ in _doubted_files(licenses)) else True


def _doubted_files(licenses: CollectedLicenses) -> Iterator[str]:
    """The files with the license of the whole that are not recognized, not sure or not free."""
    for path, file in (licenses.top or licenses.named).items():
        if file.license:
            if file.confidence <= UNSURE or file.forbids or not spdx_expressions.is_free(file.license):
                yield path
        elif _unidentified(path, file):
            yield path


def _hindrances(tree: Tree, licenses: CollectedLicenses) -> Iterator[str]:
    """Files, folders and patterns that state, or may state, that a part is not free."""
    beside = {
        **{path: file for path, file in licenses.deeper.items() if not is_test(path)},
        **licenses.bundled,
        **licenses.named,
    }
    for path in _readmes(tree):
        if tree.read_cached("license-part 3", path, lambda _, content: words.names_unfree_part(decode_text(content))):
            yield path
    folder_licenses = [(annotation.pattern, annotation.license) for annotation in licenses.annotated]
    yield from (pattern for pattern, license in folder_licenses if license and _doubtful(license))
    copies = {tree.files[path].oid for path in licenses.top}  # of the license of the whole, deeper in the tree
    for path, file in beside.items():
        if tree.files[path].oid not in copies and _hinders(tree, path, file):
            patterns = [
                pattern for pattern, license in folder_licenses if is_reuse_file(path) and license == file.license
            ]
            yield from patterns or [path]
    yield from (
        header.path for header in licenses.headers if header.forbids or (header.license and _doubtful(header.license))
    )


def _hinders(tree: Tree, path: str, file: LicenseFileReading) -> bool:
    """Whether a file other than the project's license states, or may state, that a part is not free.

    A license that is not free counts anywhere but in tests, and for pictures alone that anybody may copy; an unknown
    text, or one with words that may limit it, where it may cover a part of the program or speaks of the program.
    """
    licenses = {license for license in (file.license, *file.texts) if license}
    answers = {spdx_expressions.is_free(license) for license in licenses}
    if all(map(_COPIED_BY_ANYBODY.fullmatch, licenses)) and not is_reuse_file(path) and lies_with_pictures(tree, path):
        answers.discard(False)
    if False in answers or (file.license is None and (file.forbids or _FOR_USERS.match(path.rpartition("/")[2]))):
        return True
    if is_reuse_file(path) and file.license and "LicenseRef-" in file.license:
        return True not in answers or file.forbids
    if is_third_party(path):
        return False
    if license_name(path) != "own" or not covers_program(tree, path):
        return any(map(words.speaks_of_program, file.doubts))
    # Also a long unknown text: the terms of a part that is sold have no typical words.
    return bool(file.license and file.doubts) or _unidentified(path, file)


def _doubtful(expression: str) -> bool:
    """Whether the license that a file or folder states is not free, or an unknown one of somebody's own."""
    free = spdx_expressions.is_free(expression)
    return free is False or (free is None and "LicenseRef-" in expression)


def _file_licenses(licenses: CollectedLicenses) -> Iterable[FileLicense]:
    for path, file in {**licenses.top, **licenses.bundled, **licenses.named, **licenses.deeper}.items():
        if file.license or _unidentified(path, file) or (file.reserves and "/" not in path):
            yield FileLicense(path, file.license, file.confidence, file.doubts, file.beside)


def _folder_licenses(collected: CollectedLicenses, whole: str | None) -> Iterable[FolderLicense]:
    licenses: dict[str, FolderLicense] = {}
    by_folder: dict[str, dict[str, LicenseFileReading]] = {}
    for path, file in collected.deeper.items():
        if is_of_one_file(path):
            continue
        by_folder.setdefault(path.rpartition("/")[0], {})[path] = file
    for folder, files in by_folder.items():
        license, sources = _single_license(files)
        if license:
            licenses[folder] = FolderLicense(
                folder, license, min(files[path].confidence for path in sources), sources[0]
            )
    for annotation in collected.annotated:
        pattern = annotation.pattern.removeprefix("./")
        folder = re.sub(r"/\*{1,2}$", "", pattern)
        if folder != pattern and not re.search(r"[*?\[]", folder):
            licenses.setdefault(folder, FolderLicense(folder, annotation.license, STATED_CONFIDENCE, reuse.PATH))
    for folder, headed in _folders_by_header(collected.headers).items():
        licenses.setdefault(folder, headed)
    for _, folder_license in sorted(licenses.items()):
        if whole is None or not _says_same(folder_license.license, whole):
            yield folder_license


def _says_same(license: str, whole: str) -> bool:
    """Whether a folder's license adds nothing to that of the whole."""
    if license == whole:
        return True
    bare = spdx_expressions.without_suffix
    return bare(license) == bare(whole) and (license == bare(license) or whole == bare(whole))


def _folders_by_header(source_headers: list[SourceHeader]) -> dict[str, FolderLicense]:
    headers: dict[str, list[SourceHeader]] = {}
    for header in source_headers:
        for folder in dict.fromkeys(("", header.folder)):
            headers.setdefault(folder, []).append(header)
    licenses = {}
    for folder, group in headers.items():
        stating = [header for header in group if header.license]
        enough = len(stating) >= max(FEWEST_HEADERS, FEWEST_HEADED_SHARE * len(group))
        if enough and len({header.license for header in stating}) == 1:
            first = stating[0]
            licenses[folder] = FolderLicense(
                folder, str(first.license), round(len(stating) / len(group), 2), first.path
            )
    return licenses
