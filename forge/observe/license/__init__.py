"""From license files to SPDX ids, saying nothing rather than something wrong. Declarations in manifests are not read.

Texts are recognized by `licenseclassifier`, whose templates match word for word: an edited AGPL or one with a clause
more is no answer. No measure of similarity is used; Coopyleft reads like SSPL to such measures. No text of a GNU
license tells "only" from "or later", so those come out with the deprecated id (AGPL-3.0) unless a notice says more.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from catalog import licenses as spdx_expressions
from forge.observe.files import MAX_FILE_BYTES, is_license_file, is_readme, is_reuse_file

COVERAGE_PERCENT = 25  # of a file's words that must be license text; at 75 fewer are found and as many are wrong
CERTAIN = 0.75  # from this share on, with no condition beside it, a file holds this license and no other
FILES_REMEMBERED = 16  # of up to 256 kB each: more than one snapshot has license files
STUB_CHARACTERS = 400  # a license file shorter than this that names no license only points elsewhere

_TAG = re.compile(r"SPDX-License-Identifier:[ \t]*([A-Za-z0-9][^\n*#<>\"]{0,200})")
_URL = re.compile(r"\s*https?://\S+\s*")
# Words beside a license text that may take away what it grants, or limit it to a part of the files.
_CONDITION = re.compile(
    r"commons clause|non-?commercial|not? (?:be )?(?:used|sold|sell)|\bexcept\b"
    r"|additional (?:terms|conditions|restrictions)|proprietary|enterprise"
    r"|all rights reserved\W+(?:no|you may not)|sauf|usage commercial",
    re.IGNORECASE,
)
# Words with which a short file reserves what it covers; beside a license text they mean less, BSD's begins with them.
_RESERVED = re.compile(
    r"all rights reserved|tous droits réservés|todos los derechos reservados|todos os direitos reservados"
    r"|alle rechte vorbehalten|commercial licen[cs]e|licence commerciale|confidential|subscription|\bEULA\b",
    re.IGNORECASE,
)
# The GPL's own advice after its terms, which is no condition.
_GNU_APPENDIX = re.compile(
    r"not\s+permit\s+incorporating\s+your\s+program\s+into\s+proprietary\s+programs"
    r"|permit\s+linking\s+proprietary\s+applications\s+with\s+the\s+library",
    re.IGNORECASE,
)
# Licenses outside SPDX met in this world, by the words of their titles; none is free software.
_OUTSIDE = {
    "LicenseRef-Coopyleft": re.compile(r"coopyleft|licen[cs]e coopcycle|coopcycle licen[cs]e", re.IGNORECASE),
    "LicenseRef-Peer-Production-License": re.compile(
        r"peer production licen[cs]e|licencia de producción de pares", re.IGNORECASE
    ),
    "LicenseRef-Commons-Clause": re.compile(r"commons clause\W{0,3} licen[cs]e condition", re.IGNORECASE),
    "LicenseRef-Anti-Capitalist": re.compile(r"anti-capitalist software licen[cs]e", re.IGNORECASE),
    "LicenseRef-Sustainable-Use": re.compile(r"sustainable use licen[cs]e", re.IGNORECASE),
}
TITLE_CHARACTERS = 1500  # a title stands at the top
STATEMENT_CHARACTERS = 64 * 1024  # of a README read for "or later": 250,000 hostile ones cost 1.6 s, these 0.4 s

_LATER = (
    r"(?:any|or)\W+later(?:\W+version)?"
    r"|ou\W+(?:toute\W+)?version\W+ultérieure"
    r"|o\W+(?:cualquier\W+)?versión\W+posterior"
)
_GNU = {
    "AGPL": r"AGPL|Affero\W+(?:GNU\W+)?General\W+Public\W+Licen[cs]e|Affero\W+GPL",
    "LGPL": r"LGPL|Lesser\W+General\W+Public\W+Licen[cs]e|Library\W+General\W+Public\W+Licen[cs]e|Lesser\W+GPL",
    "GPL": r"(?<![AL])GPL|GNU\W+General\W+Public\W+Licen[cs]e",
}


@dataclass(frozen=True)
class Detected:
    """A license seen in a text: `start` and `end` in characters, `confidence` the share of the text that it makes up.

    Confidence is at most 0.5 when conditions stand beside the license, and 1.0 for an SPDX tag.
    """

    spdx: str
    confidence: float
    start: int
    end: int


@dataclass(frozen=True)
class LicenseFinding:
    """A license seen in a file of the repository; `oid` is the file's, where known."""

    path: str
    spdx: str
    confidence: float
    oid: str | None = None


