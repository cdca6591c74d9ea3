"""Other catalogues as pages say them: their card, cleaned and cut; labels of states, decisions and kinds. Pure.

All that a card holds is a stranger's. The sentences of refusals are `catalog.rules.peer`' own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from catalog.federation import signing
from catalog.rules.peer import (
    BLOCK,
    CO_EDIT,
    FOLLOW,
    KINDS,
    NONE,
    PAUSE,
    TOLD,
    TRUST,
    Peer,
)
from forge.i18n import languages
from forge.i18n.languages import mark
from forge.web.facts.values import clean

STATES: Mapping[str, str] = {
    "new": mark("Nothing of it is read"),
    "following": mark("Followed"),
    "paused": mark("Paused: what is here stays, and nothing new is read"),
    "blocked": mark("Blocked"),
    "refused": mark("Refused: its last visit brought nothing that can be believed"),
}
WISHES: Mapping[str, tuple[str, str]] = {  # what may be decided about it as a whole: what it is, what it does
    "following": (mark("Read it"), mark("The kinds of records below, from the next visit on.")),
    "paused": (mark("Pause it"), mark("What is here stays. What it takes back is still taken back here.")),
    "new": (mark("Read it no more"), mark("What came from it leaves this catalogue.")),
    "blocked": (mark("Block it"), mark("What came from it leaves this catalogue. Write why: everybody can read it.")),
}
CHOICES: Mapping[str, str] = {
    NONE: mark("Not read"),
    FOLLOW: mark("Followed"),
    TRUST: mark("Trusted"),
    CO_EDIT: mark("Edited together"),
    PAUSE: mark("Paused"),
    BLOCK: mark("Blocked"),
}
KIND_NAMES: Mapping[str, str] = {
    "project": mark("Projects"),
    "organization": mark("Organizations"),
    "adoption": mark("Who uses what"),
    "experience": mark("What organizations learned"),
    "call": mark("Calls for help"),
    "term": mark("Words of its lists"),  # decided of once; it never came
    "join": mark("Which records it holds to be the same"),
}
MOST_DAYS = 3650  # whatever number a card says is drawn as a number of days


@dataclass(frozen=True)
class Shown:
    """A peer as a page shows it. Texts are maps of language to text, with languages that we can name only."""

    peer: Peer
    state: str  # of STATES
    name: Mapping[str, str]
    operator: str
    address: str
    contact: str
    criteria: Mapping[str, str]
    validation: Mapping[str, str]
    refresh: Mapping[str, str]
    erased_within: timedelta | None
    languages: tuple[str, ...]
    licenses: tuple[tuple[str, str], ...]
    refusal: str  # a msgid, or ""
    subject: str
    grouped: str
    spoken: str

    @property
    def read(self) -> tuple[str, ...]:
        """The kinds of records that are read of it, in their order."""
        return tuple(kind for kind in KINDS if kind in self.peer.wanted)


@dataclass(frozen=True)
class Coming:
    """What would come of a peer that is followed: by kind how many, how many of those are here; some names; and the
    languages in which texts are `missing`, where the files of a dead home are read."""

    at: datetime
    counts: tuple[tuple[str, int, int], ...]
    examples: tuple[tuple[str, str], ...]  # kind, name
    missing: tuple[str, ...] = ()


def shown(one: Peer, now: datetime) -> Shown:
    card, refusal = one.card, one.refusal
    operator = card.get("operator")
    license = card.get("data_license")
    named = operator.get("name") if isinstance(operator, Mapping) else operator
    tags, days = card.get("languages"), card.get("erased_within_days")
    return Shown(
        peer=one,
        state=one.shown_state(now),
        name=_words(card.get("name")) or {languages.SOURCE: one.slug},
        operator=_text(named),
        address=_web(card.get("address")),
        contact=_text(card.get("contact")),
        criteria=_words(card.get("criteria")),
        validation=_words(card.get("validation")),
        refresh=_words(card.get("refresh")),
        erased_within=timedelta(days=days) if isinstance(days, int) and 0 < days <= MOST_DAYS else None,
        languages=tuple(str(tag) for tag in tags if languages.is_one(str(tag)))[:50] if isinstance(tags, list) else (),
        licenses=tuple((_text(key), _text(value)) for key, value in sorted(license.items()))[:5]
        if isinstance(license, Mapping)
        else (),
        refusal=TOLD.get(refusal.code, "") if refusal else "",
        subject=_text(refusal.subject) if refusal else "",
        grouped=signing.grouped(one.fingerprint),
        spoken=" ".join(signing.spoken(one.fingerprint)),
    )


def coming(one: Peer) -> Coming | None:
    """What was seen to come when somebody looked last; None where nobody did."""
    kept = one.preview
    if not kept:
        return None
    known = kept.get("known", {})
    return Coming(
        at=datetime.fromisoformat(kept["at"]),
        counts=tuple((kind, kept["counts"][kind], known.get(kind, 0)) for kind in KINDS if kind in kept["counts"]),
        examples=tuple((one["kind"], _text(one["name"])) for one in kept["examples"]),
        missing=tuple(tag for tag in kept.get("missing", ()) if languages.is_one(tag)),
    )


def _words(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {str(tag): str(clean(text)) for tag, text in value.items() if languages.is_one(str(tag)) and text}


def _text(value: Any) -> str:
    return str(clean(value))[:300] if isinstance(value, str) else ""


def _web(value: Any) -> str:
    text = _text(value)
    return text if text.startswith(("https://", "http://")) else ""
