"""Recognizes license texts and notices in one file's words, by SPDX id.

Texts are recognized by `licenseclassifier`, whose templates match word for word: an edited AGPL or one with a clause
more is no answer. No measure of similarity is used: to such measures nine tenths of Coopyleft are SSPL, and an AGPL
with one condition more is an AGPL (docs/decisions/021-licences-are-recognized-not-guessed.md). No text of a GNU license
tells "only" from "or later", so those come out with the deprecated id (AGPL-3.0) unless a notice says more.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from catalog.licenses import expressions as spdx_expressions
from forge.observe.core.tree import MAX_FILE_BYTES
from forge.observe.license import fingerprints, gaps
from forge.observe.license.ids import canonical
from forge.observe.license.offers import find_offers

COVERAGE_PERCENT = 25  # of a file's words that must be license text; at 75 fewer are found and as many are wrong
LONG_TEXT = 4_000  # characters of a license text that counts wherever it occurs
FILES_REMEMBERED = 16  # of up to 256 kB each
TITLE_CHARACTERS = 1500  # a title stands at the top
MAX_TAGS = 200
MAX_HOLDERS = 200
HEAD_CHARACTERS = 8_000  # of a license text, in which its holders and what is between them and its words stand

_TAG = re.compile(r"SPDX-License-Identifier:[ \t]*([A-Za-z0-9(][^\n*#<>\"]{0,200})")
_URL = re.compile(r"\s*https?://\S+\s*")
# Licenses outside of SPDX that projects of this catalogue's kind use, by words of their titles; none is free software.
OUTSIDE = {
    "LicenseRef-Coopyleft": re.compile(r"coopyleft|licen[cs]e coopcycle|coopcycle licen[cs]e", re.IGNORECASE),
    "LicenseRef-Peer-Production-License": re.compile(
        r"peer production licen[cs]e|licencia de producción de pares|licence de production de pairs", re.IGNORECASE
    ),
    "LicenseRef-Commons-Clause": re.compile(r"commons clause\W{0,3} licen[cs]e condition", re.IGNORECASE),
    "LicenseRef-Anti-Capitalist": re.compile(r"anti-capitalist software licen[cs]e", re.IGNORECASE),
    "LicenseRef-Sustainable-Use": re.compile(r"sustainable use licen[cs]e", re.IGNORECASE),
    # Texts of which the classifier has one edition, or none: whatever their words, they limit who may use the work.
    "SSPL-1.0": re.compile(r"server side public licen[cs]e", re.IGNORECASE),
    "BUSL-1.1": re.compile(r"business source licen[cs]e", re.IGNORECASE),
    "Elastic-2.0": re.compile(r"\belastic licen[cs]e", re.IGNORECASE),
    "Hippocratic-2.1": re.compile(r"hippocratic licen[cs]e|do no harm licen[cs]e", re.IGNORECASE),
    "LicenseRef-Functional-Source": re.compile(r"functional source licen[cs]e", re.IGNORECASE),
    "LicenseRef-Fair-Source": re.compile(r"fair source licen[cs]e", re.IGNORECASE),
    "LicenseRef-Prosperity": re.compile(r"prosperity public licen[cs]e", re.IGNORECASE),
    "LicenseRef-OSaasy": re.compile(r"o.saasy licen[cs]e", re.IGNORECASE),
    "PolyForm-Noncommercial-1.0.0": re.compile(r"polyform noncommercial licen[cs]e", re.IGNORECASE),
    "PolyForm-Small-Business-1.0.0": re.compile(r"polyform small business licen[cs]e", re.IGNORECASE),
    "CC-BY-ND-4.0": re.compile(r"creative commons attribution[- ]no-?derivatives 4\.0", re.IGNORECASE),
    "LicenseRef-PolyForm": re.compile(
        r"polyform (?:perimeter|shield|strict|free trial|internal use|defensive|countdown)", re.IGNORECASE
    ),
}
# What the classifier calls by names of its own.
CLASSIFIER_NAMES = {"CommonsClause": "LicenseRef-Commons-Clause", "GPL-2.0-or-3.0": "GPL-2.0-only OR GPL-3.0-only"}
# X11 is MIT's text and this sentence, which names the people whom it protects.
_NO_ADVERTISING = re.compile(
    r"\W{0,40}Except\s+as\s+contained\s+in\s+this\s+notice,\s+the\s+names?(?:\(s\))?\s+of\s[^.]{1,200}(?:\.[^.]{1,60})?"
    r"\sshall\s+not\s+be\s+used\s+in\s+advertising\s[^.]{1,300}\."
)
_OR_LATER = re.compile(r"[\s,;*#/]{0,20}\(?or\b[^.]{0,60}?\blater(?:\W{1,10}version)?", re.IGNORECASE)
# The lines of a text that begin with a copyright, up to an empty line or the words with which licenses go on.
_HOLDERS = re.compile(
    r"^[ \t#*/;>-]{0,12}(?:copyright[ \t:]*(?:\(c\)|©|\d{4})|\(c\)[ \t]*\d{4}|©)[^\n]{0,2000}"
    r"(?:\n(?![ \t#*/;>-]*(?:\n|$|permission|redistribution|licen[cs]ed|this|everyone|all rights|the"
    r"|you))[^\n]{0,2000}){0,20}",
    re.IGNORECASE | re.MULTILINE,
)
# The first words of licenses that stand below their holders.
_OPENING = re.compile(
    r"^[ \t#*/;>-]{0,12}(?:permission (?:is|to)|redistribution and|licen[cs]ed under|this software is provided"
    r"|this font software is licen[cs]ed|sil open font licen[cs]e"
    r"|[\w -]{1,60} is free software|[\w -]{0,60}\blicen[cs]e[ \t]*$)",
    re.IGNORECASE | re.MULTILINE,
)
_PUBLISHER = re.compile(
    r"Free\s+Software\s+Foundation|Creative\s+Commons|\[yyyy\]|<year>|European\s+Union", re.IGNORECASE
)
_GFDL_NOTICE = re.compile(
    r"GNU\s+Free\s+Documentation\s+License,\s+Version\s+(1\.[123])(\s+or\s+any\s+later\s+version)?\s+published\s+by"
    r"\s+the\s+Free\s+Software\s+Foundation;\s+with\s+no\s+Invariant\s+Sections,\s+no\s+Front-Cover\s+Texts,?\s+and"
    r"\s+no\s+Back-Cover\s+Texts"
)
# The notice of Apache with a project's name in it and links of Markdown, which the classifier does not have:
# https://www.apache.org/licenses/LICENSE-2.0#apply
_APACHE_NOTICE = re.compile(
    r"\bunder the Apache License, Version 2\.0,? \(the .License.\)[;,]? (?:and )?you may not use (?:this"
    r"|these) files? except in"
    r" compliance with (?:the )?(?:License"
    r"|LINK)\. You may obtain a copy of the License at:? LINK\.? Unless required by applicable"
    r" law or agreed to in writing, (?:the )?[\w-]{1,40}(?: [\w-]{1,40}){0,4} (?:distributed under the License )?"
    r"(?:is|are) distributed on an"
    r" .AS IS. BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied\. See the License for the"
    r" specific language governing permissions and limitations under (?:the )?(?:License|LINK)\.".replace(
        " ", r"[\s*#/>]{1,20}"
    ).replace("LINK", r"(?:\[[^\]\n]{1,100}\]\([^)\s]{1,200}\)|<?https?://[^\s>]{1,200}>?)"),
    re.IGNORECASE,
)


@dataclass(frozen=True)
class LicenseMatch:
    """A license seen in a text: `start` and `end` in characters, `exact` unless its words only come near; `gaps` where
    its template leaves room for other words.
    """

    spdx: str
    start: int
    end: int
    exact: bool = True
    gaps: bool = False


@dataclass(frozen=True)
class TextLicenses:
    """The result of `found`: the licenses, each once in the order of the text, and the words next to them. `limits` are
    what the texts say within that their licenses do not.
    """

    licenses: tuple[LicenseMatch, ...]
    beside: str
    share: float  # of the text's characters that licenses make up; 1.0 for a title or a tag
    limits: tuple[str, ...] = ()


def decode_text(data: bytes) -> str:
    """The first MAX_FILE_BYTES as text: UTF-8, UTF-16 with its mark, else what Windows wrote in western Europe."""
    data = data[:MAX_FILE_BYTES]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3:  # cut within a letter
            return data.decode("utf-8", "replace")
        return data.decode("cp1252", "replace")


@lru_cache(maxsize=FILES_REMEMBERED)
def find_licenses(words: str, coverage_percent: int = COVERAGE_PERCENT) -> TextLicenses:
    """The licenses whose text, notice, title or tag is in `words`, unless that is mostly something else."""
    if "\0" in words or not words.strip():
        return TextLicenses((), words, 0.0)
    regions = _license_regions(words, coverage_percent)
    titles_and_tags = [
        title for title in (_title_region(*license_title, words) for license_title in OUTSIDE.items()) if title
    ] + _tag_regions(words)
    titles_and_tags += [
        LicenseMatch(offer.spdx, offer.start, offer.end) for offer in find_offers(words, TITLE_CHARACTERS)
    ]
    exact = 1.0 if titles_and_tags else _license_share(words, regions)
    once: dict[str, LicenseMatch] = {}
    for region in sorted(titles_and_tags + regions, key=lambda region: (region.start, not region.exact, -region.end)):
        once.setdefault(region.spdx, region)
    licenses = _without_suffixed_twins(list(once.values()))
    beside = f"{_holders_within(words, regions)}\n\n{_words_beside(words, titles_and_tags + regions)}"
    limits = (limit for region in regions if region.gaps for limit in _foreign_limits(region, words))
    return TextLicenses(tuple(licenses), beside.strip("\n"), exact, tuple(dict.fromkeys(limits)))


def _license_regions(words: str, coverage_percent: int) -> list[LicenseMatch]:
    from licenseclassifier import identify_license  # 165 ms for the first text: loaded only where licenses are detected

    regions = []
    for identified in identify_license(words, coverage_threshold=0):
        # A bare address is a pointer, and often one to a license of something bundled.
        if not _URL.fullmatch(words[identified.start : identified.end]):
            regions.append(
                _with_next_words(
                    LicenseMatch(
                        CLASSIFIER_NAMES.get(identified.id, identified.id), identified.start, identified.end, gaps=True
                    ),
                    words,
                )
            )
    regions = [region for region in regions if canonical(region.spdx)]
    covered = sum(region.end - region.start for region in regions)
    if covered * 100 < coverage_percent * len(words) and not any(
        region.end - region.start > LONG_TEXT for region in regions
    ):
        regions = []
    translation = fingerprints.find_known(words)
    overlapping = translation and any(
        region.start < translation.end and translation.start < region.end for region in regions
    )
    if translation and not overlapping:
        regions.append(LicenseMatch(translation.spdx, translation.start, translation.end, translation.exact))
    for match in _APACHE_NOTICE.finditer(words):
        if not any(region.start < match.end() and match.start() < region.end for region in regions):
            regions.append(LicenseMatch("Apache-2.0", match.start(), match.end()))
    for match in _GFDL_NOTICE.finditer(words):
        suffix = "or-later" if match[2] else "only"
        if not any(region.start <= match.start() < region.end for region in regions):
            regions.append(LicenseMatch(f"GFDL-{match[1]}-no-invariants-{suffix}", match.start(), match.end()))
    return sorted(regions, key=lambda region: region.start)


def _with_next_words(region: LicenseMatch, words: str) -> LicenseMatch:
    """The license with the meaning of the next words: MIT becomes X11, and "only" becomes "or any later"."""
    if region.spdx.endswith("-only") and (later := _OR_LATER.match(words, region.end)):
        return replace(region, spdx=f"{spdx_expressions.without_suffix(region.spdx)}-or-later", end=later.end())
    if region.spdx != "MIT":
        return region
    match = _NO_ADVERTISING.match(words, region.end)
    return replace(region, spdx="X11", end=match.end()) if match else region


def _tag_regions(words: str) -> list[LicenseMatch]:
    tags = []
    for number, match in enumerate(_TAG.finditer(words)):
        if number == MAX_TAGS:
            break
        expression = canonical(match[1].strip(" \t\r-/"))
        if expression:  # a tag that is not an expression says nothing certain
            tags.append(LicenseMatch(expression, match.start(), match.end()))
    return tags


def _title_region(license_id: str, pattern: re.Pattern[str], words: str) -> LicenseMatch | None:
    match = pattern.search(words, 0, TITLE_CHARACTERS)
    return LicenseMatch(license_id, match.start(), match.end()) if match else None


def _license_share(words: str, regions: list[LicenseMatch]) -> float:
    rest = len("".join(_words_beside(words, regions).split()))
    return 1 - rest / max(1, len("".join(words.split())))


def _foreign_limits(region: LicenseMatch, words: str) -> list[str]:
    text = words[region.start : region.end]
    begin = _end_of_holders(text)
    return gaps.foreign_limits(region.spdx, text[:begin], text[begin:])


def _end_of_holders(text: str) -> int:
    """Where the license begins below its holders; 0 where none stand above it."""
    holder = _HOLDERS.match(text)
    opening = _OPENING.search(text, 0, HEAD_CHARACTERS) if holder and not _PUBLISHER.search(holder[0]) else None
    return opening.start() if opening else 0


def _holders_within(words: str, regions: list[LicenseMatch]) -> str:
    """What the license texts hold where their templates leave a gap for holders: it is nobody's license text."""
    holders = []
    for region in regions:
        text = words[region.start : region.end]
        if begin := _end_of_holders(text):
            holders.append(text[:begin])  # also paragraphs between the holders and the license
            text = text[begin:]
        holders += [
            match[0] for match in islice(_HOLDERS.finditer(text), MAX_HOLDERS) if not _PUBLISHER.search(match[0])
        ]
    return "\n\n".join(part.strip() for part in holders)


def _words_beside(words: str, regions: list[LicenseMatch]) -> str:
    outside, last = [], 0
    for region in sorted(regions, key=lambda region: region.start):
        outside.append(words[last : max(last, region.start)])
        last = max(last, region.end)
    outside.append(words[last:])
    return f"\n\n{fingerprints.BETWEEN}".join(outside)


def _without_suffixed_twins(detected: list[LicenseMatch]) -> list[LicenseMatch]:
    """One entry for a GNU license: the notice before its text decides the suffix, the model notice after it not."""
    detected_licenses: list[LicenseMatch] = []
    for license in detected:
        twin = next(
            (
                earlier
                for earlier in detected_licenses
                if spdx_expressions.without_suffix(earlier.spdx) == spdx_expressions.without_suffix(license.spdx)
            ),
            None,
        )
        if twin is None:
            detected_licenses.append(license)
    return detected_licenses