@dataclass(frozen=True)
class RootLicense:
    """The one license of the repository, where certain: the expression and the files that say so.

    `files` starts with the license text's; a README or notice that states "or later" follows.
    """

    expression: str
    files: tuple[str, ...]


def detect(text: bytes) -> list[Detected]:
    """The licenses in a license file's bytes, in the order of reading, each once; empty when none is sure.

    Reads the first MAX_FILE_BYTES.
    """
    return list(_detected(text[:MAX_FILE_BYTES]))


@lru_cache(maxsize=FILES_REMEMBERED)
def _detected(text: bytes) -> tuple[Detected, ...]:
    """What `detect` gives. Each file of a snapshot is asked about four times, and an answer takes up to 0.2 s."""
    words = text.decode("utf-8", "replace")
    if "\0" in words or not words.strip():
        return ()
    regions = _regions(words)
    outside = [_at_title(license_id, pattern, words) for license_id, pattern in _OUTSIDE.items()]
    found = [each for each in outside if each] + _tags(words) + _texts(words, regions)
    once: dict[str, Detected] = {}
    for each in sorted(found, key=lambda each: (each.start, -each.confidence)):
        once.setdefault(each.spdx, each)
    return tuple(_without_suffixed_twins(list(once.values())))


def licenses(files: Mapping[str, bytes], oids: Mapping[str, str] | None = None) -> list[LicenseFinding]:
    """The licenses in all license files among `files`, by path; `oids` gives each file's object id."""
    found = []
    for path in sorted(files, key=lambda path: (is_reuse_file(path), len(path), path)):
        oid = (oids or {}).get(path)
        if is_license_file(path):
            found += [LicenseFinding(path, each.spdx, each.confidence, oid) for each in detect(files[path])]
        elif is_reuse_file(path) and (named := _named_by_file(path)):
            found.append(LicenseFinding(path, named, 1.0, oid))
    return found


def root_license(files: Mapping[str, bytes]) -> RootLicense | None:
    """The repository's license where it is certain; None when there is none, or several without a known relation.

    Certain is: one license in the license files of the top level; the texts of GPL and LGPL 3 together, which is how
    the LGPL is given (https://www.gnu.org/licenses/gpl-howto.html); without such a file, the only text in `LICENSES/`.
    """
    findings = licenses(files)
    top = [each for each in findings if is_license_file(each.path)]
    if unidentified(files) or any(each.confidence < CERTAIN for each in top):
        return None
    told = _stated_once(top or findings)
    by_id = {each.spdx: each.path for each in told}
    bare_ids = {spdx_expressions.bare(spdx) for spdx in by_id}
    if bare_ids == {"LGPL-3.0", "GPL-3.0"} and any("LESSER" in path.upper() for path in by_id.values()):
        by_id = {spdx: path for spdx, path in by_id.items() if spdx.startswith("LGPL")}
    if len(by_id) != 1:
        return None
    ((spdx, path),) = by_id.items()
    if spdx_expressions.suffix_known(spdx):
        return RootLicense(spdx, (path,))
    for readme in sorted(name for name in files if is_readme(name)):
        if suffix := stated_suffix(spdx, files[readme][:MAX_FILE_BYTES].decode("utf-8", "replace")):
            return RootLicense(f"{spdx}{suffix}", (path, readme))
    return RootLicense(spdx, (path,))


def unidentified(files: Mapping[str, bytes]) -> list[str]:
    """License files in which no license was recognized, and which are no mere pointer or list of holders.

    A file is no mere pointer when it is long, or when it reserves rights: then nobody knows for which of the files.
    """
    return [
        path
        for path in sorted(files)
        if is_license_file(path)
        and not path.upper().startswith("COPYRIGHT")
        and (len(files[path]) > STUB_CHARACTERS or _reserves(files[path]))
        and not detect(files[path])
    ]


def _reserves(stub: bytes) -> bool:
    words = " ".join(stub.decode("utf-8", "replace").split())
    return bool(_RESERVED.search(words) or _CONDITION.search(words))


