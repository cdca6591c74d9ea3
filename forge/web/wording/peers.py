"""Other catalogues for pages: their card, cleaned and cut; labels of states, decisions and kinds of records. Pure.

All that a card holds was written by strangers. The sentences of refusals are in `catalog.rules.peer`.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.exchange import fingerprint as fingerprints
from catalog.rules.peer import (
    FOLLOWING,
    NOTE_SENTENCES,
    PAUSED,
    REFUSAL_SENTENCES,
    Peer,
)
from catalog.sentences import mark
from forge.i18n import languages
from forge.web.facts.values import cleaned

STATES: Mapping[str, str] = {
    "new": mark("Not imported"),
    "following": mark("Followed"),
    "paused": mark("Paused: existing records stay, nothing new is imported"),
    "refused": mark("Rejected: its last answer could not be verified"),
}
ON_HOLD = mark("On hold until it can be verified again: existing records stay, nothing new is imported")
WISHES: Mapping[str, tuple[str, str]] = {  # decisions about a catalogue as a whole: label, what it does
    "following": (mark("Import"), mark("Each kind of record, shown as theirs.")),
    "paused": (mark("Pause"), mark("Existing records stay. Its withdrawals still apply here.")),
    "new": (mark("Stop importing"), mark("Its records are removed from this catalogue.")),
}
KIND_NAMES: Mapping[str, str] = {
    "project": mark("Software"),
    "organization": mark("Organizations"),
    "adoption": mark("Uses of software"),
}


@dataclass(frozen=True)
class ShownPeer:
    """A peer as a page shows it. Texts are maps of language to text, only with languages that have a name here."""

    peer: Peer
    state: str  # of STATES
    name: Mapping[str, str]
    operator: str
    address: str
    contact: str
    criteria: Mapping[str, str]
    validation: Mapping[str, str]
    refresh: Mapping[str, str]
    languages: tuple[str, ...]
    licenses: tuple[tuple[str, str], ...]
    refusal: str  # a msgid, or ""
    subject: str
    grouped: str
    spoken: str
    notes: tuple[tuple[str, str], ...] = ()  # a msgid and what it is about, of the last visit

    @property
    def standing(self) -> str:
        """The sentence of its state (a msgid): one that nobody paused is not said to be paused."""
        return ON_HOLD if (self.peer.state, self.state) == (FOLLOWING, PAUSED) else STATES[self.state]


def shown_peer(peer: Peer, now: datetime) -> ShownPeer:
    card, refusal = peer.card, peer.refusal
    operator = card.get("operator")
    license = card.get("data_license")
    name = operator.get("name") if isinstance(operator, Mapping) else operator
    tags = card.get("languages")
    return ShownPeer(
        peer=peer,
        state=peer.shown_state(now),
        name=_clean_texts(card.get("name")) or {languages.SOURCE: peer.slug},
        operator=_clean_text(name),
        address=_web_address(card.get("address")),
        contact=_clean_text(card.get("contact")),
        criteria=_clean_texts(card.get("criteria")),
        validation=_clean_texts(card.get("validation")),
        refresh=_clean_texts(card.get("refresh")),
        languages=tuple(str(tag) for tag in tags if languages.is_language(str(tag)))[:50]
        if isinstance(tags, list)
        else (),
        licenses=tuple((_clean_text(key), _clean_text(value)) for key, value in sorted(license.items()))[:5]
        if isinstance(license, Mapping)
        else (),
        refusal=REFUSAL_SENTENCES.get(refusal.code, "") if refusal else "",
        subject=_clean_text(refusal.subject) if refusal else "",
        grouped=fingerprints.grouped(peer.fingerprint),
        spoken=" ".join(fingerprints.spoken(peer.fingerprint)),
        notes=tuple((NOTE_SENTENCES[note.code], _clean_text(note.subject)) for note in peer.notes),
    )


@dataclass(frozen=True)
class CatalogueHint:
    """A catalogue that others follow and this one does not know, as they say: `followers` by name."""

    name: str
    address: str
    country: str
    languages: tuple[str, ...]
    followers: tuple[str, ...]


def hints(peers: Sequence[Peer], here: str) -> list[CatalogueHint]:
    """The catalogues that those followed here follow, by name; `here`: the address of this one."""
    known = {_place(here), *(_place(_web_address(peer.card.get("address"))) for peer in peers)}
    found: dict[str, CatalogueHint] = {}
    for peer in peers:
        told = peer.card.get("follows")
        for entry in told if peer.state == FOLLOWING and isinstance(told, list) else ():
            address, tags = _web_address(entry.get("address")), entry.get("languages", ())
            if _place(address) in known or shlex.quote(address) != address:
                continue  # a stranger's text stands in a command that a person copies
            before = found.get(_place(address))
            found[_place(address)] = CatalogueHint(
                name=_clean_text(entry.get("name")),
                address=address,
                country=_clean_text(entry.get("country")),
                languages=tuple(str(tag) for tag in tags if languages.is_language(str(tag))),
                followers=(*(before.followers if before else ()), peer.name),
            )
    return sorted(found.values(), key=lambda hint: (hint.name, hint.address))


def _place(address: str) -> str:
    return address.partition("://")[2].rstrip("/").lower()


def _clean_texts(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {str(tag): str(cleaned(text)) for tag, text in value.items() if languages.is_language(str(tag)) and text}


def _clean_text(value: Any) -> str:
    return str(cleaned(value))[:300] if isinstance(value, str) else ""


def _web_address(value: Any) -> str:
    text = _clean_text(value)
    return text if text.startswith(("https://", "http://")) else ""
