"""Offers of translations and corrections between catalogues: their states, why one is refused, which fields may be
offered. Pure.

Texts of projects are offered; those of organizations are notes for their editors, those of adoptions are their own
words. `leaving.note` is left out: it is a part of a field that is corrected as a whole. A correction is stored like a
translation whose method is CORRECTION and whose text is the value, packed. Why it travels so:
docs/decisions/034-offers-of-translations-and-corrections.md.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.model import TRANSLATABLE
from catalog.rules.facts.evidence import value_in_forms
from catalog.rules.facts.feature import texts_by_language

FIELDS = TRANSLATABLE  # of a project
CORRECTED = (  # fields that may be corrected; not what names records of a catalogue, nor a part of a larger value
    *(*FIELDS, "name", "homepage", "documentation", "demo", "issues", "roadmap", "repository", "other_repositories"),
    *("license", "status", "domains", "made_for", "audiences", "inclusion", "accessibility", "languages"),
    *("programming_languages", "standards", "deployment_countries", "replaces", "funding", "security_contact"),
    "screenshots",
)
LINES = frozenset({"features"})  # a list of lines, offered as one text with line feeds

CORRECTION = "correction"  # in place of a method of translation

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
NO_PROPOSER = "Choose in whose name you propose it"
SENTENCES = (*REFUSAL_SENTENCES.values(), NOTHING_TYPED, NO_TRANSLATOR, NO_METHOD, NO_PROPOSER)


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
    of_revision: int
    translator: str | None
    method: str
    at: datetime
    state: str
    why: str | None
    stale: bool
    original: Mapping[str, Any] | None
    stands: bool  # it was accepted, and its record has it now
    reference: str | None  # of the submission as which it waits

    @property
    def correction(self) -> bool:
        return self.method == CORRECTION


def packed_correction(value: Any, source: str | None) -> str:
    """A correction as it is stored."""
    return json.dumps({"value": value, "source": source}, ensure_ascii=False)


def unpacked_correction(text: str) -> Any:
    """The value of a stored correction; None of one that was refused."""
    return json.loads(text)["value"] if text else None


def value_as_lines(value: Any) -> str:
    """A value as lines of text, for people who know the field."""
    if isinstance(value, Mapping):
        return ", ".join(value_as_lines(entry) for entry in value.values())
    return (
        "\n".join(value_as_lines(entry) for entry in value)
        if isinstance(value, list)
        else ""
        if value is None
        else str(value)
    )


def present_value(record: Mapping[str, Any], field: str, language: str) -> Any:
    """The value of a field in a record; of texts, the one in this language."""
    return texts_by_language(record, field).get(language) if field in FIELDS else value_in_forms(record, field)


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