def is_free(files: Mapping[str, bytes]) -> bool | None:
    """Whether every license that the license files show is free; False when none is, or when a file that holds
    a free text adds a clause that takes the freedom away; None when nothing sure can be said."""
    findings = licenses(files)
    top = [each for each in findings if is_license_file(each.path)] or findings
    answers = {each: spdx_expressions.is_free(each.spdx) for each in top}
    refusing = {each.path for each, free in answers.items() if free is False}
    if not top:
        return None
    if all(each.path in refusing for each in top):
        return False
    sure = all(answers.values()) and not unidentified(files) and all(each.confidence > 0.5 for each in top)
    return True if sure else None


def stated_suffix(spdx: str, text: str) -> str | None:
    """ "-or-later" or "-only" where `text` says so of this very GNU license and version; None where it does not.

    >>> stated_suffix("AGPL-3.0", "GNU Affero General Public License, version 3 or any later version")
    '-or-later'
    """
    text = text[:STATEMENT_CHARACTERS]
    for match in re.finditer(rf"\b{re.escape(spdx)}-(or-later|only)\b", text):
        return f"-{match[1]}"
    kind, _, version = spdx.partition("-")
    if kind not in _GNU:
        return None
    number = version.removesuffix(".0")
    between = rf"(?:(?!{_others_than(kind)})[^.]|\.(?=\d)){{0,160}}?"
    mention = rf"(?:{_GNU[kind]}){between}(?<![\d.]){re.escape(number)}(?:\.0)?(?![\d.]*\d)"
    if re.search(rf"{mention}(?:\+(?!\w)|[^.]{{0,90}}?\b(?:{_LATER}))", text, re.IGNORECASE):
        return "-or-later"
    return "-only" if re.search(rf"{mention}\W+only\b", text, re.IGNORECASE) else None


def _others_than(kind: str) -> str:
    return "|".join(pattern for name, pattern in _GNU.items() if name != kind)


def _regions(words: str) -> list[tuple[str, int, int]]:
    from licenseclassifier import identify_license  # 165 ms for the first text: only whoever detects pays for it

    found = identify_license(words, coverage_threshold=COVERAGE_PERCENT)
    # A bare address is a pointer, and often one to a license of something bundled.
    return [(each.id, each.start, each.end) for each in found if not _URL.fullmatch(words[each.start : each.end])]


def _texts(words: str, regions: list[tuple[str, int, int]]) -> list[Detected]:
    outside, last = [], 0
    for _, start, end in regions:
        outside.append(words[last:start])
        last = end
    outside.append(words[last:])
    rest = " ".join(outside)
    share = 1 - len("".join(rest.split())) / max(1, len("".join(words.split())))
    confidence = min(round(share, 2), 0.5) if _CONDITION.search(_GNU_APPENDIX.sub(" ", rest)) else round(share, 2)
    return [Detected(spdx, confidence, start, end) for spdx, start, end in regions]


def _tags(words: str) -> list[Detected]:
    found = []
    for match in _TAG.finditer(words):
        try:
            expression = spdx_expressions.canonical(match[1].strip(" \t\r-/()"))
        except ValueError:
            continue  # a tag that is no expression says nothing sure
        found.append(Detected(expression, 1.0, match.start(), match.end()))
    return found


def _at_title(license_id: str, pattern: re.Pattern[str], words: str) -> Detected | None:
    match = pattern.search(words, 0, TITLE_CHARACTERS)
    return Detected(license_id, 1.0, match.start(), match.end()) if match else None


def _without_suffixed_twins(found: list[Detected]) -> list[Detected]:
    """One entry for a GNU license: the notice before its text decides the suffix, the model notice after it not."""
    kept: list[Detected] = []
    for each in found:
        twin = next((k for k in kept if spdx_expressions.bare(k.spdx) == spdx_expressions.bare(each.spdx)), None)
        if twin is None:
            kept.append(each)
    return kept


def _stated_once(findings: list[LicenseFinding]) -> list[LicenseFinding]:
    """The findings with one entry a license: the suffix that one of them states, none where they contradict."""
    by_bare: dict[str, list[LicenseFinding]] = {}
    for each in findings:
        by_bare.setdefault(spdx_expressions.bare(each.spdx), []).append(each)
    told = []
    for bare, same in by_bare.items():
        stated = {each.spdx for each in same} - {bare}
        told.append(replace(same[0], spdx=stated.pop() if len(stated) == 1 else bare))
    return told


def _named_by_file(path: str) -> str | None:
    name = path.rpartition("/")[2]
    for stem in (name, name.rpartition(".")[0]):
        try:
            expression = spdx_expressions.parse(stem)
        except ValueError:
            continue
        return str(expression) if not expression.operator else None
    return None
