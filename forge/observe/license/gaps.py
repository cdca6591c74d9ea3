"""Words that limit, within a license text, where the text has room for others' words.

The templates of `licenseclassifier` leave gaps for holders and names ("Neither the name of ... may be used"), and
allow whole words more or fewer. So a text can match word for word and yet say "for non-commercial purposes" in its
middle. Here the words of limits are counted: more of one than the license itself has are somebody else's.
`limits_of_texts.json` holds the counts of the free licenses by SPDX id, made from the templates by
`python tools/limits_of_texts.py`; no text is kept here. In the places where holders are named, an organization's kind
("Association") or a name limits nobody.
"""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

from catalog.licenses.expressions import without_suffix
from forge.observe.license.harmless import without_harmless
from forge.observe.license.holders import is_limit, named_words, names_only
from forge.observe.license.limits import STRONG
from forge.observe.license.surrounding_text import read_beside

COUNTS = Path(__file__).with_name("limits_of_texts.json")

_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"https?://\S{1,500}|<[^<>\s]{0,200}>|(?<![^\s(<\[])[\w.+-]{1,64}@[\w.-]{1,253}")
# The lines of copyrights, which belong to no text.
_HOLDERS = re.compile(
    r"^[ \t#*/;>-]{0,12}(?:copyrights?[ \t:]*(?!(?:holder|notice|owner|licen[cs]e|law)s?\b)"
    r"(?:\(c\)|©|\d{4}|by\b|(?-i:[A-Z]))|\(c\)[ \t]*\d{4}|©)"
    r"[^\n]{0,300}?(?=\n|$|\b(?:permission|redistribution|everyone|this|the\s+software|licen[cs]ed)\b)",
    re.IGNORECASE | re.MULTILINE,
)
_HOLDER = re.compile(r"^\W{0,12}(?:copyright\b|\(c\)|©)[^\n]*", re.IGNORECASE | re.MULTILINE)
_DENIES = re.compile(r"\b(?:may|must|shall|should|can)\s+not\b|\bcannot\b", re.IGNORECASE)
# Where texts name holders: the clause on names, the disclaimer.
_PLACES = re.compile(
    r"\bneither\b.{0,400}?\bused\s+to\s+endorse\b|\bnames?\s+of\b.{0,300}?\bused\s+(?:to\s+endorse|in\s+advertising)\b"
    r"|\bprovided\s+by\b.{0,300}?\bas[\s-]is\b|\bshall\b.{0,300}?\bbe\s+(?:held\s+)?liable\b"
    r"|\bas[\s-]is\b.{0,12}?\band\b.{0,200}?\bdisclaims?\b",
    re.IGNORECASE | re.DOTALL,
)
# Where the model notice of the GPL names the program and says what it does.
_PROGRAM = re.compile(r"\bfull\s+notice\s+is\s+found\b.{0,200}?\bis\s+free\s+software\b", re.IGNORECASE | re.DOTALL)
_PRINTED = re.compile(
    r"\b(?:all|some)\s+rights?\s+reserved\b|\b(?:with\s+)?reserved\s+font\s+names?\b|\bsignature\s+of\s+ty\s+coon\b"
    r"|\bmay\s+not\s+be\s+used\s+to\s+endorse\b",
    re.IGNORECASE,
)
_MARK = re.compile(r"^[ \t]*(?:#|\*|//|;|>|%|dnl\b)+", re.MULTILINE)
_END = re.compile(r"(?<=[.;:!?])\s+|\n[ \t]*\n")


def limit_words(text: str) -> Counter[str]:
    """How often each word of a limit, and each phrase that denies, occurs in `text`, folded; phrases that limit nobody
    are left out.

    >>> sorted(limit_words("Unless otherwise noted, companies pay; you may not sell it."))
    ['companies', 'may not', 'not', 'pay', 'sell']
    """
    plain = without_harmless(" ".join(_MARK.sub(" ", text).split()))
    phrases = (match[0].casefold() for match in _DENIES.finditer(plain))
    words = (word.casefold() for word in _WORD.findall(plain))
    return Counter(phrases) + Counter(word for word in words if is_limit(word))


def foreign_limits(license_id: str, head: str, body: str) -> list[str]:
    """What the text of a license says with words of limits that the license does not have: in the lines of its
    holders, which `head` may hold, and in its `body`. [] for a license that is not in the table, which is not free.
    """
    own = _own_limits(license_id)
    if own is None:
        return []
    head, body = (_ADDRESS.sub(" ", _PRINTED.sub(" ", text)) for text in (head, body))
    lines = [" ".join(match[0].split()) for match in (*_HOLDER.finditer(head), *_HOLDERS.finditer(body))]
    limits = [line for line in lines if not names_only(without_harmless(line))]
    body = _HOLDERS.sub(" ", body)
    places = [match[0] for match in _PLACES.finditer(body)]
    limits += [" ".join(place.split()) for place in places if _holds_limits(place, own)]
    places += [match[0] for match in _PROGRAM.finditer(body)]
    counts = Counter(word for place in places for word in named_words(place))
    more = {word for word, count in limit_words(body).items() if count > own.get(word, 0) + counts[word]}
    if not more:
        return limits
    for sentence in _END.split(_MARK.sub(" ", body)):
        foreign = more.intersection(limit_words(sentence))
        if any(STRONG.fullmatch(word) for word in foreign):
            limits.append(" ".join(sentence.split()))
        elif foreign:
            limits += read_beside(sentence).doubts
    return limits


def _holds_limits(place: str, own: dict[str, int]) -> bool:
    """Whether a place for names holds words of limits that are neither the license's nor of a name."""
    words = limit_words(place)
    words.subtract(named_words(place))
    return any(count > 0 and word not in own for word, count in words.items())


def _own_limits(license_id: str) -> dict[str, int] | None:
    """How many of each word the text of the license has, with those of its notices."""
    bare = without_suffix(license_id)
    texts = [_counts()[name] for name in (bare, f"{bare}-only", f"{bare}-or-later") if name in _counts()]
    return dict(sum((Counter(text) for text in texts), Counter())) if texts else None


@cache
def _counts() -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = json.loads(COUNTS.read_text())
    return counts
