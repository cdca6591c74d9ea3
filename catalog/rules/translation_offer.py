"""Offers of translations between catalogues: their states, why one is refused, which fields may be offered. Pure.

Texts of projects are offered; those of organizations are notes for their editors, those of adoptions are their own
words. The note of `leaving` is left out: it is a part of a field that is corrected as a whole. Why offers are sent so:
docs/decisions/034-offers-of-translations.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.rules.record_values.feature import texts_by_language
from catalog.value_types import TRANSLATABLE

FIELDS = TRANSLATABLE  # of a project
LINES = frozenset({"features"})  # a list of lines, offered as one text with line feeds

WAITING, ACCEPTED, REFUSED, TAKEN_BACK = "waiting", "accepted", "refused", "taken-back"
OTHERWISE = "otherwise"  # its home catalogue has another text there
KEPT_OUT = "kept-out"

NO_RECORD, NO_FIELD, NO_LANGUAGE, NO_TEXT, SAME, PERSONAL, MANY, NOT_EDITED = (
    "no-record",
    "no-field",
    "no-language",
    "no-text",
    "same",
    "personal",
    "many",
    "not-edited",
)
REFUSAL_SENTENCES: Mapping[str, str] = {
    NO_RECORD: "No project of ours is meant that readers can see.",
    NO_FIELD: "This field is not offered from one catalogue to another.",
    NO_LANGUAGE: "It names no language that we know.",
    NO_TEXT: "Its text does not keep the rules of this field.",
    SAME: "This text stands there already.",
    PERSONAL: "It names no organization that offers it.",
    MANY: "Too many offers of this catalogue wait.",
    NOT_EDITED: "It was not decided to edit together with this catalogue. Once it is, this comes again.",
}
MOST_WAITING = 100  # of one catalogue, before moderators
MOST_KEPT = 1000  # of one catalogue, in any state: the eldest that ended are deleted
MOST_TEXT, MOST_TRANSLATOR = 10_000, 200  # characters

NOTHING_TYPED = "Write a translation of at least one of the texts"
NO_TRANSLATOR = "Choose in whose name you translate"
NO_METHOD = "Choose how it was translated"
SENTENCES = (*REFUSAL_SENTENCES.values(), NOTHING_TYPED, NO_TRANSLATOR, NO_METHOD)


@dataclass(frozen=True)
class TranslationOffer:
    """An offer as it is now. `home`: the other catalogue's name, or its id where it is no longer here; `stale`: its
    original is another one by now, or may be."""

    id: UUID
    outgoing: bool
    home: str
    record_id: UUID
    name: str | None
    slug: str | None
    field: str
    language: str
    text: str
    translator: str | None
    method: str
    at: datetime
    state: str
    why: str | None
    stale: bool
    original: Mapping[str, str] | None
    is_current: bool  # it was accepted, and its record has it now
    reference: str | None  # of the submission as which it waits


def as_sent(field: str, value: Any) -> str:
    """A text of a record as it is sent."""
    return "\n".join(value) if field in LINES and not isinstance(value, str) else str(value)


def as_stored(field: str, text: str) -> Any:
    """A received text as records hold it."""
    return [line.strip() for line in text.split("\n") if line.strip()] if field in LINES else text


def texts_of(record: Mapping[str, Any], field: str) -> dict[str, str]:
    """The texts of a field of a record, by language."""
    return {tag: as_sent(field, text) for tag, text in texts_by_language(record, field).items()}


def original_changed(original: Mapping[str, str] | None, now: Mapping[str, str]) -> bool:
    """Whether the original of a translation changed; another language added to it is no change."""
    return original is None or any(now.get(tag) != text for tag, text in original.items())
