"""Finds the GNU license that a file offers to everybody beside one that is sold, where no license text stands.

The second is for those who do not want the first. Only whole offers of a known shape count: where anything but the
names of the licenses stands in one, somebody may have limited who may choose which.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_GNU = (
    r"(?:the )?(?:Open Source )?(?:GNU )?(?P<kind>Affero |Lesser |A|L)?(?:General Public Licen[cs]e|GPL)"
    r"(?: \((?:the )?(?:GNU )?(?:General Public Licen[cs]e|[AL]?GPL)\))?,?(?: version)?(?: )?v?"
    r"(?P<version>[23](?:\.1)?)(?:\.0)?"
)
_COUNT = r"(?:two|three|four)"
_ADDRESS = r"(?: https?://[^\s]{1,200})?"
_OPTION = rf"[-*•] [\w\x20-]{{2,80}}(?: \([^()]{{1,160}}\))?{_ADDRESS}"
_SHAPES = tuple(
    re.compile(shape.replace(" ", r"\s+"), re.IGNORECASE)
    for shape in (
        rf"\bthis (?:program|software) (?:can|may) be used (?:either )?under the terms of {_GNU},? or,? under"
        r" an? (?:proprietary|commercial) licen[cs]e(?=\s*\.)",
        rf"(?m:^)[\w.-]{{1,40}} is (?:dual|multi)[-\x20]?licensed under {_GNU}(?=\.(?:\s|$))"
        # RGraph's words go on with the price of the other one.
        rf"(?:\. If you want to use it under the terms of the GPL then you are free to do so\. If you don't wish to be"
        r" bound by the terms of the GPL then there is a commercial licensing scheme available which you can read about"
        rf" here:{_ADDRESS} For commercial license there is a one-time fee of [^\s]{{1,9}} that covers most use cases\."
        r" The only exception is for OEM use - the OEM license is described on the website and costs [^\s]{1,9}"
        r"(?=\.\s))?",
        # Select2 3.
        rf"\bthis software is licensed under the Apache License, Version 2\.0 \(the .Apache License.\) or {_GNU}"
        r" \(the .GPL License.\)\. You may choose either license to govern your use of this software only upon the"
        r" condition that you accept all of the terms of either the Apache License or the GPL License\. You may"
        r" obtain a"
        rf" copy of the Apache License and the GPL License at:{_ADDRESS}{_ADDRESS} Unless required by applicable law or"
        r" agreed to in writing, software distributed under the Apache License or the GPL \w{7,9} is distributed on an"
        r" .AS IS. BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied\. See the Apache"
        r" License"
        r" and the GPL License for the specific language governing permissions and limitations under the Apache License"
        r" and the GPL License(?=\.)",
        rf"\bthis version of [\w\x20.]{{1,40}} is licensed under the terms of {_GNU} license(?=\.(?:\s|$))",
        rf"\b(?:dual|tri|multi)[-\x20]?licensed, meaning you (?:must|may|can) choose one of {_COUNT} licenses to use\."
        rf"(?: Here is a summary of those licenses:)?(?: {_OPTION}){{0,3}}"
        rf" [-*•] {_GNU}(?: licen[cs]e)?(?: \(intended for open[-\x20]source projects\))?{_ADDRESS}"
        rf"(?: {_OPTION}){{0,3}}(?=\s*$)",
    )
)
_LETTERS = {"affero": "A", "lesser": "L"}


@dataclass(frozen=True)
class Offer:
    """A GNU license, by SPDX id, that stands between `start` and `end` in characters with what is offered beside it."""

    spdx: str
    start: int
    end: int


def find_offers(text: str, most_characters: int) -> Iterator[Offer]:
    """The offers that begin in the first `most_characters`.

    >>> [offer.spdx for offer in find_offers("Beet is dual licensed under the GPL v2.0.", 100)]
    ['GPL-2.0']
    """
    for shape in _SHAPES:
        if match := shape.search(text, 0, most_characters):
            kind = (match["kind"] or "").strip()
            version = match["version"] if "." in match["version"] else f"{match['version']}.0"
            yield Offer(f"{_LETTERS.get(kind.lower(), kind.upper())}GPL-{version}", match.start(), match.end())
