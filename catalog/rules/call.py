"""Calls, obstacles and relayed questions: their kinds, states and times, and when two calls are alike. Pure
functions."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum, sqrt
from typing import Any
from uuid import UUID

from catalog.unicode_normalization import normalized

NEED, SUCCESSOR, HOST_FOR = "need", "successor", "collective"
HELP = ("money", "translate", "test", "accessibility", "write", "host", "code")
HELP_WITH_USE = ("install", "move", "explain", "other")
KINDS = (NEED, *HELP_WITH_USE, *HELP, SUCCESSOR, HOST_FOR)
OF_PROJECT = (
    *HELP_WITH_USE,
    *HELP,
    SUCCESSOR,
)  # what is asked for a project; the others ask for what does not exist yet

OPEN, ANSWERED, ENDED, WITHDRAWN = "open", "answered", "ended", "withdrawn"
STATES = (OPEN, ANSWERED, ENDED, WITHDRAWN)

LIFETIME = timedelta(days=182)  # six months, unless renewed
REMINDED_BEFORE = timedelta(days=30)
# What a successor takes over.
HANDED_OVER = ("rights", "names", "domains", "money", "users")
# What a collective without legal form looks for.
LOOKED_FOR = ("fiscal-host", "co-maintainer", "users")
SEVERAL = "several"  # in place of one country

# The maintainers' answer to an obstacle, from its receipt to its end.
RECEIVED, LOOKING, FIXED, NOT_FIXED = "received", "looking", "fixed", "not-fixed"
OBSTACLE_STATES = (RECEIVED, LOOKING, FIXED, NOT_FIXED)

# A question waits while its addressee was asked often enough this month; then it is relayed, and ends in one of three.
LATE, RELAYED, REPLIED, DECLINED, UNANSWERED = "late", "relayed", "replied", "declined", "unanswered"
QUESTION_STATES = (LATE, RELAYED, REPLIED, DECLINED, UNANSWERED)
ASKER, ADDRESSEE = "asker", "addressee"
SIDES = (ASKER, ADDRESSEE)  # of a question; either may report it to the moderators
MONTH = timedelta(days=30)
MONTHLY = 4  # questions that an adopter gets in a month, unless it states another number
MONTHLY_OF_MAINTAINERS = 8  # messages that the maintainers of a project get in a month, unless they state another
MONTHLY_OF_ASKER = 8  # questions that one person may send in a month
ANSWER_AWAITED = timedelta(days=60)  # how long an answer is waited for
TEXTS_KEPT = timedelta(days=90)  # of questions, after their end

MAX_WORDS = 1000

_SENTENCE = re.compile(r"(?<=[.!?؟。])\s")
_TITLE = 90
_LETTERS = 5  # of the beginning of a word that are compared: endings differ, in most of our languages
_SHORTEST = 4
_ALIKE = 0.34


@dataclass(frozen=True)
class CallFilter:
    """Conditions of a search for calls: of a kind, written in a language, for a country, about a project by its slug;
    None where any will do. `ended`: those that are over instead of those that are open."""

    kind: str | None = None
    language: str | None = None
    country: str | None = None
    project_slug: str | None = None
    ended: bool = False


ALL_OPEN_CALLS = CallFilter()


@dataclass(frozen=True)
class Call:
    """A public call. `record` has the key `text` and, by kind, others of the form in catalog.submissions.kinds.call."""

    id: UUID
    reference: str
    kind: str
    state: str
    project_id: UUID | None
    organization_id: UUID | None
    language: str
    country: str | None
    record: Mapping[str, Any]
    opened_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None

    @property
    def title(self) -> str:
        return title_of(str(self.record.get("text", "")))


def title_of(text: str) -> str:
    """The first sentence of a text, cut between words.

    >>> title_of("We lack a register. It must hold shares.")
    'We lack a register.'
    """
    first = _SENTENCE.split(" ".join(text.split()), maxsplit=1)[0]
    if len(first) <= _TITLE:
        return first
    return f"{first[:_TITLE].rsplit(' ', 1)[0]}…"


def contains_words(text: str, sought: Iterable[Collection[str]]) -> bool:
    """Whether a folded text has, for each word that is sought, one that begins like a form of it and is little longer.

    >>> contains_words("keep the register of shares", [("regist",), ("share",)])
    True
    >>> contains_words("a parking", [("par",)])
    False
    """
    words = [word.removeprefix("ال") for word in re.findall(r"[^\W_]+", text)]

    def begins(word: str, form: str) -> bool:
        return word.startswith(form) and len(word) - len(form) <= (4 if len(form) >= _SHORTEST else 1)

    return all(any(begins(word, form) for form in forms for word in words) for forms in sought)


def word_beginnings(text: str) -> frozenset[str]:
    """The beginnings of the words of a text, without case, accents and short words."""
    letters = (
        character for character in normalized("NFKD", text.casefold()) if unicodedata.category(character) != "Mn"
    )
    words = re.findall(r"[^\W\d_]+", "".join(letters))
    bare = (word.removeprefix("ال") for word in words)
    return frozenset(word[:_LETTERS] for word in bare if len(word) >= _SHORTEST)


def calls_alike(text: str, others: Iterable[tuple[UUID, str]], limit: int = 5) -> tuple[UUID, ...]:
    """Those of `others` whose words are like those of `text`, the most alike first; rare words weigh more.

    `others` are texts with their ids; at most `limit` are returned.
    """
    own_words = word_beginnings(text)
    texts: Sequence[tuple[UUID, frozenset[str]]] = [(key, word_beginnings(other)) for key, other in others]
    frequency = Counter(word for _, words in texts for word in words)
    weight = {word: 1 / sqrt(1 + frequency[word]) for word in {*own_words, *frequency}}

    def weight_of(words: Iterable[str]) -> float:
        return fsum(weight[word] for word in words)  # the same in whatever order a set gives them

    rated = []
    for key, words in texts:
        smaller = min(weight_of(own_words), weight_of(words))
        if smaller and len(own_words & words) >= min(2, len(own_words), len(words)):
            rated.append((weight_of(own_words & words) / smaller, key))
    rated.sort(key=lambda pair: (-pair[0], str(pair[1])))
    return tuple(key for rate, key in rated[:limit] if rate >= _ALIKE)
